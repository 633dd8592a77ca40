"""An assistant asks three people for feedback and reads two replies; praise with a value is on the wall."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from reviews.models import CompanyValue, PraiseReaction
from tests.browser.acts import give_password, leave, sign_in
from tests.factories import Company
from tests.reviews.feedback_factories import let_in

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser


def test_an_assistant_asks_three_people_two_reply_and_the_asker_reads(page: Page, base_url: str) -> None:
    company = Company.create("acme")
    let_in(company, "bob", "cid")
    for person in ("assistant", "bob", "manager"):
        give_password(f"{person}@acme.example")
    sign_in(page, base_url, "assistant@acme.example")
    page.goto(f"{base_url}/w/acme/feedback/requests/")
    page.get_by_role("link", name="请求反馈").first.click()
    page.get_by_label("主题").fill("恒达项目的配合")
    page.get_by_label("问题 1").fill("哪些地方配合得好？")
    for place, person in enumerate(("bob", "manager", "cid"), 1):
        page.locator(f"[name=to_{place}]").fill(company.people[person].number)
    page.get_by_role("button", name="发出请求").click()
    expect(page.get_by_text("已向同事发出请求")).to_be_visible()
    address = page.url
    leave(page)
    for person, words in (("bob", "清单一次就对。"), ("manager", "客户当天就有人接。")):
        sign_in(page, base_url, f"{person}@acme.example")
        page.goto(f"{base_url}/w/acme/home/waiting/")
        page.get_by_role("link", name="恒达项目的配合").click()
        page.get_by_label("哪些地方配合得好？").fill(words)
        page.get_by_role("button", name="提交回复").click()
        expect(page.get_by_text("回复已送达")).to_be_visible()
        leave(page)
    sign_in(page, base_url, "assistant@acme.example")
    page.goto(address)
    for words in ("清单一次就对。", "客户当天就有人接。"):
        expect(page.get_by_text(words)).to_be_visible()
    expect(page.locator(".feedback-one", has_text="Cid Cole")).to_contain_text("进行中")


def test_praise_with_a_value_is_on_the_wall_and_reacted_to(page: Page, base_url: str) -> None:
    company = Company.create("acme")
    with company.scope():
        CompanyValue.objects.create(name_zh="客户第一", name_en="Customers first")
    for role in ("manager", "assistant"):
        give_password(f"{role}@acme.example")
    sign_in(page, base_url, "manager@acme.example")
    page.goto(f"{base_url}/w/acme/people/{company.people['ann'].pk}/profile/")
    page.get_by_role("link", name="给出反馈").click()
    page.get_by_label("想说的话").fill("陪客户调到晚上八点。")
    page.get_by_label("体现的价值观").select_option(label="客户第一")
    page.get_by_role("button", name="给出反馈").click()
    leave(page)
    page.set_viewport_size({"width": 390, "height": 844})
    sign_in(page, base_url, "assistant@acme.example")
    page.goto(f"{base_url}/w/acme/feedback/wall/")
    praise = page.locator(".feedback-one", has_text="陪客户调到晚上八点。")
    expect(praise).to_contain_text("客户第一")
    praise.get_by_role("button", name="感谢").click()
    expect(praise.get_by_role("button", name="感谢 1")).to_have_attribute("aria-pressed", "true")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    with company.scope():
        assert PraiseReaction.objects.get().by == company.users["assistant"]
