"""PostgreSQL's own pg_dump and pg_restore: which of them fits the server, and running them as the administrator."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import psycopg2
from psycopg2.extensions import make_dsn, parse_dsn

from perfmgmt import embedded
from perfmgmt.embedded.account import installed_bin


class BackupError(Exception):
    """A backup or restore can't go on; the message is one line for the operator."""


# How libpq's programs are told where to connect: by the environment, because a command line is there for all to see.
_VARIABLES = {
    "host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD", "dbname": "PGDATABASE",
    "sslmode": "PGSSLMODE", "sslrootcert": "PGSSLROOTCERT", "sslcert": "PGSSLCERT", "sslkey": "PGSSLKEY",
}  # fmt: skip


def admin_dsn() -> str:
    """Return how the administrator connects: ADMIN_DATABASE_URL, else the embedded server's.

    Raises BackupError when the server is not the embedded one and the variable is missing.
    """
    given = os.environ.get("ADMIN_DATABASE_URL", "")
    if given:
        return given
    if os.environ.get("DATABASE_URL"):
        raise BackupError(
            "Set ADMIN_DATABASE_URL: only a role that row-level security does not bind can read every workspace."
        )
    return embedded.urls().admin


def server_major(dsn: str) -> int:
    """Return the main version of the server; BackupError when it can't be reached."""
    try:
        connection = psycopg2.connect(dsn, connect_timeout=10)
    except psycopg2.OperationalError as error:
        raise BackupError(f"PostgreSQL: {' '.join(str(error).split())}") from error
    try:
        return int(connection.server_version) // 10_000
    finally:
        connection.close()


def find(name: str, at_least: int) -> str:
    """Return the path of a program of version `at_least` or newer: on PATH, else of the embedded server."""
    found: dict[int, str] = {}
    for path in _candidates(name):
        done = subprocess.run([path, "--version"], capture_output=True, text=True, check=False)
        if match := re.search(r" (\d+)", done.stdout):
            found.setdefault(int(match[1]), path)
    good = [major for major in found if major >= at_least]
    if good:
        return found[min(good)]  # the nearest, because an older pg_restore does not read what a newer pg_dump wrote
    if found:
        raise BackupError(f"{name} is of version {max(found)}, the server needs {at_least}: install a newer client.")
    raise BackupError(f"{name} is missing: install the PostgreSQL client programs of version {at_least} or newer.")


def _candidates(name: str) -> list[str]:
    on_path = shutil.which(name)
    try:
        in_wheel: Path | None = installed_bin() / name
    except embedded.EmbeddedError:
        in_wheel = None
    return [path for path in (on_path, str(in_wheel) if in_wheel else None) if path and os.access(path, os.X_OK)]


def run(program: str, dsn: str, database: str, *arguments: str) -> None:
    """Run a program on a database as the administrator; BackupError with the first line it complains with."""
    parts = parse_dsn(make_dsn(dsn, dbname=database))
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PG")}
    environment |= {_VARIABLES[key]: value for key, value in parts.items() if key in _VARIABLES}
    command = [program, "--no-password", *arguments]
    done = subprocess.run(
        command, env={**environment, "LC_ALL": "C"}, stdin=subprocess.DEVNULL, capture_output=True, check=False
    )
    if done.returncode == 0:
        return
    output = done.stderr.decode(errors="replace")
    if "No space left on device" in output:
        raise BackupError("The disk is full: no space left on device.")
    if "row-level security" in output:
        raise BackupError("The role of ADMIN_DATABASE_URL is bound by row-level security: use a superuser.")
    lines = [line for line in output.splitlines() if "error" in line] or output.splitlines() or ["it was ended"]
    raise BackupError(lines[0])
