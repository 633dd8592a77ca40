"""Why figures of a locked period would be others now: facts that came, were corrected or taken back since."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from perfmgmt.closing.frozen import Difference
from perfmgmt.closing.models import Part, PeriodLock
from perfmgmt.tenants.scope import current_tenant_id


@dataclass(frozen=True)
class Cause:
    """Facts of one kind from one source (and job) since the lock: `what` is new, corrected or removed."""

    what: str
    source: str
    job_id: int | None
    facts: int
    latest: datetime


_NEW = """
    SELECT f.metric_id, f.employee_id, 'new', s.name, f.job_id, count(*), max(f.recorded_at)
    FROM metrics_fact f JOIN metrics_source s ON s.tenant_id = f.tenant_id AND s.id = f.source_id
    WHERE f.tenant_id = %(tenant)s AND f.metric_id = ANY(%(metrics)s) AND f.employee_id = ANY(%(people)s)
      AND f.day BETWEEN %(first)s AND %(last)s AND f.recorded_at > %(since)s
    GROUP BY 1, 2, 4, 5"""
# A version says what a fact was before; the fact itself says whether there still is one, and where it went.
_CHANGED = """
    WITH old AS (
        SELECT * FROM metrics_factversion v WHERE v.tenant_id = %(tenant)s AND v.replaced_at > %(since)s),
    both_sides AS (
        SELECT v.metric_id, v.employee_id, v.day, v.fact_id, v.replaced_by_job_id, v.replaced_at FROM old v
        UNION SELECT f.metric_id, f.employee_id, f.day, v.fact_id, v.replaced_by_job_id, v.replaced_at
        FROM old v JOIN metrics_fact f ON f.tenant_id = %(tenant)s AND f.id = v.fact_id)
    SELECT b.metric_id, b.employee_id, CASE WHEN f.id IS NULL THEN 'removed' ELSE 'corrected' END,
           coalesce(s.name, ''), b.replaced_by_job_id, count(DISTINCT b.fact_id), max(b.replaced_at)
    FROM both_sides b LEFT JOIN metrics_fact f ON f.tenant_id = %(tenant)s AND f.id = b.fact_id
    LEFT JOIN metrics_source s ON s.tenant_id = %(tenant)s AND s.id = f.source_id
    WHERE b.metric_id = ANY(%(metrics)s) AND b.employee_id = ANY(%(people)s)
      AND b.day BETWEEN %(first)s AND %(last)s
    GROUP BY 1, 2, 3, 4, 5"""


def causes(lock: PeriodLock, found: Iterable[Difference]) -> dict[tuple[int, int], list[Cause]]:
    """Return (metric id, employee id) -> causes for people's figures that moved since the lock, two queries.

    A figure without one moved because assignments, units or a target changed.
    """
    people = [each for each in found if each.part is Part.EMPLOYEE]
    result: dict[tuple[int, int], list[Cause]] = defaultdict(list)
    if not people:
        return result
    params: dict[str, Any] = {
        "tenant": current_tenant_id(),
        "metrics": sorted({each.metric_id for each in people}),
        "people": sorted({each.owner_id for each in people}),
        "first": lock.period.start,
        "last": lock.period.end,
        "since": lock.locked_at,
    }
    with connection.cursor() as cursor:
        for sql in (_NEW, _CHANGED):
            cursor.execute(sql, params)
            for metric_id, employee_id, *cause in cursor.fetchall():
                result[metric_id, employee_id].append(Cause(*cause))
    return result
