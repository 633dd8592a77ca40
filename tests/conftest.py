"""Databases, workspaces and people for every test."""

import fcntl
import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from django.conf import settings
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.core.cache import cache
from django.core.management import call_command
from django.db import connections
from django.test import Client
from django.utils import translation
from hypothesis import settings as hypothesis_settings

from perfmgmt.tenants.bootstrap import prepare_database
from tests import kept, servers
from tests.factories import Company
from tests.mailbox import mailbox

# How long an example takes says something about the machine, not about the code.
hypothesis_settings.register_profile("perfmgmt", deadline=None)
hypothesis_settings.load_profile("perfmgmt")

# What a hash costs is no behaviour; that it is Argon2, is.
Argon2PasswordHasher.time_cost, Argon2PasswordHasher.memory_cost = 1, 64

__all__ = ["mailbox"]  # a fixture of another module, for every test

CRM = servers.ROOT.parent / "shared" / "data" / "crm"


@contextmanager
def admin_cursor(database: str = "postgres") -> Iterator[Any]:
    """A cursor of the administrator, each statement committed at once."""
    connection = psycopg2.connect(servers.with_database(servers.ADMIN, database))
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            yield cursor
    finally:
        connection.close()


def _template() -> str:
    """Return the name of a migrated database to copy, made once per state of the migrations."""
    files = sorted(p for p in servers.ROOT.glob("**/migrations/*.py") if ".venv" not in p.parts)
    files += [servers.ROOT / "perfmgmt/tenants/rls.py", servers.ROOT / "perfmgmt/tenants/bootstrap.py"]
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()[:12]
    name = f"template_{digest}"
    with (Path(settings.VAR_DIR) / "template.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with admin_cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
            if cursor.fetchone() is None:
                draft = f"{name}_draft"
                cursor.execute(f'DROP DATABASE IF EXISTS "{draft}" WITH (FORCE)')
                prepare_database(servers.ADMIN, draft)
                _migrate(draft)
                cursor.execute(f'ALTER DATABASE "{draft}" RENAME TO "{name}"')
    return name


def _migrate(database: str) -> None:
    for alias in ("default", "owner"):
        connections[alias].close()
        connections[alias].settings_dict["NAME"] = database
    call_command("migrate", verbosity=0, interactive=False)
    for alias in ("default", "owner"):
        connections[alias].close()
        connections[alias].settings_dict["NAME"] = servers.DATABASE


def fresh_database(name: str) -> None:
    """Create a migrated, empty database, dropping what was there."""
    template = _template()
    with admin_cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" OWNER perfmgmt_owner')


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker: Any) -> Iterator[None]:
    """Replaces pytest-django's: the application's role may not create databases."""
    with django_db_blocker.unblock():
        fresh_database(servers.DATABASE)
        with admin_cursor(servers.DATABASE) as cursor:
            kept.keep(cursor, ("acme", "globex"), Company.build, _EMPTY)
            cursor.execute(_COUNT_ANEW)
    yield
    connections.close_all()


@pytest.fixture(autouse=True)
def _empty_cache() -> Iterator[None]:
    yield
    cache.clear()


@pytest.fixture(autouse=True)
def _own_language() -> Iterator[None]:
    """A request of the test client leaves its language active for whatever the same process tests next."""
    translation.activate("en")
    yield
    translation.deactivate()


#: Most tests fill a few tables: emptying these row by row takes a tenth of what TRUNCATE of all of them does.
_EMPTY = """
DO $$
DECLARE one text;
BEGIN
    SET LOCAL session_replication_role = replica;
    FOR one IN SELECT format('%I', tablename) FROM pg_tables WHERE schemaname = 'public'
        AND tablename NOT IN ('django_migrations', 'django_content_type', 'auth_permission')
    LOOP
        EXECUTE 'DELETE FROM ' || one;
    END LOOP;
END $$
"""

_COUNT_ANEW = f"""
SELECT setval(format('%I', sequencename)::regclass, {kept.FIRST_ID}, false) FROM pg_sequences
    WHERE schemaname = 'public' AND last_value IS NOT NULL
    AND sequencename NOT IN ('django_migrations_id_seq', 'django_content_type_id_seq', 'auth_permission_id_seq')
"""


def empty_database() -> None:
    """Remove every row, as the administrator, and begin to count anew; what migrations filled stays."""
    connections.close_all()
    with admin_cursor(servers.DATABASE) as cursor:
        cursor.execute(_EMPTY)
        cursor.execute(_COUNT_ANEW)


@pytest.fixture
def committed(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """For tests in which other connections must see the data: real commits, emptied by the owner afterwards."""
    with django_db_blocker.unblock():
        try:
            yield
        finally:
            empty_database()


@pytest.fixture
def company(db: None) -> Company:
    """A workspace `acme`: owner, HR, a manager with two assistants, a second team, and the metric library."""
    return Company.create("acme")


@pytest.fixture
def other_company(db: None) -> Company:
    """A second workspace, `globex`, of the same shape."""
    return Company.create("globex")


@pytest.fixture
def sign_in() -> Callable[[Any], Client]:
    """Return a client that is signed in as a user."""

    def enter(user: Any) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return enter


@pytest.fixture(scope="session")
def crm() -> Path:
    """The real CRM data beside the checkout."""
    if not CRM.is_dir():
        pytest.skip("the CRM data (shared/data/crm) is not beside this checkout")
    return CRM
