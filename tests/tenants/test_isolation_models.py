"""Every model, as it stands in the catalog: what `manage.py isolation_report` prints must be without a gap."""

from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection, connections, transaction

from perfmgmt.tenants import isolation, rls

pytestmark = pytest.mark.django_db


def change_as_owner(monkeypatch: pytest.MonkeyPatch, *statements: str) -> None:
    """Look at the catalog through the owner's eyes, inside a transaction that is rolled back."""
    owner = connections["owner"]

    def rows(sql: str) -> list[tuple[object, ...]]:
        with transaction.atomic(using="owner"), owner.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
            cursor.execute(sql)
            found = list(cursor.fetchall())
            transaction.set_rollback(True, using="owner")
        return found

    monkeypatch.setattr(isolation, "_rows", rows)


def violations() -> dict[str, tuple[str, ...]]:
    return {finding.model: finding.violations for finding in isolation.report() if finding.violations}


def test_no_model_leaves_a_gap() -> None:
    assert violations() == {}
    assert isolation.loose_ends() == []


def test_the_report_names_every_model_once_with_its_state() -> None:
    out = StringIO()
    call_command("isolation_report", stdout=out)
    lines = out.getvalue().splitlines()
    assert len(lines) == len(isolation.every_model()) + 1
    assert "metrics.Fact: owned; row-level security forced; policies tenant_wall; key (tenant_id, id)" in lines
    assert any(line.startswith("tenants.Tenant: unowned (routing: ") for line in lines)
    assert lines[-1].endswith("; 0 violations")


def test_the_report_fails_on_a_model_that_is_not_reviewed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(rls.UNOWNED, "people.User")
    out = StringIO()
    with pytest.raises(SystemExit) as stopped:
        call_command("isolation_report", stdout=out)
    assert stopped.value.code == 1
    assert "VIOLATION: neither tenant-owned nor in rls.UNOWNED with a reason" in out.getvalue()


def test_a_reviewed_table_that_no_longer_exists_is_stale(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(rls.UNOWNED, "people.Gone", "was there once")
    assert isolation.loose_ends() == ["people.Gone is listed but is no model"]


WALL = "tenant_id = nullif(current_setting('app.tenant_id', true), '')::bigint"


@pytest.mark.django_db(databases=["default", "owner"])
@pytest.mark.parametrize(
    ("statement", "model", "violation"),
    [
        (
            "ALTER TABLE metrics_fact NO FORCE ROW LEVEL SECURITY",
            "metrics.Fact",
            "row-level security is not enabled and forced",
        ),
        (
            "ALTER TABLE people_employee DISABLE ROW LEVEL SECURITY",
            "people.Employee",
            "row-level security is not enabled and forced",
        ),
        (
            "ALTER POLICY tenant_wall ON people_unit WITH CHECK (true)",
            "people.Unit",
            "no policy with exactly tenant_id = app.tenant_id in USING and WITH CHECK",
        ),
        (
            "CREATE POLICY more ON jobs_job FOR SELECT USING (true)",
            "jobs.Job",
            "policy more opens the wall and is not in rls.READ_ALSO",
        ),
        (
            f"CREATE POLICY more ON people_membership FOR UPDATE USING ({WALL})",
            "people.Membership",
            "policy more opens the wall and is not in rls.READ_ALSO",
        ),
        (
            "CREATE UNIQUE INDEX one_name ON people_position (name)",
            "people.Position",
            "the unique key (name) does not begin with tenant_id",
        ),
        (
            "CREATE UNIQUE INDEX one_name ON people_position (lower(name), tenant_id)",
            "people.Position",
            "the unique key ((expression), tenant_id) does not begin with tenant_id",
        ),
        (
            "ALTER TABLE people_assignment DROP CONSTRAINT people_assignment_unit_id_same_tenant",
            "people.Assignment",
            "unit has no foreign key (tenant_id, unit_id)",
        ),
        (
            "ALTER TABLE people_assignment ADD FOREIGN KEY (unit_id) REFERENCES people_unit (id)",
            "people.Assignment",
            "the foreign key on (unit_id) to people_unit leaves the tenant out",
        ),
    ],
)
def test_a_hole_in_the_catalog_is_found(
    monkeypatch: pytest.MonkeyPatch, statement: str, model: str, violation: str
) -> None:
    change_as_owner(monkeypatch, statement)
    assert violation in violations().get(model, ())


@pytest.mark.django_db(databases=["default", "owner"])
@pytest.mark.parametrize(
    ("statement", "problem"),
    [
        ("CREATE TABLE forgotten (id int)", "the table forgotten belongs to no model"),
        ("CREATE VIEW everything AS SELECT * FROM metrics_fact", "the view everything belongs to no model"),
        (
            "CREATE FUNCTION leak() RETURNS bigint LANGUAGE sql SECURITY DEFINER AS 'SELECT 1::bigint'",
            "the function leak runs with the owner's rights and is not in rls.OWNER_FUNCTIONS",
        ),
        (
            "ALTER FUNCTION metrics_refresh_statistics(text) RESET search_path",
            "the function metrics_refresh_statistics does not fix its search_path",
        ),
    ],
)
def test_a_table_outside_the_models_is_found(monkeypatch: pytest.MonkeyPatch, statement: str, problem: str) -> None:
    change_as_owner(monkeypatch, statement)
    assert problem in isolation.loose_ends()


@pytest.mark.django_db(databases=["default", "owner"])
def test_a_role_with_too_many_rights_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    change_as_owner(monkeypatch)  # the owner's role itself
    found = " ".join(isolation.loose_ends())
    assert "role may create tables" in found
    assert "role owns [" in found
    assert "role may TRUNCATE [" in found
    assert "may change rows of metrics_factversion" in found


def test_the_tests_run_as_the_applications_role() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        assert cursor.fetchone() == ("perfmgmt_app",)
