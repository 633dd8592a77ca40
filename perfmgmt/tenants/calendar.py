"""Days, weeks, months, quarters and years of a workspace's fiscal calendar. Pure: no Django, no database.

A fiscal year is named by the year in which it ends; quarters are counted from its first month; weeks are ISO weeks
and nest in nothing (RULES.md section 2).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import IntEnum


class Grain(IntEnum):
    """The lengths of time that rollups are kept for; the numbers are stored."""

    DAY = 1
    WEEK = 2
    MONTH = 3
    QUARTER = 4
    YEAR = 5


GRAIN_BY_NAME = {grain.name.lower(): grain for grain in Grain}
_LABEL = re.compile(r"(\d{4})(?:-(?:(Q)([1-4])|(W)(\d{2})|(\d{2})(?:-(\d{2}))?))?", re.ASCII)


def add_months(day: date, months: int) -> date:
    """Return the first day of the month that lies `months` after the month of `day`."""
    index = day.year * 12 + day.month - 1 + months
    return date(index // 12, index % 12 + 1, 1)


@dataclass(frozen=True, order=True)
class Period:
    """One period: its first day decides it, together with the grain and the fiscal calendar."""

    grain: Grain
    start: date
    fiscal_start_month: int = 1

    @classmethod
    def containing(cls, grain: Grain, day: date, fiscal_start_month: int = 1) -> "Period":
        """Return the period of `grain` that holds `day`."""
        return cls(grain, start_of(grain, day, fiscal_start_month), fiscal_start_month)

    @classmethod
    def parse(cls, label: str, fiscal_start_month: int = 1) -> "Period":
        """Read a label as written by `label` ("2017", "2017-Q2", "2017-03", "2017-W05", "2017-03-01").

        Raises ValueError for anything else.
        """
        match = _LABEL.fullmatch(label)
        if match is None or not 1900 <= int(match[1]) <= 2200:
            raise ValueError(f"{label!r} is not a period")
        year = int(match[1])
        fiscal_first = add_months(date(year, fiscal_start_month, 1), 0 if fiscal_start_month == 1 else -12)
        if match[2]:
            return cls(Grain.QUARTER, add_months(fiscal_first, 3 * (int(match[3]) - 1)), fiscal_start_month)
        if match[4]:
            return cls(Grain.WEEK, date.fromisocalendar(year, int(match[5]), 1), fiscal_start_month)
        if match[7]:
            return cls(Grain.DAY, date(year, int(match[6]), int(match[7])), fiscal_start_month)
        if match[6]:
            return cls(Grain.MONTH, date(year, int(match[6]), 1), fiscal_start_month)
        return cls(Grain.YEAR, fiscal_first, fiscal_start_month)

    @property
    def end(self) -> date:
        """The last day of the period."""
        return self.next().start - timedelta(days=1)

    @property
    def fiscal_year(self) -> int:
        """The name of the fiscal year: the calendar year in which it ends."""
        if self.fiscal_start_month == 1:
            return self.start.year
        return self.start.year + (1 if self.start.month >= self.fiscal_start_month else 0)

    @property
    def number(self) -> int:
        """The quarter (1-4), month (1-12) or ISO week of the period; 1 for days and years."""
        if self.grain is Grain.QUARTER:
            return (self.start.month - self.fiscal_start_month) % 12 // 3 + 1
        if self.grain is Grain.MONTH:
            return self.start.month
        return self.start.isocalendar().week if self.grain is Grain.WEEK else 1

    @property
    def label(self) -> str:
        """The stable name used in addresses, commands and files."""
        if self.grain is Grain.DAY:
            return self.start.isoformat()
        if self.grain is Grain.WEEK:
            iso = self.start.isocalendar()
            return f"{iso.year:04d}-W{iso.week:02d}"
        if self.grain is Grain.MONTH:
            return f"{self.start:%Y-%m}"
        if self.grain is Grain.QUARTER:
            return f"{self.fiscal_year:04d}-Q{self.number}"
        return f"{self.fiscal_year:04d}"

    def next(self, steps: int = 1) -> "Period":
        """Return the period `steps` later (earlier when negative)."""
        if self.grain in (Grain.DAY, Grain.WEEK):
            start = self.start + timedelta(days=steps * (7 if self.grain is Grain.WEEK else 1))
        else:
            months = {Grain.MONTH: 1, Grain.QUARTER: 3, Grain.YEAR: 12}[self.grain]
            start = add_months(self.start, months * steps)
        return Period(self.grain, start, self.fiscal_start_month)

    def months(self) -> list["Period"]:
        """Return the months of a month, quarter or year."""
        month = Period(Grain.MONTH, self.start, self.fiscal_start_month)
        count = {Grain.MONTH: 1, Grain.QUARTER: 3, Grain.YEAR: 12}[self.grain]
        return [month.next(step) for step in range(count)]


def start_of(grain: Grain, day: date, fiscal_start_month: int = 1) -> date:
    """Return the first day of the period of `grain` that holds `day`."""
    if grain is Grain.DAY:
        return day
    if grain is Grain.WEEK:
        return day - timedelta(days=day.weekday())
    if grain is Grain.MONTH:
        return day.replace(day=1)
    back = (day.month - fiscal_start_month) % (3 if grain is Grain.QUARTER else 12)
    return add_months(day, -back)


def periods_between(grain: Grain, first: date, last: date, fiscal_start_month: int = 1) -> Iterator[Period]:
    """Yield the periods of `grain` that touch the days from `first` to `last`, in order."""
    period = Period.containing(grain, first, fiscal_start_month)
    while period.start <= last:
        yield period
        period = period.next()
