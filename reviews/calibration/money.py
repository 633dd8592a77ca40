"""What a calibration changes in money: worked out by a higher app, shown only to who may see it.

Reviews know no money. The app that does registers, in its `AppConfig.ready()`, a function that says in words what
moves change for each person, and the permission that a viewer needs to read it. Nothing is registered here.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from perfmgmt.people.permissions import Permission
from perfmgmt.people.viewer import Viewer


@dataclass(frozen=True)
class Change:
    """What counts for a participant before and after calibration, or would after a move; points and grades."""

    participant_id: int
    before: Decimal | None
    after: Decimal | None
    grade_before: str
    grade_after: str


@dataclass(frozen=True)
class MoneyView:
    """A source of such words: `texts` returns a text by participant for those of whom it has something to say."""

    code: str
    permission: Permission
    texts: Callable[[Sequence[Change]], Mapping[int, str]]


_views: dict[str, MoneyView] = {}


def register(view: MoneyView) -> None:
    """Make a source known; the same code again replaces it."""
    _views[view.code] = view


def unregister(code: str) -> None:
    """Forget a source."""
    _views.pop(code, None)


def may_see(viewer: Viewer) -> bool:
    """Return whether there is anything about money that a viewer may read."""
    return any(viewer.may(view.permission) for view in _views.values())


def texts_for(changes: Sequence[Change], *, viewer: Viewer) -> dict[int, list[str]]:
    """Return what changes in money, by participant, from the sources that the viewer may read; else nothing."""
    found: dict[int, list[str]] = {}
    for view in sorted(_views.values(), key=lambda one: one.code):
        if changes and viewer.may(view.permission):
            for participant_id, text in view.texts(changes).items():
                found.setdefault(participant_id, []).append(text)
    return found
