"""What every step of the import wizard needs: the draft, its jobs, what is shown of both."""

from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse

from perfmgmt.jobs.models import Job
from perfmgmt.jobs.shown import ShownJob, shown
from perfmgmt.metrics.forms import ReadingForm
from perfmgmt.metrics.imports import wizard
from perfmgmt.metrics.imports.kinds import KINDS
from perfmgmt.metrics.models import ImportDraft
from perfmgmt.people.access import WorkspaceRequest
from perfmgmt.tenants.errors import NotAllowed, NotFound

WORKBOOKS = (".xlsx", ".xlsm", ".xlsb", ".xls")


def job_ids(draft: ImportDraft) -> tuple[int | None, ...]:
    """Return the jobs of a draft, the latest step first."""
    return (draft.undo_job_id, draft.import_job_id, draft.check_job_id, draft.inspect_job_id)


def require(kind: str, request: WorkspaceRequest) -> None:
    if kind in KINDS and not request.viewer.may(KINDS[kind].permission):
        raise NotAllowed


def draft_of(request: WorkspaceRequest, draft_id: int) -> ImportDraft:
    draft = ImportDraft.objects.select_related("profile", "created_by").filter(pk=draft_id).first()
    if draft is None:
        raise NotFound
    require(draft.kind, request)
    return draft


def to_draft(request: WorkspaceRequest, draft: ImportDraft) -> HttpResponse:
    return HttpResponseRedirect(reverse("import_draft", args=[request.workspace.slug, draft.pk]))


def base(request: WorkspaceRequest, draft: ImportDraft, job: Job | None, step: int) -> dict[str, Any]:
    """What every step shows: the file, where it stands, and the work it waits for."""
    found = wizard.inspected(draft)
    return {
        "draft": draft,
        "kind": KINDS[draft.kind],
        "step": step,
        "job": job,
        "view": shown_job(request, draft, job) if job is not None else None,
        "found": found,
        "is_workbook": draft.file_name.lower().endswith(WORKBOOKS),
        "reading_form": ReadingForm(found=found, reading=draft.reading),
    }


def shown_job(request: WorkspaceRequest, draft: ImportDraft, job: Job) -> ShownJob:
    """Return a step's job for its component; the wizard starts an import or its undoing again in its own way."""
    where = [request.workspace.slug, draft.pk]
    again = {draft.import_job_id: "import_run", draft.undo_job_id: "import_undo", draft.check_job_id: "import_check"}
    return shown(
        job,
        viewer=request.viewer,
        workspace=request.workspace,
        cancel_url=reverse("import_cancel", args=where),
        retry_url=reverse(again[job.pk], args=where) if job.pk in again else "",
    )
