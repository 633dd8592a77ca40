"""`make run` after set-up: what it starts, keeps alive and stops."""

import os
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from tests.embedded.support import (
    ROOT,
    data_folder,
    environment,
    eventually,
    postgres_main,
    postgres_pids,
    redis_pids,
    servers,
)

pytestmark = pytest.mark.xdist_group("supervisor")
COMMAND = [sys.executable, "-m", "perfmgmt.embedded.supervisor"]
START_SECONDS = 400  # the demo company's year is imported on the first start


class Supervisor:
    """One running `make run`, its terminal output in a file."""

    def __init__(self, base: Path, port: int, **more: str) -> None:
        self.base, self.port = base, port
        self.output = base.parent / f"terminal-{port}.txt"
        with self.output.open("w") as output:
            self.process = subprocess.Popen(
                COMMAND,
                cwd=ROOT,
                env=environment(base, PORT=str(port), **more),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def text(self) -> str:
        return self.output.read_text()

    def ready(self) -> "Supervisor":
        def done() -> bool:
            assert self.process.poll() is None, self.text()
            return "perfmgmt is ready" in self.text()

        eventually(done, lambda: f"ready: {self.text()}", START_SECONDS)
        return self

    def children(self) -> list[psutil.Process]:
        """Web, workers and beat with everything below them; not the servers, which outlive it if used."""
        found = psutil.Process(self.process.pid).children(recursive=True)
        return [each for each in found if name_of(each) not in {"", "postgres", "redis-server"}]

    def press_ctrl_c(self) -> int:
        """As the terminal does it: to the whole foreground group."""
        os.killpg(self.process.pid, signal.SIGINT)
        return self.process.wait(60)

    def end(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(60)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def refusal(base: Path, port: int | str) -> str:
    """What a start says that must fail at once."""
    done = subprocess.run(
        COMMAND,
        cwd=ROOT,
        env=environment(base, PORT=str(port)),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 1, done.stdout
    message = done.stderr.strip()
    assert message.count("\n") == 0, message
    return message


@pytest.fixture(scope="module")
def running() -> Iterator[Supervisor]:
    """One product on fresh data, for the tests that leave it running."""
    with data_folder() as folder:
        supervisor = Supervisor(folder / "var", free_port())
        try:
            yield supervisor.ready()
        finally:
            supervisor.end()


def answers(supervisor: Supervisor) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{supervisor.port}/health/ready", timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def name_of(process: psutil.Process) -> str:
    """Nothing for one that has ended since it was listed, as what asks PostgreSQL whether it is up soon does."""
    with suppress(psutil.NoSuchProcess):
        return str(process.name())
    return ""


def child(supervisor: Supervisor, word: str) -> psutil.Process | None:
    for each in psutil.Process(supervisor.process.pid).children():
        with suppress(psutil.NoSuchProcess):  # psutil counts zombies among these
            if word in " ".join(each.cmdline()):
                return each
    return None


def test_it_ends_with_the_address(running: Supervisor) -> None:
    assert re.search(rf"perfmgmt is ready: +http://127\.0\.0\.1:{running.port}\n", running.text())
    assert answers(running)


def test_a_second_one_on_the_same_data_is_refused(running: Supervisor) -> None:
    message = refusal(running.base, free_port())

    assert f"http://127.0.0.1:{running.port} (process {running.process.pid}" in message
    assert answers(running)


def test_a_taken_port_is_refused_before_anything_is_started(running: Supervisor) -> None:
    with data_folder() as folder:
        message = refusal(folder / "var", running.port)
        started = (folder / "var" / "pg" / "data").exists()

    assert message.startswith(f"Port {running.port} is taken by another program. Choose another: PORT=")
    assert not started


@pytest.mark.parametrize("port", ["http", "0", "70000"])
def test_a_port_that_is_none(base: Path, port: str) -> None:
    assert refusal(base, port) == f"PORT={port} is not a port number (1 to 65535)."


@pytest.mark.parametrize("word", ["gunicorn", "fast@", "bulk@", "beat"])
def test_a_killed_program_is_started_again(running: Supervisor, word: str) -> None:
    before = child(running, word)
    assert before is not None

    before.kill()

    def again() -> bool:
        now = child(running, word)
        return now is not None and now.pid != before.pid

    eventually(again, f"{word} again")
    eventually(lambda: answers(running), "answers again")
    assert "ended (signal 9); starting it again" in running.text()


def test_a_killed_postgres_is_started_again(running: Supervisor) -> None:
    before = postgres_main(running.base)
    assert before is not None

    os.kill(before, signal.SIGKILL)

    eventually(lambda: postgres_main(running.base) not in (None, before), "again")
    eventually(lambda: answers(running), "answers again")


def test_a_killed_redis_is_started_again(running: Supervisor) -> None:
    before = redis_pids(running.base)

    os.kill(before[0], signal.SIGKILL)

    eventually(lambda: redis_pids(running.base) not in ([], before), "again")
    eventually(lambda: answers(running), "answers again")


def test_ctrl_c_stops_everything_it_started_and_the_next_start_keeps_the_data(open_folder: Path) -> None:
    first = Supervisor(open_folder / "var", free_port(), PERFMGMT_DEMO="0").ready()
    children = first.children()
    assert len(children) >= 4

    code = first.press_ctrl_c()

    assert code == 0
    assert "Traceback" not in first.text()
    _gone, alive = psutil.wait_procs(children, timeout=30)
    assert alive == []
    assert servers(first.base) == []

    second = Supervisor(open_folder / "var", first.port, PERFMGMT_DEMO="0").ready()
    children = second.children()
    second.process.kill()
    second.process.wait(30)
    gone, alive = psutil.wait_procs(children, timeout=30)
    assert (len(gone), alive) == (len(children), [])


def test_ctrl_c_during_the_first_start_leaves_nothing_running(base: Path) -> None:
    early = Supervisor(base, free_port())
    eventually(lambda: bool(postgres_pids(base)), "PostgreSQL begins")

    code = early.press_ctrl_c()

    assert code == 0, early.text()
    assert "Traceback" not in early.text()
    assert servers(base) == []
