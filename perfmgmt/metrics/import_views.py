"""Pages of the import wizard (F3)."""

from pathlib import PurePath
from typing import Any

from django.contrib import messages
from django.core.files.storage import default_storage
from django.core.paginator import Paginator
from django.db import transaction
from django.http import FileResponse, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from perfmgmt.jobs.models import Job, JobState
from perfmgmt.jobs.shown import ShownJob, shown
from perfmgmt.metrics.forms import ImportForm, ProfileForm
from perfmgmt.metrics.imports import facts, people, preview, wizard
from perfmgmt.metrics.imports.columns import LINES, SUPPORTERS, FactsColumns, PeopleColumns
from perfmgmt.metrics.imports.suggestions import formats, suggest_facts, suggest_people
from perfmgmt.metrics.models import ImportDraft, ImportProfile, Metric
from perfmgmt.metrics.permissions import IMPORT_FACTS
from perfmgmt.metrics.selectors import parked
from perfmgmt.people.access import WorkspaceRequest, workspace_view
from perfmgmt.people.models import FOREVER
from perfmgmt.people.permissions import IMPORT_PEOPLE
from perfmgmt.tenants.errors import Conflict, DomainError, NotAllowed, NotFound

ERRORS_PER_PAGE, RECENT, MOST_PARKED = 50, 10, 20
OPEN = (JobState.QUEUED, JobState.RUNNING)


@workspace_view(IMPORT_FACTS)
@require_http_methods(["GET", "POST"])
def imports(request: WorkspaceRequest) -> HttpResponse:
    """Step 1: a file. Below, what was imported before, and the profiles."""
    form = ImportForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        _require(data["kind"], request)
        draft = wizard.upload(data["kind"], data["file"], data["mapping"], viewer=request.viewer)
        return _to(request, draft)
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
        "profiles": ImportProfile.objects.select_related("updated_by").order_by("kind", "name"),
        "people_kind": people.KIND,
    }
    return render(request, "metrics/imports.html", context, status=400 if form.errors else 200)


def _with_states(drafts: list[ImportDraft]) -> list[dict[str, Any]]:
    """Return drafts with the state of what they wait for, or of what was done last."""
    jobs = Job.objects.in_bulk({job_id for draft in drafts for job_id in _job_ids(draft) if job_id})
    rows = []
    for draft in drafts:
        imported = jobs.get(draft.import_job_id or 0)
        latest = next((jobs[job_id] for job_id in _job_ids(draft) if job_id in jobs), None)
        undone = bool(draft.undo_job_id and (job := jobs.get(draft.undo_job_id)) and job.state == JobState.DONE)
        rows.append({"draft": draft, "imported": imported, "latest": latest, "undone": undone})
    return rows


def _job_ids(draft: ImportDraft) -> tuple[int | None, ...]:
    """Return the jobs of a draft, the latest step first."""
    return (draft.undo_job_id, draft.import_job_id, draft.check_job_id, draft.inspect_job_id)


def _require(kind: str, request: WorkspaceRequest) -> None:
    if kind == people.KIND and not request.viewer.may(IMPORT_PEOPLE):
        raise NotAllowed


def _draft(request: WorkspaceRequest, draft_id: int) -> ImportDraft:
    draft = ImportDraft.objects.select_related("profile", "created_by").filter(pk=draft_id).first()
    if draft is None:
        raise NotFound
    _require(draft.kind, request)
    return draft


def _to(request: WorkspaceRequest, draft: ImportDraft) -> HttpResponse:
    return HttpResponseRedirect(reverse("import_draft", args=[request.workspace.slug, draft.pk]))


@workspace_view(IMPORT_FACTS)
@require_GET
def import_draft(request: WorkspaceRequest, draft_id: int) -> HttpResponse:
    """The step at which an import stands."""
    draft = _draft(request, draft_id)
    if draft.import_job_id is not None:
        return _result(request, draft)
    looked = wizard.job_of(draft.inspect_job_id)
    if looked is None or looked.state != JobState.DONE:
        return render(request, "metrics/imports/upload.html", _base(request, draft, looked, 1))
    if draft.mapping is not None:
        return _check(request, draft)
    return _columns(request, draft, None)


def _base(request: WorkspaceRequest, draft: ImportDraft, job: Job | None, step: int) -> dict[str, Any]:
    """What every step shows: the file, where it stands, and the work it waits for."""
    return {
        "draft": draft,
        "is_people": draft.kind == people.KIND,
        "step": step,
        "job": job,
        "view": _shown(request, draft, job) if job is not None else None,
        "found": wizard.inspected(draft),
    }


def _shown(request: WorkspaceRequest, draft: ImportDraft, job: Job) -> ShownJob:
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


@workspace_view(IMPORT_FACTS)
@require_GET
def import_state(request: WorkspaceRequest, draft_id: int) -> HttpResponse:
    """The part of a step that is asked for again while a worker is busy; then the page is loaded anew."""
    draft = _draft(request, draft_id)
    job = next((job for job_id in _job_ids(draft) if (job := wizard.job_of(job_id)) and job.state in OPEN), None)
    if job is None:
        response = HttpResponse()
        response["HX-Redirect"] = reverse("import_draft", args=[request.workspace.slug, draft.pk])
        return response
    return render(request, "metrics/imports/progress.html", _base(request, draft, job, 0))


@workspace_view(IMPORT_FACTS)
@require_http_methods(["GET", "POST"])
def import_columns(request: WorkspaceRequest, draft_id: int) -> HttpResponse:
    """Step 2: which column means what."""
    draft = _draft(request, draft_id)
    if wizard.inspected(draft) is None or draft.import_job_id is not None:
        return _to(request, draft)
    return _columns(request, draft, request.POST if request.method == "POST" else None)


def _columns(request: WorkspaceRequest, draft: ImportDraft, data: Any) -> HttpResponse:
    found = wizard.inspected(draft) or {}
    profile = _wanted_profile(request, draft, found)
    initial = _initial(draft, profile, found)
    form_class = PeopleColumns if draft.kind == people.KIND else FactsColumns
    form = form_class(data, initial=initial, inspection=found)
    profile_form = ProfileForm(data, initial={"name": profile.name if profile else ""}, profile=profile)
    if data is not None and form.is_valid() and profile_form.is_valid():
        try:
            choices = {name: data.get(name, "") for name in form.fields}
            with transaction.atomic():
                wizard.choose_columns(draft, form.mapping(), choices, viewer=request.viewer)
                draft.refresh_from_db()
                if name := profile_form.cleaned_data["name"]:
                    overwrite = profile_form.cleaned_data["overwrite"]
                    wizard.save_profile(draft, name, overwrite=overwrite, viewer=request.viewer)
        except Conflict as error:
            profile_form.add_error("name", str(error))
        else:
            return _to(request, draft)
    used = [str(form[name].value() or "").removeprefix("c:").removeprefix("d:") for name in form.fields]
    context = _base(request, draft, None, 2) | {
        "form": form,
        "profile_form": profile_form,
        "profile": profile,
        "profiles": ImportProfile.objects.filter(kind=draft.kind).exclude(choices=None).order_by("name"),
        "hints": formats(found, used),
        "lines": [[form[f"{part}_{n}"] for part in ("metric", "value", "when", "texts")] for n in range(1, LINES + 1)]
        if draft.kind == facts.KIND
        else [],
        "supporters": [[form[f"{part}_{n}"] for part in ("supporter", "share")] for n in range(1, SUPPORTERS + 1)]
        if draft.kind == facts.KIND
        else [],
        "sample": [(name, found["sample"][name][:3]) for name in found["header"]],
    }
    invalid = bool(form.errors or profile_form.errors)
    return render(request, "metrics/imports/columns.html", context, status=400 if invalid else 200)


def _wanted_profile(request: WorkspaceRequest, draft: ImportDraft, found: dict[str, Any]) -> ImportProfile | None:
    """Return the profile that the address names, or the one that fits the header."""
    wanted = request.GET.get("profile", "")
    if wanted == "none":
        return None
    if wanted.isdecimal() and len(wanted) < 18:
        return ImportProfile.objects.filter(pk=int(wanted), kind=draft.kind).exclude(choices=None).first()
    if draft.choices is not None:
        return draft.profile
    profile = wizard.fitting_profile(draft.kind, found["header"])
    return profile if profile is not None and profile.choices is not None else None


def _initial(draft: ImportDraft, profile: ImportProfile | None, found: dict[str, Any]) -> dict[str, Any]:
    if draft.choices is not None and (profile is None or profile.pk == draft.profile_id):
        return dict(draft.choices)
    if profile is not None and profile.choices is not None:
        return dict(profile.choices)
    if draft.kind == people.KIND:
        initial = suggest_people(found)
    else:
        codes = list(Metric.objects.filter(archived_at=None).values_list("code", flat=True))
        initial = suggest_facts(found, draft.file_name, codes)
    return initial | {
        key: value for key, value in formats(found, found["header"]).items() if key[:4] in ("date", "deci")
    }


def _check(request: WorkspaceRequest, draft: ImportDraft) -> HttpResponse:
    """Steps 3 and 4: the first rows as facts or people, and what the whole file would do."""
    job = wizard.job_of(draft.check_job_id)
    context = _base(request, draft, job, 3)
    found = context["found"]
    try:
        mapping: Any = wizard.checked_mapping(draft.kind, draft.mapping)
        make: Any = preview.people if draft.kind == people.KIND else preview.facts
        context["lines"], context["summary"] = make(found, mapping, today=request.workspace.today())
        if draft.kind == people.KIND:
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
    errors = [
        error
        for error in result.get("errors", [])
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
    context = _base(request, draft, waiting, 5) | {"imported": job, "undo": undo} | _errors(request, job)
    if job is not None:
        context["imported_view"] = _shown(request, draft, job)
    if undo is not None:
        context["undo_view"] = _shown(request, draft, undo)
    return render(request, "metrics/imports/result.html", context)


@workspace_view(IMPORT_FACTS)
@require_POST
def import_check(request: WorkspaceRequest, draft_id: int) -> HttpResponse:
    """Check the file again, for instance because people came in meanwhile."""
    draft = _draft(request, draft_id)
    wizard.check_again(draft, viewer=request.viewer)
    return _to(request, draft)


@workspace_view(IMPORT_FACTS)
@require_POST
def import_run(request: WorkspaceRequest, draft_id: int) -> HttpResponse:
    """Import the checked file."""
    draft = _draft(request, draft_id)
    wizard.run_import(draft, viewer=request.viewer)
    return _to(request, draft)


@workspace_view(IMPORT_FACTS)
@require_POST
def import_cancel(request: WorkspaceRequest, draft_id: int) -> HttpResponse:
    """Stop what a worker does with the file."""
    draft = _draft(request, draft_id)
    wizard.cancel(draft)
    return _to(request, draft)


@workspace_view(IMPORT_FACTS)
@require_POST
def import_undo(request: WorkspaceRequest, draft_id: int) -> HttpResponse:
    """Take the import back."""
    draft = _draft(request, draft_id)
    wizard.undo_import(draft, viewer=request.viewer)
    return _to(request, draft)


@workspace_view(IMPORT_FACTS)
@require_POST
def import_discard(request: WorkspaceRequest, draft_id: int) -> HttpResponse:
    """Forget a file that was not imported."""
    draft = _draft(request, draft_id)
    wizard.discard(draft)
    messages.info(request, _("The file was removed; nothing of it was imported."))
    return HttpResponseRedirect(reverse("imports", args=[request.workspace.slug]))


@workspace_view(IMPORT_FACTS)
@require_GET
def import_refused(request: WorkspaceRequest, draft_id: int) -> FileResponse:
    """Download the refused rows with their reasons, to be mended and uploaded again."""
    job = wizard.job_of(_draft(request, draft_id).import_job_id)
    result = (job.result if job is not None else None) or {}
    name = result.get("refused_file", "")
    if not name or not default_storage.exists(name):
        raise NotFound
    download = PurePath(result.get("refused_file_name", "refused.csv")).name
    return FileResponse(default_storage.open(name), as_attachment=True, filename=download)


@workspace_view(IMPORT_FACTS)
@require_POST
def profile_delete(request: WorkspaceRequest, profile_id: int) -> HttpResponse:
    """Remove a profile; what was imported with it stays."""
    profile = ImportProfile.objects.filter(pk=profile_id).first()
    if profile is None:
        raise NotFound
    _require(profile.kind, request)
    ImportDraft.objects.filter(profile=profile).update(profile=None)
    profile.delete()
    messages.info(request, _("The profile “{name}” was removed.").format(name=profile.name))
    return HttpResponseRedirect(reverse("imports", args=[request.workspace.slug]))
