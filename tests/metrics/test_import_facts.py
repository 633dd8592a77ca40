"""Importing facts: what comes in, what is refused and why, and that nothing is ever half-done."""

from datetime import date, timedelta
from decimal import Decimal
from unittest.mock import patch

import pytest
from django.core.management import CommandError

from perfmgmt.jobs import services as jobs
from perfmgmt.jobs.models import Job, JobState
from perfmgmt.metrics.models import ExchangeRate, Fact, FactVersion
from perfmgmt.people.services import add_employee
from perfmgmt.tenants.models import Doorbell
from perfmgmt.tenants.scope import tenant_scope
from tests.factories import Company
from tests.metrics.importing import GOOD, HEAD, Import, facts, file, nothing_is_left

pytestmark = pytest.mark.django_db


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
