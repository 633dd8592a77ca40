"""Owner and supporters with their share: who gets what, and which rows are refused."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from perfmgmt.metrics.imports.parsing import Refusal
from perfmgmt.metrics.imports.supporters import share_of
from perfmgmt.metrics.models import ExchangeRate, Fact, FactVersion
from perfmgmt.metrics.selectors import metric_by_code
from tests.factories import START, Company
from tests.metrics.wizard import Wizard

pytestmark = pytest.mark.django_db
HEAD = "order id,owner,order date,amount,支持人,支持比例,supporter 2,share 2"


@pytest.fixture
def wizard(company: Company, settings: Any, tmp_path: Path) -> Wizard:
    settings.MEDIA_ROOT = tmp_path / "files"
    with company.scope():
        company.drain()
    return Wizard.of(company)


def file(*rows: str) -> str:
    return "\n".join([HEAD, *rows]) + "\n"


def credit(wizard: Wizard) -> list[tuple[str, int, str, str, Decimal, Decimal]]:
    """Return (person, line, role, metric, value, share) of every fact."""
    with wizard.company.scope():
        return [
            (f.employee.name, f.line, f.credit_role, f.metric.code, f.value, f.credit_share)
            for f in Fact.objects.select_related("employee", "metric").order_by("external_id", "line", "metric__code")
        ]


def take(wizard: Wizard, *rows: str, **changes: Any) -> dict[str, Any]:
    draft = wizard.upload(file(*rows), "orders.csv")
    wizard.check(draft, metric_2="", **changes)
    return wizard.run(draft)


@pytest.mark.parametrize(
    ("text", "share"),
    [("30%", "0.3"), ("30", "0.3"), ("0.3", "0.3"), ("1", "1"), ("100%", "1"), ("33.3333%", "0.3333"),
     ("12,5%", "0.125"), ("３０％", "0.3"), ("0", "0"), ("1.5", "0.015")],
)  # fmt: skip
def test_the_ways_of_writing_a_share(text: str, share: str) -> None:
    assert share_of(text) == Decimal(share)


@pytest.mark.parametrize("text", ["-1%", "101%", "250", "a third", "1e2", "NaN"])
def test_what_is_no_share(text: str) -> None:
    with pytest.raises(Refusal):
        share_of(text)


def test_the_owner_keeps_the_sale_and_supporters_get_their_part(wizard: Wizard) -> None:
    summary = take(wizard, "o1,AC004,2025-03-05,1000,Bob Bell,30%,Cid Cole,0.2", "o2,AC005,2025-03-06,99.99,,,,")
    assert (summary["added"], summary["refused"]) == (4, 0)
    assert credit(wizard) == [
        ("李安", 0, "owner", "sales_amount", Decimal(1000), Decimal("0.5")),
        ("Bob Bell", 1, "supporter", "supported_sales_amount", Decimal(300), Decimal("0.3")),
        ("Cid Cole", 2, "supporter", "supported_sales_amount", Decimal(200), Decimal("0.2")),
        ("Bob Bell", 0, "owner", "sales_amount", Decimal("99.99"), Decimal(1)),
    ]


def test_a_sale_is_counted_once_in_the_figures(wizard: Wizard) -> None:
    take(wizard, "o1,AC004,2025-03-05,1000,Bob Bell,30%,Cid Cole,20%")
    with wizard.company.scope():
        from perfmgmt.metrics.models import UnitRollup

        wizard.company.drain()
        sums = {
            code: UnitRollup.objects.get(
                metric=metric_by_code(code), unit_id=wizard.company.units["sales"].pk, grain=5,
                start=START,
            ).total
            for code in ("sales_amount", "supported_sales_amount")
        }  # fmt: skip
    assert sums == {"sales_amount": 1000, "supported_sales_amount": 500}


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("o1,AC004,2025-03-05,1000,Bob Bell,70%,Cid Cole,40%", "the shares add up to more than 100%"),
        ("o1,AC004,2025-03-05,1000,Bob Bell,,,", "支持人: a supporter needs a share above 0%"),
        ("o1,AC004,2025-03-05,1000,Bob Bell,0%,,", "支持人: a supporter needs a share above 0%"),
        ("o1,AC004,2025-03-05,1000,,30%,,", "支持人: there is a share, but nobody it belongs to"),
        ("o1,AC004,2025-03-05,1000,Nobody,30%,,", "支持人: nobody here is called “Nobody”"),
        ("o1,AC004,2025-03-05,1000,Bob Bell,half,,", "支持比例: “half” is not a share"),
        ("o1,AC004,2025-03-05,1000,李安,30%,,", "the same person stands in the row twice"),
        ("o1,AC004,2025-03-05,1000,Bob Bell,30%,Bob Bell,30%", "the same person stands in the row twice"),
    ],
)
def test_a_row_with_impossible_credit_is_refused_whole(wizard: Wizard, row: str, reason: str) -> None:
    summary = take(wizard, row, "o2,AC005,2025-03-06,1,Cid Cole,10%,,")
    assert (summary["refused"], summary["added"]) == (1, 2)
    assert reason in summary["errors"][0]["reason"]


def test_refused_rows_are_remembered_by_whom_they_name(wizard: Wizard) -> None:
    summary = take(
        wizard,
        "o1,AC004,not a day,1000,Bob Bell,30%,,",
        "o2,NOBODY,2025-03-05,1000,,,,",
        "o3,AC006,2025-03-05,1,,,,",
        "o3,AC006,2025-03-06,1,,,,",
    )
    people = {wizard.company.people[key].pk: key for key in ("ann", "bob", "cid")}
    rows = {people[int(pk)]: [row["row"] for row in found] for pk, found in summary["named"].items()}
    assert rows == {"ann": [2], "bob": [2], "cid": [5]}


def test_the_owner_may_have_a_share_of_their_own_and_the_rest_is_the_houses(wizard: Wizard) -> None:
    row = ",AC004,2025-03-05,1000,Bob Bell,30%,,,"
    draft = wizard.upload(f"{HEAD},owner share\no1{row}50%\no2{row}80%\n", "orders.csv")
    wizard.check(draft, metric_2="")
    summary = wizard.run(draft)
    assert [error["row"] for error in summary["errors"]] == [3]
    assert [line[5] for line in credit(wizard)] == [Decimal("0.5"), Decimal("0.3")]


def test_a_changed_share_corrects_both_and_a_missing_supporter_is_taken_back(wizard: Wizard) -> None:
    take(wizard, "o1,AC004,2025-03-05,1000,Bob Bell,30%,Cid Cole,20%")
    summary = take(wizard, "o1,AC004,2025-03-05,1000,Bob Bell,40%,,")
    assert (summary["added"], summary["changed"]) == (0, 3)
    assert credit(wizard) == [
        ("李安", 0, "owner", "sales_amount", Decimal(1000), Decimal("0.6")),
        ("Bob Bell", 1, "supporter", "supported_sales_amount", Decimal(400), Decimal("0.4")),
    ]
    assert take(wizard, "o1,AC004,2025-03-05,1000,Bob Bell,40%,,")["unchanged"] == 2
    with wizard.company.scope():
        assert set(FactVersion.objects.values_list("line", "credit_role", "credit_share")) == {
            (0, "owner", Decimal("0.5")), (1, "supporter", Decimal("0.3")), (2, "supporter", Decimal("0.2")),
        }  # fmt: skip


def test_parts_in_another_currency_are_converted(wizard: Wizard) -> None:
    with wizard.company.scope():
        ExchangeRate.objects.create(currency="USD", valid_from=START, rate=7)
    text = f"{HEAD},currency\no1,AC004,2025-03-05,100,Bob Bell,25%,,,USD\n"
    draft = wizard.upload(text, "orders.csv")
    wizard.check(draft, metric_2="")
    wizard.run(draft)
    assert [line[4] for line in credit(wizard)] == [Decimal(700), Decimal(175)]
