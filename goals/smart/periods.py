"""The periods a goal may be for, as one list to choose from."""

from dataclasses import dataclass
from datetime import date

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from goals.models import Length
from goals.smart.spans import Days
from perfmgmt.tenants.calendar import Grain, Period
from perfmgmt.web import formats

OWN = "own"
#: How many periods are offered, from the running one on.
AHEAD = {Grain.QUARTER: 6, Grain.MONTH: 15, Grain.YEAR: 3}
GROUPS: dict[Grain, str | Promise] = {Grain.QUARTER: _("Quarters"), Grain.MONTH: _("Months"), Grain.YEAR: _("Years")}


@dataclass(frozen=True)
class Chosen:
    """A period that was chosen: as `Goal` keeps it."""

    grain: int
    first_day: date
    last_day: date


def choices(days: Days, selected: str = "") -> list[tuple[str, object]]:
    """Return the choices of a select: quarters, months and years from the running one on, and own dates.

    `selected` is one that must be among them, such as that of an older goal.
    """
    found: list[tuple[str, object]] = []
    for grain, group in GROUPS.items():
        options = [days.period(grain, step) for step in range(AHEAD[grain])]
        other = parse(selected, days.fiscal_start_month)
        if other is not None and other.grain is grain and other not in options:
            options = sorted([*options, other])
        found.append((str(group), [(it.label, formats.period(it)) for it in options]))
    return [*found, (OWN, _("Own dates"))]


def parse(label: str, fiscal: int) -> Period | None:
    """Return the month, quarter or year that a label names; None for anything else."""
    try:
        period = Period.parse(label, fiscal)
    except ValueError:
        return None
    return period if period.grain in GROUPS else None


def chosen(label: str, first: date | None, last: date | None, fiscal: int) -> Chosen | None:
    """Return the days of what was chosen; None where own dates are incomplete."""
    period = parse(label, fiscal)
    if period is not None:
        return Chosen(int(period.grain), period.start, period.end)
    return Chosen(int(Length.OWN), first, last) if first is not None and last is not None else None


def label_of(grain: int, first: date, fiscal: int) -> str:
    """Return the choice that stands for a goal's period."""
    if grain == Length.OWN:
        return OWN
    return Period(Grain(grain), first, fiscal).label
