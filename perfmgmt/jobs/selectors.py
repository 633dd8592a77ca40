"""Reads of jobs."""

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet

from perfmgmt.jobs.models import Job
from perfmgmt.jobs.permissions import SEE_ALL_JOBS
from perfmgmt.jobs.registry import label_of
from perfmgmt.people.viewer import Viewer


def jobs_for(*, viewer: Viewer, state: str = "") -> QuerySet[Job]:
    """Return the jobs the viewer may see, newest first, with who started them."""
    jobs = Job.objects.select_related("created_by").order_by("-pk")
    if not viewer.may(SEE_ALL_JOBS):
        jobs = jobs.filter(created_by_id=viewer.user_id)
    return jobs.filter(state=state) if state else jobs


def listed(jobs: Iterable[Job]) -> list[dict[str, Any]]:
    """Return jobs as the table of jobs shows them: with what to call the kind, and the file that came or went."""
    return [
        {
            "job": job,
            "label": label_of(job.kind),
            "file_name": job.params.get("file_name") or (job.result or {}).get("file_name", ""),
        }
        for job in jobs
    ]
