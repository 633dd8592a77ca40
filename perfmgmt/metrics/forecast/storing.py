"""Prepared forecasts into their tables: copied aside, then only the differences written.

Most nights nothing has changed but a few late facts, so that most nights write little.
"""

import json
from collections.abc import Iterable, Iterator
from io import BytesIO

import numpy as np
from django.db import connection

from perfmgmt.metrics.forecast.frame import Crew
from perfmgmt.metrics.forecast.method import OWN
from perfmgmt.metrics.forecast.preparing import Array, Prepared
from perfmgmt.tenants.scope import current_tenant_id

# Digits that are kept: forecasts are not known better, and so a night without news writes nothing.
DIGITS = 7
FORECAST = ("grain", "employee_id", "start", "point", "low", "high", "mu", "sigma", "season", "market", "days",
            "peers_median")  # fmt: skip
BASIS = ("grain", "employee_id", "basis", "months", "best", "history", "transform", "step", "through")
_TABLES = {
    "metrics_forecast": (FORECAST, ("grain", "employee_id", "start")),
    "metrics_forecastbasis": (BASIS, ("grain", "employee_id")),
}


def store(metric_id: int, crew: Crew, prepared: Iterable[Prepared]) -> int:
    """Make what is stored of a metric equal to `prepared`; return how many rows were written or removed."""
    found = list(prepared)
    forecasts = "".join(line for each in found for line in _forecast_lines(each, crew))
    bases = "".join(line for each in found for line in _basis_lines(each, crew))
    return _replace("metrics_forecast", metric_id, forecasts) + _replace("metrics_forecastbasis", metric_id, bases)


def remove_others(metric_ids: list[int]) -> int:
    """Remove what is stored of metrics that are no longer prepared; return how many rows went."""
    gone = 0
    with connection.cursor() as cursor:
        for table in _TABLES:
            cursor.execute(
                f"DELETE FROM {table} WHERE tenant_id = %s AND NOT metric_id = ANY(%s)",
                [current_tenant_id(), metric_ids],
            )
            gone += cursor.rowcount
    return gone


def _texts(values: Array) -> list[list[str]]:
    """Figures as texts with the digits that are kept, NULL where missing."""
    return [["\\N" if value != value else f"{value:.{DIGITS}g}" for value in row] for row in values.tolist()]


def _forecast_lines(it: Prepared, crew: Crew) -> Iterator[str]:
    arrays = (it.point, it.low, it.high, it.mu, it.sigma, it.season, it.market, it.days, it.peers_median)
    columns = [_texts(array) for array in arrays]
    starts = [start.isoformat() for start in it.starts]
    for place, pk in enumerate(crew.ids.tolist()):
        for at in np.flatnonzero(it.there[place]).tolist():
            figures = "\t".join(column[place][at] for column in columns)
            yield f"{int(it.grain)}\t{pk}\t{starts[at]}\t{figures}\n"


def _basis_lines(it: Prepared, crew: Crew) -> Iterator[str]:
    best, anything = _texts(it.best[:, None]), it.there.sum(axis=1).tolist()
    for place, pk in enumerate(crew.ids.tolist()):
        if not anything[place]:
            continue
        history = json.dumps([float(f"{v:.{DIGITS}g}") for v in it.history[place].tolist() if v == v])
        basis = "own" if it.basis[place] == OWN else "peers"
        yield (
            f"{int(it.grain)}\t{pk}\t{basis}\t{int(it.periods[place])}\t{best[place][0]}\t{history}\t"
            f"{it.transform}\t{it.step:g}\t{it.through.isoformat()}\n"
        )


def _replace(table: str, metric_id: int, lines: str) -> int:
    columns, key = _TABLES[table]
    named = ", ".join(columns)
    fresh, stored = (", ".join(f"{alias}.{name}" for name in columns if name not in key) for alias in "ft")
    same = " AND ".join(f"t.{name} = f.{name}" for name in key)
    update = ", ".join(f"{name} = excluded.{name}" for name in columns if name not in key)
    params = {"tenant": current_tenant_id(), "metric": metric_id}
    with connection.cursor() as cursor:
        cursor.execute(
            f"DROP TABLE IF EXISTS fresh_forecast; CREATE TEMP TABLE fresh_forecast ON COMMIT DROP AS "
            f"SELECT {named} FROM {table} WHERE false"
        )
        cursor.copy_expert(f"COPY fresh_forecast ({named}) FROM STDIN", BytesIO(lines.encode()), 1 << 20)
        cursor.execute("ANALYZE fresh_forecast")
        cursor.execute(
            f"DELETE FROM {table} t WHERE t.tenant_id = %(tenant)s AND t.metric_id = %(metric)s "
            f"AND NOT EXISTS (SELECT FROM fresh_forecast f WHERE {same})",
            params,
        )
        gone = cursor.rowcount
        cursor.execute(
            f"INSERT INTO {table} (tenant_id, metric_id, {named}) "
            f"SELECT %(tenant)s, %(metric)s, {', '.join(f'f.{name}' for name in columns)} FROM fresh_forecast f "
            f"LEFT JOIN {table} t ON t.tenant_id = %(tenant)s AND t.metric_id = %(metric)s AND {same} "
            f"WHERE t.tenant_id IS NULL OR ({fresh}) IS DISTINCT FROM ({stored}) "
            f"ON CONFLICT (tenant_id, metric_id, {', '.join(key)}) DO UPDATE SET {update}",
            params,
        )
        return int(gone + cursor.rowcount)
