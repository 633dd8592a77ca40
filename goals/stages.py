"""The months of a goal: how it is laid down in the cells of the target grid, and how open goals follow the cells.

Only a person's goals in a metric have cells. A sum's or count's target is split over its months; a level (mean,
ratio, score) that holds in each month stands in every one of them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet

from goals.models import Counting, Form, Goal, Length, Level, MonthlyTarget, State
from goals.news import tell_goals_changed
from goals.rules import ADDING, split_target
from perfmgmt.metrics.models import Metric, UnitOfMeasure
from perfmgmt.tenants.calendar import Grain, Period, periods_between
from perfmgmt.tenants.scope import current_tenant_id
from perfmgmt.tenants.workdays import WorkingCalendar

MONEY_PLACES = 2


def places_of(metric: Metric) -> int:
    """Return to how many decimals a metric's targets are rounded: money to the fen, all else to whole units."""
    return MONEY_PLACES if metric.unit_of_measure == UnitOfMeasure.MONEY else 0


def adds_up(metric: Metric) -> bool:
    """Return whether the months of a metric sum to the quarter."""
    return metric.aggregation in ADDING


def months_of(goal: Goal) -> list[date]:
    """Return the first days of the months a goal covers; none for a goal that begins or ends within a month."""
    months = list(periods_between(Grain.MONTH, goal.first_day, goal.last_day))
    if goal.first_day != months[0].start or goal.last_day != months[-1].end:
        return []
    return [month.start for month in months]


def has_cells(goal: Goal) -> bool:
    """Return whether a goal is laid down by months: a person's, in a metric, with a number."""
    if goal.level != Level.PERSON or goal.metric is None or goal.target is None or goal.form == Form.BAND:
        return False
    return adds_up(goal.metric) or goal.counting == Counting.EACH


def split_over_months(
    target: Decimal, months: list[date], calendar: WorkingCalendar, *, before: Mapping[date, Decimal]
) -> dict[date, Decimal]:
    """Return a target split over months (RULES.md section 10), exactly: in whole units where it is whole.

    In the shape of what the months had `before`, if all of them had something; else by their working days, and by
    their days where there are none.
    """
    shape = [before.get(month) for month in months]
    if all(value for value in shape):
        scaled = [int(Decimal(str(value)).scaleb(4)) for value in shape]
        return dict(zip(months, split_target(target, scaled), strict=True))
    ends = [Period(Grain.MONTH, month).end for month in months]
    weights = [calendar.working_days(month, end) for month, end in zip(months, ends, strict=True)]
    if not any(weights):
        weights = [(end - month).days + 1 for month, end in zip(months, ends, strict=True)]
    return dict(zip(months, split_target(target, weights), strict=True))


def spread(goal: Goal, calendar: WorkingCalendar, *, user_id: int | None) -> int:
    """Write a person's goal into the cells of its months; return how many changed.

    A year with stages of its own (quarters, months) leaves the cells to these.
    """
    tell_goals_changed([goal])
    months = months_of(goal)
    if not months or not has_cells(goal) or goal.metric is None or goal.target is None:
        return 0
    if goal.grain == Length.YEAR and _staged(goal):
        return 0
    cells = MonthlyTarget.objects.filter(metric=goal.metric, employee_id=goal.employee_id or 0, month__in=months)
    before = dict(cells.values_list("month", "value"))
    if adds_up(goal.metric):
        wanted = split_over_months(goal.target, months, calendar, before=before)
    else:
        wanted = dict.fromkeys(months, goal.target)
    changed = {month: value for month, value in wanted.items() if before.get(month) != value}
    MonthlyTarget.objects.bulk_create(
        [
            MonthlyTarget(
                metric=goal.metric, employee_id=goal.employee_id or 0, month=month, value=value, updated_by_id=user_id
            )
            for month, value in sorted(changed.items())
        ],
        update_conflicts=True,
        unique_fields=["tenant", "metric", "employee", "month"],
        update_fields=["value", "updated_by", "updated_at"],
    )
    return len(changed)


def clear(goal: Goal) -> int:
    """Take a cancelled goal's months out of the grid, where no other live goal covers them; return how many."""
    tell_goals_changed([goal])
    months = months_of(goal)
    if not months or not has_cells(goal):
        return 0
    others = _live(goal).values_list("first_day", "last_day")
    free = [month for month in months if not any(first <= month <= last for first, last in others)]
    rows = MonthlyTarget.objects.filter(
        metric_id=goal.metric_id or 0, employee_id=goal.employee_id or 0, month__in=free
    )
    return rows.delete()[0]


def _live(goal: Goal) -> QuerySet[Goal]:
    return Goal.objects.filter(
        level=Level.PERSON, employee_id=goal.employee_id or 0, metric_id=goal.metric_id or 0,
        first_day__lte=goal.last_day, last_day__gte=goal.first_day,
    ).exclude(Q(pk=goal.pk) | Q(state__in=[State.CANCELLED, State.DRAFT]))  # fmt: skip


def _staged(goal: Goal) -> bool:
    return _live(goal).filter(grain__in=[Length.QUARTER, Length.MONTH]).exists()


@dataclass(frozen=True)
class Followed:
    """An open goal whose number followed its months."""

    goal_id: int
    before: Decimal | None
    after: Decimal
    version: int


# Open goals of sums and counts whose months all have a cell, and what these sum to.
_SUMS = """
    SELECT g.id, g.target, sum(t.value), g.version + 1
    FROM goals_goal g
    JOIN metrics_metric m ON m.tenant_id = g.tenant_id AND m.id = g.metric_id AND m.aggregation = ANY(%(adding)s)
    JOIN goals_monthlytarget t ON t.tenant_id = g.tenant_id AND t.metric_id = g.metric_id
        AND t.employee_id = g.employee_id AND t.month >= g.first_day AND t.month <= g.last_day
    WHERE g.tenant_id = %(tenant)s AND g.level = 'person' AND g.form = 'absolute' AND g.grain = ANY(%(grains)s)
        AND g.state = ANY(%(open)s) AND g.employee_id = ANY(%(people)s) AND g.metric_id = ANY(%(metrics)s)
        AND g.first_day <= %(last)s AND g.last_day >= %(first)s
    GROUP BY g.id, g.target, g.version, g.grain
    HAVING count(*) = CASE g.grain WHEN 3 THEN 1 ELSE 3 END AND sum(t.value) IS DISTINCT FROM g.target
"""


def follow(metric_ids: Iterable[int], employee_ids: Iterable[int], months: Iterable[date]) -> list[Followed]:
    """Let open goals of a month or a quarter follow the cells that were just written; return what moved.

    Goals of a year keep their number, and the gap to their months shows.
    """
    months = sorted(months)
    if not months:
        return []
    params: dict[str, Any] = {
        "tenant": current_tenant_id(), "adding": list(ADDING), "grains": [int(Length.MONTH), int(Length.QUARTER)],
        "open": [State.DRAFT, State.PROPOSED, State.COUNTERED], "people": list(employee_ids),
        "metrics": list(metric_ids), "first": months[0], "last": months[-1],
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_SUMS, params)
        moved = [Followed(*row) for row in cursor.fetchall()]
    goals = Goal.objects.in_bulk([it.goal_id for it in moved])
    for it in moved:
        goals[it.goal_id].target = it.after
        goals[it.goal_id].version = it.version
    Goal.objects.bulk_update(goals.values(), ["target", "version"], batch_size=500)
    return moved
