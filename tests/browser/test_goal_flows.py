"""Whole ways of a goal: countered on a phone, agreed, changed by request, and locked by HR."""

from __future__ import annotations

from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from goals.agreement.services import propose
from goals.making import GoalDraft, create_goal
from goals.models import Goal, MonthlyTarget, State
from perfmgmt.jobs import services as jobs
from perfmgmt.jobs.models import Job
from perfmgmt.metrics.selectors import metric_by_code
from perfmgmt.people.models import User
from perfmgmt.people.viewer import viewer_in
from perfmgmt.tenants.calendar import Grain, Period
from perfmgmt.tenants.scope import tenant_scope
from tests.browser.acts import give_password, leave, sign_in
from tests.browser.harness import Look, check_page
from tests.factories import Company, today_here

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser
QUARTER = Period.containing(Grain.QUARTER, today_here())


@pytest.fixture
def acme(base_url: str) -> Company:
    """A committed company: ann's goal of the present quarter is proposed."""
    company = Company.create("acme")
    with company.scope():
        today = today_here()
        manager = viewer_in(company.users["manager"].pk, today)
        assert manager is not None
        draft = GoalDraft(
            level="person", title="本季度销售额 54 万元", grain=4, first_day=QUARTER.start, last_day=QUARTER.end,
            employee_id=company.people["ann"].pk, metric=metric_by_code("sales_amount"), target=Decimal(540_000),
        )  # fmt: skip
        goal = create_goal(draft, viewer=manager, today=today)
        propose(goal.pk, viewer=manager, today=today)
    User.objects.filter(email="manager@acme.example").update(name="林美雅")
    for role in ("manager", "assistant", "hr"):
        give_password(f"{role}@acme.example")
    return company


def the_goal(company: Company) -> Goal:
    with company.scope():
        return Goal.objects.get()


def months(company: Company) -> Decimal:
    with company.scope():
        return sum(MonthlyTarget.objects.values_list("value", flat=True), Decimal(0))


def open_goal(page: Page, base_url: str, role: str) -> None:
    """Sign in and open the one goal from the list."""
    leave(page)
    sign_in(page, base_url, f"{role}@acme.example")
    page.goto(f"{base_url}/w/acme/goals/")
    page.get_by_role("link", name="本季度销售额 54 万元").click()
    page.wait_for_load_state("load")


def test_a_counter_on_a_phone_becomes_the_agreed_target(
    page: Page, base_url: str, acme: Company, msgids: set[str]
) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    open_goal(page, base_url, "assistant")
    check_page(page, page.url, Look("zh-hans", 390), name="goal-to-answer", msgids=msgids)
    expect(page.locator("#goal-progress figure[data-drawn]")).to_be_attached()
    expect(page.locator(".letters").first).to_have_css("list-style-type", "none")
    page.fill("#counter-target", "495,000")
    page.get_by_role("button", name="提出异议").click()  # without a reason: the browser itself asks for it
    expect(page.locator("#counter-reason:invalid")).to_be_visible()
    page.fill("#counter-reason", "12 月有两周年假")
    page.get_by_role("button", name="提出异议").click()
    expect(page.get_by_text("您的数值已发出。")).to_be_visible()
    assert the_goal(acme).state == State.COUNTERED

    open_goal(page, base_url, "manager")
    expect(page.locator(".callout").first).to_contain_text("12 月有两周年假")
    page.get_by_role("button", name="接受 ¥495,000").click()
    expect(page.locator(".goal-number")).to_contain_text("已达成一致")
    assert (the_goal(acme).target, months(acme)) == (495_000, 495_000)


def test_an_agreed_target_changes_by_request_and_is_locked_by_hr(page: Page, base_url: str, acme: Company) -> None:
    open_goal(page, base_url, "assistant")
    page.get_by_role("button", name="接受", exact=True).click()
    page.get_by_text("申请变更", exact=True).click()
    page.fill("#change-target", "400000")
    page.fill("#change-reason", "两家客户推迟采购")
    page.get_by_role("button", name="提交变更申请").click()
    expect(page.get_by_text("须由上级的上级或人力资源处理").first).to_be_visible()

    open_goal(page, base_url, "manager")  # too large for the manager
    expect(page.get_by_role("button", name="批准变更")).to_have_count(0)
    open_goal(page, base_url, "hr")
    page.get_by_role("button", name="批准变更").click()
    expect(page.locator(".goal-number")).to_contain_text("¥400,000")
    assert months(acme) == 400_000

    page.goto(f"{base_url}/w/acme/goals/lock/")
    page.get_by_role("button", name="设置锁定日").click()
    expect(page.get_by_text("正在锁定已达成一致的目标。")).to_be_visible()
    with acme.scope():
        job = Job.objects.get(kind="goals.lock")
    jobs.run(partial(tenant_scope, acme.tenant.pk), job.pk)
    open_goal(page, base_url, "assistant")
    expect(page.locator(".goal-number")).to_contain_text("已锁定")
    history = page.locator("table").last.locator("tbody tr")
    expect(history.first).to_contain_text("已锁定")
    expect(history).to_have_count(6)  # made, proposed, agreed, change asked for, approved, locked
