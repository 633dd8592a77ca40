"""Work of plans that the clock starts."""

from celery import shared_task
from django.utils import timezone

from goals.plans import reminders
from perfmgmt.people.viewer import workspace_of
from perfmgmt.tenants.models import Tenant
from perfmgmt.tenants.scope import current_tenant_id
from perfmgmt.tenants.tasks import tenant_task


@tenant_task("goals.remind_of_plans_of")
def remind_of_plans_of() -> None:
    """Remind one workspace's people of what is overdue in their plans."""
    workspace = workspace_of(Tenant.objects.get(pk=current_tenant_id()))
    reminders.remind(workspace, timezone.now())


@shared_task(name="goals.remind_of_plans", expires=900)
def remind_of_plans() -> None:
    """Hand each workspace to a task of its own."""
    for tenant_id in Tenant.objects.order_by("pk").values_list("pk", flat=True):
        remind_of_plans_of.apply_async(args=[tenant_id], retry=False, expires=900)
