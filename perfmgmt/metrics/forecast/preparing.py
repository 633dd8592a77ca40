"""One metric's forecasts of everybody, as arrays ready to be stored."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from numpy.typing import NDArray

from perfmgmt.metrics.forecast import method
from perfmgmt.metrics.forecast.frame import Columns, Frame
from perfmgmt.metrics.forecast.method import FEWEST_PEERS, NONE, PEERS, Ahead, Expected, Past
from perfmgmt.metrics.forecast.reading import adds_up, kind_of, longer, read, values
from perfmgmt.metrics.models import Aggregation, Direction, Metric, UnitOfMeasure
from perfmgmt.tenants.calendar import Grain

Array = NDArray[np.float64]
Whole = NDArray[np.int64]

# More negative figures than this share, and the metric is one that may well be below 0.
MOST_NEGATIVE = 0.05
# Who never did a thing is expected to do it only where this share of the role type does.
USUAL = 1 / 3
WHOLE_THINGS = (UnitOfMeasure.COUNT, UnitOfMeasure.PIECES)
DURATIONS = (UnitOfMeasure.HOURS, UnitOfMeasure.DAYS)


@dataclass(frozen=True)
class Prepared:
    """Forecasts of one metric and grain: people down, `starts` across; who has none is not `there`."""

    grain: Grain
    starts: list[date]
    there: NDArray[np.bool_]
    point: Array
    low: Array
    high: Array
    mu: Array
    sigma: Array
    season: Array
    market: Array
    days: Array
    peers_median: Array
    basis: Whole
    periods: Whole
    history: Array
    best: Array
    transform: str
    step: float
    through: date


@dataclass(frozen=True)
class _Task:
    """One metric's past and what it is looked at with."""

    metric: Metric
    frame: Frame
    market: Array
    kind: str
    transform: str
    floor: float
    ceiling: float
    through: date

    def exposure(self, grain: Grain, starts: list[date]) -> Array:
        """Own working days times the market for what adds up, 1 for levels of who is there at all."""
        there = self.frame.of_periods(self.frame.presence, grain, starts)
        if self.kind == "sum":
            return self.frame.of_periods(self.frame.presence * self.market, grain, starts)
        return (there > 0).astype(float)


def prepare_metric(metric: Metric, frame: Frame, market: Array) -> Iterator[Prepared]:
    """Yield the metric's forecasts of months, quarters and years; nothing where nobody has any figure.

    `market` are factors by person and month of the frame. One query, and one more for each longer period whose
    figures don't follow from the months'.
    """
    columns = frame.columns[Grain.MONTH]
    figures = read(metric, columns, frame.crew)
    past = values(metric, figures, columns)
    known = past[np.isfinite(past)]
    # A ratio of which nobody has ever recorded the upper part is 0 everywhere and says nothing.
    if not known.size or (metric.aggregation == Aggregation.RATIO and not known.any()):
        return
    kind, share = kind_of(metric), metric.unit_of_measure == UnitOfMeasure.PERCENT and known.max() <= 1
    task = _Task(
        metric, frame, market, kind, _transform(metric, kind, known), 0.0 if known.min() >= 0 else -np.inf,
        1.0 if share else np.inf, columns.past[_newest(past)],
    )  # fmt: skip
    months = _expected(task, columns, past)
    yield _prepared(task, columns, past, months)
    for grain in (Grain.QUARTER, Grain.YEAR):
        longer_columns = frame.columns[grain]
        if adds_up(metric):
            history = longer(metric, figures, columns, longer_columns.past, longer_columns.months)
            expected = _together(months, columns, longer_columns, task)
        else:
            history = values(metric, read(metric, longer_columns, frame.crew), longer_columns)
            if not np.isfinite(history).any():
                continue
            expected = _expected(task, longer_columns, history)
        yield _prepared(task, longer_columns, history, expected)


def _newest(past: Array) -> int:
    """The place of the newest period in which anybody has a figure; the last one for none."""
    known = np.flatnonzero(np.isfinite(past).any(0))
    return int(known[-1]) if len(known) else past.shape[1] - 1


def _transform(metric: Metric, kind: str, known: Array) -> str:
    """Roots for what adds up, logs for durations, unless figures below 0 are usual."""
    if (known < 0).mean() > MOST_NEGATIVE:
        return "identity"
    if kind == "sum":
        return "sqrt"
    return "log1p" if metric.unit_of_measure in DURATIONS else "identity"


def _expected(task: _Task, columns: Columns, past: Array) -> Expected:
    fiscal = task.frame.fiscal_start_month
    newest = columns.past[_newest(past)]
    apart = [(start.year - newest.year) * 12 + start.month - newest.month for start in columns.ahead]
    ahead = Ahead(
        task.exposure(columns.grain, columns.ahead),
        columns.calendar(columns.ahead, fiscal),
        np.array(apart, dtype=float) / columns.months,
    )
    before = Past(
        past,
        task.exposure(columns.grain, columns.past),
        columns.calendar(columns.past, fiscal),
        task.frame.crew.groups,
        task.kind,
        task.transform,
    )
    return method.expect(before, ahead)


def _together(months: Expected, columns: Columns, longer_columns: Columns, task: _Task) -> Expected:
    """Quarters and years from their months: chance is independent, the level the same in all of them."""
    place = {start: at for at, start in enumerate(columns.ahead)}
    spans = [slice(place[start], place[start] + longer_columns.months) for start in longer_columns.ahead]
    joined = [_joined(months, span, task) for span in spans]
    mu, variance, season = (np.stack([each[part] for each in joined], axis=1) for part in range(3))
    nothing = np.zeros_like(mu)
    return replace(
        months, mu=mu, of_chance=variance, of_level=nothing, of_all=nothing, season=season,
        widening=np.ones(len(mu)),
    )  # fmt: skip


def _joined(months: Expected, span: slice, task: _Task) -> tuple[Array, Array, Array]:
    """Mean on the transformed scale, variance and season of one longer period."""
    mu, wide = months.mu[:, span], np.square(months.widening)[:, None]
    there = np.isfinite(mu)
    chance, level, common = (
        np.where(there, part[:, span] * wide, 0.0) for part in (months.of_chance, months.of_level, months.of_all)
    )
    count = np.maximum(there.sum(1), 1)
    season = np.where(there, months.season[:, span], 0.0).sum(1) / count
    known = there.any(1)
    mu = np.where(there, mu, 0.0)
    if task.kind != "sum":
        mean, variance = mu.sum(1) / count, chance.sum(1) / count**2 + level.max(1)
    elif task.transform == "identity":
        mean, variance = mu.sum(1), (chance + common).sum(1) + np.square(np.sqrt(level).sum(1))
    else:
        mean, variance = _sum_of_squares(mu, chance + common, level)
    return np.where(known, mean, np.nan), variance, season


def _sum_of_squares(mu: Array, apart: Array, level: Array) -> tuple[Array, Array]:
    """Mean and variance of the root of a sum, from those of the roots of its parts.

    The sum's own mean and variance are exact; the normal root with the same two stands for it.
    """
    alone = apart + level
    mean = (np.square(mu) + alone).sum(1)
    variance = (4 * np.square(mu) * apart + 2 * np.square(alone)).sum(1) + np.square((2 * mu * np.sqrt(level)).sum(1))
    spread = mean - np.sqrt(np.maximum(np.square(mean) - variance / 2, 0.0))
    return np.sqrt(np.maximum(mean - spread, 0.0)), spread


def _prepared(task: _Task, columns: Columns, past: Array, expected: Expected) -> Prepared:
    crew, kept = task.frame.crew, columns.stored()
    starts = [columns.ahead[at] for at in kept]
    sigma = expected.sigma
    point, low, high = method.interval(expected.mu, sigma, task.transform)
    there = np.isfinite(expected.mu) & (expected.basis != NONE)[:, None] & _does_it(expected, crew.groups)[:, None]
    lower = task.metric.direction == Direction.LOWER
    blank = np.where(np.isfinite(past), past, np.inf if lower else -np.inf)
    best = blank.min(1) if lower else blank.max(1)
    factors = task.frame.of_periods(task.market, columns.grain, starts)
    point, low, high = (np.clip(each, task.floor, task.ceiling)[:, kept] for each in (point, low, high))
    return Prepared(
        grain=columns.grain,
        starts=starts,
        there=there[:, kept],
        point=point,
        low=low,
        high=high,
        mu=expected.mu[:, kept],
        sigma=sigma[:, kept],
        season=expected.season[:, kept],
        market=factors if task.kind == "sum" else np.ones_like(factors),
        days=task.frame.of_periods(task.frame.presence, columns.grain, starts),
        peers_median=_peers_medians(np.where(there[:, kept], point, np.nan), expected.basis, crew.groups),
        basis=expected.basis,
        periods=expected.periods,
        history=past,
        best=np.where(np.isfinite(best), best, np.nan),
        transform=task.transform,
        step=1.0 if task.kind == "sum" and task.metric.unit_of_measure in WHOLE_THINGS else 0.0,
        through=task.through,
    )


def _does_it(expected: Expected, groups: Whole) -> NDArray[np.bool_]:
    """Who has done it at all, or whose role type usually does: others have no forecast to be measured by."""
    done = expected.periods > 0
    usual = np.zeros(len(groups), dtype=bool)
    for group in np.unique(groups):
        here = groups == group
        usual[here] = done[here].mean() >= USUAL
    return np.asarray(done | usual)


def _peers_medians(point: Array, basis: Whole, groups: Whole) -> Array:
    """The median of what people of the role type may expect, by their own history; of too few: of everybody."""
    own = np.isfinite(point) & ((basis != NONE) & (basis != PEERS))[:, None]
    result = np.full_like(point, np.nan)
    for group in np.unique(groups):
        here = groups == group
        chosen = here if (own[here].sum(0) > FEWEST_PEERS).all() else np.ones_like(here)
        for at in range(point.shape[1]):
            known = point[chosen & own[:, at], at]
            if len(known) > FEWEST_PEERS:
                result[here, at] = np.median(known)
    return result
