"""The wizard's steps: what is suggested, what a check counts, profiles, refused rows that come back."""

import csv
from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from perfmgmt.jobs import services as jobs
from perfmgmt.jobs.models import Job, JobState
from perfmgmt.metrics.imports import facts, people
from perfmgmt.metrics.imports import wizard as steps
from perfmgmt.metrics.models import Fact, ImportDraft, ImportProfile, Source
from perfmgmt.people.models import Assignment, Employee, Unit
from perfmgmt.people.services import add_employee
from perfmgmt.people.viewer import workspace_of
from tests.factories import Company
from tests.metrics.wizard import Wizard, workbook
from tests.servers import ROOT

pytestmark = pytest.mark.django_db
HEAD = "订单编号,业务员,成交日期,金额,客户名称,产品"
ORDERS = f"{HEAD}\nS1,李安,2025-03-05,100,恒达,标准版\nS2,Bob Bell,2025-03-06,200,明珠,专业版\n"
PLAIN = "external_id,metric,employee,date,value"


@pytest.fixture
def wizard(company: Company, settings: Any, tmp_path: Path) -> Wizard:
    settings.MEDIA_ROOT = tmp_path / "files"
    with company.scope():
        company.drain()
    return Wizard.of(company)


def values(wizard: Wizard, metric: str = "sales_amount") -> dict[str, Decimal]:
    with wizard.company.scope():
        return dict(Fact.objects.filter(metric__code=metric).values_list("external_id", "value"))


def plain(*rows: str) -> str:
    return "\n".join([PLAIN, *rows]) + "\n"


def test_chinese_columns_are_recognised(wizard: Wizard) -> None:
    draft = wizard.upload(ORDERS.encode("gb18030"), "三月订单.csv")
    found = wizard.suggested(draft)
    parts = ("external_id", "employee", "employee_by", "day", "customer", "product")
    assert [found[part] for part in parts] == ["订单编号", "业务员", "name", "成交日期", "客户名称", "产品"]
    assert (found["metric_1"], found["value_1"], found["metric_2"], found["value_2"]) == (
        "m:sales_amount", "c:金额", "m:orders", "n:1",
    )  # fmt: skip
    assert wizard.check(draft)["added"] == 4
    wizard.run(draft)
    assert values(wizard) == {"S1": 100, "S2": 200}


def test_columns_without_a_telling_name_are_recognised_by_what_they_hold(wizard: Wizard) -> None:
    draft = wizard.upload("A,B,C,D\nk1,AC004,2025-03-05,10\nk2,AC005,2025-03-06,20\n", "x.csv")
    found = wizard.suggested(draft)
    assert [found[part] for part in ("external_id", "employee", "employee_by", "day", "value_1")] == [
        "A", "B", "number", "C", "c:D",
    ]  # fmt: skip


def test_the_preview_shows_the_first_rows_as_facts(wizard: Wizard) -> None:
    draft = wizard.upload(ORDERS, "orders.csv")
    wizard.check(draft)
    page = wizard.page(f"{draft.pk}/")
    assert page.index("李安") < page.index("Bob Bell")
    for text in ("恒达", "标准版", "S1", "Sales amount", "Orders"):
        assert text in page


def test_a_check_counts_exactly_and_writes_nothing(wizard: Wizard) -> None:
    first = wizard.upload(plain("a,sales_amount,AC004,2025-03-05,1", "b,sales_amount,AC004,2025-03-05,2"))
    wizard.check(first, source="shop")
    wizard.run(first)
    with wizard.company.scope():
        before = list(Fact.objects.order_by("id").values())
    second = wizard.upload(
        plain("a,sales_amount,AC004,2025-03-05,1", "b,sales_amount,AC004,2025-03-05,3", "c,orders,AC004,2025-03-05,1",
              "c,orders,AC004,2025-03-05,1", "d,orders,NOBODY,2025-03-05,1")
    )  # fmt: skip
    counted = wizard.check(second, source="shop")
    with wizard.company.scope():
        assert list(Fact.objects.order_by("id").values()) == before
    parts = ("rows", "added", "changed", "unchanged", "skipped", "refused")
    assert [counted[part] for part in parts] == [5, 1, 1, 1, 0, 2]
    done = wizard.run(second)
    assert {part: done[part] for part in (*parts, "errors")} == {part: counted[part] for part in (*parts, "errors")}


def test_a_check_does_not_even_make_the_source(wizard: Wizard) -> None:
    wizard.check(wizard.upload(ORDERS, "orders.csv"), source="brand-new")
    assert wizard.nothing_happened()
    with wizard.company.scope():
        assert not Source.objects.filter(code="brand-new").exists()


def test_a_check_of_people_leaves_nobody_behind(wizard: Wizard) -> None:
    draft = wizard.upload(
        "姓名,工号,部门,上级,入职日期\n新人,N1,新部门,AC001,2025-01-06\n", "people.csv", people.KIND
    )
    assert wizard.check(draft)["added"] == 1
    assert wizard.nothing_happened()
    with wizard.company.scope():
        assert not Unit.objects.filter(name="新部门").exists()
    assert wizard.run(draft)["added"] == 1
    with wizard.company.scope():
        place = Assignment.objects.select_related("manager", "unit").get(employee__number="N1")
        assert (place.unit.name, place.manager and place.manager.number, place.valid_from) == (
            "新部门", "AC001", date(2025, 1, 6),
        )  # fmt: skip


def test_people_who_would_begin_today_for_want_of_a_date_are_pointed_out(wizard: Wizard) -> None:
    warning = "assignments begin today"
    undated = wizard.upload("姓名,工号,部门\n新人,N1,新部门\n", "people.csv", people.KIND)
    wizard.check(undated)
    assert warning in wizard.page(f"{undated.pk}/")
    dated = wizard.upload("姓名,工号,部门,入职日期\n新人,N1,新部门,2025-01-06\n", "dated.csv", people.KIND)
    wizard.check(dated)
    assert warning not in wizard.page(f"{dated.pk}/")


def test_people_come_from_a_workbook_too(wizard: Wizard) -> None:
    content = workbook(
        ["Name", "Employee number", "Department", "Hire date"], ["新人", 70001, "North", date(2025, 1, 6)]
    )
    draft = wizard.upload(content, "people.xlsx", people.KIND)
    wizard.check(draft)
    wizard.run(draft)
    with wizard.company.scope():
        assert Employee.objects.get(number="70001").hired_on == date(2025, 1, 6)


# Ways of writing


@pytest.mark.parametrize(("order", "day"), [("dmy", date(2017, 4, 3)), ("mdy", date(2017, 3, 4))])
def test_an_ambiguous_day_is_asked_about(wizard: Wizard, order: str, day: date) -> None:
    draft = wizard.upload(plain("a,orders,AC004,03/04/2017,1"))
    assert "“03/04/2017” could begin with the day or with the month" in wizard.page(f"{draft.pk}/columns/")
    wizard.check(draft, date_order=order)
    wizard.run(draft)
    with wizard.company.scope():
        assert Fact.objects.get().day == day


def test_one_day_that_settles_the_order_is_enough(wizard: Wizard) -> None:
    draft = wizard.upload(plain("a,orders,AC004,03/04/2017,1", "b,orders,AC004,12/31/2017,1"))
    assert "could begin with the day" not in wizard.page(f"{draft.pk}/columns/")
    assert wizard.suggested(draft)["date_order"] == "mdy"
    assert wizard.check(draft)["added"] == 2


def test_days_in_three_formats_are_read(wizard: Wizard) -> None:
    draft = wizard.upload(
        plain("a,orders,AC004,2025-03-31,1", "b,orders,AC004,31.03.2025,1", "c,orders,AC004,2025年3月31日,1",
              "d,orders,AC004,31/03/2025,1", "e,orders,AC004,2025-03-31 14:05:00,1")
    )  # fmt: skip
    assert wizard.check(draft)["added"] == 5
    wizard.run(draft)
    with wizard.company.scope():
        assert set(Fact.objects.values_list("day", flat=True)) == {date(2025, 3, 31)}


@pytest.mark.parametrize(
    ("language", "warning", "reason"),
    [("en", "Some dates begin with the day", "is not a date"), ("zh-hans", "有些日期日在前", "不是日期")],
)
def test_days_in_two_orders_are_named_and_the_impossible_refused(
    wizard: Wizard, language: str, warning: str, reason: str
) -> None:
    wizard = Wizard.of(wizard.company, language)
    draft = wizard.upload(plain("a,orders,AC004,31/03/2025,1", "b,orders,AC004,03/30/2025,1"))
    assert warning in wizard.page(f"{draft.pk}/columns/")
    result = wizard.check(draft, date_order="dmy")
    assert (result["added"], result["refused"]) == (1, 1)
    assert reason in result["errors"][0]["reason"]


@pytest.mark.parametrize(
    ("written", "value"),
    [("1.234,56", "1234.56"), ("1 234,56", "1234.56"), ("12,5", "12.5"), ("1.234.567", "1234567"),
     ("1'234.5", "1234.5"), ("1,234.56", "1234.56"), ("-1.234,56", "-1234.56")],
)  # fmt: skip
def test_the_ways_of_writing_a_number_are_found(wizard: Wizard, written: str, value: str) -> None:
    draft = wizard.upload(plain(f"a;sales_amount;AC004;2025-03-05;{written}".replace(";", "\t")).replace(
        PLAIN, PLAIN.replace(",", "\t")))  # fmt: skip
    wizard.check(draft)
    wizard.run(draft)
    assert values(wizard) == {"a": Decimal(value)}


@pytest.mark.parametrize(("mark", "value"), [(".", 1234), (",", Decimal("1.234"))])
def test_an_ambiguous_number_is_asked_about(wizard: Wizard, mark: str, value: Any) -> None:
    draft = wizard.upload("external_id;metric;employee;date;value\na;sales_amount;AC004;2025-03-05;1,234\n")
    assert "“1,234” could have a decimal mark" in wizard.page(f"{draft.pk}/columns/")
    wizard.check(draft, decimal_mark=mark)
    wizard.run(draft)
    assert values(wizard) == {"a": value}


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


# Profiles


def test_a_profile_fills_in_the_next_file_with_the_same_columns(wizard: Wizard) -> None:
    draft = wizard.upload(ORDERS, "orders.csv")
    wizard.check(draft, source="shop", region="产品", product="", **{"profile-name": "订单"})
    again = wizard.upload(ORDERS.replace("S1", "S9"), "april.csv")
    assert "Filled in from the profile “订单”, version 1" in wizard.page(f"{again.pk}/")
    found = wizard.suggested(again)
    assert (found["source"], found["region"], found.get("product", "")) == ("shop", "产品", "")
    assert "Filled in from the profile" not in wizard.page(f"{again.pk}/columns/?profile=none")
    other = wizard.upload("a,b\n1,2\n", "other.csv")
    assert "Fill in from a profile" in wizard.page(f"{other.pk}/")


def test_a_profile_is_replaced_only_when_that_is_said(wizard: Wizard) -> None:
    draft = wizard.upload(ORDERS, "orders.csv")
    wizard.check(draft, source="one", **{"profile-name": "订单"})
    choices = {**wizard.suggested(draft), "source": "two", "profile-name": "订单"}
    response = wizard.post(f"{draft.pk}/columns/", choices)
    assert response.status_code == 400
    assert "There is a profile of this name already" in response.content.decode()
    assert wizard.post(f"{draft.pk}/columns/", {**choices, "profile-overwrite": "on"}).status_code == 302
    with wizard.company.scope():
        profile = ImportProfile.objects.get()
        assert (profile.version, profile.mapping["source"]) == (2, "two")
    assert wizard.post(f"profiles/{profile.pk}/delete/").status_code == 302
    with wizard.company.scope():
        assert not ImportProfile.objects.exists()


# Twice, too early, by others


def test_a_second_click_imports_once(wizard: Wizard) -> None:
    draft = wizard.upload(ORDERS, "orders.csv")
    wizard.check(draft)
    for _click in range(2):
        assert wizard.client.post(wizard.url(f"{draft.pk}/run/")).status_code == 302
    with wizard.company.scope():
        waiting = Job.objects.filter(kind=facts.KIND, state=JobState.QUEUED)
        assert waiting.count() == 1
    wizard.work()
    wizard.client.post(wizard.url(f"{draft.pk}/run/"))
    with wizard.company.scope():
        assert not waiting.exists()


def test_nothing_is_imported_before_it_was_checked(wizard: Wizard) -> None:
    draft = wizard.upload(ORDERS, "orders.csv")
    assert wizard.post(f"{draft.pk}/run/").status_code == 409
    assert wizard.post(f"{draft.pk}/check/").status_code == 409
    assert wizard.nothing_happened()


def test_an_import_that_was_cancelled_changes_nothing_and_can_be_tried_again(wizard: Wizard) -> None:
    draft = wizard.upload(ORDERS, "orders.csv")
    wizard.check(draft)
    wizard.client.post(wizard.url(f"{draft.pk}/run/"))
    assert wizard.client.post(wizard.url(f"{draft.pk}/cancel/")).status_code == 302
    wizard.work()
    assert wizard.nothing_happened()
    assert "Cancelled. Nothing was changed." in wizard.page(f"{draft.pk}/")
    assert wizard.run(draft)["added"] == 4


def test_who_came_in_meanwhile_counts_when_checked_again(wizard: Wizard) -> None:
    draft = wizard.upload(plain("a,orders,N77,2025-03-05,1", "b,orders,AC004,2025-03-05,1"))
    assert wizard.check(draft)["refused"] == 1
    with wizard.company.scope():
        add_employee("N77", "Late Comer")
    assert wizard.post(f"{draft.pk}/check/").status_code == 302
    assert wizard.result("check_job_id")["refused"] == 0


def test_a_file_that_was_not_imported_can_be_removed(wizard: Wizard, settings: Any) -> None:
    draft = wizard.upload(ORDERS, "orders.csv")
    assert wizard.post(f"{draft.pk}/discard/").status_code == 302
    with wizard.company.scope():
        assert not ImportDraft.objects.exists()
    assert not [path for path in Path(settings.MEDIA_ROOT).rglob("imports/*") if path.is_file()]
    kept = wizard.upload(ORDERS, "orders.csv")
    wizard.check(kept)
    wizard.run(kept)
    assert wizard.post(f"{kept.pk}/discard/").status_code == 409


@pytest.mark.parametrize("path", ["", "columns/", "state/", "refused/"])
def test_another_workspaces_file_is_not_there(wizard: Wizard, other_company: Company, path: str) -> None:
    draft = wizard.upload(ORDERS, "orders.csv")
    stranger = Wizard.of(other_company)
    assert stranger.client.get(stranger.url(f"{draft.pk}/{path}")).status_code == 404
    for action in ("check", "run", "undo", "cancel", "discard", "columns"):
        assert stranger.client.post(stranger.url(f"{draft.pk}/{action}/")).status_code == 404


@pytest.mark.parametrize("role", ["manager", "assistant", "executive", "payroll", "auditor"])
def test_only_owner_and_hr_import(wizard: Wizard, role: str) -> None:
    draft = wizard.upload(ORDERS, "orders.csv")
    client = Wizard.of(wizard.company, role=role).client
    assert client.get(wizard.url(f"{draft.pk}/")).status_code == 403
    assert client.post(wizard.url(f"{draft.pk}/run/")).status_code == 403


def test_choices_that_are_no_columns_of_the_file_are_refused(wizard: Wizard) -> None:
    draft = wizard.upload(ORDERS, "orders.csv")
    found = wizard.suggested(draft)
    for changes in (
        {"employee": "password"},
        {"metric_1": "m:win_rate"},
        {"source": "../x"},
        {"value_1": "c:nothing"},
    ):
        assert wizard.post(f"{draft.pk}/columns/", {**found, **changes}).status_code == 400
    with wizard.company.scope():
        assert ImportDraft.objects.get().mapping is None


def test_a_mapping_file_goes_straight_to_the_check(wizard: Wizard, crm: Path) -> None:
    mapping = (ROOT / "docs" / "examples" / "crm" / "people.json").read_text()
    draft = wizard.upload((crm / "sales_teams.csv").read_bytes(), "sales_teams.csv", people.KIND, mapping)
    assert wizard.result("check_job_id")["added"] == 41
    assert "Anna Snelling" in wizard.page(f"{draft.pk}/")


def test_a_name_of_a_file_that_is_no_name_is_stored_all_the_same(wizard: Wizard) -> None:
    draft = wizard.upload(plain("a,orders,Nobody,2025-03-05,1"), '..\\..\\<b>"x"\r\n.csv')
    wizard.check(draft)
    wizard.post(f"{draft.pk}/run/")
    response = wizard.client.get(wizard.url(f"{draft.pk}/refused/"))
    assert response.status_code == 200
    assert "\n" not in response["Content-Disposition"] and "/" not in response["Content-Disposition"]
    assert '<b>"x"' not in wizard.page(f"{draft.pk}/")


def test_today_on_the_workspaces_clock_is_the_last_day(wizard: Wizard) -> None:
    with wizard.company.scope():
        today = workspace_of(wizard.company.tenant).today()
    draft = wizard.upload(plain(f"a,orders,AC004,{today},1", f"b,orders,AC004,{today + timedelta(days=1)},1"))
    assert [error["row"] for error in wizard.check(draft)["errors"]] == [3]


def test_six_waiting_pieces_of_work_are_too_many(wizard: Wizard) -> None:
    for _file in range(jobs.MOST_OPEN):
        wizard.client.post(wizard.url(), {"kind": facts.KIND, "file": BytesIO(b"a\n1\n")})
    response = wizard.client.post(wizard.url(), {"kind": facts.KIND, "file": BytesIO(b"a\n1\n")})
    assert response.status_code == 409
    with wizard.company.scope():
        assert ImportDraft.objects.count() == jobs.MOST_OPEN


def test_the_header_that_fits_is_compared_without_the_reasons() -> None:
    assert steps._plain_header(["a", "Reason refused", "拒绝原因"]) == ["a"]
