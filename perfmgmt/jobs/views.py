"""Pages of long-running work (P2)."""

from django.core.files.storage import default_storage
from django.core.paginator import Paginator
from django.http import FileResponse, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from perfmgmt.jobs import progress, selectors, services
from perfmgmt.jobs.models import Job, JobState
from perfmgmt.jobs.permissions import CANCEL_ALL_JOBS, SEE_JOBS
from perfmgmt.jobs.registry import label_of
from perfmgmt.people.access import WorkspaceRequest, workspace_view
from perfmgmt.tenants.errors import NotAllowed, NotFound

JOBS_PER_PAGE = 30
# What progress phases are called on the page.
PHASES = {
    "reading": _("Reading and checking the file"),
    "publishing": _("Saving what was read"),
    "writing": _("Writing the file"),
    "unpacking": _("Unpacking the workbook"),
    "refused": _("Writing the refused rows"),
    "undoing": _("Taking facts back"),
    "computing": _("Recomputing the figures"),
    "converting": _("Converting amounts"),
    "freezing": _("Keeping the figures"),
}


@workspace_view(SEE_JOBS)
@require_GET
def jobs(request: WorkspaceRequest) -> HttpResponse:
    """The workspace's work, newest first: everybody's for who administers, else one's own."""
    state = request.GET.get("state", "")
    state = state if state in JobState.values else ""
    page = Paginator(selectors.jobs_for(viewer=request.viewer, state=state), JOBS_PER_PAGE).get_page(
        request.GET.get("page")
    )
    context = {"page": page, "rows": selectors.listed(page), "state": state, "states": JobState.choices}
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
    if not _may_cancel(request, job):
        raise NotAllowed
    services.cancel(job.pk)
    return HttpResponseRedirect(reverse("job", args=[request.workspace.slug, job_id]))


@workspace_view(SEE_JOBS)
@require_GET
def job_file(request: WorkspaceRequest, job_id: int) -> FileResponse:
    """Download the file that the work made."""
    result = _visible(request, job_id).result or {}
    name = result.get("file", "")
    if not name or not default_storage.exists(name):
        raise NotFound
    return FileResponse(
        default_storage.open(name), as_attachment=True, filename=result.get("file_name", "export.csv")
    )


def _visible(request: WorkspaceRequest, job_id: int) -> Job:
    found = selectors.jobs_for(viewer=request.viewer).filter(pk=job_id).first()
    if found is None:
        raise NotFound
    return found


def _may_cancel(request: WorkspaceRequest, job: Job) -> bool:
    return job.created_by_id == request.viewer.user_id or request.viewer.may(CANCEL_ALL_JOBS)


def _context(request: WorkspaceRequest, job_id: int) -> dict[str, object]:
    job = _visible(request, job_id)
    now = progress.read(job.pk)
    errors = (job.result or {}).get("errors", [])
    return {
        "job": job,
        "label": label_of(job.kind),
        "progress": now,
        "phase": PHASES.get(now.phase, ""),
        "errors": errors[:100],
        "more_errors": max(0, len(errors) - 100),
        "may_cancel": job.is_open and not job.cancel_requested and _may_cancel(request, job),
    }
