"""Lock dates that have come."""

from celery import shared_task

from goals.locking.services import start_due
from perfmgmt.people.viewer import workspace_of
from perfmgmt.tenants.models import Tenant
from perfmgmt.tenants.scope import current_tenant_id
from perfmgmt.tenants.tasks import tenant_task


@tenant_task("goals.lock_due_of")
def lock_due_of() -> None:
    """Queue the locking of one workspace's goals whose date has come, by its own day."""
    workspace = workspace_of(Tenant.objects.get(pk=current_tenant_id()))
    start_due(workspace.today())


@shared_task(name="goals.lock_due", expires=900)
def lock_due() -> None:
    """Hand each workspace to a task of its own."""
    for tenant_id in Tenant.objects.order_by("pk").values_list("pk", flat=True):
        lock_due_of.apply_async(args=[tenant_id], retry=False, expires=900)
