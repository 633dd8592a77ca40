"""Case `rollups.rebuild.whole_vs_pandas`: the same rows by pandas: read the facts, group every level, write.

The base does what a fast pandas program does: COPY out as CSV, read it by its C parser with types given, group each
level from the one below, units through a merge with the tree, and COPY in. It works in binary floating point.
"""

import tempfile
import time
from typing import IO, Any

import pandas as pd
import psycopg2

from bench import levels
from bench.data import World
from bench.report import Report, say
from bench.servers import LARGE, admin_cursor, admin_url, checkpoint

GOAL = 0.333


def run(world: World, report: Report) -> None:
    """Compare one whole rebuild into empty rollups with pandas, one right after the other."""
    levels.make_base_tables()
    levels.empty_ours()
    checkpoint()
    say("rebuild as a whole")
    ours = levels.rebuild(world)
    checkpoint()
    say("the same by pandas")
    begun = time.perf_counter()
    parts = rollups_by_pandas(world)
    base = time.perf_counter() - begun
    _compare(world)
    report.add("rollups.rebuild.whole_vs_pandas", goal=GOAL, ours=ours, base=base, **parts)


def rollups_by_pandas(world: World) -> dict[str, float]:
    """Fill the base tables; return the seconds of reading, grouping and writing."""
    spent = {"read_s": 0.0, "group_s": 0.0, "write_s": 0.0}
    connection = psycopg2.connect(admin_url(LARGE))
    with connection, connection.cursor() as cursor:
        clock = _Clock(spent)
        facts = _read(cursor, f"SELECT metric_id, employee_id, day, value FROM metrics_fact "
                              f"WHERE tenant_id = {world.tenant_id}", day="day")  # fmt: skip
        units = _read(
            cursor, f"SELECT employee_id, unit_id FROM people_assignment WHERE tenant_id = {world.tenant_id}"
        )
        parents = _read(cursor, f"SELECT id, parent_id FROM people_unit WHERE tenant_id = {world.tenant_id}")
        clock.note("read_s")
        days = facts.groupby(["metric_id", "employee_id", "day"], sort=True)["value"].agg(["sum", "count"])
        days.columns = ["total", "n"]
        days = days.reset_index().rename(columns={"day": "start"})
        days["total"] = days["total"].where(~days["metric_id"].isin(world.counted_ids), days["n"])
        days = days.merge(units, on="employee_id", how="left")
        clock.note("group_s")
        _write(cursor, world, "employee", 1, days)
        clock.note("write_s")
        _longer(cursor, world, "employee", days, clock)
        own = days.groupby(["metric_id", "unit_id", "start"], sort=False)[["total", "n"]].sum().reset_index()
        lines = _lines(parents)
        unit_days = own.merge(lines, left_on="unit_id", right_on="descendant")
        unit_days = unit_days.groupby(["metric_id", "ancestor", "start"], sort=True)[["total", "n"]].sum()
        unit_days = unit_days.reset_index().rename(columns={"ancestor": "unit_id"})
        clock.note("group_s")
        _write(cursor, world, "unit", 1, unit_days)
        clock.note("write_s")
        _longer(cursor, world, "unit", unit_days, clock)
    connection.close()
    return {name: round(seconds, 2) for name, seconds in spent.items()}


class _Clock:
    def __init__(self, spent: dict[str, float]) -> None:
        self.spent, self.last = spent, time.perf_counter()

    def note(self, part: str) -> None:
        now = time.perf_counter()
        self.spent[part] += now - self.last
        self.last = now


def _longer(cursor: Any, world: World, who: str, days: pd.DataFrame, clock: _Clock) -> None:
    """Weeks and months from days, quarters from months, years from quarters."""
    found = {"day": days}
    for number, grain in enumerate(levels.GRAINS[1:], 2):
        source = found["day" if grain in ("week", "month") else {"quarter": "month", "year": "quarter"}[grain]]
        frame = source[["metric_id", f"{who}_id", "start", "total", "n"]].copy()
        if grain == "week":
            frame["start"] -= pd.to_timedelta(frame["start"].dt.weekday, unit="D")
        else:
            frame["start"] = _period_start(frame["start"], grain)
        frame = frame.groupby(["metric_id", f"{who}_id", "start"], sort=True)[["total", "n"]].sum().reset_index()
        found[grain] = frame
        clock.note("group_s")
        _write(cursor, world, who, number, frame)
        clock.note("write_s")


def _period_start(days: "pd.Series[Any]", grain: str) -> Any:
    months = days.to_numpy().astype("datetime64[M]")
    if grain == "quarter":
        months -= (days.dt.month.to_numpy() - 1) % 3
    return (months if grain != "year" else months.astype("datetime64[Y]")).astype("datetime64[s]")


def _read(cursor: Any, query: str, day: str = "") -> pd.DataFrame:
    with tempfile.TemporaryFile() as file:
        cursor.copy_expert(f"COPY ({query}) TO STDOUT (FORMAT csv, HEADER)", file)
        file.seek(0)
        return pd.read_csv(file, parse_dates=[day] if day else None)


def _lines(parents: pd.DataFrame) -> pd.DataFrame:
    """Every unit with each unit above it, itself included."""
    parent = {int(row.id): row.parent_id for row in parents.itertuples()}
    pairs = []
    for unit in parent:
        here: Any = unit
        while not pd.isna(here):
            pairs.append((unit, int(here)))
            here = parent[int(here)]
    return pd.DataFrame(pairs, columns=["descendant", "ancestor"])


def _write(cursor: Any, world: World, who: str, grain: int, frame: pd.DataFrame) -> None:
    frame = frame.assign(tenant_id=world.tenant_id, grain=grain)
    names = ["tenant_id", "metric_id", "grain", f"{who}_id", "start", "total", "n"]
    names += ["unit_id"] if (who, grain) == ("employee", 1) else []
    with tempfile.TemporaryFile("w+") as file:
        file_: IO[str] = file
        frame[names].to_csv(file_, index=False, header=False, date_format="%Y-%m-%d")
        file_.seek(0)
        cursor.copy_expert(f"COPY bench_{who} ({', '.join(names)}) FROM STDIN (FORMAT csv)", file_)


def _compare(world: World) -> None:
    """Equal numbers of rows at each level, or the comparison means nothing."""
    with admin_cursor() as cursor:
        for base, ours in zip(("bench_employee", "bench_unit"), levels.TABLES, strict=True):
            cursor.execute(
                f"SELECT (SELECT array_agg((grain, c, n) ORDER BY grain) FROM (SELECT grain, count(*) c, sum(n) n "
                f"FROM {base} GROUP BY 1) b) = (SELECT array_agg((grain, c, n) ORDER BY grain) FROM "
                f"(SELECT grain, count(*) c, sum(n) n FROM {ours} GROUP BY 1) o)"
            )
            if cursor.fetchone()[0] is not True:
                raise RuntimeError(f"pandas and {ours} disagree")
