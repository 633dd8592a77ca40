"""The demo company: there after the first start, whole after an interrupted one, gone and back with --reset."""

from io import StringIO
from unittest.mock import patch

import pytest
from django.core.management import call_command

from analytics.demo import company
from goals.models import MonthlyTarget
from perfmgmt.metrics.models import Fact
from perfmgmt.people.models import User
from perfmgmt.tenants.models import Tenant
from perfmgmt.tenants.scope import tenant_scope

pytestmark = pytest.mark.django_db


def demo(**options: bool) -> str:
    out = StringIO()
    call_command("demo", stdout=out, **options)
    return out.getvalue()


def state() -> tuple[int, int, int]:
    tenant = Tenant.objects.get(slug="demo")
    with tenant_scope(tenant.pk):
        return tenant.pk, Fact.objects.count(), MonthlyTarget.objects.count()


def test_the_sign_ins_it_prints_work() -> None:
    lines = demo(if_empty=True).splitlines()
    assert [line.split()[0] for line in lines] == ["Owner", "HR", "Manager", "Assistant"]
    for line in lines:
        email, password = line.split()[1], line.split()[-1]
        assert User.objects.get(email=email).check_password(password)
    _pk, facts, targets = state()
    assert facts > 1000
    assert targets > 100


def test_a_second_start_changes_nothing() -> None:
    demo()
    before = state()
    demo(if_empty=True)
    assert state() == before


def test_an_interrupted_first_start_is_made_whole() -> None:
    with patch.object(company, "set_targets", side_effect=KeyboardInterrupt), pytest.raises(KeyboardInterrupt):
        demo()
    demo(if_empty=True)
    assert state()[2] > 100


def test_it_is_not_forced_on_somebody_with_a_workspace_of_their_own() -> None:
    call_command("create_workspace", "mine", name="Mine", stdout=StringIO())
    assert demo(if_empty=True) == ""
    assert not Tenant.objects.filter(slug="demo").exists()


def test_reset_begins_anew() -> None:
    demo()
    first = state()
    demo(reset=True)
    again = state()
    assert again[0] != first[0]
    assert again[1:] == first[1:]
    with tenant_scope(first[0]):
        assert not Fact.objects.exists()
