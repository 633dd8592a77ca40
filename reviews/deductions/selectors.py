"""The list of score deductions: found, filtered and ordered."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet

from perfmgmt.people.viewer import Viewer, Workspace
from perfmgmt.tenants.calendar import Grain, Period
from perfmgmt.tenants.errors import NotFound
from reviews.deductions.access import visible_deductions
from reviews.models import Rhythm, ScoreDeduction

PARAMETERS = ("q", "period", "state", "sort")
STANDING, WITHDRAWN = "standing", "withdrawn"
SORTS: Mapping[str, tuple[str, ...]] = {
    "": ("-pk",),
    "name": ("employee__name_key", "-pk"), "-name": ("-employee__name_key", "-pk"),
    "points": ("points", "-pk"), "-points": ("-points", "-pk"),
    "day": ("happened_on", "-pk"), "-day": ("-happened_on", "-pk"),
    "period": ("start", "grain", "-pk"), "-period": ("-start", "grain", "-pk"),
}  # fmt: skip


@dataclass(frozen=True)
class Wanted:
    """What an address of the list asks for, with nonsense taken out."""

    search: str = ""
    period: Period | None = None
    state: str = ""
    sort: str = ""

    @property
    def is_filtered(self) -> bool:
        """Whether anything narrows the list."""
        return bool(self.search or self.period or self.state)


def read(query: Mapping[str, str], *, workspace: Workspace) -> Wanted:
    """Return what an address of the list asks for."""
    return Wanted(
        search=query.get("q", "")[:100].replace("\0", "").strip(),
        period=period_of(query.get("period", ""), workspace),
        state=query.get("state", "") if query.get("state") in (STANDING, WITHDRAWN) else "",
        sort=query.get("sort", "") if query.get("sort", "") in SORTS else "",
    )


def period_of(label: str, workspace: Workspace) -> Period | None:
    """Return a month, quarter or year by its label; None for anything else."""
    try:
        found = Period.parse(label, workspace.fiscal_start_month)
    except ValueError:
        return None
    return found if int(found.grain) in Rhythm.values else None


def deductions(wanted: Wanted, *, viewer: Viewer, today: date) -> QuerySet[ScoreDeduction]:
    """Return the deductions a viewer sees, with the person and who made them, in the order asked for."""
    found = visible_deductions(viewer, today).select_related("employee", "created_by")
    if wanted.search:
        found = found.filter(
            Q(employee__name__icontains=wanted.search)
            | Q(employee__number__istartswith=wanted.search)
            | Q(reason__icontains=wanted.search)
        )
    if wanted.period is not None:
        found = found.filter(grain=int(wanted.period.grain), start=wanted.period.start)
    if wanted.state:
        found = found.filter(withdrawn_at__isnull=wanted.state == STANDING)
    return found.order_by(*SORTS[wanted.sort])


def deduction_of(deduction_id: int, *, viewer: Viewer, today: date) -> ScoreDeduction:
    """Return a deduction that a viewer sees; raise NotFound."""
    rows = visible_deductions(viewer, today).select_related("employee", "created_by")
    found = rows.filter(pk=deduction_id).first()
    if found is None:
        raise NotFound
    return found


def of_person(employee_id: int, periods: list[Period]) -> dict[Period, list[ScoreDeduction]]:
    """Return a person's own deductions of some periods, those taken back included; one query."""
    wanted = Q(pk__in=[])
    for period in periods:
        wanted |= Q(grain=int(period.grain), start=period.start)
    found: dict[Period, list[ScoreDeduction]] = {period: [] for period in periods}
    by_key = {(int(period.grain), period.start): period for period in periods}
    for row in ScoreDeduction.objects.filter(wanted, employee_id=employee_id).order_by("happened_on", "pk"):
        found[by_key[row.grain, row.start]].append(row)
    return found


def periods_to_choose(workspace: Workspace, today: date) -> list[Period]:
    """Return the periods for which points can be taken off: running ones and the last four of each length."""
    found: list[Period] = []
    for rhythm in (Grain.QUARTER, Grain.MONTH, Grain.YEAR):
        running = Period.containing(rhythm, today, workspace.fiscal_start_month)
        found += [running.next(-back) for back in range(5 if rhythm is not Grain.YEAR else 2)]
    return found


def period_words(rows: Any, workspace: Workspace) -> dict[int, Period]:
    """Return the period of each deduction, by its id."""
    return {row.pk: Period(Grain(row.grain), row.start, workspace.fiscal_start_month) for row in rows}
