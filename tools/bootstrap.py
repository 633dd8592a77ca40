"""The first step of `make`: find Python 3.11 or newer, make .venv, hand over to tools/prepare.py.

This file runs on whatever Python there is, also on old ones, so that the message about it is one line.
No f-strings, no annotations, no pathlib here.
"""

from __future__ import print_function

import os
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
VENV = os.path.join(ROOT, ".venv")
VENV_PYTHON = os.path.join(VENV, "bin", "python")
NEEDED = (3, 11)
NAMES = ("python3.13", "python3.12", "python3.11", "python3.14", "python3", "python")
PROBE = "import sys; print('%d.%d|%s' % (sys.version_info[:2] + (getattr(sys, 'base_prefix', ''),)))"


def fail(message):
    """One clear line, and no traceback."""
    sys.stderr.write(message + "\n")
    sys.exit(1)


def run(command):
    """Output of a command, or None when it cannot be run or fails."""
    try:
        with open(os.devnull, "w") as silence:
            found = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=silence, cwd="/")
            output = found.communicate()[0]
    except (OSError, ValueError):
        return None
    return output.decode("utf-8", "replace").strip() if found.returncode == 0 else None


def probe(python):
    """(version, prefix) of an interpreter, or None."""
    output = run([python, "-c", PROBE])
    if not output or "|" not in output:
        return None
    version, prefix = output.split("|", 1)
    return tuple(int(part) for part in version.split(".")), prefix


def dotted(version):
    """(3, 11) as 3.11."""
    return ".".join(str(part) for part in version[:2])


def wanted_python():
    """The interpreter to use: PYTHON= alone if it is set, else this one, else the first good one on PATH."""
    chosen = os.environ.get("PYTHON")
    if chosen:
        found = probe(chosen)
        if found is None:
            fail("PYTHON=%s cannot be run: set PYTHON= to Python 3.11 or newer." % chosen)
        if found[0] < NEEDED:
            fail("PYTHON=%s is Python %s, too old: perfmgmt needs 3.11 or newer." % (chosen, dotted(found[0])))
        return chosen
    if sys.version_info[:2] >= NEEDED:
        return sys.executable
    for name in NAMES:
        found = probe(name)
        if found is not None and found[0] >= NEEDED:
            return name
    return fail(
        "Python %s is too old: perfmgmt needs 3.11 or newer; install it or set PYTHON=/path/to/python3.12"
        % dotted(sys.version_info)
    )


def venv_is_good():
    """Whether .venv works, and is of the Python that PYTHON= names, if it names one."""
    found = probe(VENV_PYTHON) if os.path.exists(VENV_PYTHON) else None
    if found is None or found[0] < NEEDED or not os.path.isdir(os.path.join(VENV, "lib")):
        return False
    if os.environ.get("PYTHON"):
        return probe(wanted_python()) == found
    return True


def has_pip():
    """A venv whose making was interrupted has no pip. Looked up as a file, which costs nothing."""
    version = probe(VENV_PYTHON)
    folder = os.path.join(VENV, "lib", "python" + dotted(version[0]), "site-packages", "pip")
    return os.path.exists(os.path.join(folder, "__main__.py"))


def make_venv():
    """Make .venv anew."""
    python = wanted_python()
    if run([python, "-c", "import ensurepip, venv"]) is None:
        fail(
            "%s cannot make virtual environments (no ensurepip): install it (Debian, Ubuntu: "
            "apt-get install python3-venv) or set PYTHON= to another Python 3.11 or newer." % python
        )
    print("  Virtual environment in .venv ...")
    sys.stdout.flush()
    environment = dict(os.environ)
    environment.pop("PYTHONHOME", None)
    made = subprocess.Popen(
        [python, "-m", "venv", "--clear", VENV],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=environment,
    )
    output = made.communicate()[0].decode("utf-8", "replace")
    if made.returncode != 0:
        if "No space left on device" in output:
            fail("The disk is full: no space left for .venv.")
        fail("The virtual environment could not be made: " + " ".join(output.split())[-500:])


def main():
    """Make sure of .venv, then become tools/prepare.py."""
    try:
        if not (venv_is_good() and has_pip()):
            make_venv()
    except KeyboardInterrupt:
        sys.exit(130)
    script = os.path.join(ROOT, "tools", "prepare.py")
    os.execv(VENV_PYTHON, [VENV_PYTHON, script] + sys.argv[1:])  # noqa: RUF005 - old Pythons read this


if __name__ == "__main__":
    main()
