"""The list behind a figure of a locked period: it says that the figure is locked, and what changed since."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.test import Client

from perfmgmt.closing.services import lock_period
from perfmgmt.tenants.calendar import Period
from tests.factories import Company

pytestmark = pytest.mark.django_db
SignIn = Callable[[Any], Client]
MARCH = "metric=sales_amount&from=2025-03-01&to=2025-03-31"


@pytest.fixture
def locked(company: Company) -> Company:
    """March 2025 is locked with 300 of ann and bob."""
    with company.scope():
        company.fact("ann", "sales_amount", date(2025, 3, 5), 100)
        company.fact("bob", "sales_amount", date(2025, 3, 6), 200)
        company.drain()
        lock_period(
            Period.parse("2025-03"), today=date(2025, 5, 1), user_id=None, job_id=None, slug=company.tenant.slug
        )
    return company


def page(client: Client, query: str) -> Any:
    return client.get(f"/w/acme/facts/?{query}")


def test_it_says_what_is_locked_and_that_nothing_changed(locked: Company, sign_in: SignIn) -> None:
    found = page(sign_in(locked.users["hr"]), MARCH)
    (note,) = found.context["notes"]
    assert "March 2025" in note.text and "300" in note.text
    assert "None of these facts came or changed since." in note.text
    assert note.url == "/w/acme/periods/one/?period=2025-03"
    assert note.url in found.content.decode()


def test_it_keeps_the_locked_figure_and_counts_what_came_later(locked: Company, sign_in: SignIn) -> None:
    with locked.scope():
        locked.fact("ann", "sales_amount", date(2025, 3, 7), 50)
        locked.drain()
    client = sign_in(locked.users["hr"])
    (note,) = page(client, MARCH).context["notes"]
    assert "300" in note.text and "350" not in note.text
    assert "1 of these facts came or changed since." in note.text
    with locked.scope():
        ann, bob, north = locked.people["ann"].pk, locked.people["bob"].pk, locked.units["north"].pk
    (note,) = page(client, f"{MARCH}&employee={ann}").context["notes"]
    assert "100" in note.text and "1 of these facts" in note.text
    (note,) = page(client, f"{MARCH}&employee={bob}").context["notes"]
    assert "None of these facts" in note.text
    assert page(client, f"{MARCH}&unit={north}").context["notes"]


def test_some_days_of_a_locked_month_say_so_without_a_figure(locked: Company, sign_in: SignIn) -> None:
    client = sign_in(locked.users["hr"])
    (note,) = page(client, "metric=sales_amount&from=2025-03-10&to=2025-04-10").context["notes"]
    assert "March 2025" in note.text and "300" not in note.text
    assert page(client, "metric=sales_amount&from=2025-04-01&to=2025-04-30").context["notes"] == []


def test_several_locked_months_are_named_together(locked: Company, sign_in: SignIn) -> None:
    with locked.scope():
        lock_period(
            Period.parse("2025-02"), today=date(2025, 5, 1), user_id=None, job_id=None, slug=locked.tenant.slug
        )
    (note,) = page(sign_in(locked.users["hr"]), "metric=sales_amount&from=2025-01-01&to=2025-12-31").context["notes"]
    assert "2 months" in note.text


def test_who_may_not_see_the_close_gets_no_link(locked: Company, sign_in: SignIn) -> None:
    (note,) = page(sign_in(locked.users["assistant"]), MARCH).context["notes"]
    assert note.url == "" and "100" in note.text
