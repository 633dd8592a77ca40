"""Work of results that the clock starts."""

from celery import shared_task

from perfmgmt.people.viewer import workspace_of
from perfmgmt.tenants.models import Tenant
from perfmgmt.tenants.scope import current_tenant_id
from perfmgmt.tenants.tasks import tenant_task
from reviews.answers import voices


@tenant_task("reviews.settle_voices_of")
def settle_voices_of() -> None:
    """Rewrite one workspace's voices about cycles whose days are over."""
    voices.settle(workspace_of(Tenant.objects.get(pk=current_tenant_id())))


@shared_task(name="reviews.settle_voices", expires=3000)
def settle_voices() -> None:
    """Hand each workspace to a task of its own."""
    for tenant_id in Tenant.objects.order_by("pk").values_list("pk", flat=True):
        settle_voices_of.apply_async(args=[tenant_id], retry=False, expires=3000)
