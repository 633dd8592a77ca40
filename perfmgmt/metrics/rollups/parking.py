"""Keys that can't be recomputed because of what the data say: set aside, so that all the others go on.

A key is parked for a fault of the data only. A lost connection, a full disk or a kill undoes the turn as before, and
the keys stay where they are.
"""

import logging

from django.db import DataError, IntegrityError, connection, transaction

from perfmgmt.metrics.models import DirtyKey, ParkedKey
from perfmgmt.metrics.rollups.incremental import Key, recompute
from perfmgmt.tenants.scope import current_tenant_id

logger = logging.getLogger(__name__)
# ArithmeticError holds decimal.InvalidOperation, overflow and division by zero.
DATA_FAULTS = (DataError, IntegrityError, ArithmeticError)


def recompute_all_but_faulty(keys: list[Key], fiscal_start_month: int) -> None:
    """Recompute the keys; those that fail are found by halving and parked, the rest is done.

    Parked keys that the same person's metric touches again are tried again with them.
    """
    again = _unpark(keys)
    _try(keys + again, fiscal_start_month)
    if again:
        _retry_whole(again)


def park_whole(metric_id: int, error: Exception) -> None:
    """Park a metric's keys for everybody and mark each of its people instead: only those at fault then fail."""
    whole = DirtyKey.objects.filter(metric_id=metric_id, employee__isnull=True)
    days = [day for each in whole.values_list("first_day", "last_day") for day in each]
    first, last = min(days), max(days)
    whole.delete()
    _park(metric_id, None, first, last, error)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO metrics_dirtykey (tenant_id, metric_id, employee_id, first_day, last_day)
            SELECT %(tenant)s, %(metric)s, employee_id, %(first)s, %(last)s FROM (
                SELECT employee_id FROM metrics_fact
                WHERE tenant_id = %(tenant)s AND metric_id = %(metric)s AND day BETWEEN %(first)s AND %(last)s
                UNION
                SELECT employee_id FROM metrics_employeerollup
                WHERE tenant_id = %(tenant)s AND metric_id = %(metric)s AND grain = 1
                  AND start BETWEEN %(first)s AND %(last)s) people
            """,
            {"tenant": current_tenant_id(), "metric": metric_id, "first": first, "last": last},
        )


def _try(keys: list[Key], fiscal_start_month: int) -> None:
    """Recompute in a savepoint; on a fault of the data go on with each half, down to the single key."""
    try:
        with transaction.atomic():
            recompute(keys, fiscal_start_month)
    except DATA_FAULTS as error:
        if len(keys) == 1:
            _park(*keys[0], error)
            return
        middle = len(keys) // 2
        _try(keys[:middle], fiscal_start_month)
        _try(keys[middle:], fiscal_start_month)


def _park(metric_id: int, employee_id: int | None, first_day: object, last_day: object, error: Exception) -> None:
    """Set a key aside. Only the error's class is kept: its message may quote the data."""
    name = type(error.__cause__ or error).__name__
    logger.error(
        "Workspace %s: the figures of metric %s, person %s, %s to %s can't be worked out and are parked: %s",
        current_tenant_id(), metric_id, employee_id or "everybody", first_day, last_day, name,
        exc_info=error,
    )  # fmt: skip
    key = {"metric_id": metric_id, "employee_id": employee_id, "first_day": first_day, "last_day": last_day}
    ParkedKey.objects.filter(**key).delete()
    ParkedKey.objects.create(**key, error=name[:100])


def _unpark(keys: list[Key]) -> list[Key]:
    """Take back the parked keys of the same person, metric and days."""
    if not keys:
        return []
    metrics, employees, first, last = (list(column) for column in zip(*keys, strict=True))
    with connection.cursor() as cursor:
        cursor.execute(
            """
            DELETE FROM metrics_parkedkey p USING unnest(%(metrics)s::bigint[], %(employees)s::bigint[],
                %(first)s::date[], %(last)s::date[]) AS k(metric_id, employee_id, first_day, last_day)
            WHERE p.tenant_id = %(tenant)s AND p.metric_id = k.metric_id AND p.employee_id = k.employee_id
              AND p.first_day <= k.last_day AND p.last_day >= k.first_day
            RETURNING p.metric_id, p.employee_id, p.first_day, p.last_day
            """,
            {"tenant": current_tenant_id(), "metrics": metrics, "employees": employees, "first": first, "last": last},
        )
        return list(cursor.fetchall())


def _retry_whole(again: list[Key]) -> None:
    """Where a parked person's figures came through, try the metric's parked key for everybody once more."""
    still = set(ParkedKey.objects.exclude(employee=None).values_list("metric_id", "employee_id"))
    mended = {metric_id for metric_id, employee_id, _first, _last in again if (metric_id, employee_id) not in still}
    whole = ParkedKey.objects.filter(employee=None, metric_id__in=mended)
    DirtyKey.objects.bulk_create(
        DirtyKey(metric_id=metric_id, employee_id=None, first_day=first, last_day=last)
        for metric_id, first, last in whole.values_list("metric_id", "first_day", "last_day")
    )
    whole.delete()
