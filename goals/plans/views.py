"""Pages of plans: the list, a plan, making and changing one."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from goals.access import visible_goals
from goals.models import ActionPlan, Goal, Level, PlanKind
from goals.permissions import EDIT_PLANS, SEE_PLANS
from goals.plans import exports, pages, selectors, services, team
from goals.plans.access import editing_reach, goals_for, may_edit, units_for
from goals.plans.forms import CloseForm, PlanForm, TaskForm
from goals.plans.pack import ReadyPlan, ready_plan, ready_plans
from perfmgmt.jobs import services as jobs
from perfmgmt.people.access import WorkspaceRequest, workspace_view
from perfmgmt.people.models import Employee, Priority
from perfmgmt.people.pages import READ_WRITE, tried
from perfmgmt.tenants.errors import DomainError, NotAllowed

PER_PAGE = 50
USUAL_DAYS = 30


@workspace_view(SEE_PLANS)
@require_GET
def plans(request: WorkspaceRequest) -> HttpResponse:
    """The tasks of the plans one sees, or the plans themselves: filtered, sorted, in pages."""
    viewer, today = request.viewer, request.workspace.today()
    wanted = selectors.read(request.GET.dict(), viewer=viewer)
    of_tasks = wanted.show == selectors.TASKS
    found: QuerySet[Any] = (selectors.tasks_for if of_tasks else selectors.plans_for)(
        wanted, viewer=viewer, today=today
    )
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "wanted": wanted,
        "page": page,
        "rows": [_task_row(each, request) if of_tasks else _plan_row(each, request) for each in page],
        "kinds": PlanKind.choices,
        "priorities": Priority.choices,
        "whose": _whose(request),
        "may_make": viewer.may(EDIT_PLANS),
        "list_template": "goals/plans_tasks.html" if of_tasks else "goals/plans_plans.html",
    }
    return render(request, "goals/plans.html", context)


def _whose(request: WorkspaceRequest) -> list[tuple[str, str]]:
    """Return the choices of whose tasks are shown: who leads nobody has no team."""
    viewer, found = request.viewer, []
    if viewer.employee_id is not None:
        found.append((selectors.MINE, _("Mine")))
    if (viewer.may(EDIT_PLANS) and len(viewer.roles) > 1) or viewer.sees_everybody:
        found.append((selectors.TEAM, _("My team's")))
    return [*found, (selectors.ALL, _("All"))]


def _task_row(task: Any, request: WorkspaceRequest) -> dict[str, Any]:
    return {"task": task, "state": pages.task_state(task, task.plan, request)}


def _plan_row(plan: Any, request: WorkspaceRequest) -> dict[str, Any]:
    return {
        "plan": plan,
        "state": pages.plan_state(plan, plan.late_count, request),
        "progress": selectors.progress_of_plan(plan),
    }


@workspace_view(SEE_PLANS)
@require_POST
def export_plans(request: WorkspaceRequest) -> HttpResponse:
    """Start writing the list to a file."""
    query = {key: value for key, value in request.GET.dict().items() if key in selectors.PARAMETERS}
    params = {"query": query, "language": get_language() or "en"}
    job = jobs.start(exports.EXPORT, params, user_id=request.viewer.user_id)
    return HttpResponseRedirect(reverse("job", args=[request.workspace.slug, job.pk]))


@workspace_view(SEE_PLANS)
@require_GET
def plan(request: WorkspaceRequest, plan_id: int) -> HttpResponse:
    """A plan with its tasks and, of a team performance plan, measures, effect and stage reviews."""
    found = pages.find(request, plan_id)
    return plan_page(request, found)


def plan_page(request: WorkspaceRequest, found: ActionPlan, **forms: Any) -> HttpResponse:
    """Show a plan; `forms` are those that could not be saved (task_form, close_form), which stay as typed."""
    today = request.workspace.today()
    tasks = selectors.tasks_of(found)
    late = sum(not task.is_done and task.due < today for task in tasks)
    edits = request.viewer.may(EDIT_PLANS) and may_edit(found, request.viewer, editing_reach(request.viewer, today))
    new_task = TaskForm(slug=request.workspace.slug, plan=found, initial=_next_task(found, request))
    context = {
        "plan": found,
        "state": pages.plan_state(found, late, request),
        "rows": pages.task_rows(request, found, tasks),
        "progress": selectors.progress_of_tasks(tasks),
        "late": late,
        "may_edit": edits,
        "sees_goal": found.goal_id is not None
        and visible_goals(request.viewer, today).filter(pk=found.goal_id).exists(),
        "task_form": new_task if edits and found.is_open else None,
        "close_form": CloseForm() if edits and found.is_open else None,
        **(pages.team_part(request, found) if found.is_of_a_team else {}),
        **forms,
    }
    return render(request, "goals/plan.html", context, status=400 if forms else 200)


def _next_task(found: ActionPlan, request: WorkspaceRequest) -> dict[str, Any]:
    """What the form of a new task begins with: the plan's owner, in a week or on the plan's last day."""
    due = min(max(request.workspace.today() + timedelta(days=7), found.first_day), found.last_day)
    return {"owner": found.owner, "due": due, "priority": Priority.MEDIUM, "progress": 0}


@workspace_view(EDIT_PLANS)
@require_http_methods(READ_WRITE)
def new_plan(request: WorkspaceRequest) -> HttpResponse:
    """Make a plan: empty, or from a ready one (`?template=`); for a goal (`?goal=`) or a person (`?employee=`)."""
    ready = ready_plan(request.GET.get("template", ""))
    data = request.POST if request.method == "POST" else None
    form = _form(request, data, None, initial=_begin(request, ready))
    if data is not None and form.is_valid():
        made = tried(form, lambda: _made(request, form, ready))
        if made is not None:
            messages.success(request, _("The plan is made."))
            return pages.to_plan(request, made.pk)
    context = {"form": form, "ready": ready, "ready_plans": ready_plans(), "title": _("New plan")}
    return render(request, "goals/plan_form.html", context, status=400 if data is not None else 200)


def _made(request: WorkspaceRequest, form: PlanForm, ready: ReadyPlan | None) -> ActionPlan:
    """Make the plan with a ready one's tasks and reviews."""
    draft, today = form.draft(), request.workspace.today()
    tasks = ready.drafts(draft.owner, draft.first_day, draft.last_day) if ready else []
    made = services.create_plan(draft, viewer=request.viewer, today=today, tasks=tasks)
    if ready and made.is_of_a_team:
        days = [ready.day_at(day, made.first_day, made.last_day) for day in ready.reviews]
        team.plan_reviews(made, days)
    return made


def _begin(request: WorkspaceRequest, ready: ReadyPlan | None) -> dict[str, Any]:
    """Return what the form begins with: the ready plan's words, and the days and the person of the goal."""
    today, viewer = request.workspace.today(), request.viewer
    goal = _goals(request, None).filter(pk=_number(request.GET.get("goal", ""))).first()
    own = Employee.objects.filter(pk=viewer.employee_id or 0).first()
    whom = Employee.objects.filter(pk=_number(request.GET.get("employee", ""))).first()
    reach = editing_reach(viewer, today)
    if whom is not None and reach is not None and whom.pk not in reach:
        whom = None
    found: dict[str, Any] = {
        "kind": PlanKind.ACTION, "owner": own, "employee": whom or own, "first_day": today,
        "last_day": today + timedelta(days=USUAL_DAYS - 1),
    }  # fmt: skip
    if ready is not None:
        found |= {"kind": ready.kind, "title": ready.title, "resources": ready.resources,
                  "incentive": ready.incentive, "last_day": ready.last_day(today)}  # fmt: skip
        if ready.kind == PlanKind.TEAM:
            found |= {"employee": None, "unit": next((pk for pk, _n, _d in units_for(reach, today)), None)}
    return found | (_from_goal(goal, found) if goal is not None else {})


def _from_goal(goal: Goal, found: dict[str, Any]) -> dict[str, Any]:
    """Return what follows from the goal: for whom, and an end that doesn't lie behind the goal's."""
    whose: dict[str, Any] = {}
    if goal.level == Level.PERSON:
        whose = {"employee": goal.employee, "unit": None}
    elif goal.unit_id is not None:
        whose = {"employee": None, "unit": goal.unit_id}
    last = min(found["last_day"], goal.last_day)
    return {"goal": goal.pk, **whose, "last_day": max(last, found["first_day"]),
            "title": found.get("title") or goal.title}  # fmt: skip


@workspace_view(EDIT_PLANS)
@require_http_methods(READ_WRITE)
def edit_plan(request: WorkspaceRequest, plan_id: int) -> HttpResponse:
    """Change a plan."""
    found, today = pages.find(request, plan_id), request.workspace.today()
    if not may_edit(found, request.viewer, editing_reach(request.viewer, today)):
        raise NotAllowed
    data = request.POST if request.method == "POST" else None
    names = [name for name in PlanForm.field_order if name not in ("unit", "goal")]
    initial = {name: getattr(found, name) for name in names} | {"unit": found.unit_id, "goal": found.goal_id}
    form = _form(request, data, found, initial=initial)
    seen = request.POST.get("seen", "") if data is not None else services.stamp(found)
    if data is not None and form.is_valid():
        saved = tried(form, lambda: services.edit_plan(
            plan_id, form.draft(), seen=seen, viewer=request.viewer, today=today))  # fmt: skip
        if saved is not None:
            messages.success(request, _("Saved."))
            return pages.to_plan(request, plan_id)
    context = {"form": form, "plan": found, "seen": seen, "title": _("Change the plan")}
    return render(request, "goals/plan_form.html", context, status=400 if data is not None else 200)


def _form(request: WorkspaceRequest, data: Any, found: ActionPlan | None, *, initial: dict[str, Any]) -> PlanForm:
    today = request.workspace.today()
    units = units_for(editing_reach(request.viewer, today), today)
    if found is not None and found.unit is not None and found.unit_id not in [pk for pk, _name, _depth in units]:
        units = [*units, (found.unit.pk, found.unit.name, 0)]
    goals = _goals(request, found)
    return PlanForm(data, initial=initial, slug=request.workspace.slug, units=units, goals=goals)


def _goals(request: WorkspaceRequest, found: ActionPlan | None) -> QuerySet[Goal]:
    """Return the goals to choose from: one's own, those of units and teams, the one asked for and the plan's."""
    asked = _number(request.POST.get("goal") or request.GET.get("goal") or "")
    named = Q(pk=asked) | ~Q(level=Level.PERSON) | Q(employee_id=request.viewer.employee_id or 0)
    goals = goals_for(request.viewer, request.workspace.today()).filter(named)
    return goals | Goal.objects.filter(pk=found.goal_id or 0) if found is not None else goals


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and text.isascii() and len(text) < 19 else 0


@workspace_view(EDIT_PLANS)
@require_POST
def close_plan(request: WorkspaceRequest, plan_id: int) -> HttpResponse:
    """Close a plan, or open it again (`state=open`)."""
    found, today = pages.find(request, plan_id), request.workspace.today()
    if request.POST.get("state") == "open":
        services.reopen_plan(plan_id, viewer=request.viewer, today=today)
        messages.success(request, _("The plan is open again."))
        return pages.to_plan(request, plan_id)
    form = CloseForm(request.POST)
    try:
        if form.is_valid():
            with transaction.atomic():
                services.close_plan(plan_id, **form.cleaned_data, viewer=request.viewer, today=today)
            messages.success(request, _("The plan is closed."))
            return pages.to_plan(request, plan_id)
    except NotAllowed:
        raise
    except DomainError as error:
        form.add_error(None, str(error))
    return plan_page(request, found, close_form=form)
