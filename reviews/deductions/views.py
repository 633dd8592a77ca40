"""Pages of score deductions: the list, adding one, taking one back."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from perfmgmt.jobs import services as jobs
from perfmgmt.people.access import WorkspaceRequest, workspace_view
from perfmgmt.people.models import Employee
from perfmgmt.people.pages import READ_WRITE, tried
from perfmgmt.tenants.errors import NotFound
from perfmgmt.web import formats
from reviews.deductions import exports, selectors, services
from reviews.deductions.access import deducting_reach, may_deduct_from
from reviews.deductions.forms import DeductionForm, WithdrawForm
from reviews.models import ScoreDeduction
from reviews.permissions import DEDUCT_POINTS, SEE_SCORES

PER_PAGE = 50


@workspace_view(SEE_SCORES)
@require_GET
def deductions(request: WorkspaceRequest) -> HttpResponse:
    """The deductions one sees: filtered, sorted, in pages."""
    today = request.workspace.today()
    wanted = selectors.read(request.GET.dict(), workspace=request.workspace)
    found = selectors.deductions(wanted, viewer=request.viewer, today=today)
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    periods = selectors.period_words(page, request.workspace)
    reach = deducting_reach(request.viewer, today)
    rows = [
        {"row": row, "period": periods[row.pk], "may_withdraw": _may_withdraw(row, request, reach)} for row in page
    ]
    context = {
        "wanted": wanted,
        "page": page,
        "rows": rows,
        "periods": [(one.label, formats.period(one)) for one in _choices(request, wanted)],
        "may_add": request.viewer.may(DEDUCT_POINTS),
    }
    return render(request, "reviews/deductions/deductions.html", context)


def _may_withdraw(row: ScoreDeduction, request: WorkspaceRequest, reach: list[int] | None) -> bool:
    if row.withdrawn_at is not None or row.employee_id == request.viewer.employee_id:
        return False
    return reach is None or row.employee_id in reach


def _choices(request: WorkspaceRequest, wanted: selectors.Wanted) -> list[Any]:
    """The periods of the filter: those to choose from, and the one that is asked for."""
    found = selectors.periods_to_choose(request.workspace, request.workspace.today())
    return [wanted.period, *found] if wanted.period is not None and wanted.period not in found else found


@workspace_view(SEE_SCORES)
@require_POST
def export_deductions(request: WorkspaceRequest) -> HttpResponse:
    """Start writing the list to a file."""
    query = {key: value for key, value in request.GET.dict().items() if key in selectors.PARAMETERS}
    params = {"query": query, "language": get_language() or "en"}
    job = jobs.start(exports.EXPORT, params, user_id=request.viewer.user_id)
    return HttpResponseRedirect(reverse("job", args=[request.workspace.slug, job.pk]))


@workspace_view(DEDUCT_POINTS)
@require_http_methods(READ_WRITE)
def new_deduction(request: WorkspaceRequest) -> HttpResponse:
    """Take points off a person's score; `?employee=` names the person."""
    workspace, today = request.workspace, request.workspace.today()
    data = request.POST if request.method == "POST" else None
    periods = selectors.periods_to_choose(workspace, today)
    form = DeductionForm(data, workspace=workspace, periods=periods, initial=_begin(request))
    if data is not None and form.is_valid():
        # A person out of reach is the form's error: their name was typed, not guessed from an address.
        if not may_deduct_from(form.cleaned_data["employee"].pk, request.viewer, today):
            form.add_error("employee", _("You can take points off the scores of the people below you only."))
        else:
            draft = form.draft()
            made = tried(form, lambda: services.add_deduction(draft, viewer=request.viewer, today=today))
            if made is not None:
                messages.success(request, _("The points are taken off. The person is told."))
                return HttpResponseRedirect(reverse("deductions", args=[workspace.slug]))
    status = 200 if data is None else 400
    return render(request, "reviews/deductions/deduction_form.html", {"form": form}, status=status)


def _begin(request: WorkspaceRequest) -> dict[str, Any]:
    text = request.GET.get("employee", "")
    asked = int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else 0
    today = request.workspace.today()
    employee = Employee.objects.filter(pk=asked).first() if may_deduct_from(asked, request.viewer, today) else None
    return {"employee": employee, "happened_on": today}


@workspace_view(DEDUCT_POINTS)
@require_http_methods(READ_WRITE)
def withdraw_deduction(request: WorkspaceRequest, deduction_id: int) -> HttpResponse:
    """Take a deduction back, with a reason."""
    today = request.workspace.today()
    found = selectors.deduction_of(deduction_id, viewer=request.viewer, today=today)
    if not may_deduct_from(found.employee_id, request.viewer, today):
        raise NotFound
    data = request.POST if request.method == "POST" else None
    form = WithdrawForm(data)
    if data is not None and form.is_valid():
        reason = form.cleaned_data["reason"]
        done = tried(
            form, lambda: services.withdraw_deduction(deduction_id, reason, viewer=request.viewer, today=today)
        )
        if done is not None:
            messages.success(request, _("The deduction is taken back."))
            return HttpResponseRedirect(reverse("deductions", args=[request.workspace.slug]))
    period = selectors.period_words([found], request.workspace)[found.pk]
    context = {"form": form, "row": found, "period": period}
    return render(request, "reviews/deductions/withdraw.html", context, status=200 if data is None else 400)
