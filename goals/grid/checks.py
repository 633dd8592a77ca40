"""What a target may be, by its unit of measure."""

from decimal import Decimal

from django.utils.translation import gettext as _

LARGEST = Decimal(10) ** 15
# Above these a target of the unit is a slip of the hand: 5,000% was meant as 50%, 480 as 4.8.
LARGEST_OF = {"percent": Decimal(10), "ratio": Decimal(10), "score": Decimal(100)}


def is_slip(value: Decimal, unit: str) -> bool:
    """Return whether a target is larger than any of its unit of measure may be."""
    return value > LARGEST_OF.get(unit, LARGEST)


def problem_of(value: Decimal, unit: str) -> str:
    """Return why a number can't be a target in a unit of measure, in words; empty when it can."""
    value = Decimal(value)
    if not value.is_finite() or abs(value) >= LARGEST:
        return _("The number is too large for a target.")
    if value < 0:
        return _("A target can't be negative.")
    if is_slip(value, unit):
        return _("That can't be a target here: a percentage is at most 1,000%, a score at most 100.")
    return ""
