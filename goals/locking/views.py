"""The page on which HR locks the goals of a period."""

from datetime import date

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from goals import goal_list
from goals.agreement import notices
from goals.locking import selectors, services
from goals.making import BadGoal
from goals.permissions import MANAGE_GOALS
from perfmgmt.people.access import WorkspaceRequest, workspace_view
from perfmgmt.tenants.calendar import Period


def _period(request: WorkspaceRequest) -> Period:
    return goal_list.read(request.GET, viewer=request.viewer, workspace=request.workspace).period


def _back(request: WorkspaceRequest, period: Period) -> HttpResponse:
    return HttpResponseRedirect(f"{reverse('lock_goals', args=[request.workspace.slug])}?period={period.label}")


@workspace_view(MANAGE_GOALS)
@require_http_methods(["GET", "POST"])
def lock_goals(request: WorkspaceRequest) -> HttpResponse:
    """Show what is agreed and what is not, and set when the agreed goals are locked."""
    period, error = _period(request), None
    if request.method == "POST":
        try:
            return _set(request, period)
        except BadGoal as refused:
            error = refused
    standing = selectors.standing(period)
    context = {
        "period": period,
        "previous": period.next(-1),
        "following": period.next(),
        "standing": standing,
        "page": Paginator(selectors.not_agreed(period), 50).get_page(request.GET.get("page")),
        "today": request.workspace.today(),
        "error": error,
    }
    return render(request, "goals/lock.html", context, status=200 if error is None else 400)


def _set(request: WorkspaceRequest, period: Period) -> HttpResponse:
    text = request.POST.get("lock_on", "")
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise BadGoal("lock_on", _("“{text}” is no day."), text=text[:20]) from error
    lock = services.set_lock_date(period, day, viewer=request.viewer, today=request.workspace.today())
    if lock.job_id is not None:
        messages.success(request, _("The agreed goals are being locked."))
    else:
        messages.success(request, _("The lock date is set."))
    return _back(request, period)


@workspace_view(MANAGE_GOALS)
@require_POST
def remove_lock_date(request: WorkspaceRequest, lock_id: int) -> HttpResponse:
    """Take a lock date back that has not come yet."""
    services.remove_lock_date(lock_id, viewer=request.viewer)
    messages.success(request, _("The lock date was taken back."))
    return _back(request, _period(request))


@workspace_view(MANAGE_GOALS)
@require_POST
def remind_of_goals(request: WorkspaceRequest) -> HttpResponse:
    """Remind both sides of what is not agreed yet."""
    period = _period(request)
    n = notices.remind(selectors.not_agreed(period), by_user_id=request.viewer.user_id, on=request.workspace.today())
    messages.success(request, _("{n} people were reminded.").format(n=n))
    return _back(request, period)
