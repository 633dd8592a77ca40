"""Pages of long-running work (P2)."""

from django.core.files.storage import default_storage
from django.core.paginator import Paginator
from django.http import FileResponse, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.http import require_GET, require_POST

from perfmgmt.jobs import selectors, services
from perfmgmt.jobs.models import Job, JobState
from perfmgmt.jobs.permissions import CANCEL_ALL_JOBS, SEE_ALL_JOBS, SEE_JOBS
from perfmgmt.jobs.registry import registered, result_template_of
from perfmgmt.jobs.retrying import retry
from perfmgmt.jobs.shown import shown
from perfmgmt.people.access import WorkspaceRequest, workspace_view
from perfmgmt.tenants.errors import NotAllowed, NotFound

JOBS_PER_PAGE = 30
STATES = [*JobState.choices, (selectors.LOST, pgettext_lazy("job", "Lost"))]
OWNERS = [("", _("Everybody's")), ("mine", _("Only mine"))]


@workspace_view(SEE_JOBS)
@require_GET
def jobs(request: WorkspaceRequest) -> HttpResponse:
    """The workspace's work, newest first: everybody's for who administers, else one's own."""
    wanted = {name: request.GET.get(name, "") for name in ("state", "kind", "who")}
    state = wanted["state"] if wanted["state"] in dict(STATES) else ""
    kinds = [(kind.code, kind.label) for kind in registered()]
    kind = wanted["kind"] if wanted["kind"] in dict(kinds) else ""
    search, mine = request.GET.get("q", "")[:100], wanted["who"] == "mine"
    found = selectors.jobs_for(viewer=request.viewer, state=state, kind=kind, search=search, mine=mine)
    page = Paginator(found, JOBS_PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": selectors.listed(page, viewer=request.viewer),
        "state": state,
        "states": STATES,
        "kind": kind,
        "kinds": kinds,
        "search": search,
        "who": wanted["who"] if mine else "",
        "owners": OWNERS if request.viewer.may(SEE_ALL_JOBS) else [],
        "is_filtered": bool(state or kind or search.strip() or mine),
    }
    return render(request, "jobs/jobs.html", context)


@workspace_view(SEE_JOBS)
@require_GET
def job(request: WorkspaceRequest, job_id: int) -> HttpResponse:
    """One piece of work: progress, then the result or what went wrong."""
    return render(request, "jobs/job.html", _context(request, job_id))


@workspace_view(SEE_JOBS)
@require_GET
def job_progress(request: WorkspaceRequest, job_id: int) -> HttpResponse:
    """The part of the page that is asked for again while the work runs."""
    return render(request, "jobs/job_state.html", _context(request, job_id))


@workspace_view(SEE_JOBS)
@require_POST
def cancel_job(request: WorkspaceRequest, job_id: int) -> HttpResponse:
    """Ask the work to stop."""
    job = _visible(request, job_id)
    if job.created_by_id != request.viewer.user_id and not request.viewer.may(CANCEL_ALL_JOBS):
        raise NotAllowed
    services.cancel(job.pk)
    return _to(request, job_id)


@workspace_view(SEE_JOBS)
@require_POST
def retry_job(request: WorkspaceRequest, job_id: int) -> HttpResponse:
    """Start the work again that failed, was cancelled or lost its worker; a second click leads to the same job."""
    return _to(request, retry(_visible(request, job_id).pk, viewer=request.viewer).pk)


@workspace_view(SEE_JOBS)
@require_GET
def job_file(request: WorkspaceRequest, job_id: int) -> FileResponse:
    """Download the file that the work made; 404 for one that somebody else asked for."""
    job = _visible(request, job_id)
    if not selectors.may_download(job, request.viewer):
        raise NotFound
    result = job.result or {}
    name = result.get("file", "")
    if not name or not default_storage.exists(name):
        raise NotFound
    return FileResponse(
        default_storage.open(name), as_attachment=True, filename=result.get("file_name", "export.csv")
    )


def _to(request: WorkspaceRequest, job_id: int) -> HttpResponse:
    return HttpResponseRedirect(reverse("job", args=[request.workspace.slug, job_id]))


def _visible(request: WorkspaceRequest, job_id: int) -> Job:
    found = selectors.jobs_for(viewer=request.viewer).filter(pk=job_id).first()
    if found is None:
        raise NotFound
    return found


def _context(request: WorkspaceRequest, job_id: int) -> dict[str, object]:
    job = _visible(request, job_id)
    view = shown(job, viewer=request.viewer, workspace=request.workspace)
    errors = (job.result or {}).get("errors", [])
    return {
        "job": job,
        "view": view,
        "label": view.label,
        "result_template": result_template_of(job.kind),
        "may_download": selectors.may_download(job, request.viewer),
        "errors": errors[:100],
        "more_errors": max(0, len(errors) - 100),
    }
