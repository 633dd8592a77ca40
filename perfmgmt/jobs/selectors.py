"""Reads of jobs."""

from django.db.models import QuerySet

from perfmgmt.jobs.models import Job
from perfmgmt.jobs.permissions import SEE_ALL_JOBS
from perfmgmt.people.viewer import Viewer


def jobs_for(*, viewer: Viewer, state: str = "") -> QuerySet[Job]:
    """Return the jobs the viewer may see, newest first, with who started them."""
    jobs = Job.objects.select_related("created_by").order_by("-pk")
    if not viewer.may(SEE_ALL_JOBS):
        jobs = jobs.filter(created_by_id=viewer.user_id)
    return jobs.filter(state=state) if state else jobs
