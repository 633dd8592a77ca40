"""How much of a period has gone by, in people's own working days and in the company's (RULES.md section 9)."""

from datetime import date
from fractions import Fraction

from goals.following.rules import Elapsed
from perfmgmt.people.own_days import ONE_DAY, OwnDays
from perfmgmt.tenants.workdays import WorkingCalendar


def elapsed_of(days: OwnDays, calendar: WorkingCalendar, first: date, last: date, today: date) -> Elapsed:
    """Return a person's own working days of a period, elapsed through yesterday (RULES.md section 9)."""
    done = days.working_days(calendar, first, min(last, today - ONE_DAY))
    return Elapsed(done, days.working_days(calendar, first, last), last < today)


def elapsed_of_all(calendar: WorkingCalendar, first: date, last: date, today: date) -> Elapsed:
    """Return the company's working days of a period, for goals of units and the company."""
    done = calendar.working_days(first, min(last, today - ONE_DAY))
    return Elapsed(Fraction(done), Fraction(calendar.working_days(first, last)), last < today)
