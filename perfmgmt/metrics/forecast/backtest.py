"""How good the forecasts would have been: rolling origin over past months (RULES.md section 16). Pure: numpy only."""

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from perfmgmt.metrics.forecast.method import Ahead, Past, expect, interval
from perfmgmt.metrics.forecast.season import Calendar
from perfmgmt.tenants.calendar import add_months
from perfmgmt.tenants.workdays import ONE_DAY, WorkingCalendar

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Score:
    """One backtest: the share of figures inside the 80% interval, and mean absolute errors in the metric's unit.

    `same_as_last` and `mean_of_history` are the errors of the two simple forecasts, `forecasts` how many were made.
    """

    forecasts: int
    coverage: float
    error: float
    same_as_last: float
    mean_of_history: float

    @property
    def holds(self) -> bool:
        """Whether the forecast keeps what RULES.md section 16 asks: 70% to 90% inside, better than both others."""
        return 0.70 <= self.coverage <= 0.90 and self.error < min(self.same_as_last, self.mean_of_history)


@dataclass(frozen=True)
class Month:
    """One origin: what was forecast for a month from the months before it only, and what came."""

    start: date
    point: Array
    low: Array
    high: Array
    actual: Array


def rolling(
    values: Array, starts: list[date], calendar: WorkingCalendar, *, earliest: int = 1, transform: str = "sqrt"
) -> list[Month]:
    """Return the forecast of every month from the one at place `earliest` on, by the months before it.

    `values` has owners down and the months `starts` across; nothing of the month itself or later is looked at, but
    the calendar, which is known in advance.
    """
    days = [calendar.working_days(start, add_months(start, 1) - ONE_DAY) for start in starts]
    exposure = np.tile(np.array(days, dtype=float) / np.mean(days), (len(values), 1))
    months = np.array([start.month - 1 for start in starts])
    groups = np.zeros(len(values), dtype=np.int64)
    found = []
    for at in range(earliest, len(starts)):
        before, now = slice(0, at), slice(at, at + 1)
        past = Past(
            values[:, before], exposure[:, before], Calendar(months[before] % 3, months[before]), groups, "sum",
            transform,
        )  # fmt: skip
        ahead = Ahead(exposure[:, now], Calendar(months[now] % 3, months[now]), np.ones(1))
        expected = expect(past, ahead)
        point, low, high = (each[:, 0] for each in interval(expected.mu, expected.sigma, transform))
        found.append(Month(starts[at], point, low, high, values[:, at]))
    return found


def score(values: Array, made: list[Month]) -> Score:
    """Return how well the forecasts of `rolling` did, over all owners and origins; `values` as given to it."""
    first = values.shape[1] - len(made)
    origins = range(first, values.shape[1])
    actual, point, low, high = (
        np.stack([getattr(month, name) for month in made], axis=1) for name in ("actual", "point", "low", "high")
    )
    known = np.isfinite(point) & np.isfinite(actual)
    last, mean = (
        np.stack([each(at) for at in origins], axis=1)
        for each in (lambda at: values[:, at - 1], lambda at: np.nanmean(values[:, :at], axis=1))
    )
    return Score(
        int(known.sum()),
        float(((actual >= low) & (actual <= high))[known].mean()),
        *(float(np.abs(actual - guess)[known].mean()) for guess in (point, last, mean)),
    )
