"""The figures computed the slow and obvious way: in Python, from all facts, for comparison with what is stored."""

import calendar
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from perfmgmt.metrics.models import EmployeeRollup, Fact, Metric, UnitRollup
from perfmgmt.people.models import Assignment, Unit

Stored = dict[tuple[int, int, int, date], tuple[Decimal, int]]
GRAINS = {1: "day", 2: "week", 3: "month", 4: "quarter", 5: "year"}


def empty_library() -> None:
    """Take the open workspace's metrics away, those that name others first."""
    Metric.objects.exclude(numerator=None).delete()
    Metric.objects.filter(aggregation="growth").delete()
    Metric.objects.filter(aggregation="target_share").delete()
    Metric.objects.exclude(base=None).delete()
    Metric.objects.all().delete()


def make_metrics() -> dict[str, Metric]:
    """Replace the open workspace's library by one metric of each way of computing."""
    empty_library()
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


HIGH = [{"attribute": "series", "op": "in", "values": ["high", "top"]}]
NOT_SHOP = [{"attribute": "channel", "op": "not_in", "values": ["shop"]}]
# Metrics that read the facts of "sum", by code.
DERIVED: dict[str, dict[str, Any]] = {
    "high": {"filters": HIGH},
    "high_count": {"filters": [*HIGH, *NOT_SHOP], "aggregation": "count"},
    "high_last": {"filters": HIGH, "aggregation": "last", "is_stock": True},
    "high_mean": {"filters": NOT_SHOP, "aggregation": "mean"},
    "buyers": {"filters": NOT_SHOP, "aggregation": "distinct", "distinct_attribute": "customer"},
    "new": {"customer_rule": "new"},
    "new_buyers": {"customer_rule": "new", "aggregation": "distinct", "distinct_attribute": "customer"},
    "new_in_a_month": {"customer_rule": "new", "customer_rule_months": 1, "filters": NOT_SHOP},
    "again": {"customer_rule": "returning", "aggregation": "count"},
    "again_in_2_months": {"customer_rule": "returning", "customer_rule_months": 2},
    "retention": {"aggregation": "retention"},
    "retention_high": {"aggregation": "retention", "filters": HIGH},
    "retention_new": {"aggregation": "retention", "customer_rule": "new"},
    "repeat": {"aggregation": "repeat_rate"},
    "repeat_again": {"aggregation": "repeat_rate", "customer_rule": "returning", "filters": NOT_SHOP},
}


def make_derived(made: dict[str, Metric]) -> dict[str, Metric]:
    """Add a metric of each way of reading another's facts."""
    for code, more in DERIVED.items():
        fields = {"aggregation": "sum", "unit_of_measure": "count", **more}
        made[code] = Metric.objects.create(code=code, name_en=code, name_zh=code, base=made["sum"], **fields)
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


def next_first_day(grain: int, start: date, fiscal: int) -> date:
    """The first day of the period after the one that begins at `start`, found by walking on."""
    day = start + timedelta(days=1)
    while first_day(grain, day, fiscal) == start:
        day += timedelta(days=1)
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
    series: str
    channel: str
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

    rows = Fact.objects.values_list("id", "metric_id", "employee_id", "day", "value", "customer", "series", "channel")
    return [Happened(*row, units=units(row[2], row[3])) for row in rows]


def _months_before(day: date, months: int) -> date:
    index = day.year * 12 + day.month - 1 - months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def _counts(metric: Metric, fact: Happened, facts: list[Happened]) -> bool:
    """Whether a fact of the base is one of the metric's; `facts` are all facts of the base."""
    for each in metric.filters:
        if (getattr(fact, each["attribute"]) in each["values"]) != (each["op"] == "in"):
            return False
    if metric.aggregation in ("retention", "repeat_rate") and not fact.customer:
        return False
    if not metric.customer_rule:
        return True
    since = _months_before(fact.day, metric.customer_rule_months) if metric.customer_rule_months else date.min
    known = any(other.customer == fact.customer and since <= other.day < fact.day for other in facts)
    return fact.customer != "" and known == (metric.customer_rule == "returning")


def _total(metric: Metric, grain: int, facts: list[Happened], before: list[Happened]) -> tuple[Decimal, int]:
    """One figure from its facts and those of the period before: (total, n)."""
    n = len(facts)
    if metric.aggregation in ("retention", "repeat_rate"):
        if grain == 1:
            return Decimal(len({fact.customer for fact in facts})), n
        now = {fact.customer for fact in facts}
        if metric.aggregation == "retention":
            then = {fact.customer for fact in before}
            return Decimal(len(now & then)), len(then)
        days = {who: {fact.day for fact in facts if fact.customer == who} for who in now}
        return Decimal(sum(len(each) > 1 for each in days.values())), len(now)
    if metric.aggregation in ("sum", "mean"):
        return sum((fact.value for fact in facts), Decimal(0)), n
    if metric.aggregation == "count":
        return Decimal(n), n
    if metric.aggregation == "distinct":
        return Decimal(len({fact.customer for fact in facts} - {""})), n
    people = {fact.employee for fact in facts}
    lasts = [max((f for f in facts if f.employee == who), key=lambda f: (f.day, f.id)).value for who in people]
    return sum(lasts, Decimal(0)), n


Table = dict[tuple[int, int, int, date], list[Happened]]


def _figures(table: Table, metrics: dict[int, Metric], fiscal: int) -> Stored:
    found: Stored = {}
    earlier: Table = {}
    for (pk, grain, owner, start), facts in table.items():
        if metrics[pk].aggregation == "retention" and grain > 1:
            earlier[pk, grain, owner, next_first_day(grain, start, fiscal)] = facts
    for key in table.keys() | earlier.keys():
        total, n = _total(metrics[key[0]], key[1], table.get(key, []), earlier.get(key, []))
        if n:
            found[key] = total, n
    return found


def expected(fiscal: int) -> tuple[Stored, Stored]:
    """What people's and units' rollups of the open workspace must be."""
    metrics = {metric.pk: metric for metric in Metric.objects.exclude(aggregation__in=["ratio", "growth"])}
    people: Table = defaultdict(list)
    units: Table = defaultdict(list)
    everything = _facts()
    for metric in metrics.values():
        base = [fact for fact in everything if fact.metric == (metric.base_id or metric.pk)]
        for fact in base:
            if not _counts(metric, fact, base):
                continue
            for grain in GRAINS:
                start = first_day(grain, fact.day, fiscal)
                people[metric.pk, grain, fact.employee, start].append(fact)
                if metric.aggregation != "last" or metric.is_stock:
                    for unit in fact.units:
                        units[metric.pk, grain, unit, start].append(fact)
    return _figures(people, metrics, fiscal), _figures(units, metrics, fiscal)


def stored() -> tuple[Stored, Stored]:
    """What the open workspace's rollups are."""
    tables = (
        EmployeeRollup.objects.values_list("metric_id", "grain", "employee_id", "start", "total", "n"),
        UnitRollup.objects.values_list("metric_id", "grain", "unit_id", "start", "total", "n"),
    )
    return tuple({row[:4]: (row[4], row[5]) for row in rows} for rows in tables)  # type: ignore[return-value]
