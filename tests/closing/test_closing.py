"""Locked periods never move: the figures stay, what comes later is a difference with its cause, versions add up."""

import csv
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.db import ProgrammingError, connection, transaction
from django.http import QueryDict
from django.test import Client
from django.utils import timezone

from analytics.homes.board import build
from analytics.homes.scope import home_scope
from goals.models import MonthlyTarget
from perfmgmt.closing import frozen, services
from perfmgmt.closing.causes import causes
from perfmgmt.closing.models import FrozenFigure, Part, PeriodLock
from perfmgmt.closing.selectors import lock_of
from perfmgmt.jobs import services as jobs
from perfmgmt.jobs.models import Job
from perfmgmt.metrics.models import Fact, Metric
from perfmgmt.people.services import assign
from perfmgmt.people.viewer import viewer_in, workspace_of
from perfmgmt.tenants.calendar import Period
from perfmgmt.tenants.errors import Conflict, DomainError
from perfmgmt.workspace import tasks
from tests.factories import Company, today_here

pytestmark = pytest.mark.django_db
TODAY = date(2025, 4, 10)
MARCH, QUARTER = Period.parse("2025-03"), Period.parse("2025-Q1")
SignIn = Callable[[Any], Client]


@pytest.fixture
def sales(company: Company) -> Company:
    """Facts of the first quarter, and ann's target of March."""
    with company.scope():
        for person, day, value in (("ann", 5, 500), ("bob", 6, 300), ("cid", 7, 900)):
            company.fact(person, "sales_amount", date(2025, 3, day), value)
            company.fact(person, "sales_amount", date(2025, 1, day), value)
            company.fact(person, "active_customers", date(2025, 3, day), customer="恒达贸易")
        MonthlyTarget.objects.create(
            metric=Metric.objects.get(code="sales_amount"), employee=company.people["ann"], month=date(2025, 3, 1),
            value=1000,
        )  # fmt: skip
        company.drain()
    return company


def lock(company: Company, period: Period = MARCH) -> list[PeriodLock]:
    """Lock a period; must run inside the scope."""
    user_id = company.users["owner"].pk
    return services.lock_period(period, today=TODAY, user_id=user_id, job_id=None, slug="acme")


def accept(company: Company, period: Period = MARCH, reason: str = "Late orders") -> PeriodLock:
    return services.accept_late_changes(period, reason=reason, user_id=company.users["owner"].pk, job_id=None)


def figures(found: PeriodLock, part: Part) -> dict[tuple[str, int], Decimal]:
    rows = FrozenFigure.objects.filter(grain=found.grain, start=found.start, version=found.version, part=int(part))
    return {(code, owner): total for code, owner, total in rows.values_list("metric__code", "owner_id", "total")}


def test_a_lock_keeps_figures_of_people_and_units_and_targets(sales: Company) -> None:
    with sales.scope():
        (made,) = lock(sales)
        ann, north = sales.people["ann"].pk, sales.units["north"].pk
        assert figures(made, Part.EMPLOYEE)["sales_amount", ann] == 500
        assert figures(made, Part.UNIT)["sales_amount", north] == 800
        assert figures(made, Part.UNIT)["active_customers", sales.units["sales"].pk] == 1
        assert figures(made, Part.TARGET) == {("sales_amount", ann): 1000}
        assert made.rows == FrozenFigure.objects.count()
        assert (made.version, made.locked_by_id) == (1, sales.users["owner"].pk)
        assert services.broken_locks() == (1, 0)


def test_what_is_waiting_is_worked_out_before_it_is_locked(sales: Company) -> None:
    with sales.scope():
        sales.fact("ann", "sales_amount", date(2025, 3, 9), 50)
        (made,) = lock(sales)
        assert figures(made, Part.EMPLOYEE)["sales_amount", sales.people["ann"].pk] == 550


def test_a_quarter_closes_its_months_and_keeps_what_was_locked_before(sales: Company) -> None:
    with sales.scope():
        (march,) = lock(sales)
        made = lock(sales, QUARTER)
        assert [each.period.label for each in made] == ["2025-01", "2025-02", "2025-Q1"]
        assert lock_of(MARCH).locked_at == march.locked_at  # type: ignore[union-attr]
        year = services.inside(Period.parse("2025"))
        assert len(year) == 17


def test_a_period_is_locked_once_and_never_before_it_is_over(sales: Company) -> None:
    with sales.scope():
        lock(sales)
        with pytest.raises(Conflict):
            lock(sales)
        for label in ("2025-04", "2025-Q2", "2025"):
            with pytest.raises(DomainError) as refused:
                lock(sales, Period.parse(label))
            assert refused.value.code == "not_over"
        with pytest.raises(DomainError):
            lock(sales, Period.parse("2025-W05"))


def test_what_comes_later_is_recorded_and_the_locked_figures_stay(sales: Company) -> None:
    with sales.scope():
        (made,) = lock(sales)
        sales.fact("ann", "sales_amount", date(2025, 3, 20), 70)
        MonthlyTarget.objects.update(value=1200)
        sales.drain()
        assert Fact.objects.filter(value=70).exists()
        ann = sales.people["ann"].pk
        assert figures(made, Part.EMPLOYEE)["sales_amount", ann] == 500
        found = frozen.differences(made, limit=100)
        moved = {(each.part, each.owner_id): (each.before, each.now, each.delta) for each in found}
        assert moved == {
            (Part.EMPLOYEE, ann): (500, 570, 70),
            (Part.UNIT, sales.units["north"].pk): (800, 870, 70),
            (Part.UNIT, sales.units["sales"].pk): (1700, 1770, 70),
            (Part.TARGET, ann): (1000, 1200, 200),
        }
        assert frozen.count_differences(made) == 4


def test_a_figure_that_comes_or_goes_is_a_difference_as_well(sales: Company) -> None:
    with sales.scope():
        (made,) = lock(sales)
        sales.fact("ann", "orders", date(2025, 3, 20), 3)
        Fact.objects.filter(employee=sales.people["bob"], metric__code="sales_amount", day__month=3).delete()
        from perfmgmt.metrics.rollups import dirty

        dirty.mark([(None, sales.people["bob"].pk, date(2025, 3, 1), date(2025, 3, 31))])
        sales.drain()
        found = {
            (each.owner_id, each.before, each.now)
            for each in frozen.differences(made, limit=100)
            if each.part is Part.EMPLOYEE
        }
        assert found == {(sales.people["ann"].pk, None, 3), (sales.people["bob"].pk, 300, None)}


def test_a_difference_names_its_cause(sales: Company) -> None:
    with sales.scope():
        (made,) = lock(sales)
        # In one transaction every statement could have the time of the lock: put the lock a little back.
        made.locked_at = timezone.now() - timedelta(seconds=5)
        Fact.objects.update(recorded_at=made.locked_at - timedelta(seconds=5))
        sales.fact("ann", "sales_amount", date(2025, 3, 20), 70)
        sales.drain()
        why = causes(made, frozen.differences(made, limit=100))
        ann = (Metric.objects.get(code="sales_amount").pk, sales.people["ann"].pk)
        assert [(cause.what, cause.source, cause.facts) for cause in why[ann]] == [("new", "Test", 1)]


def test_accepting_late_changes_makes_the_next_version_and_overwrites_nothing(sales: Company) -> None:
    with sales.scope():
        (first,) = lock(sales)
        ann = sales.people["ann"].pk
        sales.fact("ann", "sales_amount", date(2025, 3, 20), 70)
        second = accept(sales)
        assert (second.version, second.reason) == (2, "Late orders")
        assert figures(first, Part.EMPLOYEE)["sales_amount", ann] == 500
        assert figures(second, Part.EMPLOYEE)["sales_amount", ann] == 570
        assert frozen.count_differences(second) == 0
        assert frozen.between(second) == 3
        with pytest.raises(Conflict) as nothing:
            accept(sales)
        assert nothing.value.code == "no_changes"
        assert services.broken_locks() == (2, 0)


def test_accepting_needs_a_lock_and_a_reason(sales: Company) -> None:
    with sales.scope():
        with pytest.raises(Conflict):
            accept(sales)
        lock(sales)
        with pytest.raises(DomainError) as refused:
            accept(sales, reason="  ")
        assert refused.value.code == "no_reason"


@pytest.mark.parametrize(
    "statement",
    ["UPDATE closing_periodlock SET version = 9", "DELETE FROM closing_periodlock",
     "UPDATE closing_frozenfigure SET total = 0", "DELETE FROM closing_frozenfigure"],
)  # fmt: skip
def test_the_application_can_not_change_a_lock(sales: Company, statement: str) -> None:
    with sales.scope():
        lock(sales)
        refused = pytest.raises(ProgrammingError, match="permission denied")
        with refused, transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


def test_rebuild_check_proves_the_locked_figures(sales: Company) -> None:
    with sales.scope():
        (made,) = lock(sales)
    out = StringIO()
    call_command("rebuild", workspace="acme", check=True, stdout=out)
    assert "locked periods: 1 rows, 0 differ" in out.getvalue()
    with sales.scope():  # somebody with the owner's rights could only do this by adding a row
        FrozenFigure.objects.create(
            grain=made.grain, start=made.start, version=1, part=1, metric=Metric.objects.get(code="orders"),
            owner_id=sales.people["ann"].pk, total=1,
        )  # fmt: skip
    with pytest.raises(SystemExit):
        call_command("rebuild", workspace="acme", check=True, stdout=out)
    assert "locked periods: 1 rows, 1 differ" in out.getvalue()


def test_the_home_of_a_locked_period_shows_what_was_locked(sales: Company) -> None:
    def board(role: str) -> Any:
        viewer = viewer_in(sales.users[role].pk, TODAY)
        assert viewer is not None
        return build(home_scope(QueryDict("period=2025-03"), viewer, workspace_of(sales.tenant), TODAY))

    with sales.scope():
        before = {role: [(line.name, line.value, line.target) for line in board(role).lines]
                  for role in ("owner", "manager", "assistant")}  # fmt: skip
        lock(sales)
        sales.fact("ann", "sales_amount", date(2025, 3, 20), 7000)
        MonthlyTarget.objects.update(value=5)
        assign(sales.people["bob"], unit=sales.units["north"], manager=sales.people["manager"],
               valid_from=date(2025, 1, 1))  # fmt: skip
        sales.drain()
        for role, lines in before.items():
            found = board(role)
            assert [(line.name, line.value, line.target) for line in found.lines] == lines
        assert board("manager").headlines[0].value == 800
        accept(sales)
        assert board("manager").headlines[0].value == 7800


def test_the_fiscal_year_stays_once_a_quarter_is_locked(sales: Company) -> None:
    with sales.scope():
        lock(sales, QUARTER)
        job = Job.objects.create(kind=tasks.FISCAL_YEAR, params={"month": 4, "language": "en"})
    jobs.run(sales.scope, job.pk)
    with sales.scope():
        job.refresh_from_db()
        assert (job.state, job.error_code) == ("failed", "fiscal_year_locked")


# The pages


def newest_job(company: Company) -> Job:
    with company.scope():
        return Job.objects.latest("pk")


def test_an_owner_locks_a_month_from_the_page(sales: Company, sign_in: SignIn) -> None:
    client = sign_in(sales.users["owner"])
    page = client.get("/w/acme/periods/one/?period=2025-03")
    codes = {line["code"]: line["level"] for line in page.context["lines"]}
    assert set(codes) == {"over", "goals_not_agreed", "late_imports", "open_approvals", "waiting_work",
                          "refused_rows", "missing_rates", "unassigned", "missing_targets"}  # fmt: skip
    assert (codes["over"], codes["missing_targets"], codes["open_approvals"]) == ("ok", "warn", "ok")
    assert client.post("/w/acme/periods/lock/", {"period": "2025-03"}).status_code == 302  # not confirmed
    with sales.scope():
        assert not Job.objects.exists()
    client.post("/w/acme/periods/lock/", {"period": "2025-03", "confirm": "yes"})
    job = newest_job(sales)
    jobs.run(sales.scope, job.pk)
    with sales.scope():
        found = lock_of(MARCH)
        assert found is not None
        assert {line["code"] for line in found.checklist} == set(codes)
        assert found.job_id == job.pk
    assert "2025 年 3 月" in client.get("/w/acme/periods/?year=2025", headers={"accept-language": "zh-hans"}).text
    assert client.post("/w/acme/periods/lock/", {"period": "2025-03", "confirm": "yes"}).status_code == 409


def test_late_changes_are_shown_exported_and_taken_in(sales: Company, sign_in: SignIn) -> None:
    with sales.scope():
        lock(sales)
        sales.fact("ann", "sales_amount", date(2025, 3, 20), 70)
        sales.drain()
    client = sign_in(sales.users["hr"])
    page = client.get("/w/acme/periods/one/?period=2025-03")
    assert page.context["count"] == 3
    assert "李安" in page.text
    client.post("/w/acme/periods/export/?period=2025-03")
    jobs.run(sales.scope, newest_job(sales).pk)
    with sales.scope():
        result = Job.objects.latest("pk").result or {}
        with default_storage.open(result["file"]) as file:
            rows = list(csv.reader(file.read().decode("utf-8-sig").splitlines()))
    assert [row[0] for row in rows[1:]] == ["李安", "Sales", "North"]
    client.post("/w/acme/periods/accept/", {"period": "2025-03", "reason": "订单补录"})
    jobs.run(sales.scope, newest_job(sales).pk)
    page = client.get("/w/acme/periods/one/?period=2025-03")
    assert (page.context["count"], page.context["lock"].version) == (0, 2)
    assert "订单补录" in page.text


def test_a_double_click_locks_once(sales: Company, sign_in: SignIn) -> None:
    client = sign_in(sales.users["owner"])
    for _click in range(2):
        client.post("/w/acme/periods/lock/", {"period": "2025-03", "confirm": "yes"})
    with sales.scope():
        ids = list(Job.objects.order_by("pk").values_list("pk", flat=True))
    for job_id in ids:
        jobs.run(sales.scope, job_id)
    with sales.scope():
        assert list(Job.objects.order_by("pk").values_list("state", flat=True)) == ["done", "failed"]
        assert PeriodLock.objects.count() == 1


def test_who_may_only_look_locks_nothing(sales: Company, sign_in: SignIn) -> None:
    for role in ("auditor", "payroll"):
        client = sign_in(sales.users[role])
        assert client.get("/w/acme/periods/one/?period=2025-03").status_code == 200
        for path in ("lock", "accept"):
            data = {"period": "2025-03", "confirm": "yes", "reason": "x"}
            assert client.post(f"/w/acme/periods/{path}/", data).status_code == 403
    assert sign_in(sales.users["manager"]).get("/w/acme/periods/").status_code == 403


def test_a_running_period_is_not_locked_from_the_page(sales: Company, sign_in: SignIn) -> None:
    client = sign_in(sales.users["owner"])
    label = f"{today_here():%Y-%m}"
    assert client.get(f"/w/acme/periods/one/?period={label}").context["blocked"]
    assert client.post("/w/acme/periods/lock/", {"period": label, "confirm": "yes"}).status_code == 400


def test_locks_are_the_workspaces_own(sales: Company, other_company: Company) -> None:
    with sales.scope():
        lock(sales)
    with other_company.scope():
        assert lock_of(MARCH) is None
        assert services.broken_locks() == (0, 0)
