"""A company with tokens, and a caller that speaks to the API as a program does."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from perfmgmt.api.scopes import REGISTRY
from perfmgmt.api.services import issue
from perfmgmt.people.viewer import viewer_in, workspace_of
from tests.factories import Company


def make_token(company: Company, *scopes: str, name: str = "Test", days: int = 30) -> str:
    """Return the secret of a new token of a company; without scopes it may do everything."""
    with company.scope():
        today = workspace_of(company.tenant).today()
        viewer = viewer_in(company.users["owner"].pk, today)
        assert viewer is not None
        _token, secret = issue(
            name=name, scopes=scopes or REGISTRY, last_day=today + timedelta(days=days), viewer=viewer
        )
    return secret


class Api:
    """Requests with a token; `path` stands below /api/v1/."""

    def __init__(self, secret: str) -> None:
        self.client, self.secret = Client(raise_request_exception=True), secret

    def _headers(self, headers: dict[str, str]) -> dict[str, str]:
        found = {"Authorization": f"Bearer {self.secret}", **headers}
        return {name: value for name, value in found.items() if value}

    def get(self, path: str, query: dict[str, Any] | None = None, **headers: str) -> Any:
        """GET; a header's name has underscores here."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.get(f"/api/v1/{path}", query or {}, headers=self._headers(sent))

    def batch(self, body: Any, key: str = "k1", **headers: str) -> Any:
        """POST facts:batch; a body that is no text becomes JSON."""
        sent = {"Idempotency-Key": key, **{name.replace("_", "-"): value for name, value in headers.items()}}
        content = body if isinstance(body, str | bytes) else json.dumps(body)
        return self.client.post(
            "/api/v1/facts:batch", content, content_type="application/json", headers=self._headers(sent)
        )

    def undo(self, batch: int, key: str = "undo", **headers: str) -> Any:
        """POST facts/batches/<id>:undo."""
        sent = {"Idempotency-Key": key, **{name.replace("_", "-"): value for name, value in headers.items()}}
        return self.client.post(f"/api/v1/facts/batches/{batch}:undo", headers=self._headers(sent))

    def pages(self, path: str, query: dict[str, Any] | None = None) -> list[Any]:
        """Follow `next` to the end; return all results."""
        response, found = self.get(path, query), []
        while True:
            assert response.status_code == 200, response.content
            page = response.json()
            found += page["results"]
            if page["next"] is None:
                return found
            response = self.client.get(page["next"], headers=self._headers({}))


def problem(response: HttpResponse, status: int, code: str) -> dict[str, Any]:
    """Check that an answer is a problem document; return it."""
    assert response.status_code == status, response.content
    assert response["Content-Type"] == "application/problem+json"
    found: dict[str, Any] = json.loads(response.content)
    assert (found["status"], found["code"]) == (status, code)
    assert found["type"] == f"urn:perfmgmt:problem:{code}"
    assert found["title"]
    return found


@pytest.fixture
def api(company: Company) -> Api:
    """A caller with every scope in `acme`."""
    return Api(make_token(company))


@pytest.fixture
def api_with(company: Company) -> Callable[..., Api]:
    """Callers with only some scopes."""
    return lambda *scopes: Api(make_token(company, *scopes, name=" ".join(scopes)))
