"""Importing facts: what comes in, what is refused and why, and that nothing is ever half-done."""

import json
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from django.core.management import CommandError, call_command

from perfmgmt.jobs import services as jobs
from perfmgmt.jobs.models import Job, JobState
from perfmgmt.metrics.models import DirtyKey, ExchangeRate, Fact, FactVersion
from perfmgmt.people.services import add_employee
from perfmgmt.tenants.models import Doorbell
from perfmgmt.tenants.scope import tenant_scope
from tests.factories import Company

pytestmark = pytest.mark.django_db
HEAD = "external_id,employee,metric,date,value"
GOOD = "g1,AC004,sales_amount,2025-03-05,10"


@pytest.fixture
def shop(company: Company, settings: Any, tmp_path: Path) -> Company:
    settings.MEDIA_ROOT = tmp_path / "files"
    with company.scope():
        company.drain()
    return company


Import = Callable[..., dict[str, Any]]


@pytest.fixture
def take(shop: Company, tmp_path: Path) -> Import:
    """Import a file (text or bytes) with the ready mapping and changes to it; return the summary."""

    def run(content: str | bytes, name: str = "facts.csv", mapping: dict[str, Any] | None = None) -> dict[str, Any]:
        path, out = tmp_path / name, StringIO()
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        options = {}
        if mapping is not None:
            ready = {
                "source": "file", "external_id": "external_id", "employee": {"column": "employee", "by": "number"},
                "facts": [{"metric": {"column": "metric"}, "day": "date", "value": {"column": "value"}}],
            }  # fmt: skip
            options["mapping"] = tmp_path / "mapping.json"
            options["mapping"].write_text(json.dumps({**ready, **mapping}), encoding="utf-8")
        try:
            call_command("import_facts", path, workspace="acme", stdout=out, **options)
        except SystemExit as stopped:
            return {**json.loads(out.getvalue()), "exit": stopped.code}
        return {**json.loads(out.getvalue()), "exit": 0}

    return run


def file(*rows: str) -> str:
    return "\n".join([HEAD, *rows]) + "\n"


def facts(shop: Company) -> list[tuple[str, Decimal]]:
    with shop.scope():
        return list(Fact.objects.order_by("external_id", "id").values_list("external_id", "value"))


def nothing_is_left(shop: Company) -> bool:
    with shop.scope():
        return not Fact.objects.exists() and not DirtyKey.objects.exists() and not FactVersion.objects.exists()


# Rows


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("b1,AC999,sales_amount,2025-03-05,1", "employee: nobody here is called “AC999”"),
        ("b1,,sales_amount,2025-03-05,1", "employee: the person is missing"),
        ("b1,AC004,sales_amount,2025-02-30,1", "date: “2025-02-30” is not a date"),
        ("b1,AC004,sales_amount,tomorrow,1", "date: “tomorrow” is not a date"),
        ("b1,AC004,sales_amount,,1", "date: the date is missing"),
        ("b1,AC004,sales_amount,1899-12-31,1", "date: “1899-12-31” lies before 1900"),
        ("b1,AC004,sales_amount,2199-12-31,1", "date: “2199-12-31” lies in the future"),
        ("b1,AC004,sales_amount,2025-03-05,ten", "value: “ten” is not a number"),
        ("b1,AC004,sales_amount,2025-03-05,", "value: the value is missing"),
        ("b1,AC004,sales_amount,2025-03-05,NaN", "value: “NaN” is not a number"),
        ("b1,AC004,sales_amount,2025-03-05,1e5", "value: “1e5” is not a number"),
        ('b1,AC004,sales_amount,2025-03-05,"1,23"', "value: “1,23” is not a number"),
        ("b1,AC004,sales_amount,2025-03-05,10000000000000000", "value: “10000000000000000” is too large"),
        ("b1,AC004,nonsense,2025-03-05,1", "metric: the workspace has no metric “nonsense”"),
        ("b1,AC004,win_rate,2025-03-05,1", "metric: the workspace has no metric “win_rate”"),
        (",AC004,sales_amount,2025-03-05,1", "the row has no id in “external_id”"),
        ("b1,AC004,sales_amount,2025-03-05", "the row has 4 fields, the header 5"),
        ("b1,AC004,sales_amount,2025-03-05,1,more", "the row has 6 fields, the header 5"),
        ("b\x01,AC004,sales_amount,2025-03-05,1", "contains control characters"),
        (f"{'b' * 121},AC004,sales_amount,2025-03-05,1", "is too long"),
        ("g1,AC004,orders,2025-03-05,1", "the id is the same as in row 2"),
    ],
)
def test_a_bad_row_is_refused_with_its_reason_and_the_others_come_in(
    shop: Company, take: Import, row: str, reason: str
) -> None:
    summary = take(file(GOOD, row))
    assert (summary["rows"], summary["refused"], summary["added"], summary["exit"]) == (2, 1, 1, 0)
    assert [error["row"] for error in summary["errors"]] == [3]
    assert reason in summary["errors"][0]["reason"]
    assert facts(shop) == [("g1", Decimal(10))]


def test_a_day_after_today_on_the_workspaces_clock_is_refused(shop: Company, take: Import) -> None:
    from perfmgmt.people.viewer import workspace_of

    with shop.scope():
        today = workspace_of(shop.tenant).today()
    summary = take(file(f"a,AC004,orders,{today},1", f"b,AC004,orders,{today + timedelta(days=1)},1"))
    assert [error["row"] for error in summary["errors"]] == [3]


def test_only_when_every_row_is_refused_the_command_fails(shop: Company, take: Import) -> None:
    assert take(file("b1,NOBODY,orders,2025-03-05,1", "b2,NOBODY,orders,2025-03-05,1"))["exit"] == 1
    assert nothing_is_left(shop)


@pytest.mark.parametrize(
    "written", ["2025-03-05", "2025/03/05", "2025/3/5", "2025.03.05", "20250305", "2025年3月5日", " 2025-03-05 "]
)
def test_the_ways_of_writing_a_day(shop: Company, take: Import, written: str) -> None:
    assert take(file(f"a,AC004,orders,{written},1"))["added"] == 1
    with shop.scope():
        assert Fact.objects.get().day == date(2025, 3, 5)


def test_a_mapping_names_another_way_of_writing_a_day(shop: Company, take: Import) -> None:
    summary = take(file("a,AC004,orders,05.03.2025,1", GOOD), mapping={"date_formats": ["%d.%m.%Y"]})
    assert (summary["added"], summary["refused"]) == (1, 1)
    with shop.scope():
        assert Fact.objects.get().day == date(2025, 3, 5)


@pytest.mark.parametrize(
    ("written", "value"),
    [('"1,234.50"', "1234.5"),
     ("-3", "-3"), ("+3", "3"), ("¥12", "12"), ("0.00005", "0.0001"), ("-0.00005", "-0.0001"),
     ("0.00004", "0"), (" 7 ", "7"), ('"12,345,678"', "12345678"), ("0", "0")],
)  # fmt: skip
def test_the_ways_of_writing_a_number(shop: Company, take: Import, written: str, value: str) -> None:
    assert take(file(f"a,AC004,sales_amount,2025-03-05,{written}"))["added"] == 1
    assert facts(shop) == [("a", Decimal(value))]


@pytest.mark.parametrize(
    ("written", "value"), [("1.234,56", "1234.56"), ("5,5", "5.5"), ("1.234", "1234"), ("7", "7")]
)
def test_a_mapping_says_that_the_decimal_mark_is_a_comma(
    shop: Company, take: Import, written: str, value: str
) -> None:
    text = file(f"a;AC004;sales_amount;2025-03-05;{written}").replace(HEAD, HEAD.replace(",", ";"))
    assert take(text, mapping={"decimal_mark": ","})["added"] == 1
    assert facts(shop) == [("a", Decimal(value))]


def test_a_name_that_two_people_share_is_refused(shop: Company, take: Import) -> None:
    with shop.scope():
        add_employee("X1", "bob  BELL")
    rows = [row.replace("AC004", name) for name in ("Bob Bell", "李安") for row in ("a,AC004,orders,2025-03-05,1",)]
    summary = take(
        file(rows[0], rows[1].replace("a,", "b,", 1)), mapping={"employee": {"column": "employee", "by": "name"}}
    )
    assert summary["errors"] == [
        {"row": 2, "reason": "employee: several people are called “Bob Bell”; use employee numbers"}
    ]
    assert summary["added"] == 1


def test_blank_lines_are_skipped_and_keep_the_row_numbers(shop: Company, take: Import) -> None:
    summary = take(HEAD + "\n\n" + GOOD + "\n  \n\nb1,NOBODY,orders,2025-03-05,1\n")
    assert (summary["added"], summary["refused"], summary["skipped"]) == (1, 1, 3)
    assert summary["errors"][0]["row"] == 6


def test_texts_with_every_special_character_come_in_as_they_are(shop: Company, take: Import) -> None:
    texts = ["back\\slash", "\\N", "\\.", 'quo"te', "per%cent", "don't", "a,b", "中文“引号”", "%s{x}"]
    rows = [f'"{text.replace(chr(34), chr(34) * 2)}",AC004,orders,2025-03-05,1' for text in texts]
    mapping = {"attributes": {"customer": {"column": "external_id"}}}
    assert take(file(*rows), mapping=mapping)["added"] == len(texts)
    with shop.scope():
        assert set(Fact.objects.values_list("external_id", "customer")) == {(text, text) for text in texts}
    assert take(file(*rows), mapping=mapping)["unchanged"] == len(texts)


def test_a_text_with_a_tab_or_a_line_break_is_refused(shop: Company, take: Import) -> None:
    summary = take(file('"a\tb",AC004,orders,2025-03-05,1', '"a\nb",AC004,orders,2025-03-05,1', GOOD))
    assert (summary["refused"], summary["added"]) == (2, 1)


# Files


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


def test_what_an_ended_command_leaves_is_done_by_a_worker(shop: Company, take: Import) -> None:
    with patch.object(jobs, "run", side_effect=KeyboardInterrupt), pytest.raises(KeyboardInterrupt):
        take(file(GOOD))
    assert Doorbell.objects.filter(tenant_id=shop.tenant.pk, queue=jobs.QUEUE).exists()
    jobs.run_next(shop.scope)
    assert facts(shop) == [("g1", Decimal(10))]


# Money


CURRENCY = {"currency": {"column": "currency"}}


def money(*rows: str) -> str:
    return "\n".join([f"{HEAD},currency", *rows])


def test_another_currency_is_converted_at_the_rate_of_the_day(shop: Company, take: Import) -> None:
    with shop.scope():
        ExchangeRate.objects.create(currency="EUR", valid_from=date(2025, 1, 1), rate="7.5")
        ExchangeRate.objects.create(currency="EUR", valid_from=date(2025, 3, 5), rate="8")
    rows = [f"{name},AC004,sales_amount,{day},100.01,{currency}" for name, day, currency in [
        ("a", "2025-03-04", "EUR"), ("b", "2025-03-05", "eur"), ("c", "2025-03-06", "CNY"),
        ("d", "2025-03-06", "")]]  # fmt: skip
    assert take(money(*rows), mapping=CURRENCY)["added"] == 4
    assert facts(shop) == [(name, Decimal(v)) for name, v in
                           [("a", "750.075"), ("b", "800.08"), ("c", "100.01"), ("d", "100.01")]]  # fmt: skip
    with shop.scope():
        assert Fact.objects.get(external_id="a").original_value == Decimal("100.01")
        assert Fact.objects.get(external_id="a").currency == "EUR"


def test_counts_in_a_row_of_another_currency_are_not_converted(shop: Company, take: Import) -> None:
    with shop.scope():
        ExchangeRate.objects.create(currency="EUR", valid_from=date(2025, 1, 1), rate="7.5")
    given = [
        {"metric": "sales_amount", "day": "date", "value": {"column": "value"}},
        {"metric": "orders", "day": "date", "value": {"const": 1}},
    ]
    take(money("a,AC004,sales_amount,2025-03-01,100,EUR"), mapping={**CURRENCY, "facts": given})
    with shop.scope():
        found = dict(Fact.objects.values_list("metric__code", "value"))
    assert found == {"sales_amount": Decimal(750), "orders": Decimal(1)}


def test_a_currency_without_a_rate_on_that_day_is_refused(shop: Company, take: Import) -> None:
    with shop.scope():
        ExchangeRate.objects.create(currency="EUR", valid_from=date(2025, 3, 6), rate=8)
    summary = take(money("a,AC004,sales_amount,2025-03-05,1,EUR", "b,AC004,sales_amount,2025-03-05,1,CNY",
                         "c,AC004,sales_amount,2025-03-05,1,Euro"), mapping=CURRENCY)  # fmt: skip
    assert summary["errors"] == [
        {"row": 2, "reason": "there is no exchange rate for this currency on that day"},
        {"row": 4, "reason": "currency: “Euro” is not a currency code such as CNY"},
    ]
    assert summary["added"] == 1


# Again


def test_a_changed_value_is_corrected_and_the_old_one_kept(shop: Company, take: Import) -> None:
    take(file(GOOD, "g2,AC004,sales_amount,2025-03-06,5"))
    summary = take(
        file(GOOD.replace(",10", ",12"), "g2,AC005,sales_amount,2025-03-07,5", "g3,AC004,orders,2025-03-05,1")
    )
    assert (summary["added"], summary["changed"], summary["unchanged"]) == (1, 2, 0)
    take(file(GOOD.replace(",10", ",14")))
    with shop.scope():
        versions = FactVersion.objects.order_by("fact_id", "version").values_list(
            "version", "value", "employee__number"
        )
        assert list(versions) == [(1, 10, "AC004"), (2, 12, "AC004"), (1, 5, "AC004")]
        shop.drain()
        assert Fact.objects.get(external_id="g1").value == 14


def test_a_correction_moves_the_figures_of_both_people(shop: Company, take: Import) -> None:
    from perfmgmt.metrics.models import EmployeeRollup

    take(file("g2,AC004,sales_amount,2025-03-06,5"))
    take(file("g2,AC005,sales_amount,2025-04-07,6"))
    with shop.scope():
        shop.drain()
        rows = EmployeeRollup.objects.filter(grain=3).values_list("employee__number", "start", "total")
        assert list(rows) == [("AC005", date(2025, 4, 1), 6)]


DEALS = {
    "conditions": [{"column": "stage", "in": ["won", "lost"]}],
    "facts": [
        {"metric": "orders", "when": [{"column": "stage", "in": ["won"]}], "day": "date", "value": {"const": 1}},
        {"metric": "deals_closed", "day": "date", "value": {"const": 1}},
    ],
}


def deals(*rows: str) -> str:
    return "\n".join(["external_id,employee,stage,date", *rows])


@pytest.mark.parametrize(("stage", "left"), [("lost", ["deals_closed"]), ("open", [])])
def test_a_row_that_no_longer_gives_a_fact_takes_it_back(
    shop: Company, take: Import, stage: str, left: list[str]
) -> None:
    assert take(deals("a,AC004,won,2025-03-05", "b,AC004,won,2025-03-05"), mapping=DEALS)["added"] == 4
    summary = take(deals(f"a,AC004,{stage},2025-03-05"), mapping=DEALS)
    assert summary["changed"] == 2 - len(left)
    with shop.scope():
        assert list(Fact.objects.filter(external_id="a").values_list("metric__code", flat=True)) == left
        assert Fact.objects.filter(external_id="b").count() == 2
        assert FactVersion.objects.count() == 2 - len(left)


def test_a_row_that_became_bad_leaves_its_facts_alone(shop: Company, take: Import) -> None:
    take(deals("a,AC004,won,2025-03-05"), mapping=DEALS)
    assert take(deals("a,AC004,open,not a day", "a2,NOBODY,won,2025-03-05"), mapping=DEALS)["refused"] == 1
    assert take(deals("a,NOBODY,won,2025-03-05", "c,AC004,won,2025-03-05"), mapping=DEALS)["refused"] == 1
    with shop.scope():
        assert FactVersion.objects.count() in (0, 2)


def test_the_same_file_from_another_source_is_other_facts(shop: Company, take: Import) -> None:
    take(file(GOOD))
    assert take(file(GOOD), mapping={"source": "elsewhere"})["added"] == 1
    assert len(facts(shop)) == 2


# As a job


def test_a_cancel_in_the_middle_leaves_nothing(shop: Company, take: Import, monkeypatch: pytest.MonkeyPatch) -> None:
    from perfmgmt.jobs import progress
    from perfmgmt.metrics.imports import reader

    monkeypatch.setattr(reader, "CHUNK_ROWS", 10)
    reports = []

    def ask_to_stop(job_id: int, now: progress.Progress) -> None:
        reports.append(now)
        if len(reports) == 3:
            with tenant_scope(shop.tenant.pk):
                jobs.cancel(job_id)

    monkeypatch.setattr(progress, "report", ask_to_stop)
    with pytest.raises(CommandError, match="Nothing was changed"):
        take(file(*[f"g{n},AC004,orders,2025-03-05,1" for n in range(50)]))
    assert len(reports) == 3
    assert nothing_is_left(shop)
    with shop.scope():
        assert Job.objects.get().state == JobState.CANCELLED
