"""Telling who decides that the time for choosing raters is over: once, on the day after."""

from collections import Counter
from datetime import timedelta

from celery import shared_task

from perfmgmt.notify.models import Notification
from perfmgmt.people.viewer import Workspace, workspace_of
from perfmgmt.tenants.models import Tenant
from perfmgmt.tenants.scope import current_tenant_id
from perfmgmt.tenants.tasks import tenant_task
from reviews.models import CycleState, NominationState, Participant, ReviewCycle
from reviews.raters import notices


def remind(workspace: Workspace) -> int:
    """Tell managers whose people's raters are not approved though the day for choosing is past; return how many.

    Once per cycle, whose lock makes a second run wait and find what the first one told.
    """
    today = workspace.today()
    due = ReviewCycle.objects.filter(
        state=CycleState.OPEN, nudges=True, nominate_until__lt=today, nominate_until__gte=today - timedelta(days=7)
    )
    return sum(_remind_of(cycle, workspace) for cycle in due.select_for_update(of=("self",), no_key=True))


def _remind_of(cycle: ReviewCycle, workspace: Workspace) -> int:
    if Notification.objects.filter(kind=notices.OVERDUE, key=f"{cycle.pk}").exists():
        return 0
    left = list(
        Participant.objects.filter(cycle=cycle, dropped_at=None, cycle__groups__most__gt=0)
        .exclude(nomination=NominationState.APPROVED)
        .distinct()
    )
    if not left:
        return 0
    today = workspace.today()
    users = notices.deciders(left, on=today)
    managers = Counter(one.manager_id or 0 for one in left)
    return notices.tell_overdue(cycle, managers, users)


@tenant_task("reviews.remind_of_raters_of")
def remind_of_raters_of() -> None:
    """Remind one workspace's managers of raters that are not approved."""
    remind(workspace_of(Tenant.objects.get(pk=current_tenant_id())))


@shared_task(name="reviews.remind_of_raters", expires=900)
def remind_of_raters() -> None:
    """Hand each workspace to a task of its own."""
    for tenant_id in Tenant.objects.order_by("pk").values_list("pk", flat=True):
        remind_of_raters_of.apply_async(args=[tenant_id], retry=False, expires=900)
