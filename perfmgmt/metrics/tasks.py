"""Workers' side of the rollups."""

from collections.abc import Callable
from contextlib import AbstractContextManager

from perfmgmt.metrics.forecast.tasks import prepare_all_forecasts, prepare_forecasts
from perfmgmt.metrics.rollups import dirty, services
from perfmgmt.tenants.tasks import batched_tenant_task

__all__ = ["drain_rollups", "prepare_all_forecasts", "prepare_forecasts"]

# How long a workspace waits for its next turn when there is more, and when another worker has it.
AGAIN_SECONDS, BUSY_SECONDS = 0.05, 2.0


@batched_tenant_task("metrics.drain_rollups")
def drain_rollups(open_scope: Callable[[], AbstractContextManager[int]]) -> None:
    """One turn: recompute one batch, then queue up again behind the other workspaces if more is waiting."""
    with open_scope() as tenant_id:
        pass
    dirty.awake(tenant_id)
    with open_scope():
        turn = services.drain()
    if turn is not services.Turn.CLEAN:
        countdown = AGAIN_SECONDS if turn is services.Turn.MORE else BUSY_SECONDS
        drain_rollups.apply_async(args=[tenant_id], countdown=countdown, retry=False)
