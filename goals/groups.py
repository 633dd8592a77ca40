"""Who stands behind a goal of several people: whose forecasts and season are those of the goal."""

from collections.abc import Sequence
from datetime import date

from goals.models import Goal, GoalMember, Level
from perfmgmt.people.models import Assignment
from perfmgmt.people.selectors import unit_tree


def people_behind(goal: Goal, *, on: date) -> Sequence[int] | None:
    """Return whose figures make a goal's on a day: the person, a team's members, else the unit's people.

    None is everybody, for the company. At most three queries. A day before the goal's first counts as the first, one
    behind its last as the last.
    """
    if goal.level == Level.PERSON:
        return [goal.employee_id] if goal.employee_id else []
    if goal.level == Level.COMPANY:
        return None
    if goal.level == Level.TEAM and goal.pk:
        members = list(GoalMember.objects.filter(goal_id=goal.pk).values_list("employee_id", flat=True))
        if members:
            return members
    return people_of_unit(goal.unit_id, on=min(max(on, goal.first_day), goal.last_day))


def people_of_unit(unit_id: int | None, *, on: date) -> list[int]:
    """Return who is in a unit or below it on a day; two queries."""
    if unit_id is None:
        return []
    rows = Assignment.objects.filter(unit_id__in=unit_tree(unit_id), valid_from__lte=on, valid_to__gte=on)
    return list(rows.values_list("employee_id", flat=True))
