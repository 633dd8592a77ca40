"""What higher apps add to a position's page: columns beside its duties, and parts below them.

They register in their `AppConfig.ready()`; people knows nothing of metrics or goals.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise

from perfmgmt.people.access import WorkspaceRequest
from perfmgmt.people.duties.selectors import JobDescription
from perfmgmt.people.models import Duty
from perfmgmt.people.permissions import Permission


@dataclass(frozen=True)
class DutyColumn:
    """Something that duties have: `of(duties)` returns words by duty id, in a fixed number of queries.

    `url_name` is the page where who has `permission` changes it; its address takes slug, position_id and duty_id.
    """

    code: str
    label: str | Promise
    of: Callable[[Sequence[Duty]], Mapping[int, list[str]]]
    url_name: str
    permission: Permission
    nothing: str | Promise = "—"


@dataclass(frozen=True)
class PositionPart:
    """A part of the page: `context(request, description)` returns what `template` shows; {} leaves it out."""

    code: str
    template: str
    context: Callable[[WorkspaceRequest, JobDescription], dict[str, Any]]
    order: int = 100


_columns: dict[str, DutyColumn] = {}
_parts: dict[str, PositionPart] = {}


def register_column(column: DutyColumn) -> None:
    """Add a column; the same code again replaces it."""
    _columns[column.code] = column


def register_part(part: PositionPart) -> None:
    """Add a part; the same code again replaces it."""
    _parts[part.code] = part


def columns() -> list[DutyColumn]:
    """Return every column, by its code."""
    return [_columns[code] for code in sorted(_columns)]


def parts_for(request: WorkspaceRequest, description: JobDescription) -> list[dict[str, Any]]:
    """Return the parts that have something to show, as dicts template, values."""
    found = []
    for part in sorted(_parts.values(), key=lambda part: (part.order, part.code)):
        values = part.context(request, description)
        if values:
            found.append({"template": part.template, "values": values})
    return found
