"""The wizard's steps: what is suggested, what a check counts, profiles, refused rows that come back."""

from datetime import date, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from perfmgmt.jobs import services as jobs
from perfmgmt.jobs.models import Job, JobState
from perfmgmt.metrics.imports import facts, people
from perfmgmt.metrics.imports import wizard as steps
from perfmgmt.metrics.models import Fact, ImportDraft, ImportProfile, Source
from perfmgmt.people.models import Assignment, Employee, Unit
from perfmgmt.people.services import add_employee
from perfmgmt.people.viewer import workspace_of
from tests.factories import Company
from tests.metrics.wizard import Wizard, plain, values, workbook
from tests.servers import ROOT

pytestmark = pytest.mark.django_db
HEAD = "订单编号,业务员,成交日期,金额,客户名称,产品"
ORDERS = f"{HEAD}\nS1,李安,2025-03-05,100,恒达,标准版\nS2,Bob Bell,2025-03-06,200,明珠,专业版\n"


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


def test_a_row_that_repeats_an_id_is_no_fact_of_the_preview(wizard: Wizard) -> None:
    draft = wizard.upload(plain("a,sales_amount,AC004,2025-03-05,111", "a,sales_amount,AC005,2025-03-06,777"))
    wizard.check(draft)
    page = wizard.page(f"{draft.pk}/")
    assert "111" in page
    assert "777" not in page
    assert "the id is the same as in row" in page


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
        {"source": "Surveys"},
        {"source": "manual"},
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
