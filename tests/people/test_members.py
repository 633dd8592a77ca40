"""Members: the owner gives and takes roles, and a workspace always has an owner."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from perfmgmt.people import members
from perfmgmt.people.models import Membership
from perfmgmt.people.permissions import REGISTRY
from perfmgmt.people.roles import Role
from perfmgmt.people.viewer import viewer_in
from perfmgmt.tenants.errors import NotAllowed
from tests.factories import START, Company

pytestmark = pytest.mark.django_db
SignIn = Callable[[Any], Client]


def member(company: Company, role: str) -> Membership:
    with company.scope():
        return company.membership(role)


def test_an_owner_changes_roles_and_they_count_at_once(company: Company, sign_in: SignIn) -> None:
    payroll = sign_in(company.users["payroll"])
    assert payroll.get("/w/acme/members/").status_code == 403
    path = f"/w/acme/members/{member(company, 'payroll').pk}/"
    assert sign_in(company.users["owner"]).post(path, {"roles": ["payroll", "auditor"]}).status_code == 302
    assert member(company, "payroll").roles == ["auditor", "payroll"]
    assert payroll.get("/w/acme/members/").status_code == 200


def test_only_an_owner_changes_roles(company: Company, sign_in: SignIn) -> None:
    path = f"/w/acme/members/{member(company, 'hr').pk}/"
    for role in ("hr", "auditor", "executive", "payroll", "manager", "assistant"):
        for address in (path, f"{path}remove/"):
            assert sign_in(company.users[role]).post(address, {"roles": ["owner"]}).status_code == 403, role
    assert member(company, "hr").roles == ["hr"]


def test_the_last_owner_stays(company: Company, sign_in: SignIn) -> None:
    owner = sign_in(company.users["owner"])
    path = f"/w/acme/members/{member(company, 'owner').pk}/"
    assert owner.post(path, {"roles": ["hr"]}).status_code == 409
    assert owner.post(f"{path}remove/").status_code == 409
    assert member(company, "owner").roles == ["owner"]
    owner.post(f"/w/acme/members/{member(company, 'hr').pk}/", {"roles": ["owner", "hr"]})
    assert owner.post(path, {"roles": []}).status_code == 302
    assert owner.get("/w/acme/members/").status_code == 403


def test_who_is_removed_is_out_at_once_and_the_employee_stays(company: Company, sign_in: SignIn) -> None:
    ann = sign_in(company.users["assistant"])
    assert ann.get("/w/acme/").status_code == 200
    pk = member(company, "assistant").pk
    assert sign_in(company.users["owner"]).post(f"/w/acme/members/{pk}/remove/").status_code == 302
    assert ann.get("/w/acme/").status_code == 404
    with company.scope():
        company.people["ann"].refresh_from_db()


def test_a_role_that_follows_by_itself_is_not_given(company: Company, sign_in: SignIn) -> None:
    path = f"/w/acme/members/{member(company, 'hr').pk}/"
    assert sign_in(company.users["owner"]).post(path, {"roles": ["manager"]}).status_code == 200
    assert member(company, "hr").roles == ["hr"]


def test_nobody_gives_what_they_may_not_do(company: Company) -> None:
    with company.scope():
        for name in ("owner", "hr", "auditor"):
            viewer = viewer_in(company.users[name].pk, START)
            assert viewer is not None
            given = set(members.grantable(viewer))
            for role in given:
                assert all(viewer.may(p) for p in REGISTRY.values() if role in p.roles), (name, role)
            assert (Role.OWNER in given) is (name == "owner")
        with pytest.raises(NotAllowed):
            members.check_grantable(viewer, [Role.OWNER])


def test_members_are_found_by_name_pinyin_and_role(company: Company, sign_in: SignIn) -> None:
    owner = sign_in(company.users["owner"])
    for query, there, absent in (
        ("q=li an", "assistant@acme.example", "hr@acme.example"),
        ("q=hr@", "hr@acme.example", "assistant@acme.example"),
        ("role=executive", "executive@acme.example", "hr@acme.example"),
    ):
        page = owner.get(f"/w/acme/members/?{query}").content.decode()
        assert there in page, query
        assert absent not in page, query


def test_every_role_stands_on_the_page_that_says_who_may_do_what(company: Company, sign_in: SignIn) -> None:
    client = sign_in(company.users["assistant"])
    client.cookies["django_language"] = "en"
    page = client.get("/w/acme/about/").content.decode()
    for role in Role:
        assert f'<th scope="col">{role.label}</th>' in page, role
    for permission in REGISTRY.values():
        assert str(permission.label) in page.replace("&#x27;", "'"), permission.code
