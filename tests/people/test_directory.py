"""The directory: filters in the address, a fixed number of queries, the export."""

import csv
from collections.abc import Callable
from datetime import date, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from python_calamine import CalamineWorkbook

from perfmgmt.jobs import services as jobs
from perfmgmt.jobs.models import Job, JobState
from perfmgmt.people import directory
from perfmgmt.people.models import Absence, Assignment, Employee, Position
from perfmgmt.people.services import add_employee, assign
from tests.factories import Company

pytestmark = pytest.mark.django_db
MARCH = date(2025, 3, 1)
DAY = timedelta(days=1)
# What only a test's own transaction around the request's makes necessary.
NOT_COUNTED = ("SAVEPOINT", "RELEASE", "SELECT set_config('pghistory.context_metadata', ''")
ALL = {"boss", "manager", "rival", "ann", "bob", "cid"}


@pytest.fixture
def varied(company: Company) -> Company:
    """Bob left, cid is away, ann holds a position and a type, `new` comes in April, `late` has one planned."""
    with company.scope():
        people = company.people
        Employee.objects.filter(pk=people["bob"].pk).update(left_on=MARCH - DAY)
        Absence.objects.create(employee=people["cid"], kind="sick", first_day=MARCH, last_day=MARCH)
        post = Position.objects.create(name="销售助理")
        Assignment.objects.filter(employee=people["ann"]).update(position=post, sales_role_type="support")
        people["new"] = add_employee("N1", "New Come", hired_on=MARCH + 30 * DAY)
        people["late"] = add_employee("N2", "Late Come")
        assign(people["late"], unit=company.units["south"], valid_from=MARCH + 9 * DAY)
    return company


def found(company: Company, **query: str) -> set[str]:
    with company.scope():
        choices = directory.options()
        wanted = directory.read(query, choices, sees_accounts=True)
        ids = set(directory.find(wanted, on=MARCH, choices=choices, by_address=True).values_list("pk", flat=True))
    return {key for key, person in company.people.items() if person.pk in ids}


@pytest.mark.parametrize(
    ("query", "who"),
    [
        ({}, ALL - {"bob"} | {"new", "late"}),
        ({"status": "employed"}, ALL - {"bob"}),
        ({"status": "away"}, {"cid"}),
        ({"status": "future"}, {"new", "late"}),
        ({"status": "left"}, {"bob"}),
        ({"status": "all"}, ALL | {"new", "late"}),
        ({"status": "nonsense"}, ALL - {"bob"} | {"new", "late"}),
        ({"type": "support"}, {"ann"}),
        ({"account": "none"}, {"boss", "rival", "cid", "new", "late"}),
        ({"q": "lian"}, {"ann"}),
        ({"q": "AC00", "status": "left"}, {"bob"}),
    ],
)
def test_each_filter_finds_whom_it_says(varied: Company, query: dict[str, str], who: set[str]) -> None:
    assert found(varied, **query) == who


def test_a_unit_finds_everybody_below_it_and_a_position_its_people(varied: Company) -> None:
    with varied.scope():
        post = str(Position.objects.get().pk)
    units = {key: str(unit.pk) for key, unit in varied.units.items()}
    assert found(varied, unit=units["sales"]) == ALL - {"bob"}
    assert found(varied, unit=units["north"]) == {"manager", "ann"}
    assert found(varied, unit=units["north"], status="left") == {"bob"}
    assert found(varied, unit=units["south"], status="future") == {"late"}
    assert found(varied, position=post) == {"ann"}


def test_the_status_of_a_row_is_the_filter_that_finds_it(varied: Company) -> None:
    with varied.scope():
        choices = directory.options()
        wanted = directory.read({"status": "all"}, choices, sees_accounts=True)
        people = directory.find(wanted, on=MARCH, choices=choices, by_address=True)
        rows, total, _number = directory.page_of(people, sort="name", on=MARCH, number=1, per_page=50)
        stands = {row["number"]: directory.status_of(row, MARCH) for row in rows}
    assert total == 8
    for status in ("left", "future", "away"):
        numbers = {varied.people[key].number for key in found(varied, status=status)}
        assert {number for number, stand in stands.items() if stand == status} == numbers


def test_ids_that_are_not_there_are_not_found(company: Company, other_company: Company, sign_in: Any) -> None:
    client: Client = sign_in(company.users["owner"])
    for query in (f"unit={other_company.units['north'].pk}", "position=99", "unit=x", "unit=" + "9" * 30):
        assert client.get(f"/w/acme/people/?{query}").status_code == 404, query


def test_a_page_beyond_the_last_one_is_the_last_one(company: Company, sign_in: Any) -> None:
    with company.scope():
        people = Employee.objects.all()
        rows, total, number = directory.page_of(people, sort="-number", on=MARCH, number=9, per_page=4)
        assert (len(rows), total, number) == (2, 6, 2)
        assert [row["number"] for row in rows] == ["AC002", "AC001"]


@pytest.mark.parametrize("role", ["owner", "manager", "assistant"])
def test_the_page_takes_at_most_8_queries_however_many_people(company: Company, sign_in: Any, role: str) -> None:
    client: Client = sign_in(company.users[role])
    seen = set()
    for more in (0, 60):
        with company.scope():
            for number in range(more):
                person = add_employee(f"Z{number:03d}", f"Person {number}")
                assign(person, unit=company.units["north"], valid_from=MARCH)
        with CaptureQueriesContext(connection) as queries:
            assert client.get("/w/acme/people/?sort=unit").status_code == 200
        seen.add(len([query["sql"] for query in queries if not query["sql"].startswith(NOT_COUNTED)]))
    # user, workspace, scope, profile, viewer; units and positions, the rows with their number, whom one may open
    assert len(seen) == 1
    assert seen.pop() <= 8


def test_who_has_no_sign_in_is_only_for_who_may_edit(company: Company, sign_in: Any) -> None:
    pages = {role: sign_in(company.users[role]).get("/w/acme/people/?account=none") for role in ("hr", "manager")}
    mia = f"/people/{company.people['manager'].pk}/profile/"
    assert mia not in pages["hr"].content.decode()
    assert mia in pages["manager"].content.decode()


def run_export(company: Company, client: Client, query: str, file_format: str) -> Job:
    assert client.post(f"/w/acme/people/export/?{query}", {"format": file_format}).status_code == 302
    with company.scope():
        job = Job.objects.latest("pk")
    jobs.run(company.scope, job.pk)
    with company.scope():
        done = Job.objects.get(pk=job.pk)
    assert done.state == JobState.DONE, done.error
    return done


def test_the_export_holds_what_the_page_shows_as_csv_and_xlsx(
    varied: Company, sign_in: Callable[[Any], Client], settings: Any, tmp_path: Any
) -> None:
    settings.MEDIA_ROOT = tmp_path
    with varied.scope():
        Employee.objects.filter(pk=varied.people["ann"].pk).update(name="=1+1")
    client = sign_in(varied.users["owner"])
    query = "status=all&q=AC00&sort=-number"
    tables = {}
    for file_format in ("csv", "xlsx"):
        result = run_export(varied, client, query, file_format).result or {}
        assert result["file_name"].endswith(file_format)
        with varied.scope(), default_storage.open(result["file"]) as file:
            content = file.read()
        if file_format == "csv":
            tables["csv"] = [row[:2] for row in csv.reader(StringIO(content.decode("utf-8-sig")))][1:]
        else:
            path = tmp_path / "people.xlsx"
            path.write_bytes(content)
            sheet = CalamineWorkbook.from_path(path).get_sheet_by_index(0)
            tables["xlsx"] = [row[:2] for row in sheet.to_python()][1:]
    assert [number for number, _name in tables["csv"]] == ["AC006", "AC005", "AC004", "AC003", "AC002", "AC001"]
    assert ["AC004", "'=1+1"] in tables["csv"]  # a spreadsheet would take it for a formula
    assert ["AC004", "=1+1"] in tables["xlsx"]  # a text cell, not a formula


def test_an_export_without_the_right_to_addresses_has_none(
    company: Company, sign_in: Callable[[Any], Client], settings: Any, tmp_path: Any
) -> None:
    settings.MEDIA_ROOT = tmp_path
    result = run_export(company, sign_in(company.users["manager"]), "", "csv").result or {}
    with company.scope(), default_storage.open(result["file"]) as file:
        assert "@acme.example" not in file.read().decode("utf-8-sig")


def test_the_picker_offers_people_by_pinyin_and_no_leavers(varied: Company, sign_in: Any) -> None:
    client: Client = sign_in(varied.users["assistant"])
    assert "李安 (AC004)" in client.get("/w/acme/people/pick/?manager=lian").content.decode()
    assert "Bob" not in client.get("/w/acme/people/pick/?manager=bob").content.decode()
    assert client.get("/w/acme/people/pick/").content.decode().strip() == ""
