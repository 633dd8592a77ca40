"""Opening and closing the scope, and what carries the workspace beside the database: tasks, cache keys, files."""

from pathlib import Path
from typing import Any

import pytest
from celery import current_app
from django.core.cache import cache
from django.core.exceptions import SuspiciousFileOperation
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection, transaction
from django_scopes.exceptions import ScopeError

from perfmgmt.people.models import Employee, Membership, User
from perfmgmt.people.services import add_member
from perfmgmt.people.viewer import workspaces_of
from perfmgmt.tenants.isolation import owned_models
from perfmgmt.tenants.models import WorkspaceProfile
from perfmgmt.tenants.scope import WrongScope, current_tenant_id, tenant_scope, user_scope
from perfmgmt.tenants.tasks import CROSS_TENANT
from tests.factories import Company
from tests.tenants.samples import fill

pytestmark = pytest.mark.django_db


def settings_now() -> tuple[str, str]:
    """What PostgreSQL has as workspace and user."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('app.tenant_id', true), current_setting('app.user_id', true)")
        return tuple(value or "" for value in cursor.fetchone())  # type: ignore[return-value]


def test_without_a_scope_the_managers_refuse(company: Company) -> None:
    for model in owned_models():
        with pytest.raises(ScopeError):
            model._default_manager.count()


def test_inside_a_scope_a_query_sees_its_own_workspace_only(company: Company, other_company: Company) -> None:
    fill(company)
    fill(other_company)
    with company.scope():
        seen = {
            model._meta.label: set(model._default_manager.values_list("tenant_id", flat=True))
            for model in owned_models()
        }
    assert {label: ids for label, ids in seen.items() if ids != {company.tenant.pk}} == {}


def test_a_new_row_belongs_to_the_open_workspace(company: Company) -> None:
    with company.scope():
        assert Employee.objects.create(number="N1", name="New").tenant_id == company.tenant.pk
    with pytest.raises(WrongScope):
        Employee(number="N2", name="Nobody's")


@pytest.mark.parametrize("wrong", [0, -1, True, "1", None, 1.0, "1 OR true"])
def test_a_workspace_id_is_a_positive_integer(db: None, wrong: Any) -> None:
    with pytest.raises(WrongScope), tenant_scope(wrong):
        pass
    assert settings_now() == ("", "")


def test_another_workspaces_scope_does_not_open_inside_one(company: Company, other_company: Company) -> None:
    with company.scope():
        with pytest.raises(WrongScope), other_company.scope():
            pass
        assert Employee.objects.count() == 6
        assert current_tenant_id() == company.tenant.pk


def test_the_same_workspaces_scope_nests_and_stays_open(company: Company) -> None:
    with company.scope():
        with company.scope():
            pass
        assert current_tenant_id() == company.tenant.pk
        assert settings_now()[0] == str(company.tenant.pk)
        assert Employee.objects.count() == 6


def test_the_setting_ends_with_the_scope(company: Company) -> None:
    with tenant_scope(company.tenant.pk, user_id=7):
        assert settings_now() == (str(company.tenant.pk), "7")
    assert settings_now() == ("", "")


def test_the_setting_ends_after_an_exception(company: Company) -> None:
    with pytest.raises(ZeroDivisionError), company.scope():
        _ = 1 / 0
    assert settings_now() == ("", "")
    with pytest.raises(WrongScope):
        current_tenant_id()


def test_the_setting_ends_after_a_broken_statement(company: Company) -> None:
    with pytest.raises(Exception, match="syntax"), company.scope(), connection.cursor() as cursor:
        cursor.execute("SELEC")
    assert settings_now() == ("", "")


def test_a_scope_that_is_rolled_back_leaves_nothing(company: Company) -> None:
    with company.scope():
        Employee.objects.create(number="N1", name="New")
        transaction.set_rollback(True)
    with company.scope():
        assert Employee.objects.count() == 6


# Tasks


def our_tasks() -> dict[str, Any]:
    current_app.autodiscover_tasks(force=True)
    ours = ("perfmgmt.", "goals.", "analytics.", "reviews.", "incentives.")
    return {name: task for name, task in current_app.tasks.items() if type(task).__module__.startswith(ours)
            or task.run.__module__.startswith(ours)}  # fmt: skip


def test_every_task_opens_a_workspaces_scope_or_is_reviewed() -> None:
    tasks = our_tasks()
    assert {"tenants.sweep", "metrics.drain_rollups", "jobs.run"} <= set(tasks)
    loose = {name for name, task in tasks.items() if getattr(task.run, "scope", None) not in ("call", "batch")}
    assert loose == set(CROSS_TENANT)
    assert all(reason.strip() for reason in CROSS_TENANT.values())


def test_a_task_needs_a_workspace_id(company: Company) -> None:
    for name, task in our_tasks().items():
        if name not in CROSS_TENANT:
            with pytest.raises(WrongScope):
                task.run("everybody")


# Memberships: the one view across workspaces


def test_a_person_sees_their_own_workspaces_by_name(company: Company, other_company: Company) -> None:
    user = company.users["hr"]
    with other_company.scope():
        add_member(user)
    assert workspaces_of(user.pk) == [("acme", "Acme"), ("globex", "Globex")]
    assert workspaces_of(company.users["owner"].pk) == [("acme", "Acme")]
    assert workspaces_of(User.objects.create_user("stranger@example.com").pk) == []


def test_the_view_of_ones_workspaces_shows_no_other_row(company: Company, other_company: Company) -> None:
    fill(company)
    fill(other_company)
    user = company.users["assistant"]
    with user_scope(user.pk), connection.cursor() as cursor:
        seen = {}
        for model in owned_models():
            cursor.execute(f"SELECT count(*) FROM {model._meta.db_table}")
            seen[model] = cursor.fetchone()[0]
        assert set(Membership.objects.values_list("user_id", flat=True)) == {user.pk}
    assert {model for model, rows in seen.items() if rows} == {Membership, WorkspaceProfile}
    assert seen[Membership] == seen[WorkspaceProfile] == 1


def test_the_view_of_ones_workspaces_changes_nothing(company: Company) -> None:
    user = company.users["assistant"]
    with user_scope(user.pk), connection.cursor() as cursor:
        cursor.execute("UPDATE people_membership SET roles = '{owner}'")
        assert cursor.rowcount == 0
        cursor.execute("UPDATE tenants_workspaceprofile SET name = 'mine'")
        assert cursor.rowcount == 0


def test_the_view_of_ones_workspaces_does_not_open_inside_a_scope(company: Company) -> None:
    with company.scope(), pytest.raises(WrongScope), user_scope(1):
        pass


def test_the_view_of_ones_workspaces_ends(company: Company) -> None:
    with user_scope(company.users["hr"].pk):
        pass
    assert settings_now() == ("", "")
    with pytest.raises(ScopeError):
        Membership.objects.count()


# Cache keys


def test_a_cache_key_belongs_to_its_workspace(company: Company, other_company: Company) -> None:
    with company.scope():
        cache.set("figure", "acme's", timeout=60)
    with other_company.scope():
        assert cache.get("figure") is None
        cache.set("figure", "globex's", timeout=60)
    assert cache.get("figure") is None
    cache.set("figure", "nobody's", timeout=60)
    with company.scope():
        assert cache.get("figure") == "acme's"


@pytest.mark.parametrize("name", ["figure", "g:figure", "t2:figure", "../t2:figure"])
def test_no_name_reaches_another_workspaces_key(company: Company, other_company: Company, name: str) -> None:
    with other_company.scope():
        cache.set("figure", "globex's", timeout=60)
    with company.scope():
        assert cache.get(name.replace("t2", f"t{other_company.tenant.pk}")) is None


def test_cache_keys_carry_the_workspace(company: Company) -> None:
    with company.scope():
        assert f":t{company.tenant.pk}:" in cache.make_key("figure")
    assert ":g:" in cache.make_key("figure")


# Files


@pytest.fixture
def files(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


def test_a_file_belongs_to_its_workspace(company: Company, other_company: Company, files: Path) -> None:
    with company.scope():
        name = default_storage.save("imports/data.csv", ContentFile(b"acme"))
    with other_company.scope():
        assert not default_storage.exists(name)
        with pytest.raises(FileNotFoundError):
            default_storage.open(name)
        default_storage.save("imports/data.csv", ContentFile(b"globex"))
    with company.scope():
        assert default_storage.open(name).read() == b"acme"
    assert sorted(str(path.relative_to(files)) for path in files.rglob("*.csv")) == sorted(
        f"t{owner.tenant.pk}/imports/data.csv" for owner in (company, other_company)
    )


def test_without_a_scope_no_file_can_be_touched(files: Path) -> None:
    for use in (default_storage.exists, default_storage.open, default_storage.delete, default_storage.path):
        with pytest.raises(WrongScope):
            use("imports/data.csv")
    with pytest.raises(WrongScope):
        default_storage.save("imports/data.csv", ContentFile(b""))


@pytest.mark.parametrize("name", ["../t{id}/data.csv", "imports/../../t{id}/data.csv", "{root}/t{id}/data.csv"])
def test_a_files_name_can_not_leave_the_workspace(
    company: Company, other_company: Company, files: Path, name: str
) -> None:
    with other_company.scope():
        default_storage.save("data.csv", ContentFile(b"globex"))
    foreign = name.format(id=other_company.tenant.pk, root=files)
    with company.scope():
        with pytest.raises(SuspiciousFileOperation):
            default_storage.open(foreign)
        with pytest.raises(SuspiciousFileOperation):
            default_storage.save(foreign, ContentFile(b"acme"))
        with pytest.raises(SuspiciousFileOperation):
            default_storage.delete(foreign)


def test_a_file_has_no_public_address(company: Company, files: Path) -> None:
    with company.scope(), pytest.raises(ValueError, match="no public address"):
        default_storage.url("imports/data.csv")
