"""The goals that one may serve."""

from dataclasses import dataclass

from django.db.models import Q

from goals.access import Reach, above
from goals.models import Goal, Level, State
from goals.smart.baseline import Subject
from goals.smart.periods import Chosen
from perfmgmt.people.models import Assignment

MOST = 200


@dataclass(frozen=True)
class Wanted:
    """For which goal a parent is looked for: its subject and period, and its own id when it is there already."""

    subject: Subject
    chosen: Chosen
    metric_id: int | None = None
    goal_id: int | None = None


def fitting_parents(wanted: Wanted, reach: Reach) -> list[tuple[str, str]]:
    """Return the goals that cover the period and stand above the subject, as choices of a select; three queries.

    Those of the same metric come first. What makes a circle is refused when it is saved.
    """
    subject, chosen = wanted.subject, wanted.chosen
    fits = Q(level=Level.COMPANY)
    units = _units(wanted)
    if units:
        fits |= Q(level__in=[Level.UNIT, Level.TEAM], unit_id__in=units)
    if subject.employee_id is not None:
        fits |= Q(level=Level.PERSON, employee_id=subject.employee_id)
    goals = reach.visible().filter(fits, first_day__lte=chosen.first_day, last_day__gte=chosen.last_day)
    goals = goals.exclude(state=State.CANCELLED).exclude(pk=wanted.goal_id or 0)
    found = list(goals.select_related("unit", "employee").order_by("first_day", "level", "pk")[:MOST])
    found.sort(key=lambda it: it.metric_id != wanted.metric_id)
    return [(str(it.pk), f"{_whose(it)} · {it.title}") for it in found]


def _units(wanted: Wanted) -> list[int]:
    subject, chosen = wanted.subject, wanted.chosen
    if subject.unit_id is not None:
        return above(subject.unit_id)
    if subject.employee_id is None:
        return []
    spells = Assignment.objects.filter(
        employee_id=subject.employee_id, valid_from__lte=chosen.last_day, valid_to__gte=chosen.first_day
    )
    return sorted({up for unit in set(spells.values_list("unit_id", flat=True)) for up in above(unit)})


def _whose(goal: Goal) -> str:
    if goal.level == Level.PERSON and goal.employee is not None:
        return goal.employee.name
    return goal.unit.name if goal.unit is not None else goal.get_level_display()
