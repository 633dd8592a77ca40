"""Workers' side of the scores."""

from collections.abc import Callable
from contextlib import AbstractContextManager

from celery import shared_task

from perfmgmt.metrics.rollups.services import Turn
from perfmgmt.tenants.models import Tenant
from perfmgmt.tenants.tasks import batched_tenant_task, tenant_task
from reviews.scores import dirty, services
from reviews.scores.periods import today

# How long a workspace waits for its next turn when there is more, and when another worker has it.
AGAIN_SECONDS, BUSY_SECONDS = 0.05, 2.0


@batched_tenant_task("reviews.drain_scores")
def drain_scores(open_scope: Callable[[], AbstractContextManager[int]]) -> None:
    """One turn: compute one batch, then queue up again behind the other workspaces if more is waiting."""
    with open_scope() as tenant_id:
        pass
    dirty.awake(tenant_id)
    with open_scope():
        turn = services.drain()
    if turn is not Turn.CLEAN:
        countdown = AGAIN_SECONDS if turn is Turn.MORE else BUSY_SECONDS
        drain_scores.apply_async(args=[tenant_id], countdown=countdown, retry=False)


@tenant_task("reviews.begin_scores_of")
def begin_scores_of() -> None:
    """Mark whose scores of the running periods one workspace has not computed yet, by its own day."""
    services.begin(today())


@shared_task(name="reviews.begin_scores", expires=3000)
def begin_scores() -> None:
    """Hand each workspace to a task of its own."""
    for tenant_id in Tenant.objects.order_by("pk").values_list("pk", flat=True):
        begin_scores_of.apply_async(args=[tenant_id], retry=False, expires=3000)
