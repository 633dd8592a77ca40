"""The home of who only pays: which months are final, which still wait, and no figures of sales."""

from dataclasses import dataclass
from datetime import date

from django.http import HttpResponse
from django.shortcuts import render

from analytics.homes.scope import BY_UNIT
from perfmgmt.closing.models import PeriodLock
from perfmgmt.closing.permissions import SEE_PERIODS
from perfmgmt.closing.selectors import locks_between
from perfmgmt.people.access import WorkspaceRequest
from perfmgmt.people.roles import Role
from perfmgmt.people.viewer import Viewer
from perfmgmt.tenants.calendar import Grain, Period

MONTHS = 6
# With this the home shows one's own figures instead.
OWN = "own"


@dataclass(frozen=True)
class Month:
    """A month that is over, and its lock once it is final."""

    period: Period
    lock: PeriodLock | None


def is_payroll_home(viewer: Viewer, view: str) -> bool:
    """Return whether somebody's home is this one: payroll, with no role that looks at the company or at a team."""
    wants_own = view == OWN and Role.ASSISTANT in viewer.roles
    wider = viewer.roles & {*BY_UNIT, Role.MANAGER}
    return Role.PAYROLL in viewer.roles and not wider and not wants_own and viewer.may(SEE_PERIODS)


def payroll_home(request: WorkspaceRequest) -> HttpResponse:
    """Show the months that are over, newest first, and what comes."""
    months = recent(today=request.workspace.today())
    context = {
        "months": months,
        "locked": sum(month.lock is not None for month in months),
        "waiting": sum(month.lock is None for month in months),
        "has_own": Role.ASSISTANT in request.viewer.roles,
    }
    return render(request, "homes/payroll.html", context)


def recent(*, today: date) -> list[Month]:
    """Return the last months that are over, newest first, with their locks; one query."""
    running = Period.containing(Grain.MONTH, today)
    periods = [running.next(-back) for back in range(1, MONTHS + 1)]
    locks = locks_between(periods[-1].start, periods[0].start)
    return [Month(period, locks.get((int(Grain.MONTH), period.start))) for period in periods]
