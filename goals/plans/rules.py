"""How far a plan is, and what it has changed. Pure: no Django, no database.

Decisions: docs/rules.md, "Action plans".
"""

from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

Number = Decimal | Fraction | int
# Fewer working days of the plan say nothing yet.
FEWEST_DAYS = 10
# A difference below this share of the figure before is none.
NOTICEABLE = Fraction(1, 20)


class Effect(StrEnum):
    """What the days of the plan look like beside the days before."""

    NOTHING_BEFORE = "nothing_before"
    NO_FIGURE = "no_figure"
    TOO_EARLY = "too_early"
    BETTER = "better"
    WORSE = "worse"
    SAME = "same"
    DIFFERENT = "different"


def progress_of(total: int, tasks: int, done: int) -> int:
    """Return a plan's progress in percent: the mean of its tasks', rounded half up; 0 without tasks.

    `total` is the sum of the tasks' percents, `done` how many of them are done: only when all are, a plan is at 100.
    """
    if not tasks:
        return 0
    return min(int(Fraction(total, tasks) + Fraction(1, 2)), 100 if done == tasks else 99)


def days_before(first: date, last: date) -> tuple[date, date]:
    """Return the days with which a plan from `first` to `last` is compared: as many, directly before it."""
    length = (last - first).days + 1
    return first - timedelta(days=length), first - timedelta(days=1)


def per_day(value: Number | None, working_days: int, *, additive: bool) -> Fraction | None:
    """Return a figure as it can be compared over spans of different length.

    Sums and counts by working day, others as they are. None when missing or when there are no working days.
    """
    if value is None or (additive and working_days <= 0):
        return None
    return Fraction(value) / working_days if additive else Fraction(value)


def change(before: Fraction | None, now: Fraction | None) -> Fraction | None:
    """Return by which share of the figure before a figure differs; None when one is missing or the first is 0."""
    if before is None or now is None or before == 0:
        return None
    return (now - before) / abs(before)


def effect(direction: str, before: Fraction | None, now: Fraction | None, working_days: int) -> Effect:
    """Return how the days of a plan compare with those before.

    `direction` is "higher", "lower" or "band" (then a difference is neither better nor worse), `working_days` how
    many of the plan are over.
    """
    if working_days < FEWEST_DAYS:
        return Effect.TOO_EARLY
    if now is None:
        return Effect.NO_FIGURE
    share = change(before, now)
    if share is None:
        return Effect.NOTHING_BEFORE
    if abs(share) < NOTICEABLE:
        return Effect.SAME
    if direction == "band":
        return Effect.DIFFERENT
    return Effect.BETTER if (share > 0) == (direction == "higher") else Effect.WORSE
