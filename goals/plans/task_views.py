"""Tasks of a plan: added, changed and reported on in their row; every form works without a script, too."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from goals.models import ActionPlan, PlanTask
from goals.permissions import EDIT_PLANS
from goals.plans import pages, services
from goals.plans.access import editing_reach, may_edit
from goals.plans.forms import TaskForm
from goals.plans.services import stamp
from goals.plans.views import plan_page
from perfmgmt.people.access import WorkspaceRequest, workspace_view
from perfmgmt.people.pages import READ_WRITE, tried
from perfmgmt.tenants.errors import DomainError, NotAllowed, NotFound


def _task(plan: ActionPlan, task_id: int) -> PlanTask:
    task = plan.tasks.select_related("owner").filter(pk=task_id).first()
    if task is None:
        raise NotFound
    return task


def _in_place(request: WorkspaceRequest) -> bool:
    """Whether only the row is wanted."""
    return bool(request.headers.get("HX-Request"))


@workspace_view(EDIT_PLANS)
@require_POST
def add_task(request: WorkspaceRequest, plan_id: int) -> HttpResponse:
    """Add a task to a plan."""
    plan, today = pages.find(request, plan_id), request.workspace.today()
    form = TaskForm(request.POST, slug=request.workspace.slug, plan=plan)
    if form.is_valid():
        saved = tried(form, lambda: services.add_task(plan_id, form.draft(), viewer=request.viewer, today=today))
        if saved is not None:
            messages.success(request, _("The task is added."))
            return pages.to_plan(request, plan_id, "tasks")
    return plan_page(request, plan, task_form=form)


@workspace_view(EDIT_PLANS)
@require_http_methods(READ_WRITE)
def plan_task(request: WorkspaceRequest, plan_id: int, plan_task_id: int) -> HttpResponse:
    """Change a task: in its row, or on a page of its own."""
    plan, today = pages.find(request, plan_id), request.workspace.today()
    task = _task(plan, plan_task_id)
    if not may_edit(plan, request.viewer, editing_reach(request.viewer, today)):
        raise NotAllowed
    if request.GET.get("cancel"):
        return _row(request, plan, task) if _in_place(request) else pages.to_plan(request, plan_id, "tasks")
    data = request.POST if request.method == "POST" else None
    initial = {name: getattr(task, name) for name in TaskForm.field_order}
    form = TaskForm(data, initial=initial, slug=request.workspace.slug, plan=plan, prefix=f"t{task.pk}")
    seen = request.POST.get("seen", "") if data is not None else stamp(task)
    if data is not None and form.is_valid():
        saved = tried(form, lambda: services.edit_task(
            plan_id, plan_task_id, form.draft(), seen=seen, viewer=request.viewer, today=today))  # fmt: skip
        if saved is not None:
            return _done(request, plan, saved)
    return _form(request, plan, task, form, seen)


def _form(request: WorkspaceRequest, plan: ActionPlan, task: PlanTask, form: TaskForm, seen: str) -> HttpResponse:
    """Show the form, in the row or on its page; a refused one in the row comes with a status that is swapped in."""
    context = {"form": form, "plan": plan, "task": task, "seen": seen}
    if _in_place(request):
        return render(request, "goals/plan_task_edit_row.html", context)
    return render(request, "goals/plan_task_form.html", context, status=400 if form.errors else 200)


@workspace_view(EDIT_PLANS)
@require_POST
def task_progress(request: WorkspaceRequest, plan_id: int, plan_task_id: int) -> HttpResponse:
    """Say how far a task is."""
    plan, today = pages.find(request, plan_id), request.workspace.today()
    task = _task(plan, plan_task_id)
    text = request.POST.get("progress", "").strip().rstrip("%％")
    try:
        progress = int(text) if text.isdecimal() and len(text) < 4 else -1
        seen = request.POST.get("seen", "")
        saved = services.set_progress(plan_id, plan_task_id, progress, seen=seen, viewer=request.viewer, today=today)
    except NotAllowed:
        raise
    except DomainError as error:
        if not _in_place(request):
            messages.error(request, str(error))
            return pages.to_plan(request, plan_id, "tasks")
        return _row(request, plan, task, problem=str(error))
    return _done(request, plan, saved)


@workspace_view(EDIT_PLANS)
@require_POST
def remove_task(request: WorkspaceRequest, plan_id: int, plan_task_id: int) -> HttpResponse:
    """Remove a task."""
    services.remove_task(plan_id, plan_task_id, viewer=request.viewer, today=request.workspace.today())
    messages.success(request, _("The task is removed."))
    return pages.to_plan(request, plan_id, "tasks")


def _done(request: WorkspaceRequest, plan: ActionPlan, task: PlanTask) -> HttpResponse:
    if _in_place(request):
        return _row(request, plan, task)
    messages.success(request, _("Saved."))
    return pages.to_plan(request, plan.pk, "tasks")


def _row(request: WorkspaceRequest, plan: ActionPlan, task: PlanTask, problem: str = "") -> HttpResponse:
    row: dict[str, Any] = pages.task_row(request, plan, task)
    return render(request, "goals/plan_task_row.html", {"row": row, "plan": plan, "problem": problem, "fresh": True})
