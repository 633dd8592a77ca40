"""How a goal stands, and what of a month belongs to each week and day (RULES.md sections 3, 9 and 10). Pure.

No Django and no database: the calendar and a person's own days come in as numbers.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from math import lcm

from goals.rules import Number, Pace, attainment, band_attainment, expected_by_now, pacing, split_target
from perfmgmt.tenants.calendar import add_months

ONE_DAY = timedelta(days=1)
NEAR = Fraction(9, 10)
Weight = Callable[[date], Fraction]


@dataclass(frozen=True)
class Band:
    """The band of a goal, in the metric's unit."""

    low: Number
    high: Number
    tolerance: Number = 0


@dataclass(frozen=True)
class Measure:
    """How a goal is measured: `direction` "higher" or "lower", `additive` for sums and counts; or its band."""

    direction: str
    additive: bool
    target: Number | None = None
    band: Band | None = None


@dataclass(frozen=True)
class Elapsed:
    """Working days of the period, the person's own: those through yesterday, and all; `over` when it has ended."""

    elapsed: Fraction
    total: Fraction
    over: bool

    @property
    def share(self) -> Fraction | None:
        """Which share of the working days has gone by; None without working days."""
        return self.elapsed / self.total if self.total else None


@dataclass(frozen=True)
class Verdict:
    """How a goal stands: `attainment` (1 = 100%), the pace, and what is expected by now in the metric's unit."""

    attainment: Fraction | None
    pace: Pace
    expected: Fraction | None


def judge(measure: Measure, actual: Number | None, time: Elapsed) -> Verdict:
    """Return how a goal with a metric stands (RULES.md sections 3 and 9)."""
    if measure.band is not None:
        return _judge_band(measure.band, measure.additive, actual, time)
    pace = pacing(
        direction=measure.direction, additive=measure.additive, actual=actual, target=measure.target,
        elapsed=time.elapsed, total=time.total, over=time.over,
    )  # fmt: skip
    return Verdict(attainment(measure.direction, actual, measure.target), pace, expected(measure, time))


def expected(measure: Measure, time: Elapsed) -> Fraction | None:
    """Return what is due by now: of sums and counts by working days, of others the target; None without a target."""
    if measure.band is not None or measure.target is None or measure.target <= 0:
        return None
    if not measure.additive or time.over:
        return Fraction(measure.target)
    return expected_by_now(measure.target, time.elapsed, time.total)


def _judge_band(band: Band, additive: bool, actual: Number | None, time: Elapsed) -> Verdict:
    """A band has no pace in RULES.md: inside it is on track, from 0.9 at risk; what is added up may still fill it.

    While the period runs, the lower end of a sum or count counts in proportion to the working days gone by.
    """
    low: Number = band.low
    if additive and not time.over and low > 0:
        low = Fraction(low) * (time.share or Fraction(0))
    reached = band_attainment(actual, low, band.high, band.tolerance)
    if time.over:
        return Verdict(reached, Pace.ACHIEVED if reached == 1 else Pace.OVERDUE, None)
    if reached is None:
        return Verdict(None, Pace.NO_DATA if time.elapsed else Pace.NOT_STARTED, None)
    pace = Pace.ON_TRACK if reached == 1 else Pace.AT_RISK if reached >= NEAR else Pace.OFF_TRACK
    return Verdict(reached, pace, None)


def milestone(done_on: date | None, *, over: bool) -> Verdict:
    """Return how a goal without a metric stands: reached when it is done; before its end it is open (no data)."""
    if done_on is not None:
        return Verdict(Fraction(1), Pace.ACHIEVED, None)
    return Verdict(Fraction(0), Pace.OVERDUE, None) if over else Verdict(None, Pace.NO_DATA, None)


def worst(measure: Measure, actuals: Sequence[Number | None]) -> int | None:
    """Return which of the months of a goal that holds "in each month" decides: the one furthest from it.

    Months without a figure don't count; None when no month has one.
    """

    def reached(index: int) -> Fraction:
        actual = actuals[index]
        if measure.band is not None:
            band = measure.band
            inside = band_attainment(actual, band.low, band.high, band.tolerance)
            return inside if inside is not None else Fraction(0)
        exact = Fraction(actual or 0)
        return exact if measure.direction == "higher" else -exact

    found = [index for index, actual in enumerate(actuals) if actual is not None]
    return min(found, key=reached) if found else None


def weeks_of(month: date) -> list[tuple[date, date]]:
    """Return the ISO weeks of a month, clipped to it, as first and last days. `month` is its first day."""
    last = add_months(month, 1) - ONE_DAY
    found, first = [], month
    while first <= last:
        sunday = first + timedelta(days=6 - first.weekday())
        found.append((first, min(sunday, last)))
        first = sunday + ONE_DAY
    return found


def weekly(target: Decimal, month: date, weight: Weight, *, places: int = 0) -> dict[date, Decimal]:
    """Return a month's target split over its weeks, by the first day of each within the month (RULES.md section 10).

    `weight` says how much of a working day each day is (1, or a person's own part of it); `places` are the decimals
    of the metric's unit. The parts sum to the target; without any working day the days of the calendar count.
    """
    spans = weeks_of(month)
    days = [sum((weight(day) for day in _days(first, last)), Fraction(0)) for first, last in spans]
    if not any(days):
        days = [Fraction((last - first).days + 1) for first, last in spans]
    parts = split_target(target, _whole(days), places=places)
    return {first: part for (first, _last), part in zip(spans, parts, strict=True)}


def daily(target: Decimal, month: date, weight: Weight, *, places: int = 0) -> dict[date, Decimal]:
    """Return a month's target split over its days, each week's part over the days of the week: they sum to it."""
    found: dict[date, Decimal] = {}
    parts = weekly(target, month, weight, places=places)
    for first, last in weeks_of(month):
        days = list(_days(first, last))
        weights = [weight(day) for day in days]
        if not any(weights):
            weights = [Fraction(1)] * len(days)
        found |= dict(zip(days, split_target(parts[first], _whole(weights), places=places), strict=True))
    return found


def in_week(targets: Mapping[date, Decimal], monday: date, weight: Weight, *, places: int = 0) -> Decimal | None:
    """Return the part of months' targets (by first day) that belongs to an ISO week, of both months it touches.

    None when neither month has a target.
    """
    sunday = monday + 6 * ONE_DAY
    starts = [monday] if sunday.month == monday.month else [monday, sunday.replace(day=1)]
    parts = [
        weekly(targets[start.replace(day=1)], start.replace(day=1), weight, places=places)[start]
        for start in starts
        if start.replace(day=1) in targets
    ]
    return sum(parts, Decimal(0)) if parts else None


def course(target: Number, days: Sequence[date], weight: Weight) -> list[Fraction]:
    """Return the expected line of a sum or count: what is due at the end of each of the days, by working days."""
    weights = [weight(day) for day in days]
    total, done, line = sum(weights, Fraction(0)), Fraction(0), []
    for part in weights:
        done += part
        line.append(Fraction(target) * done / total if total else Fraction(0))
    return line


def _days(first: date, last: date) -> Iterator[date]:
    day = first
    while day <= last:
        yield day
        day += ONE_DAY


def _whole(weights: Sequence[Fraction]) -> list[int]:
    """Return weights in the same proportion as whole numbers, so that remainders compare exactly."""
    scale = lcm(*(weight.denominator for weight in weights)) if weights else 1
    return [int(weight * scale) for weight in weights]
