"""The ready-made library: everything the product promises is there, in both languages, in every workspace."""

import re
from datetime import date
from functools import partial

import pytest

from perfmgmt.metrics import library
from perfmgmt.metrics.library import entries, install
from perfmgmt.metrics.models import Dimension, DirtyKey, EmployeeRollup, Event, Metric
from perfmgmt.tenants.scope import tenant_scope
from tests.factories import Company
from tests.metrics.reference import empty_library

# Feature F1, word by word, and the metric that is meant.
F1 = {
    "sales amount": "sales_amount", "orders": "orders", "new customers": "new_customers", "win rate": "win_rate",
    "repeat-purchase amount": "repeat_purchase_amount", "share of high-end products": "high_end_share",
    "visits arranged": "visits_arranged", "follow-ups done": "followups_done",
    "follow-up accuracy": "followup_accuracy", "data completeness": "data_completeness",
    "document turnaround days": "document_turnaround_days", "on-time tasks": "on_time_rate",
    "response hours": "response_hours", "CSAT": "csat", "NPS": "nps", "complaints": "complaints",
    "training hours": "training_hours", "courses passed": "courses_passed", "test gain": "test_gain",
    "supported sales amount": "supported_sales_amount", "its share of the team target": "supported_target_share",
    "sales-cycle days": "sales_cycle_days", "preparation time saved": "preparation_hours_saved",
    "task completion rate": "task_completion", "data-entry errors": "data_entry_errors",
    "documents": "documents_prepared", "meetings arranged": "meetings_arranged",
    "reports prepared": "reports_prepared", "contracts followed up": "contracts_followed_up",
    "enquiries answered": "enquiries_answered", "orders and deliveries followed up": "deliveries_followed_up",
    "prospects added": "prospects_added", "conversion": "conversion", "retention": "retention",
    "referrals": "referrals", "gross profit": "gross_profit", "high-value customers": "high_value_customers",
    "peer help given": "peer_help", "hours worked": "hours_worked", "overtime": "overtime_hours",
    "open tasks": "open_tasks",
}  # fmt: skip
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def test_every_metric_that_is_promised_ships_in_both_languages() -> None:
    by_code = {entry["code"]: entry for entry in entries()}
    assert [name for name, code in F1.items() if code not in by_code] == []
    assert len(F1) == 41
    for entry in by_code.values():
        assert CHINESE.search(entry["name_zh"]), entry["code"]
        assert CHINESE.search(entry["description_zh"]), entry["code"]
        assert entry["name_en"], entry["code"]
        assert entry["description_en"].endswith("."), entry["code"]
        assert not CHINESE.search(entry["name_en"] + entry["description_en"]), entry["code"]
        assert entry["dimension"] in Dimension.values, entry["code"]
        assert entry.get("counts_when", "order_signed") in Event.values, entry["code"]


def test_each_dimension_and_each_way_of_computing_occurs() -> None:
    assert {entry["dimension"] for entry in entries()} == set(Dimension.values)
    ways = {"sum", "distinct", "mean", "last", "ratio", "retention", "repeat_rate", "growth", "target_share"}
    assert {entry["aggregation"] for entry in entries()} == ways
    assert {entry.get("customer_rule", "") for entry in entries()} == {"", "new", "returning"}


def test_a_new_workspace_has_all_of_it(company: Company) -> None:
    with company.scope():
        assert set(Metric.objects.values_list("code", flat=True)) == {entry["code"] for entry in entries()}
        assert install() == 0


def test_an_older_workspace_gets_what_is_new_and_keeps_what_it_has(company: Company) -> None:
    with company.scope():
        empty_library()
        Metric.objects.create(code="sales_amount", name_zh="签约额", name_en="Signed", unit_of_measure="money")
        Metric.objects.create(code="new_customers", name_zh="新客户", name_en="New", unit_of_measure="count")
        company.fact("ann", "sales_amount", date(2025, 3, 3), 70, customer="A")
        company.fact("ann", "sales_amount", date(2025, 3, 4), 30, customer="A")
        company.drain()
    library.on_migrated(scopes=[partial(tenant_scope, company.tenant.pk)])
    with company.scope():
        sales, new = Metric.objects.get(code="sales_amount"), Metric.objects.get(code="new_customers")
        assert (sales.name_zh, sales.tax_basis) == ("签约额", "with_tax")
        assert sales.description_en
        assert (new.aggregation, new.base) == ("sum", None)
        company.drain()
        repeat = EmployeeRollup.objects.get(metric__code="repeat_purchase_amount", grain=5)
        assert repeat.total == 30  # computed from the facts that were there


def test_a_metric_whose_base_became_something_else_is_left_out(company: Company) -> None:
    with company.scope():
        empty_library()
        done = Metric.objects.create(code="won", name_zh="赢", name_en="Won", unit_of_measure="count")
        Metric.objects.create(
            code="orders", name_zh="订单", name_en="Orders", unit_of_measure="count", aggregation="count", base=done
        )
        install()
        codes = set(Metric.objects.values_list("code", flat=True))
        assert "retention" not in codes
        assert "win_rate" in codes
        assert not DirtyKey.objects.exists()


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_metric_says_how_it_is_computed(company: Company, language: str) -> None:
    from django.utils.translation import override

    from perfmgmt.metrics.selectors import metrics_with_parts
    from perfmgmt.metrics.words import how

    with company.scope(), override(language):
        for metric in metrics_with_parts():
            text = how(metric)
            assert "{" not in text, metric.code
            if not metric.filters:  # whose values are what the company's data say, in whatever language
                assert bool(CHINESE.search(text)) == (language == "zh-hans"), (metric.code, text)
            for part in metric.parts() if metric.aggregation == "ratio" else []:
                assert part.name in text, metric.code
