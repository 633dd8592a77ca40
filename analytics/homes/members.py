"""What the people of a home did and were to do: of a team's people, on the days on which they were in it.

The arithmetic is RULES.md sections 10 and 11; docs/rules.md, "A team's figure", says it for readers.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from analytics.homes.scope import HomeScope
from goals.parts import part_of_target
from goals.rules import ADDING
from goals.selectors import all_targets, all_targets_by_month, summed, targets_by_month
from perfmgmt.closing.models import Part
from perfmgmt.closing.selectors import all_frozen_targets, frozen_figures, frozen_targets, read_frozen
from perfmgmt.metrics.figures import Asked, Figures, assemble
from perfmgmt.metrics.models import Metric
from perfmgmt.metrics.selectors import Totals, employee_figures_of, group_totals
from perfmgmt.metrics.team import counts_by_the_day, read_team, team_totals
from perfmgmt.people.team import Member
from perfmgmt.tenants.calendar import Grain, Period
from perfmgmt.web import formats

# Targets by (employee id, month).
ByMonth = dict[tuple[int, date], Decimal]


@dataclass(frozen=True)
class _Present:
    """Figures of the people who are in the team on the day that counts; of others there are none."""

    inner: Figures
    ids: frozenset[int]

    @property
    def metric(self) -> Metric:
        """The metric."""
        return self.inner.metric

    def value(self, owner_id: int, start: date) -> Decimal | None:
        """Return the figure of one person in one period, None when missing."""
        return self.inner.value(owner_id, start) if owner_id in self.ids else None

    def n(self, owner_id: int, start: date) -> int:
        """Return the number behind it."""
        return self.inner.n(owner_id, start) if owner_id in self.ids else 0

    def together(self, owner_ids: Iterable[int], starts: Iterable[date]) -> Decimal | None:
        """Return one figure of those of the people who are in the team."""
        return self.inner.together([pk for pk in owner_ids if pk in self.ids], starts)

    def owners(self) -> set[int]:
        """Return the people who have anything."""
        return self.inner.owners() & self.ids


def people_figures(scope: HomeScope, metrics: Iterable[Metric], ids: Iterable[int]) -> dict[int, Figures]:
    """Return people's figures of the period by metric id: as they were locked, or as they are; one query.

    Of who was in the team for a part of the period, the days in it count; one more query where a figure can't be
    made from days: it is that of the whole period, of who is in the team at its end.
    """
    wanted, owners = list(metrics), list(ids)
    if not scope.partly:
        return _whole(scope, wanted, owners)
    by_day = [metric for metric in wanted if counts_by_the_day(metric)]
    start, grain = scope.period.start, scope.period.grain
    frozen = None if scope.lock is None else read_frozen(scope.lock, part=Part.EMPLOYEE, owner_ids=owners)
    reader = read_team({pk: scope.team[pk] for pk in owners}, grain, frozen)
    found = dict(assemble(by_day, Asked(grain, start, start), reader)) if by_day else {}
    others = [metric for metric in wanted if metric not in by_day]
    if others:
        figures = _whole(scope, others, [pk for pk in owners if pk in scope.present])
        found.update({pk: _Present(inner, scope.present) for pk, inner in figures.items()})
    return found


def _whole(scope: HomeScope, metrics: list[Metric], ids: list[int]) -> dict[int, Figures]:
    if scope.lock is not None:
        return frozen_figures(scope.lock, metrics, part=Part.EMPLOYEE, owner_ids=ids)
    return employee_figures_of(metrics, grain=scope.period.grain, start=scope.period.start, employee_ids=ids)


def people_targets(scope: HomeScope, ids: Iterable[int]) -> dict[int, Decimal]:
    """Return people's targets of the period and the scope's metric: as they were locked, or as they are.

    Who was in the team for a part of the period has the part of its days. One query; one more with a lock.
    """
    period, owners = scope.period, list(ids)
    by_month = targets_by_month(scope.metric, first=period.start, last=period.end, employee_ids=owners)
    return period_targets(scope, by_month, owners)


def period_targets(scope: HomeScope, by_month: ByMonth, ids: Iterable[int]) -> dict[int, Decimal]:
    """Return what `people_targets` does, from the monthly targets; one query with a lock, none without."""
    owners = list(ids)
    found, _months = summed(parts_by_month(scope, scope.metric, by_month), scope.period)
    if scope.lock is None:
        return {pk: value for pk, value in found.items() if pk in owners}
    whole, _months = summed(by_month, scope.period)
    frozen = frozen_targets(scope.lock, scope.metric, employee_ids=owners)
    return {
        pk: _frozen_part(scope, scope.metric, pk, value, (whole.get(pk), found.get(pk)))
        for pk, value in frozen.items()
    }


def all_people_targets(scope: HomeScope, ids: Iterable[int] | None) -> dict[int, dict[int, Decimal]]:
    """Return people's targets of the period in every metric, by metric id, then by employee id; None for everybody.

    One query; one more where somebody was in the team for a part of the period.
    """
    wanted = None if ids is None else list(ids)
    if scope.lock is not None:
        found = all_frozen_targets(scope.lock, employee_ids=wanted)
    else:
        found = all_targets(scope.period, employee_ids=wanted)
    if not scope.partly:
        return found
    metrics = {metric.pk: metric for metric in scope.metrics.values() if metric.aggregation in ADDING}
    by_metric = all_targets_by_month(scope.period, employee_ids=scope.partly)
    for pk in found.keys() & metrics.keys():
        by_month = by_metric.get(pk, {})
        parts, _months = summed(parts_by_month(scope, metrics[pk], by_month), scope.period)
        whole, _months = summed(by_month, scope.period)
        for owner in found[pk].keys() & scope.partly:
            live = whole.get(owner), parts.get(owner)
            found[pk][owner] = _frozen_part(scope, metrics[pk], owner, found[pk][owner], live)
    return found


def parts_by_month(scope: HomeScope, metric: Metric, by_month: ByMonth) -> ByMonth:
    """Return monthly targets as far as they belong to the days in the team; months outside it are left out."""
    if not scope.team:
        return by_month
    found: dict[tuple[int, date], Decimal] = {}
    for (pk, month), value in by_month.items():
        member, end = scope.team.get(pk), Period(Grain.MONTH, month).end
        if member is not None and member.within(month, end):
            found[pk, month] = _part(scope, metric, value, member, month, end)
    return found


def _part(scope: HomeScope, metric: Metric, value: Decimal, member: Member, first: date, last: date) -> Decimal:
    places = formats.decimals_of(metric, scope.workspace.currency)
    return part_of_target(value, member, first, last, scope.calendar, places=places)


def _frozen_part(
    scope: HomeScope, metric: Metric, pk: int, frozen: Decimal, live: tuple[Decimal | None, Decimal | None]
) -> Decimal:
    """Return the part of a whole target: that of its months where they still make it up, else by the days."""
    whole, part = live
    if pk not in scope.partly:
        return frozen
    if whole == frozen and part is not None:
        return part
    return _part(scope, metric, frozen, scope.team[pk], scope.period.start, scope.period.end)


def team_trend(scope: HomeScope, first: date, last: date) -> Totals:
    """Return the figures of the scope's people as one, for the months that begin between two days; one query.

    Of a team, each month has who was in it then, as far as the figure can be made from days.
    """
    if scope.team and counts_by_the_day(scope.metric):
        return team_totals(scope.metric, scope.team, grain=Grain.MONTH, first=first, last=last)
    ids = scope.present or scope.people or {}
    return group_totals(scope.metric, grain=Grain.MONTH, first=first, last=last, employee_ids=ids)
