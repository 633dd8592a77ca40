"""Reads of a cycle's statistics: which cycles have them, the list of raters, the list of people.

Only who may see statistics calls these. Of a rater there are bands, of a pair of people nothing (RULES.md section 7).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.db.models import Case, Q, QuerySet, Value, When

from perfmgmt.people.models import Employee
from perfmgmt.people.viewer import Viewer
from perfmgmt.tenants.errors import NotAllowed, NotFound
from reviews.answers.shown import ENDED
from reviews.models import CycleStatistic, Participant, RaterStatistic, ReviewCycle, Score
from reviews.permissions import SEE_STATISTICS
from reviews.statistics.rules import (
    BAND,
    LEAST_FOR_SPREAD,
    LEAST_RATEES,
    LEAST_SPREAD,
    has_no_spread,
    leniency_band,
)

RATERS, PEOPLE = "raters", "people"
BANDS = ("severe", "typical", "lenient", "few")
GAPS = ("higher", "alike", "lower")
FLAT = "flat"
PARAMETERS = frozenset({"show", "q", "band", "gap", "sort"})
_FEW = Q(ratees__lt=LEAST_RATEES)
#: How a rater's band is asked for in the database; the same as `rules.leniency_band`.
_IS_BAND = {
    "severe": ~_FEW & Q(leniency__lt=Decimal(-BAND)),
    "lenient": ~_FEW & Q(leniency__gt=Decimal(BAND)),
    "typical": ~_FEW & Q(leniency__gte=Decimal(-BAND), leniency__lte=Decimal(BAND)),
    "few": _FEW,
    FLAT: Q(ratees__gte=LEAST_FOR_SPREAD, spread__lt=Decimal(LEAST_SPREAD)),
}
_RANK = Case(
    *(When(_IS_BAND[band], then=Value(at)) for at, band in enumerate(("lenient", "severe", "typical"))),
    default=Value(3),
)
_NAME = ("employee__name_key", "employee_id")
RATER_SORTS: Mapping[str, tuple[str, ...]] = {
    "": ("rank", *_NAME), "band": ("rank", *_NAME), "-band": ("-rank", *_NAME),
    "name": _NAME, "-name": ("-employee__name_key", "employee_id"),
    "ratees": ("ratees", *_NAME), "-ratees": ("-ratees", *_NAME),
}  # fmt: skip
PERSON_SORTS = ("", "name", "-name", "raw", "-raw", "change", "-change")


@dataclass(frozen=True)
class Wanted:
    """What an address of the lists asks for, with nonsense taken out. `band` may also be "flat"."""

    show: str = RATERS
    search: str = ""
    band: str = ""
    gap: str = ""
    sort: str = ""

    @property
    def is_filtered(self) -> bool:
        """Whether anything narrows the list."""
        return bool(self.search or self.band or self.gap)


@dataclass(frozen=True)
class RaterRow:
    """A rater as a list shows one: the band ("" for too few people to say), and whether all got about the same."""

    employee: Employee
    ratees: int
    band: str
    is_flat: bool
    knows_spread: bool


@dataclass(frozen=True)
class PersonRow:
    """A person's 360 score as it is and without the leniency of raters, 0-100, and how they see themselves.

    The adjusted one is shown in whole points: exact differences would let who knows the raters work out the leniency
    of each. `is_held_back`: a score over all would give a small group away.
    """

    employee: Employee
    raw: Decimal | None
    adjusted: Decimal | None
    gap: str
    is_held_back: bool = False

    @property
    def change(self) -> int | None:
        """By how many whole points the adjusted score differs."""
        if self.raw is None or self.adjusted is None:
            return None
        return int(self.adjusted) - int(whole(self.raw))


def read(query: Mapping[str, str]) -> Wanted:
    """Return what an address asks for."""
    show = PEOPLE if query.get("show") == PEOPLE else RATERS
    sorts = tuple(RATER_SORTS) if show == RATERS else PERSON_SORTS
    return Wanted(
        show,
        query.get("q", "")[:100].replace("\0", "").strip(),
        _one_of(query.get("band", ""), (*BANDS, FLAT)) if show == RATERS else "",
        _one_of(query.get("gap", ""), GAPS) if show == PEOPLE else "",
        _one_of(query.get("sort", ""), sorts),
    )


def _one_of(text: str, known: Sequence[str]) -> str:
    return text if text in known else ""


def cycles_for(viewer: Viewer) -> QuerySet[ReviewCycle]:
    """Return the cycles whose statistics a viewer may look at, the latest first: those that take no more answers."""
    if not viewer.may(SEE_STATISTICS):
        raise NotAllowed
    return ReviewCycle.objects.filter(state__in=ENDED).order_by("-start", "-grain", "-pk")


def cycle_for(cycle_id: int, *, viewer: Viewer) -> ReviewCycle:
    """Return such a cycle. Raises NotFound, also for one that still takes answers."""
    found = cycles_for(viewer).filter(pk=cycle_id).first()
    if found is None:
        raise NotFound
    return found


def statistics_of(cycle_ids: Sequence[int]) -> dict[int, CycleStatistic]:
    """Return what was made, by cycle."""
    return {one.cycle_id: one for one in CycleStatistic.objects.filter(cycle_id__in=cycle_ids)}


def figures_of(made: CycleStatistic | None, *, viewer: Viewer) -> dict[str, Any]:
    """Return what was made of a cycle, {} for nothing, without how others see the viewer.

    Who knows what they said of themselves would find their own place in the picture before the release. One query.
    """
    figures = dict(made.figures) if made else {}
    if made is not None and figures.get("gaps"):
        mine = Participant.objects.filter(cycle_id=made.cycle_id, employee_id=viewer.employee_id or 0)
        own = set(mine.values_list("pk", flat=True))
        figures["gaps"] = [gap for gap in figures["gaps"] if gap[0] not in own]
    return figures


def raters(cycle: ReviewCycle, wanted: Wanted) -> QuerySet[RaterStatistic]:
    """Return the raters of a cycle as asked for, with their people."""
    found = RaterStatistic.objects.filter(cycle_id=cycle.pk).select_related("employee").annotate(rank=_RANK)
    if wanted.band:
        found = found.filter(_IS_BAND[wanted.band])
    if wanted.search:
        found = found.filter(_named("employee__", wanted.search))
    return found.order_by(*RATER_SORTS[wanted.sort])


def rater_row(one: RaterStatistic) -> RaterRow:
    """Return a rater as a list shows one."""
    spread = None if one.spread is None else float(one.spread)
    return RaterRow(
        one.employee, one.ratees, leniency_band(float(one.leniency or 0), one.ratees), has_no_spread(spread),
        spread is not None,
    )  # fmt: skip


def rater_for(cycle: ReviewCycle, employee_id: int) -> RaterStatistic:
    """Return one rater of a cycle. Raises NotFound."""
    found = RaterStatistic.objects.filter(cycle_id=cycle.pk, employee_id=employee_id).select_related("employee")
    one = found.first()
    if one is None:
        raise NotFound
    return one


def history_of(employee_id: int, *, viewer: Viewer, before: ReviewCycle) -> list[tuple[ReviewCycle, RaterRow]]:
    """Return a rater in earlier cycles, the latest first, at most six."""
    cycles = {one.pk: one for one in cycles_for(viewer).filter(start__lt=before.start)}
    rows = RaterStatistic.objects.filter(employee_id=employee_id, cycle_id__in=cycles).select_related("employee")
    found = [(cycles[one.cycle_id], rater_row(one)) for one in rows]
    return sorted(found, key=lambda pair: (pair[0].start, pair[0].pk), reverse=True)[:6]


def people(cycle: ReviewCycle, wanted: Wanted, figures: Mapping[str, Any], *, without: int | None) -> list[PersonRow]:
    """Return the people of a cycle as asked for: raw beside adjusted, their gap; never the viewer. Two queries."""
    gaps = {int(one[0]): str(one[3]) for one in figures.get("gaps", [])}
    held = set(figures.get("held_back", []))
    found = Participant.objects.filter(cycle=cycle, dropped_at=None).select_related("employee")
    found = found.exclude(employee_id=without or 0)
    if wanted.search:
        found = found.filter(_named("employee__", wanted.search))
    # Two numbers of each, not whole rows: a cycle may have thousands.
    scores = {
        pk: (review, adjusted)
        for pk, review, adjusted in Score.objects.filter(
            grain=cycle.grain, start=cycle.start, cycle_id=cycle.pk
        ).values_list("employee_id", "review", "adjusted")
    }
    rows = [_person(one, scores.get(one.employee_id), gaps, held) for one in found.order_by(*_NAME)]
    return _sorted([row for row in rows if not wanted.gap or row.gap == wanted.gap], wanted.sort)


def _person(one: Participant, score: tuple[Any, Any] | None, gaps: Mapping[int, str], held: set[int]) -> PersonRow:
    if score is None or one.pk in held:
        return PersonRow(one.employee, None, None, "", one.pk in held)
    return PersonRow(one.employee, score[0], whole(score[1]), gaps.get(one.pk, ""))


def _sorted(rows: list[PersonRow], sort: str) -> list[PersonRow]:
    """Sort by what an address asks; missing values last, names as they are."""
    key = sort.removeprefix("-")
    if key == "name":
        return rows[::-1] if sort.startswith("-") else rows
    if not key:
        return rows
    known = [row for row in rows if getattr(row, key) is not None]
    known.sort(key=lambda row: getattr(row, key), reverse=sort.startswith("-"))
    return known + [row for row in rows if getattr(row, key) is None]


def whole(value: Decimal | None) -> Decimal:
    """Return a score in whole points within 0 to 100 (None stays)."""
    if value is None:
        return None  # type: ignore[return-value]
    clipped = min(max(value, Decimal(0)), Decimal(100))
    return clipped.quantize(Decimal(1), ROUND_HALF_UP)


def _named(prefix: str, text: str) -> Q:
    return Q(**{f"{prefix}name__icontains": text}) | Q(**{f"{prefix}number__icontains": text})
