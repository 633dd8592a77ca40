"""The self-review on a phone, in Chinese: kept through a lost connection, a closed tab and an expired session."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from reviews.answers import door
from reviews.models import Rater
from tests.browser import harness
from tests.browser.harness import fits
from tests.browser.world import PASSWORD

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, BrowserContext, Page

    from tests.browser.conftest import Visitors
    from tests.browser.world import World

pytestmark = pytest.mark.browser
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1440, "height": 900}


@pytest.fixture
def phone(chromium: Browser, visitors: Visitors) -> Iterator[BrowserContext]:
    """The assistant's phone, in Chinese."""
    yield from signed_in(chromium, visitors, PHONE)


@pytest.fixture
def desk(chromium: Browser, visitors: Visitors) -> Iterator[BrowserContext]:
    """The assistant's other device."""
    yield from signed_in(chromium, visitors, DESK)


def signed_in(chromium: Browser, visitors: Visitors, viewport: Any) -> Iterator[BrowserContext]:
    state = harness.storage_state(visitors.url, visitors.client("assistant"))
    context = chromium.new_context(storage_state=state, viewport=viewport)
    context.set_default_timeout(15_000)
    harness.set_language(context, visitors.url, "zh-hans")
    yield context
    context.close()


def opened(context: BrowserContext, visitors: Visitors, rater_id: int) -> Page:
    page = context.new_page()
    page.goto(f"{visitors.url}/w/acme/reviews/{rater_id}/")
    return page


def saved(world: World, rater_id: int) -> dict[str, Any]:
    """What is stored of a form, by the code of the question."""
    with world.company.scope():
        one = Rater.objects.select_related("participant").get(pk=rater_id)
        asked = {q.pk: q for q in door.questions_for(one.participant.cycle_id, one.group)}
        answers = door.own_sheet(one).answers
        # Codes stand in several questionnaires; the last one is the yearly self-review's.
        return {asked[pk].code: given.text or given.value for pk, given in sorted(answers.items())}


def state_of(page: Page) -> Any:
    return page.locator("[data-state]")


def test_a_self_review_survives_what_happens_on_a_phone(
    phone: BrowserContext, visitors: Visitors, world: World
) -> None:
    rater_id = world.samples["rater_id"][0]
    page = phone.new_page()
    page.goto(f"{visitors.url}/w/acme/reviews/")
    page.get_by_role("link", name="填写自评").click()
    expect(page.locator("h1")).to_have_text("自评")
    assert fits(page)
    # A choice by touch is kept at once; every step is large enough for a thumb.
    step = page.locator(".rf-step", has_text="看到漏跟的客户").first
    box = step.bounding_box()
    assert box
    assert box["height"] >= 44
    step.click()
    expect(state_of(page)).to_have_text("已全部保存")
    assert saved(world, rater_id)["initiative_starts"] == 4

    # Without a connection it stays in the browser, and the tab is closed.
    results = page.get_by_label("最重要的三项成果是什么")
    phone.set_offline(True)
    results.fill("2月把恒达贸易的回款周期从 45 天缩短到 30 天")
    expect(state_of(page)).to_contain_text("尚未保存：没有网络")
    page.close()
    phone.set_offline(False)
    assert "self_results" not in saved(world, rater_id)
    page = opened(phone, visitors, rater_id)
    expect(state_of(page)).to_have_text("已恢复并保存之前填写的内容。")
    expect(page.get_by_label("最重要的三项成果是什么")).to_have_value("2月把恒达贸易的回款周期从 45 天缩短到 30 天")
    assert saved(world, rater_id)["self_results"].startswith("2月把恒达")

    # The session ends while typing: sign in again, and it is saved.
    phone.clear_cookies(name="sessionid")
    page.get_by_label("明年的目标和计划").fill("6月前通过产品培训，每周五回顾指标")
    expect(page.locator("[data-problem]")).to_contain_text("您已退出登录")
    page.get_by_role("link", name="重新登录").click()
    page.locator("input[name=login]").fill(world.company.users["assistant"].email)
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("form:has(input[name=password]) button[type=submit]").click()
    page.wait_for_url(f"**/reviews/{rater_id}/")
    expect(state_of(page)).to_have_text("已恢复并保存之前填写的内容。")
    assert saved(world, rater_id)["self_plan"] == "6月前通过产品培训，每周五回顾指标"
    assert page.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('review-')).length") == 0


def test_two_devices_are_told_of_each_other_and_one_is_chosen(
    phone: BrowserContext, desk: BrowserContext, visitors: Visitors, world: World
) -> None:
    rater_id = world.samples["rater_id"][0]
    one, two = opened(phone, visitors, rater_id), opened(desk, visitors, rater_id)
    one.get_by_label("客户、同事、上级给过你哪些反馈").fill("手机上写的：客户希望更早知道交期")
    expect(state_of(one)).to_have_text("已全部保存")
    two.get_by_label("客户、同事、上级给过你哪些反馈").fill("电脑上写的")
    expect(two.locator("[data-problem]")).to_contain_text("已在其他窗口或设备上修改")
    assert saved(world, rater_id)["self_feedback"].startswith("手机上写的")
    two.get_by_role("button", name="载入较新的版本").click()
    expect(two.get_by_label("客户、同事、上级给过你哪些反馈")).to_have_value("手机上写的：客户希望更早知道交期")
    one.get_by_label("客户、同事、上级给过你哪些反馈").fill("手机上改过的")
    expect(state_of(one)).to_have_text("已全部保存")
    two.get_by_label("客户、同事、上级给过你哪些反馈").fill("电脑上的最终稿")
    two.get_by_role("button", name="保留此处填写的内容").click()
    expect(state_of(two)).to_have_text("已全部保存")
    assert saved(world, rater_id)["self_feedback"] == "电脑上的最终稿"


def test_a_peer_answers_with_the_keyboard_is_hinted_at_and_hands_in(
    desk: BrowserContext, visitors: Visitors, world: World
) -> None:
    rater_id = world.samples["rater_id"][1]
    page = opened(desk, visitors, rater_id)
    expect(page.locator("main")).to_contain_text("您以匿名方式作答")
    expect(page.locator(".rf-aside")).to_have_count(0)  # colleagues see no goals and no figures
    for group in page.locator("fieldset[data-question]").all():
        group.locator("input[type=radio]").first.focus()
        for key in ("Space", "ArrowDown", "ArrowDown"):
            page.keyboard.press(key)
        expect(group.locator("input[value='3']")).to_be_checked()
    words = page.get_by_label("做得最好的一件事是什么")
    words.fill("小姑娘工作不错")
    expect(words.locator("xpath=..").locator("[data-hints]")).to_contain_text("性别")
    words.fill("2月主动补齐了恒达贸易的三份合同附件，客户当天就付了款")
    expect(words.locator("xpath=..").locator("[data-hints]")).to_be_empty()
    page.get_by_role("button", name="提交…").click()
    expect(page.locator("main")).to_contain_text("以下题目尚未作答")
    page.get_by_role("button", name="确认提交").click()
    expect(page.locator("[data-messages]")).to_contain_text("已提交")
    assert saved(world, rater_id)["strengths"].startswith("2月主动补齐")


def test_without_scripts_the_form_is_sent_by_its_buttons(chromium: Browser, visitors: Visitors, world: World) -> None:
    rater_id = world.samples["rater_id"][0]
    state = harness.storage_state(visitors.url, visitors.client("assistant"))
    context = chromium.new_context(storage_state=state, viewport=PHONE, java_script_enabled=False)
    harness.set_language(context, visitors.url, "zh-hans")
    page = opened(context, visitors, rater_id)
    page.get_by_label("遇到哪些问题和困难").fill("交期变更通知太晚，缺少系统提醒")
    page.locator("button[value=save]").click()
    expect(page.locator("main")).to_contain_text("已保存")
    assert saved(world, rater_id)["self_problems"] == "交期变更通知太晚，缺少系统提醒"
    context.close()
