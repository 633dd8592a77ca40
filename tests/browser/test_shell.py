"""The shell by keyboard and on a phone: skip link, palette, bell; and starting work again by a click."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from perfmgmt.jobs.models import Job
from perfmgmt.metrics import exports
from perfmgmt.notify import notifications
from tests.browser.acts import give_password, sign_in
from tests.factories import Company

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser


@pytest.fixture
def acme(base_url: str) -> Company:
    """A committed company whose owner was told something, and has work that failed."""
    company = Company.create("acme")
    give_password("owner@acme.example")
    with company.scope():
        owner = company.users["owner"].pk
        notifications.tell("invitation.accepted", user_ids=[owner], path="members/", name="Cy Young")
        Job.objects.create(
            kind=exports.PEOPLE, state="failed", error_code="internal", error="坏了", created_by_id=owner,
            params={"query": {}, "format": "csv", "language": "zh-hans"},
        )  # fmt: skip
    return company


def focused(page: Page, script: str = "node.className || node.tagName") -> str:
    return str(page.evaluate(f"(() => {{ const node = document.activeElement; return {script}; }})()"))


def test_the_palette_opens_finds_and_leads_by_keyboard_alone(page: Page, base_url: str, acme: Company) -> None:
    sign_in(page, base_url, "owner@acme.example")
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(f"{base_url}/w/acme/people/")
    page.keyboard.press("Control+k")
    dialog = page.get_by_role("dialog")
    box = dialog.get_by_role("combobox")
    expect(box).to_be_focused()
    expect(dialog.get_by_role("option").first).to_be_visible()  # pages, before anything is typed
    page.keyboard.type("bell")
    options = dialog.get_by_role("option")
    expect(options.first).to_contain_text("Bob Bell")
    expect(options.first).to_have_attribute("aria-selected", "true")
    assert box.get_attribute("aria-activedescendant") == options.first.get_attribute("id")
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    page.keyboard.press("Control+k")
    box.fill("li")
    expect(options.first).to_contain_text(re.compile("."))
    expect(dialog.locator("[data-palette-list]")).not_to_have_attribute("aria-busy", "true")
    first = options.first.get_attribute("id")
    page.keyboard.press("ArrowDown")
    assert box.get_attribute("aria-activedescendant") != first or options.count() == 1
    page.keyboard.press("ArrowUp")
    assert box.get_attribute("aria-activedescendant") == first
    box.fill("李安")
    expect(options.first).to_contain_text("李安")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/people/{acme.people['ann'].pk}/**")


def test_the_palette_gives_the_focus_back_and_asks_once_for_a_word(page: Page, base_url: str, acme: Company) -> None:
    sign_in(page, base_url, "owner@acme.example")
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(f"{base_url}/w/acme/people/")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/search/" in request.url else None)
    button = page.locator(".side .palette-open")
    button.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".palette-input")).to_be_focused()
    page.keyboard.type("zzzzzzzz", delay=5)
    expect(page.get_by_role("dialog")).to_contain_text("没有找到")
    assert len(asked) <= 3, asked  # the empty one, and the word once it stood still
    page.keyboard.press("Escape")
    expect(button).to_be_focused()


def test_on_a_phone_the_palette_is_the_screen(page: Page, base_url: str, acme: Company) -> None:
    sign_in(page, base_url, "owner@acme.example")
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{base_url}/w/acme/people/")
    page.locator(".topbar .palette-open").click()
    box = page.get_by_role("dialog").bounding_box()
    assert box is not None
    assert (box["x"], box["y"], box["width"], box["height"]) == (0, 0, 390, 844)
    page.get_by_role("dialog").get_by_role("button").click()
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_the_bell_opens_by_keyboard_shows_and_counts_down(page: Page, base_url: str, acme: Company) -> None:
    sign_in(page, base_url, "owner@acme.example")
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(f"{base_url}/w/acme/people/")
    bell = page.locator(".side .bell > summary")
    expect(bell.locator(".bell-count")).to_have_text("1")
    bell.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".side .bell-panel")).to_contain_text("Cy Young已接受您的邀请")
    page.keyboard.press("Tab")  # into the panel
    assert page.evaluate("document.activeElement.closest('.bell-panel') !== null")
    # Where it lies over the page, nothing of the page shows through: tables there have a place of their own.
    assert page.evaluate(
        """() => {
          const box = document.querySelector(".side .bell-panel").getBoundingClientRect();
          const rows = document.querySelector("main").getBoundingClientRect();
          const over = document.createElement("div");
          over.style.cssText = "position: absolute; inset: 0";
          document.querySelector("main").append(over);
          const top = document.elementFromPoint(box.right - 4, box.top + 20);
          over.remove();
          return box.right - 4 > rows.left && top.closest(".bell-panel") !== null;
        }"""
    )
    page.keyboard.press("Escape")
    expect(page.locator(".side .bell-panel")).to_be_hidden()
    expect(bell).to_be_focused()
    page.keyboard.press("Enter")
    page.locator(".side .notice a").click()
    page.wait_for_url("**/w/acme/members/")
    expect(page.locator(".side .bell-count")).to_have_count(0)


def test_tab_leads_through_the_shell_with_a_ring_at_every_stop(page: Page, base_url: str, acme: Company) -> None:
    sign_in(page, base_url, "owner@acme.example")
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(f"{base_url}/w/acme/people/")
    stops: list[str] = []
    for _ in range(8):
        page.keyboard.press("Tab")
        stops.append(focused(page))
        ring = focused(page, "getComputedStyle(node).outlineStyle + getComputedStyle(node).boxShadow")
        assert ring != "nonenone", stops
    assert stops[0] == "skip-link"
    assert any("palette-open" in stop for stop in stops)
    assert any("btn-icon" in stop for stop in stops)
    page.goto(f"{base_url}/w/acme/people/")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert focused(page, "node.id") == "main"


def test_a_table_is_sorted_by_keyboard(page: Page, base_url: str, acme: Company) -> None:
    sign_in(page, base_url, "owner@acme.example")
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(f"{base_url}/w/acme/people/")
    head = page.locator("thead th a").first
    head.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**sort=**")
    expect(page.locator("thead th[aria-sort]").first).to_have_attribute(
        "aria-sort", re.compile("ascending|descending")
    )


def test_failed_work_is_started_again_by_one_click_or_two(page: Page, base_url: str, acme: Company) -> None:
    sign_in(page, base_url, "owner@acme.example")
    page.goto(f"{base_url}/w/acme/jobs/?state=failed")
    page.get_by_role("link", name="导出人员").or_(page.locator("tbody th a")).first.click()
    page.get_by_role("button", name="重新开始").dblclick()
    page.wait_for_url(re.compile(r"/jobs/\d+/$"))
    expect(page.locator(".job")).to_contain_text("由之前的任务重新开始")
    page.locator(".job").get_by_role("link", name="由之前的任务重新开始").click()
    expect(page.locator(".job")).to_contain_text("已重新开始")
    with acme.scope():
        assert Job.objects.count() == 2


def test_without_scripts_search_and_notifications_are_pages(base_url: str, acme: Company, page: Page) -> None:
    sign_in(page, base_url, "owner@acme.example")
    browser = page.context.browser
    assert browser is not None
    context = browser.new_context(java_script_enabled=False, storage_state=page.context.storage_state())
    plain = context.new_page()
    plain.set_viewport_size({"width": 1440, "height": 900})
    plain.goto(f"{base_url}/w/acme/people/")
    plain.locator(".side .palette-open").click()
    plain.locator("main input[name=q]").fill("bell")
    plain.keyboard.press("Enter")
    expect(plain.locator("main .choice").first).to_contain_text("Bob Bell")
    plain.locator(".side .bell > summary").click()
    plain.locator(".side .bell-panel a").click()
    expect(plain.locator("main .notice")).to_contain_text("Cy Young")
    context.close()
