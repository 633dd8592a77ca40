"""The steps of the import wizard (F3): upload, columns, check, import, undo. Each starts a job; none waits for it."""

from pathlib import Path
from typing import Any
from uuid import uuid4

from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from perfmgmt.jobs import services as jobs
from perfmgmt.jobs.models import Job, JobState
from perfmgmt.metrics.imports import inspection, undo
from perfmgmt.metrics.imports.kinds import KINDS
from perfmgmt.metrics.imports.mapping import Json
from perfmgmt.metrics.imports.sources import REASON_COLUMNS, forget
from perfmgmt.metrics.models import ImportDraft, ImportProfile
from perfmgmt.people.viewer import Viewer
from perfmgmt.tenants.errors import Conflict, DomainError


def checked_mapping(kind: str, mapping: Json) -> Any:
    """Return a mapping, understood; raise BadMapping."""
    return KINDS[kind].understand(mapping)


def upload(kind: str, file: UploadedFile, mapping: Json | None, *, viewer: Viewer) -> ImportDraft:
    """Keep an uploaded file and let a worker look at it; with a mapping it is checked right afterwards."""
    name = default_storage.save(f"imports/{uuid4()}", file)  # whatever it is called, it can be stored
    draft = ImportDraft.objects.create(
        kind=kind, file=name, file_name=_name_of(file), mapping=mapping, created_by_id=viewer.user_id
    )
    draft.inspect_job_id = _start(draft, inspection.KIND, viewer, reading=_named_reading(mapping)).pk
    if mapping is not None:
        draft.check_job_id = _start(draft, kind, viewer, dry=True, mapping=mapping).pk
    draft.save(update_fields=["inspect_job_id", "check_job_id"])
    return draft


def _name_of(file: UploadedFile) -> str:
    name = "".join(character for character in str(file.name or "") if character.isprintable())
    return name[:200] or "file"


def _start(draft: ImportDraft, kind: str, viewer: Viewer, **params: Any) -> Job:
    shared = {
        "draft": draft.pk,
        "file": draft.file,
        "file_name": draft.file_name,
        "language": get_language() or "en",
    }
    return jobs.start(kind, {**shared, **params}, user_id=viewer.user_id)


def job_of(job_id: int | None) -> Job | None:
    """Return one of a draft's jobs; None while there is none."""
    return Job.objects.filter(pk=job_id).first() if job_id else None


def inspected(draft: ImportDraft) -> dict[str, Any] | None:
    """Return what the first look at the file found; None while it is not finished, or when it failed."""
    job = job_of(draft.inspect_job_id)
    return job.result if job is not None and job.state == JobState.DONE else None


def _named_reading(mapping: Json | None) -> Json:
    """Return how a mapping says that the file is read."""
    return {part: text for part in inspection.READING if (text := (mapping or {}).get(part))}


def _running_mapping(draft: ImportDraft) -> Json:
    """Return the mapping as the import uses it, with how the file is read: as somebody chose, else as was found."""
    found = inspected(draft) or {}
    mapping: Json = dict(draft.mapping or {})
    for part in ("delimiter", "sheet"):
        if found.get(part) and not mapping.get(part):
            mapping[part] = found[part]
    return mapping | _named_reading(draft.reading)


def read_again(draft: ImportDraft, reading: Json, *, viewer: Viewer) -> None:
    """Let a worker look at the file again, read in another way. Raises Conflict for a file that is imported.

    Columns that were chosen are forgotten: they may be others now. A mapping that came as a file stays.
    """
    draft = _locked(draft)
    if draft.import_job_id is not None:
        raise Conflict(_("This file is imported already. Upload it again to read it in another way."))
    for job_id in (draft.inspect_job_id, draft.check_job_id):
        _stop(job_id)
    draft.reading = reading
    if draft.choices is not None:
        draft.mapping = draft.choices = draft.profile = None
    named = _named_reading(draft.mapping) | _named_reading(reading)
    draft.inspect_job_id = _start(draft, inspection.KIND, viewer, reading=named).pk
    draft.check_job_id = None
    if draft.mapping is not None:
        mapping = draft.mapping | _named_reading(reading)
        draft.check_job_id = _start(draft, draft.kind, viewer, dry=True, mapping=mapping).pk
    draft.save(update_fields=["reading", "mapping", "choices", "profile", "inspect_job_id", "check_job_id"])


def choose_columns(draft: ImportDraft, mapping: Json, choices: Json | None, *, viewer: Viewer) -> None:
    """Keep what the columns mean and start the check of the whole file. Raises BadMapping, Conflict."""
    checked_mapping(draft.kind, mapping)
    draft = _locked(draft)
    if draft.import_job_id is not None:
        raise Conflict(_("This file is imported already. Upload it again to import it with other columns."))
    _stop(draft.check_job_id)
    draft.mapping, draft.choices = mapping, choices
    draft.check_job_id = _start(draft, draft.kind, viewer, dry=True, mapping=_running_mapping(draft)).pk
    draft.save(update_fields=["mapping", "choices", "check_job_id"])


def _stop(job_id: int | None) -> None:
    """Stop a check that nobody waits for any more."""
    job = job_of(job_id)
    if job is not None and job.is_open:
        jobs.cancel(job.pk)


def _locked(draft: ImportDraft) -> ImportDraft:
    return ImportDraft.objects.select_for_update().get(pk=draft.pk)


def run_import(draft: ImportDraft, *, viewer: Viewer) -> None:
    """Start the import; a second click finds it started. Raises Conflict before the file was checked."""
    draft = _locked(draft)
    checked, running = job_of(draft.check_job_id), job_of(draft.import_job_id)
    if running is not None and running.state not in (JobState.FAILED, JobState.CANCELLED):
        return
    if checked is None or checked.state != JobState.DONE:
        raise Conflict(_("The file has to be checked before it is imported."))
    draft.import_job_id = _start(draft, draft.kind, viewer, mapping=_running_mapping(draft)).pk
    draft.save(update_fields=["import_job_id"])


def check_again(draft: ImportDraft, *, viewer: Viewer) -> None:
    """Start the check anew: people or rates may have come in the meantime."""
    if draft.mapping is None:
        raise Conflict(_("Say first which column means what."))
    choose_columns(draft, draft.mapping, draft.choices, viewer=viewer)


def undo_import(draft: ImportDraft, *, viewer: Viewer) -> None:
    """Start undoing an import of facts; a second click finds it started. Raises Conflict where nothing can be undone.

    Imports of people and of contacts stay: other data build on them.
    """
    draft = _locked(draft)
    if KINDS[draft.kind].stays:
        raise Conflict(KINDS[draft.kind].stays)
    done, running = job_of(draft.import_job_id), job_of(draft.undo_job_id)
    if running is not None and running.state not in (JobState.FAILED, JobState.CANCELLED):
        return
    if done is None or done.state != JobState.DONE:
        raise Conflict(_("There is nothing to undo: the file was not imported."))
    draft.undo_job_id = _start(draft, undo.KIND, viewer, job=done.pk).pk
    draft.save(update_fields=["undo_job_id"])


def cancel(draft: ImportDraft) -> None:
    """Stop the job that a draft waits for. Raises Conflict when there is none."""
    for job_id in (draft.undo_job_id, draft.import_job_id, draft.check_job_id, draft.inspect_job_id):
        job = job_of(job_id)
        if job is not None and job.is_open:
            jobs.cancel(job.pk)
            return
    raise Conflict(_("This work is already finished; there is nothing left to cancel."))


def save_profile(draft: ImportDraft, name: str, *, overwrite: bool, viewer: Viewer) -> ImportProfile:
    """Keep a draft's columns under a name. A name that is taken needs `overwrite`, which counts the version up.

    Raises Conflict for a name that is taken.
    """
    found = inspected(draft) or {}
    profile = ImportProfile.objects.select_for_update().filter(kind=draft.kind, name=name).first()
    if profile is not None and not overwrite:
        if draft.choices == profile.choices or draft.mapping == profile.mapping:
            return profile  # it filled the columns in and is used as it is
        raise Conflict(_("There is a profile of this name already. Choose to replace it, or another name."))
    if profile is None:
        profile = ImportProfile(kind=draft.kind, name=name, version=0)
    profile.version += 1
    profile.header = _plain_header(found.get("header", []))
    profile.mapping, profile.choices = draft.mapping, draft.choices
    profile.updated_by_id = viewer.user_id
    profile.save()
    draft.profile = profile
    draft.save(update_fields=["profile"])
    return profile


def fitting_profile(kind: str, header: list[str]) -> ImportProfile | None:
    """Return the newest profile for files with exactly these columns, in whatever order; None for none."""
    wanted = sorted(_plain_header(header))
    profiles = ImportProfile.objects.filter(kind=kind).order_by("-updated_at")
    return next((profile for profile in profiles if sorted(profile.header) == wanted), None)


def _plain_header(header: list[str]) -> list[str]:
    return [name for name in header if name not in REASON_COLUMNS]


def discard(draft: ImportDraft) -> None:
    """Forget a file that was not imported. Raises Conflict for one that was, or is being worked on."""
    draft = _locked(draft)
    if draft.import_job_id is not None:
        raise Conflict(_("This file is imported already; its history stays."))
    for job_id in (draft.inspect_job_id, draft.check_job_id):
        job = job_of(job_id)
        if job is not None and job.is_open:
            raise DomainError(_("A worker still looks at the file. Cancel that first."))
    forget(Path(default_storage.path(draft.file)))
    default_storage.delete(draft.file)
    draft.delete()
