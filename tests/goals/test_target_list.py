"""The list of targets: found, filtered by unit, sorted, all in the address; as a file; and whose it shows."""

import csv
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from functools import partial
from io import StringIO
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.test import Client

from goals.models import Goal, MonthlyTarget, State
from goals.services import set_targets
from perfmgmt.jobs import services as jobs
from perfmgmt.jobs.models import Job
from perfmgmt.metrics.selectors import metric_by_code
from perfmgmt.people.viewer import viewer_in, workspace_of
from perfmgmt.tenants.scope import tenant_scope
from tests.factories import Company
from tests.goals.conftest import Goals

pytestmark = pytest.mark.django_db
SignIn = Callable[[Any], Client]
MARCH = date(2025, 3, 1)


@pytest.fixture
def targets(company: Company) -> Company:
    """March 2025: ann has 50 of 100, bob 90 of 120; the others have no target."""
    with company.scope():
        viewer = viewer_in(company.users["owner"].pk, workspace_of(company.tenant).today())
        assert viewer is not None
        values = {company.people["ann"].pk: Decimal(100), company.people["bob"].pk: Decimal(120)}
        set_targets(metric_by_code("sales_amount"), MARCH, values, viewer=viewer, today=date(2025, 3, 10))
        company.fact("ann", "sales_amount", date(2025, 3, 5), 50)
        company.fact("bob", "sales_amount", date(2025, 3, 6), 90)
        company.drain()
    return company


def names(client: Client, query: str = "") -> list[str]:
    page = client.get(f"/w/acme/targets/?month=2025-03&{query}")
    assert page.status_code == 200
    return [row["employee"].name for row in page.context["rows"]]


def test_attainment_stands_beside_the_target(targets: Company, sign_in: SignIn) -> None:
    page = sign_in(targets.users["hr"]).get("/w/acme/targets/?month=2025-03")
    found = {row["employee"].pk: str(row["row"].attainment) for row in page.context["rows"]}
    assert (found[targets.people["ann"].pk], found[targets.people["bob"].pk]) == ("1/2", "3/4")
    assert "50%" in page.content.decode() and "75%" in page.content.decode()


@pytest.mark.parametrize(
    ("sort", "order"),
    [("target", ["ann", "bob"]), ("-target", ["bob", "ann"]), ("attainment", ["ann", "bob"]),
     ("-attainment", ["bob", "ann"])],
)  # fmt: skip
def test_it_is_sorted_and_who_has_none_comes_last_either_way(
    targets: Company, sign_in: SignIn, sort: str, order: list[str]
) -> None:
    found = names(sign_in(targets.users["hr"]), f"sort={sort}")
    assert found[:2] == [targets.people[key].name for key in order]
    assert len(found) > 2


def test_names_run_both_ways(targets: Company, sign_in: SignIn) -> None:
    client = sign_in(targets.users["hr"])
    assert names(client, "sort=-name") == names(client, "sort=name")[::-1] == names(client, "sort=nonsense")[::-1]


def test_it_is_found_by_pinyin_and_number_and_filtered_by_unit(targets: Company, sign_in: SignIn) -> None:
    client, ann = sign_in(targets.users["hr"]), targets.people["ann"].name
    assert names(client, "q=lian") == names(client, "q=AC004") == [ann]
    north, sales = targets.units["north"].pk, targets.units["sales"].pk
    inside = names(client, f"unit={north}&sort=-target")
    assert inside[:2] == [targets.people["bob"].name, ann] or ann in inside
    assert targets.people["cid"].name not in inside
    assert set(inside) < set(names(client, f"unit={sales}"))
    assert client.get("/w/acme/targets/?unit=999999").status_code == 404
    text = client.get(f"/w/acme/targets/?month=2025-03&q=nobody&unit={north}").content.decode()
    assert "Nobody with an assignment in this month fits" in text


def test_a_manager_chooses_among_the_units_of_their_people(targets: Company, sign_in: SignIn) -> None:
    page = sign_in(targets.users["manager"]).get("/w/acme/targets/?month=2025-03")
    assert targets.units["south"].pk not in [pk for pk, _name, _depth in page.context["wanted"].units]
    south = targets.units["south"].pk
    assert sign_in(targets.users["manager"]).get(f"/w/acme/targets/?unit={south}").status_code == 404


@pytest.mark.parametrize(("role", "who"), [("hr", {"ann", "bob", "cid"}), ("assistant", {"ann"})])
def test_the_file_has_what_the_page_lists_for_this_viewer(
    targets: Company, sign_in: SignIn, settings: Any, tmp_path: Any, role: str, who: set[str]
) -> None:
    settings.MEDIA_ROOT = tmp_path
    response = sign_in(targets.users[role]).post("/w/acme/targets/export/?month=2025-03&sort=-attainment")
    assert response.status_code == 302
    with targets.scope():
        job_id = Job.objects.get(kind="targets.export").pk
    jobs.run(partial(tenant_scope, targets.tenant.pk), job_id)
    with targets.scope():
        result = Job.objects.get(pk=job_id).result
        rows = list(csv.reader(StringIO(default_storage.open(result["file"]).read().decode("utf-8-sig"))))
    found = {row[1]: row for row in rows[1:]}
    assert {targets.people[key].name for key in who} <= set(found)
    assert (targets.people["cid"].name in found) is ("cid" in who)
    ann = found[targets.people["ann"].name]
    assert (Decimal(ann[4]), Decimal(ann[5]), ann[6]) == (100, 50, "0.5")


def test_saving_keeps_filter_and_order(targets: Company, sign_in: SignIn) -> None:
    ann = targets.people["ann"].pk
    response = sign_in(targets.users["hr"]).post(
        "/w/acme/targets/?month=2025-03&sort=-target&q=AC004", {f"target-{ann}": "130", f"seen-{ann}": "100"}
    )
    assert response["Location"].endswith("?month=2025-03&sort=-target&q=AC004")


def test_a_month_of_an_agreed_goal_leads_to_the_goal_instead_of_a_field(targets: Company, sign_in: SignIn) -> None:
    ann = targets.people["ann"].pk
    with targets.scope():
        goals = Goals(targets)
        goal = goals.make(metric="sales_amount", first_day=date(2025, 1, 1), last_day=date(2025, 3, 31))
        Goal.objects.filter(pk=goal.pk).update(state=State.AGREED)
    text = sign_in(targets.users["manager"]).get("/w/acme/targets/?month=2025-03").content.decode()
    assert f'href="/w/acme/goals/{goal.pk}/"' in text
    assert f'name="target-{ann}"' not in text and f'name="target-{targets.people["bob"].pk}"' in text


@pytest.mark.parametrize("text", ["1.234,56", "1,5", "12,34", "1,234,5", "12 34", "1.234,567"])
def test_a_decimal_comma_is_refused_and_makes_no_other_number(targets: Company, sign_in: SignIn, text: str) -> None:
    ann = targets.people["ann"].pk
    page = sign_in(targets.users["hr"]).post(
        "/w/acme/targets/?month=2025-03", {f"target-{ann}": text, f"seen-{ann}": "100"}
    )
    assert page.status_code == 400 and text in page.content.decode()
    with targets.scope():
        assert MonthlyTarget.objects.get(employee=targets.people["ann"], month=MARCH).value == 100
