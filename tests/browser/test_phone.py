"""What a phone shows of tables, and that it switches and sorts them, with and without scripts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser import harness

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

    from tests.browser.conftest import Visitors

pytestmark = pytest.mark.browser
PHONE = {"width": 390, "height": 844}


@pytest.fixture(params=[True, False], ids=["scripts", "no-scripts"])
def phone(request: pytest.FixtureRequest, chromium: Browser, visitors: Visitors) -> Iterator[Page]:
    """The manager's phone, in Chinese."""
    state = harness.storage_state(visitors.url, visitors.client("manager"))
    context = chromium.new_context(storage_state=state, viewport=PHONE, java_script_enabled=request.param)
    harness.set_language(context, visitors.url, "zh-hans")
    page = context.new_page()
    page.set_default_timeout(15_000)
    page.goto(f"{visitors.url}/w/acme/")
    yield page
    context.close()


def choose(page: Page, label: str, word: str) -> None:
    """Choose from a select that stands before its button; with scripts the choice alone is enough."""
    form = page.locator("form.pick").filter(has_text=label)
    scripts = page.evaluate("'htmx' in window")
    form.get_by_label(label).select_option(label=word)
    if not scripts:
        form.get_by_role("button").click()


def test_the_ranking_shows_places_and_is_sorted(phone: Page) -> None:
    rows = phone.locator(".two tbody tr")
    expect(rows.nth(0).locator(".rank")).to_be_visible()
    expect(rows.nth(0).locator(".rank")).to_have_text("1")
    place, name = rows.nth(1).locator(".rank").bounding_box(), rows.nth(1).locator(".name").bounding_box()
    assert place
    assert name
    assert place["x"] + place["width"] <= name["x"]
    assert abs(place["y"] - name["y"]) < 12
    names = rows.locator(".name").all_inner_texts()
    choose(phone, "排序方式", "销售额（升序）")
    phone.wait_for_url("**sort=value*")
    assert rows.locator(".name").all_inner_texts() == names[::-1]
    expect(rows.nth(0).locator(".rank")).to_have_text("2")


def test_the_metric_is_switched(phone: Page) -> None:
    choose(phone, "指标", "订单数")
    phone.wait_for_url("**metric=orders*")
    expect(phone.locator("main")).to_contain_text("按订单数排名")
    assert phone.locator("form.pick").get_by_label("指标").evaluate("select => select.value") == "orders"


def test_the_permissions_name_only_who_may(phone: Page, visitors: Visitors) -> None:
    phone.goto(f"{visitors.url}/w/acme/about/")
    card = phone.locator(".grants tbody tr").filter(has_text="导入人员")
    shown = [cell.get_attribute("data-label") for cell in card.locator("td").all() if cell.is_visible()]
    assert shown == ["所有者", "人力资源"]
    box = phone.locator(".grants .table-box")
    assert box.evaluate("box => box.scrollWidth <= box.clientWidth")
    phone.set_viewport_size({"width": 1440, "height": 900})
    assert all(cell.is_visible() for cell in card.locator("td").all())


def test_a_head_that_is_out_of_sight_takes_no_focus(phone: Page) -> None:
    assert phone.locator("thead .sort").first.evaluate("link => getComputedStyle(link).visibility") == "hidden"


def test_the_sign_of_a_long_remark_stays_small(phone: Page, visitors: Visitors) -> None:
    phone.goto(f"{visitors.url}/w/acme/facts/?from=2026-03-31&to=2026-03-01")
    box = phone.locator(".callout > .icon").bounding_box()
    assert box
    assert box["height"] <= 20
