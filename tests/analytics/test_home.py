"""The home: whose figures, in which order, exported with the same rights, in a fixed number of queries."""

import csv
import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from analytics.homes.board import build
from analytics.homes.own import build_own
from analytics.homes.scope import home_scope
from goals.services import set_targets
from perfmgmt.jobs import services as jobs
from perfmgmt.jobs.models import Job
from perfmgmt.metrics.models import Metric
from perfmgmt.metrics.selectors import metric_by_code
from perfmgmt.people.models import Absence, Membership
from perfmgmt.people.services import add_employee, assign
from perfmgmt.people.viewer import viewer_in, workspace_of
from perfmgmt.tenants.errors import NotFound
from perfmgmt.workspace.services import save_rules
from tests.factories import START, Company

pytestmark = pytest.mark.django_db
TODAY = date(2025, 3, 20)
SignIn = Callable[[Any], Client]


@pytest.fixture
def sales(company: Company) -> Company:
    with company.scope():
        for person, value in (("ann", 500), ("bob", 300), ("cid", 900)):
            company.fact(person, "sales_amount", date(2025, 3, 5), value)
            company.fact(person, "sales_amount", date(2025, 2, 5), value / 2)
        company.drain()
    return company


def board(company: Company, role: str, query: str = "period=2025-03") -> Any:
    with company.scope():
        viewer = viewer_in(company.users[role].pk, TODAY)
        assert viewer is not None
        return build(home_scope(QueryDict(query), viewer, workspace_of(company.tenant), TODAY))


def test_a_manager_sees_the_people_below_best_first(sales: Company) -> None:
    found = board(sales, "manager")
    assert [(line.name, line.value, line.place) for line in found.lines] == [("李安", 500, 1), ("Bob Bell", 300, 2)]
    assert found.headlines[0].value == 800


def test_an_owner_sees_units_and_opens_them(sales: Company) -> None:
    top = board(sales, "owner")
    assert {line.name: line.value for line in top.lines if line.is_unit} == {"North": 800, "South": 900}
    assert top.headlines[0].value == 1700
    south = board(sales, "owner", f"period=2025-03&unit={sales.units['south'].pk}")
    assert {line.name: line.value for line in south.lines} == {"Rex Rival": 0, "Cid Cole": 900}


def test_an_executive_sees_units_and_never_a_person(sales: Company) -> None:
    for query in ("period=2025-03", f"period=2025-03&unit={sales.units['north'].pk}"):
        assert all(line.is_unit for line in board(sales, "executive", query).lines)


def test_an_assistant_sees_only_their_own_figures(sales: Company) -> None:
    found = board(sales, "assistant")
    assert [line.value for line in found.lines] == [500]
    assert found.headlines[0].value == 500


def test_a_payroll_clerk_sees_no_figures(sales: Company) -> None:
    assert board(sales, "payroll").lines == []


def test_targets_give_attainment_and_pace(sales: Company) -> None:
    with sales.scope():
        viewer = viewer_in(sales.users["manager"].pk, TODAY)
        assert viewer is not None
        ids = {sales.people["ann"].pk: 1000, sales.people["bob"].pk: 200}
        set_targets(metric_by_code("sales_amount"), date(2025, 3, 1), ids, viewer=viewer, today=TODAY)  # type: ignore[arg-type]
    lines = {line.name: line for line in board(sales, "manager").lines}
    assert (lines["李安"].attainment, lines["李安"].pace) == (0.5, "off track")
    assert (lines["Bob Bell"].attainment, lines["Bob Bell"].pace) == (1.5, "ahead")


def test_a_manager_sets_no_target_for_somebody_elses_people_nor_their_own(sales: Company) -> None:
    with sales.scope():
        viewer = viewer_in(sales.users["manager"].pk, TODAY)
        assert viewer is not None
        orders = metric_by_code("orders")
        for person in ("cid", "manager", "boss"):
            with pytest.raises(NotFound):
                set_targets(orders, date(2025, 3, 1), {sales.people[person].pk: None}, viewer=viewer, today=TODAY)


def test_the_ranking_is_sorted_and_searched_by_the_address(sales: Company, sign_in: SignIn) -> None:
    client = sign_in(sales.users["manager"])

    def names(query: str) -> list[str]:
        rows = client.get(f"/w/acme/?period=2025-03{query}").context["rows"]
        return [row["line"].name for row in rows]

    assert names("&sort=name") == ["Bob Bell", "李安"]
    assert names("&sort=value") == ["Bob Bell", "李安"]
    assert names("&sort=-value") == ["李安", "Bob Bell"]
    assert names("&q=bob") == ["Bob Bell"]
    assert names("&q=nobody") == []


def test_the_exported_ranking_is_the_one_on_the_page(sales: Company, sign_in: SignIn) -> None:
    client = sign_in(sales.users["manager"])
    client.post("/w/acme/ranking/export/?period=2025-03")
    with sales.scope():
        job = Job.objects.get(kind="ranking.export")
    jobs.run(sales.scope, job.pk)
    with sales.scope():
        result = Job.objects.get(pk=job.pk).result
        assert result is not None
        with default_storage.open(result["file"]) as file:
            rows = list(csv.reader(file.read().decode("utf-8-sig").splitlines()))
    assert [(row[2], float(row[3])) for row in rows[1:]] == [("李安", 500), ("Bob Bell", 300)]


def test_a_managers_home_costs_the_same_queries_for_two_people_as_for_forty(sales: Company, sign_in: SignIn) -> None:
    client = sign_in(sales.users["manager"])

    def queries() -> int:
        client.get("/w/acme/?period=2025-03")
        with CaptureQueriesContext(
            connection,
        ) as found:
            assert client.get("/w/acme/?period=2025-03").status_code == 200
        return len(
            [q for q in found.captured_queries if "SAVEPOINT" not in q["sql"] and "set_config" not in q["sql"]]
        )

    few = queries()
    with sales.scope():
        for number in range(38):
            person = add_employee(f"X{number}", f"Person {number}")
            assign(person, unit=sales.units["north"], manager=sales.people["manager"], valid_from=START)
    # user, workspace, its settings, membership, people below, metrics, own days of the calendar,
    # lock of the period, figures, targets, trend
    assert queries() == few == 11


@pytest.mark.parametrize(
    ("visibility", "names"),
    [("own", ["Bob Bell"]), ("top", ["李安", "Bob Bell"]), ("everybody", ["李安", "Bob Bell", "Dee Dunn"])],
)
def test_an_assistant_sees_as_much_of_the_ranking_as_the_workspace_lets_them(
    sales: Company, sign_in: SignIn, visibility: str, names: list[str]
) -> None:
    with sales.scope():
        save_rules(ranking_visibility=visibility, ranking_top=1)
        dee = add_employee("X1", "Dee Dunn")
        assign(dee, unit=sales.units["north"], manager=sales.people["manager"], valid_from=START)
        Membership.objects.filter(user=sales.users["assistant"]).update(employee=sales.people["bob"])
    response = sign_in(sales.users["assistant"]).get("/w/acme/my/place/?period=2025-03")
    peers = response.context["peers"]
    assert [line.name for line in peers.lines] == names
    assert (peers.mine.name, peers.mine.place, peers.count) == ("Bob Bell", 2, 3)
    for hidden in {"李安", "Dee Dunn"} - set(names):
        assert hidden not in response.text


def test_who_has_no_fact_has_no_place(sales: Company, sign_in: SignIn) -> None:
    with sales.scope():
        dee = add_employee("X1", "Dee Dunn")
        assign(dee, unit=sales.units["north"], manager=sales.people["manager"], valid_from=START)
        Membership.objects.filter(user=sales.users["assistant"]).update(employee=dee)
    assert sign_in(sales.users["assistant"]).get("/w/acme/my/place/?period=2025-03").context["peers"] is None


def test_the_metric_is_switched_by_a_form_that_keeps_the_rest(sales: Company, sign_in: SignIn) -> None:
    with sales.scope():
        sales.fact("bob", "orders", date(2025, 3, 5), 1)
        sales.drain()
        Metric.objects.filter(code="training_hours").update(archived_at=timezone.now())
    client = sign_in(sales.users["manager"])
    page = client.get("/w/acme/?period=2025-03&q=b&page=1&metric=sales_amount").content.decode()
    form = page[page.index('<form class="pick"') : page.index("</form>", page.index('<form class="pick"'))]
    assert 'method="get"' in form
    assert '<button class="btn" type="submit">' in form
    assert re.findall(r'name="(\w+)"', form) == ["period", "q", "metric"]
    assert '<option value="sales_amount" selected>' in form
    assert '<option value="training_hours"' not in form
    switched = client.get("/w/acme/?period=2025-03&metric=orders")
    assert '<option value="orders" selected>' in switched.content.decode()
    assert [row["line"].name for row in switched.context["rows"]] == ["Bob Bell", "李安"]
    client.cookies["django_language"] = "zh-hans"
    assert "销售额</option>" in client.get("/w/acme/?period=2025-03").content.decode()


def test_whose_role_sees_no_figures_switches_no_metric(sales: Company, sign_in: SignIn) -> None:
    assert 'class="pick"' not in sign_in(sales.users["payroll"]).get("/w/acme/").content.decode()


def test_the_title_is_about_the_metric_that_is_ranked(sales: Company, sign_in: SignIn) -> None:
    with sales.scope():
        sales.fact("ann", "orders", date(2025, 3, 5), 1)
        sales.drain()
        viewer = viewer_in(sales.users["manager"].pk, TODAY)
        assert viewer is not None
        set_targets(metric_by_code("orders"), date(2025, 3, 1), {sales.people["ann"].pk: 2},  # type: ignore[dict-item]
                    viewer=viewer, today=TODAY)  # fmt: skip
    client = sign_in(sales.users["manager"])
    assert "50%" in client.get("/w/acme/?period=2025-03&metric=orders").context["title"]
    assert "%" not in client.get("/w/acme/?period=2025-03").context["title"]


def test_lists_whose_head_is_out_of_sight_on_a_phone_are_sorted_by_a_form(sales: Company, sign_in: SignIn) -> None:
    client = sign_in(sales.users["hr"])
    for address, keys in (
        ("?period=2025-03&sort=-value", ["", "name", "-name", "value", "-value"]),
        ("people/?q=b&sort=-value",
         ["", "name", "-name", "number", "-number", "unit", "-unit", "position", "-position"]),
        ("facts/?from=2025-01-01&to=2025-12-31&sort=-value",
         ["", "day", "-day", "value", "-value", "customer", "-customer"]),
    ):  # fmt: skip
        page = client.get(f"/w/acme/{address}").content.decode()
        form = page[page.index('<form class="pick sort-select"') :]
        form = form[: form.index("</form>")]
        assert re.findall(r'<option value="([\w-]*)"', form) == keys
        assert ('value="-value" selected' in form) is ("-value" in keys)
        assert 'type="submit"' in form


def test_a_persons_pace_counts_by_their_own_days_not_the_companys(sales: Company) -> None:
    """Away until the 19th, so only the 20th on is theirs: nothing is due yet, though the month is half over."""
    with sales.scope():
        asked = {sales.people[name].pk: Decimal(2000) for name in ("ann", "bob")}
        set_targets(
            metric_by_code("sales_amount"), date(2025, 3, 1), asked,
            viewer=viewer_in(sales.users["owner"].pk, TODAY), today=TODAY,
        )  # fmt: skip
        Absence.objects.create(
            employee=sales.people["ann"], kind="annual", first_day=date(2025, 3, 1), last_day=date(2025, 3, 19)
        )
    lines = {line.name: line for line in board(sales, "manager").lines}
    assert (lines["李安"].yardstick.elapsed, lines["李安"].pace) == (0, "not started")
    assert (lines["Bob Bell"].yardstick.elapsed, lines["Bob Bell"].pace) == (13, "off track")
    with sales.scope():
        viewer = viewer_in(sales.users["assistant"].pk, TODAY)
        assert viewer is not None
        own = home_scope(QueryDict("period=2025-03"), viewer, workspace_of(sales.tenant), TODAY)
        mine = build_own(own, sales.people["ann"].pk, chosen=False)
    assert (mine.elapsed, mine.total_days, mine.cards[0].pace) == (0, 8, "not started")
