"""The figures computed the slow and obvious way: in Python, from all facts, for comparison with what is stored."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from perfmgmt.metrics.models import EmployeeRollup, Fact, Metric, UnitRollup
from perfmgmt.people.models import Assignment, Unit

Stored = dict[tuple[int, int, int, date], tuple[Decimal, int]]
GRAINS = {1: "day", 2: "week", 3: "month", 4: "quarter", 5: "year"}


def make_metrics() -> dict[str, Metric]:
    """Replace the open workspace's library by one metric of each way of computing."""
    Metric.objects.filter(aggregation="ratio").delete()
    Metric.objects.all().delete()
    kinds = {"sum": {}, "count": {}, "distinct": {"distinct_attribute": "customer"}, "mean": {}}
    lasts = {"stock": {"is_stock": True}, "latest": {}}
    made = {
        code: Metric.objects.create(code=code, name_en=code, name_zh=code, unit_of_measure="count",
                                    aggregation="last" if code in lasts else code, **more)
        for code, more in (kinds | lasts).items()
    }  # fmt: skip
    made["ratio"] = Metric.objects.create(
        code="ratio", name_en="r", name_zh="r", unit_of_measure="ratio", aggregation="ratio",
        numerator=made["sum"], denominator=made["count"],
    )  # fmt: skip
    return made


def first_day(grain: int, day: date, fiscal: int) -> date:
    """The first day of the period, found by walking back a day at a time."""

    def begins(here: date) -> bool:
        months = {3: {*range(1, 13)}, 4: {(fiscal - 1 + 3 * n) % 12 + 1 for n in range(4)}, 5: {fiscal}}
        return here.weekday() == 0 if grain == 2 else here.day == 1 and here.month in months[grain]

    if grain == 1:
        return day
    while not begins(day):
        day -= timedelta(days=1)
    return day


@dataclass(frozen=True)
class Happened:
    """A fact with the units it counts for."""

    id: int
    metric: int
    employee: int
    day: date
    value: Decimal
    customer: str
    units: tuple[int, ...]


def _facts() -> list[Happened]:
    parents = dict(Unit.objects.values_list("id", "parent_id"))
    spans = list(Assignment.objects.values_list("employee_id", "unit_id", "valid_from", "valid_to"))

    def units(employee: int, day: date) -> tuple[int, ...]:
        here = next((unit for who, unit, first, last in spans if who == employee and first <= day <= last), None)
        if here is None:
            return (0,)
        line = []
        while here is not None:
            line.append(here)
            here = parents[here]
        return tuple(line)

    rows = Fact.objects.values_list("id", "metric_id", "employee_id", "day", "value", "customer")
    return [Happened(*row, units=units(row[2], row[3])) for row in rows]


def _total(metric: Metric, facts: list[Happened]) -> Decimal | None:
    """One figure from its facts; None where there is none."""
    if metric.aggregation in ("sum", "mean"):
        return sum((fact.value for fact in facts), Decimal(0))
    if metric.aggregation == "count":
        return Decimal(len(facts))
    if metric.aggregation == "distinct":
        return Decimal(len({fact.customer for fact in facts} - {""}))
    people = {fact.employee for fact in facts}
    lasts = [max((f for f in facts if f.employee == who), key=lambda f: (f.day, f.id)).value for who in people]
    return sum(lasts, Decimal(0))


def expected(fiscal: int) -> tuple[Stored, Stored]:
    """What people's and units' rollups of the open workspace must be."""
    metrics = {metric.pk: metric for metric in Metric.objects.all()}
    people: dict[tuple[int, int, int, date], list[Happened]] = defaultdict(list)
    units: dict[tuple[int, int, int, date], list[Happened]] = defaultdict(list)
    for fact in _facts():
        metric = metrics[fact.metric]
        for grain in GRAINS:
            start = first_day(grain, fact.day, fiscal)
            people[fact.metric, grain, fact.employee, start].append(fact)
            if metric.aggregation != "last" or metric.is_stock:
                for unit in fact.units:
                    units[fact.metric, grain, unit, start].append(fact)
    return tuple(  # type: ignore[return-value]
        {key: (_total(metrics[key[0]], facts), len(facts)) for key, facts in table.items()}
        for table in (people, units)
    )


def stored() -> tuple[Stored, Stored]:
    """What the open workspace's rollups are."""
    tables = (
        EmployeeRollup.objects.values_list("metric_id", "grain", "employee_id", "start", "total", "n"),
        UnitRollup.objects.values_list("metric_id", "grain", "unit_id", "start", "total", "n"),
    )
    return tuple({row[:4]: (row[4], row[5]) for row in rows} for rows in tables)  # type: ignore[return-value]
