"""Freezing figures and comparing them with what they would be now, in sets. SQL only; services decide when."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import connection

from perfmgmt.closing.models import Part, PeriodLock
from perfmgmt.closing.registry import parts
from perfmgmt.tenants.calendar import Period
from perfmgmt.tenants.scope import current_tenant_id

# Rows as one text in a fixed order: equal sums mean equal rows.
_SUM = """count(*), coalesce(md5(string_agg(concat_ws('|', part, metric_id, owner_id, total::numeric(38, 4), n), ';'
          ORDER BY part, metric_id, owner_id)), '')"""
_FROZEN = """SELECT part, metric_id, owner_id, total, n FROM closing_frozenfigure WHERE tenant_id = %(tenant)s
             AND grain = %(grain)s AND start = %(start)s AND version = %(version)s"""


@dataclass(frozen=True)
class Difference:
    """A figure that would be another one now; None where there is none."""

    part: Part
    metric_id: int
    owner_id: int
    before: Decimal | None
    now: Decimal | None
    before_n: int
    now_n: int

    @property
    def delta(self) -> Decimal:
        """How much it moved."""
        return (self.now or Decimal(0)) - (self.before or Decimal(0))


def employee_rollups(period: Period) -> str:
    """People's figures of a period."""
    return """SELECT metric_id, employee_id AS owner_id, total, n FROM metrics_employeerollup
              WHERE tenant_id = %(tenant)s AND grain = %(grain)s AND start = %(start)s"""


def unit_rollups(period: Period) -> str:
    """Units' figures of a period, the days without a unit included."""
    return """SELECT metric_id, unit_id AS owner_id, total, n FROM metrics_unitrollup
              WHERE tenant_id = %(tenant)s AND grain = %(grain)s AND start = %(start)s"""


def _live(period: Period) -> str:
    """Everything that a lock of the period freezes, as it is now."""
    return " UNION ALL ".join(
        f"SELECT {int(each.part)}::smallint AS part, metric_id, owner_id, total, n FROM ({each.select(period)}) p"
        for each in parts()
    )


def _params(period: Period, version: int = 0) -> dict[str, Any]:
    return {
        "tenant": current_tenant_id(),
        "grain": int(period.grain),
        "start": period.start,
        "end": period.end,
        "version": version,
    }


def _one(sql: str, params: dict[str, Any]) -> tuple[Any, ...]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        found: tuple[Any, ...] = cursor.fetchone()
        return found


def live_sum(period: Period) -> tuple[int, str]:
    """Return (rows, checksum) of what would be frozen now."""
    rows, checksum = _one(f"SELECT {_SUM} FROM ({_live(period)}) f", _params(period))
    return int(rows), str(checksum)


def frozen_sum(lock: PeriodLock) -> tuple[int, str]:
    """Return (rows, checksum) of what a version froze."""
    rows, checksum = _one(f"SELECT {_SUM} FROM ({_FROZEN}) f", _params(lock.period, lock.version))
    return int(rows), str(checksum)


def copy(period: Period, version: int) -> int:
    """Freeze the period's figures as a version; return how many rows came."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""INSERT INTO closing_frozenfigure
                    (tenant_id, grain, start, version, part, metric_id, owner_id, total, n)
                SELECT %(tenant)s, %(grain)s, %(start)s, %(version)s, part, metric_id, owner_id, total, n
                FROM ({_live(period)}) f ORDER BY part, metric_id, owner_id""",
            _params(period, version),
        )
        return int(cursor.rowcount)


def _differences(period: Period) -> str:
    return f"""
        SELECT part, metric_id, owner_id, f.total AS before, l.total AS now, coalesce(f.n, 0) AS before_n,
               coalesce(l.n, 0) AS now_n
        FROM ({_FROZEN}) f FULL JOIN ({_live(period)}) l USING (part, metric_id, owner_id)
        WHERE (f.total, f.n) IS DISTINCT FROM (l.total, l.n)"""


def count_differences(lock: PeriodLock) -> int:
    """Return how many figures would be others now."""
    sql = f"SELECT count(*) FROM ({_differences(lock.period)}) d"
    return int(_one(sql, _params(lock.period, lock.version))[0])


def differences(lock: PeriodLock, *, limit: int, offset: int = 0) -> list[Difference]:
    """Return the figures that would be others now, people first, a page of them."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"{_differences(lock.period)} ORDER BY part, owner_id, metric_id LIMIT {int(limit)} OFFSET {int(offset)}",
            _params(lock.period, lock.version),
        )
        return [Difference(Part(row[0]), *row[1:]) for row in cursor.fetchall()]


def between(lock: PeriodLock) -> int:
    """Return how many figures differ between a version and the one before it."""
    sql = f"""SELECT count(*) FROM ({_FROZEN}) new FULL JOIN ({_FROZEN.replace("%(version)s", "%(before)s")}) old
              USING (part, metric_id, owner_id) WHERE (new.total, new.n) IS DISTINCT FROM (old.total, old.n)"""
    return int(_one(sql, {**_params(lock.period, lock.version), "before": lock.version - 1})[0])
