"""Reads of what was agreed."""

from collections.abc import Iterable
from datetime import date

from django.db.models import Exists, OuterRef, Q

from goals.models import ChangeRequest, Goal, GoalRules, GoalStep, Length, Level, RequestState, State
from perfmgmt.tenants.calendar import Grain, periods_between

BINDING = (State.AGREED, State.LOCKED)


def rules_of_goals() -> GoalRules:
    """Return what the workspace decided about goals; the defaults, unsaved, where nobody has decided anything."""
    return GoalRules.objects.first() or GoalRules()


def bound_cells(
    metric_ids: Iterable[int], employee_ids: Iterable[int], first: date, last: date
) -> dict[tuple[int, int, date], int]:
    """Return the months that change by request only: (metric id, employee id, month) -> goal id; one query.

    Those of agreed and locked goals of a month, a quarter or own dates. A year's goal binds its sum, not its months.
    """
    goals = Goal.objects.filter(
        level=Level.PERSON, metric_id__in=list(metric_ids), employee_id__in=list(employee_ids), state__in=BINDING,
        first_day__lte=last, last_day__gte=first,
    ).exclude(grain=Length.YEAR)  # fmt: skip
    found: dict[tuple[int, int, date], int] = {}
    for pk, metric, employee, start, end in goals.values_list(
        "pk", "metric_id", "employee_id", "first_day", "last_day"
    ):
        for month in periods_between(Grain.MONTH, max(start, first), min(end, last)):
            found[metric, employee, month.start] = pk
    return found


def history(goal: Goal) -> list[GoalStep]:
    """Return the steps of a goal, newest first; one query."""
    return list(goal.steps.order_by("-id"))


def open_requests(goals: Iterable[Goal]) -> dict[int, ChangeRequest]:
    """Return the requests that wait for a decision, by goal id; one query."""
    rows = ChangeRequest.objects.filter(goal__in=list(goals), state=RequestState.OPEN)
    return {request.goal_id: request for request in rows}


def waiting_for_answer(employee_ids: Iterable[int]) -> dict[int, list[int]]:
    """Return people's goals that wait for who makes them, by employee: countered, or asked to change; one query."""
    asked = ChangeRequest.objects.filter(goal=OuterRef("pk"), state=RequestState.OPEN)
    goals = Goal.objects.filter(Q(state=State.COUNTERED) | Exists(asked), employee_id__in=list(employee_ids))
    found: dict[int, list[int]] = {}
    for employee_id, pk in goals.order_by("pk").values_list("employee_id", "pk"):
        if employee_id is not None:
            found.setdefault(employee_id, []).append(pk)
    return found
