"""Cases `rollups.rebuild.whole_vs_pandas[_copy]`: the same rows by pandas: read the facts, group every level, write.

Both bases group each level from the one below, units through a merge with the tree, in binary floating point. The
first reads and writes as pandas does by itself (`read_sql_query`, `to_sql`). The second, informative, goes past
pandas with hand-written COPY both ways, CSV by the C parser.
"""

import tempfile
import time
from typing import IO, Any, Protocol

import pandas as pd
import psycopg2
import sqlalchemy

from bench import levels
from bench.data import World
from bench.report import Report, say
from bench.servers import LARGE, admin_cursor, admin_url, checkpoint

GOAL = 0.333
CASE = "rollups.rebuild.whole_vs_pandas"


def run(world: World, report: Report) -> None:
    """Compare one whole rebuild into empty rollups with pandas, right after it, in both ways."""
    levels.empty_ours()
    checkpoint()
    say("rebuild as a whole")
    ours = levels.rebuild(world)
    ways: tuple[tuple[str, _Way, str], ...] = (
        (CASE, _Sql(), "read_sql_query and to_sql"),
        (f"{CASE}_copy", _Copy(), "informative: past pandas, by COPY"),
    )
    for case, way, note in ways:
        levels.make_base_tables()
        checkpoint()
        say(f"the same by pandas ({type(way).__name__.removeprefix('_')})")
        begun = time.perf_counter()
        parts = rollups_by_pandas(world, way)
        base = time.perf_counter() - begun
        _compare(world)
        report.add(case, goal=GOAL, ours=ours, base=base, met=True, note=note, **parts)


class _Way(Protocol):
    """How pandas reads from and writes to the database."""

    def read(self, query: str, day: str = "") -> pd.DataFrame: ...

    def write(self, table: str, frame: pd.DataFrame) -> None: ...


class _Sql:
    def __init__(self) -> None:
        self.engine = sqlalchemy.create_engine(
            "postgresql+psycopg2://", creator=lambda: psycopg2.connect(admin_url(LARGE))
        )

    def read(self, query: str, day: str = "") -> pd.DataFrame:
        with self.engine.connect() as connection:
            return pd.read_sql_query(query, connection, parse_dates=[day] if day else None)

    def write(self, table: str, frame: pd.DataFrame) -> None:
        with self.engine.begin() as connection:
            frame.to_sql(table, connection, if_exists="append", index=False, chunksize=10_000)


class _Copy:
    def read(self, query: str, day: str = "") -> pd.DataFrame:
        with admin_cursor() as cursor, tempfile.TemporaryFile() as file:
            cursor.copy_expert(f"COPY ({query}) TO STDOUT (FORMAT csv, HEADER)", file)
            file.seek(0)
            return pd.read_csv(file, parse_dates=[day] if day else None)

    def write(self, table: str, frame: pd.DataFrame) -> None:
        with admin_cursor() as cursor, tempfile.TemporaryFile("w+") as file:
            file_: IO[str] = file
            frame.to_csv(file_, index=False, header=False, date_format="%Y-%m-%d")
            file_.seek(0)
            cursor.copy_expert(f"COPY {table} ({', '.join(frame.columns)}) FROM STDIN (FORMAT csv)", file_)


def rollups_by_pandas(world: World, way: _Way) -> dict[str, float]:
    """Fill the base tables; return the seconds of reading, grouping and writing."""
    spent = {"read_s": 0.0, "group_s": 0.0, "write_s": 0.0}
    clock = _Clock(spent)
    facts = way.read(
        "SELECT metric_id, employee_id, day, value::float8 AS value FROM metrics_fact "
        f"WHERE tenant_id = {world.tenant_id}",
        day="day",
    )
    units = way.read(f"SELECT employee_id, unit_id FROM people_assignment WHERE tenant_id = {world.tenant_id}")
    parents = way.read(f"SELECT id, parent_id FROM people_unit WHERE tenant_id = {world.tenant_id}")
    clock.note("read_s")
    days = facts.groupby(["metric_id", "employee_id", "day"], sort=True)["value"].agg(["sum", "count"])
    days.columns = ["total", "n"]
    days = days.reset_index().rename(columns={"day": "start"})
    days["total"] = days["total"].where(~days["metric_id"].isin(world.counted_ids), days["n"])
    days = days.merge(units, on="employee_id", how="left")
    clock.note("group_s")
    _write(way, world, "employee", 1, days)
    clock.note("write_s")
    _longer(way, world, "employee", days, clock)
    own = days.groupby(["metric_id", "unit_id", "start"], sort=False)[["total", "n"]].sum().reset_index()
    lines = _lines(parents)
    unit_days = own.merge(lines, left_on="unit_id", right_on="descendant")
    unit_days = unit_days.groupby(["metric_id", "ancestor", "start"], sort=True)[["total", "n"]].sum()
    unit_days = unit_days.reset_index().rename(columns={"ancestor": "unit_id"})
    clock.note("group_s")
    _write(way, world, "unit", 1, unit_days)
    clock.note("write_s")
    _longer(way, world, "unit", unit_days, clock)
    return {name: round(seconds, 2) for name, seconds in spent.items()}


class _Clock:
    def __init__(self, spent: dict[str, float]) -> None:
        self.spent, self.last = spent, time.perf_counter()

    def note(self, part: str) -> None:
        now = time.perf_counter()
        self.spent[part] += now - self.last
        self.last = now


def _longer(way: _Way, world: World, who: str, days: pd.DataFrame, clock: _Clock) -> None:
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
        _write(way, world, who, number, frame)
        clock.note("write_s")


def _period_start(days: "pd.Series[Any]", grain: str) -> Any:
    months = days.to_numpy().astype("datetime64[M]")
    if grain == "quarter":
        months -= (days.dt.month.to_numpy() - 1) % 3
    return (months if grain != "year" else months.astype("datetime64[Y]")).astype("datetime64[s]")


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


def _write(way: _Way, world: World, who: str, grain: int, frame: pd.DataFrame) -> None:
    frame = frame.assign(tenant_id=world.tenant_id, grain=grain)
    names = ["tenant_id", "metric_id", "grain", f"{who}_id", "start", "total", "n"]
    names += ["unit_id"] if (who, grain) == ("employee", 1) else []
    way.write(f"bench_{who}", frame[names])


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
