"""The list behind a figure: what an odd address shows, and that it says so."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client

from perfmgmt.metrics import views
from tests.factories import Company

pytestmark = pytest.mark.django_db
SignIn = Callable[[Any], Client]
MARCH = date(2025, 3, 1)


@pytest.fixture
def facts(company: Company, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Any]:
    """Eleven facts in pages of five; opens an address as HR."""
    monkeypatch.setattr(views, "FACTS_PER_PAGE", 5)
    with company.scope():
        for n in range(11):
            company.fact("ann", "orders", MARCH + timedelta(days=n), n)
        company.drain()
    client = sign_in(company.users["hr"])
    return lambda query: client.get(f"/w/acme/facts/?metric=orders&{query}")


def test_days_the_wrong_way_round_are_swapped_and_the_page_says_so(facts: Callable[[str], Any]) -> None:
    page = facts("from=2025-03-31&to=2025-03-01")
    assert (page.context["wanted"].first, page.context["wanted"].last) == (MARCH, date(2025, 3, 31))
    assert len(page.context["rows"]) == 5
    assert "the two are swapped" in page.content.decode()
    assert "the two are swapped" not in facts("from=2025-03-01&to=2025-03-31").content.decode()


def test_the_page_says_so_in_chinese(company: Company, sign_in: SignIn) -> None:
    client = sign_in(company.users["hr"])
    client.cookies["django_language"] = "zh-hans"
    page = client.get("/w/acme/facts/?from=2025-03-31&to=2025-03-01").content.decode()
    assert "已自动对调" in page


def test_a_last_day_alone_means_its_month(facts: Callable[[str], Any]) -> None:
    wanted = facts("to=2025-03-04").context["wanted"]
    assert (wanted.first, wanted.last, wanted.turned) == (MARCH, date(2025, 3, 4), False)


@pytest.mark.parametrize(
    ("text", "number"), [("2", 2), ("3", 3), ("4", 3), ("999", 3), ("9" * 5000, 1), ("0", 3), ("-1", 3), ("x", 1)]
)
def test_a_page_beyond_the_last_is_the_last(facts: Callable[[str], Any], text: str, number: int) -> None:
    page = facts(f"from=2025-03-01&to=2025-03-31&page={text}")
    assert (page.context["page"].number, page.context["page"].has_next()) == (number, number < 3)
    assert len(page.context["rows"]) == (1 if number == 3 else 5)


def test_the_foot_says_which_facts_of_how_many(facts: Callable[[str], Any]) -> None:
    assert "6–10 of 11 rows" in facts("from=2025-03-01&to=2025-03-31&page=2").content.decode()


def test_a_very_long_list_ends_where_it_says(facts: Callable[[str], Any], monkeypatch: pytest.MonkeyPatch) -> None:
    whole = "from=2025-03-01&to=2025-03-31"
    assert "There are more than" not in facts(whole).content.decode()
    monkeypatch.setattr(views, "MOST_FACTS", 8)
    page = facts(f"{whole}&page=99")
    assert (page.context["page"].number, len(page.context["rows"])) == (2, 3)
    assert "There are more than 8 facts" in page.content.decode()


def test_pages_beyond_the_two_hundredth_are_reached(
    facts: Callable[[str], Any], company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "FACTS_PER_PAGE", 1)
    with company.scope():
        for n in range(200):
            company.fact("ann", "orders", MARCH, n)
    page = facts("from=2025-03-01&to=2025-03-31&page=211")
    assert page.context["page"].number == 211
    assert len(page.context["rows"]) == 1


@pytest.mark.parametrize(
    ("query", "cut"),
    [("from=1990-01-01&to=2025-03-31", True), ("from=1990-01-01", True), ("from=2020-01-01&to=2025-03-31", False),
     ("from=2025-03-01&to=2035-03-09", False)],
)  # fmt: skip
def test_a_range_that_is_too_long_is_cut_and_the_page_says_so(
    facts: Callable[[str], Any], query: str, cut: bool
) -> None:
    page = facts(query)
    assert page.context["cut"] is cut
    assert ("More than ten years" in page.content.decode()) is cut


def test_a_page_of_nothing_is_the_first(facts: Callable[[str], Any]) -> None:
    page = facts("from=2024-03-01&to=2024-03-31&page=7")
    assert (page.context["page"].number, page.context["rows"]) == (1, [])


@pytest.mark.parametrize("text", ["999", "0", "-1", "x"])
def test_the_other_lists_do_the_same(company: Company, sign_in: SignIn, text: str) -> None:
    client = sign_in(company.users["hr"])
    for address in ("people/", "jobs/", ""):
        page = client.get(f"/w/acme/{address}?page={text}").context["page"]
        assert page.number == (1 if text == "x" else page.paginator.num_pages), address
