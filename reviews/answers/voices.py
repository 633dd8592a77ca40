"""Two questions about the fairness of a cycle, to everybody who took part (R15): the door to these answers.

A voice names nobody and carries no time; that somebody has answered is kept apart from what they said. Voices are
taken for some days after the release and shown only afterwards, all at once: who looked every day would see what the
last one added. Below the workspace's minimum nothing is shown (RULES.md section 14).
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from perfmgmt.people.viewer import Workspace
from perfmgmt.tenants.errors import Conflict, DomainError, NotFound
from perfmgmt.tenants.scope import current_tenant_id
from perfmgmt.tenants.selectors import workspace_rules
from reviews.answers.shuffling import reshuffle_voices
from reviews.models import (
    CycleState,
    FairnessAsked,
    FairnessVoice,
    Participant,
    Rater,
    RaterState,
    ReviewCycle,
)

DAYS = 14
#: So many days after its release a cycle's voices are surely rewritten.
LOOKED_AT = 120
STEPS = range(1, 6)
LONGEST = 1000


@dataclass(frozen=True)
class Question:
    """How one question was answered: the mean (1-5), and how many gave each step, lowest first."""

    mean: Decimal
    counts: tuple[int, ...]


@dataclass(frozen=True)
class Voices:
    """What may be shown of a cycle's voices; `count` and questions are missing while nothing may be.

    `until` is the last day on which voices are taken; `texts` is empty below the minimum of texts.
    """

    asked: int
    minimum: int
    until: date
    is_over: bool
    count: int | None = None
    fair: Question | None = None
    useful: Question | None = None
    texts: tuple[str, ...] = ()


def ask(cycle_id: int) -> list[int]:
    """Ask everybody who took part, reviewed or reviewing; return their employee ids. Twice asks nobody twice."""
    people = set(Participant.objects.filter(cycle_id=cycle_id, dropped_at=None).values_list("employee_id", flat=True))
    raters = Rater.objects.filter(participant__cycle_id=cycle_id, state=RaterState.DONE)
    people |= set(raters.values_list("employee_id", flat=True))
    tenant = current_tenant_id()
    FairnessAsked.objects.bulk_create(
        [FairnessAsked(pk=(tenant, cycle_id, pk), cycle_id=cycle_id, employee_id=pk) for pk in sorted(people)],
        ignore_conflicts=True,
    )
    return sorted(people)


def last_day(cycle: ReviewCycle, workspace: Workspace) -> date:
    """Return the last day on which voices about a released cycle are taken."""
    return workspace.today(cycle.released_at or timezone.now()) + timedelta(days=DAYS)


def open_for(employee_id: int | None, workspace: Workspace) -> list[ReviewCycle]:
    """Return the cycles about which a person may still say something, the newest first; two queries."""
    rows = FairnessAsked.objects.filter(employee_id=employee_id or 0, answered=False)
    cycles = ReviewCycle.objects.filter(pk__in=list(rows.values_list("cycle_id", flat=True)))
    today = workspace.today()
    return [cycle for cycle in cycles.order_by("-released_at") if last_day(cycle, workspace) >= today]


def give(cycle_id: int, employee_id: int | None, *, fair: int, useful: int, text: str, workspace: Workspace) -> None:
    """Take a person's answer, once. Runs in the open transaction.

    Raises NotFound for who was not asked, Conflict for a second answer or one that comes too late, DomainError for a
    step beside the scale.
    """
    if fair not in STEPS or useful not in STEPS:
        raise DomainError(_("Choose one of the steps of the scale."), code="bad_answer")
    row = FairnessAsked.objects.select_for_update().filter(cycle_id=cycle_id, employee_id=employee_id or 0).first()
    cycle = ReviewCycle.objects.filter(pk=cycle_id).first()
    if row is None or cycle is None:
        raise NotFound
    if row.answered:
        raise Conflict(_("You have answered these questions already. Thank you."))
    if last_day(cycle, workspace) < workspace.today():
        raise Conflict(_("The time for these questions is over."))
    FairnessAsked.objects.filter(cycle_id=cycle_id, employee_id=row.employee_id).update(answered=True)
    tenant, key = current_tenant_id(), uuid.uuid4()
    FairnessVoice(
        pk=(tenant, key), key=key, cycle_id=cycle_id, fair=fair, useful=useful, text=text.strip()[:LONGEST]
    ).save(force_insert=True)


def heard(cycle: ReviewCycle, workspace: Workspace) -> Voices:
    """Return what may be shown of the voices about a cycle: nothing before the days are over or all have answered."""
    rows = FairnessAsked.objects.filter(cycle_id=cycle.pk).values_list("answered", flat=True)
    answered = list(rows)
    until, minimum = last_day(cycle, workspace), workspace_rules().minimum_voices
    is_over = bool(answered) and (all(answered) or until < workspace.today())
    found = Voices(len(answered), minimum, until, is_over)
    voices = _voices(cycle.pk) if is_over else []
    if len(voices) < minimum:
        return found
    texts = tuple(text for _fair, _useful, text in voices if text)
    return Voices(
        found.asked, minimum, until, True, len(voices),
        _question([fair for fair, _useful, _text in voices]),
        _question([useful for _fair, useful, _text in voices]),
        texts if len(texts) >= minimum else (),
    )  # fmt: skip


def settle(workspace: Workspace) -> int:
    """Rewrite the voices of cycles about which no more come, so that no copy of the database joins them to anybody.

    Once for each cycle; return of how many. A late one that was on its way is rewritten the next time.
    """
    since = timezone.now() - timedelta(days=LOOKED_AT)
    done = 0
    for cycle in ReviewCycle.objects.filter(state=CycleState.RELEASED, released_at__gte=since).order_by("pk"):
        waiting = FairnessAsked.objects.filter(cycle_id=cycle.pk, answered=False)
        if last_day(cycle, workspace) < workspace.today() or not waiting.exists():
            done += reshuffle_voices(cycle.pk)
    return done


def _voices(cycle_id: int) -> list[tuple[int, int, str]]:
    """Return the voices in the order of their random keys, which says nothing."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT fair, useful, text FROM reviews_fairnessvoice "
            "WHERE tenant_id = %s AND cycle_id = %s ORDER BY key",
            [current_tenant_id(), cycle_id],
        )
        return list(cursor.fetchall())


def _question(values: Sequence[int]) -> Question:
    mean = (Decimal(sum(values)) / len(values)).quantize(Decimal("0.0001"))
    return Question(mean, tuple(values.count(step) for step in STEPS))
