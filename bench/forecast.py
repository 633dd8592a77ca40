"""Cases `forecast.prepare` and `forecast.backtest`.

The first prepares one metric's forecasts of 1,000 people from 36 months of rollups, months, quarters and years, into
empty tables: read, computed, stored and committed. The base is the least that any forecast of them must do: the same
rows read into a numpy array and summed by person. The second is the proof of RULES.md section 16 on real CRM data:
its ratio is our mean absolute error over the better one of the two simple forecasts.
"""

import time
from datetime import date
from pathlib import Path
from statistics import median
from typing import Any

from bench.data import World
from bench.report import Report, say
from bench.servers import ROOT, admin_cursor, checkpoint, using

PREPARE, BACKTEST = "forecast.prepare", "forecast.backtest"
GOAL, MOST_SECONDS, TIMES = 15.0, 1.0, 7
MONTHS, TODAY = 36, date(2026, 7, 15)
CRM = ROOT.parent / "shared" / "data" / "crm"
# A level of one's own, a year's season, a quarter's rise and chance, in money.
_ROLLUPS = """
    INSERT INTO metrics_employeerollup (tenant_id, metric_id, grain, employee_id, start, total, n)
    SELECT %(tenant)s, %(metric)s, 3, e.id, m.start,
        round((50000 + 1000 * (hashint8(e.id) & 127)) * (1 + 0.2 * sin(extract(month FROM m.start))
            + 0.1 * (extract(month FROM m.start)::int %% 3)) * (0.6 + 0.8 * random())), 12
    FROM people_employee e, (SELECT (%(first)s::date + make_interval(months => g))::date AS start
                             FROM generate_series(0, %(months)s - 1) g) m
    WHERE e.tenant_id = %(tenant)s
"""
_BARE = """
    SELECT employee_id, extract(year FROM start)::int * 12 + extract(month FROM start)::int, total::float8, n::float8
    FROM metrics_employeerollup WHERE tenant_id = %s AND metric_id = %s AND grain = 3
"""


def run(world: World, report: Report, times: int = TIMES) -> None:
    """Prepare and read in turns; the medians are compared."""
    say(f"{PREPARE}: {world.people:,} people, {MONTHS} months")
    metric_id = world.metric_ids[0]
    with admin_cursor(world.database) as cursor:
        cursor.execute(
            _ROLLUPS,
            {"tenant": world.tenant_id, "metric": metric_id, "first": date(2023, 7, 1), "months": MONTHS},
        )
        cursor.execute("VACUUM (ANALYZE) metrics_employeerollup")
    ours, cpu, base, rows = [], [], [], 0
    with using(world.database):
        _prepare(world, metric_id)  # warms the code up
        for _turn in range(times):
            _empty(world)
            seconds, worked, rows = _prepare(world, metric_id)
            ours.append(seconds)
            cpu.append(worked)
            base.append(_bare(world, metric_id))
    report.add(
        PREPARE, goal=GOAL, ours=median(ours), base=median(base), met=median(cpu) < MOST_SECONDS, rows=rows,
        worker_s=round(median(cpu), 3), worker_s_goal=MOST_SECONDS,
    )  # fmt: skip


def _empty(world: World) -> None:
    with admin_cursor(world.database) as cursor:
        cursor.execute("TRUNCATE metrics_forecast, metrics_forecastbasis")
    checkpoint()


def _prepare(world: World, metric_id: int) -> tuple[float, float, int]:
    """Prepare the metric as the task does; return seconds, seconds of the worker's own processor, rows."""
    from perfmgmt.metrics.forecast.services import prepare
    from perfmgmt.metrics.selectors import metrics_with_parts
    from perfmgmt.people.viewer import workspace_of
    from perfmgmt.tenants.models import Tenant
    from perfmgmt.tenants.scope import tenant_scope

    begun, worked = time.perf_counter(), time.process_time()
    with tenant_scope(world.tenant_id):
        workspace = workspace_of(Tenant.objects.get(pk=world.tenant_id))
        done = prepare(workspace, TODAY, metrics=list(metrics_with_parts().filter(pk=metric_id)))
    return time.perf_counter() - begun, time.process_time() - worked, done.changed


def _bare(world: World, metric_id: int) -> float:
    """Read the same rows into numpy and sum them by person; return the seconds."""
    import numpy as np
    from django.db import connection

    from perfmgmt.tenants.scope import tenant_scope

    begun = time.perf_counter()
    with tenant_scope(world.tenant_id), connection.cursor() as cursor:
        cursor.execute(_BARE, [world.tenant_id, metric_id])
        rows = np.array(cursor.fetchall(), dtype=float)
        people, places = np.unique(rows[:, 0], return_inverse=True)
        sums = np.bincount(places, weights=rows[:, 2])
    assert len(sums) == len(people) > 0
    return time.perf_counter() - begun


def backtest(report: Report, folder: Path = CRM) -> None:
    """Agents by month are judged; counts, and units and regions, are told for information."""
    if not folder.exists():
        report.skip(BACKTEST, f"no data in {folder}")
        return
    agents, judged = _score(folder)
    best = min(agents["same_as_last"], agents["mean_of_history"])
    told = {
        "won deals": _score(folder, counted=True)[0],
        "units": _score(folder, by="manager")[0],
        "regions": _score(folder, by="regional_office")[0],
    }
    report.add(BACKTEST, goal=1.0, ours=agents["error"], base=best, met=judged, **agents, informative=told)


def _score(folder: Path, by: str = "sales_agent", *, counted: bool = False) -> tuple[dict[str, Any], bool]:
    from perfmgmt.metrics.forecast.backtest import rolling, score
    from perfmgmt.tenants.workdays import WorkingCalendar
    from tests.metrics.crm import won_by_month

    _owners, starts, values = won_by_month(folder, by, counted=counted)
    found = score(values, rolling(values, starts, WorkingCalendar()))
    shown = {
        name: round(getattr(found, name), 3) for name in ("coverage", "error", "same_as_last", "mean_of_history")
    }
    return {"forecasts": found.forecasts, **shown}, found.holds
