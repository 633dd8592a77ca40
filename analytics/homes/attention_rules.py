"""When a person needs their manager's attention. Pure: no Django, no database."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Protocol

# After so many of their own working days without a fact somebody is asked about.
QUIET_DAYS = 5
# A last day within so many days is coming up.
LEAVING_DAYS = 30


class Calendar(Protocol):
    """What is asked of a working calendar."""

    def works(self, day: date) -> bool:
        """Return whether people work on a day."""


@dataclass(frozen=True)
class Spell:
    """Days from `first` to `last`, both included."""

    first: date
    last: date

    def holds(self, day: date) -> bool:
        """Return whether a day lies in it."""
        return self.first <= day <= self.last


def quiet_days(calendar: Calendar, *, since: date, today: date, away: Iterable[Spell]) -> int:
    """Return the working days after `since` and before `today` on which somebody was not absent."""
    spells, day, found = list(away), since + timedelta(days=1), 0
    while day < today:
        if calendar.works(day) and not any(spell.holds(day) for spell in spells):
            found += 1
        day += timedelta(days=1)
    return found


def last_day_ahead(
    *, left_on: date | None, spells: Iterable[Spell], today: date, within: int = LEAVING_DAYS
) -> date | None:
    """Return somebody's last day when it comes up within so many days: they leave, or nothing follows."""
    ends = [spell.last for spell in spells]
    coming = [day for day in (left_on, max(ends, default=None)) if day is not None]
    last = min(coming, default=None)
    return last if last is not None and today <= last <= today + timedelta(days=within) else None
