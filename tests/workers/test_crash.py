"""kill -9 of the worker, of Redis and of PostgreSQL, each in the middle of 100,000 facts: afterwards all is right."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import psycopg2
import pytest

from perfmgmt import embedded
from tests.embedded.support import ROOT, data_folder, environment, eventually, postgres_pids, redis_pids
from tests.servers import with_database
from tests.workers.support import Worker

pytestmark = [pytest.mark.worker, pytest.mark.xdist_group("workers")]
ROWS, PEOPLE = 100_000, 150
METRICS = ("sales_amount", "orders", "active_customers", "sales_cycle_days")
START_JOB = """
import sys
from django.core.files import File
from django.core.files.storage import default_storage
from perfmgmt.jobs.services import start
from perfmgmt.metrics.imports.mapping import DEFAULT_FACTS
from perfmgmt.tenants.models import Tenant
from perfmgmt.tenants.scope import tenant_scope
with tenant_scope(Tenant.objects.get(slug="acme").pk), open({path!r}, "rb") as file:
    name = default_storage.save("imports/facts.csv", File(file))
    start("facts.import", {{"file": name, "file_name": "facts.csv", "mapping": DEFAULT_FACTS}}, user_id=None)
"""


class Plant:
    """Servers of its own with one workspace, and what is known about it."""

    def __init__(self, base: Path, folder: Path) -> None:
        self.base, self.folder = base, folder
        self.env = environment(base, DJANGO_SETTINGS_MODULE="perfmgmt.settings")
        self.worker: Worker | None = None

    def manage(self, *arguments: str) -> str:
        """Run a management command; it must succeed."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT, env=self.env, capture_output=True, text=True, timeout=300, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
        return done.stdout

    def ask(self, query: str) -> Any:
        """The one value of a query, past every wall; None while the server does not answer."""
        try:
            connection = psycopg2.connect(with_database(embedded.urls(self.base).admin, "perfmgmt"))
        except psycopg2.OperationalError:
            return None
        try:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(query)
                return (cursor.fetchone() or [None])[0] if cursor.description else cursor.rowcount
        finally:
            connection.close()

    def wait(self, query: str, wanted: Callable[[Any], bool], seconds: float = 30) -> None:
        """Poll a query until its value is as wanted."""
        eventually(lambda: wanted(self.ask(query)), lambda: f"{query}\n{self.said()[-4000:]}", seconds)

    def said(self) -> str:
        return self.worker.said() if self.worker else ""

    def start_worker(self) -> Worker:
        """Start a worker that also sends the sweep."""
        self.worker = Worker(self.folder, env=self.env, beat=True)
        return self.worker.ready()

    def sweep_now(self) -> None:
        """Make every waiting note old enough for the sweep, which otherwise waits some seconds."""
        self.ask("UPDATE tenants_doorbell SET rung_at = rung_at - interval '1 hour'")


@pytest.fixture
def plant(tmp_path: Path) -> Iterator[Plant]:
    with data_folder() as folder:
        plant = Plant(folder / "var", tmp_path)
        with embedded.hold(plant.base):
            try:
                yield plant
            finally:
                if plant.worker:
                    plant.worker.stop()


def facts_file(path: Path) -> Path:
    """100,000 facts of 150 people in four metrics, over three years."""
    with path.open("w") as file:
        file.write("external_id,employee,metric,date,value\n")
        for n in range(ROWS):
            day = f"{2022 + n % 3}-{n // 7 % 12 + 1:02d}-{n // 11 % 28 + 1:02d}"
            file.write(f"x{n},P{n % PEOPLE:03d},{METRICS[n // PEOPLE % 4]},{day},{n % 97 + 1}\n")
    return path


def people_file(path: Path) -> Path:
    """150 people in ten units; some come late, so that some facts stand under nobody's unit."""
    lines = ["number,name,unit,valid_from"]
    lines += [f"P{n:03d},Person {n},Unit {n % 10},{2021 + n % 3}-05-01" for n in range(PEOPLE)]
    path.write_text("\n".join(lines))
    return path


RUNNING = "SELECT count(*) FROM jobs_job WHERE state = 'running' AND attempts = {attempts}"
COPYING = (
    "SELECT count(*) FROM pg_stat_activity WHERE usename = 'perfmgmt_app' AND state <> 'idle' "
    "AND query ~ 'staged_|metrics_fact'"
)
DRAINING = (
    "SELECT count(*) FROM pg_stat_activity WHERE usename = 'perfmgmt_app' AND state = 'active' "
    "AND query ~ 'metrics_employeerollup|metrics_unitrollup'"
)


def test_after_kill_9_of_worker_redis_and_postgres_every_figure_is_right(plant: Plant, tmp_path: Path) -> None:
    plant.manage("migrate", "--verbosity", "0")
    plant.manage("create_workspace", "acme", "--name", "Acme")
    plant.manage("import_people", "--workspace", "acme", str(people_file(tmp_path / "people.csv")))
    path = facts_file(tmp_path / "facts.csv")
    plant.start_worker()
    plant.manage("shell", "--verbosity", "0", "-c", START_JOB.format(path=str(path)))

    # The worker dies while it imports: nothing of the file is there, the sweep starts the job again.
    plant.wait(RUNNING.format(attempts=1), bool)
    plant.wait(COPYING, bool)
    assert plant.worker is not None
    plant.worker.kill()
    assert plant.ask("SELECT count(*) FROM metrics_fact") == 0
    plant.sweep_now()
    plant.start_worker()

    # Redis dies while the second attempt imports: the job does not need it.
    plant.wait(RUNNING.format(attempts=2), bool)
    os.kill(redis_pids(plant.base)[0], signal.SIGKILL)
    eventually(lambda: embedded.ensure_running(plant.base) == ["Redis"], "death of Redis noticed")
    plant.wait("SELECT count(*) FROM jobs_job WHERE kind = 'facts.import' AND state = 'done'", bool, 60)
    assert plant.ask("SELECT count(*) FROM metrics_fact") == ROWS

    # PostgreSQL dies while the rollups are computed.
    plant.sweep_now()
    plant.wait(DRAINING, bool)
    for pid in postgres_pids(plant.base):
        with suppress(ProcessLookupError):  # one that ended by itself, as the first is dead
            os.kill(pid, signal.SIGKILL)
    eventually(lambda: embedded.ensure_running(plant.base) == ["PostgreSQL"], "death of PostgreSQL noticed")
    assert plant.ask("SELECT count(*) FROM metrics_dirtykey") > 0
    plant.worker.kill()
    plant.sweep_now()
    plant.start_worker()
    plant.wait("SELECT count(*) FROM metrics_dirtykey", lambda left: left == 0, 60)

    assert plant.ask("SELECT count(*) FROM metrics_fact") == ROWS
    assert plant.ask("SELECT count(DISTINCT external_id) FROM metrics_fact") == ROWS
    report = plant.manage("rebuild", "--workspace", "acme", "--check").splitlines()
    assert len(report) == 12  # the days of customers, ten levels, the tally of survey answers
    assert all(line.endswith(" 0 differ") for line in report), report
