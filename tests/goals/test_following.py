"""How stored goals stand: figures of every level from rollups, own working days, locked periods, fixed queries."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from goals.following.selectors import judged, standing_of, standings, target_goals
from goals.models import Goal, GoalMember, MonthlyTarget
from goals.rules import Pace
from perfmgmt.closing.services import lock_period
from perfmgmt.metrics.models import Metric
from perfmgmt.people.models import Absence
from perfmgmt.tenants.calendar import Period
from tests.factories import Company

MARCH = {"grain": 3, "first_day": date(2025, 3, 1), "last_day": date(2025, 3, 31)}
QUARTER = {"grain": 4, "first_day": date(2025, 1, 1), "last_day": date(2025, 3, 31)}
TODAY = date(2025, 3, 17)


@pytest.fixture(autouse=True)
def _scope(company: Company) -> Iterator[None]:
    with company.scope():
        yield


def goal(company: Company, metric: str = "sales_amount", **values: Any) -> Goal:
    whose = {} if {"level", "unit"} & values.keys() else {"level": "person", "employee": company.people["ann"]}
    found = Metric.objects.get(code=metric) if metric else None
    return Goal.objects.create(**{"metric": found, "title": metric, "state": "agreed", **whose, **MARCH, **values})


def deals(company: Company, *rows: tuple[str, str, date, Any]) -> None:
    for person, metric, day, value in rows:
        company.fact(person, metric, day, value)
    company.drain()


def test_a_persons_month(company: Company) -> None:
    deals(company, ("ann", "sales_amount", date(2025, 3, 3), 600), ("bob", "sales_amount", date(2025, 3, 3), 9))
    found = standing_of(goal(company, target=1050), today=TODAY)
    # 21 working days, 10 of them through the 14th.
    assert (found.actual, found.n) == (600, 1)
    assert (found.time.elapsed, found.time.total, found.expected) == (10, 21, 500)
    assert (found.pace, found.attainment) == (Pace.AHEAD, Fraction(600, 1050))


def test_days_away_are_not_expected(company: Company) -> None:
    deals(company, ("ann", "sales_amount", date(2025, 3, 3), 600))
    ann = company.people["ann"]
    Absence.objects.create(employee=ann, kind="annual", first_day=date(2025, 3, 3), last_day=date(2025, 3, 7))
    Absence.objects.create(
        employee=ann, kind="sick", first_day=date(2025, 3, 10), last_day=date(2025, 3, 10), hours=4
    )
    found = standing_of(goal(company, target=1050), today=TODAY)
    assert (found.time.elapsed, found.time.total) == (Fraction(9, 2), Fraction(31, 2))


def test_units_teams_and_the_company(company: Company) -> None:
    day = date(2025, 3, 3)
    deals(
        company, ("ann", "sales_amount", day, 100), ("bob", "sales_amount", day, 20), ("cid", "sales_amount", day, 3)
    )
    north, south = company.units["north"], company.units["south"]
    team = goal(company, level="team", unit=north, target=10)
    shared = goal(company, level="team", unit=south, target=10)
    for person in ("ann", "cid"):
        GoalMember.objects.create(goal=shared, employee=company.people[person], share=50)
    goals = [
        goal(company, level="company", target=10),
        goal(company, level="unit", unit=north, target=10),
        goal(company, level="unit", unit=company.units["sales"], target=10),
        team,
        shared,
    ]
    found = standings(goals, today=TODAY)
    assert [found[each.pk].actual for each in goals] == [123, 120, 123, 120, 103]


def test_own_dates_are_put_together_from_days(company: Company) -> None:
    deals(
        company,
        ("ann", "sales_amount", date(2025, 2, 28), 1),
        ("ann", "sales_amount", date(2025, 3, 5), 10),
        ("ann", "sales_amount", date(2025, 3, 14), 100),
        ("ann", "active_customers", date(2025, 3, 5), 1),
        ("ann", "active_customers", date(2025, 3, 6), 1),
    )
    own = {"grain": 0, "first_day": date(2025, 3, 4), "last_day": date(2025, 3, 20)}
    sums, distinct = judged(
        [goal(company, target=1000, **own), goal(company, "active_customers", target=3, **own)], today=TODAY
    )
    assert (sums.actual, sums.is_unanswerable) == (110, False)
    assert (distinct.actual, distinct.is_unanswerable) == (None, True)


def test_in_each_month_the_worst_one_decides(company: Company) -> None:
    for month, score in ((1, 4), (2, 5), (3, 3)):
        company.fact("ann", "csat", date(2025, month, 5), score)
    company.drain()
    each = goal(company, "csat", target=4, counting="each", **QUARTER)
    found = standing_of(each, today=date(2025, 2, 20))
    assert (found.actual, found.decides, len(found.months)) == (4, date(2025, 1, 1), 2)
    assert found.pace is Pace.ON_TRACK
    found = standing_of(each, today=date(2025, 4, 1))
    assert (found.actual, found.decides, found.pace) == (3, date(2025, 3, 1), Pace.OVERDUE)
    Goal.objects.filter(pk=each.pk).update(counting="whole")
    assert standing_of(Goal.objects.get(pk=each.pk), today=date(2025, 4, 1)).pace is Pace.ACHIEVED


def test_a_band_and_a_milestone(company: Company) -> None:
    errors = goal(company, "data_entry_errors", form="band", band_low=0, band_high=0, band_tolerance=0)
    deed = goal(company, "", done_on=None)
    found = standings([errors, deed], today=TODAY)
    assert (found[errors.pk].pace, found[errors.pk].attainment) == (Pace.ON_TRACK, 1)
    assert (found[deed.pk].status, found[deed.pk].attainment) == ("open", None)
    deals(company, ("ann", "data_entry_errors", date(2025, 3, 3), 1))
    assert standing_of(errors, today=TODAY).pace is Pace.OFF_TRACK
    assert standing_of(deed, today=date(2025, 4, 1)).pace is Pace.OVERDUE


def test_a_locked_goal_is_followed_by_its_prorated_target(company: Company) -> None:
    deals(company, ("ann", "sales_amount", date(2025, 3, 3), 600))
    mine = goal(company, target=1200, prorated=600)
    assert standing_of(mine, today=TODAY).attainment == Fraction(1, 2)
    mine.state = "locked"
    found = standing_of(mine, today=TODAY)
    assert (found.attainment, found.target) == (1, 600)


def test_a_goal_to_come_has_not_started(company: Company) -> None:
    for code in ("sales_amount", "csat"):
        assert standing_of(goal(company, code, target=4), today=date(2025, 2, 1)).pace is Pace.NOT_STARTED


def test_a_locked_period_counts_as_it_was_locked(company: Company) -> None:
    deals(company, ("ann", "sales_amount", date(2025, 3, 3), 600))
    mine = goal(company, target=600)
    unit = goal(company, level="unit", unit=company.units["north"], target=600)
    march = Period.parse("2025-03")
    lock_period(march, today=date(2025, 4, 2), user_id=None, job_id=None, slug="acme")
    deals(company, ("ann", "sales_amount", date(2025, 3, 4), 50))
    found = standings([mine, unit], today=date(2025, 4, 3))
    assert [each.actual for each in found.values()] == [600, 600]


def test_targets_of_a_month_are_judged_like_goals(company: Company) -> None:
    deals(company, ("ann", "sales_amount", date(2025, 3, 3), 600))
    MonthlyTarget.objects.create(
        metric=Metric.objects.get(code="sales_amount"), employee=company.people["ann"], month=date(2025, 3, 1),
        value=Decimal(600),
    )  # fmt: skip
    (found,) = judged(target_goals([company.people["ann"].pk], date(2025, 3, 1)), today=TODAY)
    assert (found.attainment, found.pace) == (1, Pace.AHEAD)


def test_the_queries_do_not_grow_with_the_goals(company: Company) -> None:
    def count(goals: list[Goal]) -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            standings(goals, today=TODAY)
        return len(queries)

    few = [goal(company, target=1), goal(company, level="company", target=1)]
    few.append(goal(company, level="team", unit=company.units["north"], target=5))
    many = [
        *few,
        *(goal(company, code, target=1) for code in ("orders", "csat", "win_rate")),
        *(goal(company, target=1, employee=company.people[who], level="person") for who in ("bob", "cid")),
        goal(company, "csat", target=1, **QUARTER),
        goal(company, target=1, grain=0, first_day=date(2025, 3, 2), last_day=date(2025, 3, 9)),
        goal(company, level="unit", unit=company.units["north"], target=1),
    ]
    assert count(many) == count(few) <= 12
