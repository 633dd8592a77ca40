"""Pages of what came of trainings: records, a person's tab, marking, feedback."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q, Sum
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from perfmgmt.closing.selectors import lock_on
from perfmgmt.jobs import services as jobs
from perfmgmt.people.access import WorkspaceRequest, workspace_view
from perfmgmt.people.pages import READ_WRITE, head
from perfmgmt.people.records.selectors import person_for
from perfmgmt.tenants.errors import DomainError, NotFound
from reviews.models import (
    Attendance,
    CourseKind,
    Enrolment,
    EnrolmentState,
    TrainingSession,
    TrainingState,
)
from reviews.permissions import MARK_TRAINING, SEE_TRAINING, SEE_TRAINING_RECORDS
from reviews.surveys.views import to
from reviews.training import exports, marking, selectors
from reviews.training.access import may_mark
from reviews.training.enrolling import day_of
from reviews.training.forms import FeedbackForm, MarkForm
from reviews.training.tabs import tabs

PER_PAGE = 50


@workspace_view(SEE_TRAINING_RECORDS)
@require_GET
def training_records(request: WorkspaceRequest) -> HttpResponse:
    """Who took part in what, as far as the viewer sees it: filtered, sorted, in pages."""
    wanted = selectors.read_records(request.GET.dict())
    found = selectors.records(wanted, viewer=request.viewer, workspace=request.workspace)
    context = {
        "wanted": wanted, "page": Paginator(found, PER_PAGE).get_page(request.GET.get("page")),
        "sums": _sums(found), "kinds": CourseKind.choices,
        "states": [*EnrolmentState.choices, *Attendance.choices, ("passed", _("Passed"))],
        "tabs": tabs(request, "training_records"), "opens": request.viewer.may(SEE_TRAINING),
    }  # fmt: skip
    return render(request, "reviews/training/records.html", context)


def _sums(found: Any) -> dict[str, Any]:
    """Return the hours attended and how many courses were passed, in one query."""
    sums: dict[str, Any] = found.order_by().aggregate(hours=Sum("hours"), passed=Count("pk", filter=Q(passed=True)))
    return sums


@workspace_view(SEE_TRAINING_RECORDS)
@require_POST
def export_training_records(request: WorkspaceRequest) -> HttpResponse:
    """Start writing the records to a file."""
    query = {key: value for key, value in request.GET.dict().items() if key in selectors.RECORD_PARAMETERS}
    params = {"query": query, "language": get_language() or "en"}
    return to("job", request, jobs.start(exports.RECORDS, params, user_id=request.viewer.user_id).pk)


@workspace_view(SEE_TRAINING_RECORDS)
@require_GET
def person_training(request: WorkspaceRequest, employee_id: int) -> HttpResponse:
    """The tab of a person's page: what they took part in."""
    employee = person_for(request.viewer, employee_id, on=request.workspace.today())
    found = selectors.records(selectors.Wanted(), viewer=request.viewer, workspace=request.workspace)
    own = found.filter(employee=employee)
    page = Paginator(own, PER_PAGE).get_page(request.GET.get("page"))
    context = {**head(request, employee, "person_training"), "page": page, "sums": _sums(own)}
    context["opens"] = request.viewer.may(SEE_TRAINING)
    return render(request, "reviews/training/person.html", context)


@workspace_view(MARK_TRAINING)
@require_http_methods(READ_WRITE)
def mark_training(request: WorkspaceRequest, training_id: int) -> HttpResponse:
    """Mark who attended a session, for how long and with which results, or correct it."""
    found = selectors.session_of(training_id)
    if not may_mark(found, request.viewer):
        raise NotFound
    can_be = timezone.now() >= found.starts_at and found.state != TrainingState.CANCELLED
    if request.method == "GET" and not can_be:  # the page says why there is nothing to mark
        return to("training", request, training_id)
    rows = found.enrolments.filter(state=EnrolmentState.ENROLLED).select_related("employee")
    others = rows.exclude(employee_id=request.viewer.employee_id or 0).order_by("employee__name_key", "pk")
    data = request.POST if request.method == "POST" else None
    forms = [MarkForm(data, enrolment=one, course=found.course) for one in others]
    error = ""
    # Every form is checked, so that all errors show at once.
    if data is not None and all([form.is_valid() for form in forms]):  # noqa: C419
        error = _saved(request, training_id, forms)
        if not error:
            return to("training", request, training_id)
    return _mark_page(request, found, forms, error)


def _saved(request: WorkspaceRequest, training_id: int, forms: list[MarkForm]) -> str:
    """Save what is marked; return why it was refused, "" if it was not."""
    marks = {form.enrolment.pk: form.mark() for form in forms}
    late = request.POST.get("late") == "1"
    try:
        changed = marking.mark(training_id, marks, late=late, viewer=request.viewer, workspace=request.workspace)
    except DomainError as refused:
        if refused.code not in ("locked", "facts_busy"):
            raise
        return str(refused)
    messages.success(request, ngettext("%(n)s person marked.", "%(n)s people marked.", changed) % {"n": changed})
    return ""


def _mark_page(request: WorkspaceRequest, found: TrainingSession, forms: list[MarkForm], error: str) -> HttpResponse:
    is_bad = bool(error) or any(form.errors for form in forms)
    context = {
        "training": found, "forms": forms, "error": error, "has_test": found.course.pass_mark is not None,
        "is_locked": lock_on(day_of(found, request.workspace)) is not None,
    }  # fmt: skip
    return render(request, "reviews/training/marks.html", context, status=400 if is_bad else 200)


@workspace_view(SEE_TRAINING_RECORDS)
@require_POST
def say_training(request: WorkspaceRequest, enrolment_id: int) -> HttpResponse:
    """Say how a training was that one attended."""
    form = FeedbackForm(request.POST)
    own = Enrolment.objects.filter(pk=enrolment_id, employee_id=request.viewer.employee_id or 0).first()
    if own is None:
        raise NotFound
    if not form.is_valid():
        raise DomainError(_("Choose from 1 to 5."), code="bad_rating")
    given = form.cleaned_data
    marking.say(enrolment_id, given["rating"], given["text"], viewer=request.viewer)
    messages.success(request, _("Thank you. HR and the trainer read it."))
    return to("training", request, own.session_id)
