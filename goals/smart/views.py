"""The form of a goal, and the check beside it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from goals import making
from goals.access import Reach
from goals.agreement import services as agreement
from goals.making import BadGoal
from goals.models import Goal, Level
from goals.permissions import EDIT_GOALS
from goals.smart import periods
from goals.smart.filling import Filled, filled, left_open, understood
from goals.smart.forms import GoalForm, Setting, initial_of
from goals.smart.panel import Panel
from goals.smart.selectors import offered_metrics
from goals.smart.spans import Days
from perfmgmt.people.access import WorkspaceRequest, workspace_view
from perfmgmt.people.models import Employee, Unit
from perfmgmt.tenants.calendar import Grain
from perfmgmt.tenants.errors import DomainError, NotAllowed, NotFound
from perfmgmt.web import formats

#: Fields that an address may fill in, such as a link from the grid or the tree.
FROM_ADDRESS = ("title", "level", "unit", "employee", "metric", "period", "parent", "target")
FIELD_OF = {"grain": "period", "reason": "smart_reason", "members": "member_0"}


@workspace_view(EDIT_GOALS)
@require_http_methods(["GET", "POST"])
def new_goal(request: WorkspaceRequest) -> HttpResponse:
    """The form for a new goal."""
    return _page(request, None)


@workspace_view(EDIT_GOALS)
@require_http_methods(["GET", "POST"])
def edit_goal(request: WorkspaceRequest, goal_id: int) -> HttpResponse:
    """The form of a goal that isn't agreed yet."""
    return _page(request, _goal(request, goal_id))


@workspace_view(EDIT_GOALS)
@require_POST
def smart_check(request: WorkspaceRequest) -> HttpResponse:
    """The panel for the form as it stands now, and the form again when its sentence says something else."""
    typed = request.POST.get("goal", "")
    goal = _goal(request, int(typed)) if typed.isascii() and typed.isdigit() and len(typed) < 19 else None
    made = _made(request, goal, request.POST)
    shown = dict(made.form.fields["parent"].widget.choices)
    same = request.POST.get("parents_shown", "") == _key(shown)
    return render(request, "goals/goal_panel.html", _context(request, made) | {"is_part": True, "same_parents": same})


def _key(choices: Iterable[str]) -> str:
    """What tells one list of goals above from another."""
    return ",".join(choices)[:2000]


@dataclass(frozen=True)
class Made:
    """A form with what was read into it and what it comes to."""

    form: GoalForm
    panel: Panel
    filled: Filled


def _goal(request: WorkspaceRequest, goal_id: int) -> Goal:
    reach = Reach(request.viewer, request.workspace.today())
    goal = reach.visible().select_related("metric", "owner", "employee", "unit").filter(pk=goal_id).first()
    if goal is None or not reach.edits(goal):
        raise NotFound
    return goal


def _setting(request: WorkspaceRequest, goal: Goal | None, reach: Reach) -> Setting:
    metrics = offered_metrics()
    if goal is not None and goal.metric is not None and goal.metric not in metrics:
        metrics.append(goal.metric)  # archived since: it stays chosen, and saving says so
    units = Unit.objects.filter(archived_on=None).order_by("name", "pk").values_list("pk", "name")
    led = [it for it in units if reach.units is None or it[0] in reach.units]
    levels = [it for it in Level.choices if _may_have(it[0], led, reach)]
    return Setting(
        slug=request.workspace.slug, days=Days(reach.on, request.workspace.fiscal_start_month),
        metrics=tuple(metrics), units=tuple(led), levels=tuple(levels[::-1]), goal=goal,
    )  # fmt: skip


def _may_have(level: str, units: list[tuple[int, str]], reach: Reach) -> bool:
    if level == Level.COMPANY:
        return reach.edits(Goal(level=Level.COMPANY))
    return level == Level.PERSON or bool(units)


def _made(request: WorkspaceRequest, goal: Goal | None, data: QueryDict | dict[str, Any]) -> Made:
    """Read the sentence into a form's data, and judge what comes of it."""
    reach = Reach(request.viewer, request.workspace.today())
    setting = _setting(request, goal, reach)
    if isinstance(data, QueryDict):
        read = filled(data, setting)
    else:
        query = QueryDict(mutable=True)
        query.update({key: "" if value is None else str(value) for key, value in data.items()})
        read = filled(query, setting)
    form = GoalForm(read.data, setting=setting)
    form.is_valid()
    panel = Panel(form, reach, read.reading)
    form.fields["parent"].widget.choices = [("", "—"), *panel.parents]
    return Made(form, panel, read)


def _page(request: WorkspaceRequest, goal: Goal | None) -> HttpResponse:
    if goal is not None and not goal.is_open:
        messages.info(request, _("This goal is agreed or closed. Ask for a change on its page instead."))
        return HttpResponseRedirect(reverse("goal", args=[request.workspace.slug, goal.pk]))
    if request.method != "POST":
        made = _made(request, goal, _first_data(request, goal))
        made.form.errors.clear()  # nobody has typed anything yet
        return render(request, "goals/goal_form.html", _context(request, made) | {"is_new_form": True})
    made = _made(request, goal, request.POST)
    action = request.POST.get("action", "save")
    if action not in ("save", "propose") or _only_a_sentence(request.POST, made):
        return render(request, "goals/goal_form.html", _context(request, made))
    weights = made.panel.weights  # before there is one goal more
    saved = _save(request, goal, made, propose=action == "propose") if made.form.is_valid() else None
    if saved is None:
        return render(request, "goals/goal_form.html", _context(request, made), status=400)
    text = _("“%(goal)s” is proposed.") if action == "propose" else _("“%(goal)s” is saved as a draft.")
    messages.success(request, text % {"goal": saved.title})
    if weights is not None and made.panel.is_overweight:
        total: Any = formats.number(weights)
        messages.warning(
            request, _("The weights of this period sum to %(total)s%%, more than 100%%.") % {"total": total}
        )
    return HttpResponseRedirect(reverse("goal", args=[request.workspace.slug, saved.pk]))


def _only_a_sentence(posted: QueryDict, made: Made) -> bool:
    """Whether nothing but the sentence was typed and it has just been read: then it is shown before it is saved."""
    return made.filled.changed and not posted.get("metric") and not posted.get("target")


def _first_data(request: WorkspaceRequest, goal: Goal | None) -> dict[str, Any]:
    """The data of a form that nobody has filled in yet, from the goal or from the address."""
    fiscal = request.workspace.fiscal_start_month
    if goal is not None:
        found = initial_of(goal, fiscal)
        people = {key: value for key, value in found.items() if isinstance(value, Employee)}
        return found | {key: f"{person.name} ({person.number})" for key, person in people.items()}
    days = Days(request.workspace.today(), fiscal)
    asked = {name: request.GET[name][:200] for name in FROM_ADDRESS if name in request.GET}
    if "period" in asked and periods.parse(asked["period"], fiscal) is None:
        del asked["period"]
    return {
        "level": Level.PERSON, "form": "absolute", "baseline_kind": "previous", "counting": "whole",
        "period": days.next_whole(Grain.QUARTER).label, **asked,
    }  # fmt: skip


def _save(request: WorkspaceRequest, goal: Goal | None, made: Made, *, propose: bool) -> Goal | None:
    """Save, and propose, what the form says, all or nothing; None with the error at its field."""
    form, viewer, today = made.form, request.viewer, request.workspace.today()
    if form.chosen is None:
        form.add_error("last_day", _("Enter the first and the last day."))
        return None
    baseline, kind = made.panel.baseline
    draft = form.draft(baseline, kind)
    try:
        with transaction.atomic():
            if goal is None:
                saved = making.create_goal(draft, viewer=viewer, today=today)
            else:
                version = form.cleaned_data.get("version") or 0  # a form without one is not what the page sent
                saved = making.edit_goal(goal.pk, draft, viewer=viewer, today=today, version=version)
            if propose:
                reason = form.cleaned_data["smart_reason"]
                saved = agreement.propose(saved.pk, viewer=viewer, today=today, reason=reason)
    except DomainError as error:
        _tell(form, error)
        return None
    return saved


def _tell(form: GoalForm, error: DomainError) -> None:
    """Put an error of the services to its field."""
    field: str | None = None
    text = str(error)
    if isinstance(error, BadGoal):
        field = FIELD_OF.get(error.field, error.field)
    elif isinstance(error, NotFound | NotAllowed):
        field = "employee" if form.subject.level == Level.PERSON else "unit"
        if isinstance(error, NotFound):
            text = _("You can't make goals for this one. Choose somebody of your team, or a unit that you lead.")
    form.add_error(field if field in form.fields else None, text)


def _context(request: WorkspaceRequest, made: Made) -> dict[str, Any]:
    setting, title = made.form.setting, made.filled.data.get("title", "")
    panel = made.panel
    return {
        "form": made.form,
        "goal": setting.goal,
        "panel": panel,
        "letters": panel.rows(),
        "expected": panel.expected(),
        "understood": understood(made.filled.reading, setting, request.workspace.currency),
        "left_open": left_open(made.filled.reading, title),
        "fields_changed": made.filled.changed,
        "parents_key": _key(value for value, _word in made.form.fields["parent"].widget.choices),
    }
