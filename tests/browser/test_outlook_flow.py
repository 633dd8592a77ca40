"""A manager asks how likely a target is; HR keeps the market index: in Chromium."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from perfmgmt.metrics.models import MarketIndex
from perfmgmt.people.models import Assignment
from perfmgmt.tenants.calendar import add_months
from tests.browser.acts import give_password, sign_in
from tests.browser.harness import Look, axe_findings, check_page, screenshot
from tests.factories import Company, today_here
from tests.metrics.forecasting import prepared, record, steady

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser
TODAY = today_here()
LAST = add_months(TODAY.replace(day=1), -1)


@pytest.fixture
def acme(base_url: str) -> Company:
    """A committed company: four people with a year and a half of sales and orders, and forecasts of them."""
    company = Company.create("acme")
    with company.scope():
        Assignment.objects.update(valid_from=add_months(TODAY, -30))
        for who, level in (("ann", 100_000), ("bob", 150_000), ("cid", 200_000), ("rival", 250_000)):
            steady(company, who, "sales_amount", level, last=LAST)
            steady(company, who, "orders", level // 8_000, last=LAST)
        record(company, "ann", "sales_amount", {add_months(LAST, 1): (61_000, 4)})
        MarketIndex.objects.create(month=add_months(LAST, 1), factor="0.97", source="行业协会")
        prepared(company, TODAY)
    for role in ("manager", "hr"):
        give_password(f"{role}@acme.example")
    return company


def look(page: Page, name: str) -> None:
    """Keep a picture where somebody wants to look at it."""
    if os.environ.get("SCREENSHOTS"):
        for width in (1440, 390):
            page.set_viewport_size({"width": width, "height": 900})
            screenshot(page, name, "x", width, "light")
        page.set_viewport_size({"width": 1440, "height": 900})


def test_a_manager_types_targets_until_one_is_fair(page: Page, base_url: str, acme: Company) -> None:
    sign_in(page, base_url, "manager@acme.example")
    page.goto(f"{base_url}/w/acme/people/{acme.people['ann'].pk}/outlook/")
    expect(page.get_by_role("heading", name="期末预测")).to_be_visible()
    assert axe_findings(page) == []
    look(page, "person-outlook")
    page.get_by_role("link", name="销售额", exact=True).click()
    expect(page.locator(".outlook-words")).to_contain_text("建议")
    # The next month: of the running one more or less is reached already, by the day on which the test runs.
    page.goto(f"{page.url.split('?')[0]}?start={add_months(LAST, 2)}")
    words = page.locator(".outlook-words")
    expect(words).to_contain_text("建议")
    [suggested] = re.findall(r"建议\D{0,6}([\d,]+)", words.inner_text())

    target = page.get_by_label("目标值")
    target.press_sequentially("300,000", delay=20)
    expect(page.locator(".outlook-answer")).to_contain_text("过高")
    expect(target).to_be_focused()
    expect(page.locator(".outlook-target")).to_have_count(1)
    look(page, "outlook")
    target.fill(suggested)
    expect(page.locator(".outlook-answer")).to_contain_text("适中")
    target.fill("zehn")
    expect(page.locator(".outlook-answer")).to_contain_text("请输入数字")
    assert axe_findings(page) == []


def test_the_managers_home_says_where_the_team_will_end(page: Page, base_url: str, acme: Company) -> None:
    sign_in(page, base_url, "manager@acme.example", "en")
    page.goto(f"{base_url}/w/acme/")
    part = page.locator("#home-forecast")
    part.scroll_into_view_if_needed()
    expect(part).to_contain_text("Forecast to its end")
    expect(part).to_contain_text("CN¥61,000")
    look(page, "home-forecast")


def test_hr_pastes_the_market_and_prepares_forecasts(page: Page, base_url: str, acme: Company) -> None:
    sign_in(page, base_url, "hr@acme.example", "en")
    page.goto(f"{base_url}/w/acme/market/")
    month = add_months(LAST, 4)
    rows = f"{month:%Y-%m}\t\t\t1.04\tNBS\n{month:%Y-%m}\tNorth\t\t1.1\t\n"
    page.get_by_label("Rows").fill(rows)
    page.get_by_role("button", name="Take over the rows").click()
    expect(page.locator(".message-success")).to_contain_text("2 rows added")
    expect(page.get_by_role("cell", name="North", exact=True)).to_be_visible()
    look(page, "market")
    check_page(page, page.url, Look("en", 390))
    page.get_by_role("button", name="Prepare forecasts").click()
    expect(page.locator("h1")).to_contain_text("Prepare forecasts")
    with acme.scope():
        assert MarketIndex.objects.filter(month=month).count() == 2
