"""The two database roles the walls between workspaces rest on, for any PostgreSQL from 16 on.

`perfmgmt_owner` owns the database and migrates it. `perfmgmt_app` is what the application signs in as: it
owns nothing and cannot bypass row-level security. Plain psycopg2, no Django, and safe to run again.
"""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg2
from psycopg2 import sql
from psycopg2.extensions import ISOLATION_LEVEL_AUTOCOMMIT, cursor, encrypt_password, make_dsn

OWNER_ROLE = "perfmgmt_owner"
APP_ROLE = "perfmgmt_app"


class BootstrapError(Exception):
    """The server is not as the roles need it; the message says what to change."""


def create_roles(
    admin_dsn: str, *, database: str, owner_password: str | None = None, app_password: str | None = None
) -> dict[str, str | None]:
    """Make both roles and the database; returns the password of each role.

    Without a given password a new role gets a random one, and an existing role keeps its own (None).
    """
    with _connected(admin_dsn) as run:
        passwords = {
            OWNER_ROLE: _role(run, OWNER_ROLE, owner_password, "CREATEDB"),
            APP_ROLE: _role(run, APP_ROLE, app_password, "NOCREATEDB"),
        }
    prepare_database(admin_dsn, database)
    return passwords


def prepare_database(admin_dsn: str, database: str) -> None:
    """Make `database`, owned by the owner role and usable by the application's; the roles exist."""
    with _connected(admin_dsn) as run:
        run.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        (superuser,) = run.fetchone() or (False,)
        if not superuser:  # managed servers: only a member may create objects for the owner role
            run.execute(sql.SQL("GRANT {} TO CURRENT_USER").format(sql.Identifier(OWNER_ROLE)))
        run.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database])
        names = {"db": sql.Identifier(database), "owner": sql.Identifier(OWNER_ROLE)}
        if run.fetchone() is None:
            # template0: the one template that may have another encoding than ours
            statement = "CREATE DATABASE {db} OWNER {owner} TEMPLATE template0 ENCODING 'UTF8'"
            run.execute(sql.SQL(statement).format(**names))
        run.execute(
            sql.SQL(
                "REVOKE ALL ON DATABASE {db} FROM PUBLIC; GRANT CONNECT, TEMPORARY ON DATABASE {db} TO {app}"
            ).format(app=sql.Identifier(APP_ROLE), **names)
        )
    with _connected(make_dsn(admin_dsn, dbname=database)) as run:
        _defaults(run)


def grant_defaults(owner_dsn: str) -> None:
    """Inside one database, as its owner: what the application may do with tables made from now on.

    Only with later tables. Granting on existing ones would undo what migrations took away from some of
    them (event tables can only be inserted into).
    """
    with _connected(owner_dsn) as run:
        _defaults(run)


def _defaults(run: cursor) -> None:
    statements = (
        "REVOKE CREATE ON SCHEMA public FROM PUBLIC",
        "GRANT USAGE, CREATE ON SCHEMA public TO {owner}",
        "GRANT USAGE ON SCHEMA public TO {app}",
        "ALTER DEFAULT PRIVILEGES FOR ROLE {owner} IN SCHEMA public"
        " GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {app}",
        "ALTER DEFAULT PRIVILEGES FOR ROLE {owner} IN SCHEMA public GRANT USAGE ON SEQUENCES TO {app}",
    )
    names = {"owner": sql.Identifier(OWNER_ROLE), "app": sql.Identifier(APP_ROLE)}
    for statement in statements:
        run.execute(sql.SQL(statement).format(**names))


def _role(run: cursor, name: str, password: str | None, option: str) -> str | None:
    """Make or correct one role. Superuser and BYPASSRLS are what it must never have."""
    run.execute("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = %s", [name])
    found = run.fetchone()
    identifier = sql.Identifier(name)
    if found is None:
        password = password or secrets.token_urlsafe(32)
        run.execute(sql.SQL("CREATE ROLE {} LOGIN " + option).format(identifier))
    elif found[0]:
        try:
            run.execute(sql.SQL("ALTER ROLE {} NOSUPERUSER NOBYPASSRLS").format(identifier))
        except psycopg2.errors.InsufficientPrivilege as error:
            raise BootstrapError(f"Role {name} can bypass row-level security: take that away first.") from error
    if password is not None:
        # encrypted here, so that the server's log never shows it in the clear
        verifier = encrypt_password(password, name, run.connection, "scram-sha-256")
        run.execute(sql.SQL("ALTER ROLE {} PASSWORD %s").format(identifier), [verifier])
    return password


@contextmanager
def _connected(dsn: str) -> Iterator[cursor]:
    connection = psycopg2.connect(dsn, connect_timeout=10)
    try:
        connection.set_isolation_level(ISOLATION_LEVEL_AUTOCOMMIT)  # CREATE DATABASE wants no transaction
        with connection.cursor() as run:
            yield run
    finally:
        connection.close()
