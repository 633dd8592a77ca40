"""The parts of the homes in a browser: they load by themselves, and the checklist leads through the set-up."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from perfmgmt.people.roles import Role
from perfmgmt.people.services import add_member
from perfmgmt.tenants.scope import tenant_scope
from perfmgmt.tenants.services import create_workspace
from tests.browser.acts import give_password, sign_in
from tests.browser.harness import fits
from tests.factories import Company

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser


def test_an_owner_works_through_the_checklist(page: Page, base_url: str) -> None:
    company = Company.create("acme")
    tenant = create_workspace("fresh", name="新公司")
    with tenant_scope(tenant.pk):
        add_member(company.users["owner"], Role.OWNER)
    give_password("owner@acme.example")
    sign_in(page, base_url, "owner@acme.example")
    page.goto(f"{base_url}/w/fresh/")
    setup = page.locator("#home-setup")
    expect(setup.locator(".setup-next")).to_contain_text("人员")
    expect(setup.locator(".setup-later")).to_contain_text("、")
    expect(setup.locator(".setup-later a")).to_have_count(0)
    setup.get_by_role("button", name="应用模板包").click()
    expect(page.locator(".message-success").first).to_contain_text("2 个岗位")
    page.get_by_role("link", name="销售助理", exact=True).click()
    expect(page.locator("h1")).to_have_text("岗位说明书：销售助理")
    expect(page.locator(".duties tbody tr")).to_have_count(11)
    expect(page.locator(".duties tfoot")).to_contain_text("100%")
    page.goto(f"{base_url}/w/fresh/")
    expect(page.locator("#home-setup .setup-done")).to_contain_text("岗位说明书")


def test_a_managers_heat_map_is_sorted_in_place_and_opens_facts(page: Page, base_url: str) -> None:
    company = Company.create("acme")
    today = timezone.localdate(timezone=ZoneInfo("Asia/Shanghai"))
    with company.scope():
        for person, value, orders in (("ann", 500, 1), ("bob", 300, 2)):
            company.fact(person, "sales_amount", today, value)
            for _each in range(orders):
                company.fact(person, "orders", today)
        company.drain()
    give_password("manager@acme.example")
    page.set_viewport_size({"width": 390, "height": 900})
    sign_in(page, base_url, "manager@acme.example")
    heat = page.locator("#home-heat")
    expect(heat.locator("tbody th").first).to_have_text("李安")
    address = page.url
    heat.locator("thead").get_by_role("link", name="订单数").click()
    expect(heat.locator("tbody th").first).to_have_text("Bob Bell")
    assert page.url == address
    assert fits(page)
    expect(page.locator("#home-attention")).to_contain_text("还没有设定目标值")
    heat.locator("tbody tr").first.locator("td a").first.click()
    expect(page.locator("h1")).to_have_text("销售额 · Bob Bell")
