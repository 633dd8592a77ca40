"""Marking what scores must be computed again, and telling the workers. What makes what dirty: docs/dataflow.md."""

import logging
from collections.abc import Collection, Iterable
from datetime import date, timedelta

from django.core.cache import cache
from django.db import connection, transaction
from django.db.models import Min
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from perfmgmt.metrics.models import Aggregation
from perfmgmt.people.models import EARLIEST, FOREVER
from perfmgmt.tenants.calendar import Period
from perfmgmt.tenants.models import Doorbell
from perfmgmt.tenants.scope import current_tenant_id
from reviews.models import Part, Participant, PartKind, ReviewCycle, ScorecardVersion, ScoreKey, VersionState

logger = logging.getLogger(__name__)
QUEUE = "scores"
# Changes that come within this time are worked off together.
DEBOUNCE_SECONDS = 0.3
# (employee id or None for everybody, first day, last day).
Days = tuple[int | None, date, date]
# Growth looks at the same period of the year before, retention at the period before: a later score may follow.
LOOKS_AHEAD = timedelta(days=366)
LOOKING_BACK = (Aggregation.GROWTH, Aggregation.RETENTION)


def mark(keys: Iterable[Days]) -> None:
    """Mark days of people as dirty and ring for a worker after the commit; None stands for everybody.

    Every period that has begun and touches the days is computed again. Call it in the transaction that makes the
    change.
    """
    rows = [ScoreKey(employee_id=who, first_day=first, last_day=last) for who, first, last in keys]
    if rows:
        ScoreKey.objects.bulk_create(rows, batch_size=1000)
        ring()


def mark_period(employee_id: int | None, grain: int, start: date) -> None:
    """Mark one period, of a person or (None) of everybody; other lengths that hold its first day come along."""
    mark([(employee_id, start, start)])


def ring() -> None:
    """Leave a durable note for the sweep and wake a worker once this transaction is committed."""
    tenant_id = current_tenant_id()
    Doorbell.objects.create(tenant_id=tenant_id, queue=QUEUE)
    transaction.on_commit(lambda: wake(tenant_id))


def wake(tenant_id: int) -> None:
    """Send the drain task; without a broker the sweep will, so a failure is logged and not raised."""
    from reviews.tasks import drain_scores

    try:
        if cache.add(f"scores:woken:{tenant_id}", 1, timeout=10):
            drain_scores.apply_async(args=[tenant_id], countdown=DEBOUNCE_SECONDS, retry=False)
    except (OperationalError, RedisError) as error:
        logger.warning("No broker (%s): the sweep will compute the scores of workspace %s.", error, tenant_id)


def awake(tenant_id: int) -> None:
    """Let the next change wake a worker again; the drain calls it before it looks for keys, outside the scope."""
    try:
        cache.delete(f"scores:woken:{tenant_id}")
    except RedisError as error:
        logger.warning("Cache not reachable (%s); waking is left to the sweep.", error)


def first_scored_day() -> date | None:
    """Return the first day of which anybody may have a score; None in a workspace that scores nobody."""
    published = ScorecardVersion.objects.filter(state=VersionState.PUBLISHED)
    days = [
        published.aggregate(day=Min("valid_from"))["day"],
        ReviewCycle.objects.exclude(launched_at=None).aggregate(day=Min("start"))["day"],
    ]
    return min((day for day in days if day is not None), default=None)


def on_sweep(*, queue: str, tenant_id: int) -> None:
    """The sweep found an old note: whatever message there was is lost or late."""
    if queue == QUEUE:
        from reviews.tasks import drain_scores

        drain_scores.apply_async(args=[tenant_id], retry=False, expires=60)


def on_rollups_changed(
    *, people: Collection[tuple[int | None, int | None, date, date]],
    units: Collection[tuple[int, int, date, date]],
) -> None:  # fmt: skip
    """Figures changed: of people (metric, employee, first day, last day), and of units (metric, unit, ...).

    A unit's mean is in the score of everybody in it who has a part for customer satisfaction in that metric.
    """
    since = first_scored_day()
    if since is None:
        return
    parts = Part.objects.filter(dimension__version__state=VersionState.PUBLISHED)
    ahead = LOOKS_AHEAD if parts.filter(metric__aggregation__in=LOOKING_BACK).exists() else timedelta(0)
    span: dict[int | None, tuple[date, date]] = {}
    for _metric, who, first, last in people:
        until = last if last >= FOREVER - ahead else last + ahead
        before = span.get(who, (first, until))
        span[who] = (min(first, before[0]), max(until, before[1]))
    mark((who, first, last) for who, (first, last) in span.items() if last >= since)
    metrics = set(parts.filter(kind=PartKind.CSAT).values_list("metric_id", flat=True)) if units else set()
    _mark_units([(unit, max(first, since), last) for metric, unit, first, last in units if metric in metrics])


# Who has an assignment in a unit within the year around the days: longer periods hold days that did not change.
_OF_UNITS = """
    INSERT INTO reviews_scorekey (tenant_id, employee_id, first_day, last_day)
    SELECT %(tenant)s, a.employee_id, min(u.first_day), max(u.last_day)
    FROM unnest(%(units)s::bigint[], %(first)s::date[], %(last)s::date[]) AS u(unit_id, first_day, last_day)
    JOIN people_assignment a ON a.tenant_id = %(tenant)s AND a.unit_id = u.unit_id
        AND a.valid_from <= u.last_day + 366 AND a.valid_to >= u.first_day - 366
    GROUP BY a.employee_id
"""


def _mark_units(spans: list[tuple[int, date, date]]) -> None:
    spans = [span for span in spans if span[1] <= span[2]]
    if not spans:
        return
    units, first, last = (list(column) for column in zip(*spans, strict=True))
    with connection.cursor() as cursor:
        cursor.execute(_OF_UNITS, {"tenant": current_tenant_id(), "units": units, "first": first, "last": last})
        if cursor.rowcount:
            ring()


def on_targets_changed(*, employee_ids: Iterable[int], first_day: date, last_day: date) -> None:
    """Targets or goals changed; where shares of a unit's target are scored, everybody is looked at."""
    if first_scored_day() is None:
        return
    if _uses_unit_targets():
        mark([(None, first_day, last_day)])
    else:
        mark((pk, first_day, last_day) for pk in sorted(set(employee_ids)))


def on_assignments_changed(*, employee_ids: Iterable[int], first_day: date, last_day: date) -> None:
    """Another position may mean another scorecard, another unit another mean to be drawn to."""
    on_targets_changed(employee_ids=employee_ids, first_day=first_day, last_day=last_day)


def on_answers_changed(*, participant_id: int) -> None:
    """A sheet came, changed or went."""
    found = Participant.objects.filter(pk=participant_id).values_list("employee_id", "cycle__grain", "cycle__start")
    for employee_id, grain, start in found:
        mark_period(employee_id, grain, start)


def on_cycles_changed(*, grain: int, start: date, employee_ids: Iterable[int] | None = None) -> None:
    """A cycle was launched, or people, groups or weights in it changed; without `employee_ids` for everybody."""
    mark([(None, start, start)] if employee_ids is None else ((pk, start, start) for pk in employee_ids))


def on_deductions_changed(*, employee_id: int, grain: int, start: date) -> None:
    """Points were taken off, or given back."""
    mark_period(employee_id, grain, start)


def on_scorecards_changed(*, first_day: date | None = None) -> None:
    """A version was published, a scorecard archived or meant for others: from a day on anybody's may be another."""
    mark([(None, first_day or first_scored_day() or EARLIEST, FOREVER)])


def on_period_locked(*, period: Period) -> None:
    """A locked period keeps its figures; a new version of it brings others."""
    if first_scored_day() is not None:
        mark([(None, period.start, period.end)])


def mark_everything(**_ignored: object) -> None:
    """Everything may be another: units moved, figures were rebuilt, grade bands changed."""
    since = first_scored_day()
    if since is not None:
        mark([(None, since, FOREVER)])


def _uses_unit_targets() -> bool:
    published = Part.objects.filter(dimension__version__state=VersionState.PUBLISHED)
    return published.filter(metric__aggregation=Aggregation.TARGET_SHARE).exists()
