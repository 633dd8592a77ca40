"""The list of targets of one metric in one month: what an address asks for, and the rows, for page and file."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from django.db.models import QuerySet

from goals import selectors
from goals.rules import ADDING, attainment
from perfmgmt.closing.models import Part
from perfmgmt.closing.selectors import frozen_figures, lock_of
from perfmgmt.metrics.figures import Figures
from perfmgmt.metrics.models import Metric
from perfmgmt.metrics.selectors import employee_figures
from perfmgmt.people import directory
from perfmgmt.people.models import Assignment, Employee
from perfmgmt.people.selectors import directory as found_people
from perfmgmt.people.selectors import employed, unit_tree, visible_employees
from perfmgmt.people.viewer import Viewer, Workspace
from perfmgmt.tenants.calendar import Grain, Period
from perfmgmt.tenants.errors import NotFound

PARAMETERS = frozenset({"metric", "month", "q", "unit", "sort"})
SORTS = ("name", "target", "attainment")
UnitOption = tuple[int, str, int]


@dataclass(frozen=True)
class Row:
    """One person's month: the target, the figure so far, and how much of the target it is."""

    employee: Employee
    target: Decimal | None
    actual: Decimal | None
    attainment: Fraction | None


@dataclass(frozen=True)
class TargetList:
    """What the address asks for, checked against what the viewer may see; `reach` None is everybody."""

    metric: Metric
    metrics: list[Metric]
    month: Period
    search: str
    unit_id: int | None
    units: list[UnitOption]
    sort: str
    reach: list[int] | None

    @property
    def is_filtered(self) -> bool:
        """Whether anything narrows the list."""
        return bool(self.search or self.unit_id)

    def people(self) -> QuerySet[Employee]:
        """Return the people with an assignment in the month, by name."""
        people = employed(on=self.month.start, last=self.month.end)
        if self.reach is not None:
            people = people.filter(pk__in=self.reach)
        if self.unit_id is not None:
            inside = _assigned(self.month).filter(unit_id__in=unit_tree(self.unit_id))
            people = people.filter(pk__in=inside.values("employee_id"))
        if self.search:
            people = people.filter(pk__in=found_people(search=self.search, on=self.month.end).values("pk"))
        return people.reverse() if self.sort == "-name" else people

    def ordered(self) -> QuerySet[Employee] | list[Employee]:
        """Return the people in the order asked for; who has no target or attainment comes last either way."""
        key = self.sort.removeprefix("-")
        if key == "name":
            return self.people()
        rows = self.rows(list(self.people()))
        down = self.sort.startswith("-")
        known = [row for row in rows if getattr(row, key) is not None]
        known.sort(key=lambda row: getattr(row, key), reverse=down)
        return [row.employee for row in [*known, *(row for row in rows if getattr(row, key) is None)]]

    def rows(self, people: Iterable[Employee]) -> list[Row]:
        """Return the rows of people, in their order; a locked month has the figures that were locked."""
        people = list(people)
        ids = [employee.pk for employee in people]
        set_now, figures = selectors.targets(self.metric, period=self.month, employee_ids=ids), self._figures(ids)
        rows = []
        for employee in people:
            target, actual = set_now.get(employee.pk), figures.value(employee.pk, self.month.start)
            rows.append(Row(employee, target, actual, attainment(self.metric.direction, actual, target)))
        return rows

    def _figures(self, ids: list[int]) -> Figures:
        lock = lock_of(self.month)
        if lock is not None:
            return frozen_figures(lock, [self.metric], part=Part.EMPLOYEE, owner_ids=ids)[self.metric.pk]
        start = self.month.start
        return employee_figures(self.metric, grain=Grain.MONTH, first=start, last=start, employee_ids=ids)


def _assigned(month: Period) -> QuerySet[Assignment]:
    return Assignment.objects.filter(valid_from__lte=month.end, valid_to__gte=month.start)


def read(query: Mapping[str, str], *, viewer: Viewer, workspace: Workspace) -> TargetList:
    """Read an address's parameters (metric, month, q, unit, sort); raise NotFound for a metric or unit not there."""
    metrics = list(Metric.objects.filter(aggregation__in=ADDING, archived_at=None))
    code = query.get("metric", "") or "sales_amount"
    metric = next((metric for metric in metrics if metric.code == code), None)
    if metric is None:
        raise NotFound
    month = _month(query.get("month", ""), workspace)
    reach = visible_employees(viewer=viewer, on=workspace.today())
    units = _units(month, reach)
    sort = query.get("sort", "")
    return TargetList(
        metric=metric,
        metrics=metrics,
        month=month,
        search=query.get("q", "")[:100].strip(),
        unit_id=_unit(query.get("unit", ""), units),
        units=units,
        sort=sort if sort.removeprefix("-") in SORTS else "name",
        reach=reach,
    )


def _month(text: str, workspace: Workspace) -> Period:
    """Return the month of a label, or the present one."""
    fiscal = workspace.fiscal_start_month
    try:
        period = Period.parse(text, fiscal)
    except ValueError:
        return Period.containing(Grain.MONTH, workspace.today(), fiscal)
    return Period.containing(Grain.MONTH, period.start, fiscal)


def _units(month: Period, reach: list[int] | None) -> list[UnitOption]:
    """Return the units to choose from: all, or those in which somebody whom the viewer sees is in the month."""
    units = directory.options().units
    if reach is None:
        return units
    theirs = set(_assigned(month).filter(employee_id__in=reach).values_list("unit_id", flat=True))
    return [(pk, name, 0) for pk, name, _depth in units if pk in theirs]


def _unit(text: str, units: list[UnitOption]) -> int | None:
    if not text:
        return None
    found = next((pk for pk, _name, _depth in units if str(pk) == text), None)
    if found is None:
        raise NotFound
    return found
