"""Reads of jobs."""

from django.db.models import QuerySet

from perfmgmt.jobs.models import Job
from perfmgmt.people.viewer import Viewer


def jobs_for(*, viewer: Viewer, kind: str = "", state: str = "") -> QuerySet[Job]:
    """Return the workspace's jobs, newest first, with their starter; the permission to see jobs covers all."""
    jobs = Job.objects.select_related("created_by").order_by("-pk")
    if kind:
        jobs = jobs.filter(kind=kind)
    if state:
        jobs = jobs.filter(state=state)
    return jobs
