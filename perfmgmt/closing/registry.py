"""What belongs to a period: apps register figures to freeze and lines of the checklist in `AppConfig.ready()`."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise

from perfmgmt.closing.models import Part
from perfmgmt.tenants.calendar import Period


@dataclass(frozen=True)
class FrozenPart:
    """Figures that a lock freezes.

    `select(period)` returns SQL with the columns metric_id, owner_id, total, n (one row per metric and owner), whose
    parameters are %(tenant)s, %(grain)s, %(start)s and %(end)s.
    """

    part: Part
    label: str | Promise
    select: Callable[[Period], str]


@dataclass(frozen=True)
class Finding:
    """The answer of a check: `count` things, in words; `level` is ok, warn (may be locked all the same) or block."""

    level: str
    text: str
    url: str = ""
    count: int = 0


@dataclass(frozen=True)
class Check:
    """A line of the checklist: `look(period, slug, today)` computes the answer now."""

    code: str
    label: str | Promise
    look: Callable[[Period, str, Any], Finding]
    order: int = 100


_parts: dict[Part, FrozenPart] = {}
_checks: dict[str, Check] = {}


def freeze(part: FrozenPart) -> None:
    """Let locks freeze these figures, too."""
    _parts[part.part] = part


def check(item: Check) -> None:
    """Put a line on the checklist."""
    _checks[item.code] = item


def parts() -> list[FrozenPart]:
    """Return the figures that locks freeze, in a fixed order."""
    return [_parts[key] for key in sorted(_parts)]


def checks() -> list[Check]:
    """Return the lines of the checklist, in order."""
    return sorted(_checks.values(), key=lambda item: (item.order, item.code))
