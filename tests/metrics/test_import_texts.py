"""Files of facts as texts: encodings, separators, headers, and mappings that do not fit them."""

from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from perfmgmt.metrics.models import Fact
from tests.factories import Company
from tests.metrics.importing import GOOD, HEAD, Import, file, nothing_is_left

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "The file is empty"),
        (b"\n", "The first row must name the columns"),
        (b",,\n1,2,3\n", "The first row must name the columns"),
        (b"PK\x03\x04rest of a workbook", "The Excel file is damaged or is none"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1old workbook", "This is an old Excel workbook"),
        (b"external_id,employee\n\x00\x00\x00", "This is not a text file"),
        (f"{HEAD}\n{GOOD}\n".encode() + "李,".encode() + b"\xff\xfe\x81",
         "The file mixes encodings: in line 3, byte 80 of the file is no text in"),
        (f"{HEAD},value\n".encode(), "Two columns are named “value”"),
        (",".join(f"c{n}" for n in range(201)).encode() + b"\n", "The file has 201 columns; 200 are allowed"),
        (f'{HEAD}\n{GOOD}\nb1,AC004,"sales_amount,2025-03-05,1\n'.encode() + b"x" * 30_000,
         "The file can't be read after row"),
        (b"id,employee,metric,date,value\n1,AC004,orders,2025-03-05,1\n", "The file has no column “external_id”"),
    ],
    ids=["empty", "blank", "no-names", "xlsx", "xls", "binary", "mixed", "doubled", "columns", "quote", "missing"],
)  # fmt: skip
def test_a_file_that_can_not_be_read_changes_nothing(
    shop: Company, take: Import, content: bytes, reason: str
) -> None:
    with pytest.raises(CommandError, match=reason):
        take(content)
    assert nothing_is_left(shop)


def test_binary_data_late_in_the_file_refuses_its_row(shop: Company, take: Import) -> None:
    rows = [f"g{n},AC004,orders,2025-03-05,1" for n in range(5000)]
    summary = take(file(*rows).encode() + b"x\x00,AC004,orders,2025-03-05,1\n")
    assert (summary["added"], summary["refused"]) == (5000, 1)
    assert summary["errors"][0]["reason"] == "external_id: “x\ufffd” contains control characters"


def test_a_header_without_rows_is_an_empty_import(shop: Company, take: Import) -> None:
    summary = take(HEAD + "\n")
    assert (summary["rows"], summary["added"], summary["exit"]) == (0, 0, 0)


def test_a_header_without_rows_still_needs_its_columns(shop: Company, take: Import) -> None:
    with pytest.raises(CommandError, match="has no column"):
        take("something,else\n")


def test_too_many_rows_change_nothing(shop: Company, take: Import, settings: Any) -> None:
    settings.IMPORT_MAX_ROWS = 3
    with pytest.raises(CommandError, match="more than 3 rows"):
        take(file(*[f"g{n},AC004,orders,2025-03-05,1" for n in range(4)]))
    assert nothing_is_left(shop)
    assert take(file(*[f"g{n},AC004,orders,2025-03-05,1" for n in range(3)]))["added"] == 3


def test_what_is_quoted_of_the_file_is_short(shop: Company, take: Import) -> None:
    column, long = "c" * 19_000, "v" * 19_000
    mapping = {"facts": [{"metric": "orders", "day": "date", "value": {"column": column}}]}
    summary = take(f"external_id,employee,date,{column}\na,AC004,2025-03-05,{long}\n", mapping=mapping)
    assert summary["errors"] == [{"row": 2, "reason": f"{'c' * 79}…: “{'v' * 79}…” is not a number"}]


@pytest.mark.parametrize(
    ("encoding", "name"),
    [("GBK", "李安"), ("big5", "李安"), ("utf-16", "李安"), ("latin-1", "José"), ("cp1252", "José")],
)
def test_an_encoding_that_the_mapping_names(shop: Company, take: Import, encoding: str, name: str) -> None:
    mapping = {"attributes": {"customer": {"column": "employee"}}, "encoding": encoding,
               "employee": {"column": "employee", "by": "name"}}  # fmt: skip
    with shop.scope():
        shop.people["ann"].name = name
        shop.people["ann"].save()
    assert take(file(f"a,{name},orders,2025-03-05,1").encode(encoding), mapping=mapping)["added"] == 1
    with shop.scope():
        assert Fact.objects.get().customer == name


@pytest.mark.parametrize(
    ("encoding", "content", "reason"),
    [
        ("gbk", f"{HEAD}\n{GOOD}\nb,".encode() + b"\xff\xff",
         "is to be read as GBK, but in line 3, byte 78 of it is no such text"),
        ("big5", HEAD.encode() + b"\n\xb1", "is to be read as Big5, but in line 2, byte 40 of it"),
        ("cp1252", b"a\n" * 1_000_000 + b"\x81", "Windows-1252, but in line 1000001, byte 2000001 of it"),
        ("utf-16", f"{HEAD}\n{GOOD}\n".encode(), "is to be read as UTF-16, but in line 1, byte 1 of it"),
        ("utf-16", b"\xfe\xff" + "a\nb\n".encode("utf-16-be") * 300_000 + b"\xd8\x00\x00a",
         "UTF-16, but in line 600001, byte 2400003 of it"),
        ("latin-1", b"PK\x03\x04rest of a workbook", "The Excel file is damaged or is none"),
        ("gbk", b"external_id,employee\n\x00\x00\x00", "This is not a text file"),
    ],
)  # fmt: skip
def test_a_file_in_another_encoding_than_the_mapping_says_is_refused_with_the_place(
    shop: Company, take: Import, encoding: str, content: bytes, reason: str
) -> None:
    with pytest.raises(CommandError, match=reason):
        take(content, mapping={"encoding": encoding})
    assert nothing_is_left(shop)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_chinese_names_in_the_usual_encodings(shop: Company, take: Import, encoding: str) -> None:
    text = file("a,李安,orders,2025-03-05,1")
    mapping = {"employee": {"column": "employee", "by": "name"}, "attributes": {"customer": {"column": "employee"}}}
    assert take(text.encode(encoding), mapping=mapping)["added"] == 1
    with shop.scope():
        assert Fact.objects.get().customer == "李安"


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(shop: Company, take: Import, delimiter: str) -> None:
    assert take(file(GOOD).replace(",", delimiter))["added"] == 1


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"surprise": 1}, "unknown part “surprise”"),
        ({"kind": "people"}, "This mapping is for people, not for facts"),
        ({"employee": {"column": "employee", "by": "shoe size"}}, "part “employee”"),
        ({"employee": {"by": "number"}}, "part “employee.column”"),
        ({"facts": []}, "part “facts”"),
        ({"facts": [{"metric": "sales_amount", "day": "date", "value": {}}]}, "facts[0]"),
        ({"facts": [{"metric": "no_such", "day": "date", "value": {"const": 1}}]}, "no metric “no_such”"),
        ({"facts": [{"metric": "orders", "day": "date", "value": {"const": "x"}}]}, "facts[0]"),
        ({"decimal_mark": "'"}, "part “decimal_mark”"),
        ({"encoding": "utf-7"}, "part “encoding” of the mapping says “utf-7”. It can be one of utf-8, utf-8-sig,"),
        ({"encoding": "rot13"}, "gb18030, gbk, big5, utf-16, latin-1, cp1252"),
        ({"x" * 19_000: 1}, f"unknown part “{'x' * 79}…”"),
        ({"source": ""}, "part “source”"),
        ({"attributes": {"colour": {"column": "value"}}}, "part “attributes”"),
        ({"conditions": [{"column": "metric", "like": "a%"}]}, "part “conditions”"),
    ],
)  # fmt: skip
def test_a_wrong_mapping_says_which_part(shop: Company, take: Import, change: dict[str, Any], reason: str) -> None:
    with pytest.raises(CommandError) as refused:
        take(file(GOOD), mapping=change)
    assert reason in str(refused.value)
    assert nothing_is_left(shop)


@pytest.mark.parametrize("text", ["", "{", "[]", '"text"', "[" * 100_000])
def test_a_mapping_that_is_no_json_object_is_refused(shop: Company, tmp_path: Path, text: str) -> None:
    (tmp_path / "m.json").write_text(text)
    (tmp_path / "f.csv").write_text(file(GOOD))
    with pytest.raises(CommandError, match="mapping"):
        call_command("import_facts", tmp_path / "f.csv", workspace="acme", mapping=tmp_path / "m.json")
