"""Pages of the period close: the periods of a year, the checklist of one, its late changes."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from perfmgmt.closing import exports, frozen, services, tasks
from perfmgmt.closing.models import PeriodLock
from perfmgmt.closing.permissions import LOCK_PERIODS, SEE_PERIODS
from perfmgmt.closing.selectors import lock_of, locks_between, versions_of
from perfmgmt.jobs import services as jobs
from perfmgmt.people.access import WorkspaceRequest, workspace_view
from perfmgmt.people.models import User
from perfmgmt.tenants.calendar import Grain, Period
from perfmgmt.tenants.errors import Conflict, DomainError

CHANGES_PER_PAGE = 50
LONGEST_REASON = 500


@workspace_view(SEE_PERIODS)
@require_GET
def periods(request: WorkspaceRequest) -> HttpResponse:
    """A fiscal year with its quarters and months: open or locked, since when, by whom."""
    today = request.workspace.today()
    year = _year(request, today)
    locks = locks_between(year.start, year.end)
    people = _names({lock.locked_by_id for lock in locks.values() if lock.locked_by_id})
    rows = []
    quarter = Period(Grain.QUARTER, year.start, year.fiscal_start_month)
    for each in [year, *(p for n in range(4) for p in (quarter.next(n), *quarter.next(n).months()))]:
        lock = locks.get((int(each.grain), each.start))
        rows.append({"period": each, "lock": lock, "by": people.get(lock.locked_by_id or 0, "") if lock else "",
                     "state": _state(each, lock, today), "level": 6 - int(each.grain)})  # fmt: skip
    context = {"year": year, "previous": year.next(-1), "following": year.next(), "rows": rows}
    return render(request, "closing/periods.html", context)


def _state(period: Period, lock: PeriodLock | None, today: date) -> str:
    if lock is not None:
        return "locked"
    return "over" if period.end < today else "running" if period.start <= today else "ahead"


def _names(user_ids: set[int]) -> dict[int, str]:
    return {user.pk: str(user) for user in User.objects.filter(pk__in=user_ids)}


def _year(request: WorkspaceRequest, today: date) -> Period:
    fiscal = request.workspace.fiscal_start_month
    try:
        found = Period.parse(request.GET.get("year", ""), fiscal)
    except ValueError:
        found = Period.containing(Grain.YEAR, today, fiscal)
    return Period.containing(Grain.YEAR, found.start, fiscal)


def _period(request: WorkspaceRequest, label: str) -> Period:
    """Return the month, quarter or year of a label; nonsense is the month before this one."""
    fiscal = request.workspace.fiscal_start_month
    try:
        found = Period.parse(label, fiscal)
    except ValueError:
        found = Period.containing(Grain.MONTH, request.workspace.today(), fiscal).next(-1)
    return found if found.grain in services.LOCKABLE else Period.containing(Grain.MONTH, found.start, fiscal)


@workspace_view(SEE_PERIODS)
@require_GET
def period(request: WorkspaceRequest) -> HttpResponse:
    """One period (`?period=`): the checklist while it is open, versions and late changes once it is locked."""
    wanted = _period(request, request.GET.get("period", ""))
    context: dict[str, Any] = {"period": wanted, "may_lock": request.viewer.may(LOCK_PERIODS)}
    lock = lock_of(wanted)
    if lock is not None:
        return render(request, "closing/locked.html", {**context, **_locked(request, lock)})
    lines = services.look(wanted, slug=request.workspace.slug, today=request.workspace.today())
    levels = {line["level"] for line in lines}
    context |= {
        "lines": lines,
        "blocked": "block" in levels,
        "warned": "warn" in levels,
        "inside": [each for each in services.inside(wanted)[:-1] if lock_of(each) is None],
    }
    return render(request, "closing/open.html", context)


def _locked(request: WorkspaceRequest, lock: PeriodLock) -> dict[str, Any]:
    versions = versions_of(lock.period)
    people = _names({each.locked_by_id for each in versions if each.locked_by_id})
    count = frozen.count_differences(lock)
    text = request.GET.get("page", "1")
    pages = max(1, -(-count // CHANGES_PER_PAGE))
    number = min(max(int(text), 1), pages) if text.isdecimal() and len(text) < 9 else 1
    found = frozen.differences(lock, limit=CHANGES_PER_PAGE, offset=(number - 1) * CHANGES_PER_PAGE) if count else []
    return {
        "lock": lock,
        "versions": [
            {"lock": each, "by": people.get(each.locked_by_id or 0, ""),
             "changed": frozen.between(each) if each.version > 1 else None}
            for each in versions
        ],
        "count": count,
        "rows": exports.named(lock, found, request.workspace.currency),
        "number": number,
        "pages": pages,
    }  # fmt: skip


@workspace_view(LOCK_PERIODS)
@require_POST
def lock_period(request: WorkspaceRequest) -> HttpResponse:
    """Start locking a period; warnings and the lock itself must have been confirmed."""
    wanted = _period(request, request.POST.get("period", ""))
    back = HttpResponseRedirect(f"{reverse('period', args=[request.workspace.slug])}?period={wanted.label}")
    if request.POST.get("confirm") != "yes":
        messages.error(request, _("Tick the box to confirm: a lock can't be lifted."))
        return back
    if wanted.end >= request.workspace.today():
        raise DomainError(_("This period is not over yet; it can be locked from the day after its last day."))
    if lock_of(wanted) is not None:
        raise Conflict(_("This period is locked already."))
    return _started(request, tasks.LOCK, {"period": wanted.label})


@workspace_view(LOCK_PERIODS)
@require_POST
def accept_changes(request: WorkspaceRequest) -> HttpResponse:
    """Start taking the late changes of a locked period in, as its next version."""
    wanted = _period(request, request.POST.get("period", ""))
    reason = request.POST.get("reason", "").strip()[:LONGEST_REASON]
    if not reason:
        messages.error(request, _("Say why the late changes are taken in."))
        return HttpResponseRedirect(f"{reverse('period', args=[request.workspace.slug])}?period={wanted.label}")
    if lock_of(wanted) is None:
        raise Conflict(_("This period is not locked."))
    return _started(request, tasks.ACCEPT, {"period": wanted.label, "reason": reason})


@workspace_view(SEE_PERIODS)
@require_POST
def export_changes(request: WorkspaceRequest) -> HttpResponse:
    """Start writing the late changes of a locked period to a file."""
    wanted = _period(request, request.GET.get("period", ""))
    if lock_of(wanted) is None:
        raise Conflict(_("This period is not locked."))
    return _started(request, exports.EXPORT, {"period": wanted.label})


def _started(request: WorkspaceRequest, kind: str, params: dict[str, Any]) -> HttpResponse:
    params["language"] = get_language() or "en"
    job = jobs.start(kind, params, user_id=request.viewer.user_id)
    return HttpResponseRedirect(reverse("job", args=[request.workspace.slug, job.pk]))
