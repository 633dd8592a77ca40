"""Doing the work of a job again that failed, was cancelled or lost its worker too often.

A retry is a new job with the same input that names the old one: the old one keeps its error and its time, and a
second click finds the first one's job. Nothing of a job that didn't end well was saved, so none can be done twice.
"""

from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from perfmgmt.jobs import services
from perfmgmt.jobs.models import Job, JobState
from perfmgmt.jobs.registry import JobKind, kind_of
from perfmgmt.people.viewer import Viewer
from perfmgmt.tenants.errors import Conflict, NotFound


def without_file(job: Job) -> str | Promise:
    """Return why a job can't be done again whose file was removed; "" while it is there."""
    name = job.params.get("file", "")
    if name and not default_storage.exists(name):
        return _("Its file was removed. Upload the file again.")
    return ""


def obstacle(job: Job, *, viewer: Viewer) -> str | Promise:
    """Return why a finished job can't be done again by this viewer, as a sentence; "" when it can."""
    kind = _kind(job)
    if kind is None or kind.permission is None:
        return _("Work of this kind is started from its own page.")
    if not viewer.may(kind.permission):
        return _("Only somebody who may start work of this kind can start it again.")
    return kind.against_retry(job)


def _kind(job: Job) -> JobKind | None:
    try:
        return kind_of(job.kind)
    except KeyError:
        return None  # of a version that knew more kinds


@transaction.atomic
def retry(job_id: int, *, viewer: Viewer) -> Job:
    """Queue the work of an ended job again and return the new job; a second time returns the same one.

    The new job runs with the rights of the viewer. Raises NotFound, Conflict for one that is open or done, or that
    can't be done again (the message says why).
    """
    job = Job.objects.select_for_update().filter(pk=job_id).first()
    if job is None:
        raise NotFound
    again = Job.objects.filter(retry_of=job).first()
    if again is not None:
        return again
    if job.state not in (JobState.FAILED, JobState.CANCELLED):
        raise Conflict(_("Only work that failed or was cancelled can be started again."), code="not_ended")
    against = obstacle(job, viewer=viewer)
    if against:
        raise Conflict(against, code="no_retry")
    again = services.start(job.kind, job.params, user_id=viewer.user_id, retry_of=job)
    kind_of(job.kind).retried(job, again)
    return again
