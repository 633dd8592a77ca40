"""Reads of targets."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from django.db.models import Sum

from goals.models import MonthlyTarget
from perfmgmt.metrics.models import Metric
from perfmgmt.tenants.calendar import Period


def targets(metric: Metric, *, period: Period, employee_ids: Iterable[int] | None = None) -> dict[int, Decimal]:
    """Return people's targets of a period, the sum of its months, by employee id; who has none is left out."""
    rows = MonthlyTarget.objects.filter(metric=metric, month__gte=period.start, month__lte=period.end)
    if employee_ids is not None:
        rows = rows.filter(employee_id__in=list(employee_ids))
    return dict(rows.values_list("employee_id").annotate(Sum("value")))


def monthly_totals(
    metric: Metric, *, first: date, last: date, employee_ids: Iterable[int] | None = None
) -> dict[date, Decimal]:
    """Return a group's targets per month, summed over the people."""
    rows = MonthlyTarget.objects.filter(metric=metric, month__gte=first, month__lte=last)
    if employee_ids is not None:
        rows = rows.filter(employee_id__in=list(employee_ids))
    return dict(rows.values_list("month").annotate(Sum("value")))
