"""The programs that the supervisor keeps running: web, workers, beat."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from perfmgmt.embedded.paths import CHECKOUT, Layout
from perfmgmt.embedded.processes import trim_log, wait_until

GRACE_SECONDS = 10.0
LONGEST_PAUSE = 30.0
PR_SET_PDEATHSIG = 1


def _libc() -> ctypes.CDLL | None:
    return ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


_LIBC = _libc()


def _die_with_parent(parent: int, number: int) -> Callable[[], None] | None:
    """For the child, before it becomes its program: end when the supervisor is killed outright."""
    if _LIBC is None:
        return None
    libc = _LIBC

    def prepare() -> None:
        libc.prctl(PR_SET_PDEATHSIG, number, 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)

    return prepare


@dataclass
class Child:
    """One program: its command, its log, and when it may be started again."""

    name: str
    command: list[str]
    log: Path
    # what ends it when the supervisor is gone: Celery's SIGTERM would first finish long tasks
    orphan_signal: signal.Signals = signal.SIGTERM
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    pause: float = 1.0
    deaths: int = 0
    due: float = field(default=0.0)

    def start(self) -> None:
        """Start it in a session of its own, so that Ctrl-C reaches the supervisor only."""
        trim_log(self.log)
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd=CHECKOUT,
                start_new_session=True,
                env={**os.environ, "PYTHONUNBUFFERED": "1"},
                preexec_fn=_die_with_parent(os.getpid(), self.orphan_signal),  # noqa: PLW1509 - no threads here
            )
        self.started_at = time.monotonic()

    def look_after(self, say: Callable[[str], None]) -> None:
        """Notice a death, and start again after a pause that grows while it keeps dying."""
        now = time.monotonic()
        if self.process is not None:
            code = self.process.poll()
            if code is None:
                return
            self.end_group()
            self.process = None
            self.deaths += 1
            self.pause = 1.0 if now - self.started_at > LONGEST_PAUSE else min(self.pause * 2, LONGEST_PAUSE)
            self.due = now + self.pause
            again = f"starting it again in {self.pause:.0f} s"
            say(f"{self.name} ended ({_reason(code)}); {again}, see {self.log}")
        elif now >= self.due:
            self.start()

    def end_group(self) -> None:
        """What it left behind, such as pool processes."""
        if self.process is not None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)


def _reason(code: int) -> str:
    return f"signal {-code}" if code < 0 else f"exit code {code}"


def stop_all(children: list[Child]) -> None:
    """Ask all to end, wait, then end by force those that do not."""
    running = [child for child in children if child.process is not None]
    for child in running:
        assert child.process is not None  # noqa: S101 - for the type checker
        if child.process.poll() is None:
            child.process.terminate()
    wait_until(lambda: all(c.process is None or c.process.poll() is not None for c in running), GRACE_SECONDS)
    for child in running:
        child.end_group()
        if child.process is not None:
            child.process.wait()


def programs(layout: Layout, bind: str) -> list[Child]:
    """Web server, two kinds of workers (long work must not hold up short work), and the clock."""
    python = [sys.executable, "-m"]
    celery = [*python, "celery", "-A", "perfmgmt"]
    worker = [*celery, "worker", "--loglevel", "info", "--without-gossip", "--without-mingle"]
    serve = ["--bind", bind, "--workers", "2", "--threads", "4", "--graceful-timeout", "8"]
    serve += ["--no-control-socket", "--access-logfile", "-"]
    beat = ["beat", "--loglevel", "info", "--pidfile=", "--schedule", str(layout.run / "celerybeat-schedule")]
    quit_now = signal.SIGQUIT

    def child(name: str, command: list[str], orphan: signal.Signals = signal.SIGTERM) -> Child:
        return Child(name, command, layout.log / f"{name}.log", orphan)

    return [
        child("web", [*python, "gunicorn", "perfmgmt.wsgi:application", *serve]),
        child("worker", [*worker, "-Q", "mail,rollups,default", "--concurrency", "2", "-n", "fast@%h"], quit_now),
        child("worker-bulk", [*worker, "-Q", "bulk", "--concurrency", "1", "-n", "bulk@%h"], quit_now),
        child("beat", [*celery, *beat]),
    ]
