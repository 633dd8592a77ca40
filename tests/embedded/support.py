"""Real processes around the embedded servers: holders, supervisors, deadlines instead of sleeps."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psycopg2
import redis
from psycopg2.extensions import connection

from perfmgmt import embedded
from perfmgmt.embedded.processes import read_pid, send, servers_in

ROOT = Path(__file__).resolve().parents[2]
HOLDER = """
import sys
from perfmgmt import embedded
try:
    lease = embedded.hold()
except embedded.EmbeddedError as error:
    sys.exit(f"refused: {error}")
print("held", flush=True)
sys.stdin.read()
lease.release()
print("released", flush=True)
"""


def environment(base: Path, **more: str) -> dict[str, str]:
    """The environment of a process on its own data, without the servers of the surrounding test run."""
    names = ("DATABASE_URL", "REDIS_URL", "MIGRATION_DATABASE_URL", "DJANGO_SETTINGS_MODULE", "PORT", "HOST")
    clean = {name: value for name, value in os.environ.items() if name not in names}
    own = {"PERFMGMT_VAR": str(base), "PERFMGMT_PG_FAST": "1", "PYTHONPATH": str(ROOT)}
    return {**clean, **own, **more}


def eventually(done: Callable[[], bool], what: str | Callable[[], str], seconds: float = 30) -> None:
    """Poll until `done`; fail with `what` when it does not come true in time."""
    deadline = time.monotonic() + seconds
    while not done():
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds:.0f} s: {what if isinstance(what, str) else what()}")
        time.sleep(0.05)


def postgres_pids(base: Path) -> list[int]:
    """The server's processes, the main one first."""
    layout = embedded.Layout.of(base)
    return servers_in(layout.data, layout.data / "postmaster.pid")


def postgres_main(base: Path) -> int | None:
    """The server's main process; None while there is none, though what a killed one left may still be ending."""
    main = read_pid(embedded.Layout.of(base).data / "postmaster.pid")
    return main if main in postgres_pids(base) else None


def owners(pids: list[int]) -> set[int]:
    """The accounts of processes. One that has ended since it was listed owns nothing: workers come and go."""
    found = set()
    for pid in pids:
        with suppress(FileNotFoundError, ProcessLookupError):
            found.add(os.stat(f"/proc/{pid}").st_uid)
    return found


def redis_pids(base: Path) -> list[int]:
    """The process of Redis."""
    layout = embedded.Layout.of(base)
    return servers_in(layout.redis, layout.run / "redis.pid")


def servers(base: Path) -> list[int]:
    """Everything that still runs on this data."""
    return postgres_pids(base) + redis_pids(base)


def sign_in(base: Path, role: str = "app") -> connection:
    """A database connection of one of the three roles."""
    return psycopg2.connect(getattr(embedded.urls(base), role))


def store(base: Path) -> redis.Redis:
    """A connection to Redis."""
    return redis.Redis.from_url(embedded.urls(base).redis, decode_responses=True)


@dataclass
class Holder:
    """Another process that holds a lease, as any manage.py does."""

    process: subprocess.Popen[str]

    @classmethod
    def start(cls, base: Path, python: str = sys.executable, **options: object) -> "Holder":
        more = options.pop("env", {})
        process = subprocess.Popen(  # type: ignore[call-overload]
            [python, "-c", HOLDER],
            cwd=ROOT,
            env=environment(base, **more),  # type: ignore[arg-type]
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            **options,
        )
        return cls(process)

    def held(self) -> "Holder":
        """Wait until it has the lease."""
        line = self.process.stdout.readline()
        if line != "held\n":
            raise AssertionError(f"{line}{self.process.communicate()[1]}")
        return self

    def refused(self) -> str:
        """The one line with which it could not have the lease."""
        output, errors = self.process.communicate(timeout=60)
        assert self.process.returncode == 1, output
        return errors.strip()

    def release(self) -> None:
        """Let go, and wait for its end."""
        output, errors = self.process.communicate(timeout=60)
        assert (output, self.process.returncode) == ("released\n", 0), errors

    def kill(self) -> None:
        """kill -9."""
        self.process.send_signal(signal.SIGKILL)
        self.process.communicate(timeout=30)


@contextmanager
def data_folder() -> Iterator[Path]:
    """A folder that every account may pass through (pytest's own are closed), clean afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="pm-test-"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        for base in [Path(found) for found, names, _ in os.walk(folder) if {"run", "secrets"} <= {*names}]:
            clean(base)
        shutil.rmtree(folder, ignore_errors=True)


def clean(base: Path) -> None:
    """End what a failed test left, and remove what lies outside its folder."""
    layout = embedded.Layout.of(base)
    send(servers(base), signal.SIGKILL)
    moved = layout.postgres
    shutil.rmtree(layout.sockets, ignore_errors=True)
    if base not in moved.parents:
        shutil.rmtree(moved, ignore_errors=True)
