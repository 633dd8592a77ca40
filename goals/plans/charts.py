"""The chart of a measure: its weeks before a plan and in it."""

from decimal import Decimal

from django.utils.translation import gettext as _

from goals.plans.effect import Line
from perfmgmt.web.charts import Chart, Series


def chart_of(line: Line, currency: str) -> Chart:
    """Return the weeks before the plan and its own as bars, and for levels the target as a line."""
    metric = line.metric
    before = [week.value if week.is_before else None for week in line.weeks]
    now = [None if week.is_before else week.value for week in line.weeks]
    series = [Series(_("Before the plan"), before, role="muted"), Series(_("During the plan"), now)]
    if not line.additive:
        target = [Decimal(line.measure.target)] * len(line.weeks)
        series.append(Series(_("Target"), target, role="second", kind="line", style="dash"))
    return Chart(
        id=f"measure-{line.measure.pk}",
        title=_("{metric} by week").format(metric=metric.name),
        categories=[f"{week.first:%m-%d}" for week in line.weeks],
        series=series,
        kind="bar",
        unit=str(metric.unit_of_measure),
        currency=currency,
        category_title=_("Week from"),
        summary=_("The weeks are counted from the plan's first day; the last one may be shorter."),
        height="small",
    )
