"""An assistant asks a customer without an address by link: shown once, with a QR code, copied, answered."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.acts import give_password, sign_in
from tests.browser.harness import screenshot
from tests.factories import Company
from tests.reviews.asking_factories import buyer, owned
from tests.reviews.survey_factories import published

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser


def test_a_customer_without_an_address_is_asked_by_link(page: Page, base_url: str) -> None:
    company = Company.create("acme")
    give_password("assistant@acme.example")
    with company.scope():
        published()
        contact = owned(buyer("HENGDA", email=""), company, "ann")
    sign_in(page, base_url, "assistant@acme.example")
    page.goto(f"{base_url}/w/acme/surveys/ask/{contact.pk}/")
    expect(page.locator("input[value=mail]")).to_have_count(0)
    _picture(page, "ask_by_link")
    page.get_by_role("button", name="发起调查").click()
    expect(page.locator("img.qr")).to_be_visible()
    assert page.locator("img.qr").evaluate("image => image.naturalWidth") > 0
    expect(page.locator("button[data-copy=handed-text]")).to_be_visible()
    for width in (390, 1440):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        _picture(page, "handed_link", width)
    link = page.locator("#handed-url").input_value()
    assert link in page.locator("#handed-text").input_value()
    page.goto(f"{base_url}{link[link.index('/s/') :]}")
    expect(page.locator("input[name='a-satisfaction']").first).to_be_attached()


def _picture(page: Page, name: str, width: int = 1280) -> None:
    if os.environ.get("SCREENSHOTS"):
        screenshot(page, name, "zh-hans", width, "light")
