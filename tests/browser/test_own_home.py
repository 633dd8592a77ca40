"""A support assistant's home on a phone, and a transfer in the middle of a quarter on both managers' homes."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from django.db import connection
from playwright.sync_api import expect

from goals.services import set_targets
from perfmgmt.metrics.selectors import metric_by_code
from perfmgmt.people.models import Assignment, User
from perfmgmt.people.records import assignments
from perfmgmt.people.services import add_member
from perfmgmt.people.viewer import viewer_in
from tests.browser.acts import give_password, leave, row, sign_in
from tests.browser.harness import Look, check_page, screenshot
from tests.factories import Company

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser
MARCH = date(2025, 3, 1)


@pytest.fixture
def acme(base_url: str) -> Company:
    """A committed company: ann, of North, owns no deal and supports those of others."""
    company = Company.create("acme")
    with company.scope():
        Assignment.objects.filter(employee=company.people["ann"]).update(sales_role_type="support")
        for metric, day, value in [
            ("supported_sales_amount", 5, 1200), ("supported_sales_amount", 11, 800), ("followups_done", 7, 200),
            ("followups_accurate", 7, 197), ("tasks_assigned", 8, 10), ("tasks_done", 8, 9),
            ("document_turnaround_days", 9, 2), ("document_turnaround_days", 10, 3),
        ]:  # fmt: skip
            company.fact("ann", metric, date(2025, 3, day), value, customer="恒达贸易")
        company.fact("ann", "supported_sales_amount", date(2025, 2, 5), 1500)
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE metrics_fact SET credit_role = 'supporter', credit_share = 0.3 WHERE value IN (800, 1200)"
            )
        viewer = viewer_in(company.users["owner"].pk, MARCH)
        assert viewer is not None
        for code, values in {"sales_amount": {"bob": 10000}, "followups_done": {"ann": 250}}.items():
            wanted: dict[int, Decimal | None] = {company.people[who].pk: Decimal(n) for who, n in values.items()}
            set_targets(metric_by_code(code), MARCH, wanted, viewer=viewer, today=MARCH)
        company.drain()
        rival = User.objects.create_user("rival@acme.example", name="Rival")
        add_member(rival, employee=company.people["rival"])
    for role in ("manager", "assistant", "rival"):
        give_password(f"{role}@acme.example")
    return company


@pytest.mark.parametrize("lang", ["zh-hans", "en"])
def test_a_support_assistants_home_on_a_phone(
    page: Page, base_url: str, acme: Company, lang: str, msgids: set[str]
) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    sign_in(page, base_url, "assistant@acme.example", lang)
    home = f"{base_url}/w/acme/?period=2025-03"
    check_page(page, home, Look(lang, 390), name="own-home", msgids=msgids)
    cards = page.locator("[data-metric]")
    order = cards.evaluate_all("cards => cards.map(card => card.dataset.metric)")
    assert order[:7] == [
        "supported_sales_amount", "supported_target_share", "followups_done", "followup_accuracy", "task_completion",
        "document_turnaround_days", "data_completeness",
    ]  # fmt: skip
    figures = [text.strip() for text in page.locator("[data-metric] .kpi-value").all_inner_texts()[:7]]
    assert [re.sub(r"[^\d.,%—]", "", text) for text in figures] == [
        "2,000", "20%", "200", "98.5%", "90%", "2.5", "—"
    ]  # fmt: skip
    words = {"zh-hans": ("达标", "逾期", "暂无数据"), "en": ("Met", "Overdue", "No figures yet")}[lang]
    expect(page.locator("[data-metric=followup_accuracy]")).to_contain_text("98%")
    expect(page.locator("[data-metric=followup_accuracy] .pill-good")).to_have_text(re.compile(words[0]))
    expect(page.locator("[data-metric=followups_done] .pill-bad").first).to_contain_text(words[1])
    expect(page.locator("[data-metric=data_completeness]")).to_contain_text(words[2])
    expect(page.locator("#my-place")).to_contain_text("李安")
    expect(page.locator(".own-facts li").first).to_contain_text("30%")
    screenshot(page, "own-home-settled", lang, 390, "light")
    page.locator("[data-metric=supported_sales_amount] .kpi-value a").click()
    page.wait_for_url("**/facts/**")
    expect(page.locator(".figure-line")).to_contain_text("2,000")
    shown = page.locator("td.num").all_inner_texts()
    assert sum(int(re.sub(r"\D", "", text)) for text in shown) == 2000


def test_the_place_in_the_team_is_a_page_without_scripts(page: Page, base_url: str, acme: Company) -> None:
    sign_in(page, base_url, "assistant@acme.example")
    check_page(page, f"{base_url}/w/acme/my/place/?period=2025-03", Look("zh-hans", 390))
    expect(page.locator("h1")).to_contain_text("我在团队中的名次")


def figure_of(page: Page, base_url: str, email: str, period: str, name: str) -> str:
    """What a manager's ranking says of somebody; nothing when they are not in it."""
    leave(page)
    sign_in(page, base_url, email)
    page.goto(f"{base_url}/w/acme/?period={period}")
    found = row(page, f"李 {name}").or_(page.locator("tbody tr").filter(has_text=name))
    if not found.count():
        return ""
    match = re.search(r"\d[\d,]*", found.first.locator("td").nth(1).inner_text())
    return match[0] if match else ""


def total_of(page: Page) -> str:
    """The first figure on top of the home that is open."""
    match = re.search(r"\d[\d,]*", page.locator(".kpi-value").first.inner_text())
    return match[0] if match else ""


def test_a_transfer_in_the_middle_of_a_quarter_moves_credit(page: Page, base_url: str, acme: Company) -> None:
    with acme.scope():
        acme.fact("ann", "sales_amount", date(2025, 4, 10), 6000)
        acme.fact("ann", "sales_amount", date(2025, 6, 10), 4000)
        spell = acme.people["ann"].assignments.get()
        place = assignments.Place(acme.units["south"], None, acme.people["rival"], "support")
        assignments.change_from(spell.pk, place, day=date(2025, 5, 15), shown=assignments.seen(spell))
        acme.drain()
    # April is the old manager's, June the new one's; teams and units split the quarter by the day.
    assert figure_of(page, base_url, "manager@acme.example", "2025-Q2", "李安") == "6,000"
    assert figure_of(page, base_url, "rival@acme.example", "2025-Q2", "李安") == "4,000"
    assert figure_of(page, base_url, "manager@acme.example", "2025-04", "李安") == "6,000"
    assert total_of(page) == "6,000"
    assert figure_of(page, base_url, "manager@acme.example", "2025-06", "李安") == ""
    assert total_of(page) == "0"
    assert figure_of(page, base_url, "rival@acme.example", "2025-06", "李安") == "4,000"
    assert total_of(page) == "4,000"
    assert figure_of(page, base_url, "rival@acme.example", "2025-04", "李安") == ""
