"""Copying a token's secret, finding a time zone by typing, and changing one's address, as people do it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser import harness

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from tests.browser.conftest import Visitors

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("scripts", [True, False])
def test_a_new_secret_is_copied_by_a_button_or_by_hand(chromium: Browser, visitors: Visitors, scripts: bool) -> None:
    state = harness.storage_state(visitors.url, visitors.client("owner"))
    context = chromium.new_context(storage_state=state, java_script_enabled=scripts)
    if scripts:
        context.grant_permissions(["clipboard-read", "clipboard-write"])
    harness.set_language(context, visitors.url, "en")
    page = context.new_page()
    page.set_default_timeout(15_000)
    page.goto(f"{visitors.url}/w/acme/api-tokens/")
    page.get_by_label("Name", exact=True).fill(f"Nightly {scripts}")
    page.get_by_label("Read the metric library").check()
    page.get_by_role("button", name="Create").click()
    secret = page.get_by_label("Secret", exact=True)
    expect(secret).to_be_visible()
    button = page.get_by_role("button", name="Copy Secret")
    if not scripts:
        expect(button).to_be_hidden()
        expect(secret).to_have_attribute("readonly", "")
    else:
        button.click()
        expect(page.locator("[data-messages]")).to_contain_text("Secret: copied.")
        assert page.evaluate("navigator.clipboard.readText()") == secret.input_value()
        secret.click()
        assert page.evaluate("getSelection().toString()") == secret.input_value()
        harness.screenshot(page, "token-made", "en", 1280, "light")
    context.close()


def test_a_time_zone_is_typed_over_and_what_does_not_fit_is_named(chromium: Browser, visitors: Visitors) -> None:
    state = harness.storage_state(visitors.url, visitors.client("owner"))
    context = chromium.new_context(storage_state=state, viewport={"width": 390, "height": 844})
    harness.set_language(context, visitors.url, "zh-hans")
    page = context.new_page()
    page.set_default_timeout(15_000)
    page.goto(f"{visitors.url}/w/acme/settings/")
    zone = page.get_by_role("combobox", name="时区")
    expect(zone).to_have_value("上海 · 中国 (UTC+08:00) Asia/Shanghai")
    zone.click()
    page.keyboard.type("月球")
    expect(zone).to_have_value("月球")
    page.keyboard.press("Enter")
    expect(page.locator(".field-error")).to_contain_text("请从列表中选择时区")
    harness.screenshot(page, "zone-refused", "zh-hans", 390, "light")
    zone.click()
    page.keyboard.type("上海")
    page.keyboard.press("Enter")
    expect(zone).to_have_value("上海 · 中国 (UTC+08:00) Asia/Shanghai")
    expect(page.locator("[data-messages]")).to_contain_text("已保存")
    context.close()
