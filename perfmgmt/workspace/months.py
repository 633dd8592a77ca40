"""A year as twelve small months, as the calendar page draws it."""

from calendar import Calendar
from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from perfmgmt.tenants.workdays import DayKind, WorkingCalendar
from perfmgmt.web import formats


@dataclass(frozen=True)
class Cell:
    """One day: its number, kind (a CSS class), mark, what it is in words, and the day itself."""

    day: date
    css: str
    mark: str
    words: str
    is_today: bool


@dataclass(frozen=True)
class Month:
    """One small month: title, weeks of cells (None outside the month), and how many working days."""

    title: str
    weeks: list[list[Cell | None]]
    working_days: int


@dataclass(frozen=True)
class Departure:
    """A day that is not what its weekday says: holiday, make-up workday, or the workspace's own."""

    day: date
    kind: DayKind
    words: str
    name: str
    is_own: bool


def kind_words(kind: DayKind) -> str:
    """Say what a kind of day is."""
    return {
        DayKind.WORKDAY: _("Working day"),
        DayKind.WEEKEND: _("Weekend"),
        DayKind.HOLIDAY: _("Public holiday"),
        DayKind.MAKE_UP: _("Make-up workday"),
        DayKind.OWN_HOLIDAY: _("Our own day off"),
        DayKind.OWN_WORKDAY: _("Our own workday"),
    }[kind]


def _mark(kind: DayKind) -> str:
    if kind in (DayKind.HOLIDAY, DayKind.OWN_HOLIDAY):
        return pgettext("mark in a calendar", "off")
    if kind in (DayKind.MAKE_UP, DayKind.OWN_WORKDAY):
        return pgettext("mark in a calendar", "work")
    return ""


def weekdays() -> list[tuple[str, str]]:
    """Return (short, long) names of Monday to Sunday."""
    names = formats.locale().days["stand-alone"]
    return [(names["narrow"][n], names["wide"][n]) for n in range(7)]


def months(calendar: WorkingCalendar, year: int, today: date) -> list[Month]:
    """Return the twelve months of a year, weeks beginning on Monday."""
    drawn = []
    for month in range(1, 13):
        weeks: list[list[Cell | None]] = [
            [_cell(calendar, day, today) if day.month == month else None for day in week]
            for week in Calendar().monthdatescalendar(year, month)
        ]
        first = date(year, month, 1)
        last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
        drawn.append(Month(formats.month_label(year, month), weeks, calendar.working_days(first, last)))
    return drawn


def _cell(calendar: WorkingCalendar, day: date, today: date) -> Cell:
    kind, name = calendar.kind(day), calendar.name(day)
    words = f"{formats.day(day)}, {kind_words(kind)}" + (f", {name}" if name else "")
    return Cell(day, str(kind).replace(" ", "-"), _mark(kind), words, day == today)


def departures(calendar: WorkingCalendar, year: int) -> list[Departure]:
    """Return the year's holidays, make-up workdays and own days, in order."""
    found, day = [], date(year, 1, 1)
    while day.year == year:
        kind = calendar.kind(day)
        if kind not in (DayKind.WORKDAY, DayKind.WEEKEND):
            own = kind in (DayKind.OWN_HOLIDAY, DayKind.OWN_WORKDAY)
            found.append(Departure(day, kind, kind_words(kind), calendar.name(day), own))
        day += timedelta(days=1)
    return found


def by_kind(calendar: WorkingCalendar, year: int) -> Counter[DayKind]:
    """Return how many days of each kind a year has."""
    first = date(year, 1, 1)
    return Counter(calendar.kind(first + timedelta(days=n)) for n in range((date(year + 1, 1, 1) - first).days))
