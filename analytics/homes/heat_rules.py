"""How a cell of the heat map is judged: by its target, else beside the median of the others. Pure arithmetic."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from statistics import median

from goals.rules import Pace, band_attainment

# From how many people on a median says something, and how near to it counts as the same.
FEWEST = 3
NEAR = Fraction(10, 100)
# Where the pace of a band's figure (which has no working days) changes its name.
AT_RISK = Fraction(90, 100)


class Tone(StrEnum):
    """What a cell says: four judgements by the target, three comparisons without one, and nothing."""

    AHEAD = "ahead"
    ON_TRACK = "on_track"
    AT_RISK = "at_risk"
    OFF_TRACK = "off_track"
    BETTER = "better"
    NEAR = "near"
    WORSE = "worse"
    PLAIN = "plain"
    MISSING = "missing"


_BY_PACE = {
    Pace.AHEAD: Tone.AHEAD,
    Pace.ACHIEVED: Tone.AHEAD,
    Pace.ON_TRACK: Tone.ON_TRACK,
    Pace.AT_RISK: Tone.AT_RISK,
    Pace.OFF_TRACK: Tone.OFF_TRACK,
    Pace.OVERDUE: Tone.OFF_TRACK,
}


@dataclass(frozen=True)
class Comparison:
    """A figure beside the median: `share` is how far it lies above (+) or below (-), as a share of the median."""

    tone: Tone
    share: Fraction | None = None


def by_pace(pace: Pace) -> Tone | None:
    """Return the tone of a pace; None where there is nothing to judge (no target, no data, not started)."""
    return _BY_PACE.get(pace)


def by_band(value: Decimal, low: Decimal, high: Decimal, tolerance: Decimal | None) -> tuple[Tone, Fraction]:
    """Return the tone and the attainment of a figure that should lie within a band (RULES.md section 3)."""
    reached = band_attainment(value, low, high, tolerance or 0)
    if reached is None or reached == 1:
        return Tone.ON_TRACK, Fraction(1)
    return (Tone.AT_RISK if reached >= AT_RISK else Tone.OFF_TRACK), reached


def middle(values: Iterable[Decimal | None]) -> Decimal | None:
    """Return the median of the figures that are there; None when they are fewer than three."""
    known = [value for value in values if value is not None]
    return median(known) if len(known) >= FEWEST else None


def beside(value: Decimal | None, centre: Decimal | None, direction: str) -> Comparison:
    """Return how a figure stands beside the median; within a tenth of it is near.

    Lower figures are better with the direction "lower"; a band without limits, and a median that is not above 0,
    allow no comparison.
    """
    if value is None:
        return Comparison(Tone.MISSING)
    if centre is None or centre <= 0 or direction not in ("higher", "lower"):
        return Comparison(Tone.PLAIN)
    share = Fraction(value) / Fraction(centre) - 1
    if abs(share) <= NEAR:
        return Comparison(Tone.NEAR, share)
    return Comparison(Tone.BETTER if (share > 0) == (direction == "higher") else Tone.WORSE, share)
