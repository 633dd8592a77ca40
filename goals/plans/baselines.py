"""What a team performance plan is compared with: the figures of the days before it."""

from datetime import date
from decimal import Decimal

from goals.models import ActionPlan
from goals.plans.effect import figure_of
from goals.plans.rules import days_before
from perfmgmt.metrics.models import Metric
from perfmgmt.metrics.selectors import metrics_with_parts


def baseline(plan: ActionPlan, metric: Metric) -> tuple[date, date, Decimal | None]:
    """Return first and last day of a plan's baseline and a metric's figure of these days, None when missing."""
    first, last = days_before(plan.first_day, plan.last_day)
    value = figure_of(plan, metric, first, last)
    return first, last, None if value is None else value.quantize(Decimal("0.0001"))


def renew(plan: ActionPlan) -> None:
    """Read the baselines of a plan's measures anew: its days, or whom it is for, have changed."""
    metrics = {metric.pk: metric for metric in metrics_with_parts().filter(pk__in=plan.measures.values("metric_id"))}
    for row in plan.measures.all():
        row.baseline_first, row.baseline_last, row.baseline = baseline(plan, metrics[row.metric_id])
        row.save(update_fields=["baseline_first", "baseline_last", "baseline"])
