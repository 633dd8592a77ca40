"""The pages of the metric library: who may do what, what is refused with which words, and what a save starts."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.test import Client

from goals.models import MonthlyTarget
from perfmgmt.jobs.models import Job
from perfmgmt.metrics import preview
from perfmgmt.metrics.metric_form import MetricForm, initial_of
from perfmgmt.metrics.models import DirtyKey, EmployeeRollup, Metric
from perfmgmt.metrics.selectors import metric_by_code, metrics_with_parts, unit_figures
from perfmgmt.metrics.services import BadDefinition, archive, save_metric
from perfmgmt.tenants.calendar import Grain
from perfmgmt.tenants.errors import Conflict, NotFound
from tests.factories import Company, today_here

pytestmark = pytest.mark.django_db
BASE = "/w/acme/metrics/"
NAMES = {"name_zh": "新指标", "name_en": "New one", "unit_of_measure": "count", "direction": "higher"}
HIGH = {"base": "sales_amount", "unit_of_measure": "money", "tax_basis": "with_tax", "aggregation": "sum",
        "filters-0-attribute": "series", "filters-0-op": "in", "filters-0-values": "高端; Pro"}  # fmt: skip


@pytest.fixture
def hr(company: Company, sign_in: Callable[[Any], Client]) -> Client:
    return sign_in(company.users["hr"])


def send(client: Client, path: str, **fields: Any) -> Any:
    return client.post(BASE + path, {**NAMES, "aggregation": "sum", **fields})


def errors(response: Any) -> dict[str, list[str]]:
    return dict(response.context["form"].errors)


def months(company: Company) -> list[date]:
    """The months that a preview shows."""
    today = today_here()
    first = date(today.year, today.month, 1)
    found = [first]
    for _n in range(2):
        last = found[0]
        found.insert(0, date(last.year - (last.month == 1), (last.month - 2) % 12 + 1, 1))
    return found


def test_the_list_is_searched_filtered_sorted_and_exported(company: Company, hr: Client) -> None:
    page = hr.get(BASE)
    assert page.context["page"].paginator.count == Metric.objects.none().count() + _count(company)
    assert [row["metric"].code for row in hr.get(BASE, {"q": "复购率"}).context["rows"]] == ["repeat_rate"]
    ratios = hr.get(BASE, {"kind": "ratio", "sort": "code"}).context["rows"]
    codes = [row["metric"].code for row in ratios]
    assert codes == sorted(codes)
    assert "win_rate" in codes
    assert {row["metric"].dimension for row in hr.get(BASE, {"dimension": "sales"}).context["rows"]} == {"sales"}
    assert hr.get(BASE, {"state": "archived"}).context["rows"] == []
    assert hr.post(f"{BASE}export/?kind=ratio").status_code == 302
    with company.scope():
        job = Job.objects.get(kind="metrics.export")
        assert job.params["query"] == "kind=ratio"


def _count(company: Company) -> int:
    with company.scope():
        return Metric.objects.count()


def test_a_metric_is_added_by_the_form_and_computed(company: Company, hr: Client) -> None:
    with company.scope():
        for series, value in [("高端", 100), ("Pro", 20), ("标准", 3)]:
            company.fact("ann", "sales_amount", date(2025, 3, 3), value, series=series)
        company.drain()
    answer = send(hr, "new/", code="top_sales", **HIGH)
    assert answer.status_code == 302, errors(answer)
    with company.scope():
        company.drain()
        made = metric_by_code("top_sales")
        assert made.filters == [{"attribute": "series", "op": "in", "values": ["高端", "Pro"]}]
        year = date(2025, 1, 1)
        north = unit_figures(made, grain=Grain.YEAR, first=year, last=year)
        assert north.value(company.units["north"].pk, year) == 120


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"code": "sales_amount"}, "code"),
        ({"code": "has space"}, "code"),
        ({"code": "x", "aggregation": "ratio"}, "numerator"),
        ({"code": "x", "aggregation": "ratio", "numerator": "orders", "denominator": "csat"}, "denominator"),
        ({"code": "x", "aggregation": "nonsense"}, "aggregation"),
        ({"code": "x", "base": "nowhere"}, "base"),
        ({"code": "x", "unit_of_measure": "money"}, "tax_basis"),
        ({"code": "x", "direction": "band", "band_low": "2", "band_high": "1", "band_tolerance": "0"}, "band_high"),
        ({"code": "x", "name_zh": ""}, "name_zh"),
        ({"code": "x", "base": "orders", "filters-0-attribute": "series"}, "filters-0-values"),
        ({"code": "x", "base": "orders", "filters-0-attribute": "value; drop"}, "filters-0-attribute"),
        (
            {"code": "x", "base": "orders", "customer_rule": "new", "customer_rule_months": "0"},
            "customer_rule_months",
        ),
    ],
    ids=str,
)
def test_a_wrong_form_keeps_what_was_typed_and_says_where(
    company: Company, hr: Client, fields: dict[str, Any], field: str
) -> None:
    answer = send(hr, "new/", **fields)
    assert answer.status_code == 400
    assert field in errors(answer)
    assert _count(company) == 57


def test_a_ratio_is_built_from_parts_with_filters(company: Company, hr: Client) -> None:
    fields = {"aggregation": "ratio", "unit_of_measure": "percent", "numerator": "sales_amount",
              "denominator": "sales_amount", "numerator_filters-0-attribute": "channel",
              "numerator_filters-0-op": "in", "numerator_filters-0-values": "web"}  # fmt: skip
    assert send(hr, "new/", code="web_share", **fields).status_code == 302
    assert send(hr, "new/", code="web_share_again", **fields).status_code == 302
    with company.scope():
        ratio, again = metric_by_code("web_share"), metric_by_code("web_share_again")
        assert ratio.numerator == again.numerator  # the same part is made once
        assert ratio.numerator is not None
        assert ratio.numerator.code == "web_share_numerator"
        assert ratio.numerator.base == ratio.denominator
        assert ratio.numerator.tax_basis == "with_tax"


def form_of(company: Company, code: str) -> dict[str, Any]:
    with company.scope():
        metric = metric_by_code(code)
        return {"id": metric.pk, **{k: "" if v in (None, False) else v for k, v in initial_of(metric).items()}}


def test_a_changed_definition_is_announced_and_recomputed(company: Company, hr: Client) -> None:
    with company.scope():
        company.fact("ann", "sales_amount", date(2025, 3, 3), 100, series="标准")
        company.fact("ann", "sales_amount", date(2025, 3, 3), 7, series="高端")
        company.drain()
    form = form_of(company, "high_end_amount")
    page = hr.get(f"{BASE}{form['id']}/edit/")
    assert page.context["has_figures"]
    assert [m.code for m in page.context["users"]] == ["high_end_share"]
    form["filters-0-values"] = "标准"
    tried = hr.post(f"{BASE}preview/", {**form, "metric_id": form["id"]})
    assert tried.context["recomputes"]
    assert hr.post(f"{BASE}{form['id']}/edit/", form).status_code == 302
    with company.scope():
        assert DirtyKey.objects.filter(metric_id=form["id"], employee=None).exists()
        company.drain()
        assert EmployeeRollup.objects.get(metric_id=form["id"], grain=5).total == 100


def test_another_name_recomputes_nothing(company: Company, hr: Client) -> None:
    form = {**form_of(company, "high_end_amount"), "name_en": "Premium sales"}
    assert hr.post(f"{BASE}{form['id']}/edit/", form).status_code == 302
    with company.scope():
        assert not DirtyKey.objects.exists()
        assert metric_by_code("high_end_amount").name_en == "Premium sales"


def test_two_people_do_not_overwrite_each_other_unseen(company: Company, hr: Client) -> None:
    form = form_of(company, "orders")
    assert hr.post(f"{BASE}{form['id']}/edit/", {**form, "name_en": "First"}).status_code == 302
    late = hr.post(f"{BASE}{form['id']}/edit/", {**form, "name_en": "Second"})
    assert late.status_code == 400
    assert late.context["form"].non_field_errors()
    with company.scope():
        assert metric_by_code("orders").name_en == "First"


def test_a_metric_with_facts_keeps_computing_from_them(company: Company, hr: Client) -> None:
    with company.scope():
        company.fact("ann", "visits_arranged", date(2025, 3, 3))
    form = {**form_of(company, "visits_arranged"), "base": "meetings_arranged"}
    answer = hr.post(f"{BASE}{form['id']}/edit/", form)
    assert answer.status_code == 400
    assert "base" in errors(answer)


def test_what_others_are_made_of_can_t_become_something_else(company: Company, hr: Client) -> None:
    form = {**form_of(company, "deals_won"), "aggregation": "mean"}
    answer = hr.post(f"{BASE}{form['id']}/edit/", form)
    assert answer.status_code == 400
    assert "aggregation" in errors(answer)
    with company.scope():
        assert metric_by_code("deals_won").aggregation == "sum"


def test_archive_instead_of_delete(company: Company, hr: Client) -> None:
    with company.scope():
        company.fact("ann", "referrals", date(2025, 3, 3))
        company.drain()
        referrals = metric_by_code("referrals").pk
        deals = metric_by_code("deals_won").pk
    for _twice in range(2):
        assert hr.post(f"{BASE}{referrals}/archive/").status_code == 302
    assert b"referrals" not in hr.get(BASE).content
    assert hr.get(BASE, {"state": "archived"}).context["rows"][0]["metric"].code == "referrals"
    page = hr.get(f"{BASE}{referrals}/")
    assert page.context["metric"].archived_at is not None
    with company.scope():
        assert EmployeeRollup.objects.filter(metric_id=referrals).exists()
        offered = MetricForm(metrics=metrics_with_parts()).fields["base"].choices  # type: ignore[attr-defined]
        assert "referrals" not in dict(offered)
        with pytest.raises(Conflict, match=r"Win rate|赢单率"):
            archive(deals)
    assert hr.post(f"{BASE}{referrals}/restore/").status_code == 302
    assert hr.get(BASE, {"state": "archived"}).context["rows"] == []


def test_a_metric_does_not_come_back_without_what_it_is_made_of(company: Company, hr: Client) -> None:
    with company.scope():
        share, high = metric_by_code("high_end_share").pk, metric_by_code("high_end_amount").pk
        archive(share)
        archive(high)
    hr.post(f"{BASE}{share}/restore/")
    with company.scope():
        assert Metric.objects.get(pk=share).archived_at is not None
    hr.post(f"{BASE}{high}/restore/")
    hr.post(f"{BASE}{share}/restore/")
    with company.scope():
        assert Metric.objects.get(pk=share).archived_at is None


def test_the_page_says_where_a_metric_is_used(company: Company, hr: Client) -> None:
    with company.scope():
        sales = metric_by_code("sales_amount")
        MonthlyTarget.objects.create(metric=sales, employee=company.people["ann"], month=date(2025, 3, 1), value=5)
        words = metric_by_code("supported_target_share").name_en
    page = hr.get(f"{BASE}{sales.pk}/", headers={"accept-language": "en"})
    texts = [use.text for use, _url in page.context["uses"]]
    assert any(words in text for text in texts)
    assert any("2025-03" in text for text in texts)
    assert all(url for _use, url in page.context["uses"])


@pytest.mark.parametrize("role", ["manager", "assistant", "executive", "payroll", "auditor"])
def test_others_read_and_change_nothing(company: Company, sign_in: Callable[[Any], Client], role: str) -> None:
    client = sign_in(company.users[role])
    with company.scope():
        pk = metric_by_code("orders").pk
    page = client.get(f"{BASE}{pk}/")
    assert page.status_code == 200
    assert b"/edit/" not in page.content
    for path in ("new/", "preview/", f"{pk}/edit/", f"{pk}/archive/", f"{pk}/restore/"):
        assert client.post(BASE + path, NAMES).status_code == 403, path


def test_an_assistant_sees_own_figures_only(company: Company, sign_in: Callable[[Any], Client]) -> None:
    month = months(company)[-1]
    with company.scope():
        company.fact("ann", "orders", month, 1)
        company.fact("cid", "orders", month, 5)
        company.drain()
        pk = metric_by_code("orders").pk
    mine = sign_in(company.users["assistant"]).get(f"{BASE}{pk}/").context["figures"]
    assert [values[-1] for _name, values in mine] == [1]
    assert sign_in(company.users["payroll"]).get(f"{BASE}{pk}/").context["figures"] == []
    everybody = sign_in(company.users["executive"]).get(f"{BASE}{pk}/").context["figures"]
    assert [values[-1] for _name, values in everybody] == [6]


# The preview says what the saved metric will say.

DEFINITIONS: dict[str, dict[str, Any]] = {
    "filtered": HIGH,
    "counted": {"base": "sales_amount", "aggregation": "count", "filters-0-attribute": "series",
                "filters-0-op": "not_in", "filters-0-values": "Pro"},
    "buyers": {"base": "sales_amount", "aggregation": "distinct", "distinct_attribute": "customer"},
    "new": {"base": "orders", "aggregation": "distinct", "distinct_attribute": "customer", "customer_rule": "new"},
    "returning": {"base": "orders", "customer_rule": "returning", "customer_rule_months": "2"},
    "last": {"base": "orders", "aggregation": "last", "is_stock": "on"},
    "kept": {"base": "orders", "aggregation": "retention", "unit_of_measure": "percent"},
    "again": {"base": "orders", "aggregation": "repeat_rate", "unit_of_measure": "ratio"},
    "ratio": {"aggregation": "ratio", "unit_of_measure": "ratio", "numerator": "sales_amount",
              "denominator": "orders", "numerator_filters-0-attribute": "series", "numerator_filters-0-op": "in",
              "numerator_filters-0-values": "Pro"},
    "growth": {"aggregation": "growth", "base": "sales_amount", "unit_of_measure": "percent",
               "growth_form": "percent", "growth_baseline": "previous"},
    "share": {"aggregation": "target_share", "base": "sales_amount", "unit_of_measure": "percent",
              "target_metric": "sales_amount"},
}  # fmt: skip


def tell(company: Company) -> None:
    """Sales and orders of two teams in the months of a preview and the one before."""
    series = ["高端", "Pro", "标准"]
    number = 0
    first = months(company)[0]
    for month in [date(first.year - (first.month == 1), (first.month - 2) % 12 + 1, 1), *months(company)]:
        for who in ("ann", "bob", "cid"):
            for _n in range(2):
                number += 1
                more = {"customer": "ABCD"[number % 4], "series": series[number % 3]}
                company.fact(who, "sales_amount", month, 100 + number, **more)
                company.fact(who, "orders", month, number % 5, **more)
        MonthlyTarget.objects.create(
            metric=metric_by_code("sales_amount"), employee=company.people["ann"], month=month, value=1000
        )
    company.drain()


@pytest.mark.parametrize("name", DEFINITIONS)
def test_a_preview_says_what_the_saved_metric_will_say(company: Company, hr: Client, name: str) -> None:
    with company.scope():
        tell(company)
        units = {"": company.units["sales"].pk, "north": company.units["north"].pk}
    seen = {}
    for key, pk in units.items():
        answer = send(hr, "preview/", preview_unit="" if key == "" else pk, **DEFINITIONS[name])
        assert answer.context["errors"] == [], name
        seen[key] = [(row.value, row.n) for row in answer.context["rows"]]
    person = send(hr, "preview/", preview_person="AC004", **DEFINITIONS[name]).context
    assert person["who"] == "李安"
    assert _count(company) == 57  # nothing was saved
    saved = send(hr, "new/", code="saved", **DEFINITIONS[name])
    assert saved.status_code == 302, errors(saved)
    with company.scope():
        company.drain()
        metric, span = metric_by_code("saved"), months(company)
        found = unit_figures(metric, grain=Grain.MONTH, first=span[0], last=span[-1])
        for key, pk in units.items():
            assert seen[key] == [(found.value(pk, month), found.n(pk, month)) for month in span], key
        from perfmgmt.metrics.selectors import employee_figures

        people = employee_figures(metric, grain=Grain.MONTH, first=span[0], last=span[-1])
        ann = company.people["ann"].pk
        assert [row.value for row in person["rows"]] == [people.value(ann, month) for month in span]


def test_a_preview_says_what_is_wrong_in_words(company: Company, hr: Client) -> None:
    answer = send(hr, "preview/", aggregation="ratio", unit_of_measure="ratio")
    assert answer.status_code == 200
    assert len(answer.context["errors"]) == 2
    nobody = send(hr, "preview/", preview_person="X1", **DEFINITIONS["new"])
    assert "X1" in nobody.context["remark"]
    strange = send(hr, "preview/", preview_unit="999999", **DEFINITIONS["new"])
    assert strange.context["rows"] == []
    assert send(hr, "preview/", metric_id="999999").status_code == 404


def test_a_preview_shows_values_that_facts_have(company: Company, hr: Client) -> None:
    with company.scope():
        company.fact("ann", "sales_amount", date(2025, 3, 3), 1, series="GTX")
    ((_word, values),) = send(hr, "preview/", **HIGH).context["seen"]
    assert values == ["GTX"]


def test_a_preview_that_takes_too_long_is_stopped(
    company: Company, hr: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    with company.scope():
        tell(company)
    monkeypatch.setattr(preview, "TIMEOUT_MS", 1)
    monkeypatch.setattr(preview.Buckets, "start", lambda self, grain, day: f"({day} + length(pg_sleep(1)::text))")
    answer = send(hr, "preview/", **HIGH)
    assert answer.status_code == 200
    assert answer.context["remark"]
    assert answer.context["rows"] == []
    assert hr.get(BASE).status_code == 200


def test_another_company_s_metrics_are_neither_named_nor_changed(
    company: Company, other_company: Company, hr: Client
) -> None:
    with other_company.scope():
        theirs = Metric.objects.create(code="secret", name_zh="密", name_en="Secret", unit_of_measure="count")
        unit = other_company.units["north"].pk
    assert "base" in errors(send(hr, "new/", code="x", base="secret"))
    for path in ("", "edit/", "archive/", "restore/"):
        method = hr.post if path.endswith("e/") else hr.get
        assert method(f"{BASE}{theirs.pk}/{path}").status_code == 404
    assert send(hr, "preview/", preview_unit=unit, **DEFINITIONS["new"]).context["rows"] == []
    with company.scope():
        for act in (archive,):
            with pytest.raises(NotFound):
                act(theirs.pk)
        form = MetricForm({**NAMES, "code": "y", "aggregation": "sum", "base": ""}, metrics=[])
        assert form.is_valid()
        with pytest.raises(NotFound):
            save_metric(form.draft(), metric_id=theirs.pk, revision=1)


def test_a_draft_that_is_wrong_is_never_saved(company: Company) -> None:
    with company.scope():
        form = MetricForm({**NAMES, "code": "y", "aggregation": "retention", "base": ""}, metrics=[])
        assert form.is_valid()
        with pytest.raises(BadDefinition):
            save_metric(form.draft())
        assert not Metric.objects.filter(code="y").exists()
