"""Ways through plans: a manager plans, an assistant reports on a phone and by keyboard, without a script as well."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from goals.models import ActionPlan
from tests.browser.acts import give_password, leave, sign_in
from tests.browser.harness import fits
from tests.factories import Company

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser


@pytest.fixture
def acme(base_url: str) -> Company:
    """A committed company with sales before today."""
    company = Company.create("acme")
    today = timezone.localdate(timezone=ZoneInfo("Asia/Shanghai"))
    with company.scope():
        company.fact("ann", "sales_amount", today - timedelta(days=9), 6000)
        company.drain()
    for role in ("manager", "assistant"):
        give_password(f"{role}@acme.example")
    return company


def test_a_manager_plans_and_the_assistant_reports_in_the_row(page: Page, base_url: str, acme: Company) -> None:
    sign_in(page, base_url, "manager@acme.example")
    page.get_by_role("link", name="行动计划", exact=True).first.click()
    page.get_by_role("link", name="新建计划").first.click()
    page.get_by_role("link", name="每周销售活动计划").click()
    expect(page.get_by_label("标题")).to_have_value("每周销售活动计划")
    page.get_by_label("适用人员").fill("李安 (AC004)")
    page.get_by_label("负责人").fill("李安 (AC004)")
    page.get_by_role("button", name="制定计划").click()
    expect(page.locator("table.plan-tasks tbody tr")).to_have_count(6)

    # A task is moved in its row; a day outside the plan is refused there.
    first = page.locator("table.plan-tasks tbody tr").first
    first.get_by_role("link", name=re.compile("修改")).click()
    first.get_by_label("任务", exact=True).fill("列出重点客户")
    first.get_by_label("截止日期").fill("2999-01-01")
    first.locator("form.task-form").evaluate("form => form.noValidate = true")
    first.get_by_role("button", name="保存").click()
    expect(first).to_contain_text("不在计划期间")
    first.get_by_role("link", name="取消").click()
    expect(first.locator("th")).to_contain_text("列出本月 20 个重点客户")

    leave(page)
    page.set_viewport_size({"width": 390, "height": 844})
    sign_in(page, base_url, "assistant@acme.example")
    page.goto(f"{base_url}/w/acme/plans/")
    expect(page.locator("tbody tr")).to_have_count(6)
    page.get_by_role("link", name=re.compile("列出本月")).click()
    row = page.locator("table.plan-tasks tbody tr").first
    row.get_by_label(re.compile("完成进度")).fill("60")
    page.keyboard.press("Enter")
    expect(row).to_contain_text("进行中")
    row.get_by_role("button", name=re.compile("已完成")).click()
    expect(row.locator(".pill")).to_have_text("已完成")
    assert fits(page)
    with acme.scope():
        assert ActionPlan.objects.get().tasks.filter(progress=100).count() == 1


def test_a_plan_works_without_a_script(chromium: Browser, page: Page, base_url: str, acme: Company) -> None:
    sign_in(page, base_url, "assistant@acme.example")
    plain = chromium.new_context(java_script_enabled=False, storage_state=page.context.storage_state()).new_page()
    plain.goto(f"{base_url}/w/acme/plans/new/?template=skill")
    plain.get_by_role("button", name="制定计划").click()
    row = plain.locator("table.plan-tasks tbody tr").first
    row.get_by_label(re.compile("完成进度")).fill("40")
    row.get_by_role("button", name=re.compile("^保存")).click()
    expect(plain.locator(".message-success")).to_be_visible()
    plain.locator("table.plan-tasks tbody tr").first.get_by_role("link", name=re.compile("修改")).click()
    plain.get_by_label("资源").fill("培训室")
    plain.get_by_role("button", name="保存").click()
    expect(plain.locator("table.plan-tasks tbody tr").first).to_contain_text("培训室")
    plain.context.close()


def test_a_team_performance_plan_has_its_baseline(page: Page, base_url: str, acme: Company) -> None:
    sign_in(page, base_url, "manager@acme.example")
    page.goto(f"{base_url}/w/acme/plans/new/?template=team_performance")
    page.get_by_role("button", name="制定计划").click()
    expect(page.locator("#reviews tbody tr")).to_have_count(3)
    page.get_by_role("link", name="新增衡量指标").first.click()
    page.get_by_label("指标", exact=True).select_option(label="销售额")
    page.get_by_label("计划期间的目标值").fill("9,000")
    page.get_by_role("button", name="保存").click()
    expect(page.locator("#effect tbody tr")).to_contain_text("6,000")
    expect(page.locator("#effect")).to_contain_text("为时尚早")
    page.emulate_media(media="print")
    expect(page.get_by_role("button", name="添加任务")).to_be_hidden()
    expect(page.locator("table.plan-tasks")).to_be_visible()
