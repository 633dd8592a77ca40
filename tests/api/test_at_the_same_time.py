"""Batches that meet: committed data, requests on connections of their own."""

from collections.abc import Callable
from threading import Thread
from typing import Any

import pytest
from django.db import connections

from perfmgmt.tenants.locks import Lock, wait_lock
from perfmgmt.tenants.scope import tenant_scope
from tests.api.conftest import Api, make_token, problem
from tests.api.test_batch import body, facts, nothing_is_left, results, row
from tests.factories import Company


@pytest.fixture
def busy_shop(committed: None) -> tuple[Company, Api]:
    """A committed company, for requests on several connections."""
    company = Company.create("acme")
    return company, Api(make_token(company))


def elsewhere(work: Callable[[], Any]) -> Any:
    """Do something on a connection of its own; return its result."""
    found: list[Any] = []

    def run() -> None:
        try:
            found.append(work())
        finally:
            connections.close_all()

    thread = Thread(target=run)
    thread.start()
    thread.join(60)
    return found[0]


def test_a_key_that_is_being_worked_on_is_in_use(busy_shop: tuple[Company, Api]) -> None:
    company, api = busy_shop
    with tenant_scope(company.tenant.pk):
        first = api.batch(body(row("a")), "same")  # not committed before the scope closes
        response = elsewhere(lambda: api.batch(body(row("a")), "same"))
        found = problem(response, 409, "idempotency_key_in_use")
        assert (response["Retry-After"], "moment" in found["detail"]) == ("1", True)
        assert results(first) == ["added"]
    again = elsewhere(lambda: api.batch(body(row("a")), "same"))
    assert again.content == first.content
    assert len(facts(company)) == 1


def test_a_batch_waits_only_so_long_for_an_import(
    busy_shop: tuple[Company, Api], monkeypatch: pytest.MonkeyPatch
) -> None:
    company, api = busy_shop
    monkeypatch.setattr("perfmgmt.api.batch.WAIT", "200ms")
    with tenant_scope(company.tenant.pk):
        wait_lock(Lock.FACTS, company.tenant.pk)
        response = elsewhere(lambda: api.batch(body(row("a")), "k"))
        problem(response, 503, "busy")
        assert response["Retry-After"] == "5"
    assert nothing_is_left(company)
    assert results(elsewhere(lambda: api.batch(body(row("a")), "k"))) == ["added"]
