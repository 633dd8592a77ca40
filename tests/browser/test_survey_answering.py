"""A customer answers on a phone: with scripts, and without."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import expect

from reviews.models import SurveyVersion
from tests.browser import harness
from tests.factories import Company
from tests.reviews.answering_factories import FIRST, Asked, ask, form
from tests.reviews.survey_factories import NPS, published, ready

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser
PHONE = {"width": 390, "height": 844}


def _fits(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    for link in page.locator("a, button").all():
        box = link.bounding_box()
        assert box is None or box["height"] >= 44, link.text_content()


def test_a_customer_answers_on_a_phone_corrects_it_and_nothing_is_refused(page: Page, base_url: str) -> None:
    asked = ask(Company.create("acme"))
    page.set_viewport_size(PHONE)
    page.goto(f"{base_url}{asked.path}?a=5")
    expect(page.locator("input[value='5']")).to_be_checked()
    expect(page.get_by_text("What should we improve first?")).to_be_hidden()
    _fits(page)

    # A low score brings its follow-up at once; what was typed is there in the other language, too.
    page.locator("input[value='2']").check()
    page.locator("input[value='delivery']").check()
    page.locator("textarea").fill("慢 🐢 <b>")
    page.get_by_role("link", name="中文").click()
    expect(page.get_by_text("最需要改进的是什么？")).to_be_visible()
    expect(page.locator("input[name='a-satisfaction'][value='2']")).to_be_checked()
    expect(page.locator("textarea")).to_have_value("慢 🐢 <b>")
    assert asked.now().state == "mailed"
    page.get_by_role("button", name="提交").click()
    expect(page.get_by_text("谢谢您的回答！")).to_be_visible()
    assert asked.answers() == {"satisfaction": 2, "reason": "delivery", "comment": "慢 🐢 <b>"}
    _fits(page)

    page.get_by_role("link", name="更正我的回答").click()
    expect(page.locator("textarea")).to_have_value("慢 🐢 <b>")
    page.locator("input[name='a-satisfaction'][value='4']").check()
    expect(page.get_by_text("最需要改进的是什么？")).to_be_hidden()
    page.get_by_role("button", name="提交").click()
    expect(page.get_by_text("谢谢您的回答！")).to_be_visible()
    assert asked.answers() == {"satisfaction": 4, "comment": "慢 🐢 <b>"}
    assert [fact[-1] for fact in asked.facts()] == [4]
    assert not page.context.cookies(), "customers get no cookies"
    assert page.evaluate("window.__csp") == []


def test_without_scripts_the_follow_up_comes_after_sending_and_not_mine_deletes(
    chromium: Browser, base_url: str
) -> None:
    asked = ask(Company.create("acme"))
    context = chromium.new_context(java_script_enabled=False, viewport=PHONE)  # type: ignore[arg-type]
    page = context.new_page()
    try:
        page.goto(f"{base_url}{asked.path}?a=5&lang=zh-hans")
        expect(page.locator("input[value='5']")).to_be_checked()
        page.locator("input[value='1']").check()
        page.get_by_role("button", name="提交").click()
        expect(page.get_by_text("还想再问一点")).to_be_visible()
        assert asked.now().state == "started" and asked.answers() == {"satisfaction": 1}
        page.locator("label", has_text="沟通态度").click()
        page.get_by_role("button", name="提交").click()
        expect(page.get_by_text("谢谢您的回答！")).to_be_visible()
        assert asked.answers() == {"satisfaction": 1, "reason": "manner"}

        page.get_by_role("link", name="更正我的回答").click()
        page.get_by_role("link", name="不是您的订单？").click()
        page.get_by_role("button", name="不是我的，请删除").click()
        expect(page.get_by_text("谢谢您告诉我们")).to_be_visible()
        assert not asked.answers() and not asked.facts()
    finally:
        context.close()


def test_every_state_of_the_page_looks_right_in_both_languages(page: Page, base_url: str, msgids: set[str]) -> None:
    company = Company.create("acme")
    asked = ask(company)
    with company.scope():
        version = SurveyVersion.objects.get()
    done, over, nps = ask(company, version), ask(company, version, expires_at=timezone.now()), _nps(company)
    assert Client().post(done.path, form(*FIRST, satisfaction=5)).status_code == 303
    states = {
        "form": (f"{asked.path}?a=2", 200), "not-mine": (f"{asked.path}?not-mine=1", 200), "nps": (nps.path, 200),
        "thanks": (f"{done.path}?", 200), "expired": (f"{over.path}?", 410), "wrong": ("/s/1/nothing/?", 404),
    }  # fmt: skip
    for name, (path, status) in states.items():
        for lang in harness.LANGUAGES:
            for width in harness.WIDTHS:
                harness.check_page(
                    page, f"{base_url}{path}&lang={lang}", harness.Look(lang, width), status=status,
                    name=f"survey-{name}", msgids=msgids,
                )  # fmt: skip


def _nps(company: Company) -> Asked:
    """Somebody who is asked about the relationship; what the link says follows a question mark."""
    with company.scope():
        version = published("NPS", ready(NPS))
    asked = ask(company, version, after="", number="", origin="campaign")
    return replace(asked, path=f"{asked.path}?a=10")
