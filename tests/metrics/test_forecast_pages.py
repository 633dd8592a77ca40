"""Pages of forecasts: whose outlook, what it says of a typed target, and keeping the market index."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from perfmgmt.jobs.models import Job, JobState
from perfmgmt.jobs.services import run
from perfmgmt.metrics.forecast import words
from perfmgmt.metrics.models import Forecast, MarketIndex, Metric
from perfmgmt.people.models import Assignment
from tests.factories import Company
from tests.metrics.forecasting import TODAY, prepared, steady

pytestmark = pytest.mark.django_db
AUGUST = "2026-08-01"


@pytest.fixture(autouse=True)
def clock() -> Any:
    with time_machine.travel(f"{TODAY.isoformat()}T04:00:00Z", tick=False):
        yield


@pytest.fixture
def sellers(company: Company) -> Company:
    with company.scope():
        Assignment.objects.update(valid_from=date(2024, 1, 1))
        for who, level in (("ann", 100_000), ("bob", 200_000), ("cid", 300_000), ("rival", 400_000)):
            steady(company, who, "sales_amount", level)
        prepared(company)
    return company


def page(company: Company, role: str, name: str, *args: Any, **query: Any) -> Any:
    client = Client()
    client.force_login(company.users[role])
    return client.get(reverse(name, args=[company.tenant.slug, *args]), query, headers={"Accept-Language": "zh-hans"})


def metric_id(company: Company) -> int:
    with company.scope():
        return Metric.objects.get(code="sales_amount").pk


def outlook(company: Company, role: str, who: str, **query: Any) -> Any:
    return page(company, role, "outlook", company.people[who].pk, metric_id(company), **query)


def test_a_manager_sees_how_likely_a_target_is_and_why(sellers: Company) -> None:
    answer = outlook(sellers, "manager", "ann", start=AUGUST, target="300,000")

    text = answer.content.decode()
    assert answer.status_code == 200
    assert "过高" in text and "status-" not in text.split("outlook-answer")[0]
    for part in ("建议", "80% 区间", "18 个月最好成绩", "¥110,000", "同销售类型", "¥300,000"):
        assert part in text, part


def test_the_part_comes_alone_for_htmx(sellers: Company) -> None:
    client = Client()
    client.force_login(sellers.users["assistant"])
    address = reverse("outlook", args=["acme", sellers.people["ann"].pk, metric_id(sellers)])
    text = client.get(address, {"grain": "quarter"}, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in text and text.lstrip().startswith("<section")


def test_only_people_within_reach_are_answered_for(sellers: Company) -> None:
    assert outlook(sellers, "assistant", "ann").status_code == 200
    assert outlook(sellers, "assistant", "bob").status_code == 404
    assert outlook(sellers, "manager", "cid").status_code == 404
    assert outlook(sellers, "hr", "cid").status_code == 200
    assert outlook(sellers, "executive", "cid").status_code == 403
    assert page(sellers, "hr", "outlook", sellers.people["ann"].pk, 2**40).status_code == 404
    assert page(sellers, "manager", "person_outlook", sellers.people["cid"].pk).status_code == 404


@pytest.mark.parametrize("query", [{"target": "viel"}, {"target": "1e999"}, {"start": "soon"}, {"grain": "decade"}])
def test_bad_input_is_answered_with_a_sentence(sellers: Company, query: dict[str, str]) -> None:
    answer = outlook(sellers, "hr", "ann", **query)
    assert answer.status_code == 200
    if "target" in query:
        assert "请输入数字" in answer.content.decode()


def test_without_a_forecast_the_page_says_so(sellers: Company) -> None:
    answer = outlook(sellers, "hr", "ann", start="2019-01-01")
    assert answer.status_code == 200 and "没有预测" in answer.content.decode()


def test_the_persons_tab_lists_the_metrics_with_a_fixed_number_of_queries(sellers: Company) -> None:
    client = Client()
    client.force_login(sellers.users["manager"])
    address = reverse("person_outlook", args=["acme", sellers.people["ann"].pk])
    with CaptureQueriesContext(connection) as first_queries:
        first = client.get(address)
    with sellers.scope():
        for code in ("followups_done", "visits_arranged", "training_hours"):
            for who in ("ann", "bob", "cid", "rival"):
                steady(sellers, who, code, 20)
        prepared(sellers)
    with CaptureQueriesContext(connection) as more_queries:
        more = client.get(address)

    assert len(more.context["lines"]) >= len(first.context["lines"]) + 3
    assert len(first_queries) == len(more_queries) <= 20
    line = next(line for line in first.context["lines"] if line.metric.code == "sales_amount")
    assert "¥" in line.end and "–" in line.interval


def test_hr_keeps_the_market_index(company: Company) -> None:
    client = Client()
    client.force_login(company.users["hr"])
    form = {"month": "2026-08", "factor": "0.97", "region": "North", "product": "", "source": "NBS"}

    assert client.post(reverse("add_market", args=["acme"]), form).status_code == 302
    twice = client.post(reverse("add_market", args=["acme"]), form)
    assert twice.status_code == 400
    with company.scope():
        row = MarketIndex.objects.get()
        assert (row.month, row.factor, row.region) == (date(2026, 8, 1), Decimal("0.97"), "North")
    for factor in ("0", "-1", "11", "0.12345", "x"):
        assert client.post(reverse("add_market", args=["acme"]), {**form, "factor": factor}).status_code == 400
    edited = client.post(reverse("edit_market", args=["acme", row.pk]), {**form, "factor": "1.02"})
    assert edited.status_code == 302
    with company.scope():
        assert MarketIndex.objects.get().factor == Decimal("1.02")
    assert client.post(reverse("delete_market", args=["acme", row.pk])).status_code == 302
    assert client.post(reverse("delete_market", args=["acme", row.pk])).status_code == 404


def test_pasted_rows_come_in_all_or_none(company: Company) -> None:
    client = Client()
    client.force_login(company.users["hr"])
    address = reverse("paste_market", args=["acme"])
    with company.scope():
        MarketIndex.objects.create(month=date(2026, 1, 1), factor=1, source="old")

    bad = client.post(address, {"lines": "2026-01\t\t\t0.9\n2026-13\t\t\t1\n2026-02\t\t\tviel"})
    assert bad.status_code == 400 and "Line 2" in bad.content.decode() and "Line 3" in bad.content.decode()
    with company.scope():
        assert MarketIndex.objects.get().factor == 1

    good = client.post(
        address, {"lines": "月份\t地区\t产品\t系数\t来源\n2026-01\t\t\t0.9\tNBS\n2026年2月,华东,,1.05,协会,二号\n\n"}
    )
    assert good.status_code == 302
    with company.scope():
        rows = list(MarketIndex.objects.order_by("month").values_list("region", "factor", "source"))
    assert rows == [("", Decimal("0.9"), "NBS"), ("华东", Decimal("1.05"), "协会, 二号")]
    assert client.post(address, {"lines": "hello"}).status_code == 400


def test_others_look_only(company: Company) -> None:
    for role in ("manager", "assistant", "executive"):
        assert page(company, role, "market").status_code == 200
        client = Client()
        client.force_login(company.users[role])
        assert client.post(reverse("add_market", args=["acme"]), {}).status_code == 403
        assert client.post(reverse("prepare_forecasts", args=["acme"])).status_code == 403


def test_the_job_prepares_forecasts_and_can_be_cancelled(sellers: Company) -> None:
    client = Client()
    client.force_login(sellers.users["hr"])
    with sellers.scope():
        Forecast.objects.all().delete()

    client.post(reverse("prepare_forecasts", args=["acme"]))
    with sellers.scope():
        job = Job.objects.get(kind="forecasts.prepare")
    run(sellers.scope, job.pk)
    with sellers.scope():
        job.refresh_from_db()
        assert job.state == JobState.DONE and job.result["summary"][1][1] == 6
        assert Forecast.objects.exists()
        Forecast.objects.all().delete()

    client.post(reverse("prepare_forecasts", args=["acme"]))
    with sellers.scope():
        again = Job.objects.filter(kind="forecasts.prepare").latest("pk")
        Job.objects.filter(pk=again.pk).update(cancel_requested=True)
    run(sellers.scope, again.pk)
    with sellers.scope():
        again.refresh_from_db()
        assert again.state == JobState.CANCELLED and not Forecast.objects.exists()


@pytest.mark.parametrize(
    ("text", "value"),
    [("120,000", 120000), ("１２", 12), (" 98% ", Decimal("0.98")), ("98％", Decimal("0.98")), ("", None)],
)
def test_targets_are_read_as_people_type_them(text: str, value: Any) -> None:
    assert words.typed(text) == value


def test_a_bare_number_above_one_is_a_percentage_of_a_share() -> None:
    assert words.typed("98", is_share=True) == Decimal("0.98") == words.typed("0.98", is_share=True)


@pytest.mark.parametrize(
    ("chance", "text"), [(0.0, "<0.1%"), (0.0996, "9.96%"), (0.5, "50%"), (0.9504, "95.04%"), (1.0, ">99.9%")]
)
def test_no_target_is_impossible_or_certain(chance: float, text: str) -> None:
    assert words.chance_text(chance) == text


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_words_are_those_of_the_design(sellers: Company, language: str) -> None:
    from perfmgmt.metrics.forecast.rules import Outlook
    from perfmgmt.tenants.calendar import Grain

    it = Outlook(
        102_140, 84_020, 121_400, mu=320, sigma=20, transform="sqrt", basis="own", months=24, best=118_000,
        history=(90_000.0,) * 23 + (118_000.0,), peers_median=96_000, season=1.08, market=0.97,
    )  # fmt: skip
    with sellers.scope(), translation.override(language):
        text = words.text_of(it, Metric.objects.get(code="sales_amount"), Grain.MONTH, "CNY")
    for part in ("118,000", "96,000", "1.08", "0.97", "102,000", "84,000", "121,000"):
        assert part in text
    assert ("建议:" in text or "建议：" in text) == (language == "zh-hans")
