"""Days and numbers in the ways people write them: found, asked about where they are ambiguous, read."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from perfmgmt.metrics.models import Fact
from tests.metrics.wizard import PLAIN, Wizard, plain, values

pytestmark = pytest.mark.django_db


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
