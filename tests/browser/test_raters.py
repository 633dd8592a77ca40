"""Raters chosen on a phone, approved at a desk, one of them declines: the whole way in Chinese."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from perfmgmt.people.viewer import workspace_of
from reviews.models import Participant, Rater
from tests.browser.harness import fits
from tests.browser.raters import add_participant, rater_cycle
from tests.browser.test_check_ins import desk, phone  # noqa: F401 - the assistant's phone, the manager's desk

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.browser.conftest import Visitors
    from tests.browser.world import World

pytestmark = pytest.mark.browser


@pytest.fixture
def ann(world: World) -> Participant:
    """Ann in a cycle of this test's own."""
    company = world.company
    with company.scope():
        cycle = rater_cycle(company, workspace_of(company.tenant).today(), "评价人选择演练")
        return add_participant(company, cycle, "ann")


def test_raters_are_chosen_on_a_phone_and_approved(
    phone: Page,  # noqa: F811
    desk: Page,  # noqa: F811
    visitors: Visitors,
    world: World,
    ann: Participant,
) -> None:
    phone.goto(f"{visitors.url}/w/acme/raters/{ann.pk}/choose/")
    peers = phone.locator("fieldset").filter(has_text="同事").first
    counter = peers.locator("[data-count]")
    expect(counter).to_have_text("0")
    bob = phone.get_by_label("Bob Bell")
    bob.focus()
    phone.keyboard.press("Space")  # by keyboard as well
    expect(counter).to_have_text("1")
    expect(phone.get_by_text("同一上级").first).to_be_visible()
    # Looking for somebody else keeps what is ticked; who shares no work is found, and it says so.
    phone.get_by_role("searchbox").fill("Cid")
    phone.get_by_role("button", name="查找").or_(phone.get_by_role("button", name="搜索")).click()
    expect(phone.get_by_label("Bob Bell")).to_be_checked()
    found = phone.locator(".rt-found").filter(has_text="Cid Cole").filter(has_text="同事")
    found.first.get_by_role("checkbox").check()
    expect(phone.locator("fieldset").first.locator("[data-count]")).to_have_text("2")
    assert fits(phone)
    phone.get_by_role("button", name="提名").click()
    expect(phone.get_by_text("正在等待批准")).to_be_visible()

    desk.goto(f"{visitors.url}/w/acme/cycles/{ann.cycle_id}/raters/")
    desk.get_by_role("link", name="李安").click()
    expect(desk.locator("b", has_text="Cid Cole")).to_be_visible()
    desk.get_by_role("button", name="批准并邀请").click()
    expect(desk.get_by_text("已批准，并已邀请评价人")).to_be_visible()
    phone.reload()
    expect(phone.get_by_text("看不到是谁")).to_be_visible()
    expect(phone.get_by_text("Cid Cole")).to_have_count(0)
    with world.company.scope():
        assert Rater.objects.filter(participant=ann, state="asked").count() == 2
