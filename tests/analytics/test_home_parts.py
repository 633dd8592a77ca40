"""Heat map and who needs attention: whose rows, judged how, in a fixed number of queries."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext

from analytics.homes.attention import Case, attention
from analytics.homes.heat import Heat, Row, heat_map
from analytics.homes.scope import home_scope
from goals.services import set_targets
from perfmgmt.closing.services import lock_period
from perfmgmt.metrics.selectors import metric_by_code
from perfmgmt.people.models import Employee
from perfmgmt.people.records.services import name_stand_in, record_absence
from perfmgmt.people.services import add_employee, assign
from perfmgmt.people.viewer import viewer_in, workspace_of
from perfmgmt.tenants.calendar import Period
from tests.factories import START, Company

pytestmark = pytest.mark.django_db
TODAY = date(2025, 3, 20)
SignIn = Callable[[Any], Client]
HTMX = {"HX-Request": "true"}


@pytest.fixture
def sales(company: Company) -> Company:
    """Three people's sales in March; ann and bob belong to the manager."""
    with company.scope():
        for person, value in (("ann", 500), ("bob", 300), ("cid", 900)):
            company.fact(person, "sales_amount", date(2025, 3, 19), value)
        company.drain()
    return company


def scope_of(company: Company, role: str, query: str = "period=2025-03") -> Any:
    viewer = viewer_in(company.users[role].pk, TODAY)
    assert viewer is not None
    return home_scope(QueryDict(query), viewer, workspace_of(company.tenant), TODAY)


def heat_of(company: Company, role: str, query: str = "period=2025-03") -> Heat:
    with company.scope():
        return heat_map(scope_of(company, role, query), QueryDict(query))


def cases_of(company: Company, role: str, query: str = "") -> dict[str, Case]:
    with company.scope():
        viewer = viewer_in(company.users[role].pk, TODAY)
        assert viewer is not None
        return {case.name: case for case in attention(scope_of(company, role, query), viewer)}


def aim(company: Company, **values: int) -> None:
    """Set March targets of sales by person, as the owner."""
    with company.scope():
        viewer = viewer_in(company.users["owner"].pk, TODAY)
        assert viewer is not None
        ids = {company.people[name].pk: Decimal(value) for name, value in values.items()}
        set_targets(metric_by_code("sales_amount"), date(2025, 3, 1), ids, viewer=viewer, today=TODAY)


def texts(case: Case) -> str:
    return " | ".join(reason.text for reason in case.reasons)


def first(row: Row) -> tuple[Any, str, Any]:
    cell = row.cells[0]
    return cell.value, str(cell.tone), None if cell.share is None else float(cell.share)


def test_a_target_decides_the_tone_and_shows_the_attainment(sales: Company) -> None:
    aim(sales, ann=1000, bob=200)
    found = heat_of(sales, "manager")
    assert [row.name for row in found.rows] == ["李安", "Bob Bell"]
    assert [first(row) for row in found.rows] == [(500, "off_track", 0.5), (300, "ahead", 1.5)]


def test_without_targets_three_people_are_compared_with_their_median(sales: Company) -> None:
    found = heat_of(sales, "owner", f"period=2025-03&unit={sales.units['north'].pk}")
    people = {row.name: first(row) for row in found.rows}
    assert people["李安"] == (500, "better", pytest.approx(2 / 3))
    assert people["Bob Bell"] == (300, "near", 0)
    assert people["Mia Manager"][:2] == (0, "worse")


def test_people_are_compared_with_those_who_do_the_same_work(sales: Company) -> None:
    with sales.scope():
        for number, value in enumerate((100, 120, 10), 1):
            helper = add_employee(f"S{number}", f"Helper {number}")
            place = {"unit": sales.units["north"], "valid_from": START, "manager": sales.people["manager"]}
            assign(helper, **place, sales_role_type="support")
            sales.people[f"helper{number}"] = helper
            sales.fact(f"helper{number}", "sales_amount", date(2025, 3, 5), value)
        sales.drain()
    rows = {row.name: first(row) for row in heat_of(sales, "manager").rows}
    assert rows["Helper 2"] == (120, "better", pytest.approx(0.2))
    assert rows["Helper 3"] == (10, "worse", pytest.approx(-0.9))
    assert rows["李安"] == (500, "plain", None)


def test_a_lower_figure_is_better_where_the_metric_says_so(sales: Company) -> None:
    with sales.scope():
        for person, value in (("manager", 10), ("ann", 20), ("bob", 40)):
            sales.fact(person, "sales_cycle_days", date(2025, 3, 5), value)
        sales.drain()
    query = f"period=2025-03&unit={sales.units['north'].pk}&metrics=sales_cycle_days"
    tones = {row.name: str(row.cells[0].tone) for row in heat_of(sales, "owner", query).rows}
    assert tones == {"Mia Manager": "better", "李安": "near", "Bob Bell": "worse"}


def test_the_address_chooses_the_columns_and_what_is_no_metric_is_left_out(sales: Company) -> None:
    codes = [metric.code for metric in heat_of(sales, "manager", "period=2025-03&metrics=orders,nonsense").metrics]
    assert codes == ["orders"]
    many = "&".join(f"metrics={metric.code}" for metric in heat_of(sales, "manager").choices)
    assert len(heat_of(sales, "manager", many).metrics) == 10


def test_metrics_with_targets_are_columns_by_themselves(sales: Company) -> None:
    with sales.scope():
        viewer = viewer_in(sales.users["owner"].pk, TODAY)
        assert viewer is not None
        values = {sales.people["ann"].pk: Decimal(5)}
        set_targets(metric_by_code("visits_arranged"), date(2025, 3, 1), values, viewer=viewer, today=TODAY)
    assert "visits_arranged" in [metric.code for metric in heat_of(sales, "manager").metrics]


def test_a_locked_period_keeps_its_cells(sales: Company) -> None:
    aim(sales, ann=1000)
    with sales.scope():
        lock_period(
            Period.parse("2025-03"), today=date(2025, 5, 1), user_id=None, job_id=None, slug=sales.tenant.slug
        )
        sales.fact("ann", "sales_amount", date(2025, 3, 6), 9000)
        sales.drain()
        viewer = viewer_in(sales.users["manager"].pk, TODAY)
        assert viewer is not None
        scope = home_scope(QueryDict("period=2025-03"), viewer, workspace_of(sales.tenant), date(2025, 5, 2))
        cells = {row.name: row.cells[0] for row in heat_map(scope, QueryDict()).rows}
    assert (cells["李安"].value, cells["李安"].target, str(cells["李安"].tone)) == (500, 1000, "off_track")


def test_an_executive_sees_units_only_and_their_targets_summed(sales: Company) -> None:
    aim(sales, ann=1000, bob=600, cid=100)
    for query in ("period=2025-03", f"period=2025-03&unit={sales.units['north'].pk}"):
        assert all(row.is_unit for row in heat_of(sales, "executive", query).rows)
        assert all(case.is_unit for case in cases_of(sales, "executive", query).values())
    cells = {row.name: row.cells[0] for row in heat_of(sales, "executive").rows}
    assert (cells["North"].target, float(cells["North"].share or 0)) == (1600, 0.5)
    assert str(cells["South"].tone) == "ahead"


def test_the_part_shows_number_sign_and_words_and_opens_the_facts(sales: Company, sign_in: SignIn) -> None:
    aim(sales, ann=1000, bob=200)
    client = sign_in(sales.users["manager"])
    page = client.get("/w/acme/home/heat/?period=2025-03", headers=HTMX).content.decode()
    assert "<!doctype" not in page.lower()
    cell = re.search(r'<td class="heat-cell heat-off_track"><a href="([^"]+)">(.*?)</a>', page)
    assert cell is not None
    assert "50%" in cell[2] or "%" in cell[2]
    address = cell[1].replace("&amp;", "&")
    assert f"employee={sales.people['ann'].pk}" in address
    assert client.get(address).status_code == 200
    whole = client.get("/w/acme/home/heat/?period=2025-03").content.decode()
    assert "<!doctype" in whole.lower()


def test_an_assistant_and_a_payroll_clerk_see_nobody(sales: Company, sign_in: SignIn) -> None:
    for role in ("assistant", "payroll"):
        client = sign_in(sales.users[role])
        for part in ("heat", "attention"):
            page = client.get(f"/w/acme/home/{part}/?period=2025-03").content.decode()
            assert "Bob Bell" not in page
        assert "home-heat" not in client.get("/w/acme/").content.decode()


def test_a_part_never_opens_somebody_elses_team(sales: Company, sign_in: SignIn) -> None:
    client = sign_in(sales.users["manager"])
    standin = f"?standin={sales.people['rival'].pk}"
    assert client.get(f"/w/acme/home/heat/{standin}").status_code == 404
    assert client.get(f"/w/acme/home/attention/{standin}").status_code == 404
    assert "Cid Cole" not in client.get("/w/acme/home/heat/?period=2025-03").content.decode()


def queries_of(client: Client, address: str) -> int:
    client.get(address, headers=HTMX)
    with CaptureQueriesContext(connection) as found:
        assert client.get(address, headers=HTMX).status_code == 200
    return len([q for q in found.captured_queries if "SAVEPOINT" not in q["sql"] and "set_config" not in q["sql"]])


@pytest.mark.parametrize(("part", "most"), [("heat", 13), ("attention", 21)])
def test_a_part_costs_the_same_queries_for_two_people_as_for_sixty(
    sales: Company, sign_in: SignIn, part: str, most: int
) -> None:
    aim(sales, ann=1000, bob=200)
    client, address = sign_in(sales.users["manager"]), f"/w/acme/home/{part}/?period=2025-03"
    few = queries_of(client, address)
    with sales.scope():
        for number in range(60):
            person = add_employee(f"X{number}", f"Person {number}")
            assign(person, unit=sales.units["north"], manager=sales.people["manager"], valid_from=START)
        sales.drain()
    assert queries_of(client, address) == few
    assert few <= most


def test_fifty_people_are_on_a_page(sales: Company, sign_in: SignIn) -> None:
    with sales.scope():
        for number in range(60):
            person = add_employee(f"X{number}", f"Person {number}")
            assign(person, unit=sales.units["north"], manager=sales.people["manager"], valid_from=START)
    client = sign_in(sales.users["manager"])
    page = client.get("/w/acme/home/heat/?period=2025-03", headers=HTMX)
    assert len(page.context["rows"]) == 50
    address = page.context["following_url"]
    assert len(client.get(address, headers=HTMX).context["rows"]) == 12


def test_who_is_behind_comes_first_with_the_share_in_words(sales: Company) -> None:
    aim(sales, ann=1000, bob=200)
    found = cases_of(sales, "manager")
    assert list(found) == ["李安"]
    assert "50%" in texts(found["李安"])
    assert found["李安"].reasons[0].url.startswith(f"/w/acme/people/{sales.people['ann'].pk}/")


def test_who_has_no_target_is_named_only_where_others_have_one(sales: Company) -> None:
    alone = cases_of(sales, "manager")
    assert [case.id for case in alone.values()] == [0]  # the whole team, said once
    aim(sales, ann=400)
    found = cases_of(sales, "manager")
    assert "No target" in texts(found["Bob Bell"])
    assert "李安" not in found


def test_five_quiet_working_days_are_noticed_unless_the_person_was_away(sales: Company) -> None:
    aim(sales, ann=100, bob=100)
    with sales.scope():
        person = add_employee("Q1", "Quinn Quiet")
        assign(person, unit=sales.units["north"], manager=sales.people["manager"], valid_from=date(2025, 3, 12))
        sales.people["quinn"] = person
        assert "No fact for 6 working days" in texts(_cases(sales)["Quinn Quiet"])
        record_absence(person, kind="sick", first_day=date(2025, 3, 12), last_day=date(2025, 3, 14))
        assert "No fact" not in texts(_cases(sales)["Quinn Quiet"])


def _cases(company: Company) -> dict[str, Case]:
    viewer = viewer_in(company.users["manager"].pk, TODAY)
    assert viewer is not None
    return {case.name: case for case in attention(scope_of(company, "manager", ""), viewer)}


def test_away_without_a_stand_in_is_named_until_somebody_stands_in(sales: Company) -> None:
    aim(sales, ann=100, bob=100)
    days = {"first_day": TODAY, "last_day": TODAY + timedelta(days=3)}
    with sales.scope():
        record_absence(sales.people["ann"], kind="sick", **days)
        assert "nobody stands in" in texts(_cases(sales)["李安"])
        name_stand_in(sales.people["ann"], stand_in=sales.people["bob"], **days)
        assert _cases(sales) == {}


def test_a_last_day_within_a_month_is_named(sales: Company) -> None:
    aim(sales, ann=100, bob=100)
    with sales.scope():
        Employee.objects.filter(pk=sales.people["bob"].pk).update(left_on=TODAY + timedelta(days=10))
        assert "Last day" in texts(_cases(sales)["Bob Bell"])


def test_a_team_without_trouble_gets_a_kind_word(sales: Company, sign_in: SignIn) -> None:
    aim(sales, ann=100, bob=100)
    with sales.scope():
        assert _cases(sales) == {}
