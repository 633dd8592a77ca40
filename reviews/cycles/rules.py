"""The arithmetic of cycles: deadlines in order, weights of groups, dates of a copy, what days a manager had. Pure."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

HUNDRED = Decimal(100)
#: Whose answers carry their name: announced as identified (RULES.md section 6).
IDENTIFIED = ("self", "manager", "skip_level")


@dataclass(frozen=True)
class Spell:
    """Days on which somebody had a manager, both ends included."""

    employee_id: int
    manager_id: int
    first: date
    last: date


def manager_days(
    spells: Iterable[Spell], first: date, last: date, working_days: Callable[[date, date], int]
) -> dict[int, dict[int, int]]:
    """Return how many working days of a period each manager was each person's: employee -> manager -> days.

    Two managers of one period share by these days (RULES.md section 6). Who had no working day is left out.
    """
    found: dict[int, dict[int, int]] = {}
    known: dict[tuple[date, date], int] = {}
    for spell in spells:
        span = (max(first, spell.first), min(last, spell.last))
        if span[1] < span[0]:
            continue
        if span not in known:
            known[span] = working_days(*span)
        if known[span]:
            theirs = found.setdefault(spell.employee_id, {})
            theirs[spell.manager_id] = theirs.get(spell.manager_id, 0) + known[span]
    return found


def dates_out_of_order(dates: Sequence[date | None]) -> bool:
    """Return whether days that follow one another don't; missing ones are passed over."""
    known = [day for day in dates if day is not None]
    return any(after < before for before, after in pairwise(known))


def weights_sum(weights: Iterable[Decimal]) -> Decimal:
    """Return the sum of weights in percent."""
    return sum(weights, Decimal(0))


def sums_to_100(weights: Iterable[Decimal]) -> bool:
    """Return whether weights in percent sum to exactly 100."""
    return weights_sum(weights) == HUNDRED


def moved(day: date | None, old_end: date, new_end: date) -> date | None:
    """Return a deadline of a copied cycle: as many days behind the period's end as it was before."""
    return None if day is None else day + (new_end - old_end)


def waits_until(own: date | None, of_cycle: date | None) -> date | None:
    """Return until when answers about a person are expected: their own day if it is later than the cycle's."""
    if own is None or of_cycle is None:
        return own or of_cycle
    return max(own, of_cycle)


#: So many days before a cycle closes by itself it is announced; without an announcement it doesn't.
ANNOUNCED_BEFORE = 2


def last_day(until: date | None, longest: date | None, grace: int | None) -> date | None:
    """Return the last day of answers of a cycle that closes by itself; None for one that doesn't.

    `longest` is the latest day that raters of single people have instead of the cycle's `until`.
    """
    end = waits_until(longest, until)
    return None if end is None or until is None or grace is None else end + timedelta(days=grace)


def to_announce(last: date | None, told: date | None, today: date) -> date | None:
    """Return the last day of answers to announce today; None where nothing is to be said.

    Who is told too late (nothing ran, or nobody could be written to) has all of tomorrow.
    """
    if last is None or (told is not None and told >= last) or today < last - timedelta(days=ANNOUNCED_BEFORE):
        return None
    return max(last, today + timedelta(days=1))


def share(done: int, asked: int) -> Decimal | None:
    """Return done / asked; None when nobody was asked."""
    return None if asked == 0 else Decimal(done) / asked


@dataclass(frozen=True)
class Place:
    """Where a person stands, as far as it decides who can be their peer."""

    employee_id: int
    unit_id: int | None
    manager_id: int | None


def possible_peers(places: Iterable[Place]) -> dict[int, int]:
    """Return how many peers each person can have at most.

    Peers work in the same unit or below the same manager; one's own manager and one's own reports are none.
    """
    rows = list(places)
    by_unit: dict[int | None, int] = {}
    by_manager: dict[int | None, int] = {}
    by_both: dict[tuple[int | None, int | None], int] = {}
    unit_of: dict[int, int | None] = {}
    for row in rows:
        unit_of[row.employee_id] = row.unit_id
        by_unit[row.unit_id] = by_unit.get(row.unit_id, 0) + 1
        by_manager[row.manager_id] = by_manager.get(row.manager_id, 0) + 1
        by_both[row.unit_id, row.manager_id] = by_both.get((row.unit_id, row.manager_id), 0) + 1
    # One's reports who share one's unit (they never share one's manager).
    own: dict[int, int] = {}
    for row in rows:
        if row.manager_id in unit_of and unit_of[row.manager_id] == row.unit_id:
            own[row.manager_id] = own.get(row.manager_id, 0) + 1
    return {row.employee_id: _peers(row, by_unit, by_manager, by_both, unit_of, own) for row in rows}


def _peers(
    row: Place,
    by_unit: Mapping[int | None, int],
    by_manager: Mapping[int | None, int],
    by_both: Mapping[tuple[int | None, int | None], int],
    unit_of: Mapping[int, int | None],
    own: Mapping[int, int],
) -> int:
    same = by_unit[row.unit_id] - 1
    if row.manager_id is not None:
        same += by_manager[row.manager_id] - by_both[row.unit_id, row.manager_id]
        same -= int(row.manager_id in unit_of and unit_of[row.manager_id] == row.unit_id)
    return same - own.get(row.employee_id, 0)


def next_working_moment(hour: int, first_hour: int, last_hour: int, *, works: bool) -> bool:
    """Return whether a message may go out now: on a working day, in the hours from `first_hour` to `last_hour`."""
    return works and first_hour <= hour < last_hour


def days_left(until: date | None, today: date) -> int | None:
    """Return the days until a deadline, 0 on it, negative after it; None without one."""
    return None if until is None else (until - today) // timedelta(days=1)
