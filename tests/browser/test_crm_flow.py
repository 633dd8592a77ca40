"""From two spreadsheets of real sales to the dashboard, in Chromium and with a real worker (issue 2, section 7)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from perfmgmt.people.roles import Role
from perfmgmt.people.services import add_member, user_for
from perfmgmt.tenants.services import create_workspace
from tests.browser.acts import choose_upload, give_password, headline, import_checked, results, row, sign_in
from tests.servers import ROOT
from tests.workers.support import running

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Page

pytestmark = pytest.mark.browser
EXAMPLES = ROOT / "docs" / "examples" / "crm"
OWNER = "owner@crm.example"


@pytest.fixture
def home(base_url: str) -> str:
    """The address of an empty workspace with an owner."""
    create_workspace(
        "crm", name="硬件销售", currency="USD", furnish=lambda: add_member(user_for(OWNER)[0], Role.OWNER) and None
    )
    give_password(OWNER)
    return f"{base_url}/w/crm/"


def test_real_sales_from_upload_to_dashboard(page: Page, base_url: str, home: str, crm: Path, tmp_path: Path) -> None:
    sign_in(page, base_url, OWNER)
    assert page.url == home  # one workspace: nothing to choose

    choose_upload(page, f"{home}imports/", "people.import", crm / "sales_teams.csv", EXAMPLES / "people.json").click()
    expect(page.locator("#job-state progress")).to_be_visible()
    expect(page.locator("#job-state")).to_contain_text("等待")
    with running(tmp_path):
        import_checked(page)
        assert results(page) == ["35", "41", "0", "0", "0", "0"]
        choose_upload(
            page, f"{home}imports/", "facts.import", crm / "sales_pipeline.csv", EXAMPLES / "opportunities.json"
        ).click()
        import_checked(page)
        assert results(page) == ["8,800", "23,663", "0", "0", "2,089", "0"]
        _wait_for_figures(page, f"{home}?period=2017", "4,238")

    _check_company(page, "US$10,005,534")
    _check_units(page)
    _check_drill_down(page)
    page.click(".side button[value=en]")
    page.goto(f"{home}?period=2017")
    expect(headline(page, "Sales amount")).to_contain_text("$10,005,534")
    assert page.recorder.take() == []  # type: ignore[attr-defined]


def _wait_for_figures(page: Page, url: str, orders: str) -> None:
    """Workers bring the figures within seconds of the facts; the page is loaded again, as a reader would."""
    for _second in range(30):
        page.goto(url)
        if orders in headline(page, "订单数").inner_text():
            return
        page.wait_for_timeout(1000)
    pytest.fail(f"the figures of {url} did not come: {headline(page, '订单数').inner_text()}")


def _check_company(page: Page, won: str) -> None:
    expect(headline(page, "销售额")).to_contain_text(won)
    expect(headline(page, "赢单率")).to_contain_text("63.2%")  # 4,238 / 6,711 = 63.15%
    expect(headline(page, "销售周期(天)")).to_contain_text("51.8")
    assert page.locator(".two tbody th.name").all_inner_texts() == ["West", "Central", "East"]


def _check_units(page: Page) -> None:
    row(page, "Central").get_by_role("link", name="Central").click()
    # Melvin Marxen is a person of the regional office and gives the team its name.
    row(page, "Melvin Marxen").locator("a.person[href*='unit=']").click()
    expect(headline(page, "销售额")).to_contain_text("US$2,251,930")
    expect(row(page, "Darcel Schlecht").locator("a.drill")).to_have_text("US$1,153,214")


def _check_drill_down(page: Page) -> None:
    """A figure opens its facts, which show the same figure; one fact opens its source row."""
    row(page, "Darcel Schlecht").locator("a.drill").click()
    expect(page.locator(".figure-line")).to_contain_text("US$1,153,214")
    expect(page.locator("h1")).to_contain_text("Darcel Schlecht")
    page.go_back()
    headline(page, "销售额").get_by_role("link").click()
    expect(page.locator(".figure-line")).to_contain_text("US$2,251,930")
    page.locator("tbody tr th a").first.click()
    expect(page.locator("main")).to_contain_text("sales_pipeline.csv")
