"""The forecast itself: many people's past in one metric at once, as arrays (RULES.md section 16). Pure: numpy only.

A sum or count of a period is taken as exposure x season x rate: exposure is the person's own share of a usual period
(working days, assignment, leave, market index), season the company's and the role type's pattern. The square root of
the rate is a level plus chance: equal in spread for small and large sellers, and tame against one large order. Levels
are recent means, drawn towards the peers' by how little is known; the spread is what the person's own months show,
drawn towards everybody's. Means, ratios and scores have no season and no exposure. docs/rules.md names each constant.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from perfmgmt.metrics.forecast.rules import MOST_PEER_MONTHS, Z80
from perfmgmt.metrics.forecast.season import Calendar, season_of

Array = NDArray[np.float64]
Whole = NDArray[np.int64]

NONE, PEERS, OWN = 0, 1, 2
# A month in which somebody was there for less than this share of it says nothing about them.
LEAST_PRESENCE = 0.15
# Fewer people than this are no peers: a median of two gives each of them away.
FEWEST_PEERS = 3
# After so many periods a fact counts half; the level drifts accordingly, per period ahead.
HALF_LIFE, DRIFT = 12.0, 0.0033
# The spread of everybody counts as much as so many periods of one's own.
SPREAD_PRIOR = 12.0
# A squared residual counts as at most so many times the median one: a normal one has 20 times in 1 of 500.
MOST_SQUARE = 20.0
# Own months of a person with little history against the peers' level: n / (n + this).
PEER_WEIGHT = 4.0
# A calendar month of one's own counts n / (n + this), from so many periods on.
OWN_SEASON_PRIOR, OWN_SEASON_FROM = 6.0, 24


@dataclass(frozen=True)
class Past:
    """What was: people down, periods across. `values` is NaN where a figure is missing; `groups` are role types.

    `exposure` is the own share of a usual period (1 = a usual one; all 1 for levels); `kind` is "sum", "level" or
    "last".
    """

    values: Array
    exposure: Array
    calendar: Calendar
    groups: Whole
    kind: str = "sum"
    transform: str = "sqrt"


@dataclass(frozen=True)
class Ahead:
    """What is asked: exposure of people down, periods across; `steps` counts periods after the last known one."""

    exposure: Array
    calendar: Calendar
    steps: Array


@dataclass(frozen=True)
class Expected:
    """Distributions by person and period asked, on the transformed scale, and what they are made of.

    The variance of `mu` has three parts: the chance of the period, what isn't known of the person's level (the same
    in all periods), and what isn't known of the season. `season` is the factor used; `mu` is NaN where nothing is
    known.
    """

    mu: Array
    of_chance: Array
    of_level: Array
    of_all: Array
    season: Array
    basis: Whole
    periods: Whole
    widening: Array

    @property
    def sigma(self) -> Array:
        """The spread on the transformed scale, wider where it rests on few periods."""
        return self.widening[:, None] * np.sqrt(self.of_chance + self.of_level + self.of_all)


def bend(values: Array, transform: str) -> Array:
    """Return values on the scale on which forecasts are normal."""
    if transform == "sqrt":
        return np.sqrt(np.maximum(values, 0.0))
    return np.log1p(np.maximum(values, 0.0)) if transform == "log1p" else values


def unbend(values: Array, transform: str) -> Array:
    """Return values of that scale in the metric's unit."""
    if transform == "sqrt":
        return np.square(np.maximum(values, 0.0))
    return np.expm1(np.maximum(values, 0.0)) if transform == "log1p" else values


def interval(mu: Array, sigma: Array, transform: str) -> tuple[Array, Array, Array]:
    """Return median and both ends of the 80% interval in the metric's unit."""
    return (
        unbend(mu, transform),
        unbend(mu - Z80 * sigma, transform),
        unbend(mu + Z80 * sigma, transform),
    )


def expect(past: Past, ahead: Ahead) -> Expected:
    """Return what is to be expected of each person in each period asked, from what was before and nothing else."""
    known = np.isfinite(past.values) & (past.exposure >= LEAST_PRESENCE)
    season = season_of(past.values, past.exposure, known, past.groups, past.calendar, ahead.calendar, past.kind)
    weight_of_all = past.exposure * season.past if past.kind == "sum" else np.ones_like(past.values)
    rates = bend(np.where(known, past.values, 0.0) / np.where(known, weight_of_all, 1.0), past.transform)
    found = _last(rates, known) if past.kind == "last" else _levels(rates, known, weight_of_all)
    found = _towards_peers(found, past.groups)
    return _project(
        found, past, ahead, season.ahead, season.uncertainty, _own_months(found, past, ahead, rates, known)
    )


@dataclass(frozen=True)
class _Levels:
    """People's levels on the transformed scale: variance of chance, of the level, periods known, residuals."""

    level: Array
    chance: Array
    unsure: Array
    periods: Whole
    freedom: Array
    basis: Whole
    residuals: Array


def _levels(rates: Array, known: NDArray[np.bool_], exposure: Array) -> _Levels:
    """Recent means weighted by exposure, with the spread around them."""
    age = np.arange(rates.shape[1])[::-1]
    weights = np.where(known, exposure * 0.5 ** (age / HALF_LIFE), 0.0)
    total = np.maximum(weights.sum(1), 1e-12)
    level = (weights * rates).sum(1) / total
    residuals = np.where(known, rates - level[:, None], 0.0)
    # How many usual periods the level rests on: chance of one of exposure e has variance chance / e.
    unsure = (np.square(weights) / np.where(known, exposure, 1.0)).sum(1) / np.square(total)
    periods = known.sum(1)
    chance, freedom = _spread(np.where(known, exposure, 0.0) * np.square(residuals), periods)
    basis = np.where(periods > 0, OWN, NONE)
    return _Levels(level, chance, chance * unsure, periods, freedom, basis, residuals)


def _spread(squares: Array, periods: Whole) -> tuple[Array, Array]:
    """Variance of chance per person, drawn towards everybody's; and its degrees of freedom."""
    freedom = np.maximum(periods - 1.0, 0.0)
    some = squares[squares > 0]
    own = np.minimum(squares, MOST_SQUARE * np.median(some) if some.size else 0.0).sum(1)
    many = freedom.sum()
    # Nobody has two periods yet: a third of the level is as good a guess as any; `_towards_peers` has more.
    everybody = own.sum() / many if many > 0 else np.nan
    return (own + SPREAD_PRIOR * everybody) / (freedom + SPREAD_PRIOR), freedom + SPREAD_PRIOR


def _last(rates: Array, known: NDArray[np.bool_]) -> _Levels:
    """The newest value, and how far values go from one period to the next."""
    periods = known.sum(1)
    place = np.where(known, np.arange(rates.shape[1]), -1).max(1)
    level = rates[np.arange(len(rates)), np.maximum(place, 0)]
    both = known[:, 1:] & known[:, :-1]
    steps, freedom = _spread(np.where(both, np.square(np.diff(rates, axis=1)), 0.0), both.sum(1) + 1)
    basis = np.where(periods > 0, OWN, NONE)
    return _Levels(level, steps, np.zeros_like(level), periods, freedom, basis, np.zeros_like(rates))


def _towards_peers(found: _Levels, groups: Whole) -> _Levels:
    """Draw levels towards the peers' by how little is known; who has fewer than 4 periods starts from the peers."""
    level, unsure, chance, basis = found.level, found.unsure, found.chance, found.basis.copy()
    short = found.periods <= MOST_PEER_MONTHS
    for group in np.unique(groups):
        here = groups == group
        peers = _peers(found, here)
        if peers is None:
            basis[here & short] = NONE
            continue
        middle, between = _middle(found.level[peers], found.unsure[peers])
        guess = np.where(np.isfinite(chance), chance, between)
        # Without any second period the spread between people is all there is to go by.
        chance = np.where(here, guess, chance)
        own = between / (between + np.where(np.isfinite(unsure), unsure, guess))
        kept = np.where(short, found.periods / (found.periods + PEER_WEIGHT), own)
        missed = np.square(1 - kept) * between + np.square(kept) * np.where(np.isfinite(unsure), unsure, guess)
        level = np.where(here, middle + kept * (found.level - middle), level)
        unsure = np.where(here, np.where(short, missed, kept * unsure), unsure)
        basis[here & short] = PEERS
    return _Levels(level, chance, unsure, found.periods, found.freedom, basis, found.residuals)


def _peers(found: _Levels, here: NDArray[np.bool_]) -> NDArray[np.bool_] | None:
    """Whose levels count as peers': of the role type with enough periods, else everybody's, else whoever has any."""
    enough = found.periods > MOST_PEER_MONTHS
    for chosen in (here & enough, enough, here & (found.periods > 0), found.periods > 0):
        if chosen.sum() >= FEWEST_PEERS:
            return np.asarray(chosen)
    return None


def _middle(levels: Array, unsure: Array) -> tuple[float, float]:
    """The peers' median level, and how much true levels differ: the spread without what is not known of each."""
    middle = float(np.median(levels))
    noise = float(np.nanmean(unsure)) if np.isfinite(unsure).any() else 0.0
    return middle, max(float(np.var(levels)) - noise, 1e-6 * (1 + middle**2))


def _own_months(found: _Levels, past: Past, ahead: Ahead, rates: Array, known: NDArray[np.bool_]) -> Array:
    """How far a person's own calendar months lie from the season of all, on the transformed scale of rates."""
    result = np.zeros_like(ahead.exposure)
    if past.kind != "sum" or known.shape[1] < OWN_SEASON_FROM:
        return result
    long = found.periods >= OWN_SEASON_FROM
    for month in range(12):
        across = past.calendar.month == month
        times = known[:, across].sum(1)
        mean = found.residuals[:, across].sum(1) / np.maximum(times, 1)
        drawn = np.where(long, mean * times / (times + OWN_SEASON_PRIOR), 0.0)
        result[:, ahead.calendar.month == month] = drawn[:, None]
    return result


def _project(found: _Levels, past: Past, ahead: Ahead, season: Array, unsure_season: Array, own: Array) -> Expected:
    """Levels into the periods asked."""
    steps = np.maximum(ahead.steps, 1.0)[None, :]
    level, chance, unsure = (a[:, None] for a in (found.level, found.chance, found.unsure))
    everywhere = np.ones_like(ahead.exposure)
    if past.kind == "last":
        parts = (level * everywhere, 0 * everywhere, chance * steps, 0 * everywhere)
    else:
        drifted = unsure + chance * DRIFT * (steps - 1)
        if past.kind == "level":
            parts = (level * everywhere, chance * everywhere, drifted * everywhere, 0 * everywhere)
        else:
            parts = _summed(level + own, chance, drifted, ahead.exposure * season, unsure_season, past.transform)
    there = (found.basis != NONE)[:, None] & (ahead.exposure > 0)
    mu = np.where(there, parts[0], np.nan)
    widening = 1 + 0.72 / np.maximum(found.freedom, 1.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        factor = np.where(level > 0, season * np.square(np.maximum(level + own, 0) / level), season)
    return Expected(
        mu, parts[1], parts[2], parts[3], factor, found.basis, found.periods, np.where(there.any(1), widening, 1.0)
    )


def _summed(
    level: Array, chance: Array, unsure: Array, exposure: Array, unsure_season: Array, transform: str
) -> tuple[Array, Array, Array, Array]:
    """Sums and counts: mean and the three variances of the transformed figure at an exposure."""
    chance = np.broadcast_to(chance, exposure.shape)
    if transform == "sqrt":
        root = np.sqrt(exposure)
        return level * root, chance, unsure * exposure, unsure_season * np.square(level * root / 2)
    return (
        level * exposure,
        chance * exposure,
        unsure * exposure**2,
        unsure_season * (level * exposure) ** 2,
    )
