"""Reads of results: the list, one's own, what is told about a batch."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import F, Q, QuerySet

from perfmgmt.people.viewer import Viewer
from reviews.models import CycleState, ResultState, ReviewCycle, ReviewResult
from reviews.results.access import Reach
from reviews.results.checking import units_below
from reviews.results.deciding import number

PARAMETERS = frozenset({"cycle", "unit", "grade", "state", "meeting", "q", "sort"})
_NAME, _START = "participant__employee__name_key", "batch__cycle__start"
SORTS: Mapping[str, tuple[Any, ...]] = {
    "": (f"-{_START}", _NAME, "-pk"),
    "name": (_NAME, f"-{_START}", "pk"), "-name": (f"-{_NAME}", f"-{_START}", "pk"),
    "score": (F("score").asc(nulls_last=True), _NAME, "pk"),
    "-score": (F("score").desc(nulls_last=True), _NAME, "pk"),
    "grade": ("grade", _NAME, "pk"), "-grade": ("-grade", _NAME, "pk"),
    "state": ("state", _NAME, "pk"), "-state": ("-state", _NAME, "pk"),
}  # fmt: skip
NONE_YET, OPEN, SIGNED = "none", "open", "signed"


@dataclass(frozen=True)
class Wanted:
    """What an address of the list asks for, with nonsense taken out."""

    cycle: int = 0
    unit: int = 0
    grade: str = ""
    state: str = ""
    meeting: str = ""
    search: str = ""
    sort: str = ""

    @property
    def is_filtered(self) -> bool:
        """Whether anything narrows the list."""
        return bool(self.cycle or self.unit or self.grade or self.state or self.meeting or self.search)


def read(query: Mapping[str, str]) -> Wanted:
    """Return what an address asks for."""
    state, sort, meeting = query.get("state", ""), query.get("sort", ""), query.get("meeting", "")
    return Wanted(
        number(query.get("cycle", "")),
        number(query.get("unit", "")),
        query.get("grade", "")[:20].replace("\0", ""),
        state if state in ResultState.values else "",
        meeting if meeting in (NONE_YET, OPEN, SIGNED) else "",
        query.get("q", "")[:100].replace("\0", "").strip(),
        sort if sort in SORTS else "",
    )


def results_for(wanted: Wanted, *, reach: Reach) -> QuerySet[ReviewResult]:
    """Return the results a viewer sees, with person, unit, cycle and meeting, in the order asked for."""
    both = Q(meetings__signed_by_employee_at__isnull=False, meetings__signed_by_manager_at__isnull=False)
    found = reach.visible().select_related("participant__employee", "participant__unit", "batch__cycle")
    found = found.prefetch_related("meetings")
    if wanted.cycle:
        found = found.filter(batch__cycle_id=wanted.cycle)
    if wanted.unit:
        found = found.filter(participant__unit_id__in=units_below([wanted.unit]))
    for name, value in (("grade", wanted.grade), ("state", wanted.state)):
        if value:
            found = found.filter(**{name: value})
    meetings = {NONE_YET: Q(meetings=None), OPEN: Q(meetings__isnull=False) & ~both, SIGNED: both}
    if wanted.meeting:
        found = found.filter(meetings[wanted.meeting])
    if text := wanted.search:
        who = "participant__employee"
        found = found.filter(Q(**{f"{who}__name__icontains": text}) | Q(**{f"{who}__number__istartswith": text}))
    return found.order_by(*SORTS[wanted.sort])


def cycles_seen(reach: Reach) -> list[tuple[int, str]]:
    """Return the cycles of which a viewer sees a result, as (id, name), the newest first."""
    rows = ReviewCycle.objects.filter(pk__in=reach.visible().values("batch__cycle_id"))
    return list(rows.order_by("-start", "name").values_list("pk", "name"))


def grades_seen(reach: Reach) -> list[str]:
    """Return the grades of the results a viewer sees."""
    rows = reach.visible().exclude(grade="").order_by("grade").values_list("grade", flat=True)
    return list(rows.distinct())


def results_of(employee_id: int) -> QuerySet[ReviewResult]:
    """Return a person's results, the newest first."""
    rows = ReviewResult.objects.filter(participant__employee_id=employee_id)
    return rows.select_related("participant__employee", "batch__cycle").order_by("-batch__cycle__start", "-pk")


def own_result(viewer: Viewer, cycle_id: int) -> ReviewResult | None:
    """Return one's own result of a cycle, or the newest one without a cycle."""
    rows = results_of(viewer.employee_id or 0)
    return (rows.filter(batch__cycle_id=cycle_id) if cycle_id else rows).first()


def cycles_to_release() -> list[ReviewCycle]:
    """Return the cycles in which somebody may wait for a result, or got one: open ones, too, the newest first."""
    states = (CycleState.OPEN, CycleState.CLOSED, CycleState.RELEASED)
    return list(ReviewCycle.objects.filter(state__in=states).order_by("-start", "name", "pk")[:50])
