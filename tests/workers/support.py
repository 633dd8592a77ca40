"""Real Celery workers as processes of their own."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.embedded.support import ROOT, eventually


class Worker:
    """A worker with one process for tasks; with `beat` it sends the sweep every second as well."""

    def __init__(self, folder: Path, *, env: Mapping[str, str] | None = None, beat: bool = False) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.log = folder / f"worker-{len(list(folder.glob('worker-*.log')))}.log"
        name = f"{self.log.stem}-{os.getpid()}@test"
        command = [sys.executable, "-m", "celery", "-A", "perfmgmt", "worker", "-n", name, "--loglevel", "info",
                   "-Q", "mail,rollups,bulk,default", "-c", "1", "--without-gossip", "--without-mingle"]  # fmt: skip
        if beat:
            command += ["--beat", "--schedule", str(folder / "schedule")]
        environment = {**(os.environ if env is None else env), "PYTHONPATH": str(ROOT), "SWEEP_SECONDS": "1"}
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                command, cwd=ROOT, env=environment, stdout=log, stderr=log, start_new_session=True
            )

    def ready(self) -> "Worker":
        """Wait until it takes tasks."""
        eventually(lambda: " ready." in self.said(), self.said)
        return self

    def said(self) -> str:
        """Everything it logged."""
        return self.log.read_text(errors="replace")

    def kill(self) -> None:
        """kill -9, the worker and the process that works for it."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(timeout=30)

    def stop(self) -> None:
        """End it, whatever state it is in."""
        if self.process.poll() is None:
            self.kill()


@contextmanager
def running(folder: Path, *, beat: bool = False) -> Iterator[Worker]:
    """A ready worker on the servers of this test run."""
    worker = Worker(folder, beat=beat)
    try:
        yield worker.ready()
    finally:
        worker.stop()
