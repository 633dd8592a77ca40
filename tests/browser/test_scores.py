"""HR looks at the scores of a quarter, opens one, and follows it to the facts; on a phone as well."""

from __future__ import annotations

import os
from datetime import date
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from reviews.models import ScoreDeduction
from tests.browser.acts import give_password, sign_in
from tests.browser.harness import fits
from tests.factories import Company
from tests.reviews.factories import add_peers, answer, open_cycle
from tests.reviews.scores_factories import FEBRUARY, Q1, QUARTER, make_card, month_targets, settle

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser


@pytest.fixture
def acme(base_url: str) -> Company:
    """A committed company with scores of the first quarter of 2025; ann's has a review that is not released."""
    company = Company.create("acme")
    with company.scope():
        cycle = open_cycle(company, "ann")
        sales = [
            {"metric": "sales_amount", "weight": 70},
            {"metric": "csat", "kind": "csat", "input": "actual", "points": [["1", "0"], ["5", "100"]], "weight": 30},
        ]
        make_card((60, sales), (20, [{"metric": "orders"}]), (20, [{"questionnaire": cycle.questionnaire}]))
        for person, value in (("ann", 240), ("bob", 360), ("cid", 150)):
            month_targets(company, person, "sales_amount", 100)
            company.fact(person, "sales_amount", FEBRUARY, value)
            company.fact(person, "csat", date(2025, 3, 3), 4)
        month_targets(company, "ann", "orders", 2)
        company.fact("ann", "orders", FEBRUARY, 5)
        ScoreDeduction.objects.create(
            employee=company.people["ann"], grain=QUARTER, start=Q1, points=2, reason="月报迟交", happened_on=FEBRUARY
        )
        answer(cycle, cycle.people["ann"].raters.get(group="manager"), 4, 4, 5)
        for rater in add_peers(company, cycle, "ann", 2):
            answer(cycle, rater, 5, 5, 5)
        settle(company)
    give_password("hr@acme.example")
    return company


def _picture(page: Page, name: str) -> None:
    """Keep a picture for who wants to look at it."""
    if folder := os.environ.get("SCORES_PICTURES"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


def test_from_the_list_to_the_facts_of_a_part(page: Page, base_url: str, acme: Company) -> None:
    sign_in(page, base_url, "hr@acme.example")
    page.get_by_role("link", name="得分", exact=True).first.click()
    page.goto(f"{base_url}/w/acme/scores/?period=2025-Q1")
    expect(page.get_by_text("评价结果尚未公布")).to_be_visible()
    _picture(page, "list_zh")
    page.get_by_role("link", name="李安").click()
    expect(page.get_by_role("heading", name="这个得分怎么来的")).to_be_visible()
    for part in page.locator("details.trace-part").all():
        part.locator("summary").press("Enter")  # lines open by keyboard
    expect(page.get_by_text("评价结果在公布结果时显示").first).to_be_visible()
    _picture(page, "trace_zh")
    page.set_viewport_size({"width": 390, "height": 844})
    _picture(page, "trace_phone")
    assert fits(page)
    page.set_viewport_size({"width": 1440, "height": 900})
    page.get_by_role("link", name="业绩记录", exact=True).locator("visible=true").last.click()
    expect(page).to_have_url(f"{base_url}/w/acme/facts/?metric=orders&from=2025-01-01&to=2025-03-31"
                             f"&employee={acme.people['ann'].pk}")  # fmt: skip
