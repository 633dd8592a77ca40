"""Figures from rollups (RULES.md section 2). Pure: no Django, no database."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

ZERO = Decimal(0)


@dataclass(frozen=True)
class Sums:
    """What a rollup row holds: `total` in the metric's unit, `n` facts."""

    total: Decimal = ZERO
    n: int = 0

    def __add__(self, other: "Sums") -> "Sums":
        return Sums(self.total + other.total, self.n + other.n)


def add(parts: Iterable[Sums]) -> Sums:
    """Add rollup rows of different people or periods; right for sums, counts and means, not for `last` of
    non-stock metrics nor for distinct counts."""
    result = Sums()
    for part in parts:
        result = result + part
    return result


def figure(aggregation: str, sums: Sums | None) -> Decimal | None:
    """Return the value of one rollup row, None when it is missing (RULES.md section 2).

    `aggregation` is sum, count, distinct, mean or last. Without facts sums and counts are 0, the others missing.
    """
    if sums is None or sums.n == 0:
        return ZERO if aggregation in ("sum", "count", "distinct") else None
    if aggregation == "mean":
        return sums.total / sums.n
    return sums.total


def ratio(numerator: Sums | None, denominator: Sums | None) -> Decimal | None:
    """Return sum(numerator) / sum(denominator), None when the denominator is 0 (RULES.md section 2)."""
    below = denominator.total if denominator else ZERO
    if below == 0:
        return None
    return (numerator.total if numerator else ZERO) / below
