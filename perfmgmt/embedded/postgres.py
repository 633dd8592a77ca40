"""The embedded PostgreSQL server: first start, start, stop. Callers hold the mutex (see lease.py)."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import psycopg2

from perfmgmt.embedded import account as accounts
from perfmgmt.embedded.paths import ADMIN_ROLE, DATABASE, EmbeddedError, Layout, secret, urls
from perfmgmt.embedded.processes import last_lines, read_pid, send, servers_in, trim_log, wait_until
from perfmgmt.tenants.bootstrap import APP_ROLE, OWNER_ROLE, BootstrapError, create_roles

Say = Callable[[str], None]

# For a laptop: enough for millions of facts, small enough to forget about.
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "work_mem": "32MB",
    "maintenance_work_mem": "256MB",
    "effective_cache_size": "1GB",
    "max_wal_size": "4GB",
    "checkpoint_timeout": "15min",
    "wal_compression": "on",
    "jit": "off",
    "password_encryption": "scram-sha-256",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %q%u@%d ",
    "lc_messages": "C",
}
# For tests, whose data nobody misses after a power cut. Commits still reach the kernel at once
# (synchronous_commit stays on, and costs nothing without fsync): a killed server must not forget them.
FAST = {"fsync": "off", "full_page_writes": "off"}
SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 - only its size is read
READY, STARTING = 0, 1
ANSWER_SECONDS = 60.0
_children: list[subprocess.Popen[bytes]] = []


def is_up(layout: Layout) -> bool:
    """Whether the server takes connections."""
    return _status(layout) == READY


def _status(layout: Layout) -> int:
    for child in list(_children):
        if child.poll() is not None:  # reaps it, so that a dead server is not taken for a living one
            _children.remove(child)
    if not (layout.postgres_socket / ".s.PGSQL.5432").exists():
        return 2
    command = [
        str(accounts.installed_bin() / "pg_isready"),
        "-q",
        "-t",
        "3",
        "-h",
        str(layout.postgres_socket),
    ]
    return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False).returncode


def start(layout: Layout, say: Say) -> None:
    """Start the server; on the first call make its data, roles and database."""
    if is_up(layout):
        return
    account = accounts.choose(layout)
    if not layout.data.exists():
        say("Creating the database cluster")
        _initdb(layout, account)
    account.own(layout.data)
    _socket_directory(layout, account)
    child = None
    if not _clear_after_crash(layout):
        child = _launch(layout, account)
        _children.append(child)
    _await_ready(layout, child, say)
    try:
        create_roles(
            urls(layout.base).admin,
            database=DATABASE,
            owner_password=secret(OWNER_ROLE, layout.base),
            app_password=secret(APP_ROLE, layout.base),
        )
    except psycopg2.OperationalError as error:
        if "password authentication failed" in str(error):
            message = f"The passwords in {layout.secrets} are not those of the data in {layout.data}."
            raise EmbeddedError(message) from error
        raise EmbeddedError(f"PostgreSQL: {' '.join(str(error).split())}") from error
    except (psycopg2.Error, BootstrapError) as error:
        raise EmbeddedError(f"PostgreSQL: {' '.join(str(error).split())}") from error


def stop(layout: Layout) -> None:
    """Stop the server: fast, then immediate, then by force."""
    for number, seconds in ((signal.SIGINT, 60.0), (signal.SIGQUIT, 15.0), (signal.SIGKILL, 15.0)):
        found = _processes(layout)
        if not found:
            break
        send(found if number == signal.SIGKILL else found[:1], number)
        if wait_until(lambda: not _processes(layout), seconds):
            break
    for child in list(_children):
        child.poll()
    _status(layout)


def _processes(layout: Layout) -> list[int]:
    for child in _children:
        child.poll()
    return servers_in(layout.data, layout.data / "postmaster.pid")


def _initdb(layout: Layout, account: accounts.Account) -> None:
    """Make the cluster beside its final place: an interrupted first start leaves nothing half-done."""
    draft = layout.postgres / "data.new"
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(mode=0o700)
    account.own(draft)
    password = draft.with_name("password")
    password.touch(mode=0o600)
    password.write_text(secret(ADMIN_ROLE, layout.base) + "\n")
    account.own(password)
    command = account.command(
        "initdb",
        f"--pgdata={draft}",
        f"--username={ADMIN_ROLE}",
        f"--pwfile={password}",
        "--auth=scram-sha-256",
        "--encoding=UTF8",
        "--locale=C",
        "--data-checksums",
        *(["--no-sync"] if _fast() else []),
    )
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False, **account.popen)
    finally:
        password.unlink()
    if done.returncode != 0:
        shutil.rmtree(draft, ignore_errors=True)
        output = (done.stdout + done.stderr).decode(errors="replace")
        raise EmbeddedError(_explain("PostgreSQL could not create its data", output.strip()[-300:]))
    draft.replace(layout.data)


def _socket_directory(layout: Layout, account: accounts.Account) -> None:
    layout.create_sockets()
    layout.postgres_socket.mkdir(mode=0o700, exist_ok=True)
    account.own(layout.postgres_socket)


def _clear_after_crash(layout: Layout) -> bool:
    """Whether a main process still runs. If not, end what it left behind, so that a start is not refused."""
    found = _processes(layout)
    pid_file = layout.data / "postmaster.pid"
    if found and found[0] == read_pid(pid_file):
        return True
    if found:
        send(found, signal.SIGKILL)
        wait_until(lambda: not _processes(layout), 10)
    pid_file.unlink(missing_ok=True)
    for leftover in layout.postgres_socket.glob(".s.PGSQL.*"):
        leftover.unlink(missing_ok=True)
    return False


def _launch(layout: Layout, account: accounts.Account) -> subprocess.Popen[bytes]:
    settings = {**SETTINGS, **(FAST if _fast() else {})}
    settings["unix_socket_directories"] = str(layout.postgres_socket)
    if SHARED_MEMORY.is_dir() and shutil.disk_usage(SHARED_MEMORY).total < 512 * 1024 * 1024:
        settings["dynamic_shared_memory_type"] = "mmap"  # containers get 64 MB, too little to sort in
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    log = _log(layout)
    trim_log(log)
    with log.open("ab") as output:
        # its own session: Ctrl-C at the terminal must not reach it
        return subprocess.Popen(
            account.command("postgres", "-D", str(layout.data), *options),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            **account.popen,
        )


def _await_ready(layout: Layout, child: subprocess.Popen[bytes] | None, say: Say) -> None:
    deadline = time.monotonic() + ANSWER_SECONDS
    told = False
    while (status := _status(layout)) != READY:
        gone = child.poll() is not None if child else not _processes(layout)
        if gone or time.monotonic() > deadline:
            raise EmbeddedError(_explain("PostgreSQL did not start", last_lines(_log(layout))))
        if status == STARTING:  # replaying its log after a crash takes as long as it takes
            deadline = time.monotonic() + ANSWER_SECONDS
            if not told:
                say("PostgreSQL is starting up")
            told = True
        time.sleep(0.05)


def _explain(what: str, output: str) -> str:
    if "No space left on device" in output:
        return f"{what}: the disk is full."
    return f"{what}: {' '.join(output.split())}"


def _log(layout: Layout) -> Path:
    return layout.log / "postgresql.log"


def _fast() -> bool:
    return os.environ.get("PERFMGMT_PG_FAST") == "1"
