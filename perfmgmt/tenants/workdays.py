"""Working days of a workspace: its weekend, public holidays with make-up workdays, and its own days. Pure.

No Django and no database: `tenants.selectors.working_calendar` puts a calendar together.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from fractions import Fraction
from functools import cached_property, lru_cache

import holidays

ONE_DAY = timedelta(days=1)
# A year without make-up days is news only where there have been some in these many years before.
LOOK_BACK = 3


class DayKind(StrEnum):
    """What a day is, and why."""

    WORKDAY = "workday"
    WEEKEND = "weekend"
    HOLIDAY = "holiday"
    MAKE_UP = "make-up"
    OWN_HOLIDAY = "own holiday"
    OWN_WORKDAY = "own workday"

    @property
    def works(self) -> bool:
        """Whether people work on such a day."""
        return self in (DayKind.WORKDAY, DayKind.MAKE_UP, DayKind.OWN_WORKDAY)


@dataclass(frozen=True)
class PublicYear:
    """One country's year: holidays with their names, and weekend days on which people work instead."""

    holidays: Mapping[date, str]
    make_up: frozenset[date]


@lru_cache(maxsize=512)
def public_year(country: str, year: int, language: str = "") -> PublicYear:
    """Return a country's public holidays of a year; none for an unknown or empty country.

    Names are in `language` ("zh-hans", "en") where the library has it, else in its own.
    """
    if country not in countries():
        return PublicYear({}, frozenset())
    found = _country(country, year, language)
    # Where the country itself says "a day taken from another", the day is a holiday like any other.
    return PublicYear(dict(found), frozenset(day for day in found.weekend_workdays if day.year == year))


def _country(country: str, year: int, language: str) -> holidays.HolidayBase:
    spoken = holidays.list_localized_countries().get(country, [])
    wanted = {"zh": "zh_CN", "en": "en_US"}.get(language[:2], "")
    chosen = wanted if wanted in spoken else next((code for code in spoken if code[:2] == language[:2]), None)
    return holidays.country_holidays(country, years=[year], language=chosen or None)


@lru_cache(maxsize=1)
def countries() -> frozenset[str]:
    """Return the codes of the countries whose holidays are known (ISO 3166, two letters)."""
    return frozenset(code for code in holidays.list_supported_countries(include_aliases=False) if len(code) == 2)


def make_up_days_are_missing(country: str, year: int) -> bool:
    """Return whether a country that moves workdays every year has not announced (or we don't know) this year's."""
    before = [public_year(country, year - back).make_up for back in range(1, LOOK_BACK + 2)]
    return not public_year(country, year).make_up and any(before)


@dataclass(frozen=True)
class WorkingCalendar:
    """A workspace's calendar: `weekend` holds ISO weekdays, `own` its own days (works, name)."""

    country: str = ""
    weekend: frozenset[int] = frozenset({6, 7})
    own: Mapping[date, tuple[bool, str]] = field(default_factory=dict)
    language: str = ""

    def kind(self, day: date) -> DayKind:
        """Return what a day is; the workspace's own word counts most, then the country's, then the weekend."""
        if day in self.own:
            return DayKind.OWN_WORKDAY if self.own[day][0] else DayKind.OWN_HOLIDAY
        year = public_year(self.country, day.year, self.language)
        if day in year.make_up:
            return DayKind.MAKE_UP
        if day in year.holidays:
            return DayKind.HOLIDAY
        return DayKind.WEEKEND if day.isoweekday() in self.weekend else DayKind.WORKDAY

    def name(self, day: date) -> str:
        """Return what a day is called; nothing for an ordinary one."""
        if day in self.own:
            return self.own[day][1]
        return public_year(self.country, day.year, self.language).holidays.get(day, "")

    def works(self, day: date) -> bool:
        """Return whether people work on a day."""
        return self.kind(day).works

    def working_days(self, first: date, last: date) -> int:
        """Return the number of working days from `first` to `last`, both included; 0 when last < first."""
        if last < first:
            return 0
        plain = self._plain(first, last)
        for year in range(first.year, last.year + 1):
            days, sums = self._departures(year)
            start, end = bisect_left(days, first), bisect_right(days, last)
            plain += sums[end] - sums[start]
        return plain

    def each(self, first: date, last: date) -> Iterator[date]:
        """Yield the working days from `first` to `last`."""
        day = first
        while day <= last:
            if self.works(day):
                yield day
            day += ONE_DAY

    def _plain(self, first: date, last: date) -> int:
        """Days outside the weekend, as if there were no holidays."""
        weeks, rest = divmod((last - first).days + 1, 7)
        tail = sum(1 for step in range(rest) if (first + timedelta(days=step)).isoweekday() not in self.weekend)
        return weeks * (7 - len(self.weekend)) + tail

    @cached_property
    def _by_year(self) -> dict[int, tuple[list[date], list[int]]]:
        return {}

    def _departures(self, year: int) -> tuple[list[date], list[int]]:
        """Return the days of a year that are not what the weekend alone would make them, with running sums."""
        if year not in self._by_year:
            public = public_year(self.country, year, self.language)
            own = {day for day in self.own if day.year == year}
            days, sums = [], [0]
            for day in sorted({*public.holidays, *public.make_up, *own}):
                step = int(self.works(day)) - int(day.isoweekday() not in self.weekend)
                if step:
                    days.append(day)
                    sums.append(sums[-1] + step)
            self._by_year[year] = (days, sums)
        return self._by_year[year]


@dataclass(frozen=True)
class WorkSpell:
    """Days of employment at a full-time share (1 = full time), both ends included."""

    first: date
    last: date
    share: Fraction = Fraction(1)


def own_working_days(
    calendar: WorkingCalendar,
    first: date,
    last: date,
    *,
    spells: Iterable[WorkSpell],
    absent: Mapping[date, Fraction] | None = None,
) -> Fraction:
    """Return a person's own working days (RULES.md section 11): the numerator of the prorated share.

    Every working day counts by the full-time share of the spell it lies in and by what `absent` (day -> missed
    share of the day, 1 for a whole day) leaves of it. Divide by `calendar.working_days(first, last)` for the share.
    """
    missed = absent or {}
    total = Fraction(0)
    for spell in spells:
        start, end = max(first, spell.first), min(last, spell.last)
        total += calendar.working_days(start, end) * spell.share
        for day, part in missed.items():
            if start <= day <= end and calendar.works(day):
                total -= min(max(part, Fraction(0)), Fraction(1)) * spell.share
    return total
