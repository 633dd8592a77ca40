"""The very first step, on interpreters that are too old for everything else."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.embedded.support import ROOT

SCRIPT = str(ROOT / "tools" / "bootstrap.py")
OLD = ("2.7", "3.6", "3.7", "3.8", "3.9", "3.10")


def old_pythons() -> list[str]:
    """Interpreters below 3.11 that this machine happens to have."""
    versions = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
    found = [str(path) for old in OLD for path in versions.glob(f"{old}.*/bin/python{old}")]
    found += [name for old in OLD if (name := shutil.which(f"python{old}"))]
    return [path for path in found if works(path)]


def works(python: str) -> bool:
    """A name on PATH may be a shim without an interpreter behind it."""
    return subprocess.run([python, "-c", ""], capture_output=True, check=False).returncode == 0


def bootstrap(
    python: str, folder: Path, arguments: tuple[str, ...] = ("setup",), **more: str
) -> subprocess.CompletedProcess[str]:
    """Run a copy of bootstrap.py in an empty checkout, where it can only look for a Python."""
    script = folder / "tools" / "bootstrap.py"
    script.parent.mkdir(exist_ok=True)
    shutil.copy(SCRIPT, script)
    environment = {name: value for name, value in os.environ.items() if name != "PYTHON"}
    return subprocess.run(
        [python, str(script), *arguments],
        env={**environment, **more},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def old() -> str:
    found = old_pythons()
    if not found:
        pytest.skip("no Python below 3.11 on this machine")
    return found[0]


def test_every_old_python_can_read_it_and_says_one_line(tmp_path: Path) -> None:
    pythons = old_pythons()
    if not pythons:
        pytest.skip("no Python below 3.11 on this machine")

    said = {python: bootstrap(python, tmp_path, PATH="/nonexistent") for python in pythons}

    for python, done in said.items():
        assert done.returncode == 1, python
        assert done.stderr.count("\n") == 1, done.stderr
        assert "is too old: perfmgmt needs 3.11 or newer; install it or set PYTHON=" in done.stderr


def test_python_names_one_that_is_too_old(tmp_path: Path, old: str) -> None:
    done = bootstrap(old, tmp_path, PYTHON=old)

    assert done.returncode == 1
    assert done.stderr.startswith(f"PYTHON={old} is Python ")
    assert done.stderr.count("\n") == 1


def test_python_names_nothing(tmp_path: Path) -> None:
    done = bootstrap(shutil.which("python3") or "python3", tmp_path, PYTHON="/no/such/python")

    assert (done.returncode, done.stderr) == (
        1,
        "PYTHON=/no/such/python cannot be run: set PYTHON= to Python 3.11 or newer.\n",
    )
