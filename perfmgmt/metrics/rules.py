"""Figures from rollups (RULES.md section 2). Pure: no Django, no database."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from perfmgmt.tenants.calendar import Grain, Period, add_months

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

    `aggregation` is one that reads facts. Without facts sums and counts are 0, the others missing. Of retention and
    repeat rate `total` are the customers that count and `n` those they are a share of.
    """
    if sums is None or sums.n == 0:
        return ZERO if aggregation in ("sum", "count", "distinct") else None
    if aggregation in ("mean", "retention", "repeat_rate"):
        return sums.total / sums.n
    return sums.total


def ratio(numerator: Sums | None, denominator: Sums | None) -> Decimal | None:
    """Return sum(numerator) / sum(denominator), None when the denominator is 0 (RULES.md section 2)."""
    below = denominator.total if denominator else ZERO
    if below == 0:
        return None
    return (numerator.total if numerator else ZERO) / below


def adds_over_people(aggregation: str, *, is_stock: bool = False) -> bool:
    """Return whether a group's figure is the sum of its people's: not where customers or days overlap."""
    return aggregation in ("sum", "count", "mean") or (aggregation == "last" and is_stock)


def adds_over_periods(aggregation: str) -> bool:
    """Return whether a longer time's figure is the sum of its periods'."""
    return aggregation in ("sum", "count", "mean")


def baseline_start(grain: Grain, start: date, baseline: str) -> date:
    """Return the first day of the period with which growth compares the one that begins at `start`.

    `baseline` is "previous" or "last_year": the same period of the year before, for weeks 52 weeks earlier.
    """
    if baseline == "previous":
        return Period(grain, start).next(-1).start
    if grain is Grain.WEEK:
        return start - timedelta(weeks=52)
    if grain is Grain.DAY:
        year_before = add_months(start, -12)
        return min(year_before + timedelta(days=start.day - 1), add_months(year_before, 1) - timedelta(days=1))
    return add_months(start, -12)


def growth(form: str, actual: Decimal | None, baseline: Decimal | None) -> Decimal | None:
    """Return the growth on a baseline, the inverse of a growth goal (RULES.md section 3).

    "percent": actual / baseline - 1, missing for a baseline of 0 or below, where a percentage says nothing;
    "points": actual - baseline. Missing while either is.
    """
    if actual is None or baseline is None:
        return None
    if form == "points":
        return actual - baseline
    return actual / baseline - 1 if baseline > 0 else None


def target_share(actual: Decimal | None, target: Decimal | None) -> Decimal | None:
    """Return which share of a unit's target is reached; missing without a target above 0 (RULES.md section 3)."""
    if actual is None or target is None or target <= 0:
        return None
    return actual / target
