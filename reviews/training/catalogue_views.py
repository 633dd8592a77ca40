"""Pages of the catalogue: the courses, one with its sessions, making and changing one."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from perfmgmt.jobs import services as jobs
from perfmgmt.people.access import WorkspaceRequest, workspace_view
from perfmgmt.people.pages import READ_WRITE, tried
from reviews.models import Course, CourseKind
from reviews.permissions import MANAGE_TRAINING, SEE_TRAINING
from reviews.surveys.views import to
from reviews.training import courses as services
from reviews.training import exports, selectors
from reviews.training.access import manages
from reviews.training.forms import CourseForm
from reviews.training.tabs import tabs

PER_PAGE = 50


@workspace_view(SEE_TRAINING)
@require_GET
def courses(request: WorkspaceRequest) -> HttpResponse:
    """The courses: filtered, sorted, in pages."""
    wanted = selectors.read_courses(request.GET.dict())
    found = selectors.courses(wanted, now=timezone.now())
    context = {
        "wanted": wanted, "page": Paginator(found, PER_PAGE).get_page(request.GET.get("page")),
        "kinds": CourseKind.choices, "manages": manages(request.viewer), "tabs": tabs(request, "courses"),
    }  # fmt: skip
    return render(request, "reviews/training/courses.html", context)


@workspace_view(SEE_TRAINING)
@require_POST
def export_courses(request: WorkspaceRequest) -> HttpResponse:
    """Start writing the catalogue to a file."""
    query = {key: value for key, value in request.GET.dict().items() if key in selectors.COURSE_PARAMETERS}
    params = {"query": query, "language": get_language() or "en"}
    return to("job", request, jobs.start(exports.COURSES, params, user_id=request.viewer.user_id).pk)


@workspace_view(MANAGE_TRAINING)
@require_POST
def add_ready_courses(request: WorkspaceRequest) -> HttpResponse:
    """Add the ready courses that are missing."""
    added = services.install_pack()
    text = ngettext("%(n)s course added.", "%(n)s courses added.", added) % {"n": added}
    messages.success(request, text if added else _("They are all there already."))
    return to("courses", request)


@workspace_view(SEE_TRAINING)
@require_GET
def course(request: WorkspaceRequest, course_id: int) -> HttpResponse:
    """A course with its sessions, the newest first."""
    found = selectors.course_of(course_id)
    sessions = selectors.counted().filter(course=found).order_by("-starts_at", "-pk")
    page = Paginator(sessions, PER_PAGE).get_page(request.GET.get("page"))
    context = {"course": found, "page": page, "manages": manages(request.viewer)}
    return render(request, "reviews/training/course.html", context)


@workspace_view(MANAGE_TRAINING)
@require_http_methods(READ_WRITE)
def new_course(request: WorkspaceRequest) -> HttpResponse:
    """Add a course to the catalogue."""
    return _form_page(request, None)


@workspace_view(MANAGE_TRAINING)
@require_http_methods(READ_WRITE)
def edit_course(request: WorkspaceRequest, course_id: int) -> HttpResponse:
    """Change a course."""
    return _form_page(request, selectors.course_of(course_id))


def _form_page(request: WorkspaceRequest, found: Course | None) -> HttpResponse:
    currency = request.workspace.currency
    form = CourseForm(request.POST if request.method == "POST" else None, course=found, currency=currency)
    if request.method == "POST" and form.is_valid():
        pk = found.pk if found is not None else None
        saved = tried(form, lambda: services.save_course(pk, form.draft(), currency=currency))
        if saved is not None:
            messages.success(request, _("Saved."))
            return to("course", request, saved.pk)
    title = _("Change the course") if found is not None else _("New course")
    context = {"form": form, "title": title, "course": found}
    return render(request, "reviews/training/course_form.html", context, status=400 if form.errors else 200)


@workspace_view(MANAGE_TRAINING)
@require_POST
def archive_course(request: WorkspaceRequest, course_id: int) -> HttpResponse:
    """Archive a course, or bring it back."""
    archived = request.POST.get("archived") == "1"
    services.archive_course(course_id, archived=archived)
    messages.success(request, _("Archived. What was taken stays in the records.") if archived else _("Brought back."))
    return to("course", request, course_id)
