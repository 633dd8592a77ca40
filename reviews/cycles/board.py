"""The status board (R2): how far everybody is, by person and by unit, in a fixed number of queries.

Of anonymous groups only counts leave this module, never which rater is done (RULES.md section 14, docs/anonymity.md).
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, F, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.functional import cached_property

from perfmgmt.people import directory
from perfmgmt.people.models import Unit
from perfmgmt.people.selectors import below, visible_employees
from perfmgmt.people.selectors import directory as found_people
from perfmgmt.people.viewer import Viewer, Workspace
from perfmgmt.tenants.errors import NotFound
from reviews.cycles.launching import shown_state
from reviews.cycles.rules import IDENTIFIED, share
from reviews.cycles.services import COUNTED, MANAGER_CHANGED
from reviews.models import CycleState, Participant, Rater, RaterKind, RaterState, ReviewCycle
from reviews.permissions import MANAGE_CYCLES

PER_PAGE = 50
PARAMETERS = ("by", "q", "state", "unit", "sort", "page")
SORTS = {
    "name": ("employee__name_key", "pk"),
    "unit": ("unit__name", "employee__name_key", "pk"),
    "manager": ("manager__name_key", "employee__name_key", "pk"),
    "open": ("open", "employee__name_key", "pk"),
}
#: What the list can be narrowed to.
NOT_DONE, NO_SELF, NO_MANAGER, CHANGED, DROPPED = "not_done", "self", "manager", "changed", "dropped"
STATES = (NOT_DONE, NO_SELF, NO_MANAGER, CHANGED, DROPPED)


@dataclass(frozen=True)
class Cell:
    """How many of a group's raters were asked and have handed in."""

    group: str
    asked: int = 0
    done: int = 0

    @property
    def share(self) -> Decimal | None:
        """Done of asked; None when nobody was asked."""
        return share(self.done, self.asked)

    @property
    def is_done(self) -> bool:
        """Whether nothing is open."""
        return self.asked > 0 and self.asked == self.done


@dataclass
class Row:
    """A person, or a unit with everything below it, with a cell for each group of the cycle."""

    id: int
    name: str
    cells: list[Cell]
    participant: Participant | None = None
    depth: int = 0
    people: int = 0
    changed: bool = False

    @property
    def asked(self) -> int:
        """Everybody who was asked."""
        return sum(cell.asked for cell in self.cells)

    @property
    def done(self) -> int:
        """Everybody who has handed in."""
        return sum(cell.done for cell in self.cells)

    @property
    def open(self) -> int:
        """Reviews that are still to be written."""
        return self.asked - self.done

    @property
    def share(self) -> Decimal | None:
        """Done of asked."""
        return share(self.done, self.asked)


def visible_cycle(cycle_id: int, viewer: Viewer) -> ReviewCycle:
    """Return a cycle; one that is not launched is there for who plans it only. Raises NotFound."""
    cycle = ReviewCycle.objects.select_related("job").filter(pk=cycle_id).first()
    if cycle is None:
        raise NotFound
    if not viewer.may(MANAGE_CYCLES) and shown_state(cycle) in (CycleState.DRAFT, CycleState.LAUNCHING):
        raise NotFound
    return cycle


def reach(viewer: Viewer, workspace: Workspace) -> list[int] | None:
    """Return whose progress a viewer may follow, not their own; None means everybody's."""
    found = visible_employees(viewer=viewer, on=workspace.today())
    return None if found is None else [pk for pk in found if pk != viewer.employee_id]


def visible_person(participant_id: int, viewer: Viewer, workspace: Workspace) -> Participant:
    """Return a person of a cycle whom the viewer may follow. Raises NotFound."""
    found = (
        Participant.objects.select_related(
            "cycle__job", "employee", "unit", "manager", "scorecard_version__scorecard"
        )
        .filter(pk=participant_id)
        .first()
    )
    seen = reach(viewer, workspace)
    if found is None or (seen is not None and found.employee_id not in seen):
        raise NotFound
    if found.employee_id == viewer.employee_id:  # who reviews oneself is not one's to read
        raise NotFound
    return found


class Board:
    """The people of a cycle below a viewer: found, filtered and ordered for a page."""

    def __init__(self, cycle: ReviewCycle, query: Mapping[str, str], *, viewer: Viewer, workspace: Workspace) -> None:
        self.cycle, self.viewer, self.workspace = cycle, viewer, workspace
        self.by = "units" if query.get("by") == "units" else "people"
        self.search = query.get("q", "")[:100].strip()
        self.state = query.get("state", "") if query.get("state", "") in STATES else ""
        self.sort = query.get("sort", "") if query.get("sort", "").removeprefix("-") in SORTS else ""
        unit = query.get("unit", "")
        self.unit_id = int(unit) if unit.isdecimal() and unit.isascii() and len(unit) < 18 else None

    @property
    def is_filtered(self) -> bool:
        """Whether the list is narrowed down."""
        return bool(self.search or self.state or self.unit_id)

    @cached_property
    def groups(self) -> list[str]:
        """The cycle's groups whose raters are asked here; customers answer surveys."""
        order = list(RaterKind.values)
        found = set(self.cycle.groups.values_list("group", flat=True)) - {RaterKind.CUSTOMERS}
        return sorted(found, key=order.index)

    @cached_property
    def headings(self) -> list[tuple[str, str]]:
        """The groups with what they are called."""
        return [(group, str(RaterKind(group).label)) for group in self.groups]

    @cached_property
    def units(self) -> list[tuple[int, str, int]]:
        """The units to choose from (id, name, depth)."""
        return directory.options().units

    @cached_property
    def _children(self) -> dict[int | None, list[int]]:
        found: dict[int | None, list[int]] = defaultdict(list)
        for pk, parent_id in Unit.objects.values_list("pk", "parent_id"):
            found[parent_id].append(pk)
        return found

    @cached_property
    def _reach(self) -> list[int] | None:
        return reach(self.viewer, self.workspace)

    def in_reach(self) -> QuerySet[Participant]:
        """Return the cycle's people whom the viewer follows, those taken out left out."""
        rows = Participant.objects.filter(cycle=self.cycle)
        if self._reach is not None:
            rows = rows.filter(employee_id__in=self._reach)
        return rows.filter(dropped_at=None)

    def people(self) -> QuerySet[Participant]:
        """Return the people that pass the filter, in the order that is asked for."""
        rows = Participant.objects.filter(cycle=self.cycle)
        if self._reach is not None:
            rows = rows.filter(employee_id__in=self._reach)
        rows = rows.filter(dropped_at__isnull=self.state != DROPPED)
        if self.unit_id is not None:
            rows = rows.filter(unit_id__in=below(self._children, self.unit_id))
        if self.search:
            found = found_people(search=self.search, on=self.workspace.today()).order_by()
            rows = rows.filter(employee_id__in=found.values("pk"))
        waiting = Rater.objects.filter(
            participant_id=OuterRef("pk"), state__in=[RaterState.ASKED, RaterState.STARTED]
        ).order_by()
        if self.state in (NOT_DONE, "") or self.sort.removeprefix("-") == "open":
            counted = waiting.values("participant_id").annotate(n=Count("pk")).values("n")
            rows = rows.annotate(open=Coalesce(Subquery(counted, output_field=IntegerField()), 0))
        rows = self._narrowed(rows, waiting)
        order = SORTS[self.sort.removeprefix("-") or "name"]
        first = F(order[0])
        ordered = first.desc(nulls_last=True) if self.sort.startswith("-") else first.asc(nulls_last=True)
        return rows.select_related("employee", "unit", "manager").order_by(ordered, *order[1:])

    def _narrowed(self, rows: QuerySet[Any], waiting: QuerySet[Rater]) -> QuerySet[Participant]:
        if self.state == NOT_DONE:
            return rows.filter(open__gt=0)
        if self.state in (NO_SELF, NO_MANAGER):
            group = RaterKind.SELF if self.state == NO_SELF else RaterKind.MANAGER
            open_ones = Rater.objects.filter(
                participant__cycle=self.cycle, group=group, state__in=[RaterState.ASKED, RaterState.STARTED]
            )
            return rows.filter(pk__in=open_ones.values("participant_id"))
        if self.state == CHANGED:
            return rows.filter(pk__in=self._changed().values("participant_id"))
        return rows

    def _changed(self) -> QuerySet[Rater]:
        return Rater.objects.filter(
            participant__cycle=self.cycle, group=RaterKind.MANAGER, reason=MANAGER_CHANGED, state__in=COUNTED
        )

    def page(self, number: str | None) -> Page[Row]:
        """Return a page of people with their cells; four queries whatever the size of the cycle."""
        page: Page[Any] = Paginator(self.people(), PER_PAGE).get_page(number)
        page.object_list = self.rows(list(page.object_list))
        return page

    def rows(self, people: list[Participant]) -> list[Row]:
        """Return people with their cells; two queries."""
        ids = [each.pk for each in people]
        counts: dict[int, dict[str, tuple[int, int]]] = defaultdict(dict)
        for pk, group, asked, done in counted(Rater.objects.filter(participant_id__in=ids), "participant_id"):
            counts[pk][group] = (asked, done)
        changed = set(self._changed().filter(participant_id__in=ids).values_list("participant_id", flat=True))
        return [
            Row(each.pk, each.employee.name, self._cells(counts[each.pk]), each, changed=each.pk in changed)
            for each in people
        ]

    def _cells(self, counts: Mapping[str, tuple[int, int]]) -> list[Cell]:
        return [Cell(group, *counts.get(group, (0, 0))) for group in self.groups]

    @cached_property
    def _by_unit(self) -> list[tuple[int | None, str, int, int]]:
        rows = Rater.objects.filter(participant__in=self.in_reach())
        return list(counted(rows, "participant__unit_id"))

    @cached_property
    def total(self) -> Row:
        """Everybody in reach."""
        sums: dict[str, tuple[int, int]] = {}
        for _unit, group, asked, done in self._by_unit:
            before = sums.get(group, (0, 0))
            sums[group] = (before[0] + asked, before[1] + done)
        return Row(0, "", self._cells(sums), people=sum(self._heads.values()))

    @cached_property
    def _heads(self) -> dict[int | None, int]:
        rows = self.in_reach().order_by().values_list("unit_id").annotate(n=Count("pk"))
        return dict(rows)

    def unit_rows(self) -> list[Row]:
        """Return the units of the tree that have people in the cycle, each with everything below it."""
        own: dict[int | None, dict[str, tuple[int, int]]] = defaultdict(dict)
        for unit, group, asked, done in self._by_unit:
            own[unit][group] = (asked, done)
        found = []
        for pk, name, depth in self.units:
            inside = [each for each in below(self._children, pk) if each in self._heads]
            if not inside:
                continue
            sums: dict[str, tuple[int, int]] = {}
            for each in inside:
                for group, (asked, done) in own[each].items():
                    before = sums.get(group, (0, 0))
                    sums[group] = (before[0] + asked, before[1] + done)
            heads = sum(self._heads[each] for each in inside)
            found.append(Row(pk, name, self._cells(sums), depth=depth, people=heads))
        return found


def leavers_asked(cycle: ReviewCycle, today: date) -> list[tuple[int, str, int]]:
    """Return raters who have left and whose reviews with their name are still open: id, name, how many. One query."""
    rows = Rater.objects.filter(
        participant__cycle=cycle, participant__dropped_at=None, group__in=IDENTIFIED, employee__left_on__lt=today,
        state__in=[RaterState.ASKED, RaterState.STARTED],
    ).exclude(group=RaterKind.SELF)  # fmt: skip
    found = rows.order_by("employee__name_key").values_list("employee_id", "employee__name").annotate(n=Count("pk"))
    return list(found)


def counted(rows: QuerySet[Rater], key: str) -> QuerySet[Any, Any]:
    """Return (key, group, asked, done) of raters who are asked, or were until they handed in. One query."""
    return (
        rows.filter(state__in=COUNTED)
        .order_by()
        .values_list(key, "group")
        .annotate(asked=Count("pk"), done=Count("pk", filter=Q(state=RaterState.DONE)))
    )


@dataclass
class AskedOf:
    """Raters of one group of a person: by name; whether each is done only where the group is identified."""

    group: str
    label: str
    cell: Cell
    raters: list[Rater] = field(default_factory=list)

    @property
    def is_identified(self) -> bool:
        """Whether it may be said who is done."""
        return self.group in IDENTIFIED


def asked_of(participant: Participant, groups: list[str]) -> list[AskedOf]:
    """Return who was asked about a person, by group; in anonymous groups all states but one are made alike."""
    rows = list(
        Rater.objects.select_related("employee", "replaces__employee")
        .filter(participant=participant)
        .exclude(state__in=[RaterState.NOMINATED, RaterState.REMOVED])
        .order_by("employee__name_key", "pk")
    )
    found = []
    for group in groups:
        theirs = [row for row in rows if row.group == group]
        there = [row for row in theirs if row.state in COUNTED]
        cell = Cell(group, len(there), sum(row.state == RaterState.DONE for row in there))
        if group not in IDENTIFIED:
            for row in there:
                row.state = RaterState.ASKED  # what is not told can't be shown by a template
        found.append(AskedOf(group, str(RaterKind(group).label), cell, theirs))
    return found
