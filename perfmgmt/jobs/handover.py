"""Work that somebody who leaves has waiting or running."""

from django.utils.translation import gettext_lazy as _

from perfmgmt.jobs import services
from perfmgmt.jobs.models import Job, JobState
from perfmgmt.jobs.registry import label_of
from perfmgmt.people.handover import Handover, HandoverKind, LastDays, OpenItem
from perfmgmt.people.models import Membership
from perfmgmt.tenants.errors import Conflict, DomainError

OPEN = (JobState.QUEUED, JobState.RUNNING)


def find(last_days: LastDays) -> dict[int, list[OpenItem]]:
    """Return the open jobs of people, by employee."""
    users = dict(Membership.objects.filter(employee_id__in=list(last_days)).values_list("user_id", "employee_id"))
    found: dict[int, list[OpenItem]] = {}
    for job in Job.objects.filter(created_by_id__in=list(users), state__in=OPEN).order_by("pk"):
        file_name = str(job.params.get("file_name", ""))
        item = OpenItem(str(job.pk), str(label_of(job.kind)), file_name, "job", (job.pk,))
        found.setdefault(users[job.created_by_id or 0], []).append(item)
    return found


def hand_over(handover: Handover) -> None:
    """Let somebody else be the one who started the jobs, or cancel them.

    Raises DomainError for somebody who can't sign in.
    """
    ids = [int(key) for key in handover.keys]
    if handover.to is None:
        for job_id in sorted(ids):
            _cancel(job_id)
        return
    user_id = Membership.objects.filter(employee=handover.to).values_list("user_id", flat=True).first()
    if user_id is None:
        raise DomainError(
            _("{name} has no sign-in and can't take over jobs."), code="no_sign_in", name=handover.to.name
        )
    Job.objects.filter(pk__in=ids, state__in=OPEN).update(created_by_id=user_id)


def _cancel(job_id: int) -> None:
    try:
        services.cancel(job_id)
    except Conflict:
        return  # it finished meanwhile, so nothing is open any more


KIND = HandoverKind(
    "jobs", _("Waiting or running work"), find, hand_over, may_drop=True, drop_label=_("cancel it"), order=40
)
