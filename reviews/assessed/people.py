"""Who has read how they are assessed in a period and who has not: found, filtered, counted and ordered."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Case, Count, Exists, F, OuterRef, Q, QuerySet, Subquery, Value, When

from perfmgmt.people.models import Assignment, Employee
from perfmgmt.people.selectors import directory, visible_employees
from perfmgmt.people.viewer import Viewer, Workspace
from perfmgmt.tenants.calendar import Grain, Period
from reviews.deductions.selectors import period_of
from reviews.models import ScorecardNotice, ScorecardVersion
from reviews.scorecards.matching import scorecard_for

PARAMETERS = ("period", "q", "state", "sort")
ACKNOWLEDGED, WAITING, NOT_SHOWN, NONE = "acknowledged", "waiting", "not_shown", "none"
STATES = (ACKNOWLEDGED, WAITING, NOT_SHOWN, NONE)
SORTS = ("name", "state", "read")


@dataclass(frozen=True)
class Wanted:
    """What an address of the list asks for, with nonsense taken out."""

    period: Period
    search: str = ""
    state: str = ""
    sort: str = "name"

    @property
    def is_filtered(self) -> bool:
        """Whether anything but the period narrows the list."""
        return bool(self.search or self.state)


def read(query: Mapping[str, str], *, workspace: Workspace) -> Wanted:
    """Return what an address asks for; without a period the running quarter."""
    running = Period.containing(Grain.QUARTER, workspace.today(), workspace.fiscal_start_month)
    sort = query.get("sort", "")
    return Wanted(
        period=period_of(query.get("period", ""), workspace) or running,
        search=query.get("q", "")[:100].replace("\0", "").strip(),
        state=query.get("state", "") if query.get("state") in STATES else "",
        sort=sort if sort.removeprefix("-") in SORTS else "name",
    )


@dataclass(frozen=True)
class Standing:
    """The people of a list with `state`, `read_at` and `comment`; `versions`: by which one each is assessed."""

    people: QuerySet[Any]
    versions: Mapping[int, int]


def standing(wanted: Wanted, *, viewer: Viewer, workspace: Workspace) -> Standing:
    """Return the people whom a viewer sees, with how they stand to their scorecard of a period."""
    today = workspace.today()
    versions = scorecard_for(None, int(wanted.period.grain), wanted.period.start, workspace=workspace)
    found = _annotated(_visible(wanted, viewer, today), wanted.period, versions)
    if wanted.state:
        found = found.filter(state=wanted.state)
    return Standing(_ordered(found, wanted.sort), versions)


def _visible(wanted: Wanted, viewer: Viewer, today: date) -> QuerySet[Employee]:
    held = Assignment.objects.filter(employee=OuterRef("pk"), valid_from__lte=today, valid_to__gte=today)
    found = directory(search=wanted.search, on=today).filter(Exists(held))
    reach = visible_employees(viewer=viewer, on=today)
    if reach is not None:  # the list is about others; one's own is on “How I am assessed”
        found = found.filter(pk__in=[pk for pk in reach if pk != viewer.employee_id])
    return found


def _annotated(people: QuerySet[Employee], period: Period, versions: Mapping[int, int]) -> QuerySet[Any]:
    notice = ScorecardNotice.objects.filter(employee=OuterRef("pk"), grain=int(period.grain), start=period.start)
    return people.annotate(
        shown_version=Subquery(notice.values("version_id")[:1]),
        read_at=Subquery(notice.values("acknowledged_at")[:1]),
        comment=Subquery(notice.values("comment")[:1]),
    ).annotate(
        state=Case(
            When(~Q(pk__in=list(versions)), then=Value(NONE)),
            When(read_at__isnull=False, then=Value(ACKNOWLEDGED)),
            When(shown_version__isnull=False, then=Value(WAITING)),
            default=Value(NOT_SHOWN),
        )
    )


def _ordered(found: QuerySet[Any], sort: str) -> QuerySet[Any]:
    key = {"name": "name_key", "state": "state", "read": "read_at"}[sort.removeprefix("-")]
    way = F(key).desc(nulls_last=True) if sort.startswith("-") else F(key).asc(nulls_last=True)
    return found.order_by(way, "name_key", "pk")


def counts(wanted: Wanted, *, viewer: Viewer, workspace: Workspace) -> dict[str, int]:
    """Return how many of the people stand how, whatever the state that is filtered for; every state is there."""
    everybody = standing(Wanted(wanted.period, wanted.search), viewer=viewer, workspace=workspace).people
    rows = everybody.order_by().values_list("state").annotate(n=Count("pk"))
    return dict.fromkeys(STATES, 0) | dict(rows)


def version_names(ids: set[int]) -> dict[int, ScorecardVersion]:
    """Return versions with their scorecards by id, for the rows of a page."""
    return dict(ScorecardVersion.objects.select_related("scorecard").in_bulk(ids))


def periods_to_choose(workspace: Workspace) -> list[Period]:
    """Return the running and the next period of each length, and the last one."""
    found = []
    for rhythm in (Grain.QUARTER, Grain.MONTH, Grain.YEAR):
        running = Period.containing(rhythm, workspace.today(), workspace.fiscal_start_month)
        found += [running.next(), running, running.next(-1)]
    return found
