"""The pieces of SQL that incremental and full computation share.

Everything that makes a figure is written here once, so that the two ways cannot drift apart; `rebuild --check`
proves it. Names in braces are filled with constants of this module, never with input.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from perfmgmt.metrics.models import Aggregation, CustomerRule, Metric
from perfmgmt.metrics.models.library import ATTRIBUTES, FILTERABLE
from perfmgmt.tenants.calendar import Grain

# How a metric's rows become one, by the way it is computed. Sums, means and counts are one kind: their facts are
# read in one pass.
ADDITIVE, LAST, DISTINCT, RETENTION, REPEAT = "additive", "last", "distinct", "retention", "repeat"
KIND_OF = {
    Aggregation.SUM: ADDITIVE,
    Aggregation.MEAN: ADDITIVE,
    Aggregation.COUNT: ADDITIVE,
    Aggregation.LAST: LAST,
    Aggregation.DISTINCT: DISTINCT,
    Aggregation.RETENTION: RETENTION,
    Aggregation.REPEAT: REPEAT,
}
LAST_FACT = "(array_agg(f.value ORDER BY f.day DESC, f.id DESC))[1]"
FROM_FINER = {
    ADDITIVE: "sum(s.total)",
    LAST: "(array_agg(s.total ORDER BY s.start DESC))[1]",
}
# Customer-level figures from one row per customer `c`: the number of `days` with facts in the period, and whether
# there are facts in the period `before`. First the customers that count, then those they are a share of.
OF_CUSTOMERS = {
    RETENTION: ("count(*) FILTER (WHERE c.before AND c.days > 0)::numeric", "count(*) FILTER (WHERE c.before)"),
    REPEAT: ("count(*) FILTER (WHERE c.days > 1)::numeric", "count(*) FILTER (WHERE c.days > 0)"),
}


@dataclass(frozen=True)
class Plan:
    """One way of computing and the metrics that are computed so; of additive ones, which count their facts.

    A metric that reads the facts of another, its base, has a plan of its own: `base_id` is where its facts are
    stored, `condition` (over a fact `f`, with `params`) which of them count.
    """

    kind: str
    metric_ids: tuple[int, ...]
    attribute: str = ""
    counted_ids: tuple[int, ...] = ()
    base_id: int | None = None
    condition: str = ""
    params: dict[str, Any] = field(default_factory=dict, hash=False)
    rule: str = ""
    months: int | None = None

    def from_facts(self, metric: str = "f.metric_id") -> str:
        """Return the aggregate over facts (alias f); `metric` is the column that says which metric is computed.

        A fact without the attribute adds nothing to a distinct count.
        """
        if self.kind in OF_CUSTOMERS:
            return "count(DISTINCT f.customer)::numeric"
        if self.kind == DISTINCT:
            return f"count(DISTINCT nullif(f.{self.attribute}, ''))::numeric"
        if self.kind == LAST:
            return LAST_FACT
        if not self.counted_ids:
            return "sum(f.value)"
        if self.base_id is not None:
            return "count(*)::numeric"
        counted = ", ".join(str(int(pk)) for pk in self.counted_ids)
        return f"CASE WHEN {metric} IN ({counted}) THEN count(*)::numeric ELSE sum(f.value) END"

    def facts(self, metric: str, *, previous: str = "") -> str:
        """Return the condition for the facts (alias f) of the metric in the column `metric`.

        `previous` is a table of (metric, customer, day) with the customer's day before it; without it the days are
        looked up in what is stored.
        """
        if self.base_id is None:
            return f"f.metric_id = {metric}"
        return f"f.metric_id = {int(self.base_id)}{self.condition}{self._of_customers(previous)}"

    def _of_customers(self, previous: str) -> str:
        """A customer is new on a day without facts on any day before it (or in the months before it)."""
        if not self.rule:
            return ""
        back = f"(f.day - interval '{int(self.months)} months')::date" if self.months else ""
        is_new = self.rule == CustomerRule.NEW
        if previous:
            gap = f" OR c.previous < {back}" if back else ""
            test = f"(c.previous IS NULL{gap})"
            return (
                f" AND f.customer <> '' AND EXISTS (SELECT FROM {previous} c WHERE c.metric_id = f.metric_id"
                f" AND c.customer = f.customer AND c.day = f.day AND {test if is_new else 'NOT ' + test})"
            )
        since = f" AND c.day >= {back}" if back else ""
        return (
            f" AND f.customer <> '' AND {'NOT ' if is_new else ''}EXISTS (SELECT FROM metrics_customerday c"
            f" WHERE c.tenant_id = %(tenant)s AND c.metric_id = f.metric_id AND c.customer = f.customer"
            f" AND c.day < f.day{since})"
        )

    @property
    def nests(self) -> bool:
        """Whether a longer period's figure follows from the figures of the shorter ones inside it."""
        return self.kind in FROM_FINER

    @property
    def looks_back(self) -> bool:
        """Whether a period's figure also depends on the facts of the period before it."""
        return self.kind == RETENTION

    @property
    def adds_up(self) -> bool:
        """Whether a unit's figure is the sum of its people's and its child units' figures of the same period."""
        return self.kind == ADDITIVE


def params_of(plans: Iterable[Plan]) -> dict[str, Any]:
    """Return the parameters of the plans' conditions."""
    return {name: value for plan in plans for name, value in plan.params.items()}


def condition_of(metric: Metric) -> tuple[str, dict[str, Any]]:
    """Return a metric's filters as a condition over a fact `f`, beginning with AND, and its parameters."""
    condition, params = "", {}
    for at, each in enumerate(metric.filters):
        if each["attribute"] not in FILTERABLE:
            raise ValueError(f"{each['attribute']!r} is no attribute of a fact.")
        name = f"filter_{int(metric.pk or 0)}_{at}"
        params[name] = list(each["values"])
        condition += f" AND f.{each['attribute']} " + (
            f"<> ALL(%({name})s)" if each["op"] == "not_in" else f"= ANY(%({name})s)"
        )
    return condition, params


def plan_of(metric: Metric) -> Plan:
    """Return the plan of one metric that reads the facts of another."""
    kind = KIND_OF[Aggregation(metric.aggregation)]
    condition, params = condition_of(metric)
    if kind in OF_CUSTOMERS:
        condition += " AND f.customer <> ''"
    pk = int(metric.pk or 0)
    return Plan(
        kind,
        (pk,),
        metric.distinct_attribute if metric.distinct_attribute in ATTRIBUTES else "",
        (pk,) if metric.aggregation == Aggregation.COUNT else (),
        base_id=metric.base_id,
        condition=condition,
        params=params,
        rule=metric.customer_rule,
        months=metric.customer_rule_months,
    )


def plans_for(metrics: list[Metric]) -> list[Plan]:
    """Group metrics (those that have no facts left out) by the way they are computed; derived ones stand alone.

    `last` of a unit exists for stock metrics only; `unit_plans` leaves the others out.
    """
    groups: dict[tuple[str, str], list[int]] = {}
    derived = []
    counted = {metric.pk for metric in metrics if metric.aggregation == Aggregation.COUNT}
    for metric in sorted(metrics, key=lambda metric: metric.pk):
        kind = KIND_OF.get(Aggregation(metric.aggregation))
        if kind is not None and metric.base_id is not None:
            derived.append(plan_of(metric))
        elif kind is not None:
            attribute = metric.distinct_attribute if metric.distinct_attribute in ATTRIBUTES else ""
            groups.setdefault((kind, attribute), []).append(metric.pk)
    return [
        Plan(kind, tuple(sorted(ids)), attribute, tuple(sorted(counted.intersection(ids))))
        for (kind, attribute), ids in sorted(groups.items())
    ] + derived


def unit_plans(metrics: list[Metric]) -> list[Plan]:
    """Like `plans_for`, without the metrics that have no figure for a unit."""
    return plans_for([m for m in metrics if m.aggregation != Aggregation.LAST or m.is_stock])


def followers(base_ids: Iterable[int]) -> list[Metric]:
    """Return the metrics that read the facts of others, of these bases."""
    kinds = [str(aggregation) for aggregation in KIND_OF]
    return list(Metric.objects.filter(base_id__in=list(base_ids), aggregation__in=kinds).order_by("pk"))


@dataclass(frozen=True)
class Buckets:
    """SQL expressions of the workspace's fiscal calendar; they agree with `tenants.calendar` (a test)."""

    fiscal_start_month: int

    def start(self, grain: Grain, day: str) -> str:
        """Return the expression for the first day of the period of `grain` that holds `day`."""
        if grain is Grain.DAY:
            return day
        if grain is Grain.WEEK:
            return f"date_trunc('week', {day}::timestamp)::date"
        if grain is Grain.MONTH:
            return f"date_trunc('month', {day}::timestamp)::date"
        unit, shift = (
            ("quarter", (self.fiscal_start_month - 1) % 3)
            if grain is Grain.QUARTER
            else ("year", self.fiscal_start_month - 1)
        )
        if shift == 0:
            return f"date_trunc('{unit}', {day}::timestamp)::date"
        months = f"interval '{int(shift)} months'"
        return f"(date_trunc('{unit}', {day}::timestamp - {months}) + {months})::date"

    def end(self, grain: Grain, start: str) -> str:
        """Return the expression for the first day after the period that begins at `start`."""
        length = {
            Grain.DAY: "1 day",
            Grain.WEEK: "7 days",
            Grain.MONTH: "1 month",
            Grain.QUARTER: "3 months",
            Grain.YEAR: "1 year",
        }[grain]
        return f"({start}::timestamp + interval '{length}')::date"

    def before(self, grain: Grain, start: str) -> str:
        """Return the expression for the first day of the period before the one that begins at `start`."""
        return self.end(grain, start).replace("::timestamp + ", "::timestamp - ")


# From which shorter grain each grain is summed.
FINER = {Grain.WEEK: Grain.DAY, Grain.MONTH: Grain.DAY, Grain.QUARTER: Grain.MONTH, Grain.YEAR: Grain.QUARTER}
COARSE = tuple(FINER)


def each_customer(plan: Plan, buckets: Buckets, grain: Grain, owner: str, source: str, where: str = "") -> str:
    """Return the SELECT with one row per customer and period: owner's columns, start, days, before.

    Each fact (`f` of the FROM clause `source`) counts in its period and, if figures look back, before the next one.
    `owner` is two columns, `where` a WHERE clause.
    """
    start = buckets.start(grain, "f.day")
    periods = f"({start}, true)"
    if plan.looks_back:
        periods += f", ({buckets.end(grain, start)}, false)"
    return f"""
        SELECT {owner}, b.start, count(DISTINCT f.day) FILTER (WHERE b.own) AS days, bool_or(NOT b.own) AS before
        FROM {source} CROSS JOIN LATERAL (VALUES {periods}) b(start, own) {where}
        GROUP BY 1, 2, 3, f.customer"""
