"""Duties and goals: what measures a duty, whether goals cover it, and planned beside logged time."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from goals.duties import services
from goals.duties.coverage_list import read
from goals.duties.selectors import coverage_of
from goals.duties.services import set_metrics, take_ready
from goals.duties.times import times_of
from goals.models import DutyMetric, Goal, MonthlyTarget
from perfmgmt.metrics.models import Metric
from perfmgmt.metrics.usage import uses_of
from perfmgmt.people.duties.services import install_pack, pack
from perfmgmt.people.models import Assignment, Duty, Position
from perfmgmt.people.viewer import viewer_in, workspace_of
from perfmgmt.tenants.calendar import Period
from perfmgmt.tenants.errors import DomainError, NotFound
from perfmgmt.worklog.models import DutyTime
from tests.factories import Company

pytestmark = pytest.mark.django_db
SignIn = Callable[[Any], Client]
TODAY = date(2025, 5, 5)
QUARTER = Period.parse("2025-Q2")


def metric(code: str) -> Metric:
    return Metric.objects.get(code=code)


@pytest.fixture
def position(company: Company) -> Position:
    """The ready sales assistant, held by ann."""
    with company.scope():
        install_pack()
        found = Position.objects.get(code="SA")
        Assignment.objects.filter(employee=company.people["ann"]).update(position=found)
        return found


def goal(company: Company, code: str, *, weight: int = 0, state: str = "agreed", **changes: Any) -> Goal:
    values = {
        "level": "person", "employee": company.people["ann"], "metric": metric(code), "target": 10, "grain": 4,
        "title": code, "first_day": QUARTER.start, "last_day": QUARTER.end, "weight": weight, "state": state,
    }  # fmt: skip
    return Goal.objects.create(**{**values, **changes})


def test_the_ready_descriptions_come_with_their_metrics(company: Company, position: Position) -> None:
    with company.scope():
        for entry in pack():
            codes = services.ready_metrics()[entry["code"]]
            assert len(codes) == len(entry["duties"])
            held = Position.objects.get(code=entry["code"])
            for duty, wanted in zip(held.duties.all(), codes, strict=True):
                found = DutyMetric.objects.filter(duty=duty).values_list("metric__code", flat=True)
                assert set(found) == set(wanted)
        before = DutyMetric.objects.count()
        install_pack()
        assert DutyMetric.objects.count() == before


def test_a_workspace_that_had_the_description_before_takes_the_metrics(company: Company, position: Position) -> None:
    with company.scope():
        duties = list(position.duties.all())
        kept = duties[0]
        DutyMetric.objects.exclude(duty=kept).delete()
        DutyMetric.objects.filter(duty=kept, metric=metric("response_hours")).delete()
        changed = duties[1]
        changed.text_zh = "别的职责"
        changed.save()
        assert take_ready(list(position.duties.all())) == len(duties) - 3  # kept, changed and the unmeasured one
        assert DutyMetric.objects.filter(duty=kept).count() == 1
        assert not DutyMetric.objects.filter(duty=changed).exists()


def test_metrics_of_a_duty_are_chosen_and_seen_where_the_metric_is_used(
    company: Company, other_company: Company, position: Position
) -> None:
    with other_company.scope():
        theirs = metric("orders").pk
    with company.scope():
        duty = position.duties.all()[10]
        assert set_metrics(duty.pk, [metric("orders").pk, metric("csat").pk]) == 2
        assert set_metrics(duty.pk, [metric("orders").pk]) == 1
        assert any("销售助理" in use.text or "Sales assistant" in use.text for use in uses_of(metric("orders")))
        with pytest.raises(NotFound):
            set_metrics(duty.pk, [theirs])
        with pytest.raises(NotFound):
            set_metrics(2**40, [])
        with pytest.raises(DomainError, match="at most"):
            set_metrics(duty.pk, Metric.objects.values_list("pk", flat=True)[:11])


def test_a_duty_is_covered_by_a_goal_or_a_target_that_is_known(company: Company, position: Position) -> None:
    ann = company.people["ann"]
    with company.scope():
        goal(company, "enquiries_answered", weight=60)
        goal(company, "collected_amount", weight=40)
        goal(company, "reports_prepared", state="draft")
        goal(company, "csat", state="cancelled")
        goal(company, "visits_arranged", first_day=date(2025, 1, 1), last_day=date(2025, 3, 31))
        MonthlyTarget.objects.create(
            metric=metric("documents_prepared"), employee=ann, month=date(2025, 6, 1), value=5
        )
        found = coverage_of([ann.pk], QUARTER, TODAY)[ann.pk]
        states = [str(line.cover) for line in found.lines]
    covered = {0, 1, 4}  # enquiries 15%, quotations 15% (by the target), receivables 10%
    assert [n for n, state in enumerate(states) if state == "covered"] == sorted(covered)
    assert states[10] == "unmeasured"
    assert (found.covered, found.unmeasured, found.without_goal, found.covered_time) == (3, 1, 7, 40)
    # Without a goal, the deliveries take most time.
    assert found.next_line is not None
    assert found.next_line.duty.place == 4
    by_category = {part.category: part for part in found.parts}
    assert (by_category["sales_support"].weighted, by_category["administration"].weighted) == (60, 40)
    assert by_category["administration"].planned == 36
    assert found.far_parts == []


def test_the_year_and_its_quarter_count_once(company: Company, position: Position) -> None:
    with company.scope():
        year = goal(company, "csat", weight=50, first_day=date(2025, 1, 1), last_day=date(2025, 12, 31), grain=5)
        goal(company, "csat", weight=50, parent=year)
        goal(company, "reports_prepared", weight=50)
        ann = company.people["ann"].pk
        found = coverage_of([ann], QUARTER, TODAY)[ann]
    assert {part.category: part.weighted for part in found.parts} == {
        "sales_support": 50, "administration": 50, "direct_sales": 0
    }  # fmt: skip


def test_who_has_no_position_or_no_duties_is_said(company: Company, position: Position) -> None:
    with company.scope():
        bare = Position.objects.create(name="客服")
        Assignment.objects.filter(employee=company.people["bob"]).update(position=bare)
        ids = [company.people[key].pk for key in ("bob", "cid")]
        bob, cid = (coverage_of(ids, QUARTER, TODAY)[pk] for pk in ids)
    assert (bob.position, bob.lines) == (bare, [])
    assert (cid.position, cid.lines, cid.next_line) == (None, [], None)


def test_logged_hours_count_for_the_duty_that_the_words_mean(company: Company, position: Position) -> None:
    ann = company.people["ann"]
    with company.scope():
        duties = list(position.duties.all())
        for at, (words, hours) in enumerate(
            [(str(duties[0].text_zh)[:120], 3), ("销售合同", 1), ("打扫卫生", 2), ("客户", 1)]
        ):
            DutyTime.objects.create(employee=ann, day=TODAY, duty=words, hours=hours, position=at)
        times = times_of(duties, [ann.pk], QUARTER.start, QUARTER.end)
    assert times.by_duty == {duties[0].pk: 3, duties[2].pk: 1}
    assert times.other == [("打扫卫生", Decimal(2)), ("客户", Decimal(1))]  # “客户” is a part of several duties
    assert (times.known, times.total) == (4, 7)
    assert times.share("sales_support") == 75


def test_the_list_shows_managers_their_people_and_hr_everybody(company: Company, position: Position) -> None:
    with company.scope():
        workspace = workspace_of(company.tenant)

        def names(role: str, **query: str) -> list[str]:
            viewer = viewer_in(company.users[role].pk, workspace.today())
            assert viewer is not None
            return [row.employee.name for row in read(query, viewer=viewer, workspace=workspace).rows()]

        assert sorted(names("manager")) == ["Bob Bell", "李安"]
        assert len(names("hr")) == len(names("auditor")) == 6
        assert names("hr", q="cid") == ["Cid Cole"]
        assert names("hr", unit=str(company.units["south"].pk), sort="name", who="all") == ["Cid Cole", "Rex Rival"]
        assert names("hr", unit="nonsense", period="x", sort="?") == names("hr")


def test_the_pages_of_duties_take_a_fixed_number_of_queries(
    company: Company, position: Position, sign_in: SignIn
) -> None:
    client = sign_in(company.users["hr"])

    def count(address: str) -> int:
        client.get(address)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        return len(queries)

    ann = company.people["ann"].pk
    addresses = ["/w/acme/goals/duties/", f"/w/acme/people/{ann}/duties/",
                 f"/w/acme/people/positions/{position.pk}/duties/"]  # fmt: skip
    before = [count(address) for address in addresses]
    with company.scope():
        Assignment.objects.exclude(employee=ann).update(position=position)
        for code in ("csat", "orders", "complaints", "referrals"):
            goal(company, code)
            goal(company, code, employee=company.people["bob"])
        set_metrics(Duty.objects.latest("pk").pk, [metric("orders").pk])
    assert [count(address) for address in addresses] == before


def test_hr_chooses_metrics_on_the_page_and_an_assistant_reads_them(
    company: Company, position: Position, sign_in: SignIn
) -> None:
    hr, ann = sign_in(company.users["hr"]), sign_in(company.users["assistant"])
    with company.scope():
        duty, chosen = position.duties.all()[10], metric("nps")
    page = f"/w/acme/people/positions/{position.pk}/duties/"
    assert hr.post(f"{page}{duty.pk}/metrics/", {"metrics": [str(chosen.pk)]}).status_code == 302
    text = ann.get(page).content.decode()
    assert "NPS" in text
    assert f"{duty.pk}/metrics/" not in text
    assert ann.post(f"{page}{duty.pk}/metrics/", {"metrics": []}).status_code == 403
    assert "NPS" in hr.get(f"{page}{duty.pk}/metrics/").content.decode()


def test_the_manager_is_led_to_the_goal_that_is_missing(
    company: Company, position: Position, sign_in: SignIn
) -> None:
    ann = company.people["ann"].pk
    manager, own = sign_in(company.users["manager"]), sign_in(company.users["assistant"])
    link = "metric=enquiries_answered"
    assert link in manager.get("/w/acme/goals/duties/").content.decode()
    assert link in manager.get(f"/w/acme/people/{ann}/duties/").content.decode()
    assert link not in own.get(f"/w/acme/people/{ann}/duties/").content.decode()
    assert own.get("/w/acme/goals/duties/").status_code == 403
    assert manager.get(f"/w/acme/people/{company.people['cid'].pk}/duties/").status_code == 404
