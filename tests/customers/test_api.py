"""Contacts by the API: added once, changed, asked, never another workspace's."""

import json
from datetime import date
from typing import Any

import pytest

from perfmgmt.customers.models import Consent, Contact
from tests.api.conftest import Api, make_token, problem
from tests.customers.book import book
from tests.factories import Company

pytestmark = pytest.mark.django_db


def send(api: Api, path: str, body: Any, key: str = "k") -> Any:
    headers = {"Authorization": f"Bearer {api.secret}", "Idempotency-Key": key}
    return api.client.post(f"/api/v1/{path}", json.dumps(body), content_type="application/json", headers=headers)


def test_a_contact_is_added_once_and_changed(company: Company, today: date) -> None:
    with company.scope():
        there = book(company, today)
    api = Api(make_token(company))
    body = {"name": "Liu", "email": "Liu@hengda.example", "customer": "恒达贸易", "language": "en"}
    first, again = send(api, "contacts:add", body), send(api, "contacts:add", body)
    assert first.status_code == again.status_code == 200, first.content
    made = first.json()
    assert (made["customer"], made["email"], again.headers["Idempotency-Replayed"]) == (
        "恒达贸易", "liu@hengda.example", "true")  # fmt: skip
    problem(send(api, "contacts:add", body, "k2"), 409, "taken")
    changed = send(api, f"contacts/{made['id']}:change", {"customer": "LAKE-1", "title": "Buyer"}, "k3").json()
    assert (changed["customer"], changed["title"], changed["name"]) == ("LAKE-1", "Buyer", "Liu")
    asked = send(api, f"contacts/{made['id']}:consent", {"state": "given", "source": "Form"}, "k4").json()
    assert asked["consent"] == "given"
    listed = api.get("contacts", {"consent": "given"}).json()["results"]
    assert [each["id"] for each in listed] == [made["id"]]
    assert len(api.get("customers").json()["results"]) == 3
    with company.scope():
        assert Consent.objects.get().recorded_by is None
        assert Contact.objects.count() == 4
        Contact.objects.filter(pk=there.old.pk).update(merged_into=there.lake)
    assert api.get(f"contacts/{there.old.pk}").status_code == 404
    assert send(api, f"contacts/{there.old.pk}:change", {"title": "x"}, "k9").status_code == 409


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ([], 400), ({}, 400), ({"name": 5}, 400), ({"name": ""}, 400), ({"name": "A", "mail": "x"}, 400),
        ({"name": "A", "email": "x"}, 400), ({"name": "A", "language": "fr"}, 400),
        ({"name": "A", "customer": "nobody"}, 404), ({"name": "A", "time_zone": "Mars"}, 404),
    ],
)  # fmt: skip
def test_a_wrong_body_is_refused(company: Company, body: Any, status: int) -> None:
    assert send(Api(make_token(company)), "contacts:add", body).status_code == status
    with company.scope():
        assert not Contact.objects.exists()


def test_a_scope_and_a_workspace_are_needed(company: Company, other_company: Company, today: date) -> None:
    with company.scope():
        there = book(company, today)
    reader = Api(make_token(company, "customers:read"))
    problem(send(reader, "contacts:add", {"name": "A"}), 403, "missing_scope")
    stranger = Api(make_token(other_company))
    assert stranger.get("contacts").json()["results"] == []
    assert send(stranger, f"contacts/{there.wang.pk}:change", {"title": "x"}).status_code == 404
    assert send(stranger, f"contacts/{there.wang.pk}:consent", {"state": "given", "source": "x"}).status_code == 404
