"""The target grid: what it shows in how many queries, and how many cells are saved at once, or none."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from python_calamine import CalamineWorkbook

from goals import selectors
from goals.grid.address import read
from goals.grid.rules import month_weights
from goals.grid.selectors import read_state
from goals.grid.services import ChangedCells, RefusedCells, save_cells
from goals.models import Goal, MonthlyTarget
from goals.services import set_targets
from perfmgmt.closing.services import lock_period
from perfmgmt.jobs import services as jobs
from perfmgmt.jobs.models import Job
from perfmgmt.metrics.models import Metric
from perfmgmt.metrics.selectors import metric_by_code
from perfmgmt.people.models import Assignment, Employee
from perfmgmt.people.roles import Role
from perfmgmt.people.viewer import Viewer, viewer_in, workspace_of
from perfmgmt.tenants.calendar import Grain, Period, add_months
from perfmgmt.tenants.errors import NotFound
from tests.factories import Company, today_here

pytestmark = pytest.mark.django_db
SignIn = Callable[[Any], Client]
TODAY = today_here()
QUARTER = Period.containing(Grain.QUARTER, TODAY).next()
MONTHS = [month.start for month in QUARTER.months()]
SAVE = "/w/acme/targets/grid/save/"


def viewer(company: Company, role: str = "manager") -> Viewer:
    found = viewer_in(company.users[role].pk, TODAY)
    assert found is not None
    return found


def save(company: Company, cells: dict[Any, Any], role: str = "manager", seen: dict[Any, Any] | None = None) -> int:
    """Save {(metric code, person, month): value}."""

    def named(found: dict[Any, Any]) -> dict[Any, Any]:
        codes = {code: metric_by_code(code).pk for code, _person, _month in found}
        return {
            (codes[code], company.people[person].pk, month): None if value is None else Decimal(value)
            for (code, person, month), value in found.items()
        }

    shown = None if seen is None else named(seen)
    return save_cells(named(cells), viewer=viewer(company, role), today=TODAY, seen=shown)


def stored() -> dict[tuple[str, str, date], Decimal]:
    rows = MonthlyTarget.objects.values_list("metric__code", "employee__name", "month", "value")
    return {(code, name, month): value for code, name, month, value in rows}


def goal(company: Company, **fields: Any) -> Goal:
    usual = {
        "level": "person", "employee": company.people["ann"], "metric": metric_by_code("sales_amount"),
        "title": "季度销售额", "grain": int(Grain.QUARTER), "first_day": QUARTER.start, "last_day": QUARTER.end,
        "target": Decimal(90000),
    }  # fmt: skip
    return Goal.objects.create(**{**usual, **fields})


# --- the page ----------------------------------------------------------------------------------------------


def data_of(page: Any) -> dict[str, Any]:
    assert page.status_code == 200, page
    return dict(page.context["data"])


def test_it_takes_the_same_queries_for_two_people_and_two_hundred(company: Company, sign_in: SignIn) -> None:
    client = sign_in(company.users["manager"])
    with company.scope():
        for code in ("sales_amount", "orders", "csat"):
            save(company, {(code, "ann", MONTHS[0]): 3})
    address = f"/w/acme/targets/grid/?period={QUARTER.fiscal_year}"

    def queries() -> int:
        with CaptureQueriesContext(connection) as found:
            page = client.get(address)
        assert len(data_of(page)["metrics"]) == 3
        statements = [it["sql"] for it in found.captured_queries]
        return len([sql for sql in statements if "SAVEPOINT" not in sql and "set_config" not in sql])

    few = queries()
    with company.scope():
        people = Employee.objects.bulk_create(
            Employee(number=f"X{n:03d}", name=f"Person {n:03d}", name_key=f"person {n:03d}") for n in range(197)
        )
        Assignment.objects.bulk_create(
            Assignment(employee=it, unit=company.units["north"], manager=company.people["manager"],
                       valid_from=date(2025, 1, 1))
            for it in people
        )  # fmt: skip
    # user, workspace, its settings, membership, metrics, people below, rows, state of the cells, forecasts, and
    # figures of metrics that don't add up; with the statement that opens the scope they are eleven
    assert queries() == few == 10
    assert len(data_of(client.get(address))["people"]) == 200


def test_a_manager_sees_their_people_and_may_not_set_their_own(company: Company, sign_in: SignIn) -> None:
    page = sign_in(company.users["manager"]).get(f"/w/acme/targets/grid/?period={QUARTER.label}")
    data = data_of(page)
    names = [name for _pk, name, _number in data["people"]]
    assert set(names) == {"李安", "Bob Bell", "Mia Manager"}
    assert dict(zip(names, data["fixed"], strict=True))["Mia Manager"] == "ooo"
    south = company.units["south"].pk
    assert sign_in(company.users["manager"]).get(f"/w/acme/targets/grid/?unit={south}").status_code == 404
    assert sign_in(company.users["assistant"]).get("/w/acme/targets/grid/").status_code == 403


def test_rows_are_found_by_unit_and_name(company: Company, sign_in: SignIn) -> None:
    client = sign_in(company.users["hr"])

    def found(query: str) -> set[str]:
        page = client.get(f"/w/acme/targets/grid/?period={QUARTER.label}&{query}")
        return {name for _pk, name, _number in page.context["data"]["people"]}

    assert found(f"unit={company.units['north'].pk}") == {"李安", "Bob Bell", "Mia Manager"}
    assert found(f"unit={company.units['sales'].pk}") > found(f"unit={company.units['south'].pk}")
    assert found("q=lian") == {"李安"}
    nobody = client.get("/w/acme/targets/grid/?q=nobody")
    assert "Nobody found" in nobody.content.decode()
    assert client.get("/w/acme/targets/grid/?unit=99999").status_code == 404
    assert client.get("/w/acme/targets/grid/?metric=nothing").status_code == 404


def test_it_shows_last_year_the_goal_above_and_what_is_agreed(company: Company, sign_in: SignIn) -> None:
    with company.scope():
        for month, value in zip(MONTHS, (30, 10, 20), strict=True):
            company.fact("ann", "sales_amount", add_months(month, -12), value)
        company.drain()
        save(company, {("sales_amount", "bob", MONTHS[1]): "1234.5"})
        agreed = goal(company, state="agreed")
        above = goal(
            company, level="unit", employee=None, unit=company.units["north"], target=Decimal(500), title="北区"
        )
        goal(company, level="unit", employee=None, unit=company.units["south"], target=Decimal(7), title="南区")
    page = sign_in(company.users["manager"]).get(f"/w/acme/targets/grid/?period={QUARTER.label}")
    data = data_of(page)
    names = [name for _pk, name, _number in data["people"]]
    sales = data["metrics"][0]
    ann, bob = names.index("李安"), names.index("Bob Bell")
    assert sales["lastYear"][ann] == ["30", "10", "20"]
    assert sales["lastWhole"] == ["60" if place == ann else None for place in range(3)]
    assert sales["values"][bob] == [None, "1234.5", None]
    assert sales["bound"] == {f"{ann}:{month}": agreed.pk for month in range(3)}
    assert sales["above"] == ["500", "北区", above.pk]
    weights = [int(weight) for weight in sales["season"]]
    assert weights[0] > weights[2] > weights[1]
    assert "1,234.5" in page.content.decode()


def test_a_fiscal_year_and_people_who_are_there_for_a_part_of_it(db: None, sign_in: SignIn) -> None:
    company = Company.create("acme", fiscal_start_month=4)
    with company.scope():
        ann = company.people["ann"]
        year = Period.containing(Grain.YEAR, TODAY, 4).next()
        Assignment.objects.filter(employee=ann).update(valid_to=add_months(year.start, 1))
    data = data_of(sign_in(company.users["hr"]).get(f"/w/acme/targets/grid/?period={year.label}"))
    assert data["months"][0] == year.start.isoformat()
    place = [pk for pk, _name, _number in data["people"]].index(ann.pk)
    assert data["fixed"][place] == ".." + "a" * 10


# --- saving ------------------------------------------------------------------------------------------------


def test_cells_of_several_metrics_months_and_people_are_saved_at_once(company: Company) -> None:
    cells = {
        ("sales_amount", "ann", MONTHS[0]): "1000.25", ("sales_amount", "bob", MONTHS[2]): 0,
        ("csat", "ann", MONTHS[1]): "4.6",
    }  # fmt: skip
    with company.scope():
        assert save(company, cells) == 3
        assert save(company, cells) == 0
        assert save(company, {("csat", "ann", MONTHS[1]): None, ("orders", "ann", MONTHS[0]): 5}) == 2
        assert stored() == {
            ("sales_amount", "李安", MONTHS[0]): Decimal("1000.25"), ("sales_amount", "Bob Bell", MONTHS[2]): 0,
            ("orders", "李安", MONTHS[0]): 5,
        }  # fmt: skip
        bob = company.people["bob"].pk
        assert selectors.targets(metric_by_code("sales_amount"), period=QUARTER)[bob] == 0


@pytest.mark.parametrize(
    ("cell", "value", "why"),
    [
        (("sales_amount", "ann", MONTHS[0]), -1, "negative"),
        (("sales_amount", "ann", MONTHS[0]), Decimal(10) ** 15, "too large"),
        (("win_rate", "ann", MONTHS[0]), 98, "percentage"),
        (("csat", "ann", MONTHS[0]), 480, "score"),
        (("sales_amount", "ann", MONTHS[0].replace(day=2)), 1, "whole month"),
        (("sales_amount", "ann", date(2024, 12, 1)), 1, "no assignment"),
        (("followup_accuracy", "ann", MONTHS[0]), 1, "takes no targets"),
    ],
)
def test_one_bad_cell_is_named_and_nothing_is_saved(company: Company, cell: Any, value: Any, why: str) -> None:
    with company.scope():
        with pytest.raises(RefusedCells) as refused:
            save(company, {("orders", "bob", MONTHS[0]): 5, cell: value})
        metric = metric_by_code(cell[0])
        assert list(refused.value.cells) == [(metric.pk, company.people["ann"].pk, cell[2])]
        assert why in str(refused.value)
        assert not MonthlyTarget.objects.exists()


def test_locked_months_and_agreed_goals_keep_their_cells(company: Company) -> None:
    month = Period.containing(Grain.MONTH, TODAY).next(-2)
    with company.scope():
        lock_period(month, today=TODAY, user_id=company.users["owner"].pk, job_id=None, slug="acme")
        with pytest.raises(RefusedCells) as refused:
            save(company, {("sales_amount", "ann", month.start): 1})
        assert "locked" in str(refused.value)
        goal(company, state="agreed")
        goal(company, state="proposed", metric=metric_by_code("orders"))
        with pytest.raises(RefusedCells) as refused:
            save(company, {("sales_amount", "ann", MONTHS[2]): 1, ("orders", "ann", MONTHS[2]): 1})
        assert "agreed" in str(refused.value)
        assert len(refused.value.cells) == 1
        assert save(company, {("orders", "ann", MONTHS[2]): 1, ("sales_amount", "bob", MONTHS[2]): 1}) == 2
        # The page of one month is no way round it.
        values = {company.people["ann"].pk: Decimal(1)}
        with pytest.raises(RefusedCells):
            set_targets(
                metric_by_code("sales_amount"), MONTHS[0], values, viewer=viewer(company, "owner"), today=TODAY
            )


def test_reach_is_the_viewers_and_never_oneself(company: Company) -> None:
    with company.scope():
        for person in ("cid", "manager", "boss"):
            with pytest.raises(NotFound):
                save(company, {("orders", "ann", MONTHS[0]): 1, ("orders", person, MONTHS[0]): 1})
        assert not MonthlyTarget.objects.exists()
        assert save(company, {("orders", "cid", MONTHS[0]): 1}, role="hr") == 1
        with pytest.raises(NotFound):
            save_cells(
                {(2**40, company.people["ann"].pk, MONTHS[0]): Decimal(1)}, viewer=viewer(company), today=TODAY
            )


def test_what_somebody_else_changed_is_told_and_stays(company: Company) -> None:
    ann, bob = ("orders", "ann", MONTHS[0]), ("orders", "bob", MONTHS[0])
    with company.scope():
        save(company, {ann: 5}, role="hr")
        with pytest.raises(ChangedCells) as changed:
            save(company, {ann: 7, bob: 3}, seen={ann: None, bob: None})
        (cell, theirs) = next(iter(changed.value.cells.items()))
        assert (cell[1], theirs.value, theirs.by) == (company.people["ann"].pk, 5, "Hr")
        assert stored() == {("orders", "李安", MONTHS[0]): 5}
        # Sent twice, or the same number by both: nobody's work is lost.
        assert save(company, {ann: 5, bob: 3}, seen={ann: None, bob: None}) == 1
        assert save(company, {ann: 7, bob: 3}, seen={ann: 5, bob: None}) == 1


def test_the_goal_of_the_quarter_follows_its_months(company: Company) -> None:
    with company.scope():
        mine = goal(company, state="proposed")
        save(company, {("sales_amount", "ann", month): 100 for month in MONTHS})
        mine.refresh_from_db()
        assert mine.target == 300
        step = mine.steps.get()  # who signs it sees why it is another number
        assert (step.kind, step.after, step.version) == ("edited", 300, mine.version)


def test_the_page_saves_and_answers_cell_by_cell(company: Company, sign_in: SignIn) -> None:
    client = sign_in(company.users["manager"])
    with company.scope():
        orders, ann = metric_by_code("orders").pk, company.people["ann"].pk
    month = MONTHS[0].isoformat()

    def post(*rows: Any) -> Any:
        return client.post(SAVE, {"changes": json.dumps(rows), "reason_of_change": "季度调整"})

    assert post([orders, ann, month, None, "12.5"]).json() == {"saved": 1}
    conflict = post([orders, ann, month, None, "13"])
    assert (conflict.status_code, conflict.json()["theirs"]) == (409, [[orders, ann, month, "12.5", "Manager"]])
    refused = post([orders, ann, month, "12.5", "-1"])
    assert refused.status_code == 400
    assert refused.json()["refused"][0][:3] == [orders, ann, month]
    assert post([orders, company.people["cid"].pk, month, None, "1"]).status_code == 404
    with company.scope():
        assert MonthlyTarget.objects.get().value == Decimal("12.5")


@pytest.mark.parametrize(
    "text",
    ["", "nonsense", "{}", "[1]", '[[1,2,"x",null,"1"]]', '[["1",2,"2026-01-01",null,"1"]]', "[" * 5000,
     '[[1,2,"2026-01-01",null,"NaN"]]', '[[1,2,"2026-01-01",null,"1e999"]]', '[[true,-1,"2026-01-01",null,1.5]]'],
)  # fmt: skip
def test_what_the_page_never_sends_is_refused(company: Company, sign_in: SignIn, text: str) -> None:
    response = sign_in(company.users["manager"]).post(SAVE, {"changes": text})
    assert response.status_code in (400, 404)


@pytest.mark.parametrize(
    ("month", "value"), [("9999-12-01", "5"), ("0001-01-01", "5"), ("2026-01-01", "1e9999999999")]
)
def test_months_and_numbers_beyond_all_calendars_are_refused(
    company: Company, sign_in: SignIn, month: str, value: str
) -> None:
    with company.scope():
        row = [metric_by_code("orders").pk, company.people["ann"].pk, month, None, value]
    response = sign_in(company.users["manager"]).post(SAVE, {"changes": json.dumps([row])})
    assert response.status_code == 400


# --- metrics that don't add up -----------------------------------------------------------------------------


def test_levels_are_never_summed(company: Company) -> None:
    ann, bob = company.people["ann"].pk, company.people["bob"].pk
    with company.scope():
        csat, orders = metric_by_code("csat"), metric_by_code("orders")
        for month in MONTHS:
            save(company, {("csat", "ann", month): "4.5", ("orders", "ann", month): 10})
        save(company, {("csat", "bob", MONTHS[0]): "4.5", ("csat", "bob", MONTHS[1]): "4.6"})
        assert selectors.targets(csat, period=QUARTER) == {ann: Decimal("4.5")}
        assert selectors.all_targets(QUARTER) == {csat.pk: {ann: Decimal("4.5")}, orders.pk: {ann: Decimal(30)}}
        by_month = selectors.targets_by_month(csat, first=MONTHS[0], last=MONTHS[2])
        assert selectors.summed(by_month, QUARTER, adds=False) == ({ann: Decimal("4.5")}, {})
        assert selectors.unit_targets(csat, QUARTER, QUARTER.end, [company.units["north"].pk]) == {}
        own = selectors.own_targets(
            ann, on=TODAY, months=(MONTHS[0], MONTHS[2]), period=QUARTER, team_metrics=[]
        ).of(QUARTER)  # fmt: skip
        assert own == {csat.pk: Decimal("4.5"), orders.pk: Decimal(30)}
        assert bob not in selectors.targets(csat, period=QUARTER)


def test_every_metric_but_bands_can_be_set(company: Company) -> None:
    with company.scope():
        codes = Metric.objects.exclude(direction="band").values_list("code", flat=True)
        cells = {(code, "ann", MONTHS[0]): "0.5" for code in codes}
        assert save(company, cells) == len(cells) > 30


# --- weights -----------------------------------------------------------------------------------------------


def test_months_weigh_by_season_and_working_days() -> None:
    # 60 on 20 days is 3 a day, 40 on 20 is 2 a day: now 22 and 18 days.
    first, second = month_weights([Decimal(60), Decimal(40)], [22, 18], [20, 20])
    assert first * 2 * 18 == second * 3 * 22
    assert month_weights([Decimal(60), None], [22, 18], [20, 20]) == [22, 18]
    assert month_weights([Decimal(60), Decimal(0)], [22, 18], [20, 20]) == [22, 18]
    assert month_weights([Decimal(1), Decimal(1)], [0, 0], [20, 20]) == [1, 1]


def test_a_metric_within_a_band_says_why_it_has_no_grid(company: Company, sign_in: SignIn) -> None:
    page = sign_in(company.users["manager"]).get("/w/acme/targets/grid/?metric=followup_accuracy")
    assert page.status_code == 400
    assert "judged by its band" in page.content.decode()


def test_the_grid_as_a_sheet_has_every_person_and_tab(company: Company, sign_in: SignIn) -> None:
    with company.scope():
        save(company, {("sales_amount", "ann", MONTHS[0]): 100, ("sales_amount", "ann", MONTHS[1]): 50})
    client = sign_in(company.users["manager"])
    query = f"?period={QUARTER.label}&metrics=sales_amount,orders"
    assert client.post(f"/w/acme/targets/grid/export/{query}").status_code == 302
    with company.scope():
        job = Job.objects.get(kind="goals.grid_export")
    jobs.run(company.scope, job.pk)
    with company.scope():
        result = Job.objects.get(pk=job.pk).result
        assert result is not None and result["rows"] == 6
        with default_storage.open(result["file"]) as file:
            rows = CalamineWorkbook.from_filelike(BytesIO(file.read())).get_sheet_by_index(0).to_python()
    ann = next(row for row in rows if row[1] == "李安" and row[2] == rows[1][2])
    assert ann[3:] == [100, 50, "", 150]


def test_who_leads_people_as_an_executive_sees_the_company_s_goal_above(company: Company) -> None:
    with company.scope():
        whole = goal(company, level="company", employee=None, target=Decimal(900), title="Company")
        leads = viewer(company, "manager")
        executive = replace(leads, roles=leads.roles | {Role.EXECUTIVE})
        for who, above in ((leads, None), (executive, whole.pk)):
            wanted = read({"period": QUARTER.label}, viewer=who, workspace=workspace_of(company.tenant))
            found = read_state(wanted, wanted.people()[0], who).above.get(whole.metric_id or 0)
            assert (found.goal_id if found else None) == above
