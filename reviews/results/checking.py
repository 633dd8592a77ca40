"""What stands in the way of a release, and what should be looked at first."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from perfmgmt.people.models import Unit
from perfmgmt.people.selectors import below
from reviews.cycles.services import WAITING
from reviews.models import (
    CalibrationSession,
    CycleState,
    CycleStatistic,
    Participant,
    Rater,
    RaterState,
    ReviewCycle,
    ReviewResult,
    Score,
    ScoreKey,
)

MOST_NAMES = 20


@dataclass(frozen=True)
class Chosen:
    """Whom a release takes: units with all below them, and people, by id; nothing chosen: everybody who waits."""

    units: tuple[int, ...] = ()
    people: tuple[int, ...] = ()

    @property
    def is_all(self) -> bool:
        """Whether everybody who waits is meant."""
        return not self.units and not self.people


@dataclass(frozen=True)
class Standing:
    """How a cycle stands before a release: who waits, who is released, what should be looked at first.

    `unlocked` are calibration sessions that are not locked, `without` people without a score (`without_count` of
    them), `stale` says that scores of the period are still being worked out. `unwritten` of `asked` reviews of those
    who wait were not handed in; `is_calibrated`: there was a calibration session.
    """

    cycle: ReviewCycle
    waiting: int
    released: int
    unlocked: list[str] = field(default_factory=list)
    without: list[str] = field(default_factory=list)
    without_count: int = 0
    stale: bool = False
    asked: int = 0
    unwritten: int = 0
    is_calibrated: bool = False

    @property
    def is_closed(self) -> bool:
        """Whether no answers come in any more: before that nothing is released."""
        return self.cycle.state in (CycleState.CLOSED, CycleState.RELEASED)

    @property
    def warns(self) -> bool:
        """Whether anything should be looked at first."""
        return bool(self.unlocked or self.without_count or self.stale)

    @property
    def may_finish(self) -> bool:
        """Whether nobody is left, but the cycle doesn't say so yet: its last people were taken out."""
        return self.cycle.state == CycleState.CLOSED and not self.waiting and self.released > 0


def waiting_of(cycle: ReviewCycle, chosen: Chosen | None = None) -> QuerySet[Participant]:
    """Return the people of a cycle who are in it and have no result yet, those chosen only."""
    done = ReviewResult.objects.filter(participant_id=OuterRef("pk"))
    rows = Participant.objects.filter(~Exists(done), cycle=cycle, dropped_at=None)
    if chosen is None or chosen.is_all:
        return rows
    units = units_below(chosen.units)
    return rows.filter(Q(unit_id__in=units) | Q(employee_id__in=chosen.people))


def units_below(unit_ids: Sequence[int]) -> set[int]:
    """Return units with everything below them; one query."""
    if not unit_ids:
        return set()
    children: dict[int | None, list[int]] = {}
    for pk, parent_id in Unit.objects.values_list("pk", "parent_id"):
        children.setdefault(parent_id, []).append(pk)
    return {found for unit_id in unit_ids for found in below(children, unit_id)}


def standing_of(cycle: ReviewCycle) -> Standing:
    """Return how a cycle stands before a release, in a fixed number of queries."""
    waiting = waiting_of(cycle)
    scored = Score.objects.filter(
        grain=cycle.grain,
        start=cycle.start,
        cycle_id=cycle.pk,
        employee_id=OuterRef("employee_id"),
        score__isnull=False,
    )
    without = waiting.filter(~Exists(scored), calibrated=None)
    sessions = CalibrationSession.objects.filter(cycle=cycle, locked_at=None).order_by("name")
    reviews = Rater.objects.filter(participant__in=waiting, state__in=(*WAITING, RaterState.DONE)).aggregate(
        asked=Count("pk"), unwritten=Count("pk", filter=Q(state__in=WAITING))
    )
    return Standing(
        cycle,
        waiting.count(),
        ReviewResult.objects.filter(batch__cycle=cycle).count(),
        list(sessions.values_list("name", flat=True)[:MOST_NAMES]),
        list(without.order_by("employee__name_key", "pk").values_list("employee__name", flat=True)[:MOST_NAMES]),
        without.count(),
        _is_stale(cycle),
        **reviews,
        is_calibrated=CalibrationSession.objects.filter(cycle=cycle).exists(),
    )


def _is_stale(cycle: ReviewCycle) -> bool:
    """Whether scores still change: some are being worked out, or they use adjusted ones and none are made yet."""
    if cycle.uses_adjusted and not CycleStatistic.objects.filter(cycle_id=cycle.pk).exists():
        return True
    return ScoreKey.objects.filter(first_day__lte=cycle.end, last_day__gte=cycle.start).exists()
