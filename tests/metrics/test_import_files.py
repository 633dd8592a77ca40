"""What may be uploaded: every kind of bad file gets a clear sentence in both languages, and nothing is half-done."""

import zipfile
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter  # type: ignore[import-untyped]

from perfmgmt.metrics.imports import sheet_scan, workbook
from perfmgmt.metrics.imports.reader import UnreadableFile
from perfmgmt.metrics.imports.sources import open_source
from perfmgmt.metrics.models import Fact
from tests.factories import Company
from tests.metrics.wizard import Wizard
from tests.metrics.wizard import workbook as make_workbook

pytestmark = pytest.mark.django_db
HEADER = ["external_id", "metric", "employee", "date", "value"]
HEAD = ",".join(HEADER)
ROW = ["a1", "sales_amount", "AC004", date(2025, 3, 5), 10.5]
GOOD = "a1,sales_amount,AC004,2025-03-05,10.5"


@pytest.fixture
def shop(company: Company, settings: Any, tmp_path: Path) -> Company:
    settings.MEDIA_ROOT = tmp_path / "files"
    with company.scope():
        company.drain()
    return company


def with_part(book: bytes, name: str, content: bytes, *, leave_out: str = "") -> bytes:
    """Return a workbook with a part added or replaced."""
    made = BytesIO()
    with zipfile.ZipFile(BytesIO(book)) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.namelist():
            if part not in (name, leave_out):
                new.writestr(part, old.read(part))
        new.writestr(name, content)
    return made.getvalue()


def lying(book: bytes, name: str, content: bytes, stated: int) -> bytes:
    """Return a workbook whose table of contents says that a part is small."""
    made = with_part(book, name, content)
    size, wrong = len(content).to_bytes(4, "little"), stated.to_bytes(4, "little")
    assert made.count(size) >= 2
    return made.replace(size, wrong)


def zipped(**parts: bytes) -> bytes:
    made = BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return made.getvalue()


def formulas(value: Any) -> bytes:
    file = BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        page = book.add_worksheet()
        page.write_row(0, 0, HEADER)
        page.write_row(1, 0, ["a1", "sales_amount", "AC004", "2025-03-05"])
        page.write_formula(1, 4, "=5+5", None, value)
    return file.getvalue()


BOOK = make_workbook(HEADER, ROW)
SHEET = "xl/worksheets/sheet1.xml"
BOMB = b"<worksheet><sheetData>" + b" " * (48 << 20) + b"</sheetData></worksheet>"
MIXED = f"{HEAD}\n{GOOD}\na2,sales_amount,李安,2025-03-05,1\n".encode() + "a3,sales_amount,王敏,x,1\n".encode(
    "gb18030"
)

FILES = {
    "zip bomb": (with_part(BOOK, SHEET, BOMB), "unpacks to far more", "展开后过大"),
    "lying bomb": (lying(BOOK, SHEET, BOMB, 1000), "is damaged or is none", "已损坏"),
    "binary": (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 9, "is not a text file", "不是文本文件"),
    "program": (b"MZ\x90\x00\x03\x00\x00\x00" * 50, "is not a text file", "不是文本文件"),
    "pdf": (b"%PDF-1.7\n1 0 obj\n", "is not a text file", "不是文本文件"),
    "macros": (with_part(BOOK, "xl/vbaProject.bin", b"x"), "contains macros", "含有宏"),
    "old macros": (with_part(BOOK, "xl/macrosheets/sheet1.xml", b"<x/>"), "contains macros", "含有宏"),
    "macro type": (
        with_part(BOOK, "[Content_Types].xml", b"<T x='application/vnd.ms-excel.sheet.macroEnabled.main+xml'/>"),
        "contains macros", "含有宏",
    ),
    "old workbook": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "old Excel workbook", "旧版 Excel"),
    "password": (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "EncryptedPackage".encode("utf-16-le"),
        "protected by a password", "设有密码",
    ),
    "binary workbook": (zipped(**{"xl/workbook.bin": b"x"}), "binary Excel workbook", "二进制 Excel"),
    "archive": (zipped(**{"facts.csv": b"a,b\n1,2\n"}), "is a ZIP archive", "ZIP 压缩包"),
    "broken workbook": (BOOK[:400], "is damaged or is none", "已损坏"),
    "entities": (
        with_part(BOOK, SHEET, b'<!DOCTYPE x [<!ENTITY a "aaaa">]><worksheet>&a;</worksheet>'),
        "is damaged or is none", "已损坏",
    ),
    "formula without value": (formulas(""), "The formula in E2 has no value yet", "单元格 E2 的公式"),
    "far cell": (
        with_part(BOOK, SHEET, b'<worksheet><sheetData><row r="1"><c r="A1"><v>1</v></c>'
                  b'<c r="XFD1"><v>1</v></c></row></sheetData></worksheet>'),
        "16384 columns; 200 are allowed", "16384",
    ),
    "far row": (
        with_part(BOOK, SHEET, b'<worksheet><sheetData><row r="1"><c r="A1"><v>1</v></c></row><row r="1048576">'
                  b'<c r="GR1048576"><v>1</v></c></row></sheetData></worksheet>'),
        "more than 1000000 rows", "1000000",
    ),
    "empty sheet": (make_workbook(), "The sheet “Data” is empty", "工作表“Data”是空的"),
    "mixed encodings": (MIXED, "mixes encodings", "编码"),
    "latin": ("név;összeg\nKovácsné;ő\nÁrvíztűrő;ű\nÖdön;é\n".encode("cp1250"), "not UTF-8 or GB18030", "不是 UTF-8"),
    "header only": (HEAD.encode() + b"\n", "no rows below them", "没有数据行"),
    "201 columns": (",".join(f"c{n}" for n in range(201)).encode() + b"\n1\n", "201 columns", "201"),
    "twice the same column": (f"{HEAD},value\n{GOOD},1\n".encode(), "Two columns are named", "value"),
}  # fmt: skip


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_file_that_can_not_be_used_says_why_and_changes_nothing(shop: Company, name: str, language: str) -> None:
    content, english, chinese = FILES[name]
    wizard = Wizard.of(shop, language)
    draft = wizard.upload(content, "facts.csv")
    assert (english if language == "en" else chinese) in wizard.failure()
    assert wizard.failure().replace("“", "&ldquo;")[:20] in wizard.page(f"{draft.pk}/").replace("“", "&ldquo;")
    assert wizard.nothing_happened()


def test_a_bomb_is_not_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "bomb"
    path.write_bytes(FILES["zip bomb"][0])
    with pytest.raises(UnreadableFile):
        workbook.write_csv(path, tmp_path / "out", lambda: None, sheet="Data")
    assert sum(file.stat().st_size for file in tmp_path.rglob("*")) == path.stat().st_size


def test_what_unpacks_is_counted_whatever_the_headers_say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "MOST_UNPACKED", 1 << 20)
    path = tmp_path / "bomb"
    path.write_bytes(lying(BOOK, SHEET, BOMB, 1000))
    with pytest.raises(UnreadableFile) as refused:
        workbook.write_csv(path, tmp_path / "out", lambda: None, sheet="Data")
    assert refused.value.code == "zip_bomb"


def test_one_long_text_in_very_many_cells_is_counted(tmp_path: Path, settings: Any) -> None:
    settings.IMPORT_MAX_BYTES = 100_000
    path = tmp_path / "long.xlsx"
    path.write_bytes(make_workbook(["a"], *[["x" * 15_000]] * 10))
    with pytest.raises(UnreadableFile) as refused:
        workbook.write_csv(path, tmp_path / "out", lambda: None, sheet="Data")
    assert refused.value.code == "workbook_too_large"


def test_a_large_rectangle_with_two_cells_is_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheet_scan, "MOST_CELLS", 100)
    path = tmp_path / "wide.xlsx"
    path.write_bytes(make_workbook(["a", *[""] * 48, "b"], [], ["c"]))
    with pytest.raises(UnreadableFile) as refused:
        workbook.write_csv(path, tmp_path / "out", lambda: None, sheet="Data")
    assert refused.value.code == "workbook_too_large"


def test_a_workbook_gives_the_same_facts_as_a_csv(shop: Company) -> None:
    wizard = Wizard.of(shop)
    draft = wizard.upload(
        make_workbook(
            HEADER, ROW, [7, "orders", "AC004", "2025年3月5日", 1], [True, "orders", "AC005", date(2025, 3, 6), 2]
        ),
        "facts.xlsx",
    )
    assert wizard.check(draft)["added"] == 3
    assert wizard.run(draft)["added"] == 3
    with shop.scope():
        assert set(Fact.objects.values_list("external_id", "day", "value")) == {
            ("a1", date(2025, 3, 5), ROW[4]), ("7", date(2025, 3, 5), 1), ("TRUE", date(2025, 3, 6), 2),
        }  # fmt: skip


def test_rows_of_a_workbook_are_numbered_as_excel_shows_them(shop: Company) -> None:
    wizard = Wizard.of(shop)
    draft = wizard.upload(
        make_workbook(HEADER, ROW, ["a2", "orders", "NOBODY", "2025-03-05", 1], skip=4), "facts.xlsx"
    )
    assert [error["row"] for error in wizard.check(draft)["errors"]] == [7]


def test_the_value_of_a_formula_is_read(shop: Company) -> None:
    wizard = Wizard.of(shop)
    draft = wizard.upload(formulas(10), "facts.xlsx")
    wizard.check(draft)
    wizard.run(draft)
    with shop.scope():
        assert Fact.objects.get().value == 10


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_encoding_and_separator_are_found(shop: Company, encoding: str, delimiter: str) -> None:
    wizard = Wizard.of(shop)
    text = f"{HEAD},客户\n" + "".join(f"a{n},sales_amount,AC004,2025-03-05,1,恒达贸易\n" for n in range(20))
    draft = wizard.upload(text.replace(",", delimiter).encode(encoding))
    assert wizard.check(draft)["added"] == 20
    wizard.run(draft)
    with shop.scope():
        assert set(Fact.objects.values_list("customer", flat=True)) == {"恒达贸易"}


def test_a_file_over_the_limit_is_refused_before_it_is_read(shop: Company, settings: Any) -> None:
    settings.IMPORT_MAX_BYTES = 1000
    wizard = Wizard.of(shop, "zh-hans")
    content = "x" * (2 << 20)
    response = wizard.client.post(wizard.url(), {"kind": "facts.import", "file": BytesIO(content.encode())})
    assert response.status_code == 413
    assert wizard.nothing_happened()


def test_a_million_rows_are_the_limit(tmp_path: Path, settings: Any) -> None:
    settings.IMPORT_MAX_ROWS = 10
    path = tmp_path / "long.csv"
    path.write_text("a\n" + "1\n" * 11)
    with pytest.raises(UnreadableFile) as refused:
        list(open_source(path, most_rows=10).chunks())
    assert refused.value.code == "too_many_rows"
