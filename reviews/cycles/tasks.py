"""Work of cycles that the clock starts."""

from celery import shared_task
from django.utils import timezone

from perfmgmt.people.viewer import workspace_of
from perfmgmt.tenants.models import Tenant
from perfmgmt.tenants.scope import current_tenant_id
from perfmgmt.tenants.tasks import tenant_task
from reviews.cycles import ending, nudging


@tenant_task("reviews.remind_of_cycles_of")
def remind_of_cycles_of() -> None:
    """Remind one workspace's raters of what is still open."""
    workspace = workspace_of(Tenant.objects.get(pk=current_tenant_id()))
    nudging.remind_all(workspace, timezone.now())


@shared_task(name="reviews.remind_of_cycles", expires=900)
def remind_of_cycles() -> None:
    """Hand each workspace to a task of its own."""
    for tenant_id in Tenant.objects.order_by("pk").values_list("pk", flat=True):
        remind_of_cycles_of.apply_async(args=[tenant_id], retry=False, expires=900)


@tenant_task("reviews.end_cycles_of")
def end_cycles_of() -> None:
    """Announce and close what is due in one workspace."""
    ending.end_due(workspace_of(Tenant.objects.get(pk=current_tenant_id())), timezone.now())


@shared_task(name="reviews.end_cycles", expires=900)
def end_cycles() -> None:
    """Hand each workspace to a task of its own."""
    for tenant_id in Tenant.objects.order_by("pk").values_list("pk", flat=True):
        end_cycles_of.apply_async(args=[tenant_id], retry=False, expires=900)
