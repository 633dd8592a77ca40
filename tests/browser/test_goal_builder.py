"""The form of a goal in Chromium: a sentence fills it, the letters follow while typing, the goal is proposed."""

from __future__ import annotations

import os
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from goals.models import Goal, State
from perfmgmt.metrics.models import Forecast, ForecastBasis, Metric
from perfmgmt.tenants.calendar import Grain, Period
from tests.browser.acts import give_password, sign_in
from tests.browser.harness import Look, axe_findings, check_page, screenshot
from tests.factories import Company, today_here

if TYPE_CHECKING:
    from playwright.sync_api import Page, Route

pytestmark = pytest.mark.browser
TODAY = today_here()
NEXT = Period.containing(Grain.QUARTER, TODAY).next()
# The example goals of the field: what the form holds once they are typed.
FIELD = [
    ("每月完成 50 单", {"metric": "orders", "form": "absolute", "target": "50"}),
    ("季度末前 100 万元", {"metric": "sales_amount", "form": "absolute", "target": "1000000"}),
    ("每月 30 次客户拜访", {"metric": "visits_arranged", "form": "absolute", "target": "30"}),
    ("每季度销售额增长 10%", {"metric": "sales_amount", "form": "percent", "growth": "10"}),
    ("客户满意度提高 15%", {"metric": "csat", "form": "percent", "growth": "15"}),
    ("跟进准确率 98%", {"metric": "followup_accuracy", "form": "absolute", "target": "98%", "direction": "higher"}),
    ("满意度 4.5/5", {"metric": "csat", "form": "absolute", "target": "4.5"}),
    ("协助完成年度销售目标的 80%", {"metric": "supported_target_share", "form": "absolute", "target": "80%"}),
    ("高端产品占总销售额 50%", {"metric": "high_end_share", "form": "absolute", "target": "50%"}),
    ("每月新增 10 个潜在客户", {"metric": "prospects_added", "form": "absolute", "target": "10"}),
    ("老客户复购金额增长 20%", {"metric": "repeat_purchase_amount", "form": "percent", "growth": "20"}),
    ("文档处理不超过 2 天", {"metric": "document_turnaround_days", "form": "absolute", "target": "2"}),
    ("零差错", {"metric": "data_entry_errors", "form": "band", "band_low": "0", "band_high": "0"}),
]


@pytest.fixture
def acme(base_url: str) -> Company:
    """A committed company: ann sold 100,000 in the quarter before the next one, for which 102,000 are likely."""
    company = Company.create("acme")
    with company.scope():
        company.fact("ann", "sales_amount", NEXT.next(-1).start + timedelta(days=3), 100_000)
        company.drain()
        ann = {
            "metric_id": Metric.objects.get(code="sales_amount").pk, "employee_id": company.people["ann"].pk,
            "grain": int(Grain.QUARTER), "tenant": company.tenant,
        }  # fmt: skip
        ForecastBasis.objects.create(
            **ann, basis="own", months=24, best=52_000, history=[88_000, 97_000, 104_000, 118_000],
            transform="identity", step=0, through=NEXT.next(-1).start,
        )  # fmt: skip
        Forecast.objects.create(
            **ann, start=NEXT.start, point=102_000, low=84_000, high=121_000, mu=102_000, sigma=14_400, season=1.08,
            market=0.97, days=1, peers_median=96_000,
        )  # fmt: skip
    give_password("manager@acme.example")
    return company


def mark(page: Page, letter: str) -> str:
    return page.locator(f"[data-letter={letter}]").get_attribute("data-mark") or ""


def test_every_goal_of_the_field_is_typed_and_fills_the_form(page: Page, base_url: str, acme: Company) -> None:
    sign_in(page, base_url, "manager@acme.example")
    page.goto(f"{base_url}/w/acme/goals/new/")
    for sentence, wanted in FIELD:
        page.fill("input[name=title]", sentence)
        for name, value in wanted.items():
            expect(page.locator(f"[name={name}]")).to_have_value(value)
        assert mark(page, "S") == "pass", sentence
        expect(page.locator("input[name=title]")).to_be_focused()


def test_a_manager_types_a_goal_on_the_keyboard_and_proposes_it(page: Page, base_url: str, acme: Company) -> None:
    sign_in(page, base_url, "manager@acme.example")
    page.goto(f"{base_url}/w/acme/goals/new/")
    page.locator("input[name=title]").press_sequentially("提高销售额", delay=15)
    expect(page.locator("[data-letter=S]")).to_have_attribute("data-mark", "fail")
    expect(page.locator("[data-letter=S]")).to_contain_text("“提高”没有说明到什么程度")
    page.locator("input[name=title]").press_sequentially(f" 15%,{NEXT.fiscal_year}年第{NEXT.number}季度", delay=15)
    expect(page.locator("[data-letter=S]")).to_have_attribute("data-mark", "pass")
    expect(page.locator("[name=period]")).to_have_value(NEXT.label)
    page.fill("input[name=employee]", "AC004")
    page.press("input[name=employee]", "Tab")
    # The target is worked out from the quarter before, and nothing on the page jumped away from where the reader is.
    expect(page.locator("[data-worked-out]")).to_contain_text("115,000")
    expect(page.locator("input[name=target]")).to_be_hidden()
    expect(page.locator("input[name=band_low]")).to_be_hidden()
    expect(page.locator("input[name=growth]")).to_be_visible()
    assert axe_findings(page) == []
    page.get_by_role("button", name="保存并提出").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".message-success")).to_contain_text("已提出")
    with acme.scope():
        goal = Goal.objects.get()
    assert (goal.state, goal.target, goal.baseline) == (State.PROPOSED, 115_000, 100_000)


def test_what_is_typed_while_an_answer_is_on_its_way_stays(page: Page, base_url: str, acme: Company) -> None:
    sign_in(page, base_url, "manager@acme.example")
    page.goto(f"{base_url}/w/acme/goals/new/")
    held: list[Route] = []
    page.route("**/goals/smart/", lambda route: route.continue_() if held else held.append(route))
    page.fill("input[name=title]", f"{NEXT.fiscal_year}年第{NEXT.number}季度销售额 120000 元")
    page.wait_for_function("() => document.querySelector('#smart-panel').classList.contains('htmx-request')")
    page.fill("input[name=employee]", "AC004")
    held[0].continue_()
    expect(page.locator("input[name=target]")).to_have_value("120000")
    expect(page.locator("input[name=employee]")).to_have_value("AC004")
    expect(page.locator("[data-letter=M]")).to_have_attribute("data-mark", "pass")


def test_a_number_that_is_none_is_said_at_its_field_and_mended(page: Page, base_url: str, acme: Company) -> None:
    sign_in(page, base_url, "manager@acme.example", "en")
    page.goto(f"{base_url}/w/acme/goals/new/?employee=AC004&metric=orders&period={NEXT.label}&title=Fifty")
    page.fill("input[name=target]", "-5")
    page.get_by_role("button", name="Save as draft").click()
    expect(page.locator("#id_target_error")).to_contain_text("can't be negative")
    page.fill("input[name=target]", "50")
    expect(page.locator("[data-letter=M]")).to_have_attribute("data-mark", "pass")
    page.get_by_role("button", name="Save as draft").click()
    expect(page.locator(".message-success")).to_contain_text("saved as a draft")
    page.get_by_role("link", name="Edit").click()
    expect(page.locator("input[name=target]")).to_have_value("50")


def test_what_can_hardly_be_reached_is_said_before_anybody_signs(page: Page, base_url: str, acme: Company) -> None:
    sign_in(page, base_url, "manager@acme.example")
    page.goto(f"{base_url}/w/acme/goals/new/?employee=AC004&metric=sales_amount&period={NEXT.label}")
    page.fill("input[name=title]", f"{NEXT.fiscal_year}年第{NEXT.number}季度销售额 10.5 万元")
    letter = page.locator("[data-letter=A]")
    expect(letter).to_have_attribute("data-mark", "pass")
    expect(page.locator("#smart-panel")).to_contain_text("102,000")
    expect(page.locator("input[name=smart_reason]")).to_be_hidden()
    if os.environ.get("SCREENSHOTS"):
        page.set_viewport_size({"width": 1440, "height": 900})
        screenshot(page, "goal_builder_filled", "zh-hans", 1440, "light")
    page.fill("input[name=target]", "50万")
    expect(letter).to_have_attribute("data-mark", "fail")
    expect(letter).to_contain_text("过高")
    expect(page.locator("input[name=smart_reason]")).to_be_visible()
    page.get_by_role("button", name="保存并提出").click()
    expect(page.locator("#id_smart_reason_error")).to_be_visible()
    if os.environ.get("SCREENSHOTS"):
        page.set_viewport_size({"width": 390, "height": 900})
        screenshot(page, "goal_builder_fails", "zh-hans", 390, "light")
        page.set_viewport_size({"width": 1280, "height": 900})
    page.fill("input[name=smart_reason]", "已签框架合同")
    page.get_by_role("button", name="保存并提出").click()
    expect(page.locator("main")).to_contain_text("已签框架合同")
    with acme.scope():
        assert Goal.objects.get().smart_fails == "A"


@pytest.mark.parametrize(
    ("lang", "width", "theme"), [("zh-hans", 390, "light"), ("en", 390, "dark"), ("en", 1440, "light")]
)
def test_the_form_fits_a_phone_and_passes_the_checks(
    page: Page, base_url: str, acme: Company, lang: str, width: int, theme: str
) -> None:
    sign_in(page, base_url, "manager@acme.example", lang)
    check_page(page, f"{base_url}/w/acme/goals/new/", Look(lang, width, theme), name="goal_builder")
