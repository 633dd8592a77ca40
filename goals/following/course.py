"""The course of a goal: what was reached day by day against what was expected, for a small chart."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from django.db.models import Sum

from goals.following.actuals import is_by_unit, owners_of
from goals.following.rules import course as expected_course
from goals.following.selectors import Standing
from goals.groups import people_behind
from goals.models import Level
from perfmgmt.metrics.forecast.selectors import month_factors
from perfmgmt.metrics.models import EmployeeRollup, UnitRollup
from perfmgmt.people.own_days import OwnDays, own_days
from perfmgmt.tenants.calendar import Grain, periods_between
from perfmgmt.tenants.workdays import ONE_DAY, WorkingCalendar

# A year has a point for each week, a quarter and less one for each day.
MOST_POINTS = 100
# Months whose factors lie closer together than this have no season worth a line of its own.
LEAST_SEASON = Fraction(2, 100)


@dataclass(frozen=True)
class Course:
    """Points of days: the sum up to each (None after today), and what is expected by then, in the metric's unit.

    `expected` goes by working days, as the pace does; `seasonal` by working days and the season, where the history
    knows one; `due` is that line's value of yesterday.
    """

    days: list[date]
    actual: list[Decimal | None]
    expected: list[Fraction]
    seasonal: list[Fraction] | None = None
    due: Fraction | None = None


def course_of(standing: Standing, *, today: date, calendar: WorkingCalendar) -> Course | None:
    """Return the course of a sum or count with a target; None for other goals.

    Four queries for a month, at most eight for a longer goal of several people.
    """
    goal = standing.goal
    if not standing.is_additive or not standing.target:
        return None
    days = [goal.first_day + step * ONE_DAY for step in range((goal.last_day - goal.first_day).days + 1)]
    own = _own(standing)

    def weight(day: date) -> Fraction:
        return own.weight(calendar, day) if own else Fraction(calendar.works(day))

    line = expected_course(standing.target, days, weight)
    season = _season(standing, today)
    by_season = (
        expected_course(standing.target, days, lambda day: weight(day) * season[day.month]) if season else None
    )
    found = _by_day(standing, days)
    actual: list[Decimal | None] = []
    total = Decimal(0)
    for day in days:
        total += found.get(day, Decimal(0))
        actual.append(total if day <= today else None)
    step = 7 if len(days) > MOST_POINTS else 1
    chosen = [index for index in range(len(days)) if (len(days) - 1 - index) % step == 0]
    return Course(
        [days[i] for i in chosen], [actual[i] for i in chosen], [line[i] for i in chosen],
        [by_season[i] for i in chosen] if by_season else None,
        _through_yesterday(by_season, days, today) if by_season else None,
    )  # fmt: skip


def _through_yesterday(line: list[Fraction], days: list[date], today: date) -> Fraction:
    gone = sum(1 for day in days if day < today)
    return line[gone - 1] if gone else Fraction(0)


def _season(standing: Standing, today: date) -> dict[int, Fraction]:
    """Return the factors of the goal's calendar months; empty where it has one month only, or they hardly differ."""
    goal, metric = standing.goal, standing.metric
    months = {month.start.month for month in periods_between(Grain.MONTH, goal.first_day, goal.last_day)}
    if metric is None or len(months) < 2:
        return {}
    found = month_factors(metric, people_behind(goal, on=today))
    if not months <= found.keys():
        return {}
    factors = {month: Fraction(found[month]).limit_denominator(10_000) for month in months}
    return factors if max(factors.values()) - min(factors.values()) >= LEAST_SEASON else {}


def _own(standing: Standing) -> OwnDays | None:
    goal = standing.goal
    if goal.level != Level.PERSON or goal.employee_id is None:
        return None
    return own_days([goal.employee_id], goal.first_day, goal.last_day)[goal.employee_id]


def _by_day(standing: Standing, days: Sequence[date]) -> dict[date, Decimal]:
    """Return what each day added, for everybody whose figure counts; one query."""
    goal, owners = standing.goal, owners_of([standing.goal])[0]
    by_unit = is_by_unit(goal, owners)
    rows = (UnitRollup if by_unit else EmployeeRollup).objects.filter(
        metric_id=goal.metric_id or 0, grain=int(Grain.DAY), start__gte=days[0], start__lte=days[-1],
        **{"unit_id__in" if by_unit else "employee_id__in": owners},
    )  # fmt: skip
    return dict(rows.values_list("start").annotate(Sum("total")))
