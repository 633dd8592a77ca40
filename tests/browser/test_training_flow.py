"""HR opens a training, people enrol beyond its places, one cancels, the next moves up and is told."""

from __future__ import annotations

import os
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from reviews.models import Enrolment
from reviews.training.courses import install_pack
from tests.browser.acts import give_password, leave, sign_in
from tests.browser.harness import screenshot
from tests.factories import Company, today_here

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser


def test_hr_opens_a_training_and_the_next_one_moves_up(page: Page, base_url: str) -> None:
    company = Company.create("acme")
    with company.scope():
        install_pack()
    for role in ("hr", "manager", "assistant"):
        give_password(f"{role}@acme.example")
    address = _opened(page, base_url)
    leave(page)

    sign_in(page, base_url, "manager@acme.example")
    page.goto(address)
    page.get_by_label("为他人报名").fill("Bob Bell")
    page.locator("form", has=page.get_by_label("为他人报名")).get_by_role("button", name="报名").click()
    expect(page.get_by_role("row", name="Bob Bell")).to_contain_text("已报名")
    leave(page)

    sign_in(page, base_url, "assistant@acme.example")
    page.goto(f"{base_url}/w/acme/training/")
    page.get_by_role("link", name="产品基础知识").click()
    page.get_by_role("button", name="加入候补").click()
    expect(page.get_by_text("您在候补中排第 1 位。")).to_be_visible()
    leave(page)

    sign_in(page, base_url, "manager@acme.example")
    page.goto(address)
    expect(page.get_by_role("row", name="李安")).to_contain_text("候补")
    page.get_by_role("row", name="Bob Bell").get_by_role("button", name="移出").click()
    expect(page.get_by_role("row", name="李安")).to_contain_text("已报名")
    leave(page)

    sign_in(page, base_url, "assistant@acme.example")
    page.goto(f"{base_url}/w/acme/notifications/")
    expect(page.get_by_text("您已从候补转为参加培训“产品基础知识”").first).to_be_visible()
    page.goto(address)
    expect(page.get_by_role("button", name="我不能参加")).to_be_visible()
    for width in (390, 1440):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        if os.environ.get("SCREENSHOTS"):
            screenshot(page, "training_flow", "zh-hans", width, "light")
    with company.scope():
        found = dict(Enrolment.objects.values_list("employee__name", "state"))
        assert found == {"Bob Bell": "cancelled", "李安": "enrolled"}


def _opened(page: Page, base_url: str) -> str:
    """Open a session with one place as HR; return its address."""
    sign_in(page, base_url, "hr@acme.example")
    page.goto(f"{base_url}/w/acme/training/courses/")
    page.get_by_role("link", name="产品基础知识").click()
    page.get_by_role("link", name="新建场次").first.click()
    page.get_by_label("第一天").fill((today_here() + timedelta(days=9)).isoformat())
    page.get_by_label("名额").fill("1")
    page.get_by_label("地点").fill("上海总部 3 楼培训室")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_text("场次已开放报名。")).to_be_visible()
    return page.url
