"""Reads of plans and their tasks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Case, Count, F, Q, QuerySet, Sum, Value, When

from goals.models import ActionPlan, PlanKind, PlanState, PlanTask
from goals.plans.access import visible_plans
from goals.plans.rules import progress_of
from perfmgmt.people.models import Priority
from perfmgmt.people.selectors import visible_employees
from perfmgmt.people.viewer import Viewer
from perfmgmt.tenants.errors import NotFound

MINE, TEAM, ALL = "mine", "team", "all"
TASKS, PLANS = "tasks", "plans"
OPEN, OVERDUE, DONE = "open", "overdue", "done"
PARAMETERS = frozenset({"show", "who", "state", "kind", "priority", "q", "sort"})
_RANK = Case(
    When(priority=Priority.HIGH, then=Value(0)), When(priority=Priority.MEDIUM, then=Value(1)), default=Value(2)
)
# Open ones first, the earliest due before: what is overdue stands on top.
_USUAL = (F("done_on").asc(nulls_first=True), "due", "rank", "pk")
TASK_SORTS: Mapping[str, tuple[Any, ...]] = {
    "": _USUAL,
    "due": ("due", "rank", "pk"), "-due": ("-due", "rank", "pk"),
    "priority": ("rank", "due", "pk"), "-priority": ("-rank", "due", "pk"),
    "owner": ("owner__name_key", "due", "pk"), "-owner": ("-owner__name_key", "due", "pk"),
    "progress": ("progress", "due", "pk"), "-progress": ("-progress", "due", "pk"),
}  # fmt: skip
_PLAN_USUAL = (Case(When(state=PlanState.OPEN, then=Value(0)), default=Value(1)), "last_day", "pk")
PLAN_SORTS: Mapping[str, tuple[Any, ...]] = {
    "": _PLAN_USUAL,
    "due": ("last_day", "pk"), "-due": ("-last_day", "pk"),
    "title": ("title", "pk"), "-title": ("-title", "pk"),
    "owner": ("owner__name_key", "last_day", "pk"), "-owner": ("-owner__name_key", "last_day", "pk"),
}  # fmt: skip


@dataclass(frozen=True)
class Wanted:
    """What an address of the list asks for, with nonsense taken out."""

    show: str = TASKS
    who: str = MINE
    state: str = OPEN
    kind: str = ""
    priority: str = ""
    search: str = ""
    sort: str = ""

    @property
    def is_filtered(self) -> bool:
        """Whether anything but whose it is narrows the list."""
        return bool(self.search or self.kind or self.priority or self.state != OPEN)


def read(query: Mapping[str, str], *, viewer: Viewer) -> Wanted:
    """Return what an address asks for; without a choice one's own tasks, or all for who has none of their own."""
    show = PLANS if query.get("show") == PLANS else TASKS
    usual = MINE if viewer.employee_id is not None else ALL
    return Wanted(
        show=show,
        who=_one_of(query.get("who", ""), (MINE, TEAM, ALL), usual),
        state=_one_of(query.get("state", ""), (OPEN, OVERDUE, DONE, ALL), OPEN),
        kind=_one_of(query.get("kind", ""), PlanKind.values, ""),
        priority=_one_of(query.get("priority", ""), Priority.values, ""),
        search=query.get("q", "")[:100].replace("\0", "").strip(),
        sort=_one_of(query.get("sort", ""), tuple(TASK_SORTS if show == TASKS else PLAN_SORTS), ""),
    )


def _one_of(text: str, allowed: Any, usual: str) -> str:
    return text if text in allowed else usual


def tasks_for(wanted: Wanted, *, viewer: Viewer, today: date) -> QuerySet[PlanTask]:
    """Return the tasks of plans a viewer sees, with plan and owner, in the order asked for."""
    found = PlanTask.objects.select_related("plan", "owner").annotate(rank=_RANK)
    found = found.filter(_whose(wanted, "owner_id", viewer, today))
    if wanted.who == ALL:
        found = found.filter(plan__in=visible_plans(viewer, today))
    is_open = Q(done_on=None, plan__state=PlanState.OPEN)
    found = found.filter({OPEN: is_open, OVERDUE: is_open & Q(due__lt=today), DONE: ~Q(done_on=None)}.get(
        wanted.state, Q()))  # fmt: skip
    for name, value in (("plan__kind", wanted.kind), ("priority", wanted.priority)):
        if value:
            found = found.filter(**{name: value})
    if text := wanted.search:
        found = found.filter(
            Q(text__icontains=text) | Q(plan__title__icontains=text) | Q(owner__name__icontains=text)
        )
    return found.order_by(*TASK_SORTS[wanted.sort])


def plans_for(wanted: Wanted, *, viewer: Viewer, today: date) -> QuerySet[ActionPlan]:
    """Return the plans a viewer sees, with how many tasks they have, are open and overdue, and their progress."""
    late = Q(tasks__done_on=None, tasks__due__lt=today)
    found = visible_plans(viewer, today).filter(_whose(wanted, "owner_id", viewer, today))
    is_open = Q(state=PlanState.OPEN)
    found = found.filter({OPEN: is_open, OVERDUE: is_open, DONE: ~is_open}.get(wanted.state, Q()))
    if wanted.kind:
        found = found.filter(kind=wanted.kind)
    if text := wanted.search:
        found = found.filter(Q(title__icontains=text) | Q(owner__name__icontains=text))
    found = found.select_related("owner", "unit", "employee", "goal").annotate(
        task_count=Count("tasks"), late_count=Count("tasks", filter=late), progress_sum=Sum("tasks__progress"),
        open_count=Count("tasks", filter=Q(tasks__done_on=None)),
    )  # fmt: skip
    if wanted.state == OVERDUE:
        found = found.filter(Q(late_count__gt=0) | Q(last_day__lt=today))
    return found.order_by(*PLAN_SORTS[wanted.sort])


def _whose(wanted: Wanted, column: str, viewer: Viewer, today: date) -> Q:
    if wanted.who == ALL:
        return Q()
    if wanted.who == MINE:
        return Q(**{column: viewer.employee_id or 0})
    reach = visible_employees(viewer=viewer, on=today)
    found = Q() if reach is None else Q(**{f"{column}__in": reach})
    return found & ~Q(**{column: viewer.employee_id or 0})


def progress_of_plan(plan: Any) -> int:
    """Return the progress in percent of a plan that `plans_for` found."""
    return progress_of(plan.progress_sum or 0, plan.task_count, plan.task_count - plan.open_count)


def progress_of_tasks(tasks: Sequence[PlanTask]) -> int:
    """Return the progress in percent of a plan with these tasks."""
    return progress_of(sum(t.progress for t in tasks), len(tasks), sum(t.is_done for t in tasks))


def plan_of(plan_id: int, *, viewer: Viewer, today: date) -> ActionPlan:
    """Return a plan with everything its head shows; raise NotFound for one that is not this viewer's to see."""
    rows = visible_plans(viewer, today).select_related("owner", "unit", "employee", "goal__metric")
    plan = rows.filter(pk=plan_id).first()
    if plan is None:
        raise NotFound
    return plan


def tasks_of(plan: ActionPlan) -> list[PlanTask]:
    """Return a plan's tasks with their owners, in their order."""
    return list(plan.tasks.select_related("owner"))


def plans_of_goal(goal_id: int, *, viewer: Viewer, today: date) -> QuerySet[ActionPlan]:
    """Return the plans for a goal that a viewer sees, the newest first: for the goal's page."""
    return visible_plans(viewer, today).filter(goal_id=goal_id).select_related("owner").order_by("-pk")
