"""Attainment, pacing, splitting and proration (RULES.md sections 3, 9, 10 and 11). Pure: no Django, no database.

Values are `Decimal` or `Fraction`-exact numbers in the metric's unit; ratios are fractions (1 = 100%).
"""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

Number = Decimal | Fraction | int
# Ways of computing (`Metric.aggregation`) whose months add up to the quarter. Of all others a month has a level.
ADDING = ("sum", "count")
# Targets lie below this, as the columns hold them.
LARGEST = Decimal(10) ** 15


class Pace(StrEnum):
    """How a goal stands (RULES.md section 9), in the order in which the cases are tried."""

    NO_TARGET = "no target"
    ACHIEVED = "achieved"
    OVERDUE = "overdue"
    NOT_STARTED = "not started"
    NO_DATA = "no data"
    AHEAD = "ahead"
    ON_TRACK = "on track"
    AT_RISK = "at risk"
    OFF_TRACK = "off track"


class BadWeights(ValueError):
    """A weight is negative, or all of them are 0."""


class BadBand(ValueError):
    """The lower end of a band lies above its upper end, or the tolerance is negative."""


class BadGrowth(ValueError):
    """A growth goal whose target would be negative or out of range."""


def attainment(direction: str, actual: Number | None, target: Number | None) -> Fraction | None:
    """Return how much of a target is reached, exactly (RULES.md section 3).

    `direction` is "higher" (actual / target) or "lower" (max(0, 2 - actual / target)). None when the actual is
    missing or the target is missing or not above 0. A negative actual is kept with "higher".
    """
    if actual is None or target is None or target <= 0:
        return None
    share = Fraction(actual) / Fraction(target)
    return share if direction == "higher" else max(Fraction(0), 2 - share)


def band_attainment(actual: Number | None, low: Number, high: Number, tolerance: Number) -> Fraction | None:
    """Return 1 inside the band, falling to 0 over the tolerance outside (RULES.md section 3).

    Raises BadBand for low > high or a negative tolerance.
    """
    if low > high or tolerance < 0:
        raise BadBand
    if actual is None:
        return None
    value = Fraction(actual)
    distance = max(Fraction(low) - value, value - Fraction(high), Fraction(0))
    if distance == 0:
        return Fraction(1)
    return max(Fraction(0), 1 - distance / Fraction(tolerance)) if tolerance else Fraction(0)


def expected_by_now(target: Number, elapsed: int | Fraction, total: int | Fraction) -> Fraction:
    """Return what an additive target expects after `elapsed` of `total` working days (RULES.md section 9)."""
    return Fraction(target) * elapsed / total if total else Fraction(0)


def pacing(
    *,
    direction: str,
    additive: bool,
    actual: Number | None,
    target: Number | None,
    elapsed: int | Fraction,
    total: int | Fraction,
    over: bool,
) -> Pace:
    """Return how a goal stands (RULES.md section 9).

    `additive` for sums and counts; `elapsed` and `total` are working days, elapsed through yesterday; `over` says
    that the period has ended.
    """
    if target is None or target <= 0:
        return Pace.NO_TARGET
    if over:
        reached = actual is not None and (actual >= target if direction == "higher" else actual <= target)
        return Pace.ACHIEVED if reached else Pace.OVERDUE
    expected = expected_by_now(target, elapsed, total) if additive else Fraction(target)
    if expected == 0:
        return Pace.NOT_STARTED
    if actual is None:
        return Pace.NO_DATA
    if direction == "higher":
        index = Fraction(actual) / expected
    elif actual <= 0:
        return Pace.AHEAD
    else:
        index = expected / Fraction(actual)
    if index >= Fraction(110, 100):
        return Pace.AHEAD
    if index >= 1:
        return Pace.ON_TRACK
    return Pace.AT_RISK if index >= Fraction(90, 100) else Pace.OFF_TRACK


def split(total: int, weights: Sequence[int]) -> list[int]:
    """Return a total in whole units split by integer weights, parts in their order (RULES.md section 10).

    What is left over by rounding down goes one by one to the largest remainders, ties to the earlier part. A negative
    total is split by its absolute value. Raises BadWeights for a negative weight or weights that sum to 0.
    """
    whole = sum(weights)
    if whole <= 0 or min(weights) < 0:
        raise BadWeights
    sign, size = (-1 if total < 0 else 1), abs(total)
    parts = [size * weight // whole for weight in weights]
    order = sorted(range(len(weights)), key=lambda i: (-(size * weights[i] % whole), i))
    for i in order[: size - sum(parts)]:
        parts[i] += 1
    return [sign * part for part in parts]


def split_target(target: Decimal, weights: Sequence[int], *, places: int = 0) -> list[Decimal]:
    """Return a target split by integer weights in its own unit: `places` decimals, or as many as it has (section 10).

    Raises BadWeights as `split` does.
    """
    exponent = target.normalize().as_tuple().exponent
    places = max(places, -exponent if isinstance(exponent, int) else 0)
    return [Decimal(part).scaleb(-places) for part in split(int(target.scaleb(places)), weights)]


def over_months(values: Iterable[Decimal], *, adds: bool) -> Decimal | None:
    """Return the target of a period from those of its months; None where there is no right answer.

    Months of sums and counts are added up. Of other metrics a month has a level: theirs is the level that all months
    share, else missing (RULES.md section 11: only sums and counts are summed).
    """
    found = list(values)
    if not found:
        return None
    if adds:
        return sum(found, Decimal(0))
    return found[0] if len(set(found)) == 1 else None


def presence(working_days: int, spells: Iterable[tuple[int, bool, Number]]) -> Fraction | None:
    """Return a person's share of a period (RULES.md section 11); None without working days.

    `spells` are (working days, present, full-time share): an absence has present False, days of nobody's employment
    are simply not there.
    """
    if not working_days:
        return None
    return sum((days * Fraction(share) for days, here, share in spells if here), Fraction(0)) / working_days


def prorated(target: Number, share: Fraction | None, *, places: int = 0) -> Decimal | None:
    """Return a sum's or count's target for a share of the period, rounded half away from zero to the target's unit.

    `places` are the decimals of that unit (0 for pieces, 2 for yuan and fen). None for a missing share. Other
    metrics are not prorated: don't ask.
    """
    if share is None:
        return None
    return rounded(Fraction(target) * share, places=places)


def rounded(value: Number, *, places: int) -> Decimal:
    """Return a number rounded half away from zero to `places` decimals, from its exact value (RULES.md section 1)."""
    exact = Fraction(value) * 10**places
    whole = (2 * abs(exact.numerator) + exact.denominator) // (2 * exact.denominator)
    return Decimal(whole if exact >= 0 else -whole).scaleb(-places)


def grown(baseline: Number, growth: Number, *, in_percent: bool, places: int = 4) -> Decimal:
    """Return the target of a growth goal (RULES.md section 3), rounded half away from zero to `places` decimals.

    `growth` is in percent (15 for +15 %) or in points. Raises BadGrowth for a target below 0 or of 10^15 and more.
    """
    by = Fraction(baseline) * Fraction(growth) / 100 if in_percent else Fraction(growth)
    exact = Fraction(baseline) + by
    if exact < 0 or exact >= LARGEST:
        raise BadGrowth
    target = prorated(exact, Fraction(1), places=places)
    if target is None:  # only without a share
        raise BadGrowth
    return target
