"""The import wizard in Chromium, with a real worker and real sales: from two files to figures, mended, and undone."""

from __future__ import annotations

import csv
import os
from typing import TYPE_CHECKING

import pytest
import xlsxwriter  # type: ignore[import-untyped]
from playwright.sync_api import expect

from perfmgmt.people.roles import Role
from perfmgmt.people.services import add_member, user_for
from perfmgmt.tenants.models import Tenant
from perfmgmt.tenants.scope import tenant_scope
from perfmgmt.tenants.services import create_workspace
from tests.browser.acts import DONE, choose_upload, give_password, import_checked, results, sign_in
from tests.browser.harness import LANGUAGES, WIDTHS
from tests.workers.support import running

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Page

pytestmark = pytest.mark.browser
OWNER = "owner@crm.example"


@pytest.fixture
def home(base_url: str) -> str:
    """The address of an empty workspace with an owner."""
    create_workspace(
        "crm", name="硬件销售", currency="USD", furnish=lambda: add_member(user_for(OWNER)[0], Role.OWNER) and None
    )
    give_password(OWNER)
    return f"{base_url}/w/crm/"


def misspelt(crm: Path, folder: Path) -> Path:
    """The first 300 opportunities, two of them by people who are not there and one closed in the future."""
    header, *rows = list(csv.reader((crm / "sales_pipeline.csv").open(encoding="utf-8")))[:301]
    won = [row for row in rows if row[4] == "Won"]
    won[0][1], won[1][1], won[2][6] = "Mosess Frase", "=Darcel", "2199-01-01"
    for row in won:
        row[3] = "恒达贸易"
    path = folder / "pipeline.csv"
    with path.open("w", encoding="gb18030", newline="") as file:
        csv.writer(file, delimiter=";").writerows([header, *rows])
    return path


def mended(path: Path) -> int:
    """Mend the refused rows in their file; return how many there were."""
    header, *rows = list(csv.reader(path.open(encoding="gb18030"), delimiter=";"))
    assert header[-1] == "拒绝原因"
    assert rows[1][1] == "'=Darcel"  # no formula
    assert all(row[-1] for row in rows)
    rows[0][1], rows[1][1], rows[2][6] = "Moses Frase", "Darcel Schlecht", "2017-03-11"
    with path.open("w", encoding="gb18030", newline="") as file:
        csv.writer(file, delimiter=";").writerows([header, *rows])
    return len(rows)


def facts_there() -> int:
    from perfmgmt.metrics.models import Fact

    with tenant_scope(Tenant.objects.get(slug="crm").pk):
        return Fact.objects.count()


def to_check(page: Page) -> None:
    """Accept the suggested columns."""
    page.get_by_role("button", name="预览并检查").click(timeout=DONE)


def test_real_sales_mended_and_undone(page: Page, base_url: str, home: str, crm: Path, tmp_path: Path) -> None:
    sign_in(page, base_url, OWNER)
    with running(tmp_path):
        choose_upload(page, f"{home}imports/", "people.import", crm / "sales_teams.csv").click()
        expect(page.get_by_label("姓名")).to_have_value("sales_agent", timeout=DONE)
        page.get_by_label("任职统一开始于").fill("2016-01-01")
        to_check(page)
        import_checked(page)
        assert results(page) == ["35", "41", "0", "0", "0", "0"]

        choose_upload(page, f"{home}imports/", "facts.import", misspelt(crm, tmp_path)).click()
        expect(page.get_by_text("GB18030 文本 · 分号分隔")).to_be_visible(timeout=DONE)
        page.get_by_label("方案名称").fill("CRM")
        to_check(page)
        expect(page.get_by_text("前几行生成的业绩记录")).to_be_visible()
        expect(page.get_by_role("heading", name="导入将产生的结果")).to_be_visible(timeout=DONE)
        expect(page.locator("main")).to_contain_text("Mosess Frase")
        assert facts_there() == 0
        import_checked(page)
        first = results(page)
        assert first[5] == "3"
        imported = page.url
        with page.expect_download() as download:
            page.get_by_role("link", name="下载被拒收的行").click()
        back = tmp_path / "refused.csv"
        download.value.save_as(back)
        assert download.value.suggested_filename == "pipeline-被拒收的行.csv"
        before = facts_there()

        assert mended(back) == 3
        choose_upload(page, f"{home}imports/", "facts.import", back).click()
        expect(page.get_by_text("已按方案“CRM”第 1 版填好")).to_be_visible(timeout=DONE)
        to_check(page)
        import_checked(page)
        assert results(page) == ["3", "15", "0", "0", "0", "0"]
        assert facts_there() == before + 15

        page.goto(imported)
        page.get_by_role("button", name="撤销本次导入").click()
        expect(page.get_by_role("heading", name="撤销导入")).to_be_visible(timeout=DONE)
        expect(page.locator("dl.facts-list").first).to_contain_text(f"{before:,}")
        assert facts_there() == 15
    page.goto(f"{home}imports/")
    expect(page.locator("main")).to_contain_text("已撤销")
    assert page.recorder.take() == []  # type: ignore[attr-defined]


def test_real_sales_give_the_win_rate_and_the_length_of_a_deal_with_what_is_suggested(
    page: Page, base_url: str, home: str, crm: Path, tmp_path: Path
) -> None:
    """The real file as a workbook behind a cover sheet, and as a text in an encoding that nobody can guess."""
    rows = list(csv.reader((crm / "sales_pipeline.csv").open(encoding="utf-8")))[:201]
    book, text = tmp_path / "pipeline.xlsx", tmp_path / "pipeline.csv"
    with xlsxwriter.Workbook(str(book)) as made:
        for name, lines in (("说明", [["商机清单"]]), ("2017", rows), ("旧", rows[:50])):
            sheet = made.add_worksheet(name)
            for number, row in enumerate(lines):
                sheet.write_row(number, 0, row)
    rows[1][3] = "Café Søren"
    with text.open("w", encoding="cp1252", newline="") as file:
        csv.writer(file, delimiter="|").writerows(rows)
    sign_in(page, base_url, OWNER)
    with running(tmp_path):
        choose_upload(page, f"{home}imports/", "people.import", crm / "sales_teams.csv").click()
        page.get_by_label("任职统一开始于").fill("2016-01-01", timeout=DONE)
        to_check(page)
        import_checked(page)

        choose_upload(page, f"{home}imports/", "facts.import", book).click()
        sheet_field = page.get_by_label("工作表")
        expect(sheet_field).to_have_value("2017", timeout=DONE)
        sheet_field.select_option("旧")
        page.get_by_role("button", name="重新读取").click()
        expect(page.get_by_text("Excel 工作簿，工作表“旧”")).to_be_visible(timeout=DONE)
        _look(page, "import-columns")
        page.get_by_label("工作表").select_option("2017")
        page.get_by_role("button", name="重新读取").click()
        expect(page.get_by_text("Excel 工作簿，工作表“2017”")).to_be_visible(timeout=DONE)
        expect(page.locator("select[name=value_5]")).to_have_value("b:engage_date→close_date")
        to_check(page)
        expect(page.get_by_role("heading", name="导入将产生的结果")).to_be_visible(timeout=DONE)
        expect(page.locator("main")).to_contain_text("赢单率")
        _look(page, "import-check")
        import_checked(page)
        added = results(page)[1]
        assert set(codes_there()) == {"sales_amount", "orders", "deals_won", "deals_closed", "sales_cycle_days"}

        choose_upload(page, f"{home}imports/", "facts.import", text).click()
        expect(page.get_by_text("文本不是 UTF-8 或 GB18030")).to_be_visible(timeout=DONE)
        _look(page, "import-unreadable")
        page.get_by_label("编码").select_option("cp1252")
        page.get_by_label("分隔符").select_option("pipe")
        page.get_by_role("button", name="重新读取").click()
        expect(page.get_by_role("cell", name="Café Søren")).to_be_visible(timeout=DONE)
        page.get_by_label("编码").select_option("big5")
        page.get_by_role("button", name="重新读取").click()
        expect(page.get_by_text("文件按 Big5 读取")).to_be_visible(timeout=DONE)
        page.get_by_label("编码").select_option("cp1252")
        page.get_by_role("button", name="重新读取").click()
        to_check(page)
        import_checked(page)
        assert results(page)[2:4] == ["5", str(int(added) - 5)]
    assert page.recorder.take() == []  # type: ignore[attr-defined]


def codes_there() -> list[str]:
    """The metrics that have facts."""
    from perfmgmt.metrics.models import Fact

    with tenant_scope(Tenant.objects.get(slug="crm").pk):
        return list(Fact.objects.values_list("metric__code", flat=True).distinct())


def _look(page: Page, name: str) -> None:
    """Take pictures at both widths, in both languages, where they are asked for."""
    if "LOOK" not in os.environ:
        return
    for language in LANGUAGES:
        page.locator(f".side button[value={language}]").first.dispatch_event("click")
        page.wait_for_load_state("load")
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            page.screenshot(path=f"{os.environ['LOOK']}/{name}-{language}-{width}.png", full_page=True)
    page.set_viewport_size({"width": 1440, "height": 900})
    page.locator(".side button[value=zh-hans]").first.dispatch_event("click")
    page.wait_for_load_state("load")


def test_a_file_is_dropped(page: Page, base_url: str, home: str) -> None:
    sign_in(page, base_url, OWNER)
    page.goto(f"{home}imports/")
    zone = page.locator("[data-drop-zone]")
    expect(zone.locator(".drop-hint")).to_be_visible()
    dropped = page.evaluate_handle(
        """() => {
          const data = new DataTransfer();
          data.items.add(new File(["a,b\\n1,2\\n"], "掉落.csv"));
          return data;
        }"""
    )
    zone.dispatch_event("drop", {"dataTransfer": dropped})
    assert page.evaluate("document.querySelector('input[name=file]').files[0].name") == "掉落.csv"
    page.locator("main form[enctype] button[type=submit]").click()
    expect(page.locator("h1")).to_have_text("掉落.csv")


def test_the_wizard_works_without_scripts(base_url: str, home: str, chromium: object) -> None:
    context = chromium.new_context(java_script_enabled=False)  # type: ignore[attr-defined]
    page = context.new_page()
    sign_in(page, base_url, OWNER)
    page.goto(f"{home}imports/")
    page.set_input_files("input[name=file]", {"name": "a.csv", "mimeType": "text/csv", "buffer": b"a,b\n1,2\n"})
    page.locator("main form[enctype] button[type=submit]").click()
    expect(page.get_by_role("link", name="刷新页面")).to_be_visible()
    context.close()
