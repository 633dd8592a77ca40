"""Refused rows: why, in the language of whoever reads it, and how they come back, mended."""

import csv
from io import BytesIO, StringIO
from typing import Any

import pytest
from django.utils.translation import override
from python_calamine import CalamineWorkbook

from perfmgmt.jobs.models import Job
from perfmgmt.metrics.imports import people
from perfmgmt.metrics.imports.reasons import REASONS, Reason, kept, said
from perfmgmt.metrics.models import Fact, ImportDraft
from tests.metrics.wizard import PLAIN, Wizard, plain, values, workbook

pytestmark = pytest.mark.django_db
ROWS = "external_id,metric,employee,date,value\na,orders,Nobody,2025-03-05,1\nb,orders,AC004,2025-03-05,1\n"


def refused_file(wizard: Wizard, draft: ImportDraft) -> tuple[str, str]:
    """Return what is downloaded, and what it is called."""
    response: Any = wizard.client.get(wizard.url(f"{draft.pk}/refused/"))
    return b"".join(response.streaming_content).decode("utf-8-sig"), response["Content-Disposition"]


@pytest.mark.parametrize("importer", ["en", "zh-hans"])
def test_a_reason_is_read_in_the_readers_language_whoever_imported(wizard: Wizard, importer: str) -> None:
    mine = Wizard.of(wizard.company, importer)
    draft = mine.upload(ROWS)
    mine.check(draft)
    mine.run(draft)
    english, chinese = Wizard.of(wizard.company, "en"), Wizard.of(wizard.company, "zh-hans", role="hr")
    assert "nobody here is called “Nobody”" in english.page(f"{draft.pk}/?q=nobody here")
    assert "没有叫“Nobody”的人" in chinese.page(f"{draft.pk}/?q=没有叫")
    assert "No refused row matches" in english.page(f"{draft.pk}/?q=没有叫")
    text, name = refused_file(english, draft)
    assert "Reason refused" in text and "nobody here is called" in text and "refused" in name
    text, name = refused_file(chinese, draft)
    assert "拒绝原因" in text and "没有叫“Nobody”的人" in text and "refused" not in name


def test_what_an_earlier_version_stored_is_still_readable(wizard: Wizard) -> None:
    draft = wizard.upload(ROWS)
    wizard.check(draft)
    wizard.run(draft)
    with wizard.company.scope():
        job = Job.objects.get(pk=ImportDraft.objects.get(pk=draft.pk).import_job_id)
        result: Any = job.result
        result["errors"] = [{"row": 2, "reason": "旧的原因"}]
        del result["refused_files"]
        job.save(update_fields=["result"])
    assert "旧的原因" in wizard.page(f"{draft.pk}/")
    assert "Reason refused" in refused_file(wizard, draft)[0]


def test_reasons_of_people_are_read_in_both_languages(wizard: Wizard) -> None:
    draft = wizard.upload(
        "姓名,工号,部门,上级,邮箱\n甲,N1,新部门,NX,\n乙,N2,新部门,AC001,no-address\n丙,N3,新部门,AC001,\n丁,N3,新部门,AC001,\n",
        "people.csv",
        people.KIND,
    )
    errors = wizard.check(draft)["errors"]
    assert [error["why"] for error in errors] == ["unknown_manager", "not_an_email", "doubled_person"]
    page = Wizard.of(wizard.company, "zh-hans").page(f"{draft.pk}/")
    assert "邮箱：" in page or "邮箱: " in page
    with override("zh-hans"):
        assert all(said(error) in page for error in errors)


@pytest.mark.parametrize("key", REASONS)
def test_every_reason_can_be_said_again_in_the_other_language(key: str) -> None:
    values = dict.fromkeys(
        ("text", "row", "column", "found", "wanted", "first", "last", "name", "manager", "day"), "x"
    )
    with override("en"):
        stored = kept(Reason.of(key, "col", **values))
        assert said(stored) == stored["reason"]
    with override("zh-hans"):
        assert said(stored) != stored["reason"]


def test_a_reason_whose_sentence_has_changed_is_said_as_it_was() -> None:
    assert said({"row": 1, "reason": "old", "why": "ragged", "params": {}}) == "old"
    assert said({"row": 1, "reason": "old", "why": "nothing known"}) == "old"


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize(
    ("row", "english", "chinese"),
    [
        ("b,orders,AC004,2199-01-01,1", "lies in the future", "未来"),
        ("b,orders,Nobody,2025-03-05,1", "nobody here is called “Nobody”", "Nobody"),
        ("a,orders,AC004,2025-03-05,1", "the id is the same as in row 2", "编号与第 2 行相同"),
        ("b,orders,AC004,2025-03-05,=1+1", "“=1+1” is not a number", "不是数字"),
        ("b,orders,AC004,2025-03-05", "the row has 4 fields, the header 5", "该行有 4 个字段"),
        (",orders,AC004,2025-03-05,1", "the row has no id in “external_id”", "中没有编号"),
    ],
)
def test_a_refused_row_says_why_in_the_readers_language(
    wizard: Wizard, language: str, row: str, english: str, chinese: str
) -> None:
    wizard = Wizard.of(wizard.company, language)
    draft = wizard.upload(plain("a,sales_amount,AC004,2025-03-05,1", row))
    result = wizard.check(draft)
    assert (result["added"], result["refused"]) == (1, 1)
    assert (english if language == "en" else chinese) in result["errors"][0]["reason"]
    page = wizard.page(f"{draft.pk}/?q={result['errors'][0]['row']}")
    assert (english if language == "en" else chinese).split("“")[0] in page


def test_refused_rows_are_searched_and_paged(wizard: Wizard) -> None:
    draft = wizard.upload(
        plain(*(f"a{n},orders,Nobody{n},2025-03-05,1" for n in range(120)), "z,orders,AC004,2025-03-05,1")
    )
    wizard.check(draft)
    assert "Nobody49”" in wizard.page(f"{draft.pk}/") and "Nobody50”" not in wizard.page(f"{draft.pk}/")
    assert "Nobody119”" in wizard.page(f"{draft.pk}/?page=3")
    assert "Nobody77”" in wizard.page(f"{draft.pk}/?q=nobody77") and "Nobody78”" not in wizard.page(
        f"{draft.pk}/?q=nobody77"
    )
    assert "No refused row matches" in wizard.page(f"{draft.pk}/?q=zzz")


# Refused rows come back


def refused(wizard: Wizard, draft: ImportDraft) -> bytes:
    response = wizard.client.get(wizard.url(f"{draft.pk}/refused/"))
    assert response.status_code == 200
    return b"".join(response.streaming_content)  # type: ignore[attr-defined]


@pytest.mark.parametrize(("encoding", "delimiter"), [("utf-8", ","), ("gb18030", ";"), ("utf-16", "\t")])
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_refused_rows_come_back_as_they_came_and_go_in_again_mended(
    wizard: Wizard, encoding: str, delimiter: str, language: str
) -> None:
    wizard = Wizard.of(wizard.company, language)
    rows = [["订单编号", "业务员", "成交日期", "金额", "客户名称"], ["S1", "李安", "2025-03-05", "100", "恒达"],
            ["S2", "李按", "2025-03-05", "-200", '=HYPERLINK("x")'], ["S3", "李安", "昨天", "+300", "'quoted"],
            ["S4", "李安", "2025-03-05", "1", "", "too", "long"]]  # fmt: skip
    text = StringIO()
    csv.writer(text, delimiter=delimiter).writerows(rows)
    draft = wizard.upload(text.getvalue().encode(encoding), "三月.csv")
    wizard.check(draft, metric_2="", source="shop")
    assert wizard.run(draft)["refused"] == 3
    came = list(
        csv.reader(
            StringIO(refused(wizard, draft).decode("utf-8-sig" if encoding == "utf-8" else encoding)),
            delimiter=delimiter,
        )
    )
    assert came[0] == [*rows[0], "Reason refused" if language == "en" else "拒绝原因"]
    assert [row[0] for row in came[1:]] == ["S2", "S3", "S4"]
    assert came[1][3:5] == ["-200", '\'=HYPERLINK("x")']  # a number stays one, a formula does not
    assert "李按" in came[1][5]
    came[1][1], came[2][2], came[3] = "李安", "2025-03-06", [*came[3][:5], came[3][-1]]
    text = StringIO()
    csv.writer(text, delimiter=delimiter).writerows(came)
    again = wizard.upload(text.getvalue().encode(encoding), "三月-refused.csv")
    assert wizard.check(again, metric_2="", source="shop")["added"] == 3
    assert wizard.run(again)["refused"] == 0
    assert values(wizard) == {"S1": 100, "S2": -200, "S3": 300, "S4": 1}
    with wizard.company.scope():
        assert Fact.objects.get(external_id="S2").customer == '=HYPERLINK("x")'
        assert Fact.objects.get(external_id="S3").customer == "'quoted"


def test_a_workbook_comes_back_as_a_workbook_without_formulas(wizard: Wizard) -> None:
    head = PLAIN.split(",")
    draft = wizard.upload(
        workbook(
            [*head, "customer"],
            ["a", "orders", "AC004", "2025-03-05", 1, "x"],
            ["b", "orders", "?", "2025-03-05", 2, "@SUM(A1)"],
        ),
        "facts.xlsx",
    )
    wizard.check(draft)
    wizard.run(draft)
    content = refused(wizard, draft)
    rows = list(CalamineWorkbook.from_filelike(BytesIO(content)).get_sheet_by_index(0).iter_rows())
    assert rows[0] == [*head, "customer", "Reason refused"]
    assert rows[1][:6] == ["b", "orders", "?", "2025-03-05", "2", "@SUM(A1)"]
    assert b"<f>" not in content


def test_rows_refused_a_second_time_carry_one_reason(wizard: Wizard) -> None:
    draft = wizard.upload(plain("a,orders,Nobody,2025-03-05,1"), "facts.csv")
    wizard.check(draft)
    assert wizard.post(f"{draft.pk}/run/").status_code == 302
    again = wizard.upload(refused(wizard, draft), "facts.csv")
    wizard.check(again)
    wizard.run(again)
    assert refused(wizard, again).decode("utf-8-sig").splitlines()[0] == f"{PLAIN},Reason refused"
