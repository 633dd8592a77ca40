"""Who may do what, by area; and who got and lost which role on a person's own timeline."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from perfmgmt.people import members
from perfmgmt.people.permissions import REGISTRY
from perfmgmt.people.records.access_events import access_events
from perfmgmt.people.rights import AREAS, rights
from perfmgmt.people.roles import Role
from perfmgmt.people.services import add_member
from perfmgmt.people.viewer import Viewer
from tests.factories import Company

pytestmark = pytest.mark.django_db
SignIn = Callable[[Any], Client]
ENGLISH = {"Accept-Language": "en"}


def test_every_permission_has_an_area_and_stands_once() -> None:
    assert {code.partition(".")[0] for code in REGISTRY} <= AREAS.keys()
    assert sum(len(area.rights) for area in rights()) == len(REGISTRY)
    assert len({area.title for area in rights()}) == len(rights())


@pytest.mark.parametrize("role", list(Role))
def test_a_role_shows_exactly_what_it_may(role: Role) -> None:
    shown = [right.label for area in rights(role=role) for right in area.rights]
    assert sorted(shown) == sorted(str(one.label) for one in REGISTRY.values() if role in one.roles)


def test_the_page_is_filtered_by_role_and_word(company: Company, sign_in: SignIn) -> None:
    client = sign_in(company.users["owner"])
    whole = client.get("/w/acme/about/", headers=ENGLISH).content.decode()
    payroll = client.get("/w/acme/about/?role=payroll", headers=ENGLISH).content.decode()
    assert "Give and take roles" in whole
    assert "What the role “Payroll” may do" in payroll
    assert "Give and take roles" not in payroll
    found = client.get("/w/acme/about/?q=GIVE+and", headers=ENGLISH).content.decode()
    assert "Give and take roles" in found
    assert "Import people" not in found
    assert "No permission matches" in client.get("/w/acme/about/?q=zzzz", headers=ENGLISH).content.decode()
    assert client.get("/w/acme/about/?role=emperor").status_code == 200


def page_of(company: Company, client: Client) -> str:
    answer = client.get(f"/w/acme/people/{company.people['ann'].pk}/profile/", headers=ENGLISH)
    return " ".join(answer.content.decode().split()) if answer.status_code == 200 else ""


def set_roles(company: Company, client: Client, *roles: str, reason: str = "") -> None:
    with company.scope():
        pk = members.Membership.objects.get(employee=company.people["ann"]).pk
    data = {"roles": roles, "reason_of_change": reason}
    assert client.post(f"/w/acme/members/{pk}/", data).status_code == 302


def test_roles_given_and_withdrawn_are_told_with_who_and_why(company: Company, sign_in: SignIn) -> None:
    owner = sign_in(company.users["owner"])
    set_roles(company, owner, "hr", "auditor", reason="Covers for Bo")
    set_roles(company, owner, "auditor")
    page = page_of(company, sign_in(company.users["hr"]))
    given, taken = page.index("Role given: HR, Auditor"), page.index("Role withdrawn: HR")
    assert taken < given < page.index("Access given")
    assert "Covers for Bo" in page
    assert f"by {company.users['owner']}" in page


def test_access_that_was_taken_away_and_given_again_stays_told(company: Company) -> None:
    with company.scope():
        ann = company.people["ann"]
        member = members.Membership.objects.get(employee=ann)
        owner = company.users["owner"]
        viewer = Viewer(owner.pk, owner.name, owner.email, None, frozenset(Role))
        members.remove_member(member.pk, viewer=viewer)
        add_member(member.user, Role.AUDITOR, employee=ann)
        titles = [event.title for event in access_events(ann, "Asia/Shanghai")]
    assert titles == ["Role given: Auditor", "Access given", "Access taken away", "Access given"]


def test_colleagues_and_managers_are_not_told(company: Company, sign_in: SignIn) -> None:
    set_roles(company, sign_in(company.users["owner"]), "auditor")
    manager = page_of(company, sign_in(company.users["manager"]))
    assert "Starts in" in manager
    assert "Role given" not in manager
    assert "Role given" in page_of(company, sign_in(company.users["assistant"]))  # ann herself


def test_the_trail_of_another_workspace_is_not_read(company: Company, other_company: Company) -> None:
    with company.scope():
        ann = company.people["ann"]
    with other_company.scope():
        assert access_events(ann, "UTC") == []
