"""Work of requested feedback that the clock starts."""

from celery import shared_task
from django.utils import timezone

from perfmgmt.people.viewer import workspace_of
from perfmgmt.tenants.models import Tenant
from perfmgmt.tenants.scope import current_tenant_id
from perfmgmt.tenants.tasks import tenant_task
from reviews.feedback.requested import reminders


@tenant_task("reviews.remind_of_feedback_of")
def remind_of_feedback_of() -> None:
    """Remind one workspace's people of feedback they are asked for."""
    workspace = workspace_of(Tenant.objects.get(pk=current_tenant_id()))
    reminders.remind(workspace, timezone.now())


@shared_task(name="reviews.remind_of_feedback", expires=900)
def remind_of_feedback() -> None:
    """Hand each workspace to a task of its own."""
    for tenant_id in Tenant.objects.order_by("pk").values_list("pk", flat=True):
        remind_of_feedback_of.apply_async(args=[tenant_id], retry=False, expires=900)
