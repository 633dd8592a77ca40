"""Achievability: how likely a target is, from a forecast distribution (RULES.md section 16). Pure: no Django.

`static/js/achievability.js` is the same in the browser; a test compares the two. Forecast statistics are floats:
nobody is paid by them.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

# The standard normal's quantile of 0.9: the 80% interval reaches this many sigmas to both sides.
Z80 = 1.2815515655446004
# Which part of a forecast's variance stays the same all through the period (the person's level in it); the rest is
# the chance of single days. The backtest over real data gives about a half.
LEVEL_PART = 0.5
# How far the chances of two people of one group go together: the market and the calendar are the same for both.
ALIKE = 0.1
# Fewer own periods than 4: the forecast starts from the peers (RULES.md section 16).
MOST_PEER_MONTHS = 3


class Achievability(StrEnum):
    """How a target stands against the forecast, from the least likely on."""

    TOO_HIGH = "too high"
    STRETCH = "stretch"
    FAIR = "fair"
    SAFE = "safe"
    TOO_LOW = "too low"


@dataclass(frozen=True)
class Outlook:
    """What a person will probably reach in one metric and period, as it was known when it was prepared.

    `point` is the median, `low` and `high` are the ends of the 80% interval, in the metric's unit. The distribution
    is normal with `mu` and `sigma` after `transform` ("identity", "sqrt", "log1p"). `basis` says whose history it
    comes from: "own", "peers" (the same sales role type), "group" (several people together) or "none" (no numbers
    then). `months` counts the own periods that the level rests on. `history` holds the newest own periods of
    the same length, oldest first, and `best` the best of them; `peers_median` is the median of what peers may expect.
    `season`, `market` and `days` are the factors by which the period differs from a usual one; `step` is 1 for
    metrics that count whole things, else 0. Of a running period (`running`) the distribution is that of the rest,
    which comes to what is there, `so_far`; `point`, `low` and `high` are those of the period's end.
    """

    point: float | None = None
    low: float | None = None
    high: float | None = None
    mu: float = 0.0
    sigma: float = 0.0
    transform: str = "identity"
    basis: str = "none"
    months: int = 0
    best: float | None = None
    history: tuple[float, ...] = ()
    peers_median: float | None = None
    season: float = 1.0
    market: float = 1.0
    days: float = 1.0
    step: float = 0.0
    so_far: float = 0.0


NOTHING = Outlook()


@dataclass(frozen=True)
class PeriodEnd:
    """Where a running period will probably end: median and 80% interval, in the metric's unit.

    `so_far` is what is there (of a level: by its share of the period), `rest` the distribution of what is added.
    """

    point: float
    low: float
    high: float
    so_far: float
    rest: Outlook


def transformed(value: float, transform: str) -> float:
    """Return a value on the scale on which the forecast is normal; below 0 there is nothing on the bent scales."""
    if transform == "sqrt":
        return math.sqrt(max(value, 0.0))
    return math.log1p(max(value, 0.0)) if transform == "log1p" else value


def restored(value: float, transform: str) -> float:
    """Return a value of the normal scale in the metric's unit."""
    if transform == "sqrt":
        return max(value, 0.0) ** 2
    return math.expm1(max(value, 0.0)) if transform == "log1p" else value


def at_most(outlook: Outlook, value: float) -> float:
    """Return the probability that the period's figure is at most `value`."""
    edge = value - outlook.so_far + outlook.step / 2
    if outlook.transform != "identity" and edge < 0:
        return 0.0
    away = transformed(edge, outlook.transform) - outlook.mu
    if outlook.sigma <= 0:
        return 1.0 if away >= 0 else 0.0
    return 0.5 * math.erfc(-away / outlook.sigma / math.sqrt(2))


def at_least(outlook: Outlook, value: float) -> float:
    """Return the probability that the period's figure is at least `value`."""
    edge = value - outlook.so_far - outlook.step / 2
    if outlook.transform != "identity" and edge <= 0:
        return 1.0
    away = transformed(edge, outlook.transform) - outlook.mu
    if outlook.sigma <= 0:
        return 1.0 if away <= 0 else 0.0
    return 0.5 * math.erfc(away / outlook.sigma / math.sqrt(2))


def probability(outlook: Outlook, target: float | None, direction: str) -> float | None:
    """Return how likely it is that a target is reached, from 0 to 1 (RULES.md section 16).

    "higher": P(actual >= target), "lower": P(actual <= target). None without a target or a forecast, and for
    metrics within a band, which have no target.
    """
    if target is None or outlook.point is None or direction not in ("higher", "lower"):
        return None
    return at_least(outlook, float(target)) if direction == "higher" else at_most(outlook, float(target))


def verdict(chance: float | None) -> Achievability | None:
    """Return the band of a probability (RULES.md section 16); None for None."""
    if chance is None:
        return None
    if chance < 0.10:
        return Achievability.TOO_HIGH
    if chance < 0.35:
        return Achievability.STRETCH
    if chance < 0.80:
        return Achievability.FAIR
    return Achievability.SAFE if chance <= 0.95 else Achievability.TOO_LOW


def shown_percent(chance: float) -> float:
    """Return a probability as the percentage that is shown: whole, or with as many decimals as keep its verdict.

    So 0.0996 is shown as 9.96, never as 10 beside "too high".
    """
    meant = verdict(chance)
    for scale in (100, 1000, 10_000, 100_000):
        rounded = math.floor(chance * scale + 0.5)
        if verdict(rounded / scale) == meant:
            return rounded * 100 / scale
    return chance * 100


def percentile(history: Sequence[float], target: float | None) -> float | None:
    """Return where a target stands in past figures: the share below it, ties by half; None without either."""
    if target is None or not history:
        return None
    below = sum(1.0 for value in history if value < target)
    return (below + sum(0.5 for value in history if value == target)) / len(history)


def moments(outlook: Outlook) -> tuple[float, float]:
    """Return the mean and the variance of a forecast in the metric's unit."""
    mu, var = outlook.mu, outlook.sigma**2
    if outlook.transform == "sqrt":
        return mu**2 + var, 4 * mu**2 * var + 2 * var**2
    if outlook.transform == "log1p":
        middle = math.exp(mu + var / 2)
        return middle - 1, middle**2 * math.expm1(var)
    return mu, var


def to_period_end(
    actual: float | None, outlook: Outlook, elapsed: float, total: float, *, kind: str = "sum"
) -> PeriodEnd | None:
    """Return where a running period will end, given what is there after `elapsed` of its `total` working days.

    `kind`: "sum" (also counts), "level" (means and ratios: the rest of the period is averaged in), "last" (the value
    stays and wanders). What is there also moves what is expected of the rest, by how much of the spread belongs to
    the whole period. None without a forecast, or without a figure of a level.
    """
    if outlook.point is None or (actual is None and kind != "sum" and elapsed > 0):
        return None
    gone = min(max(elapsed / total, 0.0), 1.0) if total > 0 else 1.0
    mean, variance = moments(outlook)
    if kind == "last" and gone > 0:
        return _ending(float(actual or 0), 0.0, variance * (1 - gone), bent=False)
    so_far = float(actual or 0) * (gone if kind == "level" else 1.0)
    rest, variance_of_rest = _rest(mean, variance, so_far, gone)
    return _ending(so_far, rest, variance_of_rest, bent=outlook.transform != "identity", step=outlook.step)


def running(outlook: Outlook, actual: float | None, elapsed: float, total: float, *, kind: str = "sum") -> Outlook:
    """Return the outlook of a running period by what is there already, as `to_period_end` counts it.

    Where nothing can be said of the rest, the outlook stays as it was prepared.
    """
    end = to_period_end(actual, outlook, elapsed, total, kind=kind)
    if end is None:
        return outlook
    rest = end.rest
    return replace(
        outlook, point=end.point, low=end.low, high=end.high, mu=rest.mu, sigma=rest.sigma, transform=rest.transform,
        step=rest.step, so_far=end.so_far,
    )  # fmt: skip


def _rest(mean: float, variance: float, so_far: float, gone: float) -> tuple[float, float]:
    """Mean and variance of what is still to come: the level is learnt from what is there, days are independent."""
    left, of_level, of_days = 1 - gone, variance * LEVEL_PART, variance * (1 - LEVEL_PART)
    seen = gone * of_level + of_days
    if seen <= 0:
        return mean * left, 0.0
    level = mean + of_level / seen * (so_far - gone * mean)
    return left * level, left**2 * of_level * of_days / seen + left * of_days


def _ending(so_far: float, mean: float, variance: float, *, bent: bool, step: float = 0.0) -> PeriodEnd:
    """`so_far` plus a rest of that mean and variance; one that can't be negative is normal by its root."""
    mu, sigma, transform = mean, math.sqrt(variance), "identity"
    if bent:
        mean = max(mean, 0.0)
        var = mean - math.sqrt(max(mean**2 - variance / 2, 0.0))
        mu, sigma, transform = math.sqrt(max(mean - var, 0.0)), math.sqrt(var), "sqrt"
    point, low, high = (restored(mu + away * sigma, transform) for away in (0, -Z80, Z80))
    rest = Outlook(point, low, high, mu, sigma, transform, basis="own", step=step)
    return PeriodEnd(so_far + point, so_far + low, so_far + high, so_far, rest)


def reach(end: PeriodEnd | None, target: float | None, direction: str) -> float | None:
    """Return how likely a running period still reaches its target, 0 to 1; None where `probability` has none."""
    if end is None or target is None:
        return None
    return probability(end.rest, float(target) - end.so_far, direction)


def together(ends: Sequence[PeriodEnd], so_far: float) -> PeriodEnd | None:
    """Return where a group's sum will end: `so_far` of all, and its people's rests, which are alike a little.

    None without people.
    """
    if not ends:
        return None
    parts = [moments(end.rest) for end in ends]
    apart = sum(variance for _mean, variance in parts)
    alike = sum(math.sqrt(variance) for _mean, variance in parts) ** 2
    mean = sum(mean for mean, _variance in parts)
    bent = all(end.rest.transform == "sqrt" for end in ends)
    return _ending(so_far, mean, (1 - ALIKE) * apart + ALIKE * alike, bent=bent, step=ends[0].rest.step)


def of_group(outlooks: Sequence[Outlook]) -> Outlook:
    """Return the outlook of people's sum, from each one's of the same period; `NOTHING` where nobody has one.

    Its `basis` is "group". People's figures are alike a little, as in `together`.
    """
    ends = [PeriodEnd(it.point, it.low or 0.0, it.high or 0.0, 0.0, it) for it in outlooks if it.point is not None]
    found = together(ends, 0.0)
    return NOTHING if found is None else replace(found.rest, basis="group")


def recommended(outlook: Outlook) -> Decimal | None:
    """Return the target to suggest: the median in three significant digits, whole for whole things; None for none."""
    return None if outlook.point is None else significant(outlook.point, outlook.step)


def significant(value: float, step: float = 0.0) -> Decimal:
    """Return a forecast figure in the digits that mean something: three, and whole where things are."""
    exact = Decimal(repr(value))
    if not exact:
        return Decimal(0)
    places = 2 - exact.adjusted()
    rounded = exact.quantize(Decimal(1).scaleb(-(min(places, 0) if step else places)), ROUND_HALF_UP)
    return rounded.quantize(Decimal(1)) if rounded == rounded.to_integral_value() else rounded
