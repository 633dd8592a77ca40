"""When a change of an agreed target is a large one. Pure."""

from decimal import Decimal
from fractions import Fraction


def is_large_change(before: Decimal, after: Decimal, percent: Decimal) -> bool:
    """Return whether a target moves by more than `percent` of what it was; any change of a target of 0 is large."""
    if before == 0:
        return after != 0
    return abs(Fraction(after) - Fraction(before)) / abs(Fraction(before)) * 100 > Fraction(percent)
