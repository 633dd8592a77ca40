"""Weeks of check-ins: when one is due, how long somebody has missed them, what moved since the last. Pure."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from goals.rules import Pace

ONE_DAY, ONE_WEEK = timedelta(days=1), timedelta(days=7)
# Older weeks are not counted: "12 weeks without" stands for as many or more.
LOOK_BACK = 12
# From the best to the worst; what is not here can't be compared.
_ORDER = (Pace.ACHIEVED, Pace.AHEAD, Pace.ON_TRACK, Pace.AT_RISK, Pace.OFF_TRACK, Pace.OVERDUE)


def monday_of(day: date) -> date:
    """Return the Monday of a day's ISO week."""
    return day - timedelta(days=day.weekday())


def week_label(monday: date) -> str:
    """Return the name of an ISO week as addresses have it, such as 2026-W48."""
    year, week, _day = monday.isocalendar()
    return f"{year:04d}-W{week:02d}"


def is_open(week: date, today: date) -> bool:
    """Whether a week's check-in may still be written: that of this week and of the one before."""
    return week in (monday_of(today), monday_of(today) - ONE_WEEK)


def due_day(week: date, weekday: int, works: Callable[[date], bool]) -> date | None:
    """Return the day on which a week's check-in is due; None in a week without a working day.

    `weekday` is the workspace's day (1 = Monday). When nobody works on it, it is the last working day before it in
    the week, or else the first one after.
    """
    days = [week + step * ONE_DAY for step in range(7)]
    before = [day for day in days[:weekday] if works(day)]
    after = [day for day in days[weekday:] if works(day)]
    return before[-1] if before else after[0] if after else None


def missed(sent: Collection[date], *, since: date, week: date, is_present: Callable[[date], bool]) -> int:
    """Return how many weeks in a row up to `week` have no check-in, at most LOOK_BACK.

    `sent` are the Mondays of those that were sent, `since` is the first day on which one was to be expected. A week
    in which the person was never at work is neither missed nor made: it is left out.
    """
    count, here = 0, week
    for _step in range(LOOK_BACK):
        if here in sent or here + 6 * ONE_DAY < since:
            break
        count += is_present(here)
        here -= ONE_WEEK
    return count


class Move(StrEnum):
    """What moved since the last check-in."""

    CONFIDENCE_DOWN = "confidence down"
    CONFIDENCE_UP = "confidence up"
    PACE_DOWN = "pace down"
    PACE_UP = "pace up"


@dataclass(frozen=True)
class Said:
    """What one check-in says about a goal: `key` finds the same goal in another one."""

    key: str
    confidence: int | None
    pace: str


@dataclass(frozen=True)
class Change:
    """One thing about a goal that moved."""

    key: str
    move: Move

    @property
    def is_bad(self) -> bool:
        """Whether it moved the wrong way."""
        return self.move in (Move.CONFIDENCE_DOWN, Move.PACE_DOWN)


def changes(before: Iterable[Said], now: Iterable[Said]) -> list[Change]:
    """Return what moved about each goal that stands in both, in the order of `now`; confidence first."""
    old = {said.key: said for said in before}
    found: list[Change] = []
    for said in now:
        if said.key in old:
            found += _moves(old[said.key], said)
    return found


def _moves(old: Said, new: Said) -> Iterable[Change]:
    if old.confidence is not None and new.confidence is not None and old.confidence != new.confidence:
        fell = new.confidence < old.confidence
        yield Change(new.key, Move.CONFIDENCE_DOWN if fell else Move.CONFIDENCE_UP)
    if old.pace != new.pace and old.pace in _ORDER and new.pace in _ORDER:
        fell = _ORDER.index(Pace(new.pace)) > _ORDER.index(Pace(old.pace))
        yield Change(new.key, Move.PACE_DOWN if fell else Move.PACE_UP)
