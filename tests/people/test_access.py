"""Every address of the project x every role x one's own and another company's ids.

Nothing is named here but the kinds of ids in addresses (tests/people/walk.py): a new page is covered by itself.
"""

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client

from perfmgmt.api.scopes import REGISTRY as SCOPES
from perfmgmt.jobs.models import Job
from perfmgmt.people.access import THIRD_PARTY
from perfmgmt.people.models import User
from perfmgmt.people.permissions import REGISTRY
from perfmgmt.people.roles import Role
from tests.factories import CAST, Company
from tests.people.walk import (
    OBJECTS,
    OUT_OF_REACH,
    OWN_ONLY,
    Route,
    address,
    routes,
    shows,
    text_of,
    workspace_routes,
)
from tests.tenants.samples import DAY, canary, fill

pytestmark = pytest.mark.django_db
# Parameters that pages read: periods that hold the sample facts, and ids.
PERIOD = f"period={DAY:%Y-%m}&month={DAY:%Y-%m}&from={DAY:%Y-%m}-01&to={DAY + timedelta(days=9)}"


@pytest.fixture
def filled(company: Company, other_company: Company, settings: Any, tmp_path: Path) -> tuple[Company, Company]:
    """Two companies with rows in every table, a finished job with a file, and a canary in each."""
    settings.MEDIA_ROOT = tmp_path
    for one in (company, other_company):
        fill(one)
        with one.scope():
            one.drain()
            name = default_storage.save("exports/result.csv", ContentFile(canary(one).encode()))
            Job.objects.create(
                kind="facts.import", state="done", created_by=one.users["owner"], params={"file_name": canary(one)},
                result={"file": name, "file_name": "result.csv", "rows": 0, "errors": []},
            )  # fmt: skip
    return company, other_company


@pytest.fixture
def enter() -> Callable[[User], Client]:
    """A signed-in client that shows server errors as answers of their own."""

    def sign_in(user: User) -> Client:
        client = Client(raise_request_exception=True)
        client.force_login(user)
        return client

    return sign_in


def permitted(role: str, route: Route) -> bool:
    """Whether somebody of the cast may open an address; a manager is a sales assistant as well."""
    roles = {Role(role)} | ({Role.ASSISTANT} if role == "manager" else set())
    permission = route.access.permission if route.access else None
    return permission is not None and bool(roles & permission.roles)


# What is declared


def test_every_address_declares_who_may_open_it() -> None:
    found = list(routes())
    assert len(found) > 5
    loose = [route.pattern for route in found if route.access is None and route.name not in THIRD_PARTY]
    assert loose == []


def test_the_list_of_third_party_pages_is_not_stale() -> None:
    assert set(THIRD_PARTY) == {route.name for route in routes() if route.access is None}
    assert all(access.reason for access in THIRD_PARTY.values())


def test_every_workspace_address_needs_a_registered_permission_and_a_workspace() -> None:
    for route in workspace_routes():
        permission = route.access.permission if route.access else None
        assert permission is not None, route.pattern
        assert REGISTRY.get(permission.code) is permission, route.pattern
        assert "slug" in route.kwargs, route.pattern


def test_every_address_below_a_workspace_is_a_workspace_address() -> None:
    assert {r.pattern for r in routes() if "slug" in r.kwargs} == {r.pattern for r in workspace_routes()}


def test_what_is_open_to_everybody_says_why() -> None:
    for route in routes():
        if route.access is not None and route.access.kind not in ("workspace", "token"):
            assert route.access.kind in ("public", "signed in"), route.pattern
            assert len(route.access.reason) > 10, route.pattern


def test_addresses_of_the_api_name_the_scope_of_a_token() -> None:
    by_token = {route.pattern for route in routes() if route.access is not None and route.access.kind == "token"}
    others = {"api/v1/schema/", "api/v1/docs/"}
    assert by_token == {route.pattern for route in routes() if route.pattern.startswith("api/")} - others
    assert all(route.access.scope in SCOPES for route in routes() if route.access and route.pattern in by_token)


def test_every_permission_is_given_to_somebody_and_named() -> None:
    for permission in REGISTRY.values():
        assert permission.roles <= set(Role), permission.code
        assert permission.roles, permission.code
        assert str(permission.label), permission.code


# The matrix


@pytest.mark.parametrize("role", CAST)
def test_each_role_opens_exactly_what_its_permissions_allow(
    role: str, filled: tuple[Company, Company], enter: Callable[[User], Client]
) -> None:
    mine, theirs = filled
    wrong = []
    client = enter(mine.users[role])
    for route in workspace_routes():
        path = address(route, mine, OBJECTS, mine)
        response = client.get(path)
        status, text = response.status_code, text_of(response)
        if 'href=""' in text:
            wrong.append((role, path, "a link that leads nowhere", ()))
        if canary(theirs) in text:
            wrong.append((role, path, "something of another company", ()))
        if permitted(role, route):
            # An object that is not for this role's eyes is not found; the owner sees everything.
            sees_all = role == "owner" and route.name not in OWN_ONLY
            missing = () if sees_all or route.kwargs == {"slug"} else (404,)
            wanted: tuple[int, ...] = (200, 302, 405, *missing)
        else:
            wanted = (403,)
            if client.post(path).status_code != 403:
                wrong.append((role, path, "POST", wanted))
        if status not in wanted and not (
            route.name in {"job_file", "import_refused", "survey_logo"} and status == 404
        ):
            wrong.append((role, path, status, wanted))
    assert wrong == []


def test_a_person_who_is_no_member_finds_nothing(
    filled: tuple[Company, Company], enter: Callable[[User], Client]
) -> None:
    mine, theirs = filled
    strangers = [theirs.users["owner"], User.objects.create_user("stranger@example.com")]
    wrong = []
    for stranger in strangers:
        client = enter(stranger)
        for route in workspace_routes():
            path = address(route, mine, OBJECTS, mine)
            for response in (client.get(path), client.post(path)):
                if response.status_code != 404 or shows(response, mine):
                    wrong.append((stranger.email, path, response.status_code))
    assert wrong == []


def test_without_signing_in_every_workspace_address_leads_to_the_sign_in(filled: tuple[Company, Company]) -> None:
    mine, _theirs = filled
    client, wrong = Client(), []
    for route in workspace_routes():
        path = address(route, mine, OBJECTS, mine)
        for response in (client.get(path), client.post(path)):
            if response.status_code != 302 or not response["Location"].startswith("/accounts/login/?next="):
                wrong.append((path, response.status_code))
    assert wrong == []


def test_a_workspace_that_does_not_exist_looks_like_one_of_others(
    filled: tuple[Company, Company], enter: Callable[[User], Client]
) -> None:
    mine, theirs = filled
    client = enter(mine.users["owner"])
    there, nowhere = client.get(f"/w/{theirs.tenant.slug}/"), client.get("/w/nowhere/")
    assert there.status_code == nowhere.status_code == 404
    pages = [re.sub(r"\b\w{64}\b", "", text_of(response)) for response in (there, nowhere)]
    assert pages[0].replace(theirs.tenant.slug, "x") == pages[1].replace("nowhere", "x")


@pytest.mark.parametrize("role", CAST)
def test_ids_of_another_company_are_not_found_by_any_role(
    role: str, filled: tuple[Company, Company], enter: Callable[[User], Client]
) -> None:
    mine, theirs = filled
    # Who may not open an address at all is refused before anything is looked up: the matrix above.
    with_ids = [route for route in workspace_routes() if route.kwargs != {"slug"} and permitted(role, route)]
    assert with_ids
    wrong = []
    client = enter(mine.users[role])
    for route in with_ids:
        path = address(route, mine, OBJECTS, theirs)
        for method in (client.get, client.post):
            response = method(path)
            if response.status_code not in (403, 404, 405) or shows(response, theirs):
                wrong.append((role, method.__name__, path, response.status_code))
    assert wrong == []


@pytest.mark.parametrize("role", CAST)
def test_no_page_of_any_role_shows_anything_of_another_company(
    role: str, filled: tuple[Company, Company], enter: Callable[[User], Client]
) -> None:
    mine, theirs = filled
    person, unit = theirs.people["cid"].pk, theirs.units["north"].pk
    # Nothing is asked for in the matrix above; here are periods with facts, and ids of the other company.
    queries = [f"{PERIOD}&employee={person}&q=", f"{PERIOD}&unit={unit}&who=team"]
    if role != "owner":  # who may ask for both; the others ask for both at once
        queries = ["&".join(queries)]
    wrong, own_seen = [], set[str]()
    client = enter(mine.users[role])
    for route in (route for route in workspace_routes() if permitted(role, route)):
        path = address(route, mine, OBJECTS, mine)
        for query in queries:
            response = client.get(f"{path}?{query}")
            if response.status_code == 405:  # an action: it has no page
                break
            if shows(response, theirs):
                wrong.append((role, path, query))
            if shows(response, mine):
                own_seen.add(route.name)
    assert wrong == []
    # The canary is really on pages, so its absence says something.
    assert len(own_seen) > (3 if role == "owner" else 0)


def test_people_outside_ones_reach_are_not_found(
    filled: tuple[Company, Company], enter: Callable[[User], Client]
) -> None:
    mine, _theirs = filled
    wrong, found_by_owner = [], []
    owner = enter(mine.users["owner"])
    clients = {role: enter(mine.users[role]) for role in ("manager", "assistant", "executive", "payroll")}
    for route in workspace_routes():
        if route.kwargs == {"slug"}:
            continue
        path = address(route, mine, OUT_OF_REACH, mine)
        found_by_owner.append(owner.get(path).status_code)
        for role, client in clients.items():
            for response in (client.get(path), client.post(path)):
                if response.status_code not in (403, 404, 405):
                    wrong.append((role, path, response.status_code))
    assert wrong == []
    assert found_by_owner.count(200) >= 3
