"""Pages of sessions: the list, one with who takes part, opening and changing one, enrolling."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from perfmgmt.jobs import services as jobs
from perfmgmt.people.access import WorkspaceRequest, workspace_view
from perfmgmt.people.models import Employee
from perfmgmt.people.pages import READ_WRITE, tried
from perfmgmt.tenants.errors import Conflict, NotFound
from reviews.models import (
    Attendance,
    CourseKind,
    Enrolment,
    EnrolmentState,
    TrainingSession,
    TrainingState,
)
from reviews.permissions import ENROL, MANAGE_TRAINING, SEE_TRAINING
from reviews.surveys.views import to
from reviews.training import enrolling, exports, selectors, sessions
from reviews.training.access import enrolling_reach, manages, may_mark, reads_feedback, visible_enrolments
from reviews.training.forms import EnrolForm, FeedbackForm, SessionForm
from reviews.training.tabs import tabs

PER_PAGE = 50
#: In which order the page of a session lists people.
ORDER = {
    state: place
    for place, state in enumerate(
        (EnrolmentState.ENROLLED, EnrolmentState.WAITING, EnrolmentState.ASKED, EnrolmentState.DECLINED,
         EnrolmentState.CANCELLED)
    )
}  # fmt: skip


@workspace_view(SEE_TRAINING)
@require_GET
def trainings(request: WorkspaceRequest) -> HttpResponse:
    """The sessions: those to come first, filtered, sorted, in pages."""
    wanted = selectors.read_sessions(request.GET.dict())
    found = selectors.sessions(wanted, viewer=request.viewer, now=timezone.now())
    context = {
        "wanted": wanted, "page": Paginator(found, PER_PAGE).get_page(request.GET.get("page")),
        "kinds": CourseKind.choices, "states": TrainingState.choices, "manages": manages(request.viewer),
        "tabs": tabs(request, "trainings"),
    }  # fmt: skip
    return render(request, "reviews/training/trainings.html", context)


@workspace_view(SEE_TRAINING)
@require_POST
def export_trainings(request: WorkspaceRequest) -> HttpResponse:
    """Start writing the list to a file."""
    query = {key: value for key, value in request.GET.dict().items() if key in selectors.SESSION_PARAMETERS}
    params = {"query": query, "language": get_language() or "en"}
    return to("job", request, jobs.start(exports.SESSIONS, params, user_id=request.viewer.user_id).pk)


@workspace_view(SEE_TRAINING)
@require_GET
def training(request: WorkspaceRequest, training_id: int) -> HttpResponse:
    """One session: when and where, who takes part as far as the viewer sees them, what can be done."""
    return _page(request, training_id)


def _page(request: WorkspaceRequest, training_id: int, form: EnrolForm | None = None) -> HttpResponse:
    viewer, now, today = request.viewer, timezone.now(), request.workspace.today()
    found = selectors.session_of(training_id)
    own = found.enrolments.filter(employee_id=viewer.employee_id or 0).first()
    reach = enrolling_reach(viewer, today)
    is_before = not found.is_settled and now < found.starts_at
    enrols = is_before and found.state == TrainingState.OPEN
    is_out = own is None or own.state in enrolling.OUT
    enrols_self = viewer.employee_id is not None and (reach is None or viewer.employee_id in reach)
    context: dict[str, Any] = {
        "training": found, "own": own, "is_out": is_out, "is_before": is_before,
        "place_in_line": selectors.place_in_line(own) if own and own.state == EnrolmentState.WAITING else None,
        "may_enrol_self": enrols and is_out and enrols_self and found.trainer_id != viewer.employee_id,
        "form": (form or EnrolForm(slug=request.workspace.slug)) if enrols and _leads(reach, viewer) else None,
        "rows": _rows(request, found, reach, is_before=is_before),
        "manages": manages(viewer), "may_mark": may_mark(found, viewer) and now >= found.starts_at,
        "has_begun": now >= found.starts_at, "reads_feedback": reads_feedback(found, viewer),
        "feedback": _feedback(own),
    }  # fmt: skip
    return render(request, "reviews/training/training.html", context, status=400 if form is not None else 200)


def _leads(reach: list[int] | None, viewer: Any) -> bool:
    """Return whether a viewer enrols others."""
    return reach is None or any(pk != viewer.employee_id for pk in reach)


def _feedback(own: Enrolment | None) -> FeedbackForm | None:
    """Return the form for who attended."""
    if own is None or own.attendance != Attendance.ATTENDED:
        return None
    return FeedbackForm(initial={"rating": own.rating, "text": own.feedback})


def _rows(
    request: WorkspaceRequest, found: TrainingSession, reach: list[int] | None, *, is_before: bool
) -> list[dict[str, Any]]:
    """Return the enrolments that a viewer sees, each with what they may do about it."""
    viewer = request.viewer
    seen = visible_enrolments(viewer, request.workspace.today()).filter(session=found).select_related("employee")
    rows = []
    for one in sorted(seen, key=lambda one: (ORDER[EnrolmentState(one.state)], one.since, one.pk)):
        may = reach is None or one.employee_id in reach
        is_asked = one.state == EnrolmentState.ASKED and one.employee_id != viewer.employee_id
        rows.append(
            {"enrolment": one, "may_decide": may and is_asked and is_before,
             "may_cancel": may and is_before and one.state not in enrolling.OUT}
        )  # fmt: skip
    return rows


@workspace_view(MANAGE_TRAINING)
@require_http_methods(READ_WRITE)
def new_training(request: WorkspaceRequest, course_id: int) -> HttpResponse:
    """Open a session of a course."""
    course = selectors.course_of(course_id)
    if course.archived_at is not None and request.method == "GET":
        return to("course", request, course_id)
    form = _form(request, None)
    if request.method == "POST" and form.is_valid():
        made = tried(form, lambda: sessions.open_session(course_id, form.draft()))
        if made is not None:
            messages.success(request, _("The session is open for enrolment."))
            return to("training", request, made.pk)
    context = {"form": form, "title": _("New session"), "course": course}
    return render(request, "reviews/training/training_form.html", context, status=400 if form.errors else 200)


def _form(request: WorkspaceRequest, found: TrainingSession | None) -> SessionForm:
    data = request.POST if request.method == "POST" else None
    workspace = request.workspace
    return SessionForm(data, slug=workspace.slug, zone=workspace.time_zone, session=found, day=workspace.today())


@workspace_view(MANAGE_TRAINING)
@require_http_methods(READ_WRITE)
def edit_training(request: WorkspaceRequest, training_id: int) -> HttpResponse:
    """Change a session; participants are told of another time or place."""
    found = selectors.session_of(training_id)
    if found.is_settled:  # an old address: the page says how it stands
        if request.method == "POST":
            raise Conflict
        return to("training", request, training_id)
    form = _form(request, found)
    if request.method == "POST" and form.is_valid():
        draft = form.draft()
        saved = tried(form, lambda: sessions.change_session(training_id, draft, workspace=request.workspace))
        if saved is not None:
            messages.success(request, _("Saved. Participants are told of another time or place."))
            return to("training", request, training_id)
    context = {"form": form, "title": _("Change the session"), "training": found, "course": found.course}
    return render(request, "reviews/training/training_form.html", context, status=400 if form.errors else 200)


@workspace_view(MANAGE_TRAINING)
@require_POST
def set_training_state(request: WorkspaceRequest, training_id: int) -> HttpResponse:
    """Close the enrolment, open it again, say that it was held, or cancel the session."""
    state = request.POST.get("state", "")
    found = sessions.set_state(training_id, state, workspace=request.workspace)
    messages.success(request, str(found.get_state_display()))
    return to("training", request, training_id)


@workspace_view(ENROL)
@require_POST
def enrol_in_training(request: WorkspaceRequest, training_id: int) -> HttpResponse:
    """Enrol somebody; without a name oneself."""
    who: dict[str, Any] = {"viewer": request.viewer, "workspace": request.workspace}
    if "employee" not in request.POST:
        own = Employee.objects.filter(pk=request.viewer.employee_id or 0).first()
        if own is None:
            raise NotFound
        _say(request, enrolling.enrol(training_id, own, **who))
        return to("training", request, training_id)
    form = EnrolForm(request.POST, slug=request.workspace.slug)
    if form.is_valid():
        made = tried(form, lambda: enrolling.enrol(training_id, form.cleaned_data["employee"], **who))
        if made is not None:
            _say(request, made)
            return to("training", request, training_id)
    return _page(request, training_id, form)


def _say(request: WorkspaceRequest, made: Enrolment) -> None:
    texts = {
        EnrolmentState.ENROLLED: _("Enrolled."),
        EnrolmentState.WAITING: _("It is full: on the waiting list. Whoever moves up is told."),
        EnrolmentState.ASKED: _("Asked for. The manager is told and decides."),
    }
    messages.success(request, texts[EnrolmentState(made.state)])


@workspace_view(ENROL)
@require_POST
def cancel_enrolment(request: WorkspaceRequest, enrolment_id: int) -> HttpResponse:
    """Take somebody out of a session; the next of the waiting list moves up."""
    found = enrolling.cancel(enrolment_id, viewer=request.viewer, workspace=request.workspace)
    messages.success(request, _("Cancelled."))
    return to("training", request, found.session_id)


@workspace_view(ENROL)
@require_POST
def decide_enrolment(request: WorkspaceRequest, enrolment_id: int) -> HttpResponse:
    """Approve or decline that somebody takes part."""
    approves = request.POST.get("decision") == "approve"
    found = enrolling.decide(enrolment_id, approves=approves, viewer=request.viewer, workspace=request.workspace)
    messages.success(request, str(found.get_state_display()))
    return to("training", request, found.session_id)
