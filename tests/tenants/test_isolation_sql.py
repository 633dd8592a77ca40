"""Raw SQL as the application's role: PostgreSQL's own wall, table by table."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

import pytest
from django.apps import apps
from django.db import DatabaseError, IntegrityError, ProgrammingError, connection, transaction
from psycopg2 import errors, sql
from psycopg2.extras import Json

from perfmgmt.people.services import add_employee
from perfmgmt.tenants.history import event_models
from perfmgmt.tenants.isolation import catalog, owned_models
from perfmgmt.tenants.rls import INSERT_ONLY
from tests.factories import Company
from tests.tenants.samples import fill

pytestmark = pytest.mark.django_db
TABLES = [model._meta.db_table for model in owned_models()]
INSERT_ONLY_TABLES = [apps.get_model(label)._meta.db_table for label in INSERT_ONLY]


@pytest.fixture
def filled(company: Company, other_company: Company) -> tuple[Company, Company]:
    """Two companies with rows in every owned table."""
    fill(company)
    fill(other_company)
    return company, other_company


def run(statement: str, *params: Any) -> tuple[int, list[tuple[Any, ...]]]:
    """Execute a statement; return the touched rows and the fetched ones."""
    with connection.cursor() as cursor:
        cursor.execute(statement, params or None)
        return cursor.rowcount, list(cursor.fetchall()) if cursor.description else []


def count(table: str, where: str = "true") -> int:
    return int(run(f"SELECT count(*) FROM {table} WHERE {where}")[1][0][0])


@contextmanager
def undone() -> Iterator[None]:
    """Undo what happens inside, also after an error."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def touched(statement: str, *params: Any) -> int:
    """Return how many rows a statement changed; a missing privilege changes none."""
    try:
        with undone():
            return run(statement, *params)[0]
    except ProgrammingError as error:
        if isinstance(error.__cause__, errors.InsufficientPrivilege):
            return 0
        raise


def a_row(company: Company, table: str) -> dict[str, Any]:
    """One row as it could be inserted: without the columns that the database makes by itself."""
    with company.scope(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attgenerated <> ''", [table]
        )
        made = {name for (name,) in cursor.fetchall()}
        cursor.execute(f"SELECT * FROM {table} LIMIT 1")
        names = [column.name for column in cursor.description]
        row = dict(zip(names, cursor.fetchone(), strict=True))
        return {name: value for name, value in row.items() if name not in made}


def insert(table: str, row: dict[str, Any]) -> str:
    """Insert a row; return what PostgreSQL answered ("" when it took the row)."""
    statement = sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(
        sql.Identifier(table),
        sql.SQL(", ").join(map(sql.Identifier, row)),
        sql.SQL(", ").join(sql.Placeholder() * len(row)),
    )
    values = [Json(value) if isinstance(value, dict) else value for value in row.values()]
    try:
        with undone(), connection.cursor() as cursor:
            cursor.execute(statement.as_string(cursor.cursor), values)
    except DatabaseError as error:
        return type(error.__cause__).__name__ + ": " + str(error)
    return ""


# Tables with a wall of their own, which is reached first.
OWN_WALLS = {
    "customers_consent": "InsufficientPrivilege: permission denied for table customers_consent",
    "reviews_surveyquestion": "RestrictViolation: A published version of a survey never changes.",
    "reviews_surveyversion": "RestrictViolation: A published version of a survey never changes.",
}


def refused(answer: str, table: str = "") -> bool:
    walls = ("InsufficientPrivilege: new row violates row-level security policy", OWN_WALLS.get(table, ""))
    return answer.startswith(tuple(filter(None, walls)))


def test_without_a_scope_no_table_shows_a_row(filled: tuple[Company, Company]) -> None:
    assert [table for table in TABLES if count(table)] == []


@pytest.mark.parametrize("setting", ["", "0", "-1", "999999"])
def test_a_setting_that_names_no_workspace_shows_no_row(filled: tuple[Company, Company], setting: str) -> None:
    with undone():
        run("SELECT set_config('app.tenant_id', %s, true)", setting)
        assert [table for table in TABLES if count(table)] == []


def test_without_a_scope_nothing_can_be_changed_or_deleted(filled: tuple[Company, Company]) -> None:
    updates = {table: touched(f"UPDATE {table} SET tenant_id = tenant_id") for table in TABLES}
    deletes = {table: touched(f"DELETE FROM {table}") for table in TABLES}
    assert {table for table, rows in (*updates.items(), *deletes.items()) if rows} == set()


@pytest.mark.parametrize("scope", ["none", "the other's"])
def test_a_row_of_another_workspace_can_not_be_inserted(filled: tuple[Company, Company], scope: str) -> None:
    mine, theirs = filled
    answers = {}
    for table in TABLES:
        row = a_row(theirs, table)
        with mine.scope() if scope == "the other's" else nullcontext():
            answers[table] = insert(table, row)
    assert {table: answer for table, answer in answers.items() if not refused(answer)} == {}


def test_inside_a_scope_only_its_own_rows_are_visible(filled: tuple[Company, Company]) -> None:
    mine, _theirs = filled
    with mine.scope():
        own = {table for table in TABLES if count(table, f"tenant_id = {mine.tenant.pk}")}
        foreign = {table for table in TABLES if count(table, f"tenant_id <> {mine.tenant.pk}")}
    assert own == set(TABLES)
    assert foreign == set()


def test_inside_a_scope_rows_of_others_are_neither_changed_nor_deleted(filled: tuple[Company, Company]) -> None:
    mine, theirs = filled
    pk = theirs.tenant.pk
    with mine.scope():
        updates = {
            table: touched(f"UPDATE {table} SET tenant_id = tenant_id WHERE tenant_id = {pk}") for table in TABLES
        }
        deletes = {table: touched(f"DELETE FROM {table} WHERE tenant_id = {pk}") for table in TABLES}
    assert {table for table, rows in (*updates.items(), *deletes.items()) if rows} == set()


def test_a_row_can_not_be_moved_to_another_workspace(filled: tuple[Company, Company]) -> None:
    mine, theirs = filled
    moved = {}
    insert_only = {*INSERT_ONLY_TABLES, *(model._meta.db_table for model in event_models())}
    with mine.scope():
        for table in sorted(set(TABLES) - insert_only):
            with pytest.raises(DatabaseError) as error, undone():
                run(f"UPDATE {table} SET tenant_id = {theirs.tenant.pk}")
            moved[table] = f"{type(error.value.__cause__).__name__}: {error.value}"
    assert {table: answer for table, answer in moved.items() if not refused(answer, table)} == {}


def references() -> list[tuple[str, str, str]]:
    """Every composite foreign key to an owned table: table, column, target."""
    return [
        (table, key.columns[1], key.target)
        for table, entry in sorted(catalog().items())
        for key in entry.foreign
        if key.target in TABLES
    ]


def test_a_reference_to_another_workspaces_row_is_refused(filled: tuple[Company, Company]) -> None:
    mine, theirs = filled
    found = references()
    assert len(found) >= 8
    with theirs.scope():
        add_employee("FREE", "Without an assignment")  # so that no overlap is what refuses
        ids = {target: run(f"SELECT max(id) FROM {target}")[1][0][0] for _table, _column, target in found}
    for table, column, target in found:
        wanted = f"{table}_{column}_same_tenant"
        with mine.scope(), pytest.raises(IntegrityError, match=wanted), undone():
            # The newest row: of what is published a draft, which may still be changed.
            one = f"ctid = (SELECT max(ctid) FROM {table} WHERE {column} IS NOT NULL)"
            changed, _rows = run(f"UPDATE {table} SET {column} = {ids[target]} WHERE {one}")
            assert changed == 1, f"samples: a row with {table}.{column}"
            run(f'SET CONSTRAINTS "{wanted}" IMMEDIATE')


@pytest.mark.parametrize("table", INSERT_ONLY_TABLES)
def test_a_history_table_takes_rows_and_gives_none_back(filled: tuple[Company, Company], table: str) -> None:
    mine, _theirs = filled
    with mine.scope():
        for statement in (f"UPDATE {table} SET tenant_id = tenant_id", f"DELETE FROM {table}", f"TRUNCATE {table}"):
            with pytest.raises(ProgrammingError, match=f"permission denied for table {table}"), undone():
                run(statement)
