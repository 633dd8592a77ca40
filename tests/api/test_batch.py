"""POST facts:batch: what becomes of each row, that a key works once, and that nothing is ever half-done."""

import json
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from perfmgmt.api import services
from perfmgmt.api.batch import MOST_ROWS
from perfmgmt.api.models import BatchAnswer
from perfmgmt.metrics.models import DirtyKey, ExchangeRate, Fact, FactsBatch, FactVersion, Source
from perfmgmt.tenants.models import Doorbell
from tests.api.conftest import Api, make_token, problem
from tests.factories import Company

pytestmark = pytest.mark.django_db


def row(external_id: str = "a", value: Any = "10.50", **more: Any) -> dict[str, Any]:
    return {
        "external_id": external_id, "metric": "sales_amount", "employee": "AC004", "date": "2025-03-05",
        "value": value, **more,
    }  # fmt: skip


def body(*rows: Any, **more: Any) -> dict[str, Any]:
    return {"source": "crm", "rows": list(rows), **more}


def results(response: Any) -> list[str]:
    assert response.status_code == 200, response.content
    return [one["result"] for one in response.json()["results"]]


def facts(company: Company) -> list[tuple[str, Decimal]]:
    with company.scope():
        return list(Fact.objects.order_by("external_id", "id").values_list("external_id", "value"))


def nothing_is_left(company: Company) -> bool:
    with company.scope():
        kept = (Fact, FactVersion, Source, BatchAnswer, FactsBatch)
        return not any(model.objects.exists() for model in kept)


# Rows


def test_a_row_is_added_then_unchanged_then_changed_and_its_old_value_is_kept(api: Api, company: Company) -> None:
    with company.scope():
        DirtyKey.objects.all().delete()
        Doorbell.objects.all().delete()
    first = api.batch(body(row("a"), row("b", customer="Lakeside")), "1")
    assert results(first) == ["added", "added"]
    with company.scope():
        assert list(DirtyKey.objects.values_list("employee_id", "first_day")) == [
            (company.people["ann"].pk, date(2025, 3, 5))
        ]
        assert Doorbell.objects.filter(tenant=company.tenant, queue="rollups").exists()
    assert results(api.batch(body(row("a"), row("b", customer="Lakeside")), "2")) == ["unchanged", "unchanged"]
    third = api.batch(body(row("b", "11", customer="Lakeside"), row("c"), row("a")), "3")
    assert results(third) == ["changed", "added", "unchanged"]
    assert third.json()["summary"] == {"rows": 3, "added": 1, "changed": 1, "unchanged": 1, "refused": 0}
    with company.scope():
        assert [version.value for version in FactVersion.objects.all()] == [Decimal("10.5")]
        assert Fact.objects.get(external_id="b").customer == "Lakeside"
    assert [value for _id, value in facts(company)] == [Decimal("10.5"), Decimal(11), Decimal("10.5")]


@pytest.mark.parametrize(
    ("change", "code", "reason"),
    [
        ({"employee": "AC999"}, "unknown_person", "employee: nobody here is called “AC999”"),
        ({"employee": "AC\u0000"}, "unknown_person", "employee: nobody here is called"),
        ({"employee": " "}, "missing", "employee: the person is missing"),
        ({"date": "2025-02-30"}, "not_a_date", "date: “2025-02-30” is not a date"),
        ({"date": "2199-12-31"}, "in_future", "date: “2199-12-31” lies in the future"),
        ({"date": "1899-12-31"}, "too_early", "date: “1899-12-31” lies before 1900"),
        ({"value": "ten"}, "not_a_number", "value: “ten” is not a number"),
        ({"value": ""}, "missing", "value: the value is missing"),
        ({"value": "1e5"}, "not_a_number", "value: “1e5” is not a number"),
        ({"value": "9" * 17}, "too_large", "is too large"),
        ({"metric": "nonsense"}, "unknown_metric", "metric: the workspace has no metric “nonsense”"),
        ({"metric": "win_rate"}, "unknown_metric", "metric: the workspace has no metric “win_rate”"),
        ({"external_id": ""}, "no_id", "the row has no id in “external_id”"),
        ({"external_id": "b" * 121}, "too_long", "is too long"),
        ({"external_id": "b\u0000"}, "control_characters", "contains control characters"),
        ({"customer": "c" * 201}, "too_long", "is too long"),
        ({"currency": "yuan"}, "not_a_currency", "“yuan” is not a currency code"),
        ({"currency": "JPY"}, "no_rate", "there is no exchange rate for this currency on that day"),
        ({"external_id": "good"}, "doubled_id", "the id is the same as in row 0"),
        (dict.fromkeys(("external_id", "metric", "employee", "date", "value"), " "), "empty", "the row is empty"),
    ],
)  # fmt: skip
def test_a_bad_row_is_refused_with_its_reason_and_the_others_come_in(
    api: Api, company: Company, change: dict[str, str], code: str, reason: str
) -> None:
    response = api.batch(body(row("good"), row("bad", **{"value": "1", **change}) if "external_id" not in change
                              else {**row(), **change}))  # fmt: skip
    assert results(response) == ["added", "refused"]
    refused = response.json()["results"][1]
    assert (refused["index"], refused["code"]) == (1, code)
    assert reason in refused["reason"]
    assert [external_id for external_id, _value in facts(company)] == ["good"]


def test_reasons_speak_the_language_that_was_asked_for(api: Api) -> None:
    response = api.batch(body(row(date="gestern")), Accept_Language="zh-hans")
    (refused,) = response.json()["results"]
    assert (refused["code"], "不是日期" in refused["reason"]) == ("not_a_date", True)


@pytest.mark.parametrize(
    ("value", "kept"), [("0.1", "0.1"), (0.1, "0.1"), (7, "7"), (-3.25, "-3.25"), ("1,234.5", "1234.5")]
)
def test_a_number_keeps_the_digits_it_was_written_with(api: Api, company: Company, value: Any, kept: str) -> None:
    assert results(api.batch(body(row(value=value)))) == ["added"]
    assert facts(company) == [("a", Decimal(kept))]


def test_a_foreign_amount_is_converted_and_kept(api: Api, company: Company) -> None:
    with company.scope():
        ExchangeRate.objects.create(currency="EUR", valid_from=date(2025, 1, 1), rate=8)
    assert results(api.batch(body(row(value="2", currency="eur", customer=None)))) == ["added"]
    (found,) = api.pages("facts")
    assert (found["value"], found["original_value"], found["currency"]) == ("16.0000", "2.0000", "EUR")


def test_an_amount_that_conversion_makes_too_large_is_refused_alone(api: Api, company: Company) -> None:
    with company.scope():
        ExchangeRate.objects.create(currency="EUR", valid_from=date(2025, 1, 1), rate=8)
    rows = [row("a", "9" * 16, currency="EUR"), row("b", "2", currency="EUR")]
    assert results(api.batch(body(*rows))) == ["refused", "added"]


def test_a_count_is_the_same_beside_an_amount_of_another_currency(api: Api, company: Company) -> None:
    with company.scope():
        ExchangeRate.objects.create(currency="EUR", valid_from=date(2025, 1, 1), rate=8)
    count = row("n", 3, metric="orders", currency="CNY")
    assert results(api.batch(body(count), "1")) == ["added"]
    assert results(api.batch(body(count, row("a", currency="EUR")), "2")) == ["unchanged", "added"]


@pytest.mark.parametrize(
    ("by", "named"), [("number", "ac004"), ("number", "ＡＣ００４"), ("email", "ANN@acme.example"), ("name", "李安")]
)
def test_people_are_named_by_number_address_or_name(api: Api, company: Company, by: str, named: str) -> None:
    assert results(api.batch(body(row(employee=named), employee_by=by))) == ["added"]
    with company.scope():
        assert Fact.objects.get().employee_id == company.people["ann"].pk


def test_two_sources_do_not_touch_each_other(api: Api, company: Company) -> None:
    api.batch(body(row("a")), "1")
    assert results(api.batch({"source": "erp", "rows": [row("a", "3")]}, "2")) == ["added"]
    assert facts(company) == [("a", Decimal("10.5")), ("a", Decimal(3))]


def test_figures_follow(api: Api, company: Company) -> None:
    api.batch(body(row("a"), row("b", "4.50")))
    with company.scope():
        company.drain()
    (found,) = api.pages("rollups", {"metric": "sales_amount", "grain": "year"})
    assert (found["value"], found["n"], found["employee_id"]) == ("15.0000", 2, company.people["ann"].pk)


def test_thousands_of_rows_take_no_more_statements_than_a_few(api: Api, company: Company) -> None:
    counts = []
    for number, size in enumerate((10, 2000)):
        rows = [row(f"r{at}", str(at), customer=f"客户 {at}") for at in range(size)]
        with CaptureQueriesContext(connection) as seen:
            assert set(results(api.batch(body(*rows), f"k{number}"))) <= {"added", "unchanged"}
        counts.append(len(seen))
    assert counts[1] - counts[0] <= 6
    assert len(facts(company)) == 2000


# The body's shape


@pytest.mark.parametrize(
    ("sent", "pointers"),
    [
        ([], [""]),
        ({}, ["/source", "/rows"]),
        ({"source": "crm", "rows": []}, ["/rows"]),
        ({"source": "crm", "rows": {}}, ["/rows"]),
        ({"source": "crm", "rows": 5}, ["/rows"]),
        ({"source": "a b", "rows": [row()]}, ["/source"]),
        ({"source": "crm\n", "rows": [row()]}, ["/source"]),
        ({"source": 5, "rows": [row()]}, ["/source"]),
        ({"source": "surveys", "rows": [row()]}, ["/source"]),
        ({"source": "Manual", "rows": [row()]}, ["/source"]),
        ({"source": "x" * 41, "rows": [row()]}, ["/source"]),
        (body(row(), employee_by="shoe size"), ["/employee_by"]),
        (body(row(), employee_by=["number"]), ["/employee_by"]),
        (body(row(), more=1), ["/more"]),
        (body(row(), "text"), ["/rows/1"]),
        (body(row(), row(extra="x")), ["/rows/1/extra"]),
        (body(row(**{"a/b~c": "x"})), ["/rows/0/a~1b~0c"]),
        (body({"external_id": "a"}), [f"/rows/0/{name}" for name in ("metric", "employee", "date", "value")]),
        (body(row(employee=4)), ["/rows/0/employee"]),
        (body(row(value=True)), ["/rows/0/value"]),
        (body(row(value=None)), ["/rows/0/value"]),
        (body(row(), row(customer=["x"])), ["/rows/1/customer"]),
        (body(*[row(str(at)) for at in range(MOST_ROWS + 1)]), ["/rows"]),
    ],
)
def test_a_body_of_the_wrong_shape_is_refused_with_pointers_and_nothing_is_kept(
    api: Api, company: Company, sent: Any, pointers: list[str]
) -> None:
    found = problem(api.batch(sent), 400, "invalid")
    assert [error["pointer"] for error in found["errors"]] == pointers
    assert nothing_is_left(company)


def test_faults_are_listed_up_to_a_bound(api: Api) -> None:
    found = problem(api.batch(body(*[{} for _ in range(300)])), 400, "invalid")
    assert len(found["errors"]) == 100


@pytest.mark.parametrize(
    "raw",
    ["", "{", "[" * 200_000, '{"source": NaN}', b"\xff\xfe", json.dumps(body(row(customer="\ud83d"))),
     '{"source": "crm", "rows": [' + "9" * 5000 + "]}"],
)  # fmt: skip
def test_what_is_no_json_is_refused(api: Api, company: Company, raw: Any) -> None:
    response = api.batch(raw)
    assert response.status_code == 400
    assert response["Content-Type"] == "application/problem+json"
    assert nothing_is_left(company)


def test_other_types_and_very_large_bodies_are_refused(api: Api, settings: Any) -> None:
    headers = {"Authorization": f"Bearer {api.secret}", "Idempotency-Key": "k"}
    send = api.client.post
    problem(send("/api/v1/facts:batch", "a=1", content_type="text/plain", headers=headers), 415,
            "unsupported_media_type")  # fmt: skip
    problem(send("/api/v1/facts:batch", {"a": "1"}, headers=headers), 415, "unsupported_media_type")
    settings.API_MAX_BYTES = 1000
    problem(api.batch(body(*[row(str(at)) for at in range(20)])), 413, "too_large")


def test_a_body_may_be_larger_than_a_form(api: Api) -> None:
    rows = [row(str(at), customer="客" * 150) for at in range(3000)]
    assert len(json.dumps(body(*rows))) > 2.5 * 1024 * 1024
    assert set(results(api.batch(body(*rows)))) == {"added"}


# The key


@pytest.mark.parametrize("key", ["", " ", "with space", "k" * 101, "schlüssel"])
def test_a_batch_needs_a_key(api: Api, company: Company, key: str) -> None:
    problem(api.batch(body(row()), key), 400, "idempotency_key_missing")
    assert nothing_is_left(company)


def test_the_same_key_with_the_same_body_gives_the_same_answer_and_does_nothing(api: Api, company: Company) -> None:
    sent = body(row("a"), row("b", "many"))
    first = api.batch(sent, "once")
    with company.scope():
        Fact.objects.all().delete()
    again = api.batch(sent, "once", Accept_Language="zh-hans")
    assert again.content == first.content
    assert (first["Idempotency-Replayed"], again["Idempotency-Replayed"]) == ("false", "true")
    assert facts(company) == []


def test_the_same_key_with_another_body_is_refused(api: Api, company: Company) -> None:
    api.batch(body(row("a")), "once")
    problem(api.batch(body(row("b")), "once"), 422, "idempotency_key_reused")
    assert [external_id for external_id, _value in facts(company)] == ["a"]


def test_a_refused_body_leaves_its_key_free(api: Api) -> None:
    problem(api.batch(body(), "once"), 400, "invalid")
    assert results(api.batch(body(row()), "once")) == ["added"]


def test_keys_belong_to_a_token(api: Api, api_with: Callable[..., Api], other_company: Company) -> None:
    api.batch(body(row("a")), "once")
    assert results(api_with("facts:write").batch(body(row("b")), "once")) == ["added"]
    theirs = Api(make_token(other_company)).batch(body(row("c", employee="GL004")), "once")
    assert results(theirs) == ["added"]
    assert [external_id for external_id, _value in facts(other_company)] == ["c"]


def test_answers_are_forgotten_after_two_days(api: Api, company: Company) -> None:
    api.batch(body(row("a")), "old")
    api.batch(body(row("b")), "new")
    with company.scope():
        BatchAnswer.objects.filter(key="old").update(created_at=timezone.now() - timedelta(hours=49))
        BatchAnswer.objects.filter(key="new").update(created_at=timezone.now() - timedelta(hours=47))
        assert services.forget_old_answers() == 1
    assert api.batch(body(row("b")), "new")["Idempotency-Replayed"] == "true"
    assert api.batch(body(row("a")), "old")["Idempotency-Replayed"] == "false"
