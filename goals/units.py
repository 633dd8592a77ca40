"""Units' targets: the targets of their people, for the days on which they were in the unit (RULES.md section 11)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection

from goals.parts import split_over
from goals.rules import ADDING
from goals.selectors import all_targets_by_month
from perfmgmt.metrics.models import Metric
from perfmgmt.people.models import Assignment
from perfmgmt.tenants.calendar import Grain, Period
from perfmgmt.tenants.scope import current_tenant_id
from perfmgmt.tenants.workdays import WorkingCalendar

# Who was in one unit in a month is added up here; of who was in several, each stay is a row to be split. A month's
# last day is the day before the next one's first.
_STAYS = """
    WITH stays AS (
        SELECT t.metric_id, t.employee_id, t.month, t.value, a.unit_id, greatest(a.valid_from, t.month) AS first,
            least(a.valid_to, (t.month + interval '1 month')::date - 1) AS last,
            count(*) OVER (PARTITION BY t.metric_id, t.employee_id, t.month) AS stays
        FROM goals_monthlytarget t
        JOIN people_assignment a ON a.tenant_id = t.tenant_id AND a.employee_id = t.employee_id
            AND a.valid_from < t.month + interval '1 month' AND a.valid_to >= t.month
        WHERE t.tenant_id = %(tenant)s AND t.metric_id = ANY(%(metrics)s)
            AND t.month >= %(first)s AND t.month <= %(last)s)
    SELECT metric_id, unit_id, month, sum(value), NULL::bigint, NULL::date, NULL::date FROM stays WHERE stays = 1
    GROUP BY metric_id, unit_id, month
    UNION ALL
    SELECT metric_id, unit_id, month, value, employee_id, first, last FROM stays WHERE stays > 1
"""
# By (unit id, month).
ByMonth = dict[tuple[int, date], Decimal]
# A unit and the days in it.
Stay = tuple[int, date, date]


@dataclass(frozen=True)
class Splitting:
    """What it takes to split a target: working days, and by metric id the decimals of its unit."""

    calendar: WorkingCalendar
    places: Mapping[int, int]

    def over(self, metric_id: int, target: Decimal, stays: Sequence[Stay]) -> list[Decimal]:
        """Return a target's part for each stay; the parts sum to it."""
        spans = [(first, last) for _unit, first, last in stays]
        return split_over(target, spans, self.calendar, places=self.places.get(metric_id, 0))


def own_targets_by_month(
    metrics: Iterable[Metric], *, first: date, last: date, splitting: Splitting
) -> dict[int, ByMonth]:
    """Return by metric id what units' own people were to reach, without the units below them; one query.

    Of the months that begin between two days. Who was in several units in a month counts in each with the part of
    the target that belongs to the days in it; who had no assignment in it counts nowhere. Metrics whose targets
    don't add up over people are left out.
    """
    found: dict[int, ByMonth] = {}
    several: dict[tuple[int, int, date], tuple[Decimal, list[Stay]]] = {}
    params: dict[str, Any] = {
        "tenant": current_tenant_id(),
        "metrics": [it.pk for it in metrics if it.aggregation in ADDING],
        "first": first,
        "last": last,
    }
    with connection.cursor() as cursor:
        cursor.execute(_STAYS, params)
        for metric_id, unit_id, month, value, employee_id, start, end in cursor.fetchall():
            if employee_id is None:
                found.setdefault(metric_id, {})[unit_id, month] = value
            else:
                several.setdefault((metric_id, employee_id, month), (value, []))[1].append((unit_id, start, end))
    for (metric_id, _employee, month), (value, stays) in several.items():
        stays.sort(key=lambda stay: stay[1])
        own = found.setdefault(metric_id, {})
        for (unit_id, _start, _end), part in zip(stays, splitting.over(metric_id, value, stays), strict=True):
            own[unit_id, month] = own.get((unit_id, month), Decimal(0)) + part
    return found


def own_targets_of(
    targets: Mapping[int, Mapping[int, Decimal]], period: Period, splitting: Splitting
) -> dict[int, dict[int, Decimal]]:
    """Return by metric id and unit id what units' own people were to reach in a locked period; one or two queries.

    `targets` are people's, of the whole period, as they were locked. Where a person's months still make up the locked
    target, its parts are those of the months, so that locking moves nothing; else the whole is split by the days.
    """
    stays: dict[int, list[Stay]] = {}
    rows = Assignment.objects.filter(valid_from__lte=period.end, valid_to__gte=period.start).order_by("valid_from")
    for employee_id, unit_id, first, last in rows.values_list("employee_id", "unit_id", "valid_from", "valid_to"):
        stays.setdefault(employee_id, []).append((unit_id, max(first, period.start), min(last, period.end)))
    several = {pk for pk, own in stays.items() if len({unit_id for unit_id, _first, _last in own}) > 1}
    months = all_targets_by_month(period, employee_ids=several) if several else {}
    found: dict[int, dict[int, Decimal]] = {}
    for metric_id, by_person in targets.items():
        by_unit = found.setdefault(metric_id, {})
        for pk, target in by_person.items():
            own = stays.get(pk, [])
            if pk not in several:
                parts = [(own[0][0], target)] if own else []
            else:
                of_months = {month: v for (who, month), v in months.get(metric_id, {}).items() if who == pk}
                parts = _parts(metric_id, target, own, of_months, splitting)
            for unit_id, part in parts:
                by_unit[unit_id] = by_unit.get(unit_id, Decimal(0)) + part
    return found


def _parts(
    metric_id: int, target: Decimal, stays: list[Stay], months: Mapping[date, Decimal], splitting: Splitting
) -> list[tuple[int, Decimal]]:
    """Return (unit, part) of one person's locked target."""
    if sum(months.values()) != target:
        shares = splitting.over(metric_id, target, stays)
        return [(stay[0], share) for stay, share in zip(stays, shares, strict=True)]
    found = []
    for month, value in months.items():
        end = Period(Grain.MONTH, month).end
        inside = [(unit, max(a, month), min(z, end)) for unit, a, z in stays if a <= end and z >= month]
        if inside:
            shares = splitting.over(metric_id, value, inside)
            found += [(stay[0], share) for stay, share in zip(inside, shares, strict=True)]
    return found


def with_below(own: Mapping[int, Decimal], parents: Mapping[int, int | None]) -> dict[int, Decimal]:
    """Return units' targets with everything below them added, from what each is to reach by itself."""
    found: dict[int, Decimal] = {}
    for unit_id, value in own.items():
        here: int | None = unit_id
        while here is not None:
            found[here] = found.get(here, Decimal(0)) + value
            here = parents.get(here)
    return found
