"""Reads of targets."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import Count, Max, Min, QuerySet, Sum
from django.utils.translation import ngettext

from goals.models import MonthlyTarget
from goals.rules import ADDING, over_months
from perfmgmt.metrics.models import Metric
from perfmgmt.metrics.usage import Use
from perfmgmt.people.models import Assignment, Unit
from perfmgmt.people.own_days import OwnDays
from perfmgmt.tenants.calendar import Period
from perfmgmt.tenants.scope import current_tenant_id


def targets(metric: Metric, *, period: Period, employee_ids: Iterable[int] | None = None) -> dict[int, Decimal]:
    """Return people's targets of a period by employee id; who has none is left out.

    The sum of its months; of a metric that doesn't add up the level that its months share.
    """
    rows = MonthlyTarget.objects.filter(metric=metric, month__gte=period.start, month__lte=period.end)
    if employee_ids is not None:
        rows = rows.filter(employee_id__in=list(employee_ids))
    return {pk: value for _metric, pk, value in _of_period(rows)}


def _of_period(rows: QuerySet[MonthlyTarget]) -> Iterable[tuple[int, int, Decimal]]:
    """Yield (metric id, employee id, target of all these months); see `rules.over_months`."""
    grouped = rows.values_list("metric_id", "employee_id", "metric__aggregation")
    for metric_id, employee_id, aggregation, total, low, high in grouped.annotate(
        Sum("value"), Min("value"), Max("value")
    ):
        if aggregation in ADDING:
            yield metric_id, employee_id, total
        elif low == high:
            yield metric_id, employee_id, low


def all_targets(period: Period, *, employee_ids: Iterable[int] | None = None) -> dict[int, dict[int, Decimal]]:
    """Return people's targets of a period in every metric, by metric id, then by employee id; one query."""
    rows = MonthlyTarget.objects.filter(month__gte=period.start, month__lte=period.end)
    if employee_ids is not None:
        rows = rows.filter(employee_id__in=list(employee_ids))
    found: dict[int, dict[int, Decimal]] = {}
    for metric_id, employee_id, value in _of_period(rows):
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

    Units in which nobody has a target are left out, and all of them where people's targets don't add up.
    """
    if metric.aggregation not in ADDING:
        return {}
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
    by_month: Mapping[tuple[int, date], Decimal], period: Period, *, adds: bool = True
) -> tuple[dict[int, Decimal], dict[date, Decimal]]:
    """Return what `targets_by_month` found, added up: per person in a period, and per month over the people.

    Of a metric that doesn't add up (`adds` False) the first is the level that a person's months share, and the second
    is empty: several people together have no target.
    """
    people: dict[int, list[Decimal]] = {}
    months: dict[date, Decimal] = {}
    for (employee_id, month), value in by_month.items():
        if adds:
            months[month] = months.get(month, Decimal(0)) + value
        if period.start <= month <= period.end:
            people.setdefault(employee_id, []).append(value)
    of_people = ((pk, over_months(values, adds=adds)) for pk, values in people.items())
    return {pk: value for pk, value in of_people if value is not None}, months


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
    SELECT 'mine', t.metric_id, t.month, t.value, m.aggregation FROM goals_monthlytarget t
    JOIN metrics_metric m ON m.tenant_id = t.tenant_id AND m.id = t.metric_id
    WHERE t.tenant_id = %(tenant)s AND t.employee_id = %(who)s AND t.month >= %(first)s AND t.month <= %(last)s
    UNION ALL
    SELECT 'team', metric_id, NULL, sum(value), '' FROM goals_monthlytarget
    WHERE tenant_id = %(tenant)s AND metric_id = ANY(%(metrics)s) AND month >= %(start)s AND month <= %(end)s
        AND employee_id IN (SELECT employee_id FROM team)
    GROUP BY metric_id
    UNION ALL
    SELECT 'spell', 0, greatest(valid_from, %(start)s), full_time_share, least(valid_to, %(end)s)::text
    FROM people_assignment
    WHERE tenant_id = %(tenant)s AND employee_id = %(who)s AND valid_from <= %(end)s AND valid_to >= %(start)s
    UNION ALL
    SELECT 'away', 0, greatest(first_day, %(start)s), hours, least(last_day, %(end)s)::text FROM people_absence
    WHERE tenant_id = %(tenant)s AND employee_id = %(who)s AND first_day <= %(end)s AND last_day >= %(start)s
"""
# Monthly targets of a metric, and the spells of work and absences of the same people in a period.
_TARGETS_AND_DAYS = """
    SELECT 'target', employee_id, month, value, NULL::date FROM goals_monthlytarget
    WHERE tenant_id = %(tenant)s AND metric_id = %(metric)s AND month >= %(first)s AND month <= %(last)s
        AND employee_id = ANY(%(people)s)
    UNION ALL
    SELECT 'spell', employee_id, greatest(valid_from, %(start)s), full_time_share, least(valid_to, %(end)s)
    FROM people_assignment
    WHERE tenant_id = %(tenant)s AND employee_id = ANY(%(people)s) AND valid_from <= %(end)s AND valid_to >= %(start)s
    UNION ALL
    SELECT 'away', employee_id, greatest(first_day, %(start)s), hours, least(last_day, %(end)s) FROM people_absence
    WHERE tenant_id = %(tenant)s AND employee_id = ANY(%(people)s) AND first_day <= %(end)s AND last_day >= %(start)s
"""


def targets_and_days(
    metric: Metric, *, months: tuple[date, date], period: Period, employee_ids: Iterable[int]
) -> tuple[dict[tuple[int, date], Decimal], dict[int, OwnDays]]:
    """Return people's targets by (employee id, month), and their own days of a period; one query."""
    people = list(employee_ids)
    params: dict[str, Any] = {
        "tenant": current_tenant_id(), "metric": metric.pk, "first": months[0], "last": months[1],
        "start": period.start, "end": period.end, "people": people,
    }  # fmt: skip
    found: dict[tuple[int, date], Decimal] = {}
    days = {pk: OwnDays() for pk in people}
    with connection.cursor() as cursor:
        cursor.execute(_TARGETS_AND_DAYS, params)
        for what, pk, start, value, end in cursor.fetchall():
            if what == "target":
                found[pk, start] = value
            else:
                days[pk].add(what, start, end, value)
    return found, days


@dataclass
class OwnTargets:
    """Where a person works on a day, their targets by (metric id, month), and their unit's targets of a period.

    `days` are the person's own days of the period.
    """

    unit_id: int | None = None
    sales_role_type: str = ""
    mine: dict[tuple[int, date], Decimal] = field(default_factory=dict)
    team: dict[int, Decimal] = field(default_factory=dict)
    # Metrics whose months don't add up.
    levels: set[int] = field(default_factory=set)
    days: OwnDays = field(default_factory=OwnDays)

    def of(self, period: Period) -> dict[int, Decimal]:
        """Return the person's targets of a period by metric id: the sum of its months, or the level they share."""
        months: dict[int, list[Decimal]] = {}
        for (metric_id, month), value in self.mine.items():
            if period.start <= month <= period.end:
                months.setdefault(metric_id, []).append(value)
        found = {pk: over_months(values, adds=pk not in self.levels) for pk, values in months.items()}
        return {pk: value for pk, value in found.items() if value is not None}


def own_targets(
    employee_id: int, *, on: date, months: tuple[date, date], period: Period, team_metrics: Iterable[int]
) -> OwnTargets:
    """Return a person's place, days and targets of all metrics, and the targets of their unit; one query.

    A unit's target is what `unit_targets` says: the targets of who is in it or below it `on` the day.
    """
    params: dict[str, Any] = {
        "tenant": current_tenant_id(), "who": employee_id, "on": on, "first": months[0], "last": months[1],
        "start": period.start, "end": period.end, "metrics": list(team_metrics),
    }  # fmt: skip
    found = OwnTargets()
    with connection.cursor() as cursor:
        cursor.execute(_OWN, params)
        for what, key, month, value, text in cursor.fetchall():
            if what == "place":
                found.unit_id, found.sales_role_type = key, text
            elif what == "mine":
                found.mine[key, month] = value
                if text not in ADDING:
                    found.levels.add(key)
            elif what == "team":
                found.team[key] = value
            else:
                found.days.add(what, month, date.fromisoformat(text), value)
    return found
