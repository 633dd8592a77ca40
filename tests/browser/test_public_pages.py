"""How the shell behaves: keyboard, language, theme and charts. `test_every_page.py` judges how pages look."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.browser.harness import LANGUAGES, WIDTHS, Look, check_page, set_language, wait_for_charts

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.urls("tests.web.urls")]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_page_that_is_not_there(page: Page, base_url: str, msgids: set[str], theme: str) -> None:
    for lang in LANGUAGES:
        for width in WIDTHS:
            check_page(page, f"{base_url}/nowhere/", Look(lang, width, theme), status=404, msgids=msgids)


def test_the_drawer_works_by_keyboard(page: Page, base_url: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{base_url}/styleguide/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip-link"
    page.locator("details.drawer summary").press("Enter")
    assert page.locator(".drawer-panel nav").is_visible()
    page.keyboard.press("Escape")
    assert not page.locator(".drawer-panel nav").is_visible()
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY"


def test_language_and_theme_are_kept(page: Page, base_url: str) -> None:
    page.set_viewport_size({"width": 1440, "height": 900})
    set_language(page.context, base_url, "zh-hans")
    page.goto(f"{base_url}/styleguide/?period=year")
    page.click(".side [data-theme=dark]")
    page.click(".side button[value=en]")
    assert page.url == f"{base_url}/styleguide/?period=year"
    assert page.evaluate("[document.documentElement.lang, document.documentElement.dataset.bsTheme]") == [
        "en",
        "dark",
    ]


def test_a_chart_is_read_by_keyboard_and_redrawn_for_the_theme(page: Page, base_url: str) -> None:
    page.set_viewport_size({"width": 1440, "height": 900})
    set_language(page.context, base_url, "en")
    page.goto(f"{base_url}/styleguide/")
    wait_for_charts(page)
    grid = "getComputedStyle(document.querySelector('[data-plot] .xtick text')).fill"
    before = page.evaluate(grid)
    page.click(".side [data-theme=dark]")
    page.wait_for_function(f"(before) => {grid} !== before", arg=before)
    page.locator("[data-plot]").first.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    assert page.locator("figure p[aria-live]").first.inner_text().startswith("Feb, Sales CN¥402,950")
    assert page.evaluate("window.__csp") == []


def test_a_chart_that_can_t_load_shows_its_table(page: Page, base_url: str) -> None:
    set_language(page.context, base_url, "en")
    page.route("**/plotly-cartesian.min.js", lambda route: route.abort())
    page.goto(f"{base_url}/styleguide/")
    figure = page.locator("figure[data-chart]").first
    figure.locator("[data-chart-error]").wait_for(state="visible")
    assert figure.locator("table").is_visible()
