"""The way of a scorecard: HR weighs it by keyboard and publishes, an assistant reads it on a phone and says so."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from reviews.models import ScorecardNotice, ScorecardVersion
from reviews.scorecards.content import content_of
from tests.browser.acts import give_password, leave, sign_in
from tests.browser.harness import fits
from tests.factories import Company

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser


@pytest.fixture
def acme(base_url: str) -> Company:
    """A committed company without scorecards."""
    company = Company.create("acme")
    for role in ("hr", "assistant"):
        give_password(f"{role}@acme.example")
    return company


def weights(page: Page) -> list[str]:
    return [box.input_value() for box in page.locator("#editor .weight-row:not(.part) input[name$=weight]").all()]


def test_hr_weighs_and_publishes_and_the_assistant_reads(page: Page, base_url: str, acme: Company) -> None:
    sign_in(page, base_url, "hr@acme.example")
    page.goto(f"{base_url}/w/acme/scorecards/")
    page.get_by_role("button", name="添加现成考核表").first.click()
    page.get_by_role("link", name="销售助理季度考核表(通用)").click()
    page.get_by_role("button", name="继续编辑草稿").click()
    expect(page.locator("#preview-body tbody tr")).to_have_count(6)

    # By keyboard: the other weights follow, the sum stays 100.
    page.locator(".weight-range").first.focus()
    for _again in range(5):
        page.keyboard.press("ArrowRight")
    assert weights(page)[0] == "45" and sum(map(int, weights(page))) == 100
    # A typed number changes only itself, and the sum says so; the button mends it.
    page.locator("input[name='d-0-weight']").fill("46")
    expect(page.locator("[data-sum]").first).to_contain_text("不等于 100")
    page.locator("button[value='scale']").first.click()
    expect(page.locator("[data-sum]").first).to_contain_text("100%")
    page.locator("input[name='d-0-weight']").fill(weights(page)[0])

    # A point of a curve is moved by keyboard, and the fields follow.
    page.locator(".curve-dot").nth(1).focus()
    page.keyboard.press("ArrowUp")
    expect(page.locator("[data-point]").nth(1).locator("input").nth(1)).to_have_value("101")
    page.get_by_role("button", name="保存并去发布").click()
    page.get_by_label("自此周期起生效").select_option(index=4)
    page.get_by_role("button", name="发布", exact=True).click()
    expect(page.get_by_text("已发布。请向员工公示")).to_be_visible()
    with acme.scope():
        version = ScorecardVersion.objects.get(state="published")
        assert sum(one.weight for one in content_of(version).dimensions) == 100
        assert content_of(version).dimensions[0].parts[0].points[1][1] == 101

    leave(page)
    page.set_viewport_size({"width": 390, "height": 844})
    sign_in(page, base_url, "assistant@acme.example")
    page.goto(f"{base_url}/w/acme/assessed/")
    expect(page.get_by_role("heading", name=re.compile("销售业绩"))).to_be_visible()
    assert fits(page)
    page.get_by_label("意见").fill("调查怎样抽样?")
    page.get_by_role("button", name="我已阅读我的考核方式").click()
    expect(page.get_by_text("已记录您已阅读")).to_be_visible()
    with acme.scope():
        assert ScorecardNotice.objects.get().comment == "调查怎样抽样?"
