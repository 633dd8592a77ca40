"""The way through calibration: HR opens a session, a manager draws and types people to other grades, HR locks."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from reviews.models import CalibrationMove, CalibrationSession
from tests.browser.acts import give_password, leave, sign_in
from tests.browser.calibration import closed_cycle
from tests.browser.harness import fits
from tests.factories import Company

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser


@pytest.fixture
def acme(base_url: str) -> Company:
    """A committed company with a closed review cycle."""
    company = Company.create("acme")
    with company.scope():
        closed_cycle(company, timezone.localdate(timezone=ZoneInfo("Asia/Shanghai")))
    for role in ("hr", "manager"):
        give_password(f"{role}@acme.example")
    return company


def test_scores_are_calibrated_with_the_mouse_and_by_keyboard(page: Page, base_url: str, acme: Company) -> None:
    sign_in(page, base_url, "hr@acme.example")
    page.get_by_role("link", name="绩效校准", exact=True).first.click()
    page.get_by_role("link", name="开启校准会").first.click()
    page.get_by_label("名称").fill("North 校准会")
    page.get_by_label("部门").select_option(label="　North")
    page.get_by_role("button", name="开启校准会").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("North 校准会")
    leave(page)

    sign_in(page, base_url, "manager@acme.example")
    page.goto(f"{base_url}/w/acme/calibration/")
    page.get_by_role("link", name="North 校准会").click()
    expect(page.locator("main")).not_to_contain_text("Mia Manager (")
    page.get_by_role("link", name="看板").click()
    # Drawn to another column, the dialog asks why and shows what changes.
    ann = page.locator(".chip", has_text="李安")
    ann.drag_to(page.locator("[data-grade=A]"))
    dialog = page.locator("dialog.cal-dialog")
    expect(dialog.get_by_label("调整到等级")).to_have_value("A")
    expect(dialog.locator(".preview")).to_contain_text("90.00（A）")
    expect(dialog.get_by_label("或调整到得分")).to_be_visible()
    dialog.locator(".move-form textarea").fill("承担了缺勤同事的客户")
    dialog.get_by_role("button", name="调整").click()
    expect(page.locator("[data-grade=A] .chip", has_text="李安")).to_be_visible()

    # The same by keyboard.
    page.locator(".chip", has_text="Bob Bell").focus()
    page.keyboard.press("Enter")
    expect(dialog.get_by_label("调整到等级")).to_be_focused()
    page.keyboard.type("B")
    page.keyboard.press("Tab")
    expect(dialog.locator(".preview")).to_contain_text("80.00（B）")
    page.keyboard.press("Tab")
    dialog.locator(".move-form textarea").fill("比较了两队的客户")
    dialog.get_by_role("button", name="调整").press("Enter")
    expect(page.locator("[data-grade=B] .chip", has_text="Bob Bell")).to_be_visible()
    page.get_by_role("link", name="记录", exact=True).click()
    expect(page.locator("tbody tr", has_text="承担了缺勤同事的客户")).to_contain_text("90.00 A")
    leave(page)

    sign_in(page, base_url, "hr@acme.example")
    page.set_viewport_size({"width": 390, "height": 844})
    with acme.scope():
        session = CalibrationSession.objects.get()
        assert CalibrationMove.objects.count() == 2
    page.goto(f"{base_url}/w/acme/calibration/{session.pk}/")
    assert fits(page)
    page.locator("summary", has_text="锁定").click()
    page.get_by_role("button", name="锁定校准会").click()
    expect(page.locator(".callout", has_text=re.compile("锁定，不再调整"))).to_be_visible()
    expect(page.get_by_role("link", name=re.compile("^调整"))).to_have_count(0)
