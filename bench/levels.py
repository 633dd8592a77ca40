"""Case `rollups.rebuild.*`: every level of a real rebuild against one bare statement for the same rows.

The base is the administrator's (no row-level security anywhere), into tables of the same columns, keys and indexes,
from the same kind of source as ours: days from the facts, longer periods from the shorter ones it wrote itself,
vacuumed. Ours and base take turns level by level, so that a busy neighbour disturbs both alike.
"""

import time
from collections import defaultdict
from statistics import median

from bench.data import World
from bench.report import Report, say
from bench.servers import admin_cursor, checkpoint, vacuum

GOAL = 1.3
GRAINS = ("day", "week", "month", "quarter", "year")
NAMES = [f"{who}.{grain}" for who in ("employee", "unit") for grain in GRAINS]
SOURCE = {"week": 1, "month": 1, "quarter": 3, "year": 4}
TABLES = ("metrics_employeerollup", "metrics_unitrollup")
Times = dict[str, list[float]]


def make_base_tables() -> None:
    """Equal tables for the base: columns, keys and indexes, no policies."""
    with admin_cursor() as cursor:
        for name, like in (("bench_employee", TABLES[0]), ("bench_unit", TABLES[1])):
            cursor.execute(f"DROP TABLE IF EXISTS {name}; CREATE TABLE {name} (LIKE {like} INCLUDING ALL)")


def drop_base_tables() -> None:
    """Give the disk back."""
    with admin_cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS bench_employee, bench_unit")


def empty_ours() -> None:
    """Rollups as on the first day."""
    with admin_cursor() as cursor:
        cursor.execute(f"TRUNCATE {', '.join(TABLES)}")


def bare(world: World, name: str) -> str:
    """Return the statement that a person would write for one level."""
    who, grain = name.split(".")
    number = GRAINS.index(grain) + 1
    counted = f"metric_id IN ({', '.join(map(str, world.counted_ids))})"
    if name == "employee.day":
        return f"""
            INSERT INTO bench_employee (tenant_id, metric_id, grain, employee_id, start, unit_id, total, n)
            SELECT tenant_id, metric_id, 1, d.employee_id, day, a.unit_id, total, n FROM (
                SELECT tenant_id, metric_id, employee_id, day,
                       CASE WHEN {counted} THEN count(*) ELSE sum(value) END AS total, count(*) AS n
                FROM metrics_fact WHERE tenant_id = {world.tenant_id} GROUP BY 1, 2, 3, 4) d
            JOIN people_assignment a USING (tenant_id)
            WHERE a.employee_id = d.employee_id AND d.day BETWEEN a.valid_from AND a.valid_to"""
    if name == "unit.day":
        return f"""
            INSERT INTO bench_unit (tenant_id, metric_id, grain, unit_id, start, total, n)
            WITH RECURSIVE tree(descendant, ancestor) AS (
                SELECT id, id FROM people_unit WHERE tenant_id = {world.tenant_id}
                UNION ALL SELECT descendant, parent_id FROM tree JOIN people_unit ON id = ancestor
                WHERE parent_id IS NOT NULL)
            SELECT tenant_id, metric_id, 1, ancestor, start, sum(total), sum(n)
            FROM (SELECT tenant_id, metric_id, unit_id, start, sum(total) AS total, sum(n) AS n
                  FROM bench_employee WHERE tenant_id = {world.tenant_id} AND grain = 1 GROUP BY 1, 2, 3, 4) d
            JOIN tree ON descendant = unit_id GROUP BY 1, 2, 4, 5"""
    return f"""
        INSERT INTO bench_{who} (tenant_id, metric_id, grain, {who}_id, start, total, n)
        SELECT tenant_id, metric_id, {number}, {who}_id, date_trunc('{grain}', start::timestamp)::date,
               sum(total), sum(n)
        FROM bench_{who} WHERE tenant_id = {world.tenant_id} AND grain = {SOURCE[grain]} GROUP BY 1, 2, 4, 5"""


class Turns:
    """Runs the bare statement of a level just before ours, in the callback that a rebuild calls after each level."""

    def __init__(self, world: World) -> None:
        self.world, self.ours, self.base = world, defaultdict(list), defaultdict(list)
        self.begun = 0.0

    def step(self, done: int, total: int) -> None:
        """Our level `done` is through; take its time and run the base of the next one."""
        self.ours[NAMES[done - 1]].append(time.perf_counter() - self.begun)
        if done < total:
            self.run_base(NAMES[done])

    def run_base(self, name: str) -> None:
        """Measure one bare statement, then start the clock of our own."""
        with admin_cursor() as cursor:
            begun = time.perf_counter()
            cursor.execute(bare(self.world, name))
            self.base[name].append(time.perf_counter() - begun)
        vacuum("bench_employee" if name.startswith("employee") else "bench_unit")
        self.begun = time.perf_counter()


def rebuild(world: World, turns: Turns | None = None) -> float:
    """One real rebuild, committed; return its seconds."""
    from perfmgmt.metrics.rollups.services import rebuild as real_rebuild
    from perfmgmt.tenants.scope import tenant_scope

    begun = time.perf_counter()
    with tenant_scope(world.tenant_id):
        if turns:
            turns.run_base(NAMES[0])
        real_rebuild(step=turns.step if turns else None)
    return time.perf_counter() - begun


def compare(world: World) -> None:
    """The base must have computed the same rows, or the ratio means nothing."""
    with admin_cursor() as cursor:
        for base, ours in zip(("bench_employee", "bench_unit"), TABLES, strict=True):
            cursor.execute(f"SELECT count(*) FROM (TABLE {base} EXCEPT ALL TABLE {ours}) d")
            different = cursor.fetchone()[0]
            cursor.execute(f"SELECT (SELECT count(*) FROM {base}) - (SELECT count(*) FROM {ours})")
            if different or cursor.fetchone()[0]:
                raise RuntimeError(f"{base} and {ours} differ in {different} rows")


def run(world: World, report: Report, rounds: int) -> None:
    """Measure every level `rounds` times into empty rollups, then a rebuild over rollups that are right."""
    turns = Turns(world)
    for number in range(rounds):
        say(f"rebuild level by level, round {number + 1} of {rounds}")
        make_base_tables()
        empty_ours()
        checkpoint()
        rebuild(world, turns)
    if world.facts <= 200_000:
        compare(world)
    for name in NAMES:
        ours, base = turns.ours[name], turns.base[name]
        report.add(f"rollups.rebuild.{name}", goal=GOAL, ours=median(ours), base=median(base), rounds=rounds)
    vacuum(*TABLES)
    say("rebuild over rollups that are right")
    again = rebuild(world)
    whole = sum(median(values) for values in turns.base.values())
    report.add("rollups.rebuild.again", goal=GOAL, ours=again, base=whole, note="informative: nothing to change")
