"""Case `rollups.one_fact`: one changed fact to recomputed rollups, at many facts and at few.

From the UPDATE of the fact to the commit in which its person's and its units' rollups, up to the root, are right:
what the application and the worker do together. The two databases have the same people, units and metrics.
"""

import random
import time
from statistics import median

from bench.data import World
from bench.report import Report, say
from bench.servers import admin_cursor, using

GOAL = 1.2
CHANGES, WARM_UP = 150, 15


def run(large: World, small: World, report: Report, changes: int = CHANGES) -> None:
    """Change facts in turn here and there; compare the medians."""
    say(f"{changes} changed facts at {large.facts:,} and at {small.facts:,} facts")
    ids = {world.database: _ids(world, changes + WARM_UP) for world in (large, small)}
    spent: dict[str, list[float]] = {large.database: [], small.database: []}
    for turn in range(changes + WARM_UP):
        for world in (large, small):
            with using(world.database):
                seconds = change(world, ids[world.database][turn])
            if turn >= WARM_UP:
                spent[world.database].append(seconds)
    for world in (large, small):
        if world.facts <= 200_000:
            _check(world)
    ours, base = (median(spent[world.database]) for world in (large, small))
    report.add("rollups.one_fact", goal=GOAL, ours=ours, base=base, changes=changes)


def change(world: World, fact_id: int) -> float:
    """Change one fact and recompute; return the seconds until all of it is committed."""
    from django.db import connection

    from perfmgmt.metrics.rollups.dirty import mark
    from perfmgmt.metrics.rollups.services import Turn, drain
    from perfmgmt.tenants.scope import tenant_scope

    begun = time.perf_counter()
    with tenant_scope(world.tenant_id):
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE metrics_fact SET value = value + 1 WHERE tenant_id = %s AND id = %s "
                "RETURNING metric_id, employee_id, day",
                [world.tenant_id, fact_id],
            )
            metric_id, employee_id, day = cursor.fetchone()
        mark([(metric_id, employee_id, day, day)])
        turn = drain()
    seconds = time.perf_counter() - begun
    if turn is not Turn.CLEAN:
        raise RuntimeError(f"the drain ended with {turn}")
    return seconds


def _ids(world: World, count: int) -> list[int]:
    """Facts of sums and means, anywhere in the year; the same choice in every run."""
    with admin_cursor(world.database) as cursor:
        cursor.execute("SELECT min(id), max(id) FROM metrics_fact WHERE tenant_id = %s", [world.tenant_id])
        first, last = cursor.fetchone()
        chance = random.Random(20)
        found: list[int] = []
        while len(found) < count:
            cursor.execute(
                "SELECT id FROM metrics_fact WHERE tenant_id = %s AND id = %s AND metric_id <> ALL(%s)",
                [world.tenant_id, chance.randint(first, last), list(world.counted_ids)],
            )
            found += [pk for (pk,) in cursor.fetchall()]
    return found


def _check(world: World) -> None:
    from perfmgmt.metrics.rollups.services import rebuild
    from perfmgmt.tenants.scope import tenant_scope

    with using(world.database), tenant_scope(world.tenant_id):
        outcome = rebuild(check=True)
    if outcome.differing:
        raise RuntimeError(f"incremental and full differ: {outcome.differences}")
