"""Which deductions can be: pure checks, no Django, no database."""

from datetime import date
from decimal import Decimal

MOST = Decimal(100)


class BadDeduction(ValueError):
    """A deduction that can't be; `code` is points, later, future."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def check(points: Decimal, happened_on: date, start: date, end: date, today: date) -> None:
    """Raise BadDeduction unless the points lie above 0 up to 100 and the day is not after the period or today.

    What is found late counts in a period that is still open: the day may lie before the period, never after it. A
    period that has not begun has nothing to deduct from.
    """
    if not 0 < points <= MOST or points != round(points, 4):
        raise BadDeduction("points")
    if start > today:
        raise BadDeduction("future")
    if happened_on > min(end, today):
        raise BadDeduction("later")
