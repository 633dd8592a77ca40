"""Find, await and end the processes of a server."""

import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

PROC = Path("/proc")
HAS_PROC = (PROC / "self" / "cwd").exists()
POLL_SECONDS = 0.02
LOG_LIMIT = 20 * 1024 * 1024


def alive(pid: int) -> bool:
    """Whether a process runs; one that ended and waits for its parent (zombie) does not."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    if not HAS_PROC:
        return True
    try:
        state = (PROC / str(pid) / "stat").read_text(errors="replace").rpartition(")")[2].split()[0]
    except (OSError, IndexError):
        return False
    return state not in "ZX"


def servers_in(directory: Path, pid_file: Path) -> list[int]:
    """Processes of the server that works in `directory`, its main process first.

    The working directory tells them for certain; a pid file may outlive its process and name another.
    Systems without /proc have the pid file only.
    """
    main = read_pid(pid_file)
    if not HAS_PROC:
        return [main] if main and alive(main) else []
    wanted = os.path.realpath(directory)
    found = []
    for entry in PROC.iterdir():
        if entry.name.isdigit():
            with suppress(OSError):
                if os.readlink(entry / "cwd") == wanted and _is_server(entry) and alive(int(entry.name)):
                    found.append(int(entry.name))
    return sorted(found, key=lambda pid: (pid != main, pid))


def _is_server(entry: Path) -> bool:
    """A shell that merely stands in the directory is not a server."""
    return (entry / "comm").read_text().strip() in {"postgres", "redis-server"}


def read_pid(path: Path) -> int | None:
    """The number on the first line of a pid file, or None."""
    try:
        return int(path.read_text(errors="replace").split("\n", 1)[0])
    except (OSError, ValueError):
        return None


def wait_until(done: Callable[[], bool], seconds: float) -> bool:
    """Poll until `done`, at most for `seconds`; says whether it came true."""
    deadline = time.monotonic() + seconds
    while not done():
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL_SECONDS)
    return True


def send(pids: list[int], number: signal.Signals) -> None:
    """Signal processes, some of which may be gone already."""
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, number)


def trim_log(path: Path) -> None:
    """Keep one older log file, so that logs cannot fill the disk over the years."""
    with suppress(FileNotFoundError):
        if path.stat().st_size > LOG_LIMIT:
            path.replace(path.with_suffix(".old.log"))


def last_lines(path: Path, count: int = 3) -> str:
    """The end of a log on one line, for an error message."""
    try:
        lines = path.read_bytes()[-4000:].decode(errors="replace").strip().splitlines()
    except OSError:
        return ""
    return " / ".join(line.strip() for line in lines[-count:])
