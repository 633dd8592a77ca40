"""Targets given to many at once (RULES.md sections 1, 3 and 10). Pure: no Django, no database."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from goals.rules import Number, grown, prorated, split_target
from perfmgmt.tenants.calendar import Grain, Period
from perfmgmt.tenants.workdays import WorkingCalendar


def improved(percent: Decimal, direction: str) -> Decimal:
    """Return the growth in percent that makes a figure better by `percent`: downwards where lower is better."""
    return -percent if direction == "lower" else percent


def to_step(value: Number, *, places: int, step: int = 0) -> Decimal:
    """Return a target in the metric's unit, rounded half away from zero: to `places`, or to a multiple of `step`."""
    exact = Fraction(value)
    if step > 1:
        return _nearest(exact / step, 0) * step
    return _nearest(exact, places)


def grown_to_step(baseline: Number, growth: Number, *, in_percent: bool, places: int, step: int = 0) -> Decimal:
    """Return the target of a growth on a baseline (RULES.md section 3), rounded once.

    `growth` is in percent (15 for +15 %) or in points. Raises BadGrowth as `goals.rules.grown` does.
    """
    exact = Fraction(growth) * (Fraction(baseline) / 100 if in_percent else 1) + Fraction(baseline)
    plain = grown(baseline, growth, in_percent=in_percent, places=places)
    return to_step(exact, places=places, step=step) if step > 1 else plain


def month_weights(months: Sequence[date], calendar: WorkingCalendar) -> list[int]:
    """Return the working days of months; where there are none at all, their days."""
    ends = [Period(Grain.MONTH, month).end for month in months]
    weights = [calendar.working_days(month, end) for month, end in zip(months, ends, strict=True)]
    if any(weights):
        return weights
    return [(end - month + timedelta(days=1)).days for month, end in zip(months, ends, strict=True)]


def cells(target: Decimal, weights: Sequence[int], *, adds: bool) -> list[Decimal]:
    """Return a target's months: split exactly by the weights (RULES.md section 10), or the level in each of them.

    In as many decimals as the target has itself.
    """
    return split_target(target, weights) if adds else [target] * len(weights)


def _nearest(exact: Fraction, places: int) -> Decimal:
    found = prorated(exact, Fraction(1), places=places)
    assert found is not None  # noqa: S101 - missing only without a share
    return found
