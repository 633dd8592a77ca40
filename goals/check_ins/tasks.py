"""Work of check-ins that the clock starts."""

from celery import shared_task
from django.utils import timezone

from goals.check_ins import reminders
from perfmgmt.people.viewer import workspace_of
from perfmgmt.tenants.models import Tenant
from perfmgmt.tenants.scope import current_tenant_id
from perfmgmt.tenants.tasks import tenant_task


@tenant_task("goals.remind_of_check_ins_of")
def remind_of_check_ins_of() -> None:
    """Remind one workspace's people of their check-ins, and its managers of those that are missing."""
    workspace = workspace_of(Tenant.objects.get(pk=current_tenant_id()))
    reminders.remind(workspace, timezone.now())


@shared_task(name="goals.remind_of_check_ins", expires=900)
def remind_of_check_ins() -> None:
    """Hand each workspace to a task of its own."""
    for tenant_id in Tenant.objects.order_by("pk").values_list("pk", flat=True):
        remind_of_check_ins_of.apply_async(args=[tenant_id], retry=False, expires=900)
