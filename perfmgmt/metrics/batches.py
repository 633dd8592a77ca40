"""Batches of facts that programs sent (F4): what came, and taking one back as an import is taken back."""

from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from perfmgmt.jobs import services as jobs
from perfmgmt.jobs.context import JobContext
from perfmgmt.jobs.models import Job, JobState
from perfmgmt.metrics.imports import undo
from perfmgmt.metrics.models import FactsBatch
from perfmgmt.tenants.errors import Conflict, NotFound

KIND = "facts.undo_batch"
# A batch is numbered like a job: `job_id` of a fact names either.
NEXT_ID = "SELECT nextval(pg_get_serial_sequence('jobs_job', 'id'))"
GONE_ON = _("It was started again since. Open the batch to see where it stands.")


def next_id() -> int:
    """Return the number of the next batch."""
    with connection.cursor() as cursor:
        cursor.execute(NEXT_ID)
        return int(cursor.fetchone()[0])


def batches(*, search: str = "", source: str = "") -> QuerySet[FactsBatch]:
    """Return the batches, newest first; `search` finds the name of the token or the number of a batch."""
    found = FactsBatch.objects.order_by("-pk")
    if source:
        found = found.filter(source=source)
    text = search.strip()
    if not text:
        return found
    number = text.removeprefix("#")
    named = found.filter(token_name__icontains=text)
    return named | found.filter(pk=int(number)) if number.isdecimal() and len(number) < 18 else named


def undo_of(batch: FactsBatch) -> Job | None:
    """Return the job that undoes a batch, if one was started."""
    return Job.objects.filter(pk=batch.undo_job_id).first() if batch.undo_job_id else None


@transaction.atomic
def undo_batch(batch_id: int, *, user_id: int | None = None, token_id: int | None = None) -> FactsBatch:
    """Start undoing a batch and return it; a second time finds it started. A failed undoing is started again.

    With `token_id` only a batch of that token counts. Raises NotFound, Conflict.
    """
    found = FactsBatch.objects.select_for_update().filter(pk=batch_id)
    batch = (found if token_id is None else found.filter(token_id=token_id)).first()
    if batch is None:
        raise NotFound
    running = undo_of(batch)
    if running is None or running.state in (JobState.FAILED, JobState.CANCELLED):
        params = {"job": batch.pk, "batch": batch.pk, "language": get_language() or "en"}
        batch.undo_job_id = jobs.start(KIND, params, user_id=user_id).pk
        batch.save(update_fields=["undo_job_id"])
    return batch


def run(context: JobContext) -> dict[str, Any]:
    """Undo a batch (params: job, batch, language); return what became of its facts."""
    result = undo.run(context)
    with override(context.params["language"]):
        words = (
            (_t("Facts taken back"), "taken_back"),
            (_t("Facts as before the batch"), "restored"),
            (_t("Left, because they were changed since"), "left"),
        )
    return {**result, "summary": [(word, result[name]) for word, name in words]}


def obstacle(job: Job) -> str | Promise:
    """Return why an undoing can't be done again from its job's page; "" when it can."""
    waiting = FactsBatch.objects.filter(pk=job.params.get("batch"), undo_job_id=job.pk).exists()
    return "" if waiting else GONE_ON


def retried(job: Job, again: Job) -> None:
    """Let the batch wait for the new job. Raises Conflict when it waits for another."""
    if not FactsBatch.objects.filter(pk=job.params["batch"], undo_job_id=job.pk).update(undo_job_id=again.pk):
        raise Conflict(GONE_ON, code="no_retry")
