"""The three roles of the database, and who may reach it at all."""

import os
import secrets
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg2
import pytest
from psycopg2.errors import InsufficientPrivilege
from psycopg2.extensions import make_dsn, parse_dsn

from perfmgmt import embedded
from perfmgmt.tenants.bootstrap import create_roles, grant_defaults, prepare_database
from tests.embedded.support import ROOT, data_folder, environment

pytestmark = pytest.mark.xdist_group("embedded")


@pytest.fixture(scope="module")
def server() -> Iterator[Path]:
    """One server for this file, on data of its own."""
    with data_folder() as folder, embedded.hold(folder / "var"):
        yield folder / "var"


@pytest.fixture
def urls(server: Path) -> embedded.Urls:
    """A fresh database for each test, reached as each role."""
    found = embedded.urls(server)
    name = f"t_{secrets.token_hex(4)}"
    prepare_database(found.admin, name)
    app, owner, admin = (make_dsn(each, dbname=name) for each in (found.app, found.owner, found.admin))
    return embedded.Urls(app=app, owner=owner, admin=admin, redis=found.redis)


def run(dsn: str, *statements: str) -> list[tuple[object, ...]]:
    with closing(psycopg2.connect(dsn)) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
            return cursor.fetchall() if cursor.description else []


def dbname(urls: embedded.Urls) -> str:
    return parse_dsn(urls.app)["dbname"]


def test_the_application_is_bound_by_row_level_security(urls: embedded.Urls) -> None:
    query = """SELECT rolname, rolsuper, rolbypassrls, rolcreaterole FROM pg_roles
               WHERE rolname IN ('perfmgmt_app', 'perfmgmt_owner')"""

    assert sorted(run(urls.admin, query)) == [
        ("perfmgmt_app", False, False, False),
        ("perfmgmt_owner", False, False, False),
    ]


def test_the_application_reads_and_writes_but_owns_nothing(urls: embedded.Urls) -> None:
    run(urls.owner, "CREATE TABLE thing (id bigint GENERATED ALWAYS AS IDENTITY, name text)")

    run(urls.app, "INSERT INTO thing (name) VALUES ('a')", "UPDATE thing SET name = 'b'")
    run(urls.app, "CREATE TEMPORARY TABLE staged AS SELECT * FROM thing")
    assert run(urls.app, "SELECT id, name FROM thing") == [(1, "b")]
    run(urls.app, "DELETE FROM thing")


@pytest.mark.parametrize(
    "statement",
    [
        "TRUNCATE thing",
        "DROP TABLE thing",
        "ALTER TABLE thing DISABLE ROW LEVEL SECURITY",
        "CREATE TABLE other (id int)",
        "CREATE DATABASE other",
        "SET ROLE perfmgmt_owner",
    ],
)
def test_the_application_may_not(urls: embedded.Urls, statement: str) -> None:
    run(urls.owner, "CREATE TABLE thing (id bigint)")

    with pytest.raises(InsufficientPrivilege):
        run(urls.app, statement)


def test_the_owner_may_copy_a_database(urls: embedded.Urls) -> None:
    template = f"{dbname(urls)}_template"
    prepare_database(urls.admin, template)
    run(make_dsn(urls.owner, dbname=template), "CREATE TABLE thing (id bigint)")

    run(urls.owner, f"CREATE DATABASE {template}_copy TEMPLATE {template}")

    assert run(make_dsn(urls.app, dbname=f"{template}_copy"), "SELECT count(*) FROM thing") == [(0,)]
    run(make_dsn(urls.owner, dbname=f"{template}_copy"), "CREATE TABLE later (id bigint)")
    assert run(make_dsn(urls.app, dbname=f"{template}_copy"), "SELECT count(*) FROM later") == [(0,)]


def test_bootstrap_again_changes_nothing_and_gives_nothing_back(urls: embedded.Urls) -> None:
    run(urls.owner, "CREATE TABLE event (id bigint)", "REVOKE UPDATE, DELETE ON event FROM perfmgmt_app")

    assert create_roles(urls.admin, database=dbname(urls)) == {"perfmgmt_owner": None, "perfmgmt_app": None}
    grant_defaults(urls.owner)

    run(urls.app, "INSERT INTO event VALUES (1)")
    with pytest.raises(InsufficientPrivilege):
        run(urls.app, "DELETE FROM event")


def test_bootstrap_takes_superuser_away(urls: embedded.Urls) -> None:
    run(urls.admin, "ALTER ROLE perfmgmt_app SUPERUSER BYPASSRLS")

    create_roles(urls.admin, database=dbname(urls))

    query = "SELECT rolsuper, rolbypassrls FROM pg_roles WHERE rolname = 'perfmgmt_app'"
    assert run(urls.admin, query) == [(False, False)]


def test_the_command_prints_both_urls(server: Path) -> None:
    command = [sys.executable, str(ROOT / "manage.py"), "bootstrap_database", "--database", "elsewhere"]
    passwords = {"PERFMGMT_OWNER_PASSWORD": "o/w n", "PERFMGMT_APP_PASSWORD": "a:p@p"}

    done = subprocess.run(
        [*command, "--admin-url", embedded.urls(server).admin],
        env=environment(server, **passwords),
        capture_output=True,
        text=True,
        check=True,
    )

    printed = dict(line.split("=", 1) for line in done.stdout.splitlines())
    assert sorted(printed) == ["DATABASE_URL", "MIGRATION_DATABASE_URL"]
    query = "SELECT current_user, current_database()"
    assert run(printed["DATABASE_URL"], query) == [("perfmgmt_app", "elsewhere")]
    assert run(printed["MIGRATION_DATABASE_URL"], query) == [("perfmgmt_owner", "elsewhere")]


def test_a_wrong_password_is_refused_and_no_port_is_open(urls: embedded.Urls) -> None:
    with pytest.raises(psycopg2.OperationalError, match="password authentication failed"):
        psycopg2.connect(urls.app, password="guess")

    assert run(urls.admin, "SHOW listen_addresses") == [("",)]
    assert run(urls.admin, "SELECT DISTINCT auth_method FROM pg_hba_file_rules") == [("scram-sha-256",)]


def test_secrets_are_for_this_account_only(base: Path) -> None:
    first = embedded.urls(base)

    modes = {stat.S_IMODE(os.stat(path).st_mode) for path in (base / "secrets").iterdir()}

    assert modes == {0o600}
    assert stat.S_IMODE(os.stat(base / "secrets").st_mode) == 0o700
    assert embedded.urls(base) == first


def test_lost_passwords_are_named_in_one_line(base: Path) -> None:
    embedded.hold(base).release()
    (base / "secrets" / "perfmgmt_admin").unlink()

    with pytest.raises(embedded.EmbeddedError, match="are not those of the data"):
        embedded.hold(base)


def test_a_dump_of_rows_under_row_level_security_can_be_restored(base: Path) -> None:
    def program(*arguments: str) -> str:
        command = [sys.executable, "-m", "perfmgmt.embedded", *arguments]
        done = subprocess.run(command, cwd=ROOT, env=environment(base), capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    with embedded.hold(base):
        protect = ("ALTER TABLE thing ENABLE ROW LEVEL SECURITY", "ALTER TABLE thing FORCE ROW LEVEL SECURITY")
        run(embedded.urls(base).owner, "CREATE TABLE thing AS SELECT 7 AS id", *protect)
    dump = str(base / "thing.dump")
    program("pg_dump", "-Fc", "-f", dump)
    program("psql", "-qc", "DELETE FROM thing")

    program("pg_restore", "--clean", "--if-exists", dump)

    assert program("psql", "-Atc", "SELECT id FROM thing") == "7\n"
