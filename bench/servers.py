"""Servers and databases of the benchmarks' own: `var/bench`, written as durably as the product writes.

`prepare()` must run before Django's settings are read.
"""

import contextlib
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg2

from perfmgmt import embedded
from perfmgmt.tenants.bootstrap import prepare_database

ROOT = Path(__file__).resolve().parent.parent
PARTS = (
    "",
    "_small",
    "_imports",
    "_people",
    "_forecasts",
    "_goals",
    "_grid",
    "_scores",
    "_many_scores",
    "_few_scores",
    "_adjusted",
    "_cycles",
    "_mails",
    "_results",
)
NAMES = tuple(f"bench_{os.getpid()}{part}" for part in PARTS)
LARGE, SMALL, IMPORTS, PEOPLE_ONLY, FORECASTS, GOALS, GRID = NAMES[:7]
SCORES, MANY_SCORES, FEW_SCORES, ADJUSTED, CYCLES, MAILS, RESULTS = NAMES[7:]
_connections: dict[str, Any] = {}


def with_database(url: str, name: str) -> str:
    """Return the libpq URI `url` pointing at another database of the same server."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


def environment(base: Path, database: str) -> dict[str, str]:
    """Return the environment in which the product uses a database of the servers below `base`."""
    urls = embedded.urls(base)
    return {
        "PERFMGMT_VAR": str(base),
        "DJANGO_SETTINGS_MODULE": "perfmgmt.settings",
        "PERFMGMT_ENV": "local",
        "LOG_LEVEL": "WARNING",
        "DATABASE_URL": with_database(urls.app, database),
        "MIGRATION_DATABASE_URL": with_database(urls.owner, database),
        "REDIS_URL": urls.redis,
    }


@contextlib.contextmanager
def prepared() -> Iterator[None]:
    """Start the servers, make migrated databases, set Django up; drop the databases afterwards."""
    base = Path(os.environ.get("PERFMGMT_VAR") or ROOT / "var" / "bench").resolve()
    os.environ.pop("PERFMGMT_PG_FAST", None)
    with embedded.hold(base):
        os.environ.update(environment(base, LARGE))
        try:
            _make_databases(base)
            yield
        finally:
            _close_connections()
            _drop(*NAMES)


def _make_databases(base: Path) -> None:
    import django

    admin = embedded.urls(base).admin
    _drop_abandoned()
    prepare_database(admin, LARGE)
    django.setup()
    from django.core.management import call_command
    from django.db import connections

    call_command("migrate", verbosity=0, interactive=False)
    connections.close_all()
    with admin_cursor("postgres") as cursor:
        for name in NAMES[1:]:
            cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE "{LARGE}" OWNER perfmgmt_owner')
    for name in NAMES[1:]:
        prepare_database(admin, name)


@contextlib.contextmanager
def using(database: str) -> Iterator[None]:
    """Let Django's `default` be another of the databases; connections are kept for the next time."""
    from django.db import connections

    usual = connections["default"]
    if database not in _connections:
        _connections[database] = usual.copy("default")
        _connections[database].settings_dict["NAME"] = database
    connections["default"] = _connections[database]
    try:
        yield
    finally:
        connections["default"] = usual


def _close_connections() -> None:
    from django.db import connections

    connections.close_all()
    for connection in _connections.values():
        connection.close()


def admin_url(database: str) -> str:
    """Return the administrator's URL of a database."""
    return with_database(embedded.urls(Path(os.environ["PERFMGMT_VAR"])).admin, database)


@contextlib.contextmanager
def admin_cursor(database: str = "") -> Iterator[Any]:
    """A cursor of the administrator, whom no policy binds; each statement is committed at once."""
    connection = psycopg2.connect(admin_url(database or LARGE))
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            yield cursor
    finally:
        connection.close()


def vacuum(*tables: str, database: str = "") -> None:
    """Do what autovacuum does sooner or later, so that its moment does not decide a measurement."""
    with admin_cursor(database) as cursor:
        for table in tables:
            cursor.execute(f"VACUUM (ANALYZE) {table}")


def checkpoint() -> None:
    """Write out what earlier measurements left in memory."""
    with admin_cursor("postgres") as cursor:
        cursor.execute("CHECKPOINT")


def _drop(*names: str) -> None:
    with admin_cursor("postgres") as cursor:
        for name in names:
            cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def _drop_abandoned() -> None:
    """Remove the databases of runs that were killed."""
    with admin_cursor("postgres") as cursor:
        cursor.execute("SELECT datname FROM pg_database WHERE datname LIKE 'bench\\_%'")
        found = [(name, re.match(r"bench_(\d+)", name)) for (name,) in cursor.fetchall()]
    _drop(*(name for name, match in found if match and not Path(f"/proc/{match[1]}").exists()))
