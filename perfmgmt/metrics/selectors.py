"""Reads of metrics, facts and rollups. All figures come from the prepared tables."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Max, Min, Q, QuerySet, Sum
from django.utils.translation import gettext as _t

from perfmgmt.metrics import rules
from perfmgmt.metrics.models import Aggregation, DirtyKey, EmployeeRollup, Fact, Metric, UnitRollup
from perfmgmt.metrics.models.rollups import UNASSIGNED
from perfmgmt.metrics.rules import Sums
from perfmgmt.people.models import Assignment, Employee, Unit
from perfmgmt.tenants.calendar import Grain, Period, periods_between
from perfmgmt.tenants.errors import NotFound

Cell = tuple[int, date]


def metric_by_code(code: str) -> Metric:
    """Return a metric with the two metrics of a ratio; raise NotFound."""
    metric = Metric.objects.select_related("numerator", "denominator").filter(code=code).first()
    if metric is None:
        raise NotFound(_t("There is no metric “{metric}”."), metric=code)
    return metric


@dataclass(frozen=True)
class Figures:
    """The figures of one metric: sums per (person or unit id, first day), for each part of a ratio."""

    metric: Metric
    parts: tuple[dict[Cell, Sums], ...]

    def value(self, owner_id: int, start: date) -> Decimal | None:
        """Return the figure of one person or unit in one period, None when missing."""
        return self._of([(owner_id, start)])

    def n(self, owner_id: int, start: date) -> int:
        """Return the number of facts behind it (of a ratio: behind its denominator)."""
        found = self.parts[-1].get((owner_id, start))
        return found.n if found else 0

    def together(self, owner_ids: Iterable[int], starts: Iterable[date]) -> Decimal | None:
        """Return one figure of several people in several periods.

        `last` adds up over people for stock metrics only and never over periods, distinct counts over neither:
        None where there is no right answer.
        """
        cells = [(owner_id, start) for start in starts for owner_id in owner_ids]
        many_people = len({cell[0] for cell in cells}) > 1
        many_periods = len({cell[1] for cell in cells}) > 1
        if self.metric.aggregation == Aggregation.DISTINCT and (many_people or many_periods):
            return None
        if self.metric.aggregation == Aggregation.LAST and (
            many_periods or (many_people and not self.metric.is_stock)
        ):
            return None
        return self._of(cells)

    def _of(self, cells: list[Cell]) -> Decimal | None:
        sums = [rules.add(part[cell] for cell in cells if cell in part) for part in self.parts]
        if len(sums) == 2:
            return rules.ratio(sums[0], sums[1])
        return rules.figure(self.metric.aggregation, sums[0])


def employee_figures(
    metric: Metric, *, grain: Grain, first: date, last: date, employee_ids: Iterable[int] | None = None
) -> Figures:
    """Return people's figures for the periods that begin between two days; everybody's without `employee_ids`."""
    rows = EmployeeRollup.objects.filter(grain=int(grain), start__gte=first, start__lte=last)
    if employee_ids is not None:
        rows = rows.filter(employee_id__in=list(employee_ids))
    return figures_from([metric], rows.values_list("metric_id", "employee_id", "start", "total", "n"))[metric.pk]


def unit_figures(
    metric: Metric, *, grain: Grain, first: date, last: date, unit_ids: Iterable[int] | None = None
) -> Figures:
    """Return units' figures, everything below included, for the periods that begin between two days."""
    rows = UnitRollup.objects.filter(grain=int(grain), start__gte=first, start__lte=last)
    if unit_ids is not None:
        rows = rows.filter(unit_id__in=list(unit_ids))
    return figures_from([metric], rows.values_list("metric_id", "unit_id", "start", "total", "n"))[metric.pk]


def employee_figures_of(
    metrics: Iterable[Metric], *, grain: Grain, start: date, employee_ids: Iterable[int]
) -> dict[int, Figures]:
    """Return people's figures of several metrics in one period, by metric id, in one query."""
    rows = EmployeeRollup.objects.filter(grain=int(grain), start=start, employee_id__in=list(employee_ids))
    return figures_from(list(metrics), rows.values_list("metric_id", "employee_id", "start", "total", "n"))


def unit_figures_of(
    metrics: Iterable[Metric], *, grain: Grain, start: date, unit_ids: Iterable[int], last: date | None = None
) -> dict[int, Figures]:
    """Return units' figures of several metrics in one period (or those that begin until `last`), in one query."""
    rows = UnitRollup.objects.filter(
        grain=int(grain), start__gte=start, start__lte=last or start, unit_id__in=list(unit_ids)
    )
    return figures_from(list(metrics), rows.values_list("metric_id", "unit_id", "start", "total", "n"))


def figures_from(metrics: list[Metric], rows: Any) -> dict[int, Figures]:
    """Return figures by metric id from rows (metric id, owner id, first day, total, n) of rollups or frozen ones."""
    parts = {metric.pk: metric.parts() for metric in metrics}
    tables: dict[int, dict[Cell, Sums]] = {part.pk: {} for each in parts.values() for part in each}
    for metric_id, owner_id, start, total, n in rows.filter(metric_id__in=list(tables)):
        tables[metric_id][owner_id, start] = Sums(total, n)
    return {metric.pk: Figures(metric, tuple(tables[part.pk] for part in parts[metric.pk])) for metric in metrics}


@dataclass(frozen=True)
class Totals:
    """Sums of a group of people, per first day of the period."""

    metric: Metric
    parts: tuple[dict[date, Sums], ...]

    def value(self, start: date) -> Decimal | None:
        """Return the group's figure in one period, None when missing or when it does not add up over people."""
        if self.metric.aggregation == Aggregation.DISTINCT or (
            self.metric.aggregation == Aggregation.LAST and not self.metric.is_stock
        ):
            return None
        sums = [part.get(start) for part in self.parts]
        if len(sums) == 2:
            return rules.ratio(sums[0], sums[1])
        return rules.figure(self.metric.aggregation, sums[0])


def group_totals(
    metric: Metric, *, grain: Grain, first: date, last: date, employee_ids: Iterable[int] | None
) -> Totals:
    """Return the sums over a group of people (None: everybody), added up by the database, one query."""
    parts = metric.parts()
    rows = EmployeeRollup.objects.filter(
        metric_id__in=[part.pk for part in parts], grain=int(grain), start__gte=first, start__lte=last
    )
    if employee_ids is not None:
        rows = rows.filter(employee_id__in=list(employee_ids))
    tables: dict[int, dict[date, Sums]] = {part.pk: {} for part in parts}
    for metric_id, start, total, n in rows.values_list("metric_id", "start").annotate(Sum("total"), Sum("n")):
        tables[metric_id][start] = Sums(total, n)
    return Totals(metric, tuple(tables[part.pk] for part in parts))


def days_with_facts(metric: Metric) -> tuple[date, date] | None:
    """Return the first and the last month of the metric that has facts (the first days); None without facts."""
    span = UnitRollup.objects.filter(metric__in=metric.parts(), grain=int(Grain.MONTH)).aggregate(
        first=Min("start"), last=Max("start")
    )
    return (span["first"], span["last"]) if span["first"] else None


def work_is_waiting() -> bool:
    """Return whether facts have changed whose figures are not worked out yet."""
    return DirtyKey.objects.exists()


@dataclass(frozen=True)
class SeriesRow:
    """One figure as the `rollups` command prints it."""

    number: str
    name: str
    period: Period
    value: Decimal | None
    n: int


def series(*, code: str, grain: Grain, by: str, fiscal_start_month: int) -> list[SeriesRow]:
    """Return every person's or unit's figure in every period between the first and the last fact of a metric.

    People appear in the periods in which they had an assignment or facts, with 0 or a missing figure where nothing
    happened. Raises NotFound for an unknown metric.
    """
    metric = metric_by_code(code)
    span = days_with_facts(metric)
    if span is None:
        return []
    periods = list(periods_between(grain, span[0], span[1], fiscal_start_month))
    first, last = periods[0].start, periods[-1].start
    if by == "unit":
        figures = unit_figures(metric, grain=grain, first=first, last=last)
        owners = [(pk, "", name) for pk, name in Unit.objects.order_by("name", "id").values_list("pk", "name")]
        if any(owner == UNASSIGNED for part in figures.parts for owner, _start in part):
            owners.append((UNASSIGNED, "", _t("Unassigned")))
        present: dict[int, list[tuple[date, date]]] = {}
    else:
        figures = employee_figures(metric, grain=grain, first=first, last=last)
        people = Employee.objects.order_by("name_key", "id").values_list("pk", "number", "name")
        owners = list(people)
        present = {}
        for pk, start, end in Assignment.objects.values_list("employee_id", "valid_from", "valid_to"):
            present.setdefault(pk, []).append((start, end))
    return [
        SeriesRow(number, name, period, figures.value(pk, period.start), figures.n(pk, period.start))
        for pk, number, name in owners
        for period in periods
        if by == "unit"
        or figures.n(pk, period.start)
        or any(start <= period.end and end >= period.start for start, end in present.get(pk, []))
    ]


def facts_for(
    metric: Metric,
    *,
    first: date,
    last: date,
    employee_ids: Iterable[int] | None,
    search: str = "",
) -> QuerySet[Fact]:
    """Return the facts behind a metric's figures between two days; None stands for everybody's."""
    facts = Fact.objects.filter(metric__in=metric.parts(), day__gte=first, day__lte=last)
    if employee_ids is not None:
        facts = facts.filter(employee_id__in=list(employee_ids))
    if search := search.strip():
        facts = facts.filter(
            Q(external_id__icontains=search) | Q(customer__icontains=search) | Q(product__icontains=search)
        )
    return facts
