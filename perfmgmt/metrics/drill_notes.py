"""What the list behind a figure has to say about its days: higher apps register it in `AppConfig.ready()`."""

from collections.abc import Callable
from dataclasses import dataclass

from perfmgmt.metrics.drill import Drill
from perfmgmt.people.access import WorkspaceRequest


@dataclass(frozen=True)
class Note:
    """A short notice, and the page that tells more (empty for who may not open it)."""

    text: str
    url: str = ""
    link: str = ""


Finder = Callable[[Drill, WorkspaceRequest], Note | None]
_finders: list[Finder] = []


def register(finder: Finder) -> None:
    """Let lists show a notice; the same finder counts once."""
    if finder not in _finders:
        _finders.append(finder)


def notes_of(wanted: Drill, request: WorkspaceRequest) -> list[Note]:
    """Return every notice about what is listed."""
    return [note for finder in _finders if (note := finder(wanted, request)) is not None]
