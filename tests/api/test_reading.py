"""What the API reads: people, units, metrics, facts, figures; in pages, filtered, in a fixed number of queries."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from perfmgmt.metrics.models import EmployeeRollup, Metric, UnitRollup
from perfmgmt.people.models import Assignment, Employee
from perfmgmt.people.services import add_employee, assign
from tests.api.conftest import Api, make_token, problem
from tests.factories import START, Company

pytestmark = pytest.mark.django_db
DAY = date(2025, 3, 14)


@pytest.fixture
def busy(company: Company) -> Company:
    """Facts of three people in two months, and their figures."""
    with company.scope():
        for number, person in enumerate(("ann", "bob", "cid")):
            for month in (3, 4):
                company.fact(
                    person, "sales_amount", date(2025, month, 5 + number), 100 + number, customer=f"C{month}"
                )
                company.fact(person, "orders", date(2025, month, 5), 2)
        company.fact("ann", "deals_won", DAY)
        company.fact("ann", "deals_closed", DAY)
        company.fact("ann", "deals_closed", DAY)
        company.drain()
    return company


def queries_of(api: Api, path: str, query: dict[str, Any] | None = None) -> int:
    with CaptureQueriesContext(connection) as seen:
        assert api.get(path, query).status_code == 200
    return len(seen)


# People


def test_a_person_has_assignments_and_addresses(api: Api, company: Company) -> None:
    ann = company.people["ann"]
    found = api.get(f"people/{ann.pk}").json()
    assert (found["number"], found["name"], found["email"]) == ("AC004", "李安", "ann@acme.example")
    (place,) = found["assignments"]
    assert place == {
        "valid_from": "2025-01-01",
        "valid_to": None,
        "unit": {"id": company.units["north"].pk, "name": "North"},
        "position": None,
        "manager": {"id": company.people["manager"].pk, "name": "Mia Manager", "number": "AC002"},
        "sales_role_type": None,
        "full_time_share": "1.000",
    }


def test_addresses_need_a_scope_of_their_own(api_with: Callable[..., Api], company: Company) -> None:
    api = api_with("people:read")
    for found in (api.get(f"people/{company.people['ann'].pk}").json(), api.get("people").json()["results"][0]):
        assert not {"email", "phone"} & set(found)
    assert "ann@acme" not in api.get("people").content.decode()
    assert api.get("people", {"q": "ann@acme"}).json()["results"] == []


@pytest.mark.parametrize(
    ("query", "found"),
    [({"q": "lian"}, ["AC004"]), ({"number": "AC005"}, ["AC005"]), ({"q": "zzz"}, []), ({"number": "ac005"}, []),
     ({"employed_on": "2024-12-31"}, []), ({"employed_on": "2025-01-01", "q": "bo"}, ["AC001", "AC005"])],
)  # fmt: skip
def test_people_are_found(api: Api, query: dict[str, str], found: list[str]) -> None:
    assert [person["number"] for person in api.pages("people", query)] == found


def test_people_of_a_unit_are_those_below_it(api: Api, company: Company) -> None:
    unit = company.units["sales"].pk
    assert len(api.pages("people", {"unit": unit})) == 6
    assert {p["number"] for p in api.pages("people", {"unit": company.units["south"].pk})} == {"AC003", "AC006"}


def test_who_changed_last_comes_last_and_a_changed_assignment_counts(api: Api, company: Company) -> None:
    before = timezone.now()
    with company.scope():
        assign(company.people["bob"], unit=company.units["south"], valid_from=date(2025, 6, 1))
        Employee.objects.filter(pk=company.people["ann"].pk).update(phone="1")
    assert [p["number"] for p in api.pages("people", {"sort": "updated", "limit": 1})][-2:] == ["AC005", "AC004"]
    changed = api.pages("people", {"sort": "updated", "updated_since": before.isoformat()})
    assert [p["number"] for p in changed] == ["AC005", "AC004"]
    with company.scope():
        Assignment.objects.filter(employee=company.people["cid"]).delete()
    assert api.pages("people", {"sort": "updated"})[-1]["number"] == "AC006"


def test_units_form_a_tree(api: Api, company: Company) -> None:
    found = {unit["name"]: unit for unit in api.pages("units")}
    assert found["North"]["parent_id"] == found["Sales"]["id"]
    assert found["Sales"]["parent_id"] is None


# Pages


@pytest.mark.parametrize("sort", ["id", "name", "updated"])
def test_pages_hold_everybody_once_whatever_is_added_meanwhile(api: Api, company: Company, sort: str) -> None:
    with company.scope():
        for number in range(7):
            add_employee(f"N{number}", "Same Name")
        Employee.objects.filter(number__startswith="N").update(updated_at=timezone.now())
    first = api.get("people", {"sort": sort, "limit": 4}).json()
    with company.scope():
        add_employee("X1", "Aaron First")
    rest = api.client.get(first["next"], headers={"Authorization": f"Bearer {api.secret}"}).json()
    numbers = [p["number"] for p in first["results"] + rest["results"]]
    assert len(numbers) == len(set(numbers)) == 8
    everybody = [p["number"] for p in api.pages("people", {"sort": sort, "limit": 3})]
    assert len(everybody) == len(set(everybody)) == 14
    assert everybody == [p["number"] for p in api.pages("people", {"sort": sort, "limit": 200})]


def test_a_cursor_is_ours_and_fits_its_order(api: Api) -> None:
    made = api.get("people", {"limit": 1, "sort": "name"}).json()["next"].partition("cursor=")[2].partition("&")[0]
    assert api.get("people", {"cursor": "rubbish"}).status_code == 404
    problem(api.get("people", {"cursor": made[:-2]}), 404, "invalid_cursor")
    problem(api.get("people", {"cursor": made.replace("%3A", ":"), "sort": "id"}), 404, "invalid_cursor")


@pytest.mark.parametrize("limit", ["0", "201", "-1", "many", "1.5", "", "１", "9" * 400])
def test_a_page_has_1_to_200_rows(api: Api, limit: str) -> None:
    found = problem(api.get("people", {"limit": limit}), 400, "invalid")
    assert [error["parameter"] for error in found["errors"]] == ["limit"]


def test_an_unknown_or_doubled_parameter_is_refused(api: Api) -> None:
    found = problem(api.get("people", {"nmae": "x"}), 400, "invalid")
    assert found["errors"] == [
        {"parameter": "nmae", "code": "invalid", "detail": "There is no parameter “nmae” here."}
    ]
    response = api.client.get("/api/v1/people?q=a&q=b", headers={"Authorization": f"Bearer {api.secret}"})
    problem(response, 400, "invalid")
    problem(api.get("people", {"q": ""}), 400, "invalid")


@pytest.mark.parametrize(
    ("path", "query"),
    [("people", {"unit": "x"}), ("people", {"unit": str(2**63)}), ("people", {"employed_on": "31.3.2025"}),
     ("people", {"sort": "phone"}), ("facts", {"first_day": "yesterday"}), ("facts", {"employee": "-1"}),
     ("rollups", {"metric": "orders"}), ("rollups", {"grain": "month"}),
     ("rollups", {"metric": "orders", "grain": "hour"}), ("people", {"updated_since": "now"})],
)  # fmt: skip
def test_a_filter_that_can_not_be_read_names_itself(api: Api, path: str, query: dict[str, str]) -> None:
    found = problem(api.get(path, query), 400, "invalid")
    assert found["errors"][0]["parameter"] in {"unit", "employed_on", "sort", "first_day", "employee", "grain",
                                               "metric", "updated_since"}  # fmt: skip


@pytest.mark.parametrize(
    ("path", "query"),
    [("people", {"unit": "999999"}), ("facts", {"metric": "none"}), ("facts", {"source": "none"}),
     ("rollups", {"metric": "none", "grain": "day"}), ("people/999999", {}), ("metrics/none", {}),
     (f"people/{2**70}", {}), (f"facts/{2**70}", {})],
)  # fmt: skip
def test_what_is_not_there_is_not_found(api: Api, path: str, query: dict[str, str]) -> None:
    problem(api.get(path, query), 404, "not_found")


# Metrics


def test_metrics_come_in_the_librarys_order(api: Api, company: Company) -> None:
    found = api.pages("metrics", {"limit": 7})
    with company.scope():
        assert [m["code"] for m in found] == list(Metric.objects.values_list("code", flat=True))
        Metric.objects.filter(code="orders").update(archived_at=timezone.now())
    ratio = api.get("metrics/win_rate").json()
    assert (ratio["numerator"], ratio["denominator"], ratio["archived"]) == ("deals_won", "deals_closed", False)
    assert [m["code"] for m in api.pages("metrics", {"archived": "true"})] == ["orders"]
    assert all(m["aggregation"] == "ratio" for m in api.pages("metrics", {"aggregation": "ratio"}))


# Facts


def test_facts_are_filtered_by_metric_person_days_and_source(api: Api, busy: Company) -> None:
    ann = busy.people["ann"].pk
    query = {"metric": "sales_amount", "employee": ann, "first_day": "2025-04-01", "last_day": "2025-04-05"}
    (found,) = api.pages("facts", query)
    assert (found["value"], found["day"], found["customer"], found["source"]) == (
        "100.0000",
        "2025-04-05",
        "C4",
        "test",
    )
    assert found["employee"] == {"id": ann, "name": "李安", "number": "AC004"}
    assert api.get(f"facts/{found['id']}").json() == found
    assert len(api.pages("facts", {"metric": "win_rate"})) == 3
    assert len(api.pages("facts", {"source": "test", "limit": 5})) == 15
    ids = [fact["id"] for fact in api.pages("facts", {"limit": 4})]
    assert ids == sorted(set(ids))


# Figures


def figures(api: Api, **query: Any) -> list[tuple[Any, ...]]:
    return [
        (row["employee_id"] or row["unit_id"], row["period"], row["value"], row["n"])
        for row in api.pages("rollups", query)
    ]


def test_figures_are_those_of_the_prepared_tables(api: Api, busy: Company) -> None:
    for by, model, owner in (("employee", EmployeeRollup, "employee_id"), ("unit", UnitRollup, "unit_id")):
        found = api.pages("rollups", {"metric": "sales_amount", "grain": "month", "by": by, "limit": 2})
        with busy.scope():
            rows = model.objects.filter(metric__code="sales_amount", grain=3).order_by(owner, "start")
            wanted = [(getattr(r, owner), r.start.isoformat(), r.total, r.n) for r in rows]
        assert [(r[owner], r["start"], Decimal(r["value"]), r["n"]) for r in found] == wanted
        assert len(wanted) >= 6


def test_a_ratio_is_one_figure_of_two_sums(api: Api, busy: Company) -> None:
    ann = busy.people["ann"].pk
    assert figures(api, metric="win_rate", grain="day") == [(ann, "2025-03-14", "0.5", 2)]
    assert figures(api, metric="win_rate", grain="quarter", by="employee", limit=1) == [(ann, "2025-Q1", "0.5", 2)]


def test_figures_are_filtered_by_owner_and_period(api: Api, busy: Company) -> None:
    ann, north = busy.people["ann"].pk, busy.units["north"].pk
    april = {"first_day": "2025-04-01", "last_day": "2025-04-30", "grain": "month", "metric": "sales_amount"}
    assert figures(api, owner=ann, **april) == [(ann, "2025-04", "100.0000", 1)]
    assert figures(api, by="unit", owner=north, **april) == [(north, "2025-04", "201.0000", 2)]
    assert figures(api, owner=0, **april) == []


# Queries


@pytest.mark.parametrize(
    ("path", "query"),
    [("people", {}), ("facts", {}), ("units", {}), ("metrics", {}),
     ("rollups", {"metric": "sales_amount", "grain": "day"})],
)  # fmt: skip
def test_a_page_takes_the_same_number_of_queries_whatever_is_on_it(
    api: Api, busy: Company, path: str, query: dict[str, str]
) -> None:
    api.get("units")  # the day's first request notes that the token is used
    few = queries_of(api, path, {**query, "limit": 1})
    assert queries_of(api, path, {**query, "limit": 100}) == few <= 12


def test_another_workspaces_rows_are_not_there(api: Api, busy: Company, other_company: Company) -> None:
    with other_company.scope():
        fact = other_company.fact("ann", "orders", DAY)
        other_company.drain()
    theirs = Api(make_token(other_company))
    assert theirs.get(f"facts/{fact}").status_code == 200
    problem(api.get(f"facts/{fact}"), 404, "not_found")
    problem(api.get(f"people/{other_company.people['ann'].pk}"), 404, "not_found")
    problem(api.get("people", {"unit": other_company.units["sales"].pk}), 404, "not_found")
    assert api.pages("facts", {"employee": other_company.people["ann"].pk}) == []
    assert {p["number"][:2] for p in api.pages("people")} == {"AC"}
    assert {p["number"][:2] for p in theirs.pages("people")} == {"GL"}
    assert date(2025, 1, 1) == START
