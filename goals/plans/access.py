"""Whose plans somebody sees and changes."""

from dataclasses import replace
from datetime import date

from django.db.models import Q, QuerySet

from goals.access import visible_goals
from goals.models import ActionPlan, Goal, PlanTask, State
from goals.permissions import EDIT_PLANS
from perfmgmt.people.directory import options
from perfmgmt.people.models import Assignment
from perfmgmt.people.roles import SEES_EVERYBODY, Role
from perfmgmt.people.selectors import visible_employees
from perfmgmt.people.viewer import Viewer

# A list of people by id; None stands for everybody.
Reach = list[int] | None


def visible_plans(viewer: Viewer, on: date) -> QuerySet[ActionPlan]:
    """Return the plans a viewer sees on a day.

    Those they answer for, that are for them or in which they have a task, and the same of who stands below them;
    every plan for who sees everybody.
    """
    reach = visible_employees(viewer=viewer, on=on)
    if reach is None:
        return ActionPlan.objects.all()
    tasks = PlanTask.objects.filter(owner_id__in=reach).values("plan_id")
    return ActionPlan.objects.filter(Q(owner_id__in=reach) | Q(employee_id__in=reach) | Q(pk__in=tasks))


def editing_reach(viewer: Viewer, on: date) -> Reach:
    """Return for whom a viewer may make plans and tasks on a day: oneself and who stands below; None: everybody.

    Who sees everybody by a role that changes nothing (an auditor) is left with their own line.
    """
    if not viewer.may(EDIT_PLANS) or viewer.left_until is not None:
        return []
    if viewer.roles & {Role.OWNER, Role.HR}:
        return None
    return visible_employees(viewer=replace(viewer, roles=viewer.roles - SEES_EVERYBODY), on=on)


def may_edit(plan: ActionPlan, viewer: Viewer, reach: Reach) -> bool:
    """Return whether a viewer with an editing reach may change a plan: its owner, and who leads owner or person.

    The person whom somebody else's plan is for sees it and does the tasks in it, but doesn't change it.
    """
    if reach is None or plan.owner_id in reach:
        return True
    return plan.employee_id in reach and plan.employee_id != viewer.employee_id


def may_do(task: PlanTask, reach: Reach) -> bool:
    """Return whether a viewer with an editing reach may say how far a task is: its owner, and who leads them."""
    return reach is None or task.owner_id in reach


def units_for(reach: Reach, on: date) -> list[tuple[int, str, int]]:
    """Return the units for which plans may be made, as (id, name, depth): those where somebody in reach works."""
    units = options().units
    if reach is None:
        return units
    held = Assignment.objects.filter(employee_id__in=reach, valid_from__lte=on, valid_to__gte=on)
    theirs = set(held.values_list("unit_id", flat=True))
    return [(pk, name, 0) for pk, name, _depth in units if pk in theirs]


def goals_for(viewer: Viewer, on: date) -> QuerySet[Goal]:
    """Return the goals to which a viewer may attach a plan: what they see of those that are not over."""
    return (
        visible_goals(viewer, on).filter(last_day__gte=on).exclude(state=State.CANCELLED).order_by("first_day", "pk")
    )
