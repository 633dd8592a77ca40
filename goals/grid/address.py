"""What an address of the grid asks for, checked against what the viewer may see."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cached_property
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, Exists, OuterRef, QuerySet, Window
from django.db.models.expressions import RawSQL
from django.db.models.functions import JSONObject
from django.utils.translation import gettext_lazy as _

from goals.models import MonthlyTarget
from perfmgmt.metrics.models import Direction, Metric
from perfmgmt.people.models import Assignment, Employee
from perfmgmt.people.selectors import directory, visible_employees
from perfmgmt.people.viewer import Viewer, Workspace
from perfmgmt.tenants.calendar import Grain, Period
from perfmgmt.tenants.errors import DomainError, NotFound
from perfmgmt.tenants.scope import current_tenant_id
from perfmgmt.tenants.workdays import WorkSpell

PEOPLE_PER_PAGE = 200
MOST_TABS = 6
# The tabs where nobody has a target yet.
FIRST_METRICS = ("sales_amount", "orders")
_TREE = """
    WITH RECURSIVE tree(id) AS (
        SELECT %s::bigint
        UNION
        SELECT u.id FROM people_unit u JOIN tree ON u.parent_id = tree.id WHERE u.tenant_id = %s)
    SELECT id FROM tree
"""


@dataclass(frozen=True)
class Person:
    """A row of the grid; `months` are the places of the months in which the person has an assignment.

    `spells` are the assignments that touch the period.
    """

    pk: int
    name: str
    number: str
    months: frozenset[int]
    spells: tuple[WorkSpell, ...] = ()


@dataclass(frozen=True)
class Wanted:
    """The period, the tabs and whose rows. `reach` None is everybody; `metric` is the tab that is shown."""

    period: Period
    today: date
    metrics: list[Metric]
    tabs: list[Metric]
    metric: Metric
    search: str
    unit_id: int | None
    page: int
    reach: list[int] | None

    @property
    def is_filtered(self) -> bool:
        """Whether anything narrows the list."""
        return bool(self.search or self.unit_id)

    @cached_property
    def months(self) -> list[Period]:
        """The months across."""
        return self.period.months()

    def people(self) -> tuple[list[Person], int]:
        """Return the rows of the page, by name, and how many there are on all pages; one query."""
        start, end = self.period.start, self.period.end
        spells = Assignment.objects.filter(valid_from__lte=end, valid_to__gte=start)
        here = spells.filter(employee_id=OuterRef("pk"))
        inside = here
        if self.unit_id is not None:
            inside = here.filter(unit_id__in=RawSQL(_TREE, [self.unit_id, current_tenant_id()]))  # noqa: S611
        found: QuerySet[Employee] = Employee.objects.filter(Exists(inside))
        if self.reach is not None:
            found = found.filter(pk__in=self.reach)
        if self.search:
            found = found.filter(pk__in=directory(search=self.search, on=end).values("pk"))
        stays = here.order_by("valid_from").values(
            stay=JSONObject(a="valid_from", z="valid_to", share="full_time_share")
        )
        rows = found.order_by("name_key", "id").annotate(stays=ArraySubquery(stays), everybody=Window(Count("*")))
        begin = (self.page - 1) * PEOPLE_PER_PAGE
        values = rows.values_list("pk", "name", "number", "stays", "everybody")[begin : begin + PEOPLE_PER_PAGE]
        found_rows = list(values)
        people = [
            Person(pk, name, number, self._months_of(stays), _spells(stays))
            for pk, name, number, stays, _all in found_rows
        ]
        return people, found_rows[0][4] if found_rows else 0

    def _months_of(self, stays: list[dict[str, Any]]) -> frozenset[int]:
        # Days in ISO 8601 are in order as texts, too.
        return frozenset(
            place for place, (first, last) in enumerate(self._ends)
            if any(it["a"] <= last and it["z"] >= first for it in stays)
        )  # fmt: skip

    @cached_property
    def _ends(self) -> list[tuple[str, str]]:
        return [(month.start.isoformat(), month.end.isoformat()) for month in self.months]


def _spells(stays: list[dict[str, Any]]) -> tuple[WorkSpell, ...]:
    return tuple(
        WorkSpell(date.fromisoformat(it["a"]), date.fromisoformat(it["z"]), Fraction(str(it["share"])))
        for it in stays
    )


def read(query: Any, *, viewer: Viewer, workspace: Workspace) -> Wanted:
    """Read an address's parameters (period, metric, metrics, q, unit, page); one or two queries.

    Raises NotFound for a metric that isn't there. Whether the unit is the viewer's to choose is seen with the units
    (`selectors.read_state`).
    """
    today = workspace.today()
    period = _period(query.get("period", ""), workspace, today)
    used = MonthlyTarget.objects.filter(metric=OuterRef("pk"), month__gte=period.start, month__lte=period.end)
    library = _library(used)
    metrics = [it for it in library if it.archived_at is None and it.direction != Direction.BAND]
    _refuse_bands(query.get("metric", ""), library)
    tabs, metric = _tabs(query, metrics)
    unit, page = query.get("unit", ""), query.get("page", "")
    return Wanted(
        period=period,
        today=today,
        metrics=metrics,
        tabs=tabs,
        metric=metric,
        search=query.get("q", "")[:100].strip(),
        unit_id=int(unit) if unit.isdecimal() and len(unit) < 19 else None,
        page=int(page) if page.isdecimal() and 0 < int(page[:9]) < 10**6 else 1,
        reach=visible_employees(viewer=viewer, on=today),
    )


def _refuse_bands(code: str, library: Iterable[Metric]) -> None:
    """Raise DomainError where the address asks for a metric that has a band in place of targets."""
    asked = next((it for it in library if it.code == code), None)
    if asked is not None and asked.direction == Direction.BAND:
        raise DomainError(
            _("“{name}” is judged by its band, which stands on the metric's page: it takes no monthly targets."),
            code="band_takes_no_targets", name=asked.name,
        )  # fmt: skip


def _library(used: QuerySet[MonthlyTarget]) -> list[Metric]:
    """Return all metrics with what their figures are made of, put together here: far cheaper than by joins."""
    metrics: list[Metric] = list(Metric.objects.annotate(used=Exists(used)).order_by("position", "code"))
    by_id = {metric.pk: metric for metric in metrics}
    for metric in metrics:
        for name in ("numerator", "denominator", "base", "target_metric"):
            if (pk := getattr(metric, f"{name}_id")) is not None:
                setattr(metric, name, by_id[pk])
    return metrics


def _tabs(query: Mapping[str, str], metrics: Sequence[Metric]) -> tuple[list[Metric], Metric]:
    """Return the tabs and the one that is shown: those of the address, else what has targets, else the usual ones."""
    by_code = {metric.code: metric for metric in metrics}
    asked = [by_code[code] for code in query.get("metrics", "").split(",") if code in by_code]
    tabs = asked or [metric for metric in metrics if getattr(metric, "used", False)]
    tabs = tabs or [by_code[code] for code in FIRST_METRICS if code in by_code] or list(metrics[:1])
    if not tabs:
        raise NotFound
    code = query.get("metric", "")
    if not code:
        return tabs[:MOST_TABS], tabs[0]
    if code not in by_code:
        raise NotFound
    metric = by_code[code]
    if metric not in tabs[:MOST_TABS]:
        tabs = [*tabs[: MOST_TABS - 1], metric]
    return tabs[:MOST_TABS], metric


def _period(text: str, workspace: Workspace, today: date) -> Period:
    """Return the quarter or year of a label, or the present quarter; a month stands for its quarter."""
    fiscal = workspace.fiscal_start_month
    try:
        period = Period.parse(text, fiscal)
    except ValueError:
        return Period.containing(Grain.QUARTER, today, fiscal)
    if period.grain == Grain.YEAR:
        return period
    return Period.containing(Grain.QUARTER, period.start, fiscal)
