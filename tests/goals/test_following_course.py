"""The course of a goal: the sum up to each day, against what is due by then."""

from collections.abc import Callable, Iterator
from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from django.test import Client

from goals.following.course import course_of
from goals.following.selectors import standing_of
from goals.models import Goal
from perfmgmt.metrics.models import Forecast, ForecastBasis, Metric
from perfmgmt.tenants.selectors import working_calendar
from tests.factories import Company, today_here

MARCH = {"grain": 3, "first_day": date(2025, 3, 1), "last_day": date(2025, 3, 31)}
YEAR = {"grain": 5, "first_day": date(2025, 1, 1), "last_day": date(2025, 12, 31)}
TODAY = date(2025, 3, 17)


@pytest.fixture(autouse=True)
def _scope(company: Company) -> Iterator[None]:
    with company.scope():
        company.fact("ann", "sales_amount", date(2025, 3, 3), 600)
        company.fact("bob", "sales_amount", date(2025, 3, 3), 50)
        company.fact("ann", "sales_amount", date(2025, 3, 12), 100)
        company.drain()
        yield


def goal(company: Company, metric: str = "sales_amount", **values: Any) -> Goal:
    whose = {} if "level" in values else {"level": "person", "employee": company.people["ann"]}
    found = Metric.objects.get(code=metric)
    return Goal.objects.create(
        **{"metric": found, "title": "x", "state": "agreed", "target": 2100, **whose, **values}
    )


def test_a_person_s_month(company: Company) -> None:
    mine = goal(company, **MARCH)
    course = course_of(standing_of(mine, today=TODAY), today=TODAY, calendar=working_calendar())
    assert course is not None
    assert len(course.days) == 31
    assert [course.actual[day - 1] for day in (1, 3, 11, 12, 17, 18)] == [0, 600, 600, 700, 700, None]
    assert [course.expected[day - 1] for day in (1, 3, 7, 9, 31)] == [0, 100, 500, 500, 2100]


def test_a_unit_s_year_has_a_point_a_week_and_its_last_day(company: Company) -> None:
    unit = goal(company, level="unit", unit=company.units["north"], **YEAR)
    course = course_of(standing_of(unit, today=TODAY), today=TODAY, calendar=working_calendar())
    assert course is not None
    assert (len(course.days), course.days[-1]) == (53, date(2025, 12, 31))
    assert max(value for value in course.actual if value is not None) == 750
    assert course.expected[-1] == 2100


def test_a_mean_has_no_course(company: Company) -> None:
    mine = goal(company, "csat", **MARCH)
    assert course_of(standing_of(mine, today=TODAY), today=TODAY, calendar=working_calendar()) is None


def season(company: Company, *people: str, july: float = 2.0) -> None:
    """Forecasts of next year's months, July as asked, of people whose usual month is 100."""
    metric = Metric.objects.get(code="sales_amount")
    for name in people:
        who = company.people[name]
        ForecastBasis.objects.create(
            metric=metric, employee=who, grain=3, transform="sqrt", basis="own", months=24, history=[], step=0,
            through=date(2025, 2, 28),
        )  # fmt: skip
        for month in range(1, 13):
            factor = july if month == 7 else 1.0
            Forecast.objects.create(
                metric=metric, employee=who, grain=3, start=date(2026, month, 1), point=100 * factor, low=0, high=0,
                mu=0, sigma=0, season=factor, market=1, days=1,
            )  # fmt: skip


def test_a_longer_goal_has_a_line_by_season_beside_the_one_by_working_days(company: Company) -> None:
    season(company, "ann")
    third = {"grain": 4, "first_day": date(2025, 7, 1), "last_day": date(2025, 9, 30)}
    mine, calendar = goal(company, **third), working_calendar()
    august = date(2025, 8, 1)
    course = course_of(standing_of(mine, today=august), today=august, calendar=calendar)
    assert course is not None and course.seasonal is not None
    july, rest = (
        calendar.working_days(date(2025, 7, 1), date(2025, 7, 31)),
        calendar.working_days(august, date(2025, 9, 30)),
    )
    assert course.due == course.seasonal[30] == Fraction(2100 * 2 * july, 2 * july + rest)
    assert course.expected[30] == Fraction(2100 * july, july + rest)
    assert course.seasonal[-1] == course.expected[-1] == 2100
    # The pace and what is due beside it stay as RULES.md section 9 has them: by working days.
    assert standing_of(mine, today=august, calendar=calendar).expected == course.expected[30]


def test_a_season_that_says_nothing_has_no_line(company: Company) -> None:
    season(company, "ann", july=1.01)
    mine = goal(company, grain=4, first_day=date(2025, 7, 1), last_day=date(2025, 9, 30))
    month = goal(company, **{**MARCH, "title": "y"})
    for each in (mine, month):
        course = course_of(standing_of(each, today=TODAY), today=TODAY, calendar=working_calendar())
        assert course is not None
        assert (course.seasonal, course.due) == (None, None)


def test_the_season_of_a_unit_is_that_of_its_people(company: Company) -> None:
    season(company, "ann", july=3.0)
    season(company, "bob", july=1.0)
    values: dict[str, Any] = {"first_day": date(2025, 6, 1), "last_day": date(2025, 7, 31), "grain": 0}
    unit = goal(company, level="unit", unit=company.units["north"], **values)
    course = course_of(standing_of(unit, today=TODAY), today=TODAY, calendar=working_calendar())
    assert course is not None and course.seasonal is not None
    june, july = (working_calendar().working_days(date(2025, m, 1), date(2025, m, 30 + (m == 7))) for m in (6, 7))
    assert course.seasonal[29] == Fraction(2100 * june, june + 2 * july)
    assert course.due == 0


def test_the_page_says_both_lines(company: Company, sign_in: Callable[[Any], Client]) -> None:
    season(company, "ann")
    mine = goal(company, **YEAR | {"first_day": date(today_here().year, 1, 1),
                                   "last_day": date(today_here().year, 12, 31)})  # fmt: skip
    page = sign_in(company.users["manager"]).get(
        f"/w/acme/goals/{mine.pk}/progress/", headers={"accept-language": "en"}
    )
    text = page.content.decode()
    assert "by working days, as the status" in text
    assert "if the months differ as in earlier years" in text


def test_the_page_of_it(company: Company, sign_in: Callable[[Any], Client]) -> None:
    mine = goal(company, **MARCH)
    client = sign_in(company.users["manager"])
    address = f"/w/acme/goals/{mine.pk}/progress/"
    whole = client.get(address, headers={"accept-language": "en"}).content.decode()
    part = client.get(address, headers={"accept-language": "en", "hx-request": "true"}).content.decode()
    assert "<!doctype" in whole.lower()
    assert "<!doctype" not in part.lower()
    assert "Course of the goal" in part
    assert sign_in(company.users["payroll"]).get(address).status_code == 403
