"""What is printed: the content, without what only works on a screen, and light whatever the theme."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.browser import harness
from tests.browser.harness import fits

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

    from tests.browser.conftest import Visitors

pytestmark = pytest.mark.browser
SCREEN_ONLY = (".side", ".topbar", ".filter-bar", ".pager", ".page-actions", ".sort svg", "main button", ".palette")


@pytest.fixture
def paper(chromium: Browser, visitors: Visitors) -> Iterator[Page]:
    """The owner's desk in dark mode, as its printer sees it."""
    state = harness.storage_state(visitors.url, visitors.client("owner"))
    context = chromium.new_context(storage_state=state, color_scheme="dark", viewport={"width": 794, "height": 1123})
    page = context.new_page()
    page.emulate_media(media="print", color_scheme="dark")
    yield page
    context.close()


@pytest.mark.parametrize("path", ["", "targets/", "approvals/", "people/", "audit/", "facts/", "imports/batches/"])
def test_a_page_prints_its_rows_and_nothing_to_press(paper: Page, visitors: Visitors, path: str) -> None:
    paper.goto(f"{visitors.url}/w/acme/{path}")
    for part in SCREEN_ONLY:
        assert not [each for each in paper.locator(part).all() if each.is_visible()], part
    rows = paper.locator(".trail-entry" if path == "audit/" else "main table tbody tr")
    assert rows.first.is_visible()
    assert paper.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert fits(paper)


def test_heads_stand_over_their_columns(paper: Page, visitors: Visitors) -> None:
    paper.goto(f"{visitors.url}/w/acme/approvals/")
    head, cell = paper.locator(".approvals thead th").nth(1), paper.locator(".approvals tbody th").first
    over, under = head.bounding_box(), cell.bounding_box()
    assert over and under
    assert abs(over["x"] - under["x"]) < 2


def test_a_target_that_could_be_typed_over_is_printed_as_a_number(paper: Page, visitors: Visitors) -> None:
    paper.goto(f"{visitors.url}/w/acme/targets/")
    field = paper.locator(".num-input").first
    assert field.is_visible()
    assert field.evaluate("field => getComputedStyle(field).borderTopWidth") == "0px"
