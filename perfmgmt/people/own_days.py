"""People's own working days (RULES.md section 11): by their assignments, full-time shares and absences."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from perfmgmt.people.models import Absence, Assignment
from perfmgmt.tenants.workdays import WorkingCalendar, WorkSpell, own_working_days

ONE_DAY = timedelta(days=1)
# A part-day absence names hours; a working day has so many.
HOURS_A_DAY = 8


@dataclass
class OwnDays:
    """One person's spells of work, and on which days which share of the day they are away."""

    spells: list[WorkSpell] = field(default_factory=list)
    absent: dict[date, Fraction] = field(default_factory=dict)

    def add(self, what: str, first: date, last: date, value: Decimal | None) -> None:
        """Note a spell of work ("spell", `value` is the full-time share) or an absence (its hours a day)."""
        if what == "spell":
            self.spells.append(WorkSpell(first, last, Fraction(value or 0)))
        else:
            self.add_absence(first, last, value)

    def add_absence(self, first: date, last: date, hours: Decimal | None) -> None:
        """Note that the person is away from one day to another, all day or for some hours of each."""
        day = first
        while day <= last:
            self.absent[day] = missed_share(hours)
            day += ONE_DAY

    def working_days(self, calendar: WorkingCalendar, first: date, last: date) -> Fraction:
        """Return the person's own working days between two days; 0 when last < first."""
        if last < first:
            return Fraction(0)
        missed = {day: part for day, part in self.absent.items() if first <= day <= last}
        return own_working_days(calendar, first, last, spells=self.spells, absent=missed)

    def weight(self, calendar: WorkingCalendar, day: date) -> Fraction:
        """Return how much of a working day a day is for the person, 0 to 1."""
        return self.working_days(calendar, day, day)

    def is_away(self, day: date) -> bool:
        """Whether the person is away all day."""
        return self.absent.get(day, Fraction(0)) >= 1

    def is_employed_between(self, first: date, last: date) -> bool:
        """Whether the person has an assignment on a day from `first` to `last`."""
        return any(spell.first <= last and spell.last >= first for spell in self.spells)


def own_days(employee_ids: Iterable[int], first: date, last: date) -> dict[int, OwnDays]:
    """Return people's own days between two days; two queries."""
    found = {pk: OwnDays() for pk in employee_ids}
    if not found:
        return found
    spells = Assignment.objects.filter(employee_id__in=list(found), valid_from__lte=last, valid_to__gte=first)
    for pk, start, end, share in spells.values_list("employee_id", "valid_from", "valid_to", "full_time_share"):
        found[pk].spells.append(WorkSpell(start, end, Fraction(share)))
    rows = Absence.objects.filter(employee_id__in=list(found), first_day__lte=last, last_day__gte=first)
    for pk, start, end, hours in rows.values_list("employee_id", "first_day", "last_day", "hours"):
        found[pk].add_absence(max(start, first), min(end, last), hours)
    return found


def missed_share(hours: Decimal | None) -> Fraction:
    """Return which share of a day an absence takes: all of it, or its hours of `HOURS_A_DAY`."""
    return Fraction(1) if hours is None else min(Fraction(1), Fraction(hours) / HOURS_A_DAY)
