"""Who is asked and who is passed over, for which reason. Pure: what is known comes in as values.

The reasons are looked for in a fixed order, so that each is what stands in the way first. Chance comes last and is
drawn anew for everybody who could be asked: nothing that an assistant types or chooses goes into it.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from reviews.models import SkipReason

#: What happened longer ago than this, counted from the day on which it could be asked about, is past asking.
TOO_LATE = timedelta(days=30)
YEAR = timedelta(days=365)


@dataclass(frozen=True)
class Limits:
    """What bounds asking: a trigger's or campaign's own sampling, and the workspace's budget over all surveys."""

    rate: int = 100
    quota: int | None = None
    quiet_days: int = 0
    days_between: int = 30
    per_year: int = 6
    delay_days: int = 0
    any_age: bool = False  # a campaign is about today
    by_link: bool = False  # whom no mail reaches can be handed a link

    @property
    def looks_back(self) -> timedelta:
        """How long ago something may be that still matters."""
        return max(YEAR, timedelta(days=self.quiet_days), timedelta(days=self.days_between))


@dataclass(frozen=True)
class Candidate:
    """Somebody who might be asked about something that happened on a day. Without a contact: `why` there is none."""

    key: int
    day: date
    employee_id: int | None
    contact_id: int | None = None
    email: str = ""
    why: str = ""


@dataclass
class Past:
    """On which days contacts were asked (`by_all` surveys, `by_this` one), and how often by assistant and month."""

    by_all: dict[int, list[date]] = field(default_factory=lambda: defaultdict(list))
    by_this: dict[int, list[date]] = field(default_factory=lambda: defaultdict(list))
    of_quota: Counter[tuple[int | None, int, int]] = field(default_factory=Counter)

    def note(self, one: Candidate, today: date) -> None:
        """Remember that somebody is asked today, for those who come after in the same run."""
        if one.contact_id is not None:
            self.by_all.setdefault(one.contact_id, []).append(today)
            self.by_this.setdefault(one.contact_id, []).append(today)
        self.of_quota[month_of(one)] += 1


def month_of(one: Candidate) -> tuple[int | None, int, int]:
    """Return whose quota of which month somebody counts in: that of the day on which it happened."""
    return (one.employee_id, one.day.year, one.day.month)


def decide(
    candidates: Iterable[Candidate],
    limits: Limits,
    past: Past,
    *,
    today: date,
    draw: Random,
    suppressed: Collection[str] = (),
) -> dict[int, str]:
    """Return for each candidate's key why it is passed over; "" for who is asked. `past` is kept up to date.

    Who comes first gets what is left of a quota, so the order is drawn as well.
    """
    order = sorted(candidates, key=lambda one: one.key)
    draw.shuffle(order)
    found: dict[int, str] = {}
    for one in order:
        found[one.key] = _against(one, limits, past, today, suppressed) or (
            "" if draw.random() * 100 < limits.rate else str(SkipReason.NOT_DRAWN)
        )
        if not found[one.key]:
            past.note(one, today)
    return found


def _against(one: Candidate, limits: Limits, past: Past, today: date, suppressed: Collection[str]) -> str:
    """Return the first reason against asking, chance left aside; "" for none."""
    if one.contact_id is None:
        return one.why
    contact_id = one.contact_id
    rules: tuple[tuple[SkipReason, Callable[[], bool]], ...] = (
        (SkipReason.SUPPRESSED, lambda: one.email in suppressed and not limits.by_link),
        (SkipReason.TOO_OLD, lambda: is_too_old(one.day, limits, today)),
        (SkipReason.QUIET, lambda: is_within(past.by_this.get(contact_id, ()), limits.quiet_days, today)),
        (SkipReason.FATIGUE, lambda: is_tired(past.by_all.get(contact_id, ()), limits, today)),
        (SkipReason.QUOTA, lambda: limits.quota is not None and past.of_quota[month_of(one)] >= limits.quota),
    )
    return next((str(reason) for reason, holds in rules if holds()), "")


def is_too_old(day: date, limits: Limits, today: date) -> bool:
    """Return whether it is too late to ask about something."""
    return not limits.any_age and today > day + timedelta(days=limits.delay_days) + TOO_LATE


def is_within(asked: Iterable[date], days: int, today: date) -> bool:
    """Return whether one of the days is less than so many days ago."""
    return any(today - day < timedelta(days=days) for day in asked)


def is_tired(asked: Collection[date], limits: Limits, today: date) -> bool:
    """Return whether the budget over all surveys is used up: the days between two, or the number in a year."""
    in_a_year = sum(today - day < YEAR for day in asked)
    return is_within(asked, limits.days_between, today) or in_a_year >= limits.per_year
