"""Pages of a review meeting's record."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from perfmgmt.people.access import WorkspaceRequest, workspace_view
from perfmgmt.people.pages import READ_WRITE, tried
from perfmgmt.tenants.errors import NotAllowed, NotFound
from reviews.models import ReviewMeeting, ReviewResult
from reviews.permissions import SEE_RESULTS
from reviews.results import meetings
from reviews.results.access import Reach, result_for
from reviews.results.deciding import number
from reviews.results.forms import EmployeeRecordForm, ManagerRecordForm
from reviews.results.page import meeting_of
from reviews.results.views import reach_of, to_result
from reviews.results.words import agenda_line

MEETING = "review_meeting"


@workspace_view(SEE_RESULTS)
@require_POST
def open_review_meeting(request: WorkspaceRequest, result_id: int) -> HttpResponse:
    """Open the record, its agenda filled from facts."""
    meetings.open_meeting(result_id, reach=reach_of(request))
    return to_result(request, result_id, MEETING)


@workspace_view(SEE_RESULTS)
@require_http_methods(READ_WRITE)
def review_meeting(request: WorkspaceRequest, result_id: int) -> HttpResponse:
    """The record of a result's meeting; each side writes its own part."""
    reach = reach_of(request)
    result = result_for(result_id, reach)
    meeting = meeting_of(result)
    if meeting is None:
        raise NotFound
    data = request.POST if request.method == "POST" else None
    form = _form(data, meeting, result, reach)
    if data is not None:
        if form is None:
            raise NotAllowed
        if form.is_valid() and _saved(request, form, result_id, reach) is not None:
            return to_result(request, result_id, MEETING)
    context = _context(request, result, meeting, form, reach)
    return render(request, "reviews/results/meeting.html", context, status=200 if data is None else 400)


def _saved(request: WorkspaceRequest, form: Any, result_id: int, reach: Reach) -> ReviewMeeting | None:
    kept = frozenset(number(text) for text in request.POST.getlist("kept"))
    record, version = form.record(kept), number(request.POST.get("version", ""))
    saved = tried(form, lambda: meetings.save_meeting(result_id, record, version=version, reach=reach))
    if saved is not None:
        messages.success(request, _("Saved."))
    return saved


def _form(
    data: QueryDict | None, meeting: ReviewMeeting, result: ReviewResult, reach: Reach
) -> ManagerRecordForm | EmployeeRecordForm | None:
    """Return the form of the viewer's side; None for who only reads, and when both have signed."""
    if reach.viewer.left_until is not None or (meeting.is_signed and data is None):
        return None
    if result.participant.employee_id == reach.viewer.employee_id:
        return EmployeeRecordForm(data, meeting=meeting)
    return ManagerRecordForm(data, meeting=meeting) if reach.leads(result.participant.employee_id) else None


def _context(
    request: WorkspaceRequest, result: ReviewResult, meeting: ReviewMeeting, form: Any, reach: Reach
) -> dict[str, Any]:
    is_own = result.participant.employee_id == reach.viewer.employee_id
    posted = form.is_bound if form is not None else False
    agenda = [
        {
            "place": place,
            "text": agenda_line(item) if isinstance(item, dict) else str(item),
            "kept": str(place) in request.POST.getlist("kept") if posted else item.get("kept", True),
            "filled": meetings.is_filled(item),
        }
        for place, item in enumerate(meeting.agenda)
        if isinstance(item, dict)
    ]
    return {
        "result": result,
        "employee": result.participant.employee,
        "cycle": result.batch.cycle,
        "meeting": meeting,
        "form": form,
        "agenda": agenda,
        "is_own": is_own,
        "version": request.POST.get("version") if posted else meeting.version,
        "has_signed": meeting.signed_by_employee_at if is_own else meeting.signed_by_manager_at,
        "today": reach.on,
    }


@workspace_view(SEE_RESULTS)
@require_POST
def sign_review_meeting(request: WorkspaceRequest, result_id: int) -> HttpResponse:
    """Sign the record as it stands on the page."""
    version = number(request.POST.get("version", ""))
    signed = meetings.sign_meeting(result_id, version=version, reach=reach_of(request))
    if signed.is_signed:
        messages.success(request, _("Both sides have signed. The record stays as it is."))
    else:
        messages.success(request, _("You have signed. The other side is told."))
    return to_result(request, result_id, MEETING)
