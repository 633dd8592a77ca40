"""`manage.py demo`: whole after an interrupted start, not forced on anybody, and removed by --reset alone."""

from collections.abc import Iterator
from io import StringIO
from typing import Any
from unittest.mock import patch

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.test import override_settings

from analytics.demo.company import Company
from perfmgmt.people.models import Employee, Invitation
from perfmgmt.tenants.models import Tenant
from perfmgmt.tenants.scope import tenant_scope
from tests.factories import Company as Other

pytestmark = pytest.mark.django_db


def demo(**options: bool) -> str:
    out = StringIO()
    call_command("demo", stdout=out, stderr=StringIO(), **options)
    return out.getvalue()


def tenant() -> Tenant:
    return Tenant.objects.get(slug="demo")


@pytest.fixture
def short() -> Iterator[None]:
    """A demo company without its year: people, sign-ins and what marks the end."""

    def steps(self: Company) -> list[tuple[str, Any]]:
        return [("People", self.people), ("Invitations", self.invitations)]

    with patch.object(Company, "steps", steps):
        yield


def test_an_interrupted_first_start_is_made_whole(short: None) -> None:
    with patch.object(Company, "invitations", side_effect=KeyboardInterrupt), pytest.raises(KeyboardInterrupt):
        demo()
    half = tenant().pk
    demo(if_empty=True)
    assert tenant().pk != half
    with tenant_scope(tenant().pk):
        assert Invitation.objects.count() == 3


def test_it_is_not_forced_on_somebody_with_a_workspace_of_their_own(short: None) -> None:
    call_command("create_workspace", "mine", name="Mine", stdout=StringIO())
    assert demo(if_empty=True) == ""
    assert not Tenant.objects.filter(slug="demo").exists()


def test_reset_removes_the_demo_company_and_nothing_else(short: None) -> None:
    mine = Other.create("mine")
    with tenant_scope(mine.tenant.pk):
        person = Employee.objects.create(number="1", name="Mine", name_key="mine")
        kept = default_storage.save("proofs/mine.txt", ContentFile(b"x"))
    demo()
    first = tenant().pk
    with tenant_scope(first):
        name = default_storage.save("imports/old.csv", ContentFile(b"x"))
    demo(reset=True)
    assert tenant().pk != first
    with tenant_scope(tenant().pk):
        assert Employee.objects.count() == 40
        assert not default_storage.exists(name)
    with tenant_scope(first):
        assert not Employee.objects.exists()
    with tenant_scope(mine.tenant.pk):
        assert Employee.objects.filter(pk=person.pk).exists()
        assert default_storage.exists(kept)


@pytest.mark.parametrize("owner", [None, "li@company.cn"])
def test_a_workspace_of_somebodys_own_at_the_same_address_is_left_alone(short: None, owner: str | None) -> None:
    call_command("create_workspace", "demo", name="Demo Ltd", owner=owner, stdout=StringIO())
    mine = tenant().pk
    assert demo(if_empty=True) == ""
    for options in ({}, {"reset": True}):
        with pytest.raises(CommandError, match="not the demo company"):
            demo(**options)
    assert tenant().pk == mine


@override_settings(PRODUCTION=True)
def test_production_wants_it_said_twice(short: None) -> None:
    for options in ({}, {"reset": True}):
        with pytest.raises(CommandError, match="--yes-delete"):
            demo(**options)
    assert not Tenant.objects.filter(slug="demo").exists()
    demo(reset=True, yes_delete=True)
    with override_settings(PRODUCTION=True), pytest.raises(CommandError):
        demo(reset=True)
    assert Tenant.objects.filter(slug="demo").exists()
