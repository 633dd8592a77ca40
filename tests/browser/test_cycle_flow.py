"""HR plans a review cycle, launches it and follows it on the status board; a manager follows on a phone."""

from __future__ import annotations

import re
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from perfmgmt.jobs import services as jobs
from perfmgmt.jobs.models import Job
from perfmgmt.tenants.scope import tenant_scope
from tests.browser.acts import give_password, leave, sign_in
from tests.browser.harness import fits
from tests.factories import Company
from tests.reviews.cycle_factories import questionnaire, today

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser


@pytest.fixture
def acme(base_url: str) -> Company:
    """A committed company with a questionnaire."""
    company = Company.create("acme")
    with company.scope():
        questionnaire()
    for role in ("hr", "manager"):
        give_password(f"{role}@acme.example")
    return company


def test_hr_launches_a_cycle_and_a_manager_follows_it(page: Page, base_url: str, acme: Company) -> None:
    sign_in(page, base_url, "hr@acme.example")
    page.get_by_role("link", name="考核周期", exact=True).first.click()
    page.get_by_role("button", name="规划第一个考核周期").click()
    # Who: the count follows the choice.
    expect(page.locator("#who-count")).to_contain_text("6 人")
    page.get_by_label("North").check()
    expect(page.locator("#who-count")).to_contain_text("3 人")
    page.get_by_role("button", name="保存并继续").click()
    page.get_by_label("名称").fill("季度考核")
    page.get_by_role("button", name="保存并继续").click()
    page.get_by_label(re.compile("Questions attitude|态度与行为")).check()
    page.get_by_role("button", name="保存并继续").click()
    # Weights: the sum is live, 90 is not 100.
    expect(page.locator("[data-sum]").first).to_have_text("100")
    page.locator("#id_manager-weight").fill("50")
    expect(page.locator("[data-sum]").first).to_have_text("90")
    page.locator("#id_manager-weight").fill("60")
    page.get_by_role("button", name="保存并继续").click()
    page.get_by_label("填写截止").fill((today() + timedelta(days=14)).isoformat())
    page.get_by_role("button", name="保存并继续").click()
    page.get_by_role("button", name="保存并继续").click()
    expect(page.get_by_role("heading", name="可以启动，但有提醒")).to_be_visible()
    page.get_by_role("button", name="启动考核周期").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("正在启动")
    with acme.scope():
        job = Job.objects.latest("pk").pk
    jobs.run(partial(tenant_scope, acme.tenant.pk), job)
    # The page that watched turns into the board by itself.
    expect(page.locator("table.board tbody tr")).to_have_count(3, timeout=15000)
    page.get_by_role("link", name="按部门").click()
    expect(page.locator("table.board tbody tr").first).to_contain_text("Sales")

    leave(page)
    page.set_viewport_size({"width": 390, "height": 844})
    sign_in(page, base_url, "manager@acme.example")
    page.goto(f"{base_url}/w/acme/cycles/")
    page.get_by_role("link", name="季度考核").click()
    expect(page.locator("table.board tbody tr")).to_have_count(2)
    assert fits(page)
