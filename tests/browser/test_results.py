"""The way through a release: HR releases, the assistant acknowledges on a phone and keeps a file, both sign."""

from __future__ import annotations

import os
import re
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect
from pypdf import PdfReader

from perfmgmt.jobs import services as jobs
from perfmgmt.tenants.scope import tenant_scope
from reviews.models import ReviewMeeting, ReviewResult
from tests.browser.acts import give_password, leave, sign_in, wait_until_done
from tests.browser.harness import fits
from tests.factories import Company
from tests.reviews.result_factories import closed_cycle

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser


@pytest.fixture
def acme(base_url: str) -> Company:
    """A committed company with a closed cycle."""
    company = Company.create("acme")
    with company.scope():
        closed_cycle(company)
    for role in ("hr", "manager", "assistant"):
        give_password(f"{role}@acme.example")
    return company


def work(acme: Company) -> None:
    """Do what waits, as the worker does."""
    while jobs.run_next(lambda: tenant_scope(acme.tenant.pk)):
        continue


def picture(page: Page, name: str) -> None:
    """Keep a picture where somebody asked for them."""
    if folder := os.environ.get("LOOK_AT"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


def test_hr_releases_and_the_assistant_acknowledges_on_a_phone(page: Page, base_url: str, acme: Company) -> None:
    home = f"{base_url}/w/acme"
    sign_in(page, base_url, "hr@acme.example")
    page.goto(f"{home}/results/release/")
    expect(page.locator("main")).to_contain_text("等待结果")
    confirm = page.get_by_label("我已查看警告，仍要公布")
    if confirm.count():
        confirm.check()
    picture(page, "release")
    page.get_by_role("button", name="公布", exact=True).click()
    work(acme)
    wait_until_done(page)
    page.get_by_role("link", name="查看结果").click()
    expect(page.locator("tbody tr")).to_have_count(3)
    picture(page, "list")

    leave(page)
    page.set_viewport_size({"width": 390, "height": 844})
    sign_in(page, base_url, "assistant@acme.example")
    page.goto(f"{home}/results/own/")
    expect(page.locator(".result-figure")).to_have_text("86.00")
    part = page.locator(".trace-part").first
    part.locator("summary").press("Enter")
    expect(part).to_contain_text("1,000")
    picture(page, "phone")
    assert fits(page)
    page.get_by_role("button", name="确认结果").click()
    expect(page.locator("#answer .pill")).to_have_text("已确认")

    page.get_by_role("button", name="PDF").click()
    work(acme)
    wait_until_done(page)
    with page.expect_download() as download:
        page.get_by_role("link", name=re.compile("下载")).first.click()
    text = "".join(each.extract_text() for each in PdfReader(BytesIO(download.value.path().read_bytes())).pages)
    assert "李安" in text and "销售业绩" in "".join(text.split())

    with acme.scope():
        pk = ReviewResult.objects.get(participant__employee=acme.people["ann"]).pk
    leave(page)
    page.set_viewport_size({"width": 1440, "height": 900})
    sign_in(page, base_url, "manager@acme.example")
    page.goto(f"{home}/results/{pk}/")
    picture(page, "result")
    page.evaluate("document.documentElement.dataset.bsTheme = 'dark'")
    picture(page, "result-dark")
    page.get_by_role("button", name="准备绩效面谈").click()
    page.locator("input[name=held_on]").fill("2025-04-02")
    page.get_by_label("商定事项").fill("每周两次拜访")
    page.get_by_role("button", name="保存").click()
    picture(page, "meeting")
    page.get_by_role("button", name="签字").click()
    leave(page)
    sign_in(page, base_url, "assistant@acme.example")
    page.goto(f"{home}/results/{pk}/meeting/")
    page.get_by_role("button", name="签字").click()
    expect(page.locator("main")).to_contain_text("记录不再改变")
    with acme.scope():
        assert ReviewMeeting.objects.get().is_signed
