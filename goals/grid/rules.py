"""How a period's total is weighed over its months (RULES.md section 10). Pure: no Django, no database."""

from collections.abc import Sequence
from decimal import Decimal


def month_weights(before: Sequence[Decimal | None], days: Sequence[int], days_before: Sequence[int]) -> list[int]:
    """Return how a total is split over months "by season": integer weights, one for each month.

    `before` is what everybody together did in the same months a year earlier; each month weighs what was done then on
    a working day times its working days now. Where a month has nothing (or less), there is no season: the working
    days alone count, and without any, each month the same.
    """
    if any(value is None or value <= 0 for value in before) or not all(days) or not all(days_before):
        return list(days) if any(days) else [1] * len(days)
    common = 1
    for number in days_before:
        common *= number
    return [
        int((value or Decimal(0)).scaleb(4)) * now * (common // then)
        for value, now, then in zip(before, days, days_before, strict=True)
    ]
