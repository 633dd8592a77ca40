"""Reads of metrics, facts and rollups. All figures come from the prepared tables."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import DateField, Exists, Func, Max, Min, OuterRef, Q, QuerySet, Sum, Value
from django.utils.translation import gettext as _t

from perfmgmt.metrics import rules
from perfmgmt.metrics.figures import Asked, Figures, Table, TargetShares, assemble
from perfmgmt.metrics.models import (
    Aggregation,
    CustomerDay,
    CustomerRule,
    DirtyKey,
    EmployeeRollup,
    Fact,
    Metric,
    ParkedKey,
    UnitRollup,
)
from perfmgmt.metrics.models.library import FILTERABLE, OWN_FACTS, WITH_PARTS
from perfmgmt.metrics.models.rollups import UNASSIGNED
from perfmgmt.metrics.rules import Sums
from perfmgmt.metrics.targets import units_of
from perfmgmt.people.models import Assignment, Employee, Unit
from perfmgmt.tenants.calendar import Grain, Period, periods_between
from perfmgmt.tenants.errors import NotFound

# The one owner of a group's sums.
GROUP = 0


def metrics_with_parts() -> QuerySet[Metric]:
    """Return the metrics with everything that their figures are made of, in one query."""
    return Metric.objects.select_related(*WITH_PARTS)


def metrics_that_take_facts() -> QuerySet[Metric]:
    """Return the metrics under which new facts may be stored."""
    return Metric.objects.filter(archived_at=None, base=None, aggregation__in=OWN_FACTS)


def metric_by_code(code: str) -> Metric:
    """Return a metric with everything that its figures are made of; raise NotFound."""
    metric = metrics_with_parts().filter(code=code).first()
    if metric is None:
        raise NotFound(_t("There is no metric “{metric}”."), metric=code)
    return metric


def employee_figures(
    metric: Metric, *, grain: Grain, first: date, last: date, employee_ids: Iterable[int] | None = None
) -> Figures:
    """Return people's figures for the periods that begin between two days; everybody's without `employee_ids`."""
    reader = read_people(grain, None if employee_ids is None else list(employee_ids))
    return assemble([metric], Asked(grain, first, last), reader)[metric.pk]


def unit_figures(
    metric: Metric, *, grain: Grain, first: date, last: date, unit_ids: Iterable[int] | None = None
) -> Figures:
    """Return units' figures, everything below included, for the periods that begin between two days."""
    reader = read_units(grain, None if unit_ids is None else list(unit_ids))
    return assemble([metric], Asked(grain, first, last, by_unit=True), reader)[metric.pk]


def employee_figures_of(
    metrics: Iterable[Metric], *, grain: Grain, start: date, employee_ids: Iterable[int]
) -> dict[int, Figures]:
    """Return people's figures of several metrics in one period, by metric id, in one query."""
    return assemble(list(metrics), Asked(grain, start, start), read_people(grain, list(employee_ids)))


def unit_figures_of(
    metrics: Iterable[Metric], *, grain: Grain, start: date, unit_ids: Iterable[int], last: date | None = None
) -> dict[int, Figures]:
    """Return units' figures of several metrics in one period (or those that begin until `last`), in one query."""
    asked = Asked(grain, start, last or start, by_unit=True)
    return assemble(list(metrics), asked, read_units(grain, list(unit_ids)))


Read = Callable[[list[Metric], list[tuple[date, date]]], Mapping[int, Table]]


def read_people(grain: Grain, employee_ids: list[int] | None) -> Read:
    """Return a reader of people's rows for `figures.assemble`; None for everybody's."""

    def read(parts: list[Metric], spans: list[tuple[date, date]]) -> Mapping[int, Table]:
        rows = EmployeeRollup.objects.filter(
            in_spans(spans), metric_id__in=[part.pk for part in parts], grain=int(grain)
        )
        if employee_ids is not None:
            rows = rows.filter(employee_id__in=employee_ids)
        return tables_of(parts, rows.values_list("metric_id", "employee_id", "start", "total", "n"))

    return read


def read_units(grain: Grain, unit_ids: list[int] | None) -> Read:
    """Return a reader of units' rows for `figures.assemble`; None for every unit's."""

    def read(parts: list[Metric], spans: list[tuple[date, date]]) -> Mapping[int, Table]:
        rows = UnitRollup.objects.filter(in_spans(spans), metric_id__in=[part.pk for part in parts], grain=int(grain))
        if unit_ids is not None:
            rows = rows.filter(unit_id__in=unit_ids)
        return tables_of(parts, rows.values_list("metric_id", "unit_id", "start", "total", "n"))

    return read


def in_spans(spans: list[tuple[date, date]]) -> Q:
    """Return the condition for rows whose periods begin in one of the spans."""
    return reduce(or_, (Q(start=a) if a == z else Q(start__gte=a, start__lte=z) for a, z in spans))


def tables_of(parts: list[Metric], rows: Iterable[tuple[int, int, date, Decimal, int]]) -> dict[int, Table]:
    """Return rows (metric id, owner id, first day, total, n) as the tables that `figures.assemble` reads."""
    tables: dict[int, Table] = {part.pk: {} for part in parts}
    for metric_id, owner_id, start, total, n in rows:
        tables[metric_id][owner_id, start] = Sums(total, n)
    return tables


@dataclass(frozen=True)
class Totals:
    """The figures of a group of people as one, per first day of the period."""

    metric: Metric
    figures: Figures

    def value(self, start: date) -> Decimal | None:
        """Return the group's figure in one period, None when missing or when it does not add up over people."""
        parts = self.metric.parts()
        if not all(rules.adds_over_people(part.aggregation, is_stock=part.is_stock) for part in parts):
            return None
        return self.figures.value(GROUP, start)


def group_totals(
    metric: Metric, *, grain: Grain, first: date, last: date, employee_ids: Iterable[int] | None
) -> Totals:
    """Return the sums over a group of people (None: everybody), added up by the database, one query.

    A share of the unit's target is there where all of them are in one unit.
    """
    ids = None if employee_ids is None else list(employee_ids)

    def read(parts: list[Metric], spans: list[tuple[date, date]]) -> Mapping[int, Table]:
        ours = EmployeeRollup.objects.filter(metric_id__in=[part.pk for part in parts], grain=int(grain))
        rows = ours.filter(in_spans(spans))
        if ids is not None:
            rows = rows.filter(employee_id__in=ids)
        added = rows.values_list("metric_id", "start").annotate(Sum("total"), Sum("n"))
        return tables_of(parts, ((pk, GROUP, start, total, n) for pk, start, total, n in added))

    asked = Asked(grain, first, last, by_unit=True)
    figures = assemble([metric], asked, read)[metric.pk]
    if isinstance(figures, TargetShares) and ids is not None and metric.target_metric is not None:
        figures = _share_of_the_group(figures, asked, ids)
    return Totals(metric, figures)


def _share_of_the_group(shares: TargetShares, asked: Asked, employee_ids: list[int]) -> TargetShares:
    """The group's unit in each period, where it is one."""
    units: dict[date, set[int]] = {}
    for (_who, start), unit_id in units_of(employee_ids, asked.grain, asked.first, asked.last, by_unit=False).items():
        units.setdefault(start, set()).add(unit_id)
    unit_of = {(GROUP, start): next(iter(found)) for start, found in units.items() if len(found) == 1}
    return shares.of_units(unit_of, asked)


def days_with_facts(metric: Metric) -> tuple[date, date] | None:
    """Return the first and the last month of the metric that has facts (the first days); None without facts.

    A retention rate has a figure a month longer than facts: what its base has counts.
    """
    parts = [
        part.base if part.aggregation == Aggregation.RETENTION and part.base else part for part in metric.parts()
    ]
    span = UnitRollup.objects.filter(metric__in=parts, grain=int(Grain.MONTH)).aggregate(
        first=Min("start"), last=Max("start")
    )
    return (span["first"], span["last"]) if span["first"] else None


def work_is_waiting() -> bool:
    """Return whether facts have changed whose figures are not worked out yet."""
    return DirtyKey.objects.exists()


def parked() -> QuerySet[ParkedKey]:
    """Return the figures that could not be worked out for a fault in the data, newest first."""
    return ParkedKey.objects.select_related("metric", "employee").order_by("-parked_at", "-id")


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
        if UNASSIGNED in figures.owners():
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
    """Return the facts behind a metric's figures between two days; None stands for everybody's.

    Of metrics that read another's facts, those that pass their filters and their rule about customers.
    """
    facts = Fact.objects.filter(_stored_under(metric.parts()), day__gte=first, day__lte=last)
    if employee_ids is not None:
        facts = facts.filter(employee_id__in=list(employee_ids))
    if search := search.strip():
        facts = facts.filter(
            Q(external_id__icontains=search) | Q(customer__icontains=search) | Q(product__icontains=search)
        )
    return facts


def _stored_under(parts: list[Metric]) -> Q:
    """The condition for the facts of metrics with rollups; all of plain ones, by one list of ids."""
    plain = [part.pk for part in parts if part.base_id is None]
    found = [_of_base(part) for part in parts if part.base_id is not None]
    return reduce(or_, found, Q(metric_id__in=plain) if plain else Q(pk__in=[]))


def _of_base(metric: Metric) -> Q:
    found = Q(metric=metric.base)
    for each in metric.filters:
        if each["attribute"] in FILTERABLE:
            inside = Q(**{f"{each['attribute']}__in": each["values"]})
            found &= ~inside if each["op"] == "not_in" else inside
    if metric.customer_rule or metric.aggregation in (Aggregation.RETENTION, Aggregation.REPEAT):
        found &= ~Q(customer="")
    if metric.customer_rule:
        earlier = CustomerDay.objects.filter(
            metric=metric.base, customer=OuterRef("customer"), day__lt=OuterRef("day")
        )
        if metric.customer_rule_months:
            earlier = earlier.filter(day__gte=MonthsBefore(OuterRef("day"), metric.customer_rule_months))
        found &= ~Q(Exists(earlier)) if metric.customer_rule == CustomerRule.NEW else Q(Exists(earlier))
    return found


class MonthsBefore(Func):
    """The day some months before a day, as the rollups compute it; at the end of a shorter month its last day."""

    output_field = DateField()

    def __init__(self, day: Any, months: int) -> None:
        super().__init__(day, Value(f"{int(months)} months"), template="(%(expressions)s::interval)::date")
        self.arg_joiner = " - "
