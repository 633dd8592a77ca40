"""Whose goals a viewer may see, make and answer."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property

from django.db.models import Q, QuerySet

from goals.models import Goal, GoalMember, Level, State
from goals.permissions import EDIT_GOALS, MANAGE_GOALS
from perfmgmt.people.models import Assignment, Unit
from perfmgmt.people.roles import Role
from perfmgmt.people.selectors import acting_for, visible_employees
from perfmgmt.people.viewer import Viewer
from perfmgmt.tenants.errors import NotAllowed, NotFound


@dataclass(frozen=True)
class Reach:
    """What lies within a viewer's reach on a day; reads each thing once. `people` None is everybody."""

    viewer: Viewer
    on: date

    @cached_property
    def people(self) -> list[int] | None:
        """Whose goals the viewer may see: their own and those of everybody below; None for everybody's."""
        return visible_employees(viewer=self.viewer, on=self.on)

    @cached_property
    def below(self) -> frozenset[int] | None:
        """Whose goals the viewer may make: everybody below, never their own; None for everybody's."""
        if not self.viewer.may(EDIT_GOALS):
            return frozenset()
        return None if self.people is None else frozenset(self.people) - {self.viewer.employee_id or 0}

    @cached_property
    def units(self) -> frozenset[int] | None:
        """The units the viewer leads: those in which people below them work, and their own above these."""
        if self.below is None:
            return None
        days = Assignment.objects.filter(valid_from__lte=self.on, valid_to__gte=self.on)
        places = days.filter(employee_id__in=[*self.below, self.viewer.employee_id or 0])
        unit_of = dict(places.values_list("employee_id", "unit_id"))
        led = {unit for employee, unit in unit_of.items() if employee in self.below}
        own = unit_of.get(self.viewer.employee_id or 0)
        if own is not None and any(own in above(unit) for unit in led):
            led.add(own)
        return frozenset(led)

    def sees(self, employee_id: int) -> bool:
        """Whether the viewer may see a person's goals."""
        return self.people is None or employee_id in self.people

    def makes_for(self, employee_id: int) -> bool:
        """Whether the viewer may make a person's goals; nobody makes their own."""
        if self.below is None:
            return self.viewer.may(EDIT_GOALS) and employee_id != self.viewer.employee_id
        return employee_id in self.below

    def leads(self, unit_id: int) -> bool:
        """Whether the viewer may make a unit's goals."""
        return self.viewer.may(EDIT_GOALS) if self.units is None else unit_id in self.units

    def edits(self, goal: Goal) -> bool:
        """Whether the viewer may make and propose this goal."""
        if goal.level == Level.PERSON:
            return goal.employee_id is not None and self.makes_for(goal.employee_id)
        if goal.level == Level.COMPANY:
            return self.viewer.may(MANAGE_GOALS)
        return goal.unit_id is not None and self.leads(goal.unit_id)

    def answers(self, goal: Goal) -> bool:
        """Whether the viewer is the other side of this goal: whose it is, or who answers for it."""
        if self.viewer.left_until is not None or self.viewer.employee_id is None:
            return False
        return self.viewer.employee_id == (goal.employee_id if goal.level == Level.PERSON else goal.owner_id)

    def shows_draft(self, goal: Goal) -> bool:
        """Whether the viewer may know of a draft of the company, a unit or their own: as `visible` has it."""
        if self.people is None:
            return True
        if goal.level == Level.PERSON:
            return goal.employee_id != self.viewer.employee_id
        return goal.unit_id in (self.units or ())

    def figures(self, goal: Goal) -> bool:
        """Whether how a goal stands is for the viewer: whoever sees the target of a unit need not see its figures.

        A person's go with the reporting line; those of a unit are for who leads or answers for it, shares it, or sees
        everybody or aggregates.
        """
        if goal.level == Level.PERSON:
            return goal.employee_id is not None and self.sees(goal.employee_id)
        if self.people is None or Role.EXECUTIVE in self.viewer.roles or self.answers(goal):
            return True
        if goal.unit_id is not None and goal.unit_id in (self.units or ()):
            return True
        return goal.level == Level.TEAM and goal.pk in self.shared

    @cached_property
    def shared(self) -> frozenset[int]:
        """The teams' goals that the viewer shares."""
        rows = GoalMember.objects.filter(employee_id=self.viewer.employee_id or 0)
        return frozenset(rows.values_list("goal_id", flat=True))

    def visible(self) -> QuerySet[Goal]:
        """Return the goals the viewer may see.

        Those of the company and its units are everybody's to see, but drafts are for who may edit them; a person's
        goals follow the reporting line, and a person sees their own from the moment they are proposed.
        """
        goals = Goal.objects.all()
        if self.people is None:
            return goals
        own = self.viewer.employee_id or 0
        mine = Q(level=Level.PERSON, employee_id=own) & ~Q(state=State.DRAFT)
        team = Q(level=Level.PERSON, employee_id__in=[pk for pk in self.people if pk != own])
        wide = Q(level__in=[Level.COMPANY, Level.UNIT, Level.TEAM])
        drafts = Q(unit_id__in=self.units or ()) | ~Q(state=State.DRAFT)
        return goals.filter(mine | team | (wide & drafts))


def above(unit_id: int) -> list[int]:
    """Return a unit and everything above it, from the bottom up."""
    parents = dict(Unit.objects.values_list("pk", "parent_id"))
    found: list[int] = []
    here: int | None = unit_id
    while here is not None and here not in found:
        found.append(here)
        here = parents.get(here)
    return found


def visible_goals(viewer: Viewer, on: date) -> QuerySet[Goal]:
    """Return the goals that a viewer may see on a day; see `Reach.visible`."""
    return Reach(viewer, on).visible()


def may_edit(goal: Goal, viewer: Viewer, on: date) -> bool:
    """Return whether a viewer may make and propose a goal on a day; see `Reach.edits`."""
    return Reach(viewer, on).edits(goal)


def goal_to_edit(goal_id: int, reach: Reach) -> Goal:
    """Return a goal, locked for a change by who makes it; raise NotFound, NotAllowed."""
    goal = _locked(goal_id, reach)
    if not reach.edits(goal):
        raise NotAllowed
    return goal


def goal_to_answer(goal_id: int, reach: Reach) -> Goal:
    """Return a goal, locked for a change by its other side; raise NotFound, NotAllowed."""
    goal = _locked(goal_id, reach)
    if not reach.answers(goal):
        raise NotAllowed
    return goal


def goal_to_touch(goal_id: int, reach: Reach) -> Goal:
    """Return a goal, locked for a change by either side; raise NotFound, NotAllowed."""
    goal = _locked(goal_id, reach)
    if not reach.edits(goal) and not reach.answers(goal):
        raise NotAllowed
    return goal


def _locked(goal_id: int, reach: Reach) -> Goal:
    goal = reach.visible().select_for_update(of=("self",)).filter(pk=goal_id).first()
    if goal is None:
        raise NotFound
    return goal


def approvers(goal: Goal, *, asked_by: int | None, is_large: bool, reach: Reach) -> bool:
    """Return whether the viewer may decide on a change that somebody asked for; nobody decides on their own.

    A small change: the other side, or who may make the goal. A large one, and any of a locked goal: HR, or the
    manager of the person's manager (who may make the goal without being the manager). docs/rules.md, goals.
    """
    viewer = reach.viewer
    if asked_by == viewer.user_id:
        return False
    if not is_large and goal.state != State.LOCKED:  # it may have been locked since the change was asked for
        return reach.edits(goal) or reach.answers(goal)
    if viewer.roles & {Role.HR, Role.OWNER}:
        return not reach.answers(goal)
    if not reach.edits(goal) or goal.employee_id is None:
        return False
    spells = Assignment.objects.filter(employee_id=goal.employee_id, valid_from__lte=reach.on, valid_to__gte=reach.on)
    direct = set(spells.values_list("manager_id", flat=True))
    acting = {viewer.employee_id, *acting_for(viewer, reach.on)}
    return not direct & acting
