"""What the pages of plans have in common."""

from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse

from goals.models import ActionPlan, PlanTask
from goals.plans import effect, selectors
from goals.plans.access import editing_reach, may_do, may_edit
from goals.plans.charts import chart_of
from goals.plans.rules import days_before
from goals.plans.services import stamp
from perfmgmt.people.access import WorkspaceRequest


def find(request: WorkspaceRequest, plan_id: int) -> ActionPlan:
    """Return a plan the viewer sees; raise NotFound."""
    return selectors.plan_of(plan_id, viewer=request.viewer, today=request.workspace.today())


def to_plan(request: WorkspaceRequest, plan_id: int, part: str = "") -> HttpResponse:
    """Send back to a plan's page."""
    address = reverse("plan", args=[request.workspace.slug, plan_id])
    return HttpResponseRedirect(f"{address}#{part}" if part else address)


def task_row(request: WorkspaceRequest, plan: ActionPlan, task: PlanTask) -> dict[str, Any]:
    """Return what one row of the tasks shows."""
    reach = editing_reach(request.viewer, request.workspace.today())
    return _row(task, plan, request, reach)


def task_rows(request: WorkspaceRequest, plan: ActionPlan, tasks: list[PlanTask]) -> list[dict[str, Any]]:
    """Return what the rows of the tasks show."""
    reach = editing_reach(request.viewer, request.workspace.today())
    return [_row(task, plan, request, reach) for task in tasks]


def _row(task: PlanTask, plan: ActionPlan, request: WorkspaceRequest, reach: list[int] | None) -> dict[str, Any]:
    edits = plan.is_open and may_edit(plan, request.viewer, reach)
    return {
        "task": task,
        "plan": plan,
        "seen": stamp(task),
        "state": task_state(task, plan, request),
        "may_edit": edits,
        "may_do": edits or (plan.is_open and may_do(task, reach)),
    }


def task_state(task: PlanTask, plan: ActionPlan, request: WorkspaceRequest) -> str:
    """Return how a task stands, as the components name it."""
    if task.is_done:
        return "task_done"
    if plan.is_open and task.due < request.workspace.today():
        return "overdue"
    return "task_begun" if task.progress else "task_open"


def plan_state(plan: ActionPlan, late: int, request: WorkspaceRequest) -> str:
    """Return how a plan stands, as the components name it; `late` is the number of its overdue tasks."""
    if not plan.is_open:
        return f"plan_{plan.state}"
    return "overdue" if late or plan.last_day < request.workspace.today() else "plan_open"


def team_part(request: WorkspaceRequest, plan: ActionPlan) -> dict[str, Any]:
    """Return what a team performance plan shows beside its tasks: measures with their effect, and reviews."""
    today = request.workspace.today()
    calendar = request.workspace.calendar(days_before(plan.first_day, plan.last_day)[0], plan.last_day)
    span, lines = effect.lines_of(plan, plan.measures.order_by("pk"), calendar, today)
    return {
        "span": span,
        "lines": [{"line": line, "chart": chart_of(line, request.workspace.currency)} for line in lines],
        "reviews": list(plan.reviews.all()),
        "today": today,
    }
