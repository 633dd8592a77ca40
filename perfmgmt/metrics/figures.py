"""Figures from prepared sums: what a rollup row says, and what follows from several rows when it is shown.

Ratios, growth and shares of a target have no rows of their own. `assemble` reads what they need and returns objects
that all answer the same three questions: `value`, `n`, `together`.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Protocol

from perfmgmt.metrics import rules
from perfmgmt.metrics.models import Aggregation, Metric
from perfmgmt.metrics.rules import Sums
from perfmgmt.metrics.targets import unit_targets, units_of
from perfmgmt.tenants.calendar import Grain

Cell = tuple[int, date]
Table = dict[Cell, Sums]
# Reads the rows of metrics whose periods begin in one of the spans (first, last).
Reader = Callable[[list[Metric], list[tuple[date, date]]], Mapping[int, Table]]


class Figures(Protocol):
    """The figures of one metric, by person or unit id and first day of the period."""

    @property
    def metric(self) -> Metric:
        """The metric."""

    def value(self, owner_id: int, start: date) -> Decimal | None:
        """Return the figure of one person or unit in one period, None when missing."""

    def n(self, owner_id: int, start: date) -> int:
        """Return the number behind it: facts; of a ratio the denominator's; customers at customer level."""

    def together(self, owner_ids: Iterable[int], starts: Iterable[date]) -> Decimal | None:
        """Return one figure of several people in several periods, None where there is no right answer."""

    def owners(self) -> set[int]:
        """Return the people or units that have anything."""


@dataclass(frozen=True)
class PlainFigures:
    """A metric with rows of its own, or the ratio of two such.

    `others` are rows that also show who did anything: a retention rate has none where nobody was a customer before.
    """

    metric: Metric
    grain: Grain
    parts: tuple[Table, ...]
    others: tuple[Table, ...] = ()

    def value(self, owner_id: int, start: date) -> Decimal | None:
        """Return the figure of one person or unit in one period, None when missing."""
        return self._of([(owner_id, start)])

    def n(self, owner_id: int, start: date) -> int:
        """Return the number of facts behind it (of a ratio: behind its denominator)."""
        found = self.parts[-1].get((owner_id, start))
        return found.n if found else 0

    def together(self, owner_ids: Iterable[int], starts: Iterable[date]) -> Decimal | None:
        """Return one figure of several people in several periods.

        `last` adds up over people for stock metrics only and never over periods, distinct counts and customer-level
        figures over neither: None where there is no right answer. Who did nothing makes no difference.
        """
        people = list(owner_ids)
        cells = [(owner_id, start) for start in starts for owner_id in people]
        busy = [cell for cell in cells if any(cell in table for table in (*self.parts, *self.others))]
        many_people = len({cell[0] for cell in busy}) > 1
        many_periods = len({cell[1] for cell in busy}) > 1
        for part in self.metric.parts():
            if many_people and not rules.adds_over_people(part.aggregation, is_stock=part.is_stock):
                return None
            if many_periods and not rules.adds_over_periods(part.aggregation):
                return None
        return self._of(cells)

    def owners(self) -> set[int]:
        """Return the people or units that have anything."""
        return {owner for part in self.parts for owner, _start in part}

    def _of(self, cells: list[Cell]) -> Decimal | None:
        sums = [rules.add(part[cell] for cell in cells if cell in part) for part in self.parts]
        if len(sums) == 2:
            return rules.ratio(sums[0], sums[1])
        # Days of customer-level metrics are what the longer periods are made of, no figure.
        if self.grain is Grain.DAY and self.metric.aggregation in (Aggregation.RETENTION, Aggregation.REPEAT):
            return None
        return rules.figure(self.metric.aggregation, sums[0])


@dataclass(frozen=True)
class GrowthFigures:
    """How far a metric's figure has grown on its baseline."""

    metric: Metric
    grain: Grain
    inner: Figures

    def _baseline(self, start: date) -> date:
        return rules.baseline_start(self.grain, start, self.metric.growth_baseline)

    def value(self, owner_id: int, start: date) -> Decimal | None:
        """Return the growth of one person's or unit's figure, None when missing."""
        return self.together([owner_id], [start])

    def n(self, owner_id: int, start: date) -> int:
        """Return the number of facts behind the period's figure."""
        return self.inner.n(owner_id, start)

    def together(self, owner_ids: Iterable[int], starts: Iterable[date]) -> Decimal | None:
        """Return the growth of a group's figure; over several periods it has no right answer."""
        owners, periods = list(owner_ids), list(starts)
        if len(periods) != 1:
            return None
        actual = self.inner.together(owners, periods)
        baseline = self.inner.together(owners, [self._baseline(periods[0])])
        return rules.growth(self.metric.growth_form, actual, baseline)

    def owners(self) -> set[int]:
        """Return the people or units that have anything."""
        return self.inner.owners()


@dataclass(frozen=True)
class TargetShares:
    """Which share of their unit's target people (or of its own target units) have reached."""

    metric: Metric
    inner: Figures
    targets: Mapping[Cell, Decimal]
    unit_of: Mapping[Cell, int]

    def of_units(self, unit_of: Mapping[Cell, int], asked: "Asked") -> "TargetShares":
        """Return the same with other units whose targets are meant."""
        targets = {}
        if self.metric.target_metric is not None:
            wanted = set(unit_of.values())
            targets = unit_targets(self.metric.target_metric, asked.grain, asked.first, asked.last, wanted)
        return TargetShares(self.metric, self.inner, targets, unit_of)

    def _target(self, owners: list[int], start: date) -> Decimal | None:
        units = {self.unit_of.get((owner, start)) for owner in owners}
        unit = units.pop() if len(units) == 1 else None
        return None if unit is None else self.targets.get((unit, start))

    def value(self, owner_id: int, start: date) -> Decimal | None:
        """Return the share of one person or unit, None without a target."""
        return self.together([owner_id], [start])

    def n(self, owner_id: int, start: date) -> int:
        """Return the number of facts behind the figure."""
        return self.inner.n(owner_id, start)

    def together(self, owner_ids: Iterable[int], starts: Iterable[date]) -> Decimal | None:
        """Return the share of people of one unit together; of several units or periods there is no right answer."""
        owners, periods = list(owner_ids), list(starts)
        if len(periods) != 1:
            return None
        return rules.target_share(self.inner.together(owners, periods), self._target(owners, periods[0]))

    def owners(self) -> set[int]:
        """Return the people or units that have anything."""
        return self.inner.owners()


@dataclass(frozen=True)
class Asked:
    """Which figures are wanted: periods of `grain` that begin from `first` to `last`, of people or of units."""

    grain: Grain
    first: date
    last: date
    by_unit: bool = False


def assemble(metrics: list[Metric], asked: Asked, read: Reader) -> dict[int, Figures]:
    """Return the figures of each metric, by its id; everything is read at once, targets with one more query each."""
    spans, parts = {(asked.first, asked.last)}, {}
    for metric in metrics:
        parts.update({part.pk: part for part in (*metric.parts(), *_beside(metric))})
        if metric.aggregation == Aggregation.GROWTH:
            spans.add((_baseline(metric, asked, asked.first), _baseline(metric, asked, asked.last)))
    tables = read(list(parts.values()), sorted(spans))
    return {metric.pk: _figures(metric, asked, tables) for metric in metrics}


def _beside(metric: Metric) -> list[Metric]:
    """The metrics whose rows show who did anything, beside the metric's own."""
    return [part.base for part in metric.parts() if part.aggregation == Aggregation.RETENTION and part.base]


def _baseline(metric: Metric, asked: Asked, start: date) -> date:
    return rules.baseline_start(asked.grain, start, metric.growth_baseline)


def _figures(metric: Metric, asked: Asked, tables: Mapping[int, Table]) -> Figures:
    if metric.base is None or metric.reads_facts:
        own, beside = ([tables.get(m.pk, {}) for m in found] for found in (metric.parts(), _beside(metric)))
        return PlainFigures(metric, asked.grain, tuple(own), tuple(beside))
    inner = _figures(metric.base, asked, tables)
    if metric.aggregation == Aggregation.GROWTH:
        return GrowthFigures(metric, asked.grain, inner)
    owners = inner.owners()
    unit_of = units_of(owners, asked.grain, asked.first, asked.last, by_unit=asked.by_unit)
    return TargetShares(metric, inner, {}, {}).of_units(unit_of, asked)
