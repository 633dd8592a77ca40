"""Pages of the import wizard (F3)."""

from pathlib import PurePath
from typing import Any

from django.contrib import messages
from django.core.files.storage import default_storage
from django.core.paginator import Paginator
from django.http import FileResponse, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from perfmgmt.jobs.models import Job, JobState
from perfmgmt.metrics.column_views import columns_page
from perfmgmt.metrics.forms import ImportForm
from perfmgmt.metrics.import_pages import base, draft_of, job_ids, require, shown_job, to_draft
from perfmgmt.metrics.imports import facts, people, wizard
from perfmgmt.metrics.imports.kinds import KINDS
from perfmgmt.metrics.imports.line_fields import ratios_of
from perfmgmt.metrics.imports.reasons import said
from perfmgmt.metrics.models import ImportDraft, ImportProfile
from perfmgmt.metrics.permissions import IMPORT_FACTS
from perfmgmt.metrics.selectors import parked
from perfmgmt.people.access import WorkspaceRequest, workspace_view
from perfmgmt.people.models import FOREVER
from perfmgmt.tenants.errors import DomainError, NotFound

ERRORS_PER_PAGE, RECENT, MOST_PARKED = 50, 10, 20
OPEN = (JobState.QUEUED, JobState.RUNNING)


@workspace_view(IMPORT_FACTS)
@require_http_methods(["GET", "POST"])
def imports(request: WorkspaceRequest) -> HttpResponse:
    """Step 1: a file. Below, what was imported before, and the profiles."""
    asked = request.GET.get("kind", "")
    initial = {"kind": asked} if asked in KINDS else {}
    form = ImportForm(request.POST or None, request.FILES or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        require(data["kind"], request)
        draft = wizard.upload(data["kind"], data["file"], data["mapping"], viewer=request.viewer)
        return to_draft(request, draft)
    page = Paginator(ImportDraft.objects.select_related("created_by").order_by("-pk"), RECENT).get_page(
        request.GET.get("page")
    )
    faulty = parked()
    context = {
        "form": form,
        "parked": faulty[:MOST_PARKED],
        "parked_count": faulty.count(),
        "forever": FOREVER,
        "page": page,
        "recent": _with_states(list(page)),
        "profiles": [
            {"profile": profile, "word": KINDS[profile.kind].word}
            for profile in ImportProfile.objects.order_by("kind", "name")
        ],
    }
    return render(request, "metrics/imports.html", context, status=400 if form.errors else 200)


def _with_states(drafts: list[ImportDraft]) -> list[dict[str, Any]]:
    """Return drafts with the state of what they wait for, or of what was done last."""
    jobs = Job.objects.in_bulk({job_id for draft in drafts for job_id in job_ids(draft) if job_id})
    rows = []
    for draft in drafts:
        imported = jobs.get(draft.import_job_id or 0)
        latest = next((jobs[job_id] for job_id in job_ids(draft) if job_id in jobs), None)
        undone = bool(draft.undo_job_id and (job := jobs.get(draft.undo_job_id)) and job.state == JobState.DONE)
        rows.append(
            {"draft": draft, "word": KINDS[draft.kind].word, "imported": imported, "latest": latest, "undone": undone}
        )
    return rows


@workspace_view(IMPORT_FACTS)
@require_GET
def import_draft(request: WorkspaceRequest, draft_id: int) -> HttpResponse:
    """The step at which an import stands."""
    draft = draft_of(request, draft_id)
    if draft.import_job_id is not None:
        return _result(request, draft)
    looked = wizard.job_of(draft.inspect_job_id)
    if looked is None or looked.state != JobState.DONE:
        return render(request, "metrics/imports/upload.html", base(request, draft, looked, 1))
    if draft.mapping is not None:
        return _check(request, draft)
    return columns_page(request, draft, None)


@workspace_view(IMPORT_FACTS)
@require_GET
def import_state(request: WorkspaceRequest, draft_id: int) -> HttpResponse:
    """The part of a step that is asked for again while a worker is busy; then the page is loaded anew."""
    draft = draft_of(request, draft_id)
    job = next((job for job_id in job_ids(draft) if (job := wizard.job_of(job_id)) and job.state in OPEN), None)
    if job is None:
        response = HttpResponse()
        response["HX-Redirect"] = reverse("import_draft", args=[request.workspace.slug, draft.pk])
        return response
    return render(request, "metrics/imports/progress.html", base(request, draft, job, 0))


def _check(request: WorkspaceRequest, draft: ImportDraft) -> HttpResponse:
    """Steps 3 and 4: the first rows as what they hold, and what the whole file would do."""
    job = wizard.job_of(draft.check_job_id)
    context = base(request, draft, job, 3)
    found = context["found"]
    try:
        mapping: Any = wizard.checked_mapping(draft.kind, draft.mapping)
        make = KINDS[draft.kind].preview
        context["lines"], context["summary"] = make(found, mapping, today=request.workspace.today())
        if draft.kind == facts.KIND:
            context["ratios"] = ratios_of({spec.metric.constant for spec in mapping.facts})
        elif draft.kind == people.KIND:
            given = [mapping.texts.get(part) for part in ("valid_from", "hired_on")]
            if not any(text is not None and (text.column or text.constant) for text in given):
                context["from_today"] = request.workspace.today()
    except DomainError as error:
        context["unfit"] = str(error)
    context |= _errors(request, job)
    return render(request, "metrics/imports/check.html", context)


def _errors(request: WorkspaceRequest, job: Job | None) -> dict[str, Any]:
    """The refused rows of a job, found by row number or reason, in pages."""
    result = (job.result if job is not None else None) or {}
    search = request.GET.get("q", "")[:100].strip()
    listed = [{"row": error["row"], "reason": said(error)} for error in result.get("errors", [])]
    errors = [
        error
        for error in listed
        if not search or search == str(error["row"]) or search.casefold() in error["reason"].casefold()
    ]
    return {
        "result": result,
        "search": search,
        "errors": Paginator(errors, ERRORS_PER_PAGE).get_page(request.GET.get("page")),
        "unlisted": max(0, result.get("refused", 0) - len(result.get("errors", []))),
    }


def _result(request: WorkspaceRequest, draft: ImportDraft) -> HttpResponse:
    """Step 5: the import itself, and whether it was undone."""
    job, undo = wizard.job_of(draft.import_job_id), wizard.job_of(draft.undo_job_id)
    waiting = undo if undo is not None and undo.state in OPEN else job
    context = base(request, draft, waiting, 5) | {"imported": job, "undo": undo} | _errors(request, job)
    if job is not None:
        context["imported_view"] = shown_job(request, draft, job)
    if undo is not None:
        context["undo_view"] = shown_job(request, draft, undo)
    return render(request, "metrics/imports/result.html", context)


@workspace_view(IMPORT_FACTS)
@require_POST
def import_check(request: WorkspaceRequest, draft_id: int) -> HttpResponse:
    """Check the file again, for instance because people came in meanwhile."""
    draft = draft_of(request, draft_id)
    wizard.check_again(draft, viewer=request.viewer)
    return to_draft(request, draft)


@workspace_view(IMPORT_FACTS)
@require_POST
def import_run(request: WorkspaceRequest, draft_id: int) -> HttpResponse:
    """Import the checked file."""
    draft = draft_of(request, draft_id)
    wizard.run_import(draft, viewer=request.viewer)
    return to_draft(request, draft)


@workspace_view(IMPORT_FACTS)
@require_POST
def import_cancel(request: WorkspaceRequest, draft_id: int) -> HttpResponse:
    """Stop what a worker does with the file."""
    draft = draft_of(request, draft_id)
    wizard.cancel(draft)
    return to_draft(request, draft)


@workspace_view(IMPORT_FACTS)
@require_POST
def import_undo(request: WorkspaceRequest, draft_id: int) -> HttpResponse:
    """Take the import back."""
    draft = draft_of(request, draft_id)
    wizard.undo_import(draft, viewer=request.viewer)
    return to_draft(request, draft)


@workspace_view(IMPORT_FACTS)
@require_POST
def import_discard(request: WorkspaceRequest, draft_id: int) -> HttpResponse:
    """Forget a file that was not imported."""
    draft = draft_of(request, draft_id)
    wizard.discard(draft)
    messages.info(request, _("The file was removed; nothing of it was imported."))
    return HttpResponseRedirect(reverse("imports", args=[request.workspace.slug]))


@workspace_view(IMPORT_FACTS)
@require_GET
def import_refused(request: WorkspaceRequest, draft_id: int) -> FileResponse:
    """Download the refused rows with their reasons, to be mended and uploaded again."""
    job = wizard.job_of(draft_of(request, draft_id).import_job_id)
    result = (job.result if job is not None else None) or {}
    name, called = result.get("refused_files", {}).get(get_language() or "") or (
        result.get("refused_file", ""),
        result.get("refused_file_name", "refused.csv"),
    )
    if not name or not default_storage.exists(name):
        raise NotFound
    download = PurePath(called).name
    return FileResponse(default_storage.open(name), as_attachment=True, filename=download)


@workspace_view(IMPORT_FACTS)
@require_POST
def profile_delete(request: WorkspaceRequest, profile_id: int) -> HttpResponse:
    """Remove a profile; what was imported with it stays."""
    profile = ImportProfile.objects.filter(pk=profile_id).first()
    if profile is None:
        raise NotFound
    require(profile.kind, request)
    ImportDraft.objects.filter(profile=profile).update(profile=None)
    profile.delete()
    messages.info(request, _("The profile “{name}” was removed.").format(name=profile.name))
    return HttpResponseRedirect(reverse("imports", args=[request.workspace.slug]))
