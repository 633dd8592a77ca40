"""Starting the work of an import again from its job's page: the wizard then waits for the new job."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from perfmgmt.jobs.models import Job
from perfmgmt.jobs.retrying import without_file
from perfmgmt.metrics.models import ImportDraft
from perfmgmt.tenants.errors import Conflict

STEPS = ("inspect_job_id", "check_job_id", "import_job_id", "undo_job_id")


GONE_ON = _("The import has gone on since. Open the import to see where it stands.")


def _step_of(draft: ImportDraft, job: Job) -> str:
    return next((step for step in STEPS if getattr(draft, step) == job.pk), "")


def obstacle(job: Job) -> str | Promise:
    """Return why the work of an import can't be done again; "" when it can.

    Its file or its draft may be gone, and the wizard may wait for another job since.
    """
    if not job.params.get("draft"):
        return without_file(job)
    draft = ImportDraft.objects.filter(pk=job.params["draft"]).first()
    if draft is None:
        return _("Its file was removed. Upload the file again.")
    if not _step_of(draft, job):
        return GONE_ON
    return without_file(job)


def retried(job: Job, again: Job) -> None:
    """Let the wizard wait for the new job in the place of the old one. Raises Conflict when it waits for another."""
    if not job.params.get("draft"):
        return
    draft = ImportDraft.objects.select_for_update().filter(pk=job.params["draft"]).first()
    step = _step_of(draft, job) if draft is not None else ""
    if draft is None or not step:
        raise Conflict(GONE_ON, code="no_retry")
    setattr(draft, step, again.pk)
    draft.save(update_fields=[step])
