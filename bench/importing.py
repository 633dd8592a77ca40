"""Case `import.million`: a CSV file through the real import job, against COPY of the rows it gave.

The job runs in a process of its own, as a worker does, so that its peak memory can be told. The base copies finished
fact rows, every id looked up already, into a table of the same columns, keys and indexes without policies.
"""

import csv
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import psycopg2

from bench.data import DAYS, METRICS, World
from bench.report import Report, say
from bench.servers import ROOT, admin_cursor, admin_url, checkpoint

GOAL, MEMORY_MB = 3.0, 400
HEADER = ("external_id", "employee", "metric", "date", "value", "customer", "product", "region")
MAPPING = {
    "kind": "facts",
    "source": "bench_csv",
    "external_id": "external_id",
    "employee": {"column": "employee", "by": "number"},
    "facts": [{"metric": {"column": "metric"}, "day": "date", "value": {"column": "value"}}],
    "attributes": {name: {"column": name} for name in ("customer", "product", "region")},
}


def run(world: World, report: Report, rows: int, rounds: int) -> None:
    """Import and copy in turns; then once with one bad row in a hundred."""
    with tempfile.TemporaryDirectory() as folder:
        clean, bad, finished = (Path(folder) / name for name in ("clean.csv", "bad.csv", "finished.csv"))
        write_rows(clean, world, rows)
        ours, base, memory = [], [], 0.0
        for number in range(rounds):
            say(f"import of {rows:,} rows, round {number + 1} of {rounds}")
            done = _import(world, clean)
            _expect(done, rows, rows)
            ours.append(done["seconds"])
            memory = max(memory, done["memory_mb"])
            if number == 0:
                keep_rows(world, finished)
            base.append(copy(world, finished))
        report.add("import.million", goal=GOAL, ours=median(ours), base=median(base), met=memory <= MEMORY_MB,
                   rows=rows, memory_mb=memory, memory_goal_mb=MEMORY_MB)  # fmt: skip
        write_rows(bad, world, rows, bad=0.01)
        say("the same with bad rows")
        done = _import(world, bad)
        _expect(done, rows, rows - done["refused"])
        report.add("import.million.with_bad_rows", goal=GOAL, ours=done["seconds"], base=median(base),
                   met=done["memory_mb"] <= MEMORY_MB, rows=rows, refused=done["refused"],
                   memory_mb=done["memory_mb"], note="informative: one row in a hundred is refused")  # fmt: skip


def _expect(done: dict[str, Any], rows: int, added: int) -> None:
    if done["rows"] != rows or done["added"] != added:
        raise RuntimeError(f"the import did something else: {done}")


def write_rows(path: Path, world: World, rows: int, bad: float = 0.0) -> None:
    """One fact per row, in the order of the days, people and metrics scattered."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        writer.writerows(rows_of(world, rows, bad))


def rows_of(world: World, rows: int, bad: float = 0.0) -> Iterator[tuple[object, ...]]:
    """Yield rows as HEADER names them; the same in every run."""
    chance = random.Random(7)
    first = date.today() - timedelta(days=DAYS - 1)  # noqa: DTZ011
    days = [(first + timedelta(days=number)).isoformat() for number in range(DAYS)]
    for number in range(rows):
        value: object = f"{chance.random() * 10_000:.2f}"
        employee = f"P{chance.randrange(world.people) + 1:06d}"
        if bad and chance.random() < bad:
            value, employee = chance.choice([("many", employee), (value, "X1"), ("", employee)])
        yield (
            f"R{number}", employee, METRICS[chance.randrange(len(METRICS))], days[number * DAYS // rows], value,
            f"Customer {chance.randrange(50_000)}", f"Product {chance.randrange(200)}",
            f"Region {chance.randrange(13)}",
        )  # fmt: skip


def _import(world: World, path: Path) -> dict[str, Any]:
    """Import into an empty table of facts, in another process; return what that says of itself."""
    with admin_cursor(world.database) as cursor:
        cursor.execute("TRUNCATE metrics_fact, metrics_dirtykey, metrics_factversion")
    checkpoint()
    environment = {**os.environ, "DATABASE_URL": _app_url(world.database)}
    command = [sys.executable, "-m", "bench.importing", str(world.tenant_id), str(path)]
    done = subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, check=True)
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def _app_url(database: str) -> str:
    from bench.servers import with_database

    return with_database(os.environ["DATABASE_URL"], database)


def keep_rows(world: World, path: Path) -> None:
    """Write the facts as finished rows and make the base's table."""
    with admin_cursor(world.database) as cursor, path.open("wb") as file:
        cursor.execute("DROP TABLE IF EXISTS bench_fact; CREATE TABLE bench_fact (LIKE metrics_fact INCLUDING ALL)")
        cursor.copy_expert("COPY (SELECT * FROM metrics_fact ORDER BY id) TO STDOUT (FORMAT csv)", file)


def copy(world: World, path: Path) -> float:
    """COPY the rows, committed; return the seconds."""
    with admin_cursor(world.database) as cursor:
        cursor.execute("TRUNCATE bench_fact")
    checkpoint()
    with closing(psycopg2.connect(admin_url(world.database))) as connection, path.open("rb") as file:
        begun = time.perf_counter()
        with connection, connection.cursor() as cursor:
            cursor.copy_expert("COPY bench_fact FROM STDIN (FORMAT csv)", file)
        return time.perf_counter() - begun


def main(tenant_id: int, path: Path) -> None:
    """The child process: run one import job and print its seconds, peak memory and summary."""
    import resource

    import django

    django.setup()
    from django.core.files import File
    from django.core.files.storage import default_storage

    from perfmgmt.jobs import services as jobs
    from perfmgmt.jobs.models import Job
    from perfmgmt.tenants.scope import tenant_scope

    open_scope = partial(tenant_scope, tenant_id)
    with open_scope():
        with path.open("rb") as file:
            name = default_storage.save("imports/bench.csv", File(file))
        job = Job.objects.create(kind="facts.import", params={"file": name, "mapping": MAPPING, "language": "en"})
    begun = time.perf_counter()
    jobs.run(open_scope, job.pk)
    seconds = time.perf_counter() - begun
    with open_scope():
        job.refresh_from_db()
        default_storage.delete(name)
    if job.result is None:
        raise RuntimeError(f"the import failed: {job.error}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    summary = {name: number for name, number in job.result.items() if name != "errors"}
    print(json.dumps({"seconds": seconds, "memory_mb": round(peak, 1), **summary}))


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
