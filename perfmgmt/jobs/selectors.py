"""Reads of jobs."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Q, QuerySet

from perfmgmt.jobs import progress
from perfmgmt.jobs.models import Job, JobState
from perfmgmt.jobs.permissions import SEE_ALL_JOBS
from perfmgmt.jobs.registry import label_of, permission_of, registered
from perfmgmt.jobs.shown import state_of
from perfmgmt.people.viewer import Viewer

LOST = "lost"


def jobs_for(
    *, viewer: Viewer, state: str = "", kind: str = "", search: str = "", mine: bool = False
) -> QuerySet[Job]:
    """Return the jobs the viewer may see, newest first, with who started them.

    `state` is one of JobState or "lost"; `search` finds the number of a job, its kind by its name, its file and who
    started it; `mine` leaves out what others started.
    """
    jobs = Job.objects.select_related("created_by").order_by("-pk")
    if mine or not viewer.may(SEE_ALL_JOBS):
        jobs = jobs.filter(created_by_id=viewer.user_id)
    if state:
        jobs = jobs.filter(_in_state(state))
    if kind:
        jobs = jobs.filter(kind=kind)
    return jobs.filter(_like(search)) if search.strip() else jobs


def _in_state(state: str) -> Q:
    lost = Q(state=JobState.FAILED, error_code="worker_died")
    if state == LOST:
        return lost
    return Q(state=state) & ~lost if state == JobState.FAILED else Q(state=state)


def _like(search: str) -> Q:
    text = search.strip()
    kinds = [kind.code for kind in registered() if text.casefold() in str(kind.label).casefold()]
    found = Q(kind__in=kinds) | Q(params__file_name__icontains=text) | Q(result__file_name__icontains=text)
    found |= Q(created_by__name__icontains=text)
    number = text.removeprefix("#")
    return found | Q(pk=int(number)) if number.isdecimal() and len(number) < 18 else found


def may_download(job: Job, viewer: Viewer) -> bool:
    """Return whether the file a job made is the viewer's to have.

    It was written with the rights of who asked for it, without what is not for their eyes (their own score before
    the release). So it is for nobody else, whoever sees that the work was done, and for them while they may ask for
    it.
    """
    permission = permission_of(job.kind)
    return job.created_by_id in (None, viewer.user_id) and (permission is None or viewer.may(permission))


def listed(jobs: Iterable[Job], *, viewer: Viewer) -> list[dict[str, Any]]:
    """Return jobs as the table of jobs shows them: with what to call the kind, and the file that came or went.

    `has_file` says that there is one the viewer may download.
    """
    return [
        {
            "job": job,
            "label": label_of(job.kind),
            "state": state_of(job),
            "percent": progress.read(job.pk).percent if job.state == JobState.RUNNING else None,
            "file_name": job.params.get("file_name") or (job.result or {}).get("file_name", ""),
            "has_file": bool((job.result or {}).get("file")) and may_download(job, viewer),
        }
        for job in jobs
    ]
