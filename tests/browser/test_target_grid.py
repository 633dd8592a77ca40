"""The target grid in a browser: a manager sets a quarter by keyboard and paste, and nobody's change is lost."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from goals.models import MonthlyTarget
from goals.rules import split
from goals.services import set_targets
from perfmgmt.metrics.models import Forecast, ForecastBasis
from perfmgmt.metrics.selectors import metric_by_code
from perfmgmt.people.models import Assignment, Employee
from perfmgmt.people.viewer import viewer_in
from perfmgmt.tenants.calendar import Grain, Period, add_months
from tests.browser.acts import give_password, sign_in
from tests.browser.harness import ROOT, axe_findings
from tests.factories import Company, today_here

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

QUARTER = Period.containing(Grain.QUARTER, today_here()).next()
MONTHS = [month.start for month in QUARTER.months()]
NAMES = {"ann": "李安", "bob": "Bob Bell"}


def prepare(company: Company) -> None:
    """Everybody will sell for 10,000 a month, give or take 2,000."""
    metric, usual = metric_by_code("sales_amount"), {"season": 1.08, "market": 0.97, "days": 1, "peers_median": 9500}
    spans = [(Grain.MONTH, month, 10000, 2000) for month in MONTHS] + [(Grain.QUARTER, MONTHS[0], 30000, 4000)]
    for person in ("ann", "bob"):
        who = {"metric_id": metric.pk, "employee_id": company.people[person].pk}
        for grain in (Grain.MONTH, Grain.QUARTER):
            ForecastBasis.objects.create(
                **who, grain=int(grain), basis="own", months=24, best=14000, history=[8000, 9000, 10000, 11000],
                transform="identity", step=0, through=MONTHS[0],
            )  # fmt: skip
        for grain, start, mu, sigma in spans:
            Forecast.objects.create(
                **who, grain=int(grain), start=start, point=mu, low=mu - 1.28 * sigma, high=mu + 1.28 * sigma, mu=mu,
                sigma=sigma, **usual,
            )  # fmt: skip


@pytest.fixture
def acme(committed: Any) -> Company:
    """A manager with two people, who did something last year."""
    company = Company.create("acme")
    with company.scope():
        for month, value in zip(MONTHS, (3000, 1000, 2000), strict=True):
            for person in ("ann", "bob"):
                company.fact(person, "sales_amount", add_months(month, -12), value)
        company.drain()
        prepare(company)
    for role in ("owner", "manager"):
        give_password(f"{role}@acme.example")
    return company


def open_grid(page: Page, url: str, query: str = "") -> None:
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(f"{url}/w/acme/targets/grid/?period={QUARTER.label}{query}")
    expect(page.locator("table[data-ready]")).to_be_visible()


def cell(page: Page, person: str, place: int) -> Locator:
    """A person's cell: 0 last year, 1-3 the months, 4 the quarter."""
    row = page.locator("[data-grid] tbody tr").filter(has=page.get_by_role("rowheader", name=NAMES[person]))
    return row.locator("td").nth(place)


def first_text(page: Page, person: str, place: int) -> str:
    return str(cell(page, person, place).evaluate("it => it.firstChild?.data ?? ''"))


def quarter(page: Page, person: str) -> list[str]:
    return [first_text(page, person, place) for place in (1, 2, 3, 4)]


def stored(company: Company, person: str, code: str = "sales_amount") -> list[Decimal]:
    with company.scope():
        rows = MonthlyTarget.objects.filter(employee=company.people[person], metric__code=code, month__in=MONTHS)
        return list(rows.order_by("month").values_list("value", flat=True))


def paste(page: Page, text: str) -> None:
    page.evaluate(
        "text => { const data = new DataTransfer(); data.setData('text/plain', text);"
        " document.activeElement.dispatchEvent(new ClipboardEvent('paste',"
        " {clipboardData: data, bubbles: true, cancelable: true})); }",
        text,
    )


def test_a_quarter_by_keyboard_with_undo_and_the_list_of_changes(page: Page, base_url: str, acme: Company) -> None:
    sign_in(page, base_url, "manager@acme.example")
    page.get_by_role("link", name="目标表", exact=True).first.click()
    open_grid(page, base_url)
    cell(page, "bob", 1).click()
    page.keyboard.type("9,000")
    page.keyboard.press("Tab")
    page.keyboard.type("1.2万")
    page.keyboard.press("Tab")
    page.keyboard.type("6000")
    page.keyboard.press("Enter")
    assert quarter(page, "bob") == ["9,000", "12,000", "6,000", "27,000"]
    expect(cell(page, "ann", 3)).to_be_focused()
    expect(page.get_by_role("button", name="保存 3 处修改")).to_be_enabled()
    expect(cell(page, "bob", 1)).to_contain_text("69% 适中")
    expect(cell(page, "bob", 2)).to_contain_text("挑战")
    expect(cell(page, "bob", 3)).to_contain_text("偏低")

    # A quarter that is typed is split exactly; in the shape of last year (3 : 1 : 2) and the working days of both.
    page.keyboard.press("End")
    page.keyboard.type("30000.01")
    page.keyboard.press("ArrowUp")
    parts = [Decimal(text.replace(",", "")) for text in quarter(page, "ann")]
    assert sum(parts[:3]) == parts[3] == Decimal("30000.01")
    assert parts[0] > parts[2] > parts[1]

    page.keyboard.press("Control+z")
    assert quarter(page, "ann") == ["", "", "", ""]
    page.keyboard.press("Control+y")
    assert [Decimal(text.replace(",", "")) for text in quarter(page, "ann")] == parts
    page.keyboard.press("Control+z")
    cell(page, "bob", 2).click()
    page.keyboard.press("F2")
    page.keyboard.type("1")
    page.keyboard.press("Escape")
    assert quarter(page, "bob")[1] == "12,000"
    page.keyboard.press("Delete")
    assert quarter(page, "bob") == ["9,000", "", "6,000", "15,000"]

    page.get_by_role("button", name="保存 2 处修改").click()
    listed = page.locator("[data-changes] tr")
    expect(listed).to_have_count(2)
    expect(listed.first).to_contain_text("9,000")
    page.locator("[data-save-now]").dblclick()
    expect(page.locator(".message-success")).to_contain_text("2")
    assert stored(acme, "bob") == [9000, 6000]
    expect(page.locator("[data-open-save]")).to_be_disabled()
    assert not page.recorder.take()  # type: ignore[attr-defined]


def test_blocks_come_from_excel_and_go_back(page: Page, base_url: str, acme: Company) -> None:
    sign_in(page, base_url, "manager@acme.example")
    open_grid(page, base_url)
    cell(page, "bob", 1).click()
    paste(page, "10,000\t¥ 12,500.50\t1.234,50\r\n8万\t\t7000\r\n")
    assert quarter(page, "bob") == ["10,000", "12,500.5", "1,234.5", "23,735"]
    assert quarter(page, "ann") == ["80,000", "", "7,000", "87,000"]
    copied = page.evaluate(
        "() => { const data = new DataTransfer(); document.activeElement.dispatchEvent(new ClipboardEvent('copy',"
        " {clipboardData: data, bubbles: true, cancelable: true})); return data.getData('text/plain'); }"
    )
    assert copied == "10000\t12500.5\t1234.5\r\n80000\t\t7000"
    # What can't be read, and what does not fit, changes nothing and says where.
    cell(page, "bob", 1).click()
    for text, why in (("1\t1,5\t2", "1,5"), ("1\t\t很多", "很多"), ("1\t-3\t2", "Bob Bell"), ("1\n2\n3\n4", "4")):
        paste(page, text)
        expect(page.locator("[data-reason-text]")).to_contain_text(why)
        assert quarter(page, "bob") == ["10,000", "12,500.5", "1,234.5", "23,735"]
    # One's own row is left as it is, and that is said.
    paste(page, "1\n2\n3")
    expect(page.locator("[data-reason-text]")).to_contain_text("1")
    assert (first_text(page, "bob", 1), first_text(page, "ann", 1)) == ("1", "2")
    # One value fills a selected block.
    cell(page, "bob", 2).click()
    page.keyboard.press("Shift+ArrowDown")
    page.keyboard.press("Shift+ArrowRight")
    paste(page, "500")
    assert quarter(page, "bob")[1:3] == quarter(page, "ann")[1:3] == ["500", "500"]


def test_filling_and_tabs_without_a_request(page: Page, base_url: str, acme: Company) -> None:
    sign_in(page, base_url, "manager@acme.example")
    open_grid(page, base_url, "&metrics=sales_amount,csat")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))

    def fill(how: str, **fields: str) -> None:
        page.get_by_role("button", name="填充").first.click()
        page.locator(f"[data-fill] input[name=how][value={how}]").check()
        for name, value in fields.items():
            page.locator(f"[data-fill] [name={name}]").fill(value)
        page.locator("[data-fill] button[value=fill]").click()

    fill("lastYear", percent="10")
    assert quarter(page, "bob") == ["3,300", "1,100", "2,200", "6,600"]
    fill("even")
    assert quarter(page, "bob") == ["2,200", "2,200", "2,200", "6,600"]
    page.keyboard.press("Control+z")
    assert quarter(page, "bob") == ["3,300", "1,100", "2,200", "6,600"]
    fill("recommendation")
    assert quarter(page, "ann") == ["10,000", "10,000", "10,000", "30,000"]

    # A score is a level: it holds in each month and is not added up.
    page.locator("[data-tab='1']").click()
    expect(page.locator("h1")).to_contain_text("客户满意度")
    cell(page, "bob", 4).click()
    page.keyboard.type("4.6")
    page.keyboard.press("ArrowLeft")
    assert quarter(page, "bob") == ["4.6", "4.6", "4.6", "4.6"]
    page.keyboard.type("4.8")
    page.keyboard.press("Enter")
    assert quarter(page, "bob") == ["4.6", "4.6", "4.8", "按月"]
    expect(page.locator("[data-open-save]")).to_contain_text("9")
    assert not [address for address in asked if "/w/" in address]
    page.locator("[data-open-save]").click()
    page.locator("[data-save-now]").click()
    expect(page.locator(".message-success")).to_contain_text("9")
    assert stored(acme, "bob", "csat") == [Decimal("4.6"), Decimal("4.6"), Decimal("4.8")]
    assert stored(acme, "ann") == [10000, 10000, 10000]


def test_a_quarter_is_judged_once_each_of_its_months_has_a_number(page: Page, base_url: str, acme: Company) -> None:
    sign_in(page, base_url, "manager@acme.example")
    open_grid(page, base_url)
    cell(page, "bob", 1).click()
    for value in ("10000", "10000"):
        page.keyboard.type(value)
        page.keyboard.press("Tab")
    expect(cell(page, "bob", 4)).to_have_text("20,000")
    page.keyboard.type("10000")
    page.keyboard.press("Tab")
    expect(cell(page, "bob", 4)).to_contain_text("%")
    assert quarter(page, "bob")[3] == "30,000"


def test_a_refused_paste_is_said_in_sight(page: Page, base_url: str, acme: Company) -> None:
    page.set_viewport_size({"width": 1280, "height": 520})
    sign_in(page, base_url, "manager@acme.example")
    open_grid(page, base_url)
    cell(page, "bob", 1).click()
    expect(page.locator("[data-reason]")).to_be_in_viewport(ratio=1)


def test_what_somebody_else_changed_is_shown_and_never_overwritten(page: Page, base_url: str, acme: Company) -> None:
    sign_in(page, base_url, "manager@acme.example")
    open_grid(page, base_url)
    with acme.scope():
        viewer = viewer_in(acme.users["owner"].pk, today_here())
        assert viewer is not None
        values = {acme.people["bob"].pk: Decimal(7777), acme.people["ann"].pk: Decimal(5555)}
        set_targets(metric_by_code("sales_amount"), MONTHS[0], values, viewer=viewer, today=today_here())
    cell(page, "bob", 1).click()
    page.keyboard.type("9000")
    page.keyboard.press("Enter")
    page.keyboard.type("8000")
    page.keyboard.press("Tab")
    page.keyboard.type("6000")
    page.keyboard.press("Enter")
    page.locator("[data-open-save]").click()
    page.locator("[data-save-now]").click()
    conflicts = page.locator("[data-conflict-list] li")
    expect(conflicts).to_have_count(2)
    expect(conflicts.first).to_contain_text("Owner")
    expect(conflicts.first).to_contain_text("7,777")
    expect(page.locator("[data-save-problem]")).to_be_hidden()  # it would say to reload, which loses what is here
    assert stored(acme, "bob") == [7777]
    conflicts.nth(1).get_by_label("8,000").check()
    page.locator("[data-save-now]").click()
    expect(page.locator(".message-success")).to_contain_text("2")
    assert (stored(acme, "bob"), stored(acme, "ann")) == ([7777], [8000, 6000])
    assert quarter(page, "bob")[0] == "7,777"


GOLDEN = json.loads((ROOT / "tests" / "golden" / "rules.json").read_text(encoding="utf-8"))["split"]
# What is typed -> the number in units of 0.0001, or why it is refused.
TYPED = {
    "1234": "12340000", "1,234": "12340000", "1,234.56": "12345600", "1.234,56": "12345600",
    "1.234.567": "12345670000",
    "１２３４": "12340000", "¥ 1 234": "12340000", "1.5万": "150000000", "2亿": "2000000000000", "10k": "100000000",
    "0.5": "5000", ".5": "5000", "0": "0", "": None, " - ": None, "1.23455": "12346", "1234元": "12340000",
    "1,5": "ambiguous", "1,23,456": "ambiguous", "1.2.3": "ambiguous", "-5": "negative", "(12)": "negative",
    "12%": "noNumber", "abc": "noNumber", "1e9": "noNumber", "=1+1": "noNumber", "=A1": "noNumber",
    "999999999999999": "9999999999999990000", "1000000000000000": "tooLarge", "99999999亿": "tooLarge",
}  # fmt: skip


def module(page: Page, url: str, name: str, call: str, values: Any) -> Any:
    """Run a function of one of the grid's modules on each value."""
    source = f"{url}/static/js/grid/{name}.js"
    return page.evaluate(
        f"async values => {{ const it = await import('{source}'); return values.map({call}); }}", values
    )


def test_the_browser_splits_as_the_rules_do(page: Page, base_url: str) -> None:
    page.goto(f"{base_url}/accounts/login/")
    call = "v => it.split(BigInt(v.total_units), v.weights.map(BigInt)).map(Number)"
    assert module(page, base_url, "split", call, GOLDEN) == [case["expect"] for case in GOLDEN]
    large = [[10**17 + 7, [10**15 + 1, 10**15, 3]], [-(10**16) - 1, [7, 7, 7]], [5, [0, 0, 1]], [0, [1, 2]]]
    call = "([total, weights]) => it.split(BigInt(total), weights.map(BigInt)).map(String)"
    texts = [[str(total), [str(weight) for weight in weights]] for total, weights in large]
    found = module(page, base_url, "split", call, texts)
    assert found == [[str(part) for part in split(total, weights)] for total, weights in large]


def test_numbers_are_read_or_refused_never_guessed(page: Page, base_url: str) -> None:
    page.goto(f"{base_url}/accounts/login/")
    call = "v => { const f = it.parse(v); return f.problem ?? (f.value === null ? null : String(f.value)); }"
    assert dict(zip(TYPED, module(page, base_url, "numbers", call, list(TYPED)), strict=True)) == TYPED
    call = "v => String(it.parse(v, true).value)"
    assert module(page, base_url, "numbers", call, ["98%", "98", "4.25%"]) == ["9800", "9800", "425"]
    call = "([v, p]) => it.shown(it.exact(v), p)"
    shown = [["1234567.5", False], ["0.985", True], ["-1000", False], [None, False], ["999", False]]
    assert module(page, base_url, "numbers", call, shown) == ["1,234,567.5", "98.5%", "-1,000", "", "999"]


@pytest.fixture
def crowd(acme: Company) -> Company:
    """The manager leads 200 people."""
    with acme.scope():
        people = Employee.objects.bulk_create(
            Employee(number=f"X{number:03d}", name=f"Person {number:03d}", name_key=f"person {number:03d}")
            for number in range(198)
        )
        Assignment.objects.bulk_create(
            Assignment(
                employee=it, unit=acme.units["north"], manager=acme.people["manager"], valid_from=date(2025, 1, 1)
            )
            for it in people
        )
    return acme


def test_a_key_touches_a_few_nodes_of_two_hundred_people(page: Page, base_url: str, crowd: Company) -> None:
    """200 people by 12 months: what a key changes is its cell and the totals it enters, whatever the size."""
    sign_in(page, base_url, "manager@acme.example")
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(f"{base_url}/w/acme/targets/grid/?period={QUARTER.fiscal_year}")
    expect(page.locator("table[data-ready]")).to_be_visible()
    assert page.locator("[data-grid] tbody tr").count() == 200
    page.locator("[data-grid] tbody tr").nth(90).locator("td").nth(6).click()
    page.evaluate(
        "() => { window.touched = new Set(); window.spent = [];"
        " new MutationObserver(all => all.forEach(it => { touched.add(it.target);"
        " it.addedNodes.forEach(node => touched.add(node)); })).observe(document.querySelector('main'),"
        " {subtree: true, childList: true, attributes: true, characterData: true});"
        " addEventListener('keydown', event => { const begun = performance.now(); requestAnimationFrame(() =>"
        " setTimeout(() => spent.push(performance.now() - begun))); }, true); }"
    )
    for key in ("ArrowDown", "1", "2", "0", "0", "Enter", "ArrowRight", "5", "Enter", "Control+z"):
        page.evaluate("() => touched.clear()")
        page.keyboard.press(key)
        page.wait_for_timeout(60)
        assert page.evaluate("() => touched.size") <= 40, key
    times = sorted(page.evaluate("() => spent"))
    print(f"key to screen: median {times[len(times) // 2]:.0f} ms, longest {times[-1]:.0f} ms")
    assert not page.recorder.take()  # type: ignore[attr-defined]


def test_it_works_on_a_phone(page: Page, base_url: str, acme: Company) -> None:
    sign_in(page, base_url, "manager@acme.example")
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{base_url}/w/acme/targets/grid/?period={QUARTER.label}")
    cell(page, "bob", 1).dblclick()
    page.keyboard.type("9000")
    page.keyboard.press("Enter")
    assert quarter(page, "bob")[0] == "9,000"
    page.locator("[data-open-save]").click()
    page.locator("[data-save-now]").click()
    expect(page.locator(".message-success")).to_be_visible()
    assert stored(acme, "bob") == [9000]
    assert not axe_findings(page)
