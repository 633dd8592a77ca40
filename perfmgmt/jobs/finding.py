"""Jobs in the command palette."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from perfmgmt.jobs.permissions import SEE_JOBS
from perfmgmt.jobs.registry import label_of
from perfmgmt.jobs.selectors import jobs_for
from perfmgmt.people.access import WorkspaceRequest
from perfmgmt.web.palette import MOST_HITS, Hit, Source


def find(request: WorkspaceRequest, text: str) -> list[Hit]:
    """Return the newest jobs the viewer may see, by kind, file, person or number; one query."""
    if not text or not request.viewer.may(SEE_JOBS):
        return []
    slug = request.workspace.slug
    return [
        Hit(
            reverse("job", args=[slug, job.pk]),
            f"{label_of(job.kind)} · {job.get_state_display()}",
            str(job.params.get("file_name") or (job.result or {}).get("file_name") or f"#{job.pk}"),
            "list-check",
        )
        for job in jobs_for(viewer=request.viewer, search=text)[:MOST_HITS]
    ]


SOURCE = Source("jobs", _("Jobs"), find, order=40)
