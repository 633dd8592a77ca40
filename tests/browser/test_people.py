"""People in the browser: a transfer in the middle of a quarter, a unit that moves, somebody who leaves."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from perfmgmt.people.models import Assignment, Employee
from tests.browser.acts import give_password, row, sign_in
from tests.factories import Company, today_here

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser
QUARTER = "2025-Q2"
BEFORE, AFTER = date(2025, 4, 10), date(2025, 6, 10)


@pytest.fixture
def acme(base_url: str) -> Company:
    """A committed company: ann, of North, sold 6,000 early and 4,000 late in a quarter; cid, of South, 1,000."""
    company = Company.create("acme")
    with company.scope():
        company.fact("ann", "sales_amount", BEFORE, 6000)
        company.fact("ann", "sales_amount", AFTER, 4000)
        company.fact("cid", "sales_amount", AFTER, 1000)
        company.drain()
    for role in ("hr", "assistant"):
        give_password(f"{role}@acme.example")
    return company


def figures(page: Page, base_url: str) -> dict[str, str]:
    """The ranking of the units in the quarter: name -> figure."""
    page.goto(f"{base_url}/w/acme/?period={QUARTER}")
    found = {}
    for name in ("North", "South"):
        match = re.search(r"\d[\d,]+", row(page, name).locator("td").nth(1).inner_text())
        found[name] = match[0] if match else ""
    return found


def test_a_transfer_in_the_middle_of_a_quarter_moves_credit(page: Page, base_url: str, acme: Company) -> None:
    sign_in(page, base_url, "hr@acme.example")
    assert figures(page, base_url) == {"North": "10,000", "South": "1,000"}
    page.goto(f"{base_url}/w/acme/people/?q=lian")
    page.get_by_role("link", name="李安").click()
    page.get_by_role("link", name="任职", exact=True).click()
    page.get_by_role("link", name=re.compile("修改")).click()
    page.fill("input[name=day]", "2025-05-15")
    page.select_option("select[name=unit]", label="　South")
    page.fill("input[name=manager]", "")
    page.locator("input[name=manager]").press_sequentially("rex", delay=30)
    expect(page.locator("datalist option")).to_have_count(1)
    page.fill("input[name=manager]", page.locator("datalist option").get_attribute("value") or "")
    page.get_by_role("button", name="保存").click()
    expect(page.locator(".message-success")).to_be_visible()
    expect(page.locator(".line-spells")).to_have_count(2)
    expect(page.locator("tbody tr")).to_have_count(2)
    with acme.scope():
        acme.drain()
    # What she sold in April stays with North; what she sold in June went with her.
    assert figures(page, base_url) == {"North": "6,000", "South": "5,000"}
    with acme.scope():
        assert Assignment.objects.filter(employee=acme.people["ann"], valid_from=date(2025, 5, 15)).count() == 1


def test_a_unit_is_moved_by_keyboard_after_its_effect_was_shown(page: Page, base_url: str, acme: Company) -> None:
    sign_in(page, base_url, "hr@acme.example")
    page.goto(f"{base_url}/w/acme/people/units/{acme.units['south'].pk}/")
    page.locator("select[name=parent]").focus()
    page.keyboard.type("North")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/move/?parent=*")
    expect(page.locator("main")).to_contain_text("Cid Cole")
    expect(page.locator("dl.facts-list")).to_contain_text("North")
    page.get_by_role("button", name="移动").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".message-success")).to_contain_text("South")
    expect(page.locator("tbody tr").nth(2).locator(".tree-2")).to_have_text("South")


def test_a_leaver_is_recorded_and_the_team_handed_over(page: Page, base_url: str, acme: Company) -> None:
    last_day = today_here() + timedelta(days=3)
    sign_in(page, base_url, "hr@acme.example")
    page.goto(f"{base_url}/w/acme/people/{acme.people['manager'].pk}/profile/")
    page.get_by_role("link", name="记录离职").click()
    page.fill("input[name=last_day]", last_day.isoformat())
    page.get_by_role("button", name="显示未了事项").click()
    expect(page.locator("main")).to_contain_text("Bob Bell")
    page.fill("input[name=to_reports]", "AC003")
    page.get_by_role("button", name="记录离职").click()
    expect(page.locator(".message-success")).to_contain_text("Mia Manager")
    expect(page.locator("h1")).to_contain_text("离职")
    page.goto(f"{base_url}/w/acme/people/leavers/")
    expect(row(page, "M Mia Manager").or_(row(page, "Mia Manager"))).to_contain_text("无")
    with acme.scope():
        assert Employee.objects.get(pk=acme.people["manager"].pk).left_on == last_day
        after = acme.people["bob"].assignments.latest("valid_from")
        assert (after.manager, after.valid_from) == (acme.people["rival"], last_day + timedelta(days=1))
