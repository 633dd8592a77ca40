"""The list of cycles: what an address asks for, and the cycles it finds with how far each is."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet

from perfmgmt.people.viewer import Viewer, Workspace
from perfmgmt.tenants.calendar import Grain, Period
from reviews.cycles.board import counted, reach
from reviews.cycles.launching import shown_state
from reviews.models import CycleState, Participant, Rater, ReviewCycle
from reviews.permissions import MANAGE_CYCLES

PER_PAGE = 25
PARAMETERS = ("q", "state", "sort")
SORTS = {"name": ("name",), "period": ("start", "grain"), "until": ("answer_until", "start")}
RUNNING = "running"


@dataclass(frozen=True)
class Wanted:
    """What the address asks for."""

    search: str = ""
    state: str = ""
    sort: str = ""

    @property
    def is_filtered(self) -> bool:
        """Whether anything narrows the list."""
        return bool(self.search or self.state)


@dataclass(frozen=True)
class Line:
    """A cycle with its people in reach, and how many reviews were asked for and are done."""

    cycle: ReviewCycle
    period: Period
    state: str
    people: int = 0
    asked: int = 0
    done: int = 0

    @property
    def state_word(self) -> str:
        """The state in the reader's language."""
        return str(CycleState(self.state).label)

    @property
    def share(self) -> float | None:
        """Done of asked; None when nobody was asked."""
        return self.done / self.asked if self.asked else None


def read(query: Mapping[str, str]) -> Wanted:
    """Read an address's parameters; what makes no sense is passed over."""
    sort, state = query.get("sort", ""), query.get("state", "")
    return Wanted(
        query.get("q", "")[:100].strip(),
        state if state in CycleState.values else "",
        sort if sort.removeprefix("-") in SORTS else "",
    )


def find(wanted: Wanted, *, viewer: Viewer) -> QuerySet[ReviewCycle]:
    """Return the cycles that are wanted, the newest first; drafts are there for who plans them only."""
    rows = ReviewCycle.objects.select_related("job")
    if not viewer.may(MANAGE_CYCLES):
        rows = rows.exclude(state__in=[CycleState.DRAFT, CycleState.LAUNCHING])
    if wanted.search:
        rows = rows.filter(name__icontains=wanted.search)
    if wanted.state == CycleState.DRAFT:
        rows = rows.filter(Q(state=CycleState.DRAFT) | Q(state=CycleState.LAUNCHING))
    elif wanted.state:
        rows = rows.filter(state=wanted.state)
    order = SORTS.get(wanted.sort.removeprefix("-"), ("-start", "-grain"))
    if wanted.sort.startswith("-"):
        order = tuple(f"-{name}" for name in order)
    return rows.order_by(*order, "-pk")


def lines(cycles: Iterable[ReviewCycle], *, viewer: Viewer, workspace: Workspace) -> list[Line]:
    """Return cycles with how far each is among the people in the viewer's reach; three queries."""
    found = list(cycles)
    seen = reach(viewer, workspace)
    people = Participant.objects.filter(cycle__in=found, dropped_at=None).order_by()
    if seen is not None:
        people = people.filter(employee_id__in=seen)
    heads = dict(people.values_list("cycle_id").annotate(n=Count("pk")))
    sums: dict[int, tuple[int, int]] = {}
    for pk, _group, asked, done in counted(Rater.objects.filter(participant__in=people), "participant__cycle_id"):
        before = sums.get(pk, (0, 0))
        sums[pk] = (before[0] + asked, before[1] + done)
    return [
        Line(
            cycle, Period(Grain(cycle.grain), cycle.start, workspace.fiscal_start_month), shown_state(cycle),
            heads.get(cycle.pk, 0), *sums.get(cycle.pk, (0, 0)),
        )
        for cycle in found
    ]  # fmt: skip
