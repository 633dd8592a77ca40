"""Reads of targets."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import Count, Max, Min, Sum
from django.utils.translation import ngettext

from goals.models import MonthlyTarget
from perfmgmt.metrics.models import Metric
from perfmgmt.metrics.usage import Use
from perfmgmt.people.models import Assignment, Unit
from perfmgmt.tenants.calendar import Period
from perfmgmt.tenants.scope import current_tenant_id


def targets(metric: Metric, *, period: Period, employee_ids: Iterable[int] | None = None) -> dict[int, Decimal]:
    """Return people's targets of a period, the sum of its months, by employee id; who has none is left out."""
    rows = MonthlyTarget.objects.filter(metric=metric, month__gte=period.start, month__lte=period.end)
    if employee_ids is not None:
        rows = rows.filter(employee_id__in=list(employee_ids))
    return dict(rows.values_list("employee_id").annotate(Sum("value")))


def all_targets(period: Period, *, employee_ids: Iterable[int] | None = None) -> dict[int, dict[int, Decimal]]:
    """Return people's targets of a period in every metric, by metric id, then by employee id; one query."""
    rows = MonthlyTarget.objects.filter(month__gte=period.start, month__lte=period.end)
    if employee_ids is not None:
        rows = rows.filter(employee_id__in=list(employee_ids))
    found: dict[int, dict[int, Decimal]] = {}
    for metric_id, employee_id, value in rows.values_list("metric_id", "employee_id").annotate(Sum("value")):
        found.setdefault(metric_id, {})[employee_id] = value
    return found


def all_targets_by_month(
    period: Period, *, employee_ids: Iterable[int]
) -> dict[int, dict[tuple[int, date], Decimal]]:
    """Return people's targets of a period in every metric, by metric id, then by (employee id, month); one query."""
    rows = MonthlyTarget.objects.filter(
        month__gte=period.start, month__lte=period.end, employee_id__in=list(employee_ids)
    )
    found: dict[int, dict[tuple[int, date], Decimal]] = {}
    for metric_id, employee_id, month, value in rows.values_list("metric_id", "employee_id", "month", "value"):
        found.setdefault(metric_id, {})[employee_id, month] = value
    return found


def uses_of(metric: Metric) -> list[Use]:
    """Return the months in which people have targets of a metric, as one use of it."""
    rows = MonthlyTarget.objects.filter(metric=metric)
    found = rows.aggregate(people=Count("employee", distinct=True), first=Min("month"), last=Max("month"))
    if not found["people"]:
        return []
    text = ngettext(
        "Monthly targets of {n} person, {first} to {last}",
        "Monthly targets of {n} people, {first} to {last}",
        found["people"],
    ).format(n=found["people"], first=f"{found['first']:%Y-%m}", last=f"{found['last']:%Y-%m}")
    return [Use(text, url_name="targets", query={"metric": metric.code})]


def unit_targets(metric: Metric, period: Period, on: date, unit_ids: Iterable[int]) -> dict[int, Decimal]:
    """Return units' targets of a period: the sum of the targets of who is in them, or below them, on a day.

    Units in which nobody has a target are left out.
    """
    parents = dict(Unit.objects.values_list("pk", "parent_id"))
    wanted = set(unit_ids)
    found: dict[int, Decimal] = {}
    by_person = targets(metric, period=period)
    rows = Assignment.objects.filter(valid_from__lte=on, valid_to__gte=on, employee_id__in=list(by_person))
    for unit_id, employee_id in rows.values_list("unit_id", "employee_id"):
        here: int | None = unit_id
        while here is not None:
            if here in wanted:
                found[here] = found.get(here, Decimal(0)) + by_person[employee_id]
            here = parents.get(here)
    return found


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


# A person's place on a day, their own targets of some months, and the targets of everybody in their unit's tree.
_OWN = """
    WITH RECURSIVE place AS (
        SELECT unit_id, sales_role_type FROM people_assignment
        WHERE tenant_id = %(tenant)s AND employee_id = %(who)s AND valid_from <= %(on)s AND valid_to >= %(on)s),
    tree(id) AS (
        SELECT unit_id FROM place
        UNION
        SELECT u.id FROM people_unit u JOIN tree ON u.parent_id = tree.id WHERE u.tenant_id = %(tenant)s),
    team AS (
        SELECT employee_id FROM people_assignment
        WHERE tenant_id = %(tenant)s AND unit_id IN (SELECT id FROM tree) AND valid_from <= %(on)s
            AND valid_to >= %(on)s)
    SELECT 'place', unit_id, NULL::date, NULL::numeric, sales_role_type FROM place
    UNION ALL
    SELECT 'mine', metric_id, month, value, '' FROM goals_monthlytarget
    WHERE tenant_id = %(tenant)s AND employee_id = %(who)s AND month >= %(first)s AND month <= %(last)s
    UNION ALL
    SELECT 'team', metric_id, NULL, sum(value), '' FROM goals_monthlytarget
    WHERE tenant_id = %(tenant)s AND metric_id = ANY(%(metrics)s) AND month >= %(start)s AND month <= %(end)s
        AND employee_id IN (SELECT employee_id FROM team)
    GROUP BY metric_id
"""


@dataclass
class OwnTargets:
    """Where a person works on a day, their targets by (metric id, month), and their unit's targets of a period."""

    unit_id: int | None = None
    sales_role_type: str = ""
    mine: dict[tuple[int, date], Decimal] = field(default_factory=dict)
    team: dict[int, Decimal] = field(default_factory=dict)

    def of(self, period: Period) -> dict[int, Decimal]:
        """Return the person's targets of a period, the sum of its months, by metric id."""
        found: dict[int, Decimal] = {}
        for (metric_id, month), value in self.mine.items():
            if period.start <= month <= period.end:
                found[metric_id] = found.get(metric_id, Decimal(0)) + value
        return found


def own_targets(
    employee_id: int, *, on: date, months: tuple[date, date], period: Period, team_metrics: Iterable[int]
) -> OwnTargets:
    """Return a person's place and targets of all metrics, and the targets of their unit; one query.

    A unit's target is what `unit_targets` says: the targets of who is in it or below it `on` the day.
    """
    params: dict[str, Any] = {
        "tenant": current_tenant_id(), "who": employee_id, "on": on, "first": months[0], "last": months[1],
        "start": period.start, "end": period.end, "metrics": list(team_metrics),
    }  # fmt: skip
    found = OwnTargets()
    with connection.cursor() as cursor:
        cursor.execute(_OWN, params)
        for what, key, month, value, role in cursor.fetchall():
            if what == "place":
                found.unit_id, found.sales_role_type = key, role
            elif what == "mine":
                found.mine[key, month] = value
            else:
                found.team[key] = value
    return found
