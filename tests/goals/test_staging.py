"""The stages of a goal: exact, by season, days or evenly; and real sales of thirty agents split down to months."""

import csv
from collections import defaultdict
from datetime import date
from decimal import Decimal
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from goals import stages, staging
from goals.agreement.services import propose
from goals.making import BadGoal, cancel_goal, create_goal, edit_goal
from goals.models import Goal, MonthlyTarget
from goals.rules import split_target
from perfmgmt.metrics.selectors import metric_by_code
from perfmgmt.people.services import add_employee, assign
from perfmgmt.tenants.errors import Conflict, DomainError
from tests.factories import Company
from tests.goals.conftest import TODAY, Goals

CRM = Path(__file__).resolve().parents[3] / "shared" / "data" / "crm" / "sales_pipeline.csv"
YEAR = {"grain": 5, "first_day": date(2025, 1, 1), "last_day": date(2025, 12, 31)}


@given(st.decimals(0, 10**9, places=2), st.lists(st.integers(0, 10**6), min_size=1, max_size=12).filter(any))
def test_parts_of_an_amount_always_sum_to_it(target: Decimal, weights: list[int]) -> None:
    parts = split_target(target, weights, places=2)
    assert sum(parts) == target and all(part >= 0 for part in parts)


@pytest.mark.django_db
def test_a_year_is_split_into_quarters_that_sum_to_it(goals: Goals) -> None:
    year = goals.make(target=Decimal("1000000.01"), **YEAR)
    quarters = staging.split_goal(
        year.pk, staging.EVEN, viewer=goals.viewer("manager"), today=TODAY, fiscal_start_month=1
    )
    assert [quarter.target for quarter in quarters] == [
        Decimal("250000.01"), Decimal("250000.00"), Decimal("250000.00"), Decimal("250000.00")
    ]  # fmt: skip
    assert [(quarter.first_day, quarter.parent) for quarter in staging.stages_of(year)] == [
        (date(2025, month, 1), year) for month in (1, 4, 7, 10)
    ]


@pytest.mark.django_db
def test_it_follows_the_season_of_last_year(goals: Goals) -> None:
    for month, value in ((2, 100), (5, 200), (8, 300), (11, 400)):
        goals.company.fact("ann", "sales_amount", date(2024, month, 3), value)
    goals.company.drain()
    year = goals.make(target=Decimal(1000), **YEAR)
    assert [stage.target for stage in staging.plan(year, staging.SEASON, 1)] == [100, 200, 300, 400]


@pytest.mark.django_db
def test_without_a_last_year_the_working_days_count(goals: Goals) -> None:
    year = goals.make(metric="orders", target=Decimal(1000), **YEAR)
    by_season, by_days = (staging.plan(year, way, 1) for way in (staging.SEASON, staging.DAYS))
    assert by_season == by_days and sum(stage.target or 0 for stage in by_days) == 1000
    assert by_days[0].target != by_days[2].target


@pytest.mark.django_db
def test_a_level_holds_in_every_stage(goals: Goals) -> None:
    year = goals.make(metric="win_rate", target=Decimal("0.4"), **YEAR)
    assert {stage.target for stage in staging.plan(year, staging.DAYS, 1)} == {Decimal("0.4")}
    assert staging.gap(year, [year]) is None


@pytest.mark.django_db
def test_stages_are_made_once_and_their_gap_shows(goals: Goals) -> None:
    year, manager = goals.make(target=Decimal(1000), **YEAR), goals.viewer("manager")
    staging.split_goal(year.pk, staging.EVEN, viewer=manager, today=TODAY, fiscal_start_month=1)
    with pytest.raises(DomainError) as error:
        staging.split_goal(year.pk, staging.EVEN, viewer=manager, today=TODAY, fiscal_start_month=1)
    assert error.value.code == "has_stages"
    Goal.objects.filter(parent=year, first_day=date(2025, 4, 1)).update(target=Decimal(200))
    assert staging.gap(year, staging.stages_of(year)) == -50


@pytest.mark.django_db
def test_a_goal_that_is_there_is_not_doubled(goals: Goals) -> None:
    goals.make(target=Decimal(10))
    year = goals.make(target=Decimal(1000), **YEAR)
    with pytest.raises(DomainError) as error:
        staging.split_goal(year.pk, staging.EVEN, viewer=goals.viewer("manager"), today=TODAY, fiscal_start_month=1)
    assert error.value.code == "stage_taken"


@pytest.mark.django_db
@pytest.mark.skipif(not CRM.exists(), reason="the CRM data lies beside the project, not in it")
def test_real_sales_of_thirty_agents_are_split_down_to_months(goals: Goals) -> None:
    """Annual (last year and a tenth more) -> quarterly by season -> monthly: every level sums to the one above."""
    sales: dict[str, Decimal] = defaultdict(Decimal)
    with CRM.open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["deal_stage"] == "Won" and row["close_date"].startswith("2017"):
                sales[row["sales_agent"]] += Decimal(row["close_value"])
    agents = sorted(sales)[:30]
    assert len(agents) == 30
    hr, metric = goals.viewer("hr"), metric_by_code("sales_amount")
    for number, name in enumerate(agents):
        person = add_employee(f"A{number:03}", name)
        assign(person, unit=goals.company.units["north"], valid_from=date(2025, 1, 1),
               manager=goals.company.people["manager"])  # fmt: skip
        target = (sales[name] * Decimal("1.1")).quantize(Decimal("0.01"))
        year = goals.make(by="hr", employee_id=person.pk, target=target, title=name, **YEAR)
        quarters = staging.split_goal(year.pk, staging.SEASON, viewer=hr, today=TODAY, fiscal_start_month=1)
        assert sum(quarter.target or 0 for quarter in quarters) == target
        for quarter in quarters:
            propose(quarter.pk, viewer=hr, today=date(2025, 1, 2))
            months = MonthlyTarget.objects.filter(
                metric=metric, employee=person, month__in=stages.months_of(quarter)
            ).values_list("value", flat=True)
            assert len(months) == 3 and sum(months) == quarter.target


def test_days_of_a_goal_stay_around_those_of_the_goals_below(goals: Goals) -> None:
    hr, north = goals.viewer("hr"), goals.company.units["north"].pk
    year = {"level": "unit", "employee_id": None, "unit_id": north, "grain": 5,
            "first_day": date(2025, 1, 1), "last_day": date(2025, 12, 31)}  # fmt: skip
    made = goals.make(by="hr", **year)
    staging.split_goal(made.pk, "even", viewer=hr, today=TODAY, fiscal_start_month=1)
    later = {**year, "first_day": date(2026, 1, 1), "last_day": date(2026, 12, 31)}
    with pytest.raises(BadGoal) as error:
        edit_goal(made.pk, goals.draft(**later), viewer=hr, today=TODAY)
    assert error.value.field == "last_day" and "2025-01-01" in str(error.value)
    assert edit_goal(made.pk, goals.draft(**year, title="As before"), viewer=hr, today=TODAY).title == "As before"
    for stage in made.children.all():
        cancel_goal(stage.pk, viewer=hr, today=TODAY)
    assert edit_goal(made.pk, goals.draft(**later), viewer=hr, today=TODAY).first_day == date(2026, 1, 1)


def test_a_stage_that_somebody_makes_meanwhile_is_a_conflict(committed: None) -> None:
    company, made, answers = Company.create("acme"), Event(), list[Any]()
    wide: dict[str, Any] = {"level": "company", "employee_id": None}
    with company.scope():
        goals = Goals(company)
        hr = goals.viewer("hr")
        year = goals.make(by="hr", **wide, grain=5, first_day=date(2025, 1, 1), last_day=date(2025, 12, 31))

    def split() -> None:
        made.wait()
        try:
            with company.scope():
                answers.append(staging.split_goal(year.pk, "even", viewer=hr, today=TODAY, fiscal_start_month=1))
        except Conflict as conflict:
            answers.append(conflict)
        finally:
            connection.close()

    thread = Thread(target=split)
    thread.start()
    with company.scope():
        create_goal(goals.draft(**wide), viewer=hr, today=TODAY)  # the second quarter
        made.set()
        thread.join(0.5)  # it waits for this transaction
    thread.join()
    assert isinstance(answers[0], Conflict)
    with company.scope():
        assert Goal.objects.count() == 2
