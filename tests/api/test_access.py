"""Tokens: who gets in, how far, and what everybody else is told."""

import logging
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from perfmgmt.api import services
from perfmgmt.api.access import CHALLENGE
from perfmgmt.api.models import ApiToken, BatchAnswer, TokenRoute
from perfmgmt.api.scopes import REGISTRY
from perfmgmt.metrics.models import FactsBatch
from perfmgmt.people.viewer import viewer_in, workspace_of
from perfmgmt.tenants.errors import Conflict, DomainError
from perfmgmt.tenants.removal import remove_workspace
from tests.api.conftest import Api, make_token, problem
from tests.api.test_batch import body, row
from tests.factories import Company, today_here
from tests.people.walk import Route, routes, text_of
from tests.tenants.samples import canary, fill

pytestmark = pytest.mark.django_db


def api_routes() -> list[Route]:
    return [route for route in routes() if route.access is not None and route.access.kind == "token"]


def path_of(route: Route, company: Company) -> str:
    """The address with ids of a company; needs its scope."""
    from tests.people.walk import OBJECTS

    path = f"/{route.pattern}"
    if "batch_id" in route.kwargs:  # a batch is its token's own
        FactsBatch.objects.update(token_id=ApiToken.objects.latest("id").pk)
    for name in route.kwargs:
        value = "orders" if name == "code" else str(OBJECTS[name](company))
        path = re.sub(rf"<\w+:{name}>", value, path)
    assert "<" not in path, f"{path}: say in tests/people/walk.py what stands there"
    return path


@pytest.fixture
def filled(company: Company, other_company: Company) -> Iterator[tuple[Company, Company]]:
    """Two companies with rows in every table."""
    for one in (company, other_company):
        fill(one)
        with one.scope():
            one.drain()
    yield company, other_company


# What is posted to addresses that take nothing else, by how they end.
BODIES: dict[str, Any] = {
    ":batch": body(row()), ":undo": None, ":add": {"name": "Li Na"}, ":change": {"title": "Buyer"},
    ":consent": {"state": "given", "source": "Order form"},
}  # fmt: skip


def ask(client: Client, path: str, secret: str) -> Any:
    """GET with what the filters need; a POST where that is the only method."""
    headers = {"Authorization": f"Bearer {secret}"} if secret else {}
    query = {"metric": "sales_amount", "grain": "month"} if path.endswith("/rollups") else {}
    for ending, sent in BODIES.items():
        if path.endswith(ending):
            return client.post(path, sent, content_type="application/json",
                               headers={**headers, "Idempotency-Key": f"k{ending[1:]}"})  # fmt: skip
    return client.get(path, query, headers=headers)


# Every address


def test_every_address_of_the_api_names_a_scope_that_exists() -> None:
    found = api_routes()
    assert len(found) >= 9
    assert {route.access.scope for route in found if route.access} <= set(REGISTRY)
    assert all(route.pattern.startswith("api/v1/") for route in found)


def test_every_address_opens_with_exactly_its_scope(filled: tuple[Company, Company]) -> None:
    mine, _theirs = filled
    wrong = []
    for scope in REGISTRY:
        secret = make_token(mine, scope, name=scope)
        for route in api_routes():
            assert route.access is not None
            with mine.scope():
                path = path_of(route, mine)
            response = ask(Client(), path, secret)
            if route.access.scope == scope:
                if response.status_code not in (200, 202):
                    wrong.append((scope, path, response.status_code))
            else:
                found = problem(response, 403, "missing_scope")
                if route.access.scope not in found["detail"]:
                    wrong.append((scope, path, found))
    assert wrong == []


def test_no_address_works_without_a_token_or_shows_anything_of_others(filled: tuple[Company, Company]) -> None:
    mine, theirs = filled
    secret, wrong, own_seen = make_token(mine), [], 0
    for route in api_routes():
        with mine.scope():
            path = path_of(route, mine)
        refused = problem(ask(Client(), path, ""), 401, "not_authenticated")
        assert "Authorization" in refused["detail"]
        answer = text_of(ask(Client(), path, secret))
        own_seen += canary(mine) in answer
        if canary(theirs) in answer:
            wrong.append(path)
    assert wrong == []
    assert own_seen >= 4


def test_ids_of_another_company_are_not_found(filled: tuple[Company, Company]) -> None:
    mine, theirs = filled
    secret = make_token(mine)
    with_ids = [route for route in api_routes() if route.kwargs - {"code"}]
    assert len(with_ids) >= 2
    for route in with_ids:
        with theirs.scope():
            path = path_of(route, theirs)
        problem(ask(Client(), path, secret), 404, "not_found")


def test_a_signed_in_person_needs_a_token_as_well(company: Company, sign_in: Callable[[Any], Client]) -> None:
    response = sign_in(company.users["owner"]).get("/api/v1/people")
    problem(response, 401, "not_authenticated")
    assert response["WWW-Authenticate"] == CHALLENGE


# Tokens


def test_only_a_fingerprint_of_the_secret_is_kept(company: Company) -> None:
    secret = make_token(company)
    assert len(secret) >= 46
    with company.scope():
        token = ApiToken.objects.get()
        kept = " ".join(str(value) for value in vars(token).values())
    assert secret not in kept
    assert secret[10:] not in kept
    assert token.prefix == secret[:10]


@pytest.mark.parametrize("header", ["Bearer", "Bearer ", "Basic abc", "Token x", "pm_x", "Bearer\tx"])
def test_a_header_that_names_no_token_is_refused(company: Company, header: str) -> None:
    problem(Client().get("/api/v1/people", headers={"Authorization": header}), 401, "not_authenticated")


def test_unknown_revoked_and_expired_tokens_are_refused_alike(company: Company) -> None:
    revoked, expired = make_token(company, name="revoked"), make_token(company, name="expired")
    assert [Api(secret).get("units").status_code for secret in (revoked, expired)] == [200, 200]
    Api(revoked).batch(body(row()))
    with company.scope():
        services.revoke(ApiToken.objects.get(name="revoked").pk)
        services.revoke(ApiToken.objects.get(name="revoked").pk)
        today = workspace_of(company.tenant).today()
        ApiToken.objects.filter(name="expired").update(expires_on=today - timedelta(days=1))
        assert not BatchAnswer.objects.exists()
    answers = []
    for secret in (revoked, expired, "pm_nonsense", "x" * 5000, "ü"):
        response = Api(secret).get("units")
        problem(response, 401, "invalid_token")
        answers.append(response.content)
    assert len(set(answers)) == 1


def test_a_token_works_on_its_last_day(company: Company) -> None:
    assert Api(make_token(company, days=0)).get("units").status_code == 200


def test_the_day_of_last_use_is_noted_once_a_day(company: Company, django_assert_max_num_queries: Any) -> None:
    api = Api(make_token(company))
    api.get("units")
    with company.scope():
        today = workspace_of(company.tenant).today()
        assert ApiToken.objects.get().last_used_on == today
    with django_assert_max_num_queries(8) as seen:
        api.get("units")
    assert not any("UPDATE" in query["sql"] for query in seen.captured_queries)


def test_names_of_working_tokens_are_unique_and_unknown_scopes_are_refused(company: Company) -> None:
    make_token(company, name="CRM")
    with pytest.raises(Conflict, match="CRM"):
        make_token(company, name="CRM")
    with pytest.raises(DomainError):
        make_token(company, "everything", name="Other")
    with company.scope():
        services.revoke(ApiToken.objects.get(name="CRM").pk)
    make_token(company, name="CRM")


def test_a_workspace_takes_its_tokens_along(company: Company, other_company: Company) -> None:
    secret, other = make_token(company), make_token(other_company)
    remove_workspace(company.tenant)
    assert [route.tenant_id for route in TokenRoute.objects.all()] == [other_company.tenant.pk]
    problem(Api(secret).get("units"), 401, "invalid_token")
    assert Api(other).get("units").status_code == 200


# The page


def test_the_owner_makes_a_token_sees_the_secret_once_and_revokes_it(
    company: Company, sign_in: Callable[[Any], Client]
) -> None:
    client, page = sign_in(company.users["owner"]), "/w/acme/api-tokens/"
    form = {"name": "CRM", "days": "90", "scopes": ["people:read", "facts:write"]}
    answer = client.post(page, form)
    (secret,) = re.findall(r'value="(pm_[\w-]{43})"', text_of(answer))
    assert "no-store" in answer["Cache-Control"]
    assert secret not in text_of(client.get(page))
    assert Api(secret).get("people").status_code == 200
    problem(Api(secret).get("facts"), 403, "missing_scope")
    with company.scope():
        token = ApiToken.objects.get()
        assert (token.created_by, token.scopes) == (company.users["owner"], ["facts:write", "people:read"])
        assert token.expires_on == workspace_of(company.tenant).today() + timedelta(days=90)
    twice = text_of(client.post(page, form))
    assert "Another token is called “CRM”" in twice
    assert client.post(f"{page}{token.pk}/revoke/", follow=True).status_code == 200
    problem(Api(secret).get("people"), 401, "invalid_token")


@pytest.mark.parametrize(
    ("scopes", "path"),
    [(["rollups:read", "people:read"], "units"), (["facts:read", "metrics:read"], "metrics"), (["facts:write"], "")],
)
def test_a_new_token_can_be_copied_and_tried_with_what_it_may_read(
    company: Company, sign_in: Callable[[Any], Client], scopes: list[str], path: str
) -> None:
    form = {"name": "CRM", "days": "90", "scopes": scopes}
    page = text_of(sign_in(company.users["owner"]).post("/w/acme/api-tokens/", form))
    assert page.count('data-copy="secret"') == 1
    found = re.findall(r"Bearer \$PERFMGMT_TOKEN&quot; &quot;http://testserver/api/v1/([^&]+)&quot;", page)
    assert found == ([path] if path else [])
    if path:
        (secret,) = re.findall(r'value="(pm_[\w-]{43})"', page)
        assert Api(secret).get(path).status_code == 200


@pytest.mark.parametrize(
    "change", [{"name": ""}, {"scopes": []}, {"scopes": ["all"]}, {"days": "9999"}, {"name": "x" * 81}]
)
def test_a_form_that_is_not_complete_makes_nothing(
    company: Company, sign_in: Callable[[Any], Client], change: dict[str, Any]
) -> None:
    form = {"name": "CRM", "days": "90", "scopes": ["people:read"], **change}
    answer = sign_in(company.users["owner"]).post("/w/acme/api-tokens/", form)
    assert 'class="field-error"' in text_of(answer)
    with company.scope():
        assert not ApiToken.objects.exists()


def test_tokens_are_found_and_filtered(company: Company, sign_in: Callable[[Any], Client]) -> None:
    make_token(company, name="Nightly")
    make_token(company, name="Gone")
    with company.scope():
        services.revoke(ApiToken.objects.get(name="Gone").pk)
    client = sign_in(company.users["owner"])
    for query, found in (("q=night", ["Nightly"]), ("state=revoked", ["Gone"]), ("state=active", ["Nightly"]),
                         ("state=expired", []), ("q=zzz", [])):  # fmt: skip
        text = text_of(client.get(f"/w/acme/api-tokens/?{query}"))
        assert [name for name in ("Nightly", "Gone") if f">{name}<br>" in text] == found


# Limits


def test_a_token_is_slowed_down_and_another_is_not(company: Company, settings: Any) -> None:
    settings.API_RATES = {**settings.API_RATES, "token": "3/min"}
    api, other = Api(make_token(company)), Api(make_token(company, name="Other"))
    assert [api.get("units").status_code for _ in range(4)] == [200, 200, 200, 429]
    response = api.get("units")
    problem(response, 429, "throttled")
    assert 1 <= int(response["Retry-After"]) <= 60
    assert other.get("units").status_code == 200


def test_batches_have_a_limit_of_their_own(api: Api, settings: Any) -> None:
    settings.API_RATES = {**settings.API_RATES, "batch": "1/min"}
    assert [api.batch(body(row()), key).status_code for key in "abc"] == [200, 429, 429]
    assert api.get("units").status_code == 200


def test_guessing_is_slowed_down_by_address_and_working_tokens_are_not(company: Company, settings: Any) -> None:
    settings.API_RATES = {**settings.API_RATES, "failed": "3/min"}
    guesses = [Api(f"pm_{number}").get("units").status_code for number in range(5)]
    assert guesses == [401, 401, 401, 429, 429]
    assert Api(make_token(company)).get("units").status_code == 200
    elsewhere = Client(REMOTE_ADDR="10.9.8.7").get("/api/v1/units", headers={"Authorization": "Bearer pm_x"})
    assert elsewhere.status_code == 401


def test_without_redis_requests_are_let_through_and_it_is_logged(
    api: Api, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": "redis://127.0.0.1:1/0"}}
    with caplog.at_level(logging.WARNING, "perfmgmt.api"):
        assert api.get("units").status_code == 200
    assert "Redis is not reachable" in caplog.text
    cache.close()


# Errors


def test_errors_are_problem_documents_whatever_goes_wrong(api: Api) -> None:
    headers = {"Authorization": f"Bearer {api.secret}"}
    problem(api.client.get("/api/v1/nowhere", headers=headers), 404, "not_found")
    problem(api.client.get("/api/"), 404, "not_found")
    response = api.client.post("/api/v1/people", headers=headers)
    problem(response, 405, "method_not_allowed")
    assert response["Allow"] == "GET, HEAD"
    problem(api.client.options("/api/v1/people", headers=headers), 405, "method_not_allowed")
    problem(api.get("facts:batch"), 405, "method_not_allowed")
    problem(api.get("people", Accept="text/csv"), 406, "not_acceptable")
    problem(api.client.get("/api/v1/people?q=%00", headers=headers), 400, "invalid")
    assert api.get("people", Accept="application/*").status_code == 200
    assert api.get("people", {"format": "api"}).status_code == 400


def test_a_fault_of_ours_is_a_problem_document_too(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_args: Any) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr("perfmgmt.api.endpoints.people.UnitsView.rows", broken)
    api.client.raise_request_exception = False
    response = api.get("units")
    problem(response, 500, "server_error")
    assert b"secret detail" not in response.content


def test_problems_speak_the_language_that_was_asked_for(api: Api) -> None:
    chinese = api.get("people/999999", Accept_Language="zh-CN")
    assert "找不到" in chinese.json()["detail"]
    assert chinese["Content-Language"] == "zh-hans"
    assert "can't find" in api.get("people/999999", Accept_Language="en").json()["detail"]
    assert re.search("[一-龥]", api.get("people", {"limit": 0}, Accept_Language="zh-hans").json()["detail"])


def test_answers_are_not_kept_by_anybody_between(api: Api) -> None:
    for path in ("people", "people/999999"):
        assert "no-store" in api.get(path)["Cache-Control"]


def test_the_viewer_who_made_a_token_may_leave(company: Company) -> None:
    secret = make_token(company)
    with company.scope():
        assert viewer_in(company.users["owner"].pk, today_here()) is not None
        company.membership("owner").delete()
    assert Api(secret).get("people").status_code == 200
