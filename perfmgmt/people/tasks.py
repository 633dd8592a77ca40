"""Work of people that the clock starts."""

from celery import shared_task

from perfmgmt.people import notices
from perfmgmt.people.viewer import workspace_of
from perfmgmt.tenants.models import Tenant
from perfmgmt.tenants.scope import current_tenant_id
from perfmgmt.tenants.tasks import tenant_task


@tenant_task("people.tell_begun_stand_ins_of")
def tell_begun_stand_ins_of() -> None:
    """Tell one workspace's people whose stand-in begins today, by its own day."""
    workspace = workspace_of(Tenant.objects.get(pk=current_tenant_id()))
    notices.tell_begun(today=workspace.today())


@shared_task(name="people.tell_begun_stand_ins", expires=900)
def tell_begun_stand_ins() -> None:
    """Hand each workspace to a task of its own."""
    for tenant_id in Tenant.objects.order_by("pk").values_list("pk", flat=True):
        tell_begun_stand_ins_of.apply_async(args=[tenant_id], retry=False, expires=900)
