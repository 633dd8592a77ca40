"""Work of follow-ups that the clock starts."""

from celery import shared_task
from django.utils import timezone

from perfmgmt.people.viewer import workspace_of
from perfmgmt.tenants.models import Tenant
from perfmgmt.tenants.scope import current_tenant_id
from perfmgmt.tenants.tasks import tenant_task
from reviews.followups import reminders


@tenant_task("reviews.remind_of_follow_ups_of")
def remind_of_follow_ups_of() -> None:
    """Remind one workspace's people of follow-ups that are overdue."""
    workspace = workspace_of(Tenant.objects.get(pk=current_tenant_id()))
    reminders.remind(workspace, timezone.now())


@shared_task(name="reviews.remind_of_follow_ups", expires=900)
def remind_of_follow_ups() -> None:
    """Hand each workspace to a task of its own."""
    for tenant_id in Tenant.objects.order_by("pk").values_list("pk", flat=True):
        remind_of_follow_ups_of.apply_async(args=[tenant_id], retry=False, expires=900)
