"""Customer satisfaction (RULES.md section 8). Pure: no Django, no database."""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import sqrt

Number = Decimal | Fraction | int
#: Two-sided 95 % of the normal distribution, as the rules fix it.
Z95 = 1.959964
#: How many answers of the unit a person's own are weighed against.
PRIOR = 5


@dataclass(frozen=True)
class Interval:
    """A value with the ends of its 95 % interval."""

    value: float
    low: float
    high: float


def top_share(top: int, n: int) -> Interval | None:
    """Return CSAT%, the share (0-1) of answers 4 and 5 with Wilson's interval in [0, 1]; None without answers."""
    if n == 0:
        return None
    share, z2 = top / n, Z95 * Z95
    middle = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = Z95 * sqrt(share * (1 - share) / n + z2 / (4 * n * n)) / (1 + z2 / n)
    return Interval(share, max(0.0, middle - half), min(1.0, middle + half))


def nps(promoters: int, detractors: int, n: int) -> Interval | None:
    """Return NPS in points (-100 to 100) with its interval; None without answers."""
    if n == 0:
        return None
    p, d = promoters / n, detractors / n
    half = Z95 * 100 * sqrt(max(0.0, (p + d - (p - d) ** 2) / n))
    value = (p - d) * 100
    return Interval(value, value - half, value + half)


def used_mean(n: int, mean: Number | None, unit_mean: Number | None) -> Fraction | None:
    """Return the CSAT (1-5) that scoring and gates use: few answers are drawn to the unit's mean.

    Without answers of one's own it is missing, as without a mean to be drawn to.
    """
    if n == 0 or mean is None or unit_mean is None:
        return None
    return (n * Fraction(mean) + PRIOR * Fraction(unit_mean)) / (n + PRIOR)
