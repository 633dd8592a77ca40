"""What may be missing of a person: filters of the directory that apps above fill in their `AppConfig.ready()`."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from perfmgmt.people.models import Assignment


@dataclass(frozen=True)
class Gap:
    """Something that people should have: `without` returns the condition of those who lack it on a day.

    `label` says it of the list ("Without a manager"), `having` of who has it ("With a manager").
    """

    code: str
    label: str | Promise
    having: str | Promise
    without: Callable[[date], Q]
    order: int = 50


_gaps: dict[str, Gap] = {}


def register(gap: Gap) -> None:
    """Add a filter; a code is registered once, the later one counts."""
    _gaps[gap.code] = gap


def gaps() -> list[Gap]:
    """Return all filters in their order."""
    return sorted(_gaps.values(), key=lambda gap: (gap.order, gap.code))


def gap_of(code: str) -> Gap | None:
    """Return a filter by its code."""
    return _gaps.get(code)


def _without_manager(on: date) -> Q:
    held: Any = Assignment.objects.filter(employee_id=OuterRef("pk"), valid_from__lte=on, valid_to__gte=on)
    return ~Q(Exists(held.filter(manager__isnull=False)))


MANAGER = Gap("manager", _("Without a manager"), _("With a manager"), _without_manager, order=40)
