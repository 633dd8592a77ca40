"""Who only pays sees which months are final, no figures, and their own when they have some."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from perfmgmt.closing.services import lock_period
from perfmgmt.jobs.models import Job
from perfmgmt.people.models import Membership
from perfmgmt.people.viewer import workspace_of
from perfmgmt.tenants.calendar import Grain, Period
from tests.factories import Company

pytestmark = pytest.mark.django_db
SignIn = Callable[[Any], Client]
ENGLISH = {"accept-language": "en"}


@pytest.fixture
def month(company: Company) -> Period:
    """The month before this one, with a sale, locked."""
    with company.scope():
        today = workspace_of(company.tenant).today()
        found = Period.containing(Grain.MONTH, today).next(-1)
        company.fact("ann", "sales_amount", found.start, 987654)
        company.drain()
        lock_period(found, today=today, user_id=company.users["owner"].pk, job_id=None, slug="acme")
    return found


def link_employee(company: Company, *roles: str) -> None:
    """Make the payroll clerk an employee, as in most companies."""
    with company.scope():
        Membership.objects.filter(employee=company.people["cid"]).update(employee=None)
        mine = Membership.objects.get(user=company.users["payroll"])
        mine.employee, mine.roles = company.people["cid"], [*mine.roles, *roles]
        mine.save()


@pytest.mark.parametrize("employed", [False, True])
def test_locked_and_open_months_are_shown_without_figures(
    company: Company, sign_in: SignIn, month: Period, employed: bool
) -> None:
    if employed:
        link_employee(company)
    answer = sign_in(company.users["payroll"]).get("/w/acme/", headers=ENGLISH)
    page = answer.content.decode()
    assert [each.lock is not None for each in answer.context["months"]] == [True] + [False] * 5
    assert answer.context["months"][0].period == month
    assert "5 months are over and not locked yet" in page
    assert f"periods/one/?period={month.label}" in page
    for hidden in ("987,654", "987654", "kpi-value", "Ann"):
        assert hidden not in page
    assert ("My own figures" in page) is employed


def test_own_figures_are_one_click_away(company: Company, sign_in: SignIn, month: Period) -> None:
    link_employee(company)
    own = sign_in(company.users["payroll"]).get("/w/acme/?view=own", headers=ENGLISH)
    assert "own_cards" in own.context
    assert "months" not in own.context


@pytest.mark.parametrize("role", ["hr", "executive", "auditor"])
def test_a_wider_role_keeps_its_home(company: Company, sign_in: SignIn, role: str) -> None:
    link_employee(company, role)
    assert "months" not in sign_in(company.users["payroll"]).get("/w/acme/").context


@pytest.mark.parametrize("role", ["owner", "manager", "assistant", "hr", "executive", "auditor"])
def test_nobody_else_gets_this_home(company: Company, sign_in: SignIn, role: str) -> None:
    assert "months" not in sign_in(company.users[role]).get("/w/acme/?view=payroll").context


def test_every_link_and_button_of_the_home_works(company: Company, sign_in: SignIn, month: Period) -> None:
    client = sign_in(company.users["payroll"])
    page = client.get("/w/acme/").content.decode()
    main = page[page.index("<main") :]
    links = set(re.findall(r'href="(/w/acme/[^"]*)"', main))
    assert len(links) >= 8
    assert {client.get(link.replace("&amp;", "&")).status_code for link in links} == {200}
    (action,) = re.findall(r'action="(/w/acme/periods/export/[^"]*)"', main)
    answer = client.post(action)
    assert answer.status_code == 302
    assert client.get(answer["Location"]).status_code == 200
    with company.scope():
        assert Job.objects.get().created_by_id == company.users["payroll"].pk


def test_another_workspace_s_locks_are_not_shown(
    company: Company, other_company: Company, sign_in: SignIn, month: Period
) -> None:
    page = sign_in(other_company.users["payroll"]).get(f"/w/{other_company.tenant.slug}/")
    assert {each.lock for each in page.context["months"]} == {None}
