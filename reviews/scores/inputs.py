"""What the parts of scorecards read of one period: figures, targets, units' means; a fixed number of queries.

A locked period counts as it was locked (RULES.md section 13). Targets are those of people's agreed goals of exactly
the metric and the period (prorated, once they are locked), else those of the months.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import cast

import numpy as np
from django.db import connection

from goals.following.actuals import actuals, metrics_of
from goals.following.rules import Band, Measure, worst
from goals.models import Counting, Form, Goal, Length, Level, State
from goals.rules import ADDING, attainment, band_attainment
from goals.selectors import all_targets
from perfmgmt.closing.models import Part as FrozenPart
from perfmgmt.closing.selectors import all_frozen_targets, frozen_figures, lock_of
from perfmgmt.metrics.figures import Figures, PlainFigures
from perfmgmt.metrics.models import Aggregation, Direction, Metric
from perfmgmt.metrics.models.rollups import UNASSIGNED
from perfmgmt.metrics.rules import Sums
from perfmgmt.metrics.selectors import employee_figures_of, unit_figures_of
from perfmgmt.people.models import Unit
from perfmgmt.tenants.calendar import Period
from perfmgmt.tenants.scope import current_tenant_id
from reviews.models import PartInput, PartKind
from reviews.scores.cards import CardPart
from reviews.scores.columns import Floats
from reviews.surveys.rules import used_mean

Number = Decimal | Fraction
Way = str | Band


@dataclass(frozen=True)
class Measured:
    """What one part reads, person by person: figure, target, goal; `x` for the curve (NaN: missing), exactly too."""

    raw: Sequence[Number | None]
    target: Sequence[Number | None]
    goal_ids: Sequence[int | None]
    x: Floats
    exact: Callable[[int], Number]


@dataclass(frozen=True)
class GoalTarget:
    """How a person's goal measures a metric; `actual` is the month that decides of one that holds in each month."""

    goal_id: int
    target: Decimal | None
    way: Way
    each: bool = False
    actual: Decimal | None = None


# In which unit people are: their last assignment in the period, up to today.
_UNITS = """
    SELECT DISTINCT ON (employee_id) employee_id, unit_id FROM people_assignment
    WHERE tenant_id = %(tenant)s AND employee_id = ANY(%(people)s)
        AND valid_from <= %(day)s AND valid_to >= %(first)s
    ORDER BY employee_id, valid_from DESC
"""


class Inputs:
    """Everything that metric parts read of these people in one period."""

    def __init__(self, period: Period, people: Sequence[int], parts: Iterable[CardPart], *, today: date) -> None:
        self.period, self.people, self.today = period, list(people), today
        reading = [part for part in parts if part.metric is not None]
        metrics = list({part.metric.pk: part.metric for part in reading if part.metric is not None}.values())
        self.lock = lock_of(period) if metrics else None
        self.figures = self._figures(metrics)
        self.months, self.goals = self._targets(metrics)
        shrunk = {part.metric.pk: part.metric for part in reading if part.metric is not None and _is_drawn(part)}
        self.unit_of, self.means = self._means(list(shrunk.values()))

    def _figures(self, metrics: list[Metric]) -> Mapping[int, Figures]:
        if not metrics:
            return {}
        if self.lock is not None:
            return frozen_figures(self.lock, metrics, part=FrozenPart.EMPLOYEE, owner_ids=self.people)
        start = self.period.start
        return employee_figures_of(metrics, grain=self.period.grain, start=start, employee_ids=self.people)

    def _targets(
        self, metrics: list[Metric]
    ) -> tuple[Mapping[int, Mapping[int, Decimal]], Mapping[tuple[int, int], GoalTarget]]:
        if not metrics:
            return {}, {}
        if self.lock is not None:
            months = all_frozen_targets(self.lock, employee_ids=self.people)
        else:
            months = all_targets(self.period, employee_ids=self.people)
        return months, _goals(self.period, self.people, [metric.pk for metric in metrics], self.today)

    def _means(self, metrics: list[Metric]) -> tuple[Mapping[int, int], Mapping[tuple[int, int], Fraction]]:
        """Return in which unit people are, and by metric and unit the mean; UNASSIGNED has the workspace's."""
        if not metrics:
            return {}, {}
        with connection.cursor() as cursor:
            day = min(self.period.end, self.today)
            cursor.execute(
                _UNITS,
                {"tenant": current_tenant_id(), "people": self.people, "day": day,
                 "first": min(self.period.start, day)},
            )  # fmt: skip
            unit_of = dict(cursor.fetchall())
        tops = [*Unit.objects.filter(parent=None).values_list("pk", flat=True), UNASSIGNED]
        figures = self._unit_figures(metrics, sorted({*unit_of.values(), *tops}))
        found: dict[tuple[int, int], Fraction] = {}
        for metric in metrics:
            sums = {unit: self._sums(figures[metric.pk], unit) for unit in {*unit_of.values(), *tops}}
            found |= {(metric.pk, unit): _mean(one) for unit, one in sums.items() if unit != UNASSIGNED and one.n}
            whole = [sums[unit] for unit in tops]
            together = Sums(sum((one.total for one in whole), Decimal(0)), sum(one.n for one in whole))
            if together.n:
                found[metric.pk, UNASSIGNED] = _mean(together)
        return unit_of, found

    def _unit_figures(self, metrics: list[Metric], units: list[int]) -> Mapping[int, Figures]:
        if self.lock is not None:
            return frozen_figures(self.lock, metrics, part=FrozenPart.UNIT, owner_ids=units)
        return unit_figures_of(metrics, grain=self.period.grain, start=self.period.start, unit_ids=units)

    def _sums(self, figures: Figures, owner: int) -> Sums:
        return cast("PlainFigures", figures).parts[0].get((owner, self.period.start), Sums(Decimal(0), 0))

    def measured(self, part: CardPart, people: Sequence[int]) -> Measured:
        """Return what a part reads of these people, in their order."""
        metric = part.metric
        if metric is None:
            raise ValueError("a questionnaire reads no figures")
        raw, used = self._actuals(part, metric, people)
        goals = [self.goals.get((metric.pk, pk)) for pk in people]
        for place, goal in enumerate(goals):
            if goal is not None and goal.each and part.input == PartInput.ATTAINMENT and not _is_drawn(part):
                raw[place] = used[place] = goal.actual
        if part.input == PartInput.ACTUAL:
            targets: list[Number | None] = [None] * len(people)
            if _is_drawn(part):
                targets = [self._unit_mean(metric, pk) for pk in people]
            return Measured(raw, targets, [None] * len(people), _floats(used), lambda at: _must(used[at]))
        months = self.months.get(metric.pk, {})
        wanted = [goal.target if goal is not None else months.get(pk) for goal, pk in zip(goals, people, strict=True)]
        usual = _way_of(metric)
        ways = [goal.way if goal is not None else usual for goal in goals]
        x, exact = attainments(used, wanted, ways)
        return Measured(raw, wanted, [goal.goal_id if goal else None for goal in goals], x, exact)

    def _actuals(
        self, part: CardPart, metric: Metric, people: Sequence[int]
    ) -> tuple[list[Number | None], list[Number | None]]:
        """Return the figures as they are, and as they are used: few answers of customers are drawn to the unit's."""
        figures, start = self.figures[metric.pk], self.period.start
        if not _is_drawn(part):
            raw: list[Number | None] = [figures.value(pk, start) for pk in people]
            return raw, list(raw)
        sums = [self._sums(figures, pk) for pk in people]
        own = [_mean(one) if one.n else None for one in sums]
        used = [
            used_mean(one.n, mean, self._unit_mean(metric, pk, mean))
            for one, mean, pk in zip(sums, own, people, strict=True)
        ]
        return list(own), list(used)

    def _unit_mean(self, metric: Metric, pk: int, own: Fraction | None = None) -> Fraction | None:
        """Return the mean a person is drawn to; where the unit has no answers, these are the person's own."""
        return self.means.get((metric.pk, self.unit_of.get(pk, UNASSIGNED)), own)


def attainments(
    actual: Sequence[Number | None], target: Sequence[Number | None], ways: Sequence[Way]
) -> tuple[Floats, Callable[[int], Number]]:
    """Return attainments (RULES.md section 3) as floats, NaN where missing, and a function for the exact one."""

    def exact(at: int) -> Fraction:
        way = ways[at]
        if isinstance(way, Band):
            return band_attainment(actual[at], way.low, way.high, way.tolerance) or Fraction(0)
        return attainment(way, actual[at], target[at]) or Fraction(0)

    a, t = _floats(actual), _floats(target)
    is_lower = np.array([way == Direction.LOWER for way in ways], bool)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(t > 0, a / t, np.nan)
    found = np.where(is_lower, np.maximum(0.0, 2 - share), share)
    for at, way in enumerate(ways):
        if isinstance(way, Band):
            found[at] = np.nan if actual[at] is None else float(exact(at))
    return found, exact


def _is_drawn(part: CardPart) -> bool:
    """Whether few answers are drawn to the unit's mean (section 8): means of customers' answers."""
    return part.kind == PartKind.CSAT and part.metric is not None and part.metric.aggregation == Aggregation.MEAN


def _way_of(metric: Metric) -> Way:
    if metric.direction != Direction.BAND:
        return metric.direction
    return Band(metric.band_low or 0, metric.band_high or 0, metric.band_tolerance or 0)


def _mean(sums: Sums) -> Fraction:
    return Fraction(sums.total) / sums.n


def _floats(values: Sequence[Number | None]) -> Floats:
    return np.array([np.nan if value is None else float(value) for value in values], dtype=np.float64)


def _must(value: Number | None) -> Number:
    return Fraction(0) if value is None else value


def _goals(
    period: Period, people: Sequence[int], metric_ids: Sequence[int], today: date
) -> dict[tuple[int, int], GoalTarget]:
    """Return people's agreed and locked goals of exactly this period, by metric and person."""
    goals = Goal.objects.filter(
        level=Level.PERSON, state__in=[State.AGREED, State.LOCKED], employee_id__in=people, metric_id__in=metric_ids,
        first_day=period.start, last_day=period.end,
    )  # fmt: skip
    found, in_each = {}, []
    for row in goals.values_list(
        "pk", "metric_id", "employee_id", "state", "target", "prorated", "direction", "form", "counting", "band_low",
        "band_high", "band_tolerance", "metric__aggregation", "grain",
    ):  # fmt: skip
        pk, metric_id, employee_id, state, target, prorated, direction, form, counting, *band, adding, grain = row
        is_band = form == Form.BAND
        way: Way = Band(band[0] or 0, band[1] or 0, band[2] or 0) if is_band else direction
        wanted = prorated if state == State.LOCKED and prorated is not None else target
        each = counting == Counting.EACH and grain in (Length.QUARTER, Length.YEAR) and adding not in ADDING
        if each:
            in_each.append(pk)
        found[metric_id, employee_id] = GoalTarget(pk, None if is_band else wanted, way, each)
    return found | _in_each_month(in_each, today)


def _in_each_month(goal_ids: Sequence[int], today: date) -> dict[tuple[int, int], GoalTarget]:
    """Of goals that hold in each month, the month that is furthest from the target counts."""
    if not goal_ids:
        return {}
    goals = list(Goal.objects.filter(pk__in=goal_ids))
    found = {}
    for goal, actual in zip(goals, actuals(goals, metrics_of(goals), today=today), strict=True):
        is_band = goal.form == Form.BAND
        band = Band(goal.band_low or 0, goal.band_high or 0, goal.band_tolerance or 0) if is_band else None
        target = goal.prorated if goal.state == State.LOCKED and goal.prorated is not None else goal.target
        measure = Measure(goal.direction, additive=False, target=target, band=band)
        values = [value for _month, value in actual.months]
        place = worst(measure, values)
        found[goal.metric_id or 0, goal.employee_id or 0] = GoalTarget(
            goal.pk, None if is_band else target, band or goal.direction, True,
            None if place is None else values[place],
        )  # fmt: skip
    return found
