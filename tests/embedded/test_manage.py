"""Every management command works on its own."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.embedded.support import ROOT, environment, eventually, postgres_pids, servers

pytestmark = pytest.mark.xdist_group("embedded")
QUERY = """
from django.core.cache import cache
from django.db import connection
with connection.cursor() as cursor:
    cursor.execute("SELECT current_user")
    cache.set("asked", cursor.fetchone()[0])
print("answer:", cache.get("asked"))
"""


def manage(base: Path, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), *arguments],
        env=environment(base, **more),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_command_starts_the_servers_for_itself_and_stops_them(base: Path) -> None:
    done = manage(base, "shell", "--no-imports", "-c", QUERY)

    assert (done.returncode, done.stdout) == (0, "answer: perfmgmt_app\n"), done.stderr
    assert servers(base) == []


@pytest.mark.parametrize("arguments", [["help"], ["migrate", "--help"], ["version"], ["check"], []])
def test_what_reads_files_only_starts_nothing(base: Path, arguments: list[str]) -> None:
    done = manage(base, *arguments)

    assert done.returncode == 0, done.stderr
    assert not (base / "pg" / "data").exists()


def test_a_failing_command_stops_the_servers_too(base: Path) -> None:
    done = manage(base, "no_such_command")

    assert done.returncode == 1
    assert servers(base) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_command_stops_the_servers(base: Path, number: signal.Signals) -> None:
    waiting = "import sys; print('here', flush=True); sys.stdin.read()"
    process = subprocess.Popen(
        [sys.executable, str(ROOT / "manage.py"), "shell", "--no-imports", "-c", waiting],
        env=environment(base),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    process.stdout.readline()
    assert postgres_pids(base)

    process.send_signal(number)
    process.communicate(timeout=60)

    eventually(lambda: servers(base) == [], "servers stopped")


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
def test_data_of_another_account_are_one_line(base: Path) -> None:
    base.mkdir()
    os.chown(base, 12345, 12345)

    done = manage(base, "showmigrations")

    assert done.returncode == 1
    assert done.stderr == (
        f"{base} belongs to user 12345: start as that user, or choose other data with PERFMGMT_VAR=...\n"
    )
