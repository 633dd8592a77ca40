"""The OpenAPI document: valid, in both languages, and true: what it says is what the application does."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from django.test import Client
from drf_spectacular.validation import validate_schema
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from schemathesis.config import SchemathesisConfig
from schemathesis.specs.openapi.checks import ignored_auth

from perfmgmt.api.models import ApiToken, BatchAnswer
from perfmgmt.api.reference import document
from perfmgmt.api.scopes import REGISTRY
from perfmgmt.metrics.models import FactsBatch
from tests.api.conftest import make_token
from tests.api.test_access import api_routes
from tests.api.test_batch import body, row
from tests.factories import Company
from tests.people.walk import OBJECTS
from tests.tenants.samples import canary, fill

pytestmark = pytest.mark.django_db
CONFIG = {
    "generation": {
        "deterministic": True,
        "database": "none",
        "max-examples": 15,
        "with-security-parameters": False,
        "allow-x00": False,
    },
    "phases": {"fuzzing": {"enabled": True}, "coverage": {"enabled": True}},
}

# What is sent to addresses that write.
SENT = {
    "/api/v1/contacts:add": {"name": "Ann", "email": "ann@lakeside.example", "language": "en"},
    "/api/v1/contacts/{contact_id}:change": {"title": "Buyer"},
    "/api/v1/contacts/{contact_id}:consent": {"state": "withdrawn", "source": "Call"},
}


@pytest.fixture
def secret(company: Company, settings: Any) -> str:
    """A token of all scopes in a company with rows in every table, without limits."""
    fill(company)
    with company.scope():
        company.drain()
    settings.API_RATES = dict.fromkeys(settings.API_RATES, "1000000/min")
    return make_token(company)


def application() -> Any:
    """The application as schemathesis sees it: the document, and the way to it over WSGI."""
    loaded = schemathesis.openapi.from_dict(document("en"), config=SchemathesisConfig.from_dict(CONFIG))
    loaded.app = get_wsgi_application()
    return loaded


schema = application()


@pytest.fixture(autouse=True)
def _connection_stays_open() -> Iterator[None]:
    """The signals that would close the test's connection are off, as they are in Django's own test client."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@schema.parametrize()
@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_nothing_that_is_sent_is_answered_otherwise_than_described(case: Any, secret: str, company: Company) -> None:
    """Right and wrong values for everything: no 5xx, no status, type or field that the document does not name."""
    with company.scope():
        BatchAnswer.objects.all().delete()  # the same key comes with many bodies, which is a conflict of its own
    # Every address without its token: test_access.py.
    case.call_and_validate(headers={"Authorization": f"Bearer {secret}"}, excluded_checks=[ignored_auth])


def test_the_document_is_openapi_3_1_and_valid_in_both_languages() -> None:
    for language in ("en", "zh-hans"):
        found = json.loads(Client().get("/api/v1/schema/", headers={"Accept-Language": language}).content)
        assert found["openapi"] == "3.1.0"
        validate_schema(found)
    assert document("zh-hans")["paths"]["/api/v1/people"]["get"]["summary"] == "列出人员"


def test_every_address_is_described_with_its_scope() -> None:
    paths = document("en")["paths"]
    described = {
        (path.replace("{", "<").replace("}", ">"), operation["security"][0]["token"][0])
        for path, item in paths.items()
        for operation in item.values()
    }
    found = {
        (f"/{route.pattern}".replace("int:", "").replace("slug:", ""), route.access.scope)
        for route in api_routes()
        if route.access
    }
    assert described == found
    assert {scope for _path, scope in found} <= set(REGISTRY)


def test_rows_that_are_there_look_as_described(secret: str, company: Company) -> None:
    headers = {"Authorization": f"Bearer {secret}", "Idempotency-Key": "k"}
    seen = 0
    for route in api_routes():
        template = f"/{route.pattern}".replace("<int:", "{").replace("<slug:", "{").replace(">", "}")
        sent: dict[str, Any] = {"headers": {**headers, "Idempotency-Key": template}}
        with company.scope():
            sent["path_parameters"] = {
                name: "orders" if name == "code" else OBJECTS[name](company) for name in route.kwargs
            }
            FactsBatch.objects.filter(token_name=canary(company)).update(token_id=ApiToken.objects.latest("id").pk)
        if template.endswith("batch"):
            operation = schema[template]["POST"]
            sent["body"] = body(row(), row("b", "x"), row("c", 1.5, customer=None))
            sent["media_type"] = "application/json"
        elif template.endswith(":undo"):
            operation = schema[template]["POST"]
        elif template in SENT:
            operation = schema[template]["POST"]
            sent["body"], sent["media_type"] = SENT[template], "application/json"
        else:
            operation = schema[template]["GET"]
            if template.endswith("rollups"):
                sent["query"] = {"metric": "sales_amount", "grain": "month"}
        response = operation.Case(**sent).call_and_validate()
        assert response.status_code == (202 if template.endswith(":undo") else 200)
        assert response.json().get("results", [1])
        seen += 1
    assert seen == len(document("en")["paths"])


def test_the_reference_shows_every_address_and_scope() -> None:
    text = Client().get("/api/v1/docs/", headers={"Accept-Language": "zh-hans"}).content.decode()
    for path in document("en")["paths"]:
        assert path in text
    for scope in REGISTRY.values():
        assert scope.code in text
    assert "列出业绩记录" in text
