"""What the wizard suggests for the columns of a file, in both languages, and what its page can say without JSON."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.db.models import Count

from perfmgmt.metrics.imports import people
from perfmgmt.metrics.imports.line_fields import known_metrics
from perfmgmt.metrics.imports.suggested_lines import Meanings
from perfmgmt.metrics.models import Fact, ImportDraft, Metric
from perfmgmt.people.viewer import workspace_of
from tests.metrics.wizard import Wizard

pytestmark = pytest.mark.django_db
HEAD = "id,employee,date"
SPOKEN = [
    ("拜访", "visits_arranged"),
    ("本周拜访次数", "visits_arranged"),
    ("跟进", "followups_done"),
    ("完成跟进数", "followups_done"),
    ("应跟进数", "followups_due"),
    ("资料", "data_fields_filled"),
    ("应填资料", "data_fields_expected"),
    ("完成", "tasks_done"),
    ("任务", "tasks_assigned"),
    ("按时完成任务数", "tasks_on_time"),
    ("visits", "visits_arranged"),
    ("Customer_visits", "visits_arranged"),
    ("calls", "followups_done"),
    ("Phone calls made", "followups_done"),
    ("Response hours", "response_hours"),
    ("响应时长(小时)", "response_hours"),
    ("回款金额", "collected_amount"),
    ("毛利", "gross_profit"),
    ("投诉次数", "complaints"),
    ("满意度", "csat"),
    ("加班(小时)", "overtime_hours"),
    ("培训学时", "training_hours"),
    ("Overtime", "overtime_hours"),
    ("录入差错", "data_entry_errors"),
    ("Sales cycle", "sales_cycle_days"),
    ("转介绍", "referrals"),
    ("新增线索", "prospects_added"),
    ("报表", "reports_prepared"),
    ("会议", "meetings_arranged"),
    ("enquiries", "enquiries_answered"),
    ("支持销售额", "supported_sales_amount"),
    ("deals_won", "deals_won"),
    ("关闭商机数", "deals_closed"),
    ("open tasks", "open_tasks"),
]


def lines(found: dict[str, Any]) -> dict[str, tuple[str, ...]]:
    """Return metric -> (value, own day, column of the condition, its texts) of what is suggested."""
    return {
        str(metric): tuple(str(found.get(f"{part}_{n}", "")) for part in ("value", "day", "when", "texts"))
        for n in range(1, 13)
        if (metric := found.get(f"metric_{n}"))
    }


def counted(wizard: Wizard) -> dict[str, int]:
    with wizard.company.scope():
        return dict(Fact.objects.values_list("metric__code").annotate(n=Count("id")))


@pytest.mark.parametrize(
    ("header", "code"),
    [("本周拜访次数", "visits_arranged"), ("Response hours", "response_hours"), ("资料", "data_fields_filled")],
)
def test_a_column_of_numbers_speaks_of_its_metric(wizard: Wizard, header: str, code: str) -> None:
    draft = wizard.upload(f"{HEAD},{header}\na1,AC004,2025-03-05,3\na2,AC004,2025-03-06,5\n")
    assert lines(wizard.suggested(draft)) == {f"m:{code}": (f"c:{header}", "", "", "")}
    wizard.check(draft)
    wizard.run(draft)
    assert counted(wizard) == {code: 2}


@pytest.mark.parametrize("header", ["赢单率", "拜访目标", "Visit target", "资料完整率", "单价", "share of calls"])
def test_rates_and_targets_are_no_facts(wizard: Wizard, header: str) -> None:
    draft = wizard.upload(f"{HEAD},拜访,{header}\na1,AC004,2025-03-05,3,5\na2,AC004,2025-03-06,4,6\n")
    assert list(lines(wizard.suggested(draft))) == ["m:visits_arranged"]


def test_common_words_of_both_languages_speak_of_their_metric(wizard: Wizard) -> None:
    with wizard.company.scope():
        meanings = Meanings(known_metrics())
    assert {header: meanings.of(header) for header, _code in SPOKEN} == dict(SPOKEN)


def test_every_metric_of_the_library_is_known_by_its_own_names(wizard: Wizard) -> None:
    with wizard.company.scope():
        known = known_metrics()
    meanings = Meanings(known)
    assert len(known) > 35
    for metric in known:
        for name in (metric.code, *metric.names):
            assert meanings.of(name) == metric.code, name


def test_a_metric_that_a_company_made_is_suggested_too(wizard: Wizard) -> None:
    with wizard.company.scope():
        Metric.objects.filter(code="referrals").update(name_zh="样品寄送", name_en="Samples sent")
    draft = wizard.upload(f"{HEAD},样品寄送数\na1,AC004,2025-03-05,3\n")
    assert list(lines(wizard.suggested(draft))) == ["m:referrals"]


def test_several_columns_of_numbers_give_several_facts_and_empty_cells_none(wizard: Wizard) -> None:
    draft = wizard.upload(
        "编号,姓名,日期,拜访次数,跟进次数,响应时长\nw1,李安,2025-03-05,3,,1.5\nw2,李安,2025-03-06,,7,2\n"
        "w3,Bob Bell,2025-03-06,1,2,4\n",
        "周报.csv",
    )
    assert lines(wizard.suggested(draft)) == {
        "m:visits_arranged": ("c:拜访次数", "", "拜访次数", ""),
        "m:followups_done": ("c:跟进次数", "", "跟进次数", ""),
        "m:response_hours": ("c:响应时长", "", "", ""),
    }
    assert (wizard.check(draft)["added"], wizard.result("check_job_id")["refused"]) == (7, 0)


def test_rows_that_each_are_an_activity_are_told_apart_by_their_kind(wizard: Wizard) -> None:
    draft = wizard.upload(
        "编号,销售助理,日期,类型,客户\n1,李安,2025-03-05,客户拜访,恒达\n2,李安,2025-03-05,电话,恒达\n3,李安,2025-03-06,微信回访,明珠\n"
        "4,李安,2025-03-06,其他,明珠\n",
        "activities.csv",
    )
    assert lines(wizard.suggested(draft)) == {
        "m:visits_arranged": ("n:1", "", "类型", "客户拜访"),
        "m:followups_done": ("n:1", "", "类型", "电话, 微信回访"),
    }
    result = wizard.check(draft)
    assert (result["added"], result["skipped"], result["refused"]) == (3, 1, 0)


@pytest.mark.parametrize(
    ("head", "won", "lost"),
    [
        ("deal id,sales rep,deal stage,created,close date,amount", "Won", "Lost"),
        ("商机编号,业务员,阶段,创建日期,成交日期,成交金额", "赢单", "输单"),
        ("商机编号,业务员,阶段,创建日期,成交日期,成交金额", "已成交", "丢单"),
    ],
)
def test_a_closed_deal_gives_both_parts_of_the_win_rate_and_its_length(
    wizard: Wizard, head: str, won: str, lost: str
) -> None:
    rows = [f"d1,李安,{won},2025-02-01,2025-03-05,100", f"d2,李安,{lost},2025-02-01,2025-03-06,0",
            "d3,李安,Open,2025-02-01,,", f"d4,Bob Bell,{won},,2025-03-07,50"]  # fmt: skip
    draft = wizard.upload("\n".join([head, *rows]) + "\n", "deals.csv")
    page = wizard.page(f"{draft.pk}/columns/")
    assert "Win rate" in page and "Average order value" in page
    assert wizard.check(draft)["refused"] == 0
    wizard.run(draft)
    assert counted(wizard) == {
        "sales_amount": 2, "orders": 2, "deals_won": 2, "deals_closed": 3, "sales_cycle_days": 1,
    }  # fmt: skip
    with wizard.company.scope():
        assert Fact.objects.get(metric__code="sales_cycle_days").value == 32


@pytest.mark.parametrize(
    "head", ["文件编号,姓名,申请日期,交付日期", "document id,assignee,date requested,date delivered"]
)
def test_a_document_gives_the_days_from_request_to_delivery(wizard: Wizard, head: str) -> None:
    draft = wizard.upload(f"{head}\nf1,李安,2025-03-03,2025-03-05\nf2,李安,2025-03-04,\n", "documents.csv")
    asked, given = head.split(",")[2:]
    assert lines(wizard.suggested(draft)) == {
        "m:documents_prepared": ("n:1", "", given, ""),
        "m:document_turnaround_days": (f"b:{asked}→{given}", "", "", ""),
    }
    result = wizard.check(draft)
    assert (result["added"], result["skipped"], result["refused"]) == (2, 1, 0)
    wizard.run(draft)
    with wizard.company.scope():
        fact = Fact.objects.get(metric__code="document_turnaround_days")
        assert (fact.value, fact.day) == (2, date(2025, 3, 5))


def test_tasks_count_when_given_when_done_and_when_in_time(wizard: Wizard) -> None:
    draft = wizard.upload(
        "任务编号,执行人,分派日期,完成日期,状态,是否按时\nt1,李安,2025-03-03,2025-03-05,已完成,是\nt2,李安,2025-03-04,2025-03-09,已完成,否\n"
        "t3,李安,2025-03-04,,进行中,\n",
        "tasks.csv",
    )
    wizard.check(draft)
    assert wizard.run(draft)["refused"] == 0
    assert counted(wizard) == {"tasks_assigned": 3, "tasks_done": 2, "tasks_on_time": 1}
    with wizard.company.scope():
        days = Fact.objects.filter(external_id="t2").values_list("metric__code", "day")
        assert dict(days) == {"tasks_assigned": date(2025, 3, 4), "tasks_done": date(2025, 3, 9)}


def test_a_column_may_name_the_metric_by_its_name(wizard: Wizard) -> None:
    draft = wizard.upload(
        "编号,姓名,日期,指标,数值\n1,李安,2025-03-05,安排拜访数,3\n2,李安,2025-03-05,complaints,1\n3,李安,2025-03-05,Orders,2\n"
    )
    assert lines(wizard.suggested(draft)) == {"c:指标": ("c:数值", "", "", "")}
    wizard.check(draft)
    wizard.run(draft)
    assert counted(wizard) == {"visits_arranged": 1, "complaints": 1, "orders": 1}


# What the page can say


DEALS = (
    "id,rep,product,stage,opened,closed,value,cur,helper\n"
    "1,李安,GTXPro,\"Won, signed\",2025-02-01,2025-03-05,100,$,Bob Bell\n"
    "2,李安,GTXPro,Lost,2025-02-01,2025-03-06,0,$,\n"
    "3,李安,Test,\"Won, signed\",2025-02-01,2025-03-06,9,$,\n"
)  # fmt: skip


def test_a_deals_file_needs_no_json(wizard: Wizard) -> None:
    draft = wizard.upload(DEALS, "deals.csv")
    with wizard.company.scope():
        mine = workspace_of(wizard.company.tenant).currency
    result = wizard.check(
        draft,
        metric_1="m:sales_amount", value_1="c:value", when_1="stage", test_1="in", texts_1='"Won, signed"',
        metric_2="m:sales_cycle_days", value_2="b:opened→closed", day_2="opened", when_2="stage", test_2="in",
        texts_2='Lost; "Won, signed"', metric_3="m:deals_closed", value_3="n:1", when_3="closed", test_3="filled",
        texts_3="", metric_4="", metric_5="", row_when_1="product", row_test_1="in", row_texts_1="GTXPro",
        row_when_2="helper", row_test_2="filled", day="closed", product="product",
        spelled_product="GTXPro = GTX Pro\nGTK＝GTK 500", channel="", spelled_channel="Web", currency="cur",
        spelled_currency=f"$ = {mine}", supporter_1="helper", always_1="30%", share_1="", supporter_by="name",
    )  # fmt: skip
    assert (result["added"], result["skipped"], result["refused"]) == (4, 2, 0)
    wizard.run(draft)
    with wizard.company.scope():
        sale = Fact.objects.get(metric__code="sales_amount")
        assert (sale.product, sale.channel, sale.value) == ("GTX Pro", "Web", 100)
        assert Fact.objects.get(metric__code="supported_sales_amount").value == 30
        assert Fact.objects.get(metric__code="sales_cycle_days").day == date(2025, 2, 1)


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("spelled_product", {"product": "product", "spelled_product": "GTXPro"}),
        ("spelled_channel", {"channel": "", "spelled_channel": "a = b"}),
        ("always_1", {"supporter_1": "helper", "always_1": "130%"}),
        ("texts_1", {"when_1": "stage", "test_1": "in", "texts_1": " , "}),
        ("row_texts_1", {"row_when_1": "stage", "row_test_1": "in", "row_texts_1": ""}),
        ("value_1", {"value_1": "b:opened→nothing"}),
        ("value_1", {"value_1": "b:value→stage"}),
        ("day_1", {"day_1": "password"}),
        ("test_1", {"test_1": "like"}),
    ],
)
def test_a_choice_that_makes_no_sense_is_named(wizard: Wizard, field: str, changes: dict[str, str]) -> None:
    draft = wizard.upload(DEALS, "deals.csv")
    response: Any = wizard.post(f"{draft.pk}/columns/", {**wizard.suggested(draft), **changes})
    assert response.status_code == 400
    assert field in response.context["form"].errors
    with wizard.company.scope():
        assert ImportDraft.objects.get().mapping is None


def test_choices_that_an_earlier_version_kept_are_understood(wizard: Wizard) -> None:
    draft = wizard.upload(DEALS, "deals.csv")
    with wizard.company.scope():
        old = {"day": "closed", "metric_1": "m:sales_cycle_days", "value_1": "d:opened"}
        ImportDraft.objects.filter(pk=draft.pk).update(choices=old, mapping={"kind": "facts"})
    assert wizard.suggested(draft)["value_1"] == "b:opened→closed"


def test_the_crm_files_need_hardly_a_choice(wizard: Wizard, crm: Path) -> None:
    teams = wizard.upload((crm / "sales_teams.csv").read_bytes(), "sales_teams.csv", people.KIND)
    assert wizard.check(teams, first_day="2016-01-01")["added"] == 41
    wizard.run(teams)
    deals = wizard.upload((crm / "sales_pipeline.csv").read_bytes(), "sales_pipeline.csv")
    result = wizard.check(deals)
    assert (result["rows"], result["skipped"], result["refused"]) == (8800, 2089, 0)
    assert result["added"] == 23_663  # what docs/examples/crm/opportunities.json gives
    page = wizard.page(f"{deals.pk}/")
    for name in ("Sales amount", "Orders", "Deals won", "Win rate", "Sales cycle"):
        assert name in page
