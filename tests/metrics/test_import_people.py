"""Importing people: units, numbers, managers, transfers; what is refused and why."""

import json
from collections.abc import Callable
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from perfmgmt.people.models import FOREVER, Assignment, Employee, Unit
from tests.factories import Company

pytestmark = pytest.mark.django_db
BY_NAME = {
    "kind": "people",
    "name": {"column": "name"},
    "unit": [{"column": "region"}, {"column": "manager"}],
    "manager": {"column": "manager", "by": "name",
                "create": {"position": "Manager", "unit": [{"column": "region"}, {"column": "manager"}]}},
    "valid_from": "2025-01-01",
}  # fmt: skip
Import = Callable[..., dict[str, Any]]


@pytest.fixture
def shop(company: Company, settings: Any, tmp_path: Path) -> Company:
    settings.MEDIA_ROOT = tmp_path / "files"
    return company


@pytest.fixture
def take(shop: Company, tmp_path: Path) -> Import:
    """Import rows with the ready mapping, or with another; return the summary."""

    def run(*rows: str, mapping: dict[str, Any] | None = None) -> dict[str, Any]:
        path, out, options = tmp_path / "people.csv", StringIO(), {}
        path.write_text("\n".join(rows), encoding="utf-8")
        if mapping is not None:
            options["mapping"] = tmp_path / "mapping.json"
            options["mapping"].write_text(json.dumps(mapping), encoding="utf-8")
        try:
            call_command("import_people", path, workspace="acme", stdout=out, **options)
        except SystemExit as stopped:
            return {**json.loads(out.getvalue()), "exit": stopped.code}
        return {**json.loads(out.getvalue()), "exit": 0}

    return run


def spells(number: str) -> list[tuple[str, date, date]]:
    rows = Assignment.objects.filter(employee__number=number).select_related("unit").order_by("valid_from")
    return [(row.unit.name, row.valid_from, row.valid_to) for row in rows]


def test_people_come_with_unit_position_and_manager(shop: Company, take: Import) -> None:
    summary = take(
        "number,name,unit,position,manager,email,hired_on,valid_from,full_time_share,sales_role_type",
        "N1,Nora New,East,Seller,N2,Nora@New.example,2025-01-07,2025-02-01,0.5,hunter",
        "N2,王伟,East,Lead,,,,2025-01-01,,",
    )
    assert (summary["rows"], summary["added"], summary["errors"]) == (2, 2, [])
    with shop.scope():
        nora = Employee.objects.get(number="N1")
        place = Assignment.objects.select_related("unit", "position", "manager").get(employee=nora)
        assert (nora.email, nora.hired_on) == ("nora@new.example", date(2025, 1, 7))
        assert (place.unit.name, place.position.name, place.manager.number) == ("East", "Seller", "N2")
        assert (place.valid_from, place.valid_to) == (date(2025, 2, 1), FOREVER)
        assert (place.full_time_share, place.sales_role_type) == (place.full_time_share.__class__("0.5"), "hunter")
        assert Employee.objects.get(number="N2").name_key == "wang wei"


def test_the_same_file_again_changes_nothing(shop: Company, take: Import) -> None:
    rows = ["number,name,unit,valid_from", "N1,Nora,East,2025-02-01", "N2,Nils,East,2025-02-01"]
    take(*rows)
    assert {k: v for k, v in take(*rows).items() if v} == {"rows": 2, "unchanged": 2}


def test_a_transfer_comes_by_a_later_date(shop: Company, take: Import) -> None:
    take("number,name,unit,valid_from", "N1,Nora,East,2025-02-01")
    assert take("number,name,unit,valid_from", "N1,Nora,West,2025-06-01")["changed"] == 1
    with shop.scope():
        assert spells("N1") == [("East", date(2025, 2, 1), date(2025, 5, 31)), ("West", date(2025, 6, 1), FOREVER)]


def test_the_last_day_ends_the_assignment(shop: Company, take: Import) -> None:
    take("number,name,unit,valid_from,left_on", "N1,Nora,East,2025-02-01,2025-05-31")
    with shop.scope():
        assert spells("N1") == [("East", date(2025, 2, 1), date(2025, 5, 31))]


def test_somebody_who_leaves_later_is_no_longer_assigned(shop: Company, take: Import) -> None:
    take("number,name,unit,valid_from", "N1,Nora,East,2025-02-01")
    rows = ["number,name,unit,valid_from,left_on", "N1,Nora,East,2025-02-01,2025-05-31"]
    assert take(*rows)["changed"] == 1
    assert take(*rows)["unchanged"] == 1
    with shop.scope():
        assert Employee.objects.get(number="N1").left_on == date(2025, 5, 31)
        assert spells("N1")[-1][2] == date(2025, 5, 31)


def test_somebody_who_left_long_ago_comes_without_an_assignment(shop: Company, take: Import) -> None:
    assert take("number,name,unit,left_on", "N1,Nora,East,2020-05-31")["added"] == 1
    with shop.scope():
        assert spells("N1") == []


def test_somebody_who_comes_back_is_assigned_again(shop: Company, take: Import) -> None:
    take("number,name,unit,valid_from,left_on", "N1,Nora,East,2025-02-01,2025-05-31")
    assert take("number,name,unit,valid_from", "N1,Nora,East,2025-09-01")["changed"] == 1
    with shop.scope():
        assert spells("N1") == [("East", date(2025, 2, 1), date(2025, 5, 31)), ("East", date(2025, 9, 1), FOREVER)]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("B1,Bea,East,NOBODY,,,", "the manager “NOBODY” is unknown"),
        ("B1,,East,,,,", "name: it is empty"),
        ("B1,Bea,,,,,", "unit: it is empty"),
        ("B1,Bea,East,B1,,,", "nobody can be their own manager"),
        ("B1,Bea,East,,not-an-address,,", "email: “not-an-address” is not an email address"),
        ("B1,Bea,East,,,2025-02-30,", "hired_on: “2025-02-30” is not a date"),
        ("B1,Bea,East,,,2025-03-01,2025-02-01", "the leave date lies before the hire date"),
        ("B1,Bea,East,,,2025-03-01", "the row has 6 fields, the header 7"),
        ("N1,Nora again,East,,,,", "the person stands in row 2 already"),
        ("B1,Bea,East,,boss@acme.example,,", "the number or address belongs to another person"),
    ],
)
def test_a_bad_row_is_refused_and_the_others_come_in(shop: Company, take: Import, row: str, reason: str) -> None:
    summary = take("number,name,unit,manager,email,hired_on,left_on", "N1,Nora,East,,,,", row)
    assert (summary["refused"], summary["added"], summary["exit"]) == (1, 1, 0)
    assert [error["row"] for error in summary["errors"]] == [3]
    assert reason in summary["errors"][0]["reason"]
    with shop.scope():
        assert not Employee.objects.filter(number="B1").exists()
        assert Employee.objects.get(number="N1").name == "Nora"


def test_two_new_people_who_lead_each_other_are_both_refused_and_nothing_of_them_stays(
    shop: Company, take: Import
) -> None:
    summary = take(
        "number,name,unit,manager,valid_from",
        "C1,Cai,East,C2,2025-02-01",
        "C2,Cora,West,C1,2025-02-01",
        "C3,Cleo,North,AC001,2025-02-01",
        "C4,Carl,North,C1,2025-02-01",
    )
    assert (summary["rows"], summary["refused"], summary["added"]) == (4, 3, 1)
    assert [(error["row"], error["reason"]) for error in summary["errors"]] == [
        (2, "the manager “C2” could not be imported"),
        (3, "Cai stands below Cora on 2025-02-01 already, so Cai can't be the manager of Cora then."),
        (5, "the manager “C1” could not be imported"),
    ]
    with shop.scope():
        assert list(Employee.objects.filter(number__startswith="C").values_list("number", flat=True)) == ["C3"]
        assert spells("C3") == [("North", date(2025, 2, 1), FOREVER)]
        assert not Unit.objects.filter(name__in=["East", "West"]).exists()


def test_a_row_that_would_make_a_circle_leaves_the_person_as_they_were(shop: Company, take: Import) -> None:
    head = "number,name,unit,manager,phone,valid_from"
    take(head, "C1,Cai,East,,1,2025-02-01", "C2,Cora,East,C1,,2025-02-01")
    summary = take(head, "C1,Kai,West,C2,2,2025-03-01", "C2,Cora,East,C1,5,2025-02-01")
    assert [error["row"] for error in summary["errors"]] == [2]
    assert (summary["changed"], summary["refused"]) == (1, 1)
    with shop.scope():
        cai = Employee.objects.get(number="C1")
        assert (cai.name, cai.phone, spells("C1")) == ("Cai", "1", [("East", date(2025, 2, 1), FOREVER)])
        assert Employee.objects.get(number="C2").phone == "5"
        assert not Unit.objects.filter(name="West").exists()


def test_a_manager_whose_own_row_was_refused_is_not_made_anew(shop: Company, take: Import) -> None:
    boss = {**BY_NAME["manager"], "column": "boss"}
    summary = take(
        "name,region,manager,boss", "Lena,East,A,Lars", "Lars,East,A,Lena", "Lill,East,A,Lars",
        mapping={**BY_NAME, "manager": boss},
    )  # fmt: skip
    assert [error["row"] for error in summary["errors"]] == [2, 3, 4]
    with shop.scope():
        assert not Employee.objects.filter(name__startswith="L").exists()


def test_a_person_below_a_refused_row_is_refused_too(shop: Company, take: Import) -> None:
    summary = take(
        "number,name,unit,manager,email", "D1,Dan,East,,boss@acme.example", "D2,Dora,East,D1,", "D3,Dirk,East,D2,"
    )
    assert [error["row"] for error in summary["errors"]] == [2, 3, 4]
    with shop.scope():
        assert not Employee.objects.filter(number__startswith="D").exists()


def test_when_every_row_is_refused_the_command_fails(shop: Company, take: Import) -> None:
    assert take("number,name,unit,manager", "B1,Bea,East,NOBODY")["exit"] == 1


def test_managers_named_in_the_rows_become_people_and_numbers_stay(shop: Company, take: Import) -> None:
    rows = ["name,manager,region", "Nora,Max Lead,East", "Nils,Max Lead,East", "Nick,Mona Lead,West"]
    assert take(*rows, mapping=BY_NAME)["added"] == 5
    with shop.scope():
        numbers = dict(Employee.objects.filter(number__startswith="E").values_list("name", "number"))
        assert set(numbers) == {"Nora", "Nils", "Nick", "Max Lead", "Mona Lead"}
        lead = Assignment.objects.select_related("unit__parent", "position").get(employee__name="Max Lead")
        assert (lead.unit.name, lead.unit.parent.name, lead.position.name) == ("Max Lead", "East", "Manager")
    assert take(*rows, "Nell,Max Lead,East", mapping=BY_NAME)["added"] == 1
    with shop.scope():
        assert dict(Employee.objects.filter(name__in=numbers).values_list("name", "number")) == numbers
        assert Unit.objects.filter(name="Max Lead").count() == 1


def test_a_name_that_two_people_share_is_refused(shop: Company, take: Import) -> None:
    take("number,name,unit", "N1,Nora,East", "N2,Nora,West")
    summary = take("name,manager,region", "Nora,Max Lead,East", mapping=BY_NAME)
    assert "several people are called “Nora”" in summary["errors"][0]["reason"]


def test_a_file_without_a_needed_column_changes_nothing(shop: Company, take: Import) -> None:
    with pytest.raises(CommandError, match="no column “unit”"):
        take("number,name", "N1,Nora")
    with shop.scope():
        assert not Employee.objects.filter(number="N1").exists()


def test_a_transfer_makes_the_figures_follow(shop: Company, take: Import) -> None:
    from perfmgmt.metrics.models import UnitRollup

    take("number,name,unit,valid_from", "N1,Nora,East,2025-01-01")
    with shop.scope():
        shop.people["nora"] = Employee.objects.get(number="N1")
        shop.fact("nora", "sales_amount", date(2025, 3, 5), 10)
        shop.drain()
    take("number,name,unit,valid_from", "N1,Nora,West,2025-03-01")
    with shop.scope():
        shop.drain()
        names = dict(Unit.objects.values_list("pk", "name"))
        rows = UnitRollup.objects.filter(grain=3, metric__code="sales_amount").values_list("unit_id", "total")
        assert {names[unit]: int(total) for unit, total in rows} == {"West": 10}
