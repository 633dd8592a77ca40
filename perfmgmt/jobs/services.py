"""Starting, running, cancelling and rescuing jobs.

A job's work, its result and its state "done" are one transaction: a worker that dies at any point leaves the job
as it was, and the sweep starts it again. One workspace has one job at work at a time; its next one queues up
behind the other workspaces.
"""

import logging
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from django.db import InterfaceError, OperationalError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override
from kombu.exceptions import OperationalError as BrokerError
from redis.exceptions import RedisError

from perfmgmt.jobs.context import Cancelled, JobContext
from perfmgmt.jobs.models import Job, JobState
from perfmgmt.jobs.notices import tell_of_end
from perfmgmt.jobs.registry import kind_of
from perfmgmt.tenants.acting import acting
from perfmgmt.tenants.errors import Conflict, DomainError, NotFound
from perfmgmt.tenants.locks import Lock, try_lock
from perfmgmt.tenants.models import Doorbell
from perfmgmt.tenants.scope import current_tenant_id

logger = logging.getLogger(__name__)
QUEUE = "jobs"
MOST_ATTEMPTS = 5
WAIT_SECONDS = 0.2
MOST_OPEN = 5
OpenScope = Callable[[], AbstractContextManager[int]]


class BrokenJob(DomainError):
    """A fault of ours: the log has the details, the user has a sentence."""

    code = "internal"
    status = 500
    message = _("Something in this work went wrong on our side, and nothing was changed.")


def start(kind: str, params: dict[str, Any], *, user_id: int | None, retry_of: Job | None = None) -> Job:
    """Queue a job of `kind` in the open workspace and wake a worker after the commit; return its row."""
    kind_of(kind)
    waiting = Job.objects.filter(created_by_id=user_id, state__in=[JobState.QUEUED, JobState.RUNNING])
    if user_id is not None and waiting.count() >= MOST_OPEN:
        raise Conflict(_("You have {most} pieces of work waiting already. Wait until one is done."), most=MOST_OPEN)
    job = Job.objects.create(kind=kind, params=params, created_by_id=user_id, retry_of=retry_of)
    tenant_id = current_tenant_id()
    Doorbell.objects.create(tenant_id=tenant_id, queue=QUEUE)
    transaction.on_commit(lambda: wake(tenant_id))
    return job


def wake(tenant_id: int) -> None:
    """Send the task that runs the workspace's next job; if no broker answers, the sweep will."""
    from perfmgmt.jobs.tasks import run_next

    try:
        run_next.apply_async(args=[tenant_id], retry=False)
    except (BrokerError, RedisError) as error:
        logger.warning("No broker (%s): the sweep will start the jobs of workspace %s.", error, tenant_id)


def cancel(job_id: int) -> Job:
    """Ask a job to stop; one that has not begun is cancelled at once. Raises NotFound, Conflict."""
    job = Job.objects.select_for_update().filter(pk=job_id).first()
    if job is None:
        raise NotFound
    if not job.is_open:
        raise Conflict(_("This work is already finished; there is nothing left to cancel."))
    job.cancel_requested = True
    if job.state == JobState.QUEUED:
        job.state, job.finished_at = JobState.CANCELLED, timezone.now()
    job.save(update_fields=["cancel_requested", "state", "finished_at"])
    return job


def run_next(open_scope: OpenScope) -> bool:
    """Run the workspace's oldest open job, unless a worker is at it; return whether others are waiting."""
    with open_scope() as tenant_id:
        seen = list(Doorbell.objects.filter(tenant_id=tenant_id, queue=QUEUE).values_list("pk", flat=True)[:1000])
        open_jobs = list(
            Job.objects.filter(state__in=[JobState.QUEUED, JobState.RUNNING])
            .order_by("pk")
            .values_list("pk", flat=True)[:1]
        )
        if not open_jobs:
            Doorbell.objects.filter(pk__in=seen).delete()
            return False
    if not run(open_scope, open_jobs[0]):
        return False
    with open_scope():  # asked afterwards: a job that was started meanwhile found this one at work
        return Job.objects.filter(state__in=[JobState.QUEUED, JobState.RUNNING]).exists()


def run(open_scope: OpenScope, job_id: int) -> bool:
    """Run one job to its end; return False when another worker has it."""
    with open_scope():
        if not try_lock(Lock.JOB, job_id):
            return False
        job = _begin(job_id)
        if job is None:
            return True
        context = JobContext(job.pk, job.params, job.created_by_id)
    try:
        with acting(user=context.created_by_id, job=job_id), open_scope():
            # From here on the lock is held until the work is committed or undone.
            if not try_lock(Lock.JOB, job_id):
                return False
            locked = Job.objects.get(pk=job_id)
            if not locked.is_open:
                return True
            result = kind_of(locked.kind).run(context)
            Job.objects.filter(pk=job_id).update(state=JobState.DONE, result=result, finished_at=timezone.now())
            tell_of_end(job_id)
    except Cancelled as error:
        _end(open_scope, context, JobState.CANCELLED, error)
    except DomainError as error:
        _end(open_scope, context, JobState.FAILED, error)
    except (OperationalError, InterfaceError, RedisError):
        raise  # a server is gone, not the work wrong: the sweep starts it again
    except Exception:
        logger.exception("Job %s of kind %s broke off", job_id, job.kind)
        _end(open_scope, context, JobState.FAILED, BrokenJob())
    return True


def wait(open_scope: OpenScope, job_id: int) -> Job:
    """Return a job once it is finished, by whichever worker; for commands that started it themselves."""
    while True:
        with open_scope():
            job = Job.objects.get(pk=job_id)
        if not job.is_open:
            return job
        time.sleep(WAIT_SECONDS)


def _begin(job_id: int) -> Job | None:
    """Mark a job as running and return it; None when it is finished, or ends here after too many attempts."""
    job = Job.objects.select_for_update().get(pk=job_id)
    if not job.is_open:
        return None
    if job.attempts >= MOST_ATTEMPTS:
        job.state, job.error_code, job.finished_at = JobState.FAILED, "worker_died", timezone.now()
        with override(_language(job.params)):
            job.error = str(_("The worker stopped several times during this work; nothing was changed."))
        job.save(update_fields=["state", "error_code", "error", "finished_at"])
        tell_of_end(job.pk)
        return None
    job.state, job.started_at, job.attempts = JobState.RUNNING, timezone.now(), job.attempts + 1
    job.save(update_fields=["state", "started_at", "attempts"])
    return job


def _language(params: dict[str, Any]) -> str:
    """Return the language of who started a job: its messages are kept in it."""
    return str(params.get("language") or "en")


def _end(open_scope: OpenScope, context: JobContext, state: str, error: DomainError) -> None:
    with open_scope(), override(_language(context.params)):
        Job.objects.filter(pk=context.job_id).update(
            state=state, error_code=error.code, error=str(error), finished_at=timezone.now()
        )
        tell_of_end(context.job_id)


def on_sweep(*, queue: str, tenant_id: int) -> None:
    """The sweep found an old note: a message was lost, or a worker died, or the job simply takes long."""
    if queue == QUEUE:
        from perfmgmt.jobs.tasks import run_next

        run_next.apply_async(args=[tenant_id], retry=False, expires=60)
