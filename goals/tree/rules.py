"""The tree of goals in numbers: what covers a target, gaps, and how likely a sum is. Pure: no Django, no database."""

from collections.abc import Iterable
from decimal import Decimal


def covered(target: Decimal | None, below: Iterable[Decimal | None]) -> Decimal | None:
    """Return what a node stands for in the sum above it: its own target, else that of its children together."""
    return target if target is not None else total(below)


def total(values: Iterable[Decimal | None]) -> Decimal | None:
    """Return the sum of what is there; None where nothing is."""
    found = [value for value in values if value is not None]
    return sum(found, Decimal(0)) if found else None


def gap(target: Decimal | None, below: Decimal | None) -> Decimal | None:
    """Return by how much the sum below exceeds the target (negative: it falls short); None without either."""
    return None if target is None or below is None else below - target


def percent_of(part: Decimal | None, whole: Decimal | None) -> Decimal | None:
    """Return a part as a share of the whole (1 is all of it); None without a whole above 0."""
    return None if part is None or whole is None or whole <= 0 else part / whole
