"""Backup and restore of the whole installation: database and uploaded files."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

import psycopg2
from django.conf import settings
from django.core.management import call_command
from django.db import connections
from django.db.migrations.loader import MigrationLoader
from psycopg2 import sql
from psycopg2.extensions import make_dsn

from perfmgmt.backup import archive, programs
from perfmgmt.backup.archive import Manifest
from perfmgmt.backup.programs import BackupError
from perfmgmt.tenants.bootstrap import APP_ROLE, OWNER_ROLE, prepare_database


def back_up(target: Path) -> Manifest:
    """Write one archive to `target`, which must not exist; return its manifest.

    The dump is of one moment; files are added after it, so that every file the dump speaks of is there. A backup that
    fails leaves nothing behind.
    """
    if target.exists():
        raise BackupError(f"{target} exists: choose another name.")
    if not target.parent.is_dir():
        raise BackupError(f"{target.parent} is not a directory.")
    dsn, database = programs.admin_dsn(), _database()
    major = programs.server_major(dsn)
    pg_dump = programs.find("pg_dump", major)
    manifest = Manifest(archive.FORMAT, _version(), datetime.now(UTC).isoformat(), major, _applied(dsn, database))
    with _workplace(target.parent) as folder:
        dump, draft = folder / archive.DUMP, folder / "archive.tar"
        programs.run(pg_dump, dsn, database, "--format=custom", f"--file={dump}")
        draft.touch(mode=0o600)
        archive.write(draft, dump, Path(settings.MEDIA_ROOT), manifest)
        _sync(draft)
        try:
            os.link(draft, target)  # refuses a name that somebody else took meanwhile
        except FileExistsError as error:
            raise BackupError(f"{target} exists: choose another name.") from error
    return manifest


def restore(source: Path, *, replace: bool) -> int:
    """Put the archive in the place of database and files; return how many files it had.

    The archive is verified first, then restored beside what is there, which is exchanged as the last step: until then
    a failure changes nothing. Raises BackupError; with data there, unless `replace`, too.
    """
    manifest = archive.verify(source)
    dsn, database = programs.admin_dsn(), _database()
    _refuse_newer(manifest)
    if "owner" not in settings.DATABASES:
        raise BackupError("MIGRATION_DATABASE_URL is not set: a restore ends with migrations.")
    major = programs.server_major(dsn)
    if major < manifest.server_major:
        raise BackupError(f"The backup is of PostgreSQL {manifest.server_major}, this server is version {major}.")
    pg_restore = programs.find("pg_restore", manifest.server_major)
    connections.close_all()
    _refuse_data_or_use(dsn, database, replace=replace)
    root = Path(settings.MEDIA_ROOT)
    root.parent.mkdir(parents=True, exist_ok=True)
    draft = f"{database}_restoring"
    with _workplace(root.parent) as folder:
        count = archive.extract(source, folder / archive.DUMP, folder / "files")
        try:
            _drop(dsn, draft)
            prepare_database(dsn, draft)
            arguments = ("--exit-on-error", f"--dbname={draft}", str(folder / archive.DUMP))
            programs.run(pg_restore, dsn, draft, *arguments)
            _exchange(dsn, database, draft)
        finally:
            _drop(dsn, draft)
        if root.exists():
            root.rename(folder / "files.former")
        (folder / "files").rename(root)
    call_command("migrate", verbosity=0, interactive=False)
    return count


def _database() -> str:
    return str(settings.DATABASES["default"]["NAME"])


def _version() -> str:
    try:
        return metadata.version("perfmgmt")
    except metadata.PackageNotFoundError:  # run from a checkout, as always today
        return "checkout"


@contextmanager
def _workplace(parent: Path) -> Iterator[Path]:
    """A directory on the same disk as the result, for this account only, removed at the end."""
    folder = Path(tempfile.mkdtemp(prefix=".perfmgmt-", dir=parent))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _sync(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _ask(dsn: str, database: str, statement: Any, *params: Any) -> list[tuple[Any, ...]]:
    """Run one statement as the administrator, committed by itself; return its rows."""
    connection = psycopg2.connect(make_dsn(dsn, dbname=database), connect_timeout=10)
    try:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(statement, params or None)
            return list(cursor.fetchall()) if cursor.description else []
    except psycopg2.Error as error:
        raise BackupError(f"PostgreSQL: {' '.join(str(error).split())}") from error
    finally:
        connection.close()


def _applied(dsn: str, database: str) -> list[list[str]]:
    if not _ask(dsn, database, "SELECT 1 WHERE to_regclass('django_migrations') IS NOT NULL"):
        raise BackupError(f"The database {database} is empty: there is nothing to back up.")
    return [list(row) for row in _ask(dsn, database, "SELECT app, name FROM django_migrations ORDER BY id")]


def _refuse_newer(manifest: Manifest) -> None:
    known = MigrationLoader(None, ignore_no_migrations=True)
    # what migrations replaced counts as known
    names = set(known.disk_migrations) | {old for new in known.replacements.values() for old in new.replaces}
    unknown = [f"{app}.{name}" for app, name in manifest.migrations if (app, name) not in names]
    if unknown:
        raise BackupError(f"The backup was made by a newer version: {unknown[0]} is not known here. Upgrade first.")


def _refuse_data_or_use(dsn: str, database: str, *, replace: bool) -> None:
    roles = _ask(dsn, "postgres", "SELECT rolname FROM pg_roles WHERE rolname = ANY(%s)", [OWNER_ROLE, APP_ROLE])
    if len(roles) != 2:
        raise BackupError("The two roles are missing on this server: run manage.py bootstrap_database first.")
    if not _ask(dsn, "postgres", "SELECT 1 FROM pg_database WHERE datname = %s", database):
        return
    if not replace and _holds_data(dsn, database):
        raise BackupError("This installation has data. --replace puts the backup in their place; they are lost then.")
    used = _ask(
        dsn, "postgres",
        "SELECT count(*) FROM pg_stat_activity WHERE datname = %s AND backend_type = 'client backend'", database,
    )  # fmt: skip
    if used[0][0]:
        raise BackupError(f"The database has {used[0][0]} open connections: stop web, workers and beat first.")


def _holds_data(dsn: str, database: str) -> bool:
    """Whether there is a workspace, an account or an uploaded file."""
    for table in ("tenants_tenant", "people_user"):
        if _ask(dsn, database, "SELECT 1 WHERE to_regclass(%s) IS NOT NULL", table) and _ask(
            dsn, database, sql.SQL("SELECT 1 FROM {} LIMIT 1").format(sql.Identifier(table))
        ):
            return True
    root = Path(settings.MEDIA_ROOT)
    return root.is_dir() and any(path.is_file() for path in root.rglob("*"))


def _drop(dsn: str, database: str) -> None:
    _ask(dsn, "postgres", sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(database)))


def _exchange(dsn: str, database: str, draft: str) -> None:
    """Give the draft the name of the database; what had the name is dropped afterwards, and put back on a failure."""
    former = f"{database}_former"
    rename = sql.SQL("ALTER DATABASE {} RENAME TO {}")
    there = bool(_ask(dsn, "postgres", "SELECT 1 FROM pg_database WHERE datname = %s", database))
    if there:
        _drop(dsn, former)
        _ask(dsn, "postgres", rename.format(sql.Identifier(database), sql.Identifier(former)))
    try:
        _ask(dsn, "postgres", rename.format(sql.Identifier(draft), sql.Identifier(database)))
    except BackupError:
        if there:
            _ask(dsn, "postgres", rename.format(sql.Identifier(former), sql.Identifier(database)))
        raise
    _drop(dsn, former)
