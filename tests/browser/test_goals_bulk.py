"""Goals for a whole team in a few clicks: preview, one job, what came of it; the tree of goals; in Chromium."""

from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING

import pytest
from django.utils import translation
from playwright.sync_api import expect

from goals.models import Goal
from goals.template_sets.services import install_pack
from perfmgmt.jobs import services as jobs
from perfmgmt.jobs.models import Job
from perfmgmt.metrics.models import Metric
from perfmgmt.tenants.calendar import Grain, Period
from perfmgmt.tenants.scope import tenant_scope
from tests.browser.acts import give_password, sign_in, wait_until_done
from tests.browser.harness import fits
from tests.factories import Company, today_here

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser
QUARTER = Period.containing(Grain.QUARTER, today_here())
# Clicks from the page to proposed goals for everybody below: template, everybody, propose, look, go.
MOST_CLICKS = 6


@pytest.fixture
def acme(base_url: str) -> Company:
    """Ready templates, and goals of the present quarter for company, North and its people."""
    company = Company.create("acme")
    with company.scope():
        with translation.override("zh-hans"):
            install_pack()
        metric = Metric.objects.get(code="sales_amount")
        period = {
            "grain": 4,
            "first_day": QUARTER.start,
            "last_day": QUARTER.end,
            "metric": metric,
            "state": "agreed",
        }
        whole = Goal.objects.create(level="company", title="公司销售额", target=500_000, **period)
        north = Goal.objects.create(
            level="unit", unit=company.units["north"], title="华北销售额", target=300_000, parent=whole, **period
        )
        for person, target, parent in (("ann", 120_000, north), ("bob", 100_000, north), ("cid", 150_000, None)):
            Goal.objects.create(
                level="person",
                employee=company.people[person],
                title="销售额",
                target=target,
                parent=parent,
                **period,
            )
        for person, value in (("ann", 60_000), ("bob", 20_000), ("cid", 120_000)):
            company.fact(person, "sales_amount", QUARTER.start, value)
        company.drain()
    for role in ("hr", "manager"):
        give_password(f"{role}@acme.example")
    return company


def shot(page: Page, name: str) -> None:
    """Keep a picture to look at, where somebody asked for them."""
    folder = os.environ.get("BULK_SHOTS")
    if folder:
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


def test_a_manager_proposes_a_template_to_the_team_in_a_few_clicks(page: Page, base_url: str, acme: Company) -> None:
    sign_in(page, base_url, "manager@acme.example")
    page.goto(f"{base_url}/w/acme/goals/assign/")
    shot(page, "assign-1440-zh")
    clicks = 0

    def click(locator: object) -> None:
        nonlocal clicks
        locator.click()  # type: ignore[attr-defined]
        clicks += 1

    page.get_by_label("目标模板").select_option(label="支持型销售助理 · 季度")
    page.get_by_label("销售类型").select_option(label="所有人")
    clicks += 2
    click(page.get_by_label("立即提出"))
    click(page.get_by_role("button", name="查看谁得到什么"))
    expect(page.get_by_role("heading", name="谁得到什么")).to_be_visible()
    expect(page.locator("main")).to_contain_text("李安")
    shot(page, "preview-1440-zh")
    page.set_viewport_size({"width": 390, "height": 844})
    shot(page, "preview-390-zh")
    page.set_viewport_size({"width": 1440, "height": 900})
    click(page.get_by_role("button", name="提出 12 个目标"))
    assert clicks <= MOST_CLICKS
    with acme.scope():
        job = Job.objects.get(kind="goals.assign")
    jobs.run(partial(tenant_scope, acme.tenant.pk), job.pk)
    wait_until_done(page)
    expect(page.locator("#job-state")).to_contain_text("已建目标")
    shot(page, "result-1440-zh")
    with acme.scope():
        assert Goal.objects.filter(state="proposed").count() == 12


def test_the_tree_shows_where_targets_do_not_reach(page: Page, base_url: str, acme: Company) -> None:
    sign_in(page, base_url, "hr@acme.example")
    page.goto(f"{base_url}/w/acme/goals/tree/?metric=sales_amount")
    north = page.locator("summary", has_text="North")
    expect(north).to_contain_text("差额")
    expect(page.locator("svg.icicle-wide")).to_be_visible()
    shot(page, "tree-1440-zh")
    north.focus()
    was_open = page.locator("details", has=north).last.get_attribute("open") is not None
    page.keyboard.press("Enter")
    now = page.locator("details", has=north).last
    expect(now).not_to_have_attribute("open", "") if was_open else expect(now).to_have_attribute("open", "")
    page.emulate_media(color_scheme="dark")
    shot(page, "tree-dark")
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": 390, "height": 844})
    shot(page, "tree-390-zh")
    assert fits(page)
    page.goto(f"{base_url}/w/acme/goals/templates/")
    shot(page, "templates-390-zh")
    assert fits(page)
    page.set_viewport_size({"width": 1440, "height": 900})
    page.get_by_role("link", name="开拓型销售助理 · 季度", exact=True).click()
    expect(page.locator("h1")).to_contain_text("开拓型销售助理")
    shot(page, "template-1440-zh")
    page.set_viewport_size({"width": 390, "height": 844})
    assert fits(page)
