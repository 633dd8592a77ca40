"""Which periods a forecast looks back on and ahead to, and how much of each its people are there."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from perfmgmt.metrics.forecast.season import Calendar
from perfmgmt.people.models import Absence, Assignment
from perfmgmt.people.viewer import Workspace
from perfmgmt.tenants.calendar import Grain, Period, add_months, periods_between
from perfmgmt.tenants.workdays import ONE_DAY, WorkingCalendar

Array = NDArray[np.float64]
Whole = NDArray[np.int64]

MONTHS_BACK = 36
# An absence by hours: so many make a working day.
HOURS_A_DAY = 8


@dataclass(frozen=True)
class Columns:
    """Periods of one grain: those that are over, and those asked for. A period asked for may have begun."""

    grain: Grain
    past: list[date]
    ahead: list[date]
    today: date

    @property
    def months(self) -> int:
        """How many months such a period has."""
        return {Grain.MONTH: 1, Grain.QUARTER: 3, Grain.YEAR: 12}[self.grain]

    def calendar(self, starts: list[date], fiscal_start_month: int) -> Calendar:
        """Return the periods as the season knows them; longer ones have no place in a quarter."""
        months = np.array([start.month - 1 for start in starts], dtype=np.int64)
        place = (months - (fiscal_start_month - 1)) % 3 if self.grain is Grain.MONTH else np.zeros_like(months)
        return Calendar(place, months)

    def stored(self) -> list[int]:
        """Return which of the periods asked for are not over yet, by place."""
        return [at for at, start in enumerate(self.ahead) if add_months(start, self.months) > self.today]


def columns_of(grain: Grain, today: date, fiscal_start_month: int) -> Columns:
    """Return the complete periods of the last 36 months, and those of this fiscal year and the next."""
    running = Period.containing(grain, today, fiscal_start_month).start
    earliest = add_months(today, -MONTHS_BACK)
    year = Period.containing(Grain.YEAR, today, fiscal_start_month)
    past = [period.start for period in periods_between(grain, earliest, today, fiscal_start_month)]
    past = [start for start in past if earliest <= start < running]
    last = year.next(2).start - timedelta(days=1)
    ahead = [period.start for period in periods_between(grain, year.start, last, fiscal_start_month)]
    return Columns(grain, past, ahead, today)


@dataclass(frozen=True)
class Crew:
    """The people forecasts are made for: ids, role types by number, units today (0: none)."""

    ids: Whole
    groups: Whole
    units: Whole

    def place(self) -> dict[int, int]:
        """Return people's places in the arrays by id."""
        return {int(pk): at for at, pk in enumerate(self.ids)}


@dataclass(frozen=True)
class Spell:
    """Days of a person at a share of full time; of an absence the share is negative."""

    place: int
    first: date
    last: date
    share: float


@dataclass(frozen=True)
class Frame:
    """One workspace's people and months: `presence` are their own working days by month against a usual month's."""

    crew: Crew
    columns: dict[Grain, Columns]
    months: list[date]
    presence: Array
    fiscal_start_month: int

    def of_periods(self, by_month: Array, grain: Grain, starts: list[date]) -> Array:
        """Return months' figures, people down, averaged over the periods that begin at `starts`."""
        length = self.columns[grain].months
        places = [self.months.index(start) for start in starts]
        return np.stack([by_month[:, at : at + length].mean(1) for at in places], axis=1)


def frame_of(workspace: Workspace, today: date) -> Frame:
    """Return who and when of a workspace's forecasts; needs the scope. Four queries."""
    fiscal = workspace.fiscal_start_month
    grains = (Grain.MONTH, Grain.QUARTER, Grain.YEAR)
    columns = {grain: columns_of(grain, today, fiscal) for grain in grains}
    first = min(columns[grain].past[0] for grain in grains if columns[grain].past)
    last = columns[Grain.YEAR].ahead[-1]
    months = [period.start for period in periods_between(Grain.MONTH, first, add_months(last, 11))]
    end = add_months(months[-1], 1) - ONE_DAY
    calendar = workspace.calendar(first, end)
    crew, spells = _people(today, first, end)
    return Frame(crew, columns, months, _presence(calendar, months, len(crew.ids), spells), fiscal)


def _people(today: date, first: date, end: date) -> tuple[Crew, list[Spell]]:
    """Everybody who works today or later, with all their spells since `first`, absences taken out."""
    names = ("employee_id", "unit_id", "sales_role_type", "full_time_share", "valid_from", "valid_to")
    rows = list(
        Assignment.objects.filter(valid_to__gte=first, valid_from__lte=end)
        .order_by("employee_id", "valid_from")
        .values_list(*names)
    )
    ids = sorted({row[0] for row in rows if row[5] >= today})
    place = {pk: at for at, pk in enumerate(ids)}
    roles: list[str] = [""] * len(ids)
    units = np.zeros(len(ids), dtype=np.int64)
    spells: list[Spell] = []
    for pk, unit_id, role, share, valid_from, valid_to in rows:
        if pk not in place:
            continue
        spells.append(Spell(place[pk], valid_from, valid_to, float(share)))
        # The assignment of today, or the first one to come.
        if valid_to >= today and not units[place[pk]]:
            roles[place[pk]], units[place[pk]] = role, unit_id
    known = {role: number for number, role in enumerate(sorted(set(roles)))}
    groups = np.array([known[role] for role in roles], dtype=np.int64)
    crew = Crew(np.array(ids, dtype=np.int64), groups, units)
    return crew, [*spells, *_absences(place, spells, first, end)]


def _absences(place: dict[int, int], spells: list[Spell], first: date, end: date) -> Iterable[Spell]:
    by_person: dict[int, list[Spell]] = {}
    for spell in spells:
        by_person.setdefault(spell.place, []).append(spell)
    rows = Absence.objects.filter(last_day__gte=first, first_day__lte=end, employee_id__in=list(place))
    for pk, start, last, hours in rows.values_list("employee_id", "first_day", "last_day", "hours"):
        missed = 1.0 if hours is None else min(float(Fraction(hours) / HOURS_A_DAY), 1.0)
        for spell in by_person.get(place[pk], []):
            if start <= spell.last and last >= spell.first:
                yield Spell(spell.place, max(start, spell.first), min(last, spell.last), -missed * spell.share)


def _presence(calendar: WorkingCalendar, months: list[date], people: int, spells: list[Spell]) -> Array:
    """People's own working days by month, as shares of the mean month of the calendar (RULES.md section 11)."""
    origin, end = months[0], add_months(months[-1], 1)
    days = (end - origin).days
    works = np.fromiter((calendar.works(origin + timedelta(days=at)) for at in range(days)), float, days)
    counted = np.concatenate([[0.0], np.cumsum(works)])
    bounds = np.array([(start - origin).days for start in [*months, end]])
    result = np.zeros((people, len(months)))
    if spells:
        first = np.array([(max(spell.first, origin) - origin).days for spell in spells])[:, None]
        last = np.array([(min(spell.last, end - ONE_DAY) - origin).days + 1 for spell in spells])[:, None]
        begins, ends = np.maximum(first, bounds[None, :-1]), np.minimum(last, bounds[None, 1:])
        overlap = np.where(ends > begins, counted[np.maximum(ends, begins)] - counted[begins], 0.0)
        shares = np.array([spell.share for spell in spells])[:, None]
        np.add.at(result, [spell.place for spell in spells], overlap * shares)
    usual = np.diff(counted[bounds]).mean()
    return np.maximum(result, 0.0) / max(float(usual), 1.0)
