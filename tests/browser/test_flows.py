"""Whole ways through the product: targets, exports, imports that go wrong, signing in and out, keyboard."""

from __future__ import annotations

import csv
import re
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from perfmgmt.jobs.models import Job, JobState
from tests.browser.acts import choose_upload, give_password, headline, leave, row, sign_in, wait_until_done
from tests.factories import Company
from tests.workers.support import running

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser


@pytest.fixture
def acme(base_url: str) -> Company:
    """A committed company with this month's sales of two teams."""
    company = Company.create("acme")
    today = timezone.localdate(timezone=ZoneInfo("Asia/Shanghai"))
    with company.scope():
        for person, value, customer in [("ann", 6000, "=1+1"), ("bob", 4000, "恒达贸易"), ("cid", 9000, "Elsewhere")]:
            company.fact(person, "sales_amount", today, value, customer=customer)
        company.drain()
    for role in ("owner", "manager"):
        give_password(f"{role}@acme.example")
    return company


def jobs(company: Company) -> list[Job]:
    """Every job of the company, newest first."""
    with company.scope():
        return list(Job.objects.order_by("-pk"))


def test_a_manager_sets_targets_and_sees_the_attainment(page: Page, base_url: str, acme: Company) -> None:
    sign_in(page, base_url, "manager@acme.example")
    expect(headline(page, "销售额")).to_contain_text("10,000")
    page.get_by_role("link", name="设定目标", exact=True).click()
    row(page, "李安").locator("input[type=text]").fill("8,000")
    row(page, "Bob Bell").locator("input[type=text]").fill("12000")
    page.get_by_role("button", name="保存目标").click()
    expect(page.locator(".message-success")).to_contain_text("2")
    expect(row(page, "李安").locator("input[type=text]")).to_have_value("8000")
    page.goto(f"{base_url}/w/acme/")
    expect(page.locator("h1")).to_contain_text("50%")
    expect(row(page, "李安")).to_contain_text("75%")
    expect(row(page, "Bob Bell")).to_contain_text("33%")


def test_a_changed_target_stands_in_the_audit_trail_with_who_and_why(
    page: Page, base_url: str, acme: Company
) -> None:
    give_password("auditor@acme.example")
    sign_in(page, base_url, "manager@acme.example")
    for value, reason in (("8000", ""), ("9500", "客户提前签约")):
        page.goto(f"{base_url}/w/acme/targets/")
        row(page, "李安").locator("input[type=text]").fill(value)
        page.locator("input[name=reason_of_change]").fill(reason)
        page.get_by_role("button", name="保存目标").click()
        expect(page.locator(".message-success")).to_be_visible()

    leave(page)
    sign_in(page, base_url, "auditor@acme.example")
    page.get_by_role("link", name="审计记录").click()
    page.get_by_label("类型").select_option("goals.MonthlyTarget")
    page.get_by_label("发生了什么").select_option("update")
    page.locator("main input[name=q]").press("Enter")
    entry = page.locator(".trail-entry")
    expect(entry).to_have_count(1)
    expect(entry).to_contain_text("李安")
    expect(entry).to_contain_text("客户提前签约")
    entry.locator("summary").focus()
    page.keyboard.press("Enter")
    expect(entry.locator("tbody tr")).to_have_text(re.compile("目标值.*8,000.*9,500", re.DOTALL))


def test_a_target_that_is_no_number_is_named(page: Page, base_url: str, acme: Company) -> None:
    sign_in(page, base_url, "manager@acme.example")
    page.goto(f"{base_url}/w/acme/targets/")
    row(page, "李安").locator("input[type=text]").fill("很多")
    page.get_by_role("button", name="保存目标").click()
    expect(page.locator("main")).to_contain_text("很多")


def test_language_and_theme_keep_the_page(page: Page, base_url: str, acme: Company) -> None:
    sign_in(page, base_url, "manager@acme.example")
    page.set_viewport_size({"width": 1440, "height": 900})
    address = f"{base_url}/w/acme/facts/?metric=orders&from=2026-01-01"
    page.goto(address)
    page.click(".side [data-theme=dark]")
    page.click(".side button[value=en]")
    assert page.url == address
    expect(page.locator("h1")).to_contain_text("Orders")
    page.goto(f"{base_url}/w/acme/people/")
    assert page.evaluate("document.documentElement.dataset.bsTheme") == "dark"
    expect(page.locator("h1")).to_have_text("People")


def test_the_keyboard_reaches_content_and_navigation(page: Page, base_url: str, acme: Company) -> None:
    sign_in(page, base_url, "manager@acme.example")
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(f"{base_url}/w/acme/")
    page.keyboard.press("Tab")
    skip = page.locator(":focus")
    expect(skip).to_have_class("skip-link")
    expect(skip).to_be_in_viewport()
    links = page.locator(".side .nav-main a").evaluate_all("all => all.map((link) => link.getAttribute('href'))")
    focusable = page.locator(".side a, .side button").count()
    reached = []
    for _step in range(focusable + 1):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.getAttribute('href')"))
    assert set(links) <= set(reached)
    page.goto(f"{base_url}/w/acme/")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_the_drawer_opens_by_keyboard_on_a_phone(page: Page, base_url: str, acme: Company) -> None:
    sign_in(page, base_url, "manager@acme.example")
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{base_url}/w/acme/")
    for _step in range(12):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.matches('.drawer summary')"):
            break
    page.keyboard.press("Enter")
    drawer = page.locator(".drawer-panel nav")
    expect(drawer).to_be_visible()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).not_to_be_empty()
    assert page.url != f"{base_url}/w/acme/"


def test_an_export_holds_the_rows_of_the_page_and_no_formula(
    page: Page, base_url: str, acme: Company, tmp_path: Path
) -> None:
    sign_in(page, base_url, "manager@acme.example")
    page.goto(f"{base_url}/w/acme/facts/")
    shown = page.locator("main tbody tr").count()
    with running(tmp_path):
        page.get_by_role("button", name="导出").click()
        wait_until_done(page)
    with page.expect_download() as download:
        page.locator("#job-state a.btn-primary").click()
    file = tmp_path / "export.csv"
    download.value.save_as(file)
    header, *rows = csv.reader(file.read_text(encoding="utf-8-sig").splitlines())
    assert header[2] == "姓名"
    assert len(rows) == shown == 2
    assert {line[2]: line[5] for line in rows} == {"李安": "'=1+1", "Bob Bell": "恒达贸易"}
    assert not [cell for line in rows for cell in line if cell.startswith(("=", "+", "@"))]


def write(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def test_a_waiting_import_can_be_cancelled(page: Page, base_url: str, acme: Company, tmp_path: Path) -> None:
    sign_in(page, base_url, "owner@acme.example")
    file = write(tmp_path, "facts.csv", b"external_id,metric,employee,date,value\n")
    choose_upload(page, f"{base_url}/w/acme/imports/", "facts.import", file).click()
    page.locator("#job-state form button").click()
    wait_until_done(page, "已取消")
    expect(page.get_by_role("button", name="取消")).to_have_count(0)
    assert [job.state for job in jobs(acme)] == [JobState.CANCELLED]


def test_a_double_click_starts_one_import(page: Page, base_url: str, acme: Company, tmp_path: Path) -> None:
    sign_in(page, base_url, "owner@acme.example")
    file = write(tmp_path, "facts.csv", b"external_id,metric,employee,date,value\n")
    choose_upload(page, f"{base_url}/w/acme/imports/", "facts.import", file).dblclick(no_wait_after=True)
    page.wait_for_url("**/imports/*/")
    assert len(jobs(acme)) == 1


def test_an_empty_file_is_refused_at_once(page: Page, base_url: str, acme: Company, tmp_path: Path) -> None:
    sign_in(page, base_url, "owner@acme.example")
    choose_upload(page, f"{base_url}/w/acme/imports/", "facts.import", write(tmp_path, "empty.csv", b"")).click()
    expect(page.locator(".field-error, .field [id$=_error]").first).to_contain_text("空")
    assert jobs(acme) == []


UNUSABLE = [
    ("orders.xlsx", b"PK\x03\x04 a workbook", "已损坏"),
    ("orders.csv", b"external_id,metric,employee,day,value\n", "没有数据行"),
]


def test_a_file_that_cannot_be_used_says_why(page: Page, base_url: str, acme: Company, tmp_path: Path) -> None:
    """In the language of who asked, whatever the worker's is."""
    sign_in(page, base_url, "owner@acme.example")
    with running(tmp_path):
        for name, content, reason in UNUSABLE:
            file = write(tmp_path, name, content)
            choose_upload(page, f"{base_url}/w/acme/imports/", "facts.import", file).click()
            wait_until_done(page, "失败")
            expect(page.locator("#job-state .callout")).to_contain_text(reason)
            expect(page.locator("#job-state .callout")).to_contain_text("文件")


def test_guessing_a_password_is_limited(page: Page, base_url: str, acme: Company) -> None:
    for _attempt in range(6):
        sign_in(page, base_url, "owner@acme.example", password="wrong-password-1")
    expect(page.locator("main")).to_contain_text("次数过多")
    sign_in(page, base_url, "owner@acme.example")
    assert "/accounts/login/" in page.url  # even the right one has to wait now


def test_signing_out_ends_the_session(page: Page, base_url: str, acme: Company) -> None:
    sign_in(page, base_url, "owner@acme.example")
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(f"{base_url}/w/acme/")
    cookies = page.context.cookies()
    page.locator(".side form[action*=logout] button").click()
    page.wait_for_url("**/accounts/login/**")
    page.context.add_cookies(cookies)
    page.goto(f"{base_url}/w/acme/")
    assert page.url.startswith(f"{base_url}/accounts/login/?next=")
