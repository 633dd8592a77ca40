"""Draining dirty keys and rebuilding, each in one transaction, one at a time per workspace."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date
from enum import Enum

from django.db import connection, transaction

from perfmgmt.metrics.models import CustomerDay, DirtyKey, Metric, ParkedKey
from perfmgmt.metrics.models.library import OWN_FACTS
from perfmgmt.metrics.rollups import dirty, full, parking
from perfmgmt.metrics.rollups.incremental import Key
from perfmgmt.metrics.rollups.sql import followers
from perfmgmt.people.models import EARLIEST, FOREVER
from perfmgmt.tenants.events import publish
from perfmgmt.tenants.locks import Lock, try_lock, wait_lock
from perfmgmt.tenants.models import Doorbell, WorkspaceProfile
from perfmgmt.tenants.scope import current_tenant_id

# One turn of one workspace: small enough that the next workspace's turn comes soon.
BATCH = 2000


def fiscal_start_month() -> int:
    """Return the first month of the open workspace's fiscal year."""
    return WorkspaceProfile.objects.values_list("fiscal_start_month", flat=True).get()


class Turn(Enum):
    """What a drain found: nothing left, more waiting, or another worker at it."""

    CLEAN = "clean"
    MORE = "more"
    BUSY = "busy"


def drain(limit: int = BATCH, *, wait: bool = False) -> Turn:
    """Recompute one batch of dirty keys; return whether more are waiting.

    Runs in the open scope's transaction: the keys go in the same commit as the rollups come. If another worker
    has the workspace it returns BUSY at once, or waits with `wait`. Keys that fail for a fault in the data are parked
    (`rollups.parking`), so that they hold up nobody else.
    """
    tenant_id = current_tenant_id()
    if wait:
        wait_lock(Lock.ROLLUPS, tenant_id)
    elif not try_lock(Lock.ROLLUPS, tenant_id):
        return Turn.BUSY
    # Only notes seen before the keys are read may go: their keys are visible to everything that follows.
    notes = Doorbell.objects.filter(tenant_id=tenant_id, queue=dirty.QUEUE)
    seen = list(notes.values_list("pk", flat=True)[:10_000])
    if not _drain_broad():
        parking.recompute_all_but_faulty(_take(limit), fiscal_start_month())
    if DirtyKey.objects.exists():
        return Turn.MORE
    Doorbell.objects.filter(pk__in=seen).delete()
    return Turn.CLEAN


def drain_all(open_scope: Callable[[], AbstractContextManager[int]]) -> None:
    """Drain until nothing is left, each batch in a transaction of its own, waiting for other workers."""
    turn = Turn.MORE
    while turn is not Turn.CLEAN:
        with open_scope():
            turn = drain(wait=True)


def _take(limit: int) -> list[Key]:
    """Remove and return the oldest keys; the lock is held, so nobody else takes them."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            DELETE FROM metrics_dirtykey WHERE tenant_id = %(tenant)s AND id IN (
                SELECT id FROM metrics_dirtykey WHERE tenant_id = %(tenant)s ORDER BY id LIMIT %(limit)s)
            RETURNING metric_id, employee_id, first_day, last_day
            """,
            {"tenant": current_tenant_id(), "limit": limit},
        )
        rows = cursor.fetchall()
    metric_ids: list[int] = []
    if any(row[0] is None for row in rows):
        metric_ids = _with_own_facts()
    return [
        (metric_id, employee_id, first, last)
        for metric, employee_id, first, last in rows
        for metric_id in ([metric] if metric is not None else metric_ids)
    ]


def _with_own_facts() -> list[int]:
    """Return the metrics under which facts are stored; those that read them follow by themselves."""
    return list(Metric.objects.filter(aggregation__in=OWN_FACTS, base=None).values_list("pk", flat=True))


def _drain_broad() -> bool:
    """If a key means everybody, recompute one metric with such keys from all its facts and return True.

    A key for every metric is first written out as one key per metric, so that a turn stays bounded. The metrics that
    read this one's facts get turns of their own. Metrics that share their customers' days are taken together:
    those days are set right in the same turn, and a key that waits would no longer find what they were.
    """
    whole = DirtyKey.objects.filter(employee__isnull=True)
    if not whole.exists():
        return False
    everything = whole.filter(metric__isnull=True)
    if everything.exists():
        first, last = everything.values_list("first_day", "last_day")[0]
        everything.delete()
        _mark_everybody(_with_own_facts(), first, last)
    key = whole.exclude(metric=None).order_by("id").values_list("metric_id", "first_day", "last_day").first()
    if key is not None:
        _recompute_whole(*key)
    return True


def _recompute_whole(metric_id: int, first: date, last: date) -> None:
    """Recompute a metric for everybody; every other key of it, parked ones too, is done with that."""
    metrics = list(Metric.objects.filter(pk=metric_id))
    _mark_everybody([one.pk for one in followers([metric_id])], first, last)
    sharing = {metric.base_id for metric in metrics if metric.customer_rule and metric.base_id is not None}
    if sharing:
        metrics = [one for one in followers(sharing) if one.customer_rule]
    done = [metric_id, *(metric.pk for metric in metrics)]
    try:
        with transaction.atomic():
            DirtyKey.objects.filter(metric_id__in=done).delete()
            ParkedKey.objects.filter(metric_id__in=done).delete()
            _forget_customers()
            full.rebuild(fiscal_start_month(), metrics=metrics)
            publish("metrics.rollups_changed", people=[(metric_id, None, EARLIEST, FOREVER)], units=[])
    except parking.DATA_FAULTS as error:
        parking.park_whole(metric_id, error)


def _mark_everybody(metric_ids: list[int], first: date, last: date) -> None:
    DirtyKey.objects.bulk_create(
        [DirtyKey(metric_id=pk, employee_id=None, first_day=first, last_day=last) for pk in metric_ids]
    )


def _forget_customers() -> None:
    """Drop the customers' days of metrics that nobody reads by a rule any more."""
    followed = Metric.objects.exclude(customer_rule="").values_list("base_id", flat=True)
    idle = Metric.objects.filter(aggregation__in=OWN_FACTS, base=None).exclude(pk__in=[*followed])
    CustomerDay.objects.filter(metric_id__in=[*idle.values_list("pk", flat=True)]).delete()


def rebuild(*, check: bool = False, step: Callable[[int, int], None] | None = None) -> full.Outcome:
    """Recompute (or with `check` compare) every rollup of the open workspace.

    Rebuilding waits for the workspace's lock and takes the place of every key, parked ones too. A comparison expects
    a transaction that sees one moment only (REPEATABLE READ) and no dirty keys in it.
    """
    if not check:
        wait_lock(Lock.ROLLUPS, current_tenant_id())
        DirtyKey.objects.all().delete()
        ParkedKey.objects.all().delete()
    outcome = full.rebuild(fiscal_start_month(), check=check, step=step)
    if not check:
        publish("metrics.rollups_changed", people=[(None, None, EARLIEST, FOREVER)], units=[])
    return outcome
