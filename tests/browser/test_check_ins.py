"""A check-in on a phone, from the first word to the manager's answer; and what an error leaves of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from goals.check_ins.rules import monday_of, week_label
from goals.models import CheckIn
from perfmgmt.people.viewer import workspace_of
from tests.browser import harness
from tests.browser.harness import fits

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

    from tests.browser.conftest import Visitors
    from tests.browser.world import World

pytestmark = pytest.mark.browser
PHONE = {"width": 390, "height": 844}


@pytest.fixture
def phone(chromium: Browser, visitors: Visitors) -> Iterator[Page]:
    """The assistant's phone, in Chinese."""
    yield from opened(chromium, visitors, "assistant", PHONE)


@pytest.fixture
def desk(chromium: Browser, visitors: Visitors) -> Iterator[Page]:
    """The manager's desk, in Chinese."""
    yield from opened(chromium, visitors, "manager", {"width": 1440, "height": 900})


def opened(chromium: Browser, visitors: Visitors, role: str, viewport: Any) -> Iterator[Page]:
    state = harness.storage_state(visitors.url, visitors.client(role))
    context = chromium.new_context(storage_state=state, viewport=viewport)
    harness.set_language(context, visitors.url, "zh-hans")
    page = context.new_page()
    page.set_default_timeout(15_000)
    yield page
    context.close()


def test_a_check_in_on_a_phone_is_sent_and_answered(
    phone: Page, desk: Page, visitors: Visitors, world: World
) -> None:
    with world.company.scope():
        today = workspace_of(world.company.tenant).today()
    week = week_label(monday_of(today))
    phone.goto(f"{visitors.url}/w/acme/check-in/")
    goals = phone.locator(".ci-goal")
    goal = goals.filter(has_text="老客户续约在谈")  # what was said last week stands beside it
    expect(goal.locator(".ci-before")).to_be_visible()
    # Help without a word and goals without a confidence: nothing is lost.
    goal.get_by_label("遇到的障碍").fill("客户推迟验收")
    phone.get_by_label("我需要帮助").check()
    phone.get_by_label("本周关键任务 2").fill("催两份合同")
    phone.get_by_role("button", name="提交给上级").click()
    expect(phone.locator(".callout-bad")).to_be_visible()
    expect(phone.locator(".field-error")).to_have_count(goals.count() + 1)
    expect(goal.get_by_label("遇到的障碍")).to_have_value("客户推迟验收")
    for each in goals.all():  # from high to low by keyboard
        each.locator(".ci-choices input").first.focus()
        for key in ("Space", "ArrowRight", "ArrowRight"):
            phone.keyboard.press(key)
        expect(each.get_by_role("radio", name="低")).to_be_checked()
    phone.get_by_label("需要什么帮助").fill("请一起拜访恒达")
    assert fits(phone)
    phone.get_by_role("button", name="提交给上级").click()
    expect(phone.locator("main")).to_contain_text("上级尚未答复")

    desk.goto(f"{visitors.url}/w/acme/check-ins/?week={week}&q=李安")
    row = desk.locator(".ci-row")
    expect(row).to_contain_text("请一起拜访恒达")
    expect(row).to_contain_text("信心下降")
    row.get_by_role("button", name="答复").click()
    expect(row.locator(".field-error")).to_be_visible()
    row.get_by_role("textbox").fill("周四一起去。")
    row.get_by_role("button", name="答复").click()
    expect(desk.locator(".ci-row summary")).to_contain_text("已答复")
    desk.locator(".ci-row").get_by_role("button", name="确认关键任务").click()
    expect(desk.locator(".message-success")).to_be_visible()

    phone.reload()
    expect(phone.locator(".callout-good")).to_contain_text("周四一起去。")
    phone.get_by_role("button", name="我已阅读").click()
    expect(phone.get_by_role("button", name="我已阅读")).to_have_count(0)
    with world.company.scope():
        found = CheckIn.objects.get(employee=world.company.people["ann"], week=monday_of(today))
        assert (found.answer, found.has_news) == ("周四一起去。", False)
