"""Writes of plans and their tasks."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from goals.models import ActionPlan, Goal, PlanKind, PlanState, PlanTask
from goals.plans import baselines, notices
from goals.plans.access import editing_reach, goals_for, may_do, may_edit, units_for, visible_plans
from perfmgmt.people.models import Employee, Unit
from perfmgmt.people.viewer import Viewer
from perfmgmt.tenants.errors import Conflict, DomainError, NotAllowed, NotFound

MOST_TASKS = 100
LONGEST = 3 * 366
PLAN_FIELDS = ("kind", "title", "owner_id", "unit_id", "employee_id", "goal_id", "first_day", "last_day", "resources",
               "incentive")  # fmt: skip
TASK_FIELDS = ("text", "owner_id", "due", "priority", "resources", "progress")


@dataclass(frozen=True)
class PlanDraft:
    """What a plan is to say; exactly one of `unit` and `employee`."""

    kind: str
    title: str
    owner: Employee
    first_day: date
    last_day: date
    unit: Unit | None = None
    employee: Employee | None = None
    goal: Goal | None = None
    resources: str = ""
    incentive: str = ""


@dataclass(frozen=True)
class TaskDraft:
    """What a task is to say; `progress` in percent."""

    text: str
    owner: Employee
    due: date
    priority: str
    resources: str = ""
    progress: int = 0


@transaction.atomic
def create_plan(draft: PlanDraft, *, viewer: Viewer, today: date, tasks: Iterable[TaskDraft] = ()) -> ActionPlan:
    """Make a plan with its first tasks; the people who have one are told.

    Raises DomainError for what doesn't fit together (days, unit or person, an owner who is gone), NotFound for a
    unit, person or goal out of the viewer's reach.
    """
    _checked(draft, None, viewer, today)
    plan = ActionPlan.objects.create(**_columns(draft), created_by_id=viewer.user_id)
    added = [_added(plan, place, each, viewer, today) for place, each in enumerate(tasks, 1)]
    notices.tell_given(plan, added, viewer=viewer)
    return plan


@transaction.atomic
def edit_plan(plan_id: int, draft: PlanDraft, *, seen: str, viewer: Viewer, today: date) -> ActionPlan:
    """Change an open plan. `seen` is `stamp` of the page; Conflict is raised when it changed since.

    Raises as `create_plan`, and DomainError when tasks would be due outside the plan's days.
    """
    plan = editable(plan_id, viewer=viewer, today=today)
    if stamp(plan) != seen:
        raise Conflict
    _checked(draft, plan, viewer, today)
    if draft.kind != PlanKind.TEAM and plan.measures.exists():
        raise DomainError(_("Remove the measures first: only a team performance plan has them."), code="has_measures")
    outside = plan.tasks.exclude(due__gte=draft.first_day, due__lte=draft.last_day).first()
    if outside is not None:
        raise DomainError(
            _("“{task}” is due on {day}, outside these days. Move the task first."), code="task_outside",
            task=outside.text[:60], day=outside.due.isoformat(),
        )  # fmt: skip
    compared = (plan.first_day, plan.last_day, plan.unit_id)
    for name, value in _columns(draft).items():
        setattr(plan, name, value)
    plan.save()
    if compared != (plan.first_day, plan.last_day, plan.unit_id):
        baselines.renew(plan)
    return plan


@transaction.atomic
def close_plan(plan_id: int, state: str, *, outcome: str, viewer: Viewer, today: date) -> ActionPlan:
    """Close an open plan as done or cancelled, with what came of it. Raises DomainError without that."""
    plan = editable(plan_id, viewer=viewer, today=today)
    if state not in (PlanState.DONE, PlanState.CANCELLED):
        raise NotFound
    if not outcome.strip():
        raise DomainError(_("Write in a sentence what came of the plan."), code="no_outcome")
    plan.state, plan.outcome, plan.closed_on = state, outcome.strip(), today
    plan.save(update_fields=["state", "outcome", "closed_on"])
    return plan


@transaction.atomic
def reopen_plan(plan_id: int, *, viewer: Viewer, today: date) -> ActionPlan:
    """Open a closed plan again; what was written as its outcome stays. An open one stays as it is."""
    plan = _locked(plan_id, viewer, today)
    plan.state, plan.closed_on = PlanState.OPEN, None
    plan.save(update_fields=["state", "closed_on"])
    return plan


@transaction.atomic
def add_task(plan_id: int, draft: TaskDraft, *, viewer: Viewer, today: date) -> PlanTask:
    """Add a task at the end; its owner is told. Raises DomainError for a day outside the plan or too many tasks."""
    plan = editable(plan_id, viewer=viewer, today=today)
    places = list(plan.tasks.values_list("place", flat=True))
    if len(places) >= MOST_TASKS:
        raise DomainError(_("A plan has {n} tasks at most."), code="too_many_tasks", n=MOST_TASKS)
    task = _added(plan, max(places, default=0) + 1, draft, viewer, today)
    notices.tell_given(plan, [task], viewer=viewer)
    return task


@transaction.atomic
def edit_task(plan_id: int, task_id: int, draft: TaskDraft, *, seen: str, viewer: Viewer, today: date) -> PlanTask:
    """Change a task of an open plan; a new owner is told. Raises Conflict when somebody changed it since `seen`."""
    plan = editable(plan_id, viewer=viewer, today=today)
    task = _task(plan, task_id, seen)
    given = task.owner_id != draft.owner.pk
    if given:
        _check_owner(draft.owner, plan, viewer, today)
    _check_due(plan, draft.due)
    task.text, task.owner, task.due, task.priority = draft.text, draft.owner, draft.due, draft.priority
    task.resources = draft.resources
    _set_progress(task, draft.progress, today)
    task.save()
    if given:
        notices.tell_given(plan, [task], viewer=viewer)
    return task


@transaction.atomic
def set_progress(plan_id: int, task_id: int, progress: int, *, seen: str, viewer: Viewer, today: date) -> PlanTask:
    """Say how far a task is, in percent; at 100 it is done today.

    For the task's owner and who leads them, and for who may change the plan. Raises Conflict when somebody changed
    the task since `seen`, NotAllowed for anybody else who sees it.
    """
    plan = _locked(plan_id, viewer, today, to_change=False)
    _require_open(plan)
    task = _task(plan, task_id, seen)
    reach = editing_reach(viewer, today)
    if not (may_do(task, reach) or may_edit(plan, viewer, reach)):
        raise NotAllowed
    if not 0 <= progress <= 100:
        raise DomainError(_("Progress lies between 0% and 100%."), code="bad_progress")
    _set_progress(task, progress, today)
    task.save(update_fields=["progress", "done_on"])
    return task


@transaction.atomic
def remove_task(plan_id: int, task_id: int, *, viewer: Viewer, today: date) -> None:
    """Remove a task of an open plan. Raises NotFound."""
    plan = editable(plan_id, viewer=viewer, today=today)
    _task(plan, task_id, None).delete()


def stamp(row: ActionPlan | PlanTask) -> str:
    """Return a plan or task as a page shows it, to tell later whether somebody changed it since."""
    names = PLAN_FIELDS if isinstance(row, ActionPlan) else TASK_FIELDS
    return "|".join(str(getattr(row, name) if getattr(row, name) is not None else "") for name in names)


def editable(plan_id: int, *, viewer: Viewer, today: date) -> ActionPlan:
    """Return an open plan, locked, for a viewer who may change it; NotFound, NotAllowed or Conflict otherwise."""
    plan = _locked(plan_id, viewer, today)
    _require_open(plan)
    return plan


def _locked(plan_id: int, viewer: Viewer, today: date, *, to_change: bool = True) -> ActionPlan:
    """Return a plan that the viewer sees; nobody else writes it or its tasks until the transaction ends."""
    if not visible_plans(viewer, today).filter(pk=plan_id).exists():
        raise NotFound
    plan = ActionPlan.objects.select_for_update().get(pk=plan_id)
    if to_change and not may_edit(plan, viewer, editing_reach(viewer, today)):
        raise NotAllowed
    return plan


def _require_open(plan: ActionPlan) -> None:
    if not plan.is_open:
        raise Conflict(_("This plan is closed. Open it again to change it."))


def _columns(draft: PlanDraft) -> dict[str, Any]:
    """Return a draft as columns; an incentive belongs to team performance plans only."""
    incentive = draft.incentive if draft.kind == PlanKind.TEAM else ""
    return {
        "kind": draft.kind, "title": draft.title, "owner": draft.owner, "unit": draft.unit,
        "employee": draft.employee, "goal": draft.goal, "first_day": draft.first_day, "last_day": draft.last_day,
        "resources": draft.resources, "incentive": incentive,
    }  # fmt: skip


def _checked(draft: PlanDraft, plan: ActionPlan | None, viewer: Viewer, today: date) -> None:
    """Refuse what doesn't fit together or is out of reach; what the plan already has may stay."""
    if draft.kind not in PlanKind.values:
        raise NotFound
    if (draft.unit is None) == (draft.employee is None):
        raise DomainError(_("Choose for whom the plan is: a unit or a person."), code="whose_plan")
    if draft.kind == PlanKind.TEAM and draft.unit is None:
        raise DomainError(_("A team performance plan is for a unit. Choose one."), code="needs_a_unit")
    if draft.first_day > draft.last_day:
        raise DomainError(_("The last day lies before the first day."), code="days_in_order")
    if (draft.last_day - draft.first_day).days >= LONGEST:
        raise DomainError(_("A plan runs for three years at most."), code="too_long")
    reach = editing_reach(viewer, today)
    if reach is not None:
        if draft.unit is not None and draft.unit.pk not in _allowed_units(plan, reach, today):
            raise NotFound
        if draft.employee is not None and draft.employee.pk not in [*reach, plan.employee_id if plan else None]:
            raise NotFound
    if plan is None or draft.owner.pk != plan.owner_id:
        _check_owner(draft.owner, plan, viewer, today)
    _check_goal(draft, plan, viewer, today)


def _allowed_units(plan: ActionPlan | None, reach: list[int], today: date) -> set[int | None]:
    return {*(pk for pk, _name, _depth in units_for(reach, today)), plan.unit_id if plan else None}


def _check_goal(draft: PlanDraft, plan: ActionPlan | None, viewer: Viewer, today: date) -> None:
    if draft.goal is None or (plan is not None and plan.goal_id == draft.goal.pk):
        return
    if not goals_for(viewer, today).filter(pk=draft.goal.pk).exists():
        raise NotFound


def _check_owner(owner: Employee, plan: ActionPlan | None, viewer: Viewer, today: date) -> None:
    """Refuse an owner who is gone, or whom the viewer doesn't lead and who has no part in the plan."""
    if owner.left_on is not None and owner.left_on < today:
        raise DomainError(_("{name} has left. Choose somebody else."), code="owner_left", name=owner.name)
    reach = editing_reach(viewer, today)
    if reach is None or owner.pk in reach or (plan is not None and owner.pk in (plan.owner_id, plan.employee_id)):
        return
    raise DomainError(
        _("You can give tasks and plans to yourself and to people below you; {name} is neither."),
        code="out_of_reach", name=owner.name,
    )  # fmt: skip


def _check_due(plan: ActionPlan, due: date) -> None:
    if not plan.first_day <= due <= plan.last_day:
        raise DomainError(
            _("The task is due outside the plan's days, {first} to {last}."), code="task_outside",
            first=plan.first_day.isoformat(), last=plan.last_day.isoformat(),
        )  # fmt: skip


def _added(plan: ActionPlan, place: int, draft: TaskDraft, viewer: Viewer, today: date) -> PlanTask:
    _check_due(plan, draft.due)
    _check_owner(draft.owner, plan, viewer, today)
    task = PlanTask(plan=plan, place=place, text=draft.text, owner=draft.owner, due=draft.due,
                    priority=draft.priority, resources=draft.resources)  # fmt: skip
    _set_progress(task, draft.progress, today)
    task.save()
    return task


def _set_progress(task: PlanTask, progress: int, today: date) -> None:
    """Set the progress; the day on which it was done stays when it is done already."""
    task.progress = progress
    task.done_on = (task.done_on or today) if progress == 100 else None


def _task(plan: ActionPlan, task_id: int, seen: str | None) -> PlanTask:
    task = plan.tasks.select_related("owner").filter(pk=task_id).first()
    if task is None:
        raise NotFound
    if seen is not None and stamp(task) != seen:
        raise Conflict
    return task
