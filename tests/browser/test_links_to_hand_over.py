"""HR hands a link over on a phone: found on the home, shown, marked; the answer is a scored fact."""

from __future__ import annotations

import os
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from perfmgmt.metrics.models import Fact
from reviews.models import SurveyHandover, SurveyInvitation
from tests.browser.acts import give_password, leave, sign_in
from tests.browser.harness import screenshot
from tests.factories import Company, today_here
from tests.reviews.asking_factories import buyer, owned, run, trigger
from tests.reviews.handing_factories import handing

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser


def test_hr_hands_a_link_over_on_a_phone_and_the_answer_counts(page: Page, base_url: str) -> None:
    company = Company.create("acme")
    give_password("hr@acme.example")
    with company.scope():
        version = handing()
        owned(buyer("HENGDA", email=""), company, "ann")
        company.fact("ann", "orders", today_here() - timedelta(days=1), customer="HENGDA", external_id="SO-7")
        run(company, trigger(version))
        assert SurveyInvitation.objects.get().channel == "link"
    page.set_viewport_size({"width": 390, "height": 844})
    sign_in(page, base_url, "hr@acme.example")
    page.goto(f"{base_url}/w/acme/home/waiting/")
    page.get_by_role("link", name="个调查链接待转交").click()
    expect(page.get_by_role("heading", name="待转交的链接").first).to_be_visible()
    _fits(page, "links_waiting")
    page.get_by_role("button", name="显示链接").click()
    expect(page.locator("img.qr")).to_be_visible()
    _fits(page, "links_shown")
    link = page.locator("#handed-url").input_value()
    page.get_by_role("button", name="标记为已转交").click()
    expect(page.get_by_text("已将 1 个链接标记为已转交")).to_be_visible()
    page.goto(f"{base_url}/w/acme/surveys/links/?state=handed")
    expect(page.get_by_text("HENGDA").first).to_be_visible()
    _fits(page, "links_handed")
    leave(page)
    page.goto(f"{base_url}{link[link.index('/s/') :]}")
    page.locator("label:has(input[name='a-satisfaction'][value='5'])").click()
    page.locator("form button[type=submit]").last.click()
    expect(page.locator("input[name='a-satisfaction']")).to_have_count(0)
    with company.scope():
        fact = Fact.objects.get(metric__code="csat")
        assert (fact.value, fact.employee_id) == (5, company.people["ann"].pk)
        assert SurveyInvitation.objects.get().state == "finished"
        handed = SurveyHandover.objects.get()
        assert handed.shown_at is not None and handed.shown_at <= timezone.now() and handed.how == "wechat"


def _fits(page: Page, name: str) -> None:
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    if os.environ.get("SCREENSHOTS"):
        screenshot(page, name, "zh-hans", 390, "light")
