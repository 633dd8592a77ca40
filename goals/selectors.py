"""Reads of targets."""

from collections.abc import Iterable, Mapping
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


def targets_by_month(
    metric: Metric, *, first: date, last: date, employee_ids: Iterable[int] | None = None
) -> dict[tuple[int, date], Decimal]:
    """Return targets by (employee id, month), for the months that begin between two days."""
    rows = MonthlyTarget.objects.filter(metric=metric, month__gte=first, month__lte=last)
    if employee_ids is not None:
        rows = rows.filter(employee_id__in=list(employee_ids))
    return {(pk, month): value for pk, month, value in rows.values_list("employee_id", "month", "value")}


def summed(
    by_month: Mapping[tuple[int, date], Decimal], period: Period
) -> tuple[dict[int, Decimal], dict[date, Decimal]]:
    """Return what `targets_by_month` found, added up: per person in a period, and per month over the people."""
    people: dict[int, Decimal] = {}
    months: dict[date, Decimal] = {}
    for (employee_id, month), value in by_month.items():
        months[month] = months.get(month, Decimal(0)) + value
        if period.start <= month <= period.end:
            people[employee_id] = people.get(employee_id, Decimal(0)) + value
    return people, months


def monthly_totals(
    metric: Metric, *, first: date, last: date, employee_ids: Iterable[int] | None = None
) -> dict[date, Decimal]:
    """Return a group's targets per month, summed over the people by the database."""
    rows = MonthlyTarget.objects.filter(metric=metric, month__gte=first, month__lte=last)
    if employee_ids is not None:
        rows = rows.filter(employee_id__in=list(employee_ids))
    return dict(rows.values_list("month").annotate(Sum("value")))
