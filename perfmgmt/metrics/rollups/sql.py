"""The pieces of SQL that incremental and full computation share.

Everything that makes a figure is written here once, so that the two ways cannot drift apart; `rebuild --check`
proves it. Names in braces are filled with constants of this module, never with input.
"""

from dataclasses import dataclass

from perfmgmt.metrics.models import Aggregation, Metric
from perfmgmt.metrics.models.library import ATTRIBUTES
from perfmgmt.tenants.calendar import Grain

# How a metric's rows become one, by the way it is computed. Sums, means and counts are one kind: their facts are
# read in one pass.
ADDITIVE, LAST, DISTINCT = "additive", "last", "distinct"
KIND_OF = {
    Aggregation.SUM: ADDITIVE,
    Aggregation.MEAN: ADDITIVE,
    Aggregation.COUNT: ADDITIVE,
    Aggregation.LAST: LAST,
    Aggregation.DISTINCT: DISTINCT,
}
LAST_FACT = "(array_agg(f.value ORDER BY f.day DESC, f.id DESC))[1]"
FROM_FINER = {
    ADDITIVE: "sum(s.total)",
    LAST: "(array_agg(s.total ORDER BY s.start DESC))[1]",
}


@dataclass(frozen=True)
class Plan:
    """One way of computing and the metrics that are computed so; of additive ones, which count their facts."""

    kind: str
    metric_ids: tuple[int, ...]
    attribute: str = ""
    counted_ids: tuple[int, ...] = ()

    def from_facts(self, metric: str = "f.metric_id") -> str:
        """Return the aggregate over facts (alias f); `metric` is the column that says which metric is computed.

        A fact without the attribute adds nothing to a distinct count.
        """
        if self.kind == DISTINCT:
            return f"count(DISTINCT nullif(f.{self.attribute}, ''))::numeric"
        if self.kind == LAST:
            return LAST_FACT
        if not self.counted_ids:
            return "sum(f.value)"
        counted = ", ".join(str(int(pk)) for pk in self.counted_ids)
        return f"CASE WHEN {metric} IN ({counted}) THEN count(*)::numeric ELSE sum(f.value) END"

    @property
    def nests(self) -> bool:
        """Whether a longer period's figure follows from the figures of the shorter ones inside it."""
        return self.kind != DISTINCT

    @property
    def adds_up(self) -> bool:
        """Whether a unit's figure is the sum of its people's and its child units' figures of the same period."""
        return self.kind == ADDITIVE


def plans_for(metrics: list[Metric]) -> list[Plan]:
    """Group metrics (ratios left out: they have no facts) by the way they are computed.

    `last` of a unit exists for stock metrics only; `unit_plans` leaves the others out.
    """
    groups: dict[tuple[str, str], list[int]] = {}
    counted = {metric.pk for metric in metrics if metric.aggregation == Aggregation.COUNT}
    for metric in metrics:
        kind = KIND_OF.get(Aggregation(metric.aggregation))
        if kind is not None:
            attribute = metric.distinct_attribute if metric.distinct_attribute in ATTRIBUTES else ""
            groups.setdefault((kind, attribute), []).append(metric.pk)
    return [
        Plan(kind, tuple(sorted(ids)), attribute, tuple(sorted(counted.intersection(ids))))
        for (kind, attribute), ids in sorted(groups.items())
    ]


def unit_plans(metrics: list[Metric]) -> list[Plan]:
    """Like `plans_for`, without the metrics that have no figure for a unit."""
    return plans_for([m for m in metrics if m.aggregation != Aggregation.LAST or m.is_stock])


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


# From which shorter grain each grain is summed.
FINER = {Grain.WEEK: Grain.DAY, Grain.MONTH: Grain.DAY, Grain.QUARTER: Grain.MONTH, Grain.YEAR: Grain.QUARTER}
COARSE = tuple(FINER)
