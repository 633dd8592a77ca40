"""Telling whoever started a job that it has ended."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from perfmgmt.jobs.models import Job, JobState
from perfmgmt.jobs.registry import is_told, label_of
from perfmgmt.notify.notifications import NotificationKind, tell

DONE, FAILED = "job.done", "job.failed"


def _done(params: dict[str, Any]) -> str:
    text = _("{work} is done: {file}") if params.get("file") else _("{work} is done.")
    return text.format(work=label_of(params["work"]), file=params.get("file", ""))


def _failed(params: dict[str, Any]) -> str:
    text = _("{work} has failed: {file}") if params.get("file") else _("{work} has failed.")
    return text.format(work=label_of(params["work"]), file=params.get("file", ""))


KINDS = (
    NotificationKind(DONE, _done, "circle-check", "good", gettext_lazy("Work in the background is done")),
    NotificationKind(FAILED, _failed, "alert-triangle", "bad", gettext_lazy("Work in the background failed")),
)


def tell_of_end(job_id: int) -> None:
    """Tell who started a job that it is done or has failed, in the transaction that ends it.

    A check of a file and a first look are waited for on their own page, so only their failure is told.
    """
    job = Job.objects.get(pk=job_id)
    quiet = job.params.get("dry") or not is_told(job.kind)
    if job.created_by_id is None or job.state == JobState.CANCELLED or (quiet and job.state == JobState.DONE):
        return
    tell(
        DONE if job.state == JobState.DONE else FAILED,
        user_ids=[job.created_by_id],
        path=f"jobs/{job.pk}/",
        work=job.kind,
        file=job.params.get("file_name") or (job.result or {}).get("file_name", ""),
    )
