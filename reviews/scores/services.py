"""Draining dirty scores and rebuilding them, one worker at a time per workspace; each turn is one transaction."""

import logging
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from datetime import date
from typing import Any

from django.db import DataError, IntegrityError, connection, transaction

from perfmgmt.metrics.rollups.services import Turn
from perfmgmt.people.models import Employee
from perfmgmt.tenants.calendar import Grain, Period
from perfmgmt.tenants.events import publish
from perfmgmt.tenants.locks import Lock, try_lock, wait_lock
from perfmgmt.tenants.models import Doorbell
from perfmgmt.tenants.scope import current_tenant_id
from reviews.models import ReviewCycle, Score, Scorecard, ScoreKey, ScorePart, VersionState
from reviews.scores import dirty
from reviews.scores.computing import compute, prepare
from reviews.scores.periods import fiscal_start_month, today, touched
from reviews.scores.storing import TABLES, compare, store

logger = logging.getLogger(__name__)
# One turn of one workspace: so many keys, each of a person's days; a rebuild computes so many people at once.
BATCH, AT_ONCE = 1000, 5000
DATA_FAULTS = (DataError, IntegrityError, ArithmeticError)
OpenScope = Callable[[], AbstractContextManager[int]]
Days = tuple[int, date, date]


def drain(limit: int = BATCH, *, wait: bool = False) -> Turn:
    """Compute one batch of dirty scores; return whether more are waiting, or another worker is at it (BUSY).

    Runs in the open scope's transaction: the keys go in the same commit as the scores come, so that a worker that
    is killed leaves both as they were.
    """
    tenant_id = current_tenant_id()
    if wait:
        wait_lock(Lock.SCORES, tenant_id)
    elif not try_lock(Lock.SCORES, tenant_id):
        return Turn.BUSY
    # Only notes seen before the keys are read may go: their keys are visible to everything that follows.
    notes = Doorbell.objects.filter(tenant_id=tenant_id, queue=dirty.QUEUE)
    seen = list(notes.values_list("pk", flat=True)[:10_000])
    _write_out_broad()
    for period, people in _periods_of(_take(limit)).items():
        _recompute(period, sorted(people))
    if ScoreKey.objects.exists():
        return Turn.MORE
    Doorbell.objects.filter(pk__in=seen).delete()
    return Turn.CLEAN


def drain_all(open_scope: OpenScope) -> None:
    """Drain until nothing is left, each batch in a transaction of its own, waiting for other workers."""
    turn = Turn.MORE
    while turn is not Turn.CLEAN:
        with open_scope():
            turn = drain(wait=True)


def rebuild(*, check: bool = False) -> dict[str, tuple[int, int]]:
    """Compute every score of the open workspace, or with `check` only compare.

    Returns by level ("scores", "score parts", "groups") how many rows there are and how many differed.
    """
    if not check:
        wait_lock(Lock.SCORES, current_tenant_id())
        ScoreKey.objects.all().delete()
    found = {table.level: (0, 0) for table in TABLES}
    people = list(Employee.objects.order_by("pk").values_list("pk", flat=True))
    for period in _all_periods():
        for at in range(0, len(people), AT_ONCE):
            computed = compute(prepare(period, people[at : at + AT_ONCE], today=today()))
            levels = compare(computed)
            if not check:
                _announce(period, store(computed))
            found = {name: (a + levels[name][0], z + levels[name][1]) for name, (a, z) in found.items()}
    for grain, start in _beyond():
        rows, differing = found["scores"]
        found["scores"] = (rows, differing + Score.objects.filter(grain=grain, start=start).count())
        if not check:
            for model in (Score, ScorePart):
                model.objects.filter(grain=grain, start=start).delete()
    return found


# Everybody who may have a score on these days: who was there, or has one.
_EVERYBODY = """
    INSERT INTO reviews_scorekey (tenant_id, employee_id, first_day, last_day)
    SELECT %(tenant)s, who.employee_id, %(first)s, %(last)s FROM (
        SELECT employee_id FROM people_assignment
        WHERE tenant_id = %(tenant)s AND valid_from <= %(last)s AND valid_to >= %(floor)s
        UNION SELECT employee_id FROM reviews_score WHERE tenant_id = %(tenant)s
        UNION SELECT employee_id FROM reviews_participant WHERE tenant_id = %(tenant)s) who
"""


def _write_out_broad() -> None:
    """Write a key for everybody out as one for each person, so that a turn stays bounded."""
    whole = ScoreKey.objects.filter(employee=None)
    spans = list(whole.values_list("first_day", "last_day"))
    if not spans:
        return
    first, last = min(span[0] for span in spans), min(max(span[1] for span in spans), today())
    since = dirty.first_scored_day()
    whole.delete()
    if since is None or last < since:
        return
    first = max(first, since)
    with connection.cursor() as cursor:
        floor = Period.containing(Grain.YEAR, first, fiscal_start_month()).start
        cursor.execute(_EVERYBODY, {"tenant": current_tenant_id(), "first": first, "last": last, "floor": floor})


def _take(limit: int) -> list[Days]:
    """Remove and return the oldest keys; the lock is held, so nobody else takes them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM reviews_scorekey WHERE tenant_id = %(tenant)s AND id IN (SELECT id FROM reviews_scorekey "
            "WHERE tenant_id = %(tenant)s ORDER BY id LIMIT %(limit)s) RETURNING employee_id, first_day, last_day",
            {"tenant": current_tenant_id(), "limit": limit},
        )
        return list(cursor.fetchall())


def _periods_of(keys: Iterable[Days]) -> dict[Period, set[int]]:
    """Return whose scores of which periods the keys mean: periods in use that have begun, shortest first."""
    found: dict[Period, set[int]] = {}
    days: dict[tuple[date, date], set[int]] = {}
    for who, first, last in keys:
        days.setdefault((first, last), set()).add(who)
    if not days:
        return found
    now, month, grains = today(), fiscal_start_month(), _grains()
    since = dirty.first_scored_day()
    if since is None:
        return found
    for (first, last), people in days.items():
        for grain in grains:
            for period in touched(grain, max(first, since), min(last, now), month):
                found.setdefault(period, set()).update(people)
    return {period: found[period] for period in sorted(found)}


def _grains() -> list[Grain]:
    """Return the lengths of periods that anybody is scored for."""
    published = Scorecard.objects.filter(versions__state=VersionState.PUBLISHED).values_list("rhythm", flat=True)
    launched = ReviewCycle.objects.exclude(launched_at=None).values_list("grain", flat=True)
    return sorted({Grain(grain) for grain in (*published.distinct(), *launched.distinct())})


def _recompute(period: Period, people: Sequence[int]) -> None:
    """Compute in a savepoint; on a fault of the data go on with each half, down to the single person."""
    try:
        with transaction.atomic():
            changed = store(compute(prepare(period, people, today=today())))
            _announce(period, changed)
    except DATA_FAULTS as error:
        if len(people) == 1:
            logger.error(
                "Workspace %s: the score of person %s in %s can't be worked out: %s",
                current_tenant_id(), people[0], period.label, type(error.__cause__ or error).__name__, exc_info=error,
            )  # fmt: skip
            return
        middle = len(people) // 2
        _recompute(period, people[:middle])
        _recompute(period, people[middle:])


def _announce(period: Period, changed: list[int]) -> None:
    if changed:
        publish("reviews.scores_changed", employee_ids=changed, grain=int(period.grain), start=period.start)


def _all_periods() -> list[Period]:
    since = dirty.first_scored_day()
    if since is None:
        return []
    return [period for grain in _grains() for period in touched(grain, since, today(), fiscal_start_month())]


def _beyond() -> list[tuple[int, date]]:
    """Return the periods that have scores though nobody is scored for them any more: of another fiscal year."""
    kept = {(int(one.grain), one.start) for one in _all_periods()}
    return sorted(set(Score.objects.values_list("grain", "start").distinct()) - kept)


def begin(day: date) -> int:
    """Mark who has no score yet of a period that runs, and who came into a new position; return how many.

    A period that begins, and an assignment that was entered for a day to come, are no change that anybody makes.
    """
    since = dirty.first_scored_day()
    if since is None or day < since:
        return 0
    month, grains = fiscal_start_month(), _grains()
    starts = [Period.containing(grain, day, month) for grain in grains]
    with connection.cursor() as cursor:
        cursor.execute(
            _BEGUN,
            {"tenant": current_tenant_id(), "day": day, "grains": [int(one.grain) for one in starts],
             "starts": [one.start for one in starts]},
        )  # fmt: skip
        count = int(cursor.rowcount)
    if count:
        dirty.ring()
    return count


_BEGUN = """
    INSERT INTO reviews_scorekey (tenant_id, employee_id, first_day, last_day)
    SELECT %(tenant)s, a.employee_id, %(day)s, %(day)s FROM people_assignment a
    WHERE a.tenant_id = %(tenant)s AND a.valid_from <= %(day)s AND a.valid_to >= %(day)s
        AND (a.valid_from > %(day)s - 3 OR EXISTS (
            SELECT FROM unnest(%(grains)s::int[], %(starts)s::date[]) AS p(grain, start)
            WHERE NOT EXISTS (SELECT FROM reviews_score s WHERE s.tenant_id = %(tenant)s AND s.grain = p.grain
                AND s.start = p.start AND s.employee_id = a.employee_id)))
"""


def on_rebuilt(*, open_scope: OpenScope, outcome: Any) -> None:
    """`rebuild` computes the scores after the figures, too."""
    with open_scope():
        _note(outcome, rebuild())
    drain_all(open_scope)


def on_rebuild_waits(*, open_scope: OpenScope) -> None:
    """Before `rebuild --check` compares, what is waiting is worked off."""
    drain_all(open_scope)


def on_rebuild_resting(*, waiting: list[str]) -> None:
    """Say whether scores are still waiting."""
    if ScoreKey.objects.exists():
        waiting.append("scores")


def on_rebuild_checked(*, outcome: Any) -> None:
    """`rebuild --check` compares the scores, too."""
    if dirty.first_scored_day() is not None:
        _note(outcome, rebuild(check=True))


def _note(outcome: Any, found: dict[str, tuple[int, int]]) -> None:
    for level, (rows, differing) in found.items():
        outcome.rows[level], outcome.differences[level] = rows, differing
