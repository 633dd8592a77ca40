"""A job as the component `components/job.html` shows it, wherever one is shown."""

import time
from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise

from perfmgmt.jobs import progress, words
from perfmgmt.jobs.models import Job, JobState
from perfmgmt.jobs.permissions import CANCEL_ALL_JOBS
from perfmgmt.jobs.registry import label_of
from perfmgmt.jobs.retrying import obstacle
from perfmgmt.jobs.services import MOST_ATTEMPTS
from perfmgmt.people.viewer import Viewer, Workspace


@dataclass(frozen=True)
class ShownJob:
    """What the component needs, as plain values. Empty addresses mean that there is no such button.

    `state` is the job's, or "lost" for one whose worker died too often. `attempt` is above 1 once a worker died.
    """

    number: int
    state: str
    label: str | Promise
    file_name: str = ""
    phase: str = ""
    percent: int | None = None
    notes: tuple[str, ...] = ()
    stopping: bool = False
    attempt: int = 0
    most_attempts: int = MOST_ATTEMPTS
    error: str = ""
    advice: str = ""
    cancel_url: str = ""
    retry_url: str = ""
    no_retry: str = ""
    earlier_url: str = ""
    again_url: str = ""
    page_url: str = ""

    @property
    def is_open(self) -> bool:
        """Whether it still waits or runs."""
        return self.state in (JobState.QUEUED, JobState.RUNNING)

    @property
    def has_failed(self) -> bool:
        """Whether it ended without a result."""
        return self.state in (JobState.FAILED, JobState.CANCELLED, "lost")


def state_of(job: Job) -> str:
    """Return a job's state as it is shown: one whose worker died too often is lost, not failed."""
    return "lost" if job.state == JobState.FAILED and job.error_code == "worker_died" else job.state


def may_cancel(job: Job, viewer: Viewer) -> bool:
    """Return whether the viewer may stop this job now."""
    mine = job.created_by_id == viewer.user_id or viewer.may(CANCEL_ALL_JOBS)
    return job.is_open and not job.cancel_requested and mine


def shown(job: Job, *, viewer: Viewer, workspace: Workspace, cancel_url: str = "", retry_url: str = "") -> ShownJob:
    """Return a job for its component. An app that cancels or starts again in its own way gives its addresses."""
    now = progress.read(job.pk) if job.is_open else progress.Progress()
    again = None if job.is_open else Job.objects.filter(retry_of=job).values_list("pk", flat=True).first()
    ended = job.state in (JobState.FAILED, JobState.CANCELLED)
    against = obstacle(job, viewer=viewer) if ended and again is None and not retry_url else ""

    def address(name: str, pk: int | None) -> str:
        return reverse(name, args=[workspace.slug, pk]) if pk else ""

    return ShownJob(
        number=job.pk,
        state=state_of(job),
        label=label_of(job.kind),
        file_name=str(job.params.get("file_name", "")),
        phase=str(words.PHASES.get(now.phase, "")),
        percent=now.percent,
        notes=tuple(words.notes(now, time.time())),
        stopping=job.is_open and job.cancel_requested,
        attempt=job.attempts,
        error=job.error,
        advice=words.advice(job.error_code, job.params) if ended else "",
        cancel_url=(cancel_url or address("cancel_job", job.pk)) if may_cancel(job, viewer) else "",
        retry_url=(retry_url or address("retry_job", job.pk)) if ended and again is None and not against else "",
        no_retry=str(against),
        earlier_url=address("job", job.retry_of_id),
        again_url=address("job", again),
        page_url=address("job", job.pk),
    )
