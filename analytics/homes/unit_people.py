"""Homes of units: what their people were to reach, and who belongs to a unit itself, by the days in it."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from analytics.homes.scope import HomeScope
from goals.rules import ADDING
from goals.units import Splitting, own_targets_by_month, own_targets_of, with_below
from perfmgmt.closing.selectors import all_frozen_targets, frozen_targets
from perfmgmt.metrics.models import Metric
from perfmgmt.people.models import Assignment
from perfmgmt.people.team import Member, joined
from perfmgmt.web import formats


@dataclass(frozen=True)
class UnitTargets:
    """Units' targets, everything below included: of the period, and by first day of the month."""

    of: dict[int, Decimal] = field(default_factory=dict)
    monthly: dict[date, dict[int, Decimal]] = field(default_factory=dict)

    def together(self, unit_ids: Iterable[int]) -> Decimal | None:
        """Return the target of several units of the period, None without any."""
        return _total(self.of, unit_ids)

    def month(self, unit_ids: Iterable[int], month: date) -> Decimal | None:
        """Return the target of several units of a month, None without any."""
        return _total(self.monthly.get(month, {}), unit_ids)


def _total(found: dict[int, Decimal], unit_ids: Iterable[int]) -> Decimal | None:
    values = [found[pk] for pk in unit_ids if pk in found]
    return sum(values, Decimal(0)) if values else None


def unit_targets(scope: HomeScope, months: list[date]) -> UnitTargets:
    """Return units' targets of the scope's metric, of its period and of the trend's months; one query, three more
    with a lock."""
    metric = scope.metric
    by_month: dict[date, dict[int, Decimal]] = {}
    own = own_targets_by_month([metric], first=months[0], last=months[-1], splitting=_splitting(scope))
    for (unit_id, month), value in own.get(metric.pk, {}).items():
        by_month.setdefault(month, {})[unit_id] = value
    if scope.lock is None:
        of_period = _added(by_month[month] for month in by_month if scope.period.start <= month <= scope.period.end)
    else:
        frozen = {metric.pk: frozen_targets(scope.lock, metric)}
        of_period = own_targets_of(frozen, scope.period, _splitting(scope))[metric.pk]
    parents = _parents(scope)
    return UnitTargets(
        with_below(of_period, parents),
        {month: with_below(values, parents) for month, values in by_month.items()},
    )


def all_unit_targets(scope: HomeScope) -> dict[int, dict[int, Decimal]]:
    """Return units' targets of the period in every metric of the scope, by metric id, then by unit id.

    One query, three with a lock.
    """
    period, splitting, parents = scope.period, _splitting(scope), _parents(scope)
    if scope.lock is not None:
        adding = {metric.pk for metric in scope.metrics.values() if metric.aggregation in ADDING}
        frozen = {pk: values for pk, values in all_frozen_targets(scope.lock).items() if pk in adding}
        own = own_targets_of(frozen, period, splitting)
    else:
        found = own_targets_by_month(scope.metrics.values(), first=period.start, last=period.end, splitting=splitting)
        own = {pk: _added({unit: value} for (unit, _month), value in it.items()) for pk, it in found.items()}
    return {pk: with_below(by_unit, parents) for pk, by_unit in own.items()}


def _added(parts: Iterable[dict[int, Decimal]]) -> dict[int, Decimal]:
    found: dict[int, Decimal] = {}
    for part in parts:
        for pk, value in part.items():
            found[pk] = found.get(pk, Decimal(0)) + value
    return found


def _splitting(scope: HomeScope) -> Splitting:
    metrics: Iterable[Metric] = scope.metrics.values()
    currency = scope.workspace.currency
    return Splitting(scope.calendar, {metric.pk: formats.decimals_of(metric, currency) for metric in metrics})


def _parents(scope: HomeScope) -> dict[int, int | None]:
    return {unit.pk: unit.parent_id for unit in scope.units}


def in_the_unit(scope: HomeScope, unit_id: int) -> HomeScope:
    """Return the scope of the people who were in a unit itself, none below it, with their days in it; one query."""
    first, last = scope.period.start, scope.period.end
    rows = (
        Assignment.objects.filter(valid_from__lte=last, valid_to__gte=first)
        .filter(
            employee__assignments__unit_id=unit_id,
            employee__assignments__valid_from__lte=last,
            employee__assignments__valid_to__gte=first,
        )
        .distinct()
        .order_by("employee_id", "valid_from")
        .values_list("employee_id", "employee__name", "employee__number", "unit_id", "valid_from", "valid_to")
    )
    held: dict[int, list[tuple[date, date]]] = {}
    inside: dict[int, list[tuple[date, date]]] = {}
    people: dict[int, tuple[str, str]] = {}
    for pk, name, number, where, start, end in rows:
        people[pk] = name, number
        days = max(start, first), min(end, last)
        held.setdefault(pk, []).append(days)
        if where == unit_id:
            inside.setdefault(pk, []).append(days)
    team = {pk: Member(name, number, joined(inside[pk]), tuple(held[pk])) for pk, (name, number) in people.items()}
    return replace(scope, people=people, team=team)
