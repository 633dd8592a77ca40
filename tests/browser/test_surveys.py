"""The way of a survey: HR builds it, publishing is refused for a missing translation, then done; preview and test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from perfmgmt.notify.models import WorkspaceMail
from reviews.models import SurveyQuestion, SurveyVersion
from tests.browser.acts import give_password, sign_in
from tests.factories import Company

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser


@pytest.fixture
def acme(base_url: str) -> Company:
    """A committed company without surveys."""
    company = Company.create("acme")
    give_password("hr@acme.example")
    return company


def test_hr_builds_publishes_and_tests_a_survey(page: Page, base_url: str, acme: Company) -> None:
    sign_in(page, base_url, "hr@acme.example")
    page.goto(f"{base_url}/w/acme/surveys/")
    page.get_by_role("button", name="添加现成调查").first.click()
    page.get_by_role("link", name="订单满意度调查").click()
    page.get_by_role("button", name="继续编辑草稿").click()
    expect(page.locator("[data-question]")).to_have_count(3)

    # A question is added without a request for a whole page, moved by its arrow, and typed in one language only.
    page.get_by_role("button", name="推荐意愿，0 到 10 分").click()
    expect(page.locator("[data-question]")).to_have_count(4)
    page.locator("#q1-text_zh").fill("您会推荐我们吗？")
    page.locator("#q-q1 button[value='up:q1']").click()
    expect(page.locator("[data-question]").nth(2)).to_have_id("q-q1")
    expect(page.locator("#q1-text_zh")).to_have_value("您会推荐我们吗？")
    page.get_by_role("button", name="保存并去发布").click()

    # Publishing names the place and leads to it.
    page.get_by_role("link", name="第 3 题：缺少“题目”（英文）。").click()
    expect(page.locator("#q1-text_en")).to_have_attribute("aria-invalid", "true")
    page.locator("#q1-text_en").fill("Would you recommend us?")
    page.locator("#accent").fill("#0b6b4b")
    page.get_by_role("button", name="保存并预览").click()

    # The preview as customers see it on a phone: the mail, then the page, where a low score brings the follow-up.
    page.get_by_role("link", name="390 px").click()
    mail = page.frame_locator("iframe.survey-frame")
    expect(mail.get_by_role("link", name="5", exact=True)).to_be_visible()
    page.get_by_role("link", name="页面", exact=True).click()
    form = page.frame_locator("iframe.survey-frame")
    expect(form.get_by_text("最需要改进的是什么？")).to_be_hidden()
    form.locator("input[name='a-satisfaction'][value='2']").check()
    expect(form.get_by_text("最需要改进的是什么？")).to_be_visible()
    form.locator("input[name='a-satisfaction'][value='5']").check()
    expect(form.get_by_text("最需要改进的是什么？")).to_be_hidden()
    form.locator("input[name='a-q1'][value='9']").check()
    form.get_by_role("button", name="提交").click()
    expect(form.get_by_text("谢谢您的回答！")).to_be_visible()
    page.get_by_role("button", name="发送测试邮件").click()
    expect(page.get_by_text("hr@acme.example").first).to_be_visible()

    page.get_by_role("link", name="去发布").click()
    page.get_by_role("button", name="发布", exact=True).click()
    expect(page.get_by_text("客户从现在起收到的就是这一版")).to_be_visible()
    with acme.scope():
        version = SurveyVersion.objects.get(state="published")
        assert version.accent == "#0b6b4b"
        assert list(SurveyQuestion.objects.filter(version=version).values_list("key", flat=True)) == [
            "satisfaction", "reason", "q1", "comment"]  # fmt: skip
        assert WorkspaceMail.objects.get(kind="surveys.test").recipient == "hr@acme.example"


def test_leaving_with_unsaved_changes_is_asked_about(page: Page, base_url: str, acme: Company) -> None:
    sign_in(page, base_url, "hr@acme.example")
    page.goto(f"{base_url}/w/acme/surveys/new/")
    page.get_by_label("中文名称").fill("新调查")
    page.get_by_role("button", name="继续").click()
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.locator("#subject_zh").wait_for()
    page.wait_for_load_state()  # only the page's script knows what is not saved
    page.locator("#subject_zh").fill("主题")
    page.goto(f"{base_url}/w/acme/surveys/")
    assert asked == ["beforeunload"]


def test_the_answering_page_fits_a_phone_and_has_large_targets(page: Page, base_url: str, acme: Company) -> None:
    sign_in(page, base_url, "hr@acme.example")
    page.goto(f"{base_url}/w/acme/surveys/")
    page.get_by_role("button", name="添加现成调查").first.click()
    with acme.scope():
        versions = list(SurveyVersion.objects.order_by("pk").values_list("pk", flat=True))
    page.set_viewport_size({"width": 390, "height": 844})
    for version in versions:
        page.goto(f"{base_url}/w/acme/surveys/versions/{version}/preview/page/?lang=en&score=1")
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        for label in page.locator(".scale label, .choices label").all():
            if label.is_visible():
                box = label.bounding_box()
                assert box is not None and box["height"] >= 44 and box["width"] >= 40
        page.goto(f"{base_url}/w/acme/surveys/versions/{version}/preview/mail/?lang=en")
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
