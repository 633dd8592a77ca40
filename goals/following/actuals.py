"""What goals have reached so far: from rollups only, whatever their level and period, in a fixed number of queries.

A locked period counts as it was locked (RULES.md section 13). Shares of a unit's target read that target with a few
queries more for each such metric and period.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import reduce
from operator import or_

from django.db.models import Q

from goals.models import Counting, Goal, GoalMember, Length, Level
from goals.rules import ADDING
from perfmgmt.closing.models import FrozenFigure, Part, PeriodLock
from perfmgmt.closing.selectors import locks_between
from perfmgmt.metrics import rules
from perfmgmt.metrics.figures import Asked, Figures, Table, assemble
from perfmgmt.metrics.models import Aggregation, EmployeeRollup, Metric, UnitRollup
from perfmgmt.metrics.models.rollups import UNASSIGNED
from perfmgmt.metrics.rules import Sums
from perfmgmt.metrics.selectors import metrics_with_parts
from perfmgmt.people.models import Unit
from perfmgmt.tenants.calendar import Grain, Period, periods_between

Start = tuple[Grain, date]
# Metric id -> (owner, first day) -> sums, of one length of time, of people or of units.
Tables = dict[tuple[bool, Grain], dict[int, Table]]


@dataclass(frozen=True)
class Actual:
    """A figure and the number of facts behind it; `months` are the figures of a goal that holds in each month."""

    value: Decimal | None
    n: int = 0
    months: tuple[tuple[date, Decimal | None], ...] = ()


@dataclass(frozen=True)
class _Asked:
    """Whose figure a goal needs, of which periods: `starts` are days for a goal of its own dates."""

    metric: Metric
    owners: tuple[int, ...]
    by_unit: bool
    grain: Grain
    starts: tuple[date, ...]
    each: bool


def actuals(goals: Sequence[Goal], metrics: Mapping[int, Metric], *, today: date) -> list[Actual]:
    """Return what each goal has reached by now, in the order of the goals; a milestone has nothing.

    `metrics` are those of `metrics_of`. Of goals that hold in each month, months that have not begun are left out.
    """
    owners = owners_of(goals)
    asked = [
        _ask(goal, metrics[goal.metric_id], owners[index], today) if goal.metric_id else None
        for index, goal in enumerate(goals)
    ]
    reader = _Reader([each for each in asked if each is not None])
    return [Actual(None) if each is None else reader.answer(each) for each in asked]


def metrics_of(goals: Iterable[Goal]) -> dict[int, Metric]:
    """Return the metrics of goals by id, one query."""
    return dict(metrics_with_parts().in_bulk({goal.metric_id for goal in goals if goal.metric_id}))


def owners_of(goals: Sequence[Goal]) -> list[tuple[int, ...]]:
    """Return whose figures make each goal's: the person, the members of a team, the unit, or the top units."""
    shared = [goal.pk for goal in goals if goal.level == Level.TEAM]
    members: dict[int, list[int]] = {}
    if shared:
        rows = GoalMember.objects.filter(goal_id__in=shared).order_by("pk")
        for goal_id, employee_id in rows.values_list("goal_id", "employee_id"):
            members.setdefault(goal_id, []).append(employee_id)
    tops: tuple[int, ...] = ()
    if any(goal.level == Level.COMPANY for goal in goals):
        tops = (*Unit.objects.filter(parent=None).values_list("pk", flat=True), UNASSIGNED)
    return [_of(goal, members.get(goal.pk, []), tops) for goal in goals]


def _of(goal: Goal, members: list[int], tops: tuple[int, ...]) -> tuple[int, ...]:
    if goal.level == Level.PERSON:
        return (goal.employee_id or 0,)
    if goal.level == Level.COMPANY:
        return tops
    return tuple(members) if goal.level == Level.TEAM and members else (goal.unit_id or 0,)


def is_by_unit(goal: Goal, owners: Sequence[int]) -> bool:
    """Whether a goal's figure is that of units: a team without members is its unit."""
    return goal.level in (Level.COMPANY, Level.UNIT) or (goal.level == Level.TEAM and owners == (goal.unit_id,))


def _ask(goal: Goal, metric: Metric, owners: tuple[int, ...], today: date) -> _Asked:
    grain, by_unit = Grain.DAY, is_by_unit(goal, owners)
    if holds_in_each(goal, metric):
        months = [month.start for month in periods_between(Grain.MONTH, goal.first_day, goal.last_day)]
        return _Asked(metric, owners, by_unit, Grain.MONTH, tuple(m for m in months if m <= today), True)
    if goal.grain == Length.OWN:
        days = (goal.last_day - goal.first_day).days + 1
        starts = tuple(goal.first_day + timedelta(days=step) for step in range(days))
        return _Asked(metric, owners, by_unit, grain, starts, False)
    return _Asked(metric, owners, by_unit, Grain(goal.grain), (goal.first_day,), False)


def holds_in_each(goal: Goal, metric: Metric) -> bool:
    """Whether a goal holds in each of its months: never of what is added up, never of its own dates."""
    longer = goal.grain in (Length.QUARTER, Length.YEAR)
    return goal.counting == Counting.EACH and longer and metric.aggregation not in ADDING


class _Reader:
    """Reads the rows of everything that is asked, once, and answers from them."""

    def __init__(self, asked: list[_Asked]) -> None:
        self.tables: Tables = {}
        self._figures: dict[tuple[int, bool, Grain, date], Figures] = {}
        for by_unit in (False, True):
            wanted = [each for each in asked if each.by_unit == by_unit and each.starts and each.owners]
            if wanted:
                self._load(wanted, by_unit)
        if self.tables:
            self._freeze(asked)

    def _load(self, wanted: list[_Asked], by_unit: bool) -> None:
        model, owner = (UnitRollup, "unit_id") if by_unit else (EmployeeRollup, "employee_id")
        parts = {part.pk for each in wanted for part in _parts(each.metric)}
        ids = {pk for each in wanted for pk in each.owners}
        rows = model.objects.filter(_when(wanted), metric_id__in=parts, **{f"{owner}__in": ids})
        for grain, metric_id, pk, start, total, n in rows.values_list(
            "grain", "metric_id", owner, "start", "total", "n"
        ):
            self._table(by_unit, Grain(grain)).setdefault(metric_id, {})[pk, start] = Sums(total, n)
        for each in wanted:
            self._table(by_unit, each.grain)

    def _table(self, by_unit: bool, grain: Grain) -> dict[int, Table]:
        return self.tables.setdefault((by_unit, grain), {})

    def _freeze(self, asked: list[_Asked]) -> None:
        """Put what was locked in the place of what is there now; two queries where a period is locked, else one."""
        starts = {(int(each.grain), day) for each in asked for day in each.starts if each.grain != Grain.DAY}
        if not starts:
            return
        first, last = min(start for _grain, start in starts), max(start for _grain, start in starts)
        locks = {key: lock for key, lock in locks_between(first, last).items() if key in starts}
        if not locks:
            return
        for (_by_unit, length), tables in self.tables.items():
            for table in tables.values():
                for cell in [cell for cell in table if (int(length), cell[1]) in locks]:
                    del table[cell]
        for part, metric_id, grain, pk, start, total, n in _frozen(locks, asked):
            if (part == Part.UNIT, Grain(grain)) in self.tables:
                self._table(part == Part.UNIT, Grain(grain)).setdefault(metric_id, {})[pk, start] = Sums(total, n)

    def answer(self, asked: _Asked) -> Actual:
        """Return a goal's figure from what was read."""
        if not asked.starts or not asked.owners:
            return Actual(None)
        if asked.grain is Grain.DAY:
            figures = self._of(asked, asked.starts[0], asked.starts[-1])
            return Actual(figures.together(asked.owners, asked.starts), _n(figures, asked.owners, asked.starts))
        months = tuple((start, self._value(asked, start)) for start in asked.starts)
        n = sum(_n(self._of(asked, start, start), asked.owners, [start]) for start in asked.starts)
        return Actual(None, n, months) if asked.each else Actual(months[0][1], n)

    def _value(self, asked: _Asked, start: date) -> Decimal | None:
        figures = self._of(asked, start, start)
        if len(asked.owners) == 1:
            return figures.value(asked.owners[0], start)
        return figures.together(asked.owners, [start])

    def _of(self, asked: _Asked, first: date, last: date) -> Figures:
        key = (asked.metric.pk, asked.by_unit, asked.grain, first)
        if key not in self._figures or asked.grain is Grain.DAY:
            tables = self._table(asked.by_unit, asked.grain)

            def read(parts: list[Metric], spans: list[tuple[date, date]]) -> Mapping[int, Table]:
                return {part.pk: tables.get(part.pk, {}) for part in parts}

            wanted = Asked(asked.grain, first, last, by_unit=asked.by_unit)
            self._figures[key] = assemble([asked.metric], wanted, read)[asked.metric.pk]
        return self._figures[key]


def _n(figures: Figures, owners: Sequence[int], starts: Sequence[date]) -> int:
    return sum(figures.n(owner, start) for owner in owners for start in starts)


def _parts(metric: Metric) -> list[Metric]:
    """The metrics whose rows make the figure, and of retention the base's, which show who did anything."""
    parts = metric.parts()
    return [*parts, *(p.base for p in parts if p.aggregation == Aggregation.RETENTION and p.base)]


def _when(wanted: list[_Asked]) -> Q:
    """Return the condition for the rows of all periods that are asked, those of baselines included."""
    starts: dict[Grain, set[date]] = {}
    spans = []
    for each in wanted:
        if each.grain is Grain.DAY:
            spans.append((each.starts[0], each.starts[-1]))
            continue
        starts.setdefault(each.grain, set()).update(each.starts)
        if each.metric.aggregation == Aggregation.GROWTH:
            baseline = each.metric.growth_baseline
            starts[each.grain].update(rules.baseline_start(each.grain, start, baseline) for start in each.starts)
    conditions = [Q(grain=int(grain), start__in=sorted(days)) for grain, days in starts.items()]
    conditions += [Q(grain=int(Grain.DAY), start__gte=first, start__lte=last) for first, last in spans]
    return reduce(or_, conditions)


def _frozen(
    locks: Mapping[tuple[int, date], PeriodLock], asked: list[_Asked]
) -> Iterable[tuple[int, int, int, int, date, Decimal, int]]:
    """Return the frozen rows (part, metric, grain, owner, first day, total, n) of what is asked, one query."""
    versions = [Q(grain=grain, start=start, version=lock.version) for (grain, start), lock in locks.items()]
    owners = {pk for each in asked for pk in each.owners}
    parts = {part.pk for each in asked for part in _parts(each.metric)}
    rows = FrozenFigure.objects.filter(
        reduce(or_, versions), owner_id__in=owners, metric_id__in=parts, part__in=[int(Part.EMPLOYEE), int(Part.UNIT)]
    )
    return rows.values_list("part", "metric_id", "grain", "owner_id", "start", "total", "n")


def period_of(goal: Goal) -> Period | None:
    """Return a goal's period; None for one of its own dates."""
    return None if goal.grain == Length.OWN else Period(Grain(goal.grain), goal.first_day)
