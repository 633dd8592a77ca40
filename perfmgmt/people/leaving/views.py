"""Pages about leaving: the last day with what stays open, the handover, the list of leavers."""

from datetime import date

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from perfmgmt.people.access import WorkspaceRequest, workspace_view
from perfmgmt.people.leaving import selectors, services
from perfmgmt.people.leaving.forms import AccessForm, HandoverForm, LastDayForm
from perfmgmt.people.models import FOREVER
from perfmgmt.people.org.views import sections
from perfmgmt.people.pages import READ_WRITE, head, to_person, tried
from perfmgmt.people.permissions import RECORD_LEAVERS
from perfmgmt.people.records.selectors import person_for


@workspace_view(RECORD_LEAVERS)
@require_GET
def leavers(request: WorkspaceRequest) -> HttpResponse:
    """Who leaves or has left, with what is still open of theirs."""
    only_open = request.GET.get("open") == "1"
    search = request.GET.get("q", "")[:100].strip()
    rows = selectors.leavers(today=request.workspace.today(), only_open=only_open)
    wanted = search.casefold()
    context = {
        "rows": [row for row in rows if wanted in f"{row.employee.name} {row.employee.number}".casefold()],
        "only_open": only_open,
        "search": search,
        "days": selectors.access_days(),
        "access_form": AccessForm(initial={"days": selectors.access_days()}),
        "sections": sections(request, "leavers"),
        "today": request.workspace.today(),
    }
    return render(request, "people/leavers.html", context)


@workspace_view(RECORD_LEAVERS)
@require_POST
def leaver_access(request: WorkspaceRequest) -> HttpResponse:
    """Set for how long leavers read their own records."""
    form = AccessForm(request.POST)
    if form.is_valid() and tried(form, lambda: _set_access(form)):
        messages.success(request, _("Saved."))
    else:
        messages.error(request, _("Type a number of days from 0 to {most}.").format(most=services.MOST_ACCESS_DAYS))
    return HttpResponseRedirect(reverse("leavers", args=[request.workspace.slug]))


def _set_access(form: AccessForm) -> bool:
    services.set_access_days(form.cleaned_data["days"])
    return True


@workspace_view(RECORD_LEAVERS)
@require_http_methods(READ_WRITE)
def leave(request: WorkspaceRequest, employee_id: int) -> HttpResponse:
    """Choose the last day, see what stays open after it, hand it over, all in one step."""
    employee = person_for(request.viewer, employee_id, on=request.workspace.today())
    data = request.POST if request.method == "POST" else None
    asked = data if data is not None else request.GET
    day_form = LastDayForm(asked if asked.get("last_day") else None, initial={"last_day": employee.left_on})
    last_day: date | None = day_form.cleaned_data["last_day"] if day_form.is_valid() else None
    found = selectors.open_of(employee, last_day) if last_day else []
    form = HandoverForm(data, slug=request.workspace.slug, found=found)
    shown = data.get("shown", "") if data is not None else str(employee.left_on or "")
    if data is not None and last_day is not None and form.is_valid():
        before = date.fromisoformat(shown) if _is_day(shown) else None

        def record() -> object:
            return services.record_leave(
                employee_id, last_day=last_day, shown=before, choices=form.choices(),
                by_user_id=request.viewer.user_id,
            )  # fmt: skip

        if tried(form, record) is not None:
            messages.success(request, _("{name}: the last day is recorded.").format(name=employee.name))
            return to_person(request, "person_profile", employee_id)
    ends = selectors.last_assignment_day(employee)
    context = {
        **head(request, employee, "person_profile"),
        "day_form": day_form,
        "form": form,
        "last_day": last_day,
        "shown": shown,
        "ends_assignment": last_day is not None and ends is not None and ends > last_day,
        "open_ended": ends == FOREVER,
        "days": selectors.access_days(),
        "may_take_back": employee.left_on is not None,
    }
    return render(request, "people/leave.html", context, status=400 if data is not None else 200)


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


@workspace_view(RECORD_LEAVERS)
@require_http_methods(READ_WRITE)
def handover(request: WorkspaceRequest, employee_id: int) -> HttpResponse:
    """Hand over what somebody with a leave date has left open."""
    employee = person_for(request.viewer, employee_id, on=request.workspace.today())
    data = request.POST if request.method == "POST" else None
    found = selectors.open_of(employee, employee.left_on) if employee.left_on else []
    form = HandoverForm(data, slug=request.workspace.slug, found=found)
    if data is not None and form.is_valid():
        settled = tried(form, lambda: _hand_over(request, employee_id, form))
        if settled is not None:
            text = ngettext("%(n)s item is settled.", "%(n)s items are settled.", settled) % {"n": settled}
            messages.success(request, text if settled else _("Nothing was chosen; nothing changed."))
            return to_person(request, "handover", employee_id)
    context = {**head(request, employee, "person_profile"), "form": form, "last_day": employee.left_on}
    return render(request, "people/handover.html", context, status=400 if data is not None else 200)


def _hand_over(request: WorkspaceRequest, employee_id: int, form: HandoverForm) -> int:
    return services.hand_over(employee_id, choices=form.choices(), by_user_id=request.viewer.user_id)


@workspace_view(RECORD_LEAVERS)
@require_POST
def stay(request: WorkspaceRequest, employee_id: int) -> HttpResponse:
    """Take the leave date back."""
    employee = person_for(request.viewer, employee_id, on=request.workspace.today())
    shown = request.POST.get("shown", "")
    services.take_back(employee_id, shown=date.fromisoformat(shown) if _is_day(shown) else None)
    messages.success(
        request,
        _("{name} stays. Look at the assignments: they may need to be added again.").format(name=employee.name),
    )
    return to_person(request, "person_assignments", employee_id)
