"""Old answers go."""

from celery import shared_task

from perfmgmt.api import services
from perfmgmt.api.models import TokenRoute
from perfmgmt.metrics import statistics
from perfmgmt.tenants.tasks import tenant_task


@tenant_task("api.forget_answers")
def forget_answers() -> None:
    """Remove what one workspace was answered more than two days ago."""
    services.forget_old_answers()


@tenant_task("api.refresh_statistics")
def refresh_statistics() -> None:
    """Let the planner see the facts that batches brought."""
    statistics.refresh("facts", changed=statistics.WORTHWHILE)


@shared_task(name="api.forget_old_answers", expires=1800)
def forget_old_answers() -> None:
    """Hand each workspace that has a token to a task of its own."""
    for tenant_id in TokenRoute.objects.order_by("tenant_id").values_list("tenant_id", flat=True).distinct():
        forget_answers.apply_async(args=[tenant_id], retry=False, expires=1800)
