"""Who may review whom (R3), in plain Python: conflicts, how many, how much one rater carries. docs/rules.md, raters.

Groups are named as in `reviews.models.RaterKind`. Peers, direct reports and internal customers are the colleagues:
they are chosen, answer anonymously, and count towards a rater's load.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

SELF, MANAGER, SKIP_LEVEL = "self", "manager", "skip_level"
PEERS, REPORTS, INTERNAL, CUSTOMERS = "peers", "direct_reports", "internal_customers", "customers"
#: The groups that are chosen, in the order of the page.
COLLEAGUES = (PEERS, INTERNAL, REPORTS)
#: States in which somebody is a rater, or is meant to be one.
ASKED_STATES = ("asked", "started", "done")
LIVE_STATES = ("nominated", *ASKED_STATES)
#: What a rater's row says who stopped being a colleague because they lead the person now; pages put it into words.
LEADS_NOW = "leads_now"
#: Longer answering times are not looked through for absences: nobody is taken to be away for so long.
LONGEST_WINDOW = 400


class Conflict(StrEnum):
    """Why somebody can't review a person in a group; the first that applies is the one that is named."""

    ONESELF = "oneself"
    MANAGER = "manager"
    REPORT = "report"
    NO_REPORT = "no_report"
    GONE = "gone"
    AWAY = "away"
    TWICE = "twice"
    DECLINED = "declined"
    FULL = "full"


#: What may pass with the time; the others never do.
PASSING = frozenset({Conflict.FULL, Conflict.AWAY, Conflict.DECLINED, Conflict.TWICE})


@dataclass(frozen=True)
class Standing:
    """How somebody stands to a person in a cycle.

    `managers` says they lead the person, or lead who leads them, on a day of the period or today. `groups` are the
    groups of colleagues in which they are a rater of this person already. `load` counts the colleagues they are
    asked to review in the cycle, this person not among them.
    """

    is_ratee: bool = False
    leads: bool = False
    is_report: bool = False
    is_gone: bool = False
    is_away: bool = False
    groups: frozenset[str] = field(default_factory=frozenset)
    has_declined: bool = False
    load: int = 0


def conflicts(group: str, who: Standing, most: int) -> list[Conflict]:
    """Return why somebody can't review a person in a group of colleagues; nothing: they can.

    A direct report is no peer and a peer no report; who leads the person (skip-level included) reviews as that and in
    no other group; nobody reviews themselves but as self; one person stands in one anonymous group only; who has left
    or is away the whole answering time can't answer; nobody is asked about more than `most` colleagues.
    """
    found = {
        Conflict.ONESELF: who.is_ratee,
        Conflict.MANAGER: who.leads,
        Conflict.REPORT: who.is_report and group != REPORTS,
        Conflict.NO_REPORT: group == REPORTS and not who.is_report and not who.is_ratee and not who.leads,
        Conflict.GONE: who.is_gone,
        Conflict.AWAY: who.is_away,
        Conflict.TWICE: bool(who.groups - {group}),
        Conflict.DECLINED: who.has_declined,
        Conflict.FULL: who.load >= most,
    }
    return [conflict for conflict, applies in found.items() if applies]


@dataclass(frozen=True)
class Limits:
    """How many are chosen of a group: at least, at most, and how many answers it takes to be shown (`minimum`)."""

    least: int
    most: int
    minimum: int = 3


class Count(StrEnum):
    """How a number of raters fits the limits of its group."""

    FITS = "fits"
    TOO_FEW = "too_few"
    THIN = "thin"
    TOO_MANY = "too_many"


def needed(limits: Limits, available: int) -> int:
    """Return how many must be chosen: the group's least, or all there are when there are fewer."""
    return min(limits.least, max(available, 0))


def count_fits(n: int, limits: Limits, available: int | None = None) -> Count:
    """Return how a number of chosen raters fits; `available` is how many could be chosen at all.

    `THIN`: allowed, but with so few the group stays hidden (or is merged) even if everybody answers.
    """
    if n > limits.most:
        return Count.TOO_MANY
    if n < (limits.least if available is None else needed(limits, available)):
        return Count.TOO_FEW
    return Count.THIN if 0 < n < limits.minimum else Count.FITS


def is_covered(spells: Iterable[tuple[date, date]], first: date, last: date, works: Callable[[date], bool]) -> bool:
    """Return whether spells of absence cover every working day from `first` to `last`; without one: False."""
    if last < first or (last - first).days > LONGEST_WINDOW:
        return False
    away = sorted(spells)
    days = [day for n in range((last - first).days + 1) if works(day := first + timedelta(days=n))]
    return bool(days) and all(any(start <= day <= end for start, end in away) for day in days)


class Tie(StrEnum):
    """What two people have in common in a period, the strongest first."""

    REPORT = "report"
    SUPPORTED = "supported"
    DEALS = "deals"
    CUSTOMERS = "customers"
    TEAM = "team"
    UNIT = "unit"


@dataclass(frozen=True)
class Link:
    """One tie, with how many deals or customers it stands on (0 where there is nothing to count)."""

    tie: Tie
    n: int = 0


#: What a tie is worth when suggestions are put in order: work done together before sitting in the same room.
WORTH = {Tie.REPORT: 1000, Tie.SUPPORTED: 6, Tie.DEALS: 6, Tie.CUSTOMERS: 3, Tie.TEAM: 10, Tie.UNIT: 4}
#: A hundred shared customers say no more than so many.
ENOUGH = 20


def strength(links: Sequence[Link]) -> int:
    """Return how close two people work, for the order of suggestions."""
    return sum(WORTH[link.tie] * min(max(link.n, 1), ENOUGH) for link in links)


def usual_group(links: Sequence[Link], groups: Iterable[str]) -> str:
    """Return the group in which somebody is suggested, of those the cycle asks; "" where they fit none.

    Who reports to the person is a report. Whose deals the person supported, or who shares customers from another team
    and unit, is an internal customer; everybody else is a peer. Without a group of internal customers they are peers.
    """
    asked, ties = set(groups), {link.tie for link in links}
    if Tie.REPORT in ties:
        return REPORTS if REPORTS in asked else ""
    near = bool(ties & {Tie.TEAM, Tie.UNIT})
    if INTERNAL in asked and ties and (Tie.SUPPORTED in ties or not near):
        return INTERNAL
    return PEERS if PEERS in asked else (INTERNAL if INTERNAL in asked else "")
