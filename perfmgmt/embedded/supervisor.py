"""`make run`: servers, migrations, web, workers and beat under one process that stops them together.

It prints what it does while it does it, and ends with the address and the demo company's sign-ins.
"""

import errno
import fcntl
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType

from perfmgmt.embedded.children import Child, programs, stop_all
from perfmgmt.embedded.lease import Servers, ensure_running, hold, needed
from perfmgmt.embedded.paths import CHECKOUT, EmbeddedError, Layout
from perfmgmt.embedded.processes import last_lines, wait_until

NEEDED_BYTES = 500 * 1000 * 1000
READY_SECONDS = 120.0
APPS = ("perfmgmt", "goals", "reviews", "incentives", "analytics")


class Stopped(BaseException):
    """Ctrl-C or a termination signal."""


def say(text: str = "") -> None:
    """Print a line now; a closed terminal is no reason to fall over."""
    with suppress(BrokenPipeError):
        print(text, flush=True)


def _on_signal(number: int, frame: FrameType | None) -> None:
    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, signal.SIG_IGN)  # once is enough: stopping must not be interrupted
    raise Stopped


@contextmanager
def step(title: str) -> Iterator[None]:
    """Name a step when it begins, and its duration when it is done."""
    began = time.monotonic()
    with suppress(BrokenPipeError):
        print(f"  {title} ...", end="", flush=True)
    yield
    say(f" {time.monotonic() - began:.1f} s")


def address() -> tuple[str, int]:
    """HOST and PORT of the environment, checked."""
    host, text = os.environ.get("HOST") or "127.0.0.1", os.environ.get("PORT") or "8000"
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise EmbeddedError(f"PORT={text} is not a port number (1 to 65535).")
    return host, int(text)


def check_port(host: str, port: int, patience: float = 2.0) -> None:
    """Refuse a taken port before anything is started; a server that is just stopping gets a moment."""
    found: list[OSError | None] = []

    def free() -> bool:
        found.append(_bind_error(host, port))
        return found[-1] is None or found[-1].errno != errno.EADDRINUSE

    if wait_until(free, patience):
        error = found[-1]
        if error is None:
            return
        raise EmbeddedError(f"Cannot listen on {host}:{port}: {error.strerror or error}.")
    near = range(port + 1, min(port + 50, 65536))
    other = next((each for each in near if _bind_error(host, each) is None), "...")
    raise EmbeddedError(f"Port {port} is taken by another program. Choose another: PORT={other} make run")


def _bind_error(host: str, port: int) -> OSError | None:
    try:
        family, kind, _, _, target = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(target)
    except OSError as error:
        return error
    return None


def check_disk(folder: Path) -> None:
    """Refuse to start on a nearly full disk, where PostgreSQL would stop in the middle of something."""
    free = shutil.disk_usage(folder).free
    if free < NEEDED_BYTES:
        left, needed = free // 1_000_000, NEEDED_BYTES // 1_000_000
        raise EmbeddedError(f"The disk is full: {left} MB left below {folder}, {needed} MB needed.")


def claim_instance(layout: Layout, url: str) -> int:
    """One supervisor per data directory; returns the open lock, which the kernel drops with the process."""
    path = layout.run / "instance.lock"
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        pid, _, where = path.read_text().strip().partition(" ")
        raise EmbeddedError(
            f"perfmgmt already runs on this data: {where} (process {pid}, data in {layout.base}). "
            "Stop that one first, or give this one its own: PERFMGMT_VAR=... PORT=... make run"
        ) from error
    os.ftruncate(handle, 0)
    os.write(handle, f"{os.getpid()} {url}\n".encode())
    return handle


def manage(*arguments: str, show: bool = False) -> str:
    """Run a management command; its output is returned, and shown in full when it fails."""
    command = [sys.executable, str(CHECKOUT / "manage.py"), *arguments]
    process = subprocess.Popen(
        command,
        cwd=CHECKOUT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=None if show else subprocess.STDOUT,
        start_new_session=True,
        text=True,
        encoding="utf-8",
        errors="replace",
    )
    try:
        output, _ = process.communicate()
    except BaseException:
        process.terminate()
        process.wait()
        raise
    if process.returncode != 0:
        say()
        if "No space left on device" in output:
            raise EmbeddedError("The disk is full: no space left on device.")
        say(output.strip()[-6000:])
        raise EmbeddedError(f"`manage.py {' '.join(arguments)}` failed (exit code {process.returncode}).")
    return output


def _answers(url: str) -> bool:
    """Ready by its own word; an application without that page yet counts by answering at all."""
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310 - our own address
            return int(answer.status) == 200
    except urllib.error.HTTPError as error:
        return error.code == 404
    except OSError:
        return False


def await_ready(children: list[Child], url: str) -> None:
    """Wait for the first good answer, looking after the programs meanwhile."""
    deadline = time.monotonic() + READY_SECONDS
    while not _answers(f"{url}/health/ready"):
        for child in children:
            child.look_after(say)
            if child.deaths >= 3:
                raise EmbeddedError(f"{child.name} does not start: {last_lines(child.log)} (see {child.log})")
        if time.monotonic() > deadline:
            raise EmbeddedError(f"{url} does not become ready; see {children[0].log}")
        time.sleep(0.1)


def sign_ins() -> str:
    """Make the demo company on a first start; what it prints are the sign-ins."""
    found = [path for app in APPS for path in (CHECKOUT / app).glob("**/management/commands/demo.py")]
    return manage("demo", "--if-empty", show=True).strip() if found else ""


def supervise(children: list[Child], servers: Servers) -> None:
    """Keep everything running until a signal comes."""
    told = ""
    while True:
        for child in children:
            child.look_after(say)
        if any(servers.values()):
            try:
                for name in ensure_running(**servers):
                    say(f"{name} had stopped and was started again.")
                told = ""
            except EmbeddedError as error:
                if str(error) != told:
                    say(str(error))
                told = str(error)
        time.sleep(0.5)


def run() -> None:
    """Everything, in order; raises Stopped when it is asked to end."""
    host, port = address()
    # an address that means "all" cannot be visited; the loopback one is among them
    visible = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared only
    url = f"http://{_bracket(visible)}:{port}"
    layout = Layout.of()
    layout.create()
    check_disk(layout.base)
    claim_instance(layout, url)
    check_port(host, port)
    servers = needed()
    children = programs(layout, f"{_bracket(host)}:{port}")
    lease = None
    try:
        if any(servers.values()):
            with step("PostgreSQL and Redis"):
                lease = hold(**servers)
        with step("Migrations"):
            manage("migrate", "--no-input")
        with step("Web, workers and beat"):
            for child in children:
                child.start()
            await_ready(children, url)
        lines = ""
        if os.environ.get("PERFMGMT_DEMO") != "0":
            with step("Demo company"):
                lines = sign_ins()
        _announce(url, layout, lines)
        supervise(children, servers)
    finally:
        say("\nStopping ...")
        stop_all(children)
        if lease:
            lease.release()


def _bracket(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _announce(url: str, layout: Layout, lines: str) -> None:
    rule = "-" * 72
    say(f"\n{rule}\n  perfmgmt is ready:  {url}\n")
    if lines:
        say("\n".join(f"  {line}".rstrip() for line in lines.splitlines()) + "\n")
    say(f"  Data in {layout.base}, logs in {layout.log}.  Ctrl-C stops everything.\n{rule}")


def main() -> int:
    """Run until asked to stop; errors that people meet are one line."""
    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, _on_signal)
    try:
        run()
    except Stopped:
        say("Stopped.")
        return 0
    except EmbeddedError as error:
        print(f"\n{error}", file=sys.stderr)
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        text = "The disk is full: no space left on device." if full else f"{error}"
        print(f"\n{text}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
