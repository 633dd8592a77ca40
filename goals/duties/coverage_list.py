"""The list of whose goals cover their duties: what an address asks for, and the rows, for page and file."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from goals.duties.selectors import Coverage, coverage_of
from perfmgmt.people.directory import options
from perfmgmt.people.models import Assignment, Employee
from perfmgmt.people.selectors import directory, unit_tree, visible_employees
from perfmgmt.people.viewer import Viewer, Workspace
from perfmgmt.tenants.calendar import Grain, Period

PARAMETERS = frozenset({"period", "q", "unit", "who", "sort"})
GAPS, EVERYBODY = "", "all"
SORTS = ("name", "open", "time")


@dataclass(frozen=True)
class Row:
    """One person with how their goals cover their duties."""

    employee: Employee
    coverage: Coverage

    @property
    def has_gap(self) -> bool:
        """Whether something is to be done: no duties, one without a goal, or weights far from the time."""
        found = self.coverage
        return not found.lines or bool(found.without_goal or found.far_parts)


@dataclass(frozen=True)
class Wanted:
    """What an address asks for, with nonsense taken out; `reach` None is everybody."""

    period: Period
    search: str
    unit_id: int | None
    who: str
    sort: str
    today: date
    reach: list[int] | None
    own_id: int
    units: list[tuple[int, str, int]] = field(default_factory=list)

    def rows(self) -> list[Row]:
        """Return the people with an assignment, other than the viewer, whom the filters leave; a fixed number of
        queries."""
        on = min(max(self.today, self.period.start), self.period.end)
        held = Assignment.objects.filter(valid_from__lte=on, valid_to__gte=on)
        if self.unit_id is not None:
            held = held.filter(unit_id__in=unit_tree(self.unit_id))
        people = directory(search=self.search, on=on) if self.search else Employee.objects.order_by("name_key", "id")
        people = people.filter(pk__in=held.values("employee_id")).exclude(pk=self.own_id)
        if self.reach is not None:
            people = people.filter(pk__in=self.reach)
        found = list(people)
        coverage = coverage_of([employee.pk for employee in found], self.period, self.today)
        rows = [Row(employee, coverage[employee.pk]) for employee in found]
        return self._ordered([row for row in rows if self.who == EVERYBODY or row.has_gap])

    def _ordered(self, rows: list[Row]) -> list[Row]:
        """Return rows by name, or by what is open; usually who has most time uncovered first."""
        key, down = self.sort.removeprefix("-"), self.sort.startswith("-")
        if key == "name":
            return rows[::-1] if down else rows
        if key == "open":
            return sorted(rows, key=lambda row: row.coverage.without_goal, reverse=down)
        if key == "time":
            return sorted(rows, key=lambda row: row.coverage.covered_time, reverse=down)
        return sorted(rows, key=lambda row: (row.coverage.covered_time, -row.coverage.without_goal))


def read(query: Mapping[str, str], *, viewer: Viewer, workspace: Workspace) -> Wanted:
    """Return what an address asks for; the quarter of today without a period."""
    today = workspace.today()
    units = options().units
    chosen = query.get("unit", "")
    return Wanted(
        period=period_of(query.get("period", ""), workspace),
        search=query.get("q", "")[:100].replace("\0", "").strip(),
        unit_id=next((pk for pk, _name, _depth in units if str(pk) == chosen), None),
        who=EVERYBODY if query.get("who") == EVERYBODY else GAPS,
        sort=query.get("sort", "") if query.get("sort", "").removeprefix("-") in SORTS else "",
        today=today,
        reach=visible_employees(viewer=viewer, on=today),
        own_id=viewer.employee_id or 0,
        units=units,
    )


def period_of(text: str, workspace: Workspace) -> Period:
    """Return the month, quarter or year of a label, the quarter of today for anything else."""
    fiscal = workspace.fiscal_start_month
    try:
        period = Period.parse(text, fiscal)
    except ValueError:
        period = None
    if period is None or period.grain not in (Grain.MONTH, Grain.QUARTER, Grain.YEAR):
        return Period.containing(Grain.QUARTER, workspace.today(), fiscal)
    return period
