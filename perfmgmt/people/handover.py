"""What somebody leaves open: higher apps register kinds of open things in their `AppConfig.ready()`.

A kind finds what is open after people's last days, and hands it to somebody else or drops it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from django.utils.functional import Promise

from perfmgmt.people.models import Employee


@dataclass(frozen=True)
class OpenItem:
    """One open thing: `key` finds it again, `label` and `detail` say what it is, `url_name` and `args` open it.

    `url_name` stays empty for what has no page of its own; the workspace's slug is put before `args`.
    """

    key: str
    label: str
    detail: str = ""
    url_name: str = ""
    args: tuple[int, ...] = field(default_factory=tuple)


#: People's last days: employee id -> day.
LastDays = Mapping[int, date]


@dataclass(frozen=True)
class Handover:
    """Who leaves what to whom: `to` is None when the items are dropped."""

    leaver: Employee
    last_day: date
    keys: frozenset[str]
    to: Employee | None
    by_user_id: int


@dataclass(frozen=True)
class HandoverKind:
    """One kind of open things.

    `find(last_days)` returns the open items by employee, in a fixed number of queries. `hand_over(handover)` gives
    the named items to `to`, or drops them when `may_drop` allows that, inside the caller's transaction; it raises
    DomainError for what can't be. `drop_label` says what dropping means.
    """

    code: str
    label: str | Promise
    find: Callable[[LastDays], dict[int, list[OpenItem]]]
    hand_over: Callable[[Handover], None]
    may_drop: bool = False
    drop_label: str | Promise = ""
    order: int = 100


_kinds: dict[str, HandoverKind] = {}


def register(kind: HandoverKind) -> None:
    """Make a kind known; the same code again replaces it."""
    _kinds[kind.code] = kind


def kinds() -> Sequence[HandoverKind]:
    """Return every kind in the order of the page."""
    return sorted(_kinds.values(), key=lambda kind: (kind.order, kind.code))


def open_items(last_days: LastDays) -> dict[int, list[tuple[HandoverKind, list[OpenItem]]]]:
    """Return what each of these people leaves open, by kind; kinds with nothing open are left out."""
    found: dict[int, list[tuple[HandoverKind, list[OpenItem]]]] = {pk: [] for pk in last_days}
    if not last_days:
        return found
    for kind in kinds():
        for pk, items in kind.find(last_days).items():
            if items:
                found[pk].append((kind, items))
    return found
