"""Marking what must be recomputed, and telling the workers."""

import logging
from collections.abc import Iterable
from datetime import date

from django.core.cache import cache
from django.db import transaction
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from perfmgmt.metrics.models import DirtyKey
from perfmgmt.people.models import EARLIEST, FOREVER
from perfmgmt.tenants.models import Doorbell
from perfmgmt.tenants.scope import current_tenant_id

logger = logging.getLogger(__name__)
QUEUE = "rollups"
# Changes that come within this time are recomputed together.
DEBOUNCE_SECONDS = 0.3


def mark(keys: Iterable[tuple[int | None, int | None, date, date]]) -> None:
    """Mark (metric id, employee id, first day, last day) as dirty and ring for a worker after the commit.

    None stands for every metric or everybody. Call it in the transaction that changes the facts.
    """
    rows = [DirtyKey(metric_id=m, employee_id=e, first_day=a, last_day=z) for m, e, a, z in keys]
    if rows:
        DirtyKey.objects.bulk_create(rows, batch_size=1000)
        ring()


def ring() -> None:
    """Leave a durable note for the sweep and wake a worker once this transaction is committed."""
    tenant_id = current_tenant_id()
    Doorbell.objects.create(tenant_id=tenant_id, queue=QUEUE)
    transaction.on_commit(lambda: wake(tenant_id))


def wake(tenant_id: int) -> None:
    """Send the drain task; without a broker the sweep will, so a failure is logged and not raised."""
    from perfmgmt.metrics.tasks import drain_rollups

    try:
        if cache.add(f"rollups:woken:{tenant_id}", 1, timeout=10):
            drain_rollups.apply_async(args=[tenant_id], countdown=DEBOUNCE_SECONDS, retry=False)
    except (OperationalError, RedisError) as error:
        logger.warning("No broker (%s): the sweep will recompute workspace %s.", error, tenant_id)


def awake(tenant_id: int) -> None:
    """Let the next change wake a worker again; the drain calls it before it looks for keys.

    Call it outside the scope: changes wake after their commit, when no scope is open, and a cache key belongs to
    the scope (`tenants.cache`).
    """
    try:
        cache.delete(f"rollups:woken:{tenant_id}")
    except RedisError as error:
        logger.warning("Cache not reachable (%s); waking is left to the sweep.", error)


def on_assignments_changed(*, employee_ids: Iterable[int], first_day: date, last_day: date) -> None:
    """A person's days moved between units: the units' figures move with them."""
    mark((None, employee_id, first_day, last_day) for employee_id in employee_ids)


def mark_everything() -> None:
    """Mark every metric of everybody."""
    mark([(None, None, EARLIEST, FOREVER)])


def on_units_changed() -> None:
    """The tree changed: every unit's figure may have."""
    mark_everything()


def on_sweep(*, queue: str, tenant_id: int) -> None:
    """The sweep found an old note: whatever message there was is lost or late."""
    if queue == QUEUE:
        from perfmgmt.metrics.tasks import drain_rollups

        drain_rollups.apply_async(args=[tenant_id], retry=False, expires=60)
