"""Work of training that the clock starts: people are reminded the day before."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from celery import shared_task
from django.utils import timezone

from perfmgmt.people.viewer import Workspace, workspace_of
from perfmgmt.tenants.models import Tenant
from perfmgmt.tenants.scope import current_tenant_id
from perfmgmt.tenants.tasks import tenant_task
from reviews.training import notices
from reviews.training.sessions import starting_between

HOURS = range(8, 20)


def remind(workspace: Workspace, now: datetime) -> int:
    """Remind, by day, who takes part in a training of tomorrow and was not reminded yet; return how many people.

    Rows are locked and keep when it was, so that two runs at once remind once.
    """
    zone = ZoneInfo(workspace.time_zone)
    local = now.astimezone(zone)
    if local.hour not in HOURS:
        return 0
    tomorrow = local.date() + timedelta(days=1)
    first, last = (datetime.combine(tomorrow + timedelta(days=days), time(), zone) for days in (0, 1))
    return notices.remind(starting_between(first, last), workspace.time_zone, now)


@tenant_task("reviews.remind_of_trainings_of")
def remind_of_trainings_of() -> None:
    """Remind one workspace's people of tomorrow's trainings."""
    remind(workspace_of(Tenant.objects.get(pk=current_tenant_id())), timezone.now())


@shared_task(name="reviews.remind_of_trainings", expires=900)
def remind_of_trainings() -> None:
    """Hand each workspace to a task of its own."""
    for tenant_id in Tenant.objects.order_by("pk").values_list("pk", flat=True):
        remind_of_trainings_of.apply_async(args=[tenant_id], retry=False, expires=900)
