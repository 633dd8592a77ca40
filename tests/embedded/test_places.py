"""Odd paths and odd accounts."""

import os
import pwd
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from perfmgmt import embedded
from perfmgmt.embedded.account import installed_bin
from tests.embedded.support import ROOT, Holder, owners, postgres_main, postgres_pids, servers, sign_in, store

pytestmark = pytest.mark.xdist_group("embedded")
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
NOBODY = {"user": "nobody", "group": pwd.getpwnam("nobody").pw_gid, "extra_groups": []}


def works(base: Path) -> bool:
    connection = sign_in(base)
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        name = cursor.fetchone()
    connection.close()
    return name == ("perfmgmt_app",) and bool(store(base).ping())


@pytest.mark.parametrize("name", ["a space", "绩效 管理", 'quote\'s "and" $HOME', "deep/" + "long-name/" * 15])
def test_any_path_will_do(open_folder: Path, name: str) -> None:
    base = open_folder / name / "var"

    with embedded.hold(base):
        assert works(base)

    assert servers(base) == []


def test_a_process_that_has_ended_owns_nothing() -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()

    assert owners([ended.pid]) == set()
    assert owners([ended.pid, os.getpid()]) == {os.geteuid()}


@as_root
def test_root_runs_postgres_as_nobody(base: Path) -> None:
    with embedded.hold(base):
        assert postgres_main(base) is not None
        found = owners(postgres_pids(base))

    assert found == {pwd.getpwnam("nobody").pw_uid}


@as_root
def test_root_below_a_closed_directory(open_folder: Path) -> None:
    closed = open_folder / "closed"
    closed.mkdir(mode=0o700)

    with embedded.hold(closed / "var"):
        assert works(closed / "var")

    assert stat.S_IMODE(closed.stat().st_mode) == 0o700


@as_root
def test_root_below_a_closed_directory_without_namespaces(open_folder: Path) -> None:
    closed = open_folder / "closed"
    closed.mkdir(mode=0o700)
    base = closed / "var"

    holder = Holder.start(base, env={"PATH": "/nonexistent"}).held()
    assert works(base)
    assert (base / "pg").is_symlink()
    holder.release()

    # and with namespaces again, on the data that was moved
    with embedded.hold(base):
        assert works(base)


def python_for_everybody() -> str | None:
    """An interpreter of our version that other accounts may run too (ours may be below /root)."""
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    for candidate in (sys.executable, f"/usr/bin/python{version}", f"/usr/local/bin/python{version}"):
        if shutil.which(candidate) and nobody_runs([candidate, "-c", "import ssl"]):
            return candidate
    return None


def nobody_runs(command: list[str]) -> bool:
    try:
        return subprocess.run(command, cwd="/", capture_output=True, check=False, **NOBODY).returncode == 0
    except OSError:
        return False


@as_root
def test_a_normal_user(open_folder: Path) -> None:
    python = python_for_everybody()
    packages = installed_bin().parents[2]
    if python is None or not nobody_runs(["test", "-r", str(packages / "redis" / "__init__.py")]):
        pytest.skip("no interpreter, or no checkout, that another account may read")
    base = open_folder / "var"
    base.mkdir()
    shutil.chown(base, "nobody")
    path = f"{ROOT}{os.pathsep}{packages}"

    holder = Holder.start(base, python, env={"PYTHONPATH": path, "HOME": "/nonexistent"}, **NOBODY).held()
    found = owners(servers(base))
    holder.release()

    assert found == {pwd.getpwnam("nobody").pw_uid}
    assert servers(base) == []


@as_root
def test_data_of_another_account_are_refused_in_one_line(open_folder: Path) -> None:
    python = python_for_everybody()
    if python is None:
        pytest.skip("no interpreter that another account may run")
    base = open_folder / "var"
    Holder.start(base).held().release()
    packages = installed_bin().parents[2]
    path = f"{ROOT}{os.pathsep}{packages}"

    message = Holder.start(base, python, env={"PYTHONPATH": path}, **NOBODY).refused()

    assert message.count("\n") == 0
    assert str(base) in message


@as_root
def test_a_full_disk_is_one_line(open_folder: Path) -> None:
    small = open_folder / "small"
    small.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", str(small)], capture_output=True, check=False
    )
    if mounted.returncode != 0:
        pytest.skip("no small file system can be mounted here")
    try:
        message = Holder.start(small / "var").refused()
        left = servers(small / "var")
    finally:
        subprocess.run(["umount", "--lazy", str(small)], check=True)

    assert message.count("\n") == 0
    assert "disk is full" in message
    assert left == []
