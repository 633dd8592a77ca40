"""The list of goals, the page of one, and what people do with it."""

from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.core.files.storage import default_storage
from django.core.paginator import Paginator
from django.http import FileResponse, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from goals import goal_list, making, staging
from goals.access import Reach
from goals.agreement import evidence, exports, services
from goals.agreement.page import page_of
from goals.following.selectors import standings
from goals.locking import services as locking
from goals.making import BadGoal
from goals.models import Goal, GoalEvidence, Level, State
from goals.permissions import EDIT_GOALS, MANAGE_GOALS, SEE_GOALS
from goals.smart.typed import BadNumber, typed_number
from perfmgmt.jobs import services as jobs
from perfmgmt.people.access import WorkspaceRequest, workspace_view
from perfmgmt.tenants.errors import NotFound
from perfmgmt.web import formats
from perfmgmt.web.attachments import ACCEPT, KINDS

GOALS_PER_PAGE = 50


@workspace_view(SEE_GOALS)
@require_GET
def goals(request: WorkspaceRequest) -> HttpResponse:
    """The goals of a period within the viewer's reach, or their own."""
    wanted = goal_list.read(request.GET, viewer=request.viewer, workspace=request.workspace)
    page = Paginator(wanted.goals(), GOALS_PER_PAGE).get_page(request.GET.get("page"))
    shown = [goal for goal in page if wanted.reach.figures(goal)]
    standing = standings(shown, today=request.workspace.today())
    rows = [
        {
            "goal": goal,
            "standing": standing.get(goal.pk),
            "may_propose": goal.state == State.DRAFT and wanted.reach.edits(goal),
        }
        for goal in page
    ]
    context = {
        "wanted": wanted,
        "page": page,
        "rows": rows,
        "levels": Level.choices,
        "states": [(goal_list.WAITING, _("Waiting for me")), *State.choices],
        "may_propose": any(row["may_propose"] for row in rows),
        "may_make": request.viewer.may(EDIT_GOALS),
        "new_url": reverse("new_goal", args=[request.workspace.slug]) if request.viewer.may(EDIT_GOALS) else "",
        "leads": wanted.reach.below is None or bool(wanted.reach.below),
    }
    return render(request, "goals/goals.html", context)


@workspace_view(SEE_GOALS)
@require_POST
def export_goals(request: WorkspaceRequest) -> HttpResponse:
    """Start writing the list to a file."""
    query = {key: value for key, value in request.GET.dict().items() if key in goal_list.PARAMETERS}
    params = {"query": query, "language": get_language() or "en"}
    job = jobs.start(exports.GOALS, params, user_id=request.viewer.user_id)
    return HttpResponseRedirect(reverse("job", args=[request.workspace.slug, job.pk]))


@workspace_view(EDIT_GOALS)
@require_POST
def propose_goals(request: WorkspaceRequest) -> HttpResponse:
    """Propose the chosen drafts."""
    ids = [pk for text in request.POST.getlist("goal")[:GOALS_PER_PAGE] if (pk := _whole(text)) is not None]
    done, why = services.propose_many(ids, viewer=request.viewer, today=request.workspace.today())
    if done:
        n = len(done)
        messages.success(request, ngettext("%(n)s goal proposed.", "%(n)s goals proposed.", n) % {"n": n})
    titles = dict(Goal.objects.filter(pk__in=list(why)).values_list("pk", "title"))
    for goal_id, reason in list(why.items())[:10]:
        messages.error(request, f"{titles.get(goal_id, '')}: {reason}")
    if not done and not why:
        messages.error(request, _("Choose the goals first."))
    query = request.POST.get("query", "")[:500]
    return HttpResponseRedirect(f"{reverse('goals', args=[request.workspace.slug])}?{query}")


@workspace_view(SEE_GOALS)
@require_GET
def goal(request: WorkspaceRequest, goal_id: int) -> HttpResponse:
    """One goal: its number and months, how it was agreed, what comes next."""
    return _page(request, goal_id)


@workspace_view(SEE_GOALS)
@require_POST
def act_on_goal(request: WorkspaceRequest, goal_id: int) -> HttpResponse:
    """Propose, take back, accept, counter, cancel, split, ask for a change, decide on one: `action` says which."""
    act = ACTIONS.get(request.POST.get("action", ""))
    if act is None:
        raise NotFound
    try:
        said = act(request, goal_id)
    except BadGoal as error:
        return _page(request, goal_id, error=error)
    messages.success(request, said)
    return HttpResponseRedirect(reverse("goal", args=[request.workspace.slug, goal_id]))


def _page(request: WorkspaceRequest, goal_id: int, error: BadGoal | None = None) -> HttpResponse:
    reach = Reach(request.viewer, request.workspace.today())
    related = ("metric", "employee", "unit", "owner", "parent", "created_by")
    found = reach.visible().select_related(*related).filter(pk=goal_id).first()
    if found is None:
        raise NotFound
    context = {
        "page": page_of(found, reach),
        "goal": found,
        "may_see_figures": reach.figures(found),
        "may_unlock": request.viewer.may(MANAGE_GOALS),
        "accept": ACCEPT,
        "error": error,
        "typed": request.POST if error is not None else {},
    }
    return render(request, "goals/goal.html", context, status=200 if error is None else 400)


@workspace_view(SEE_GOALS)
@require_POST
def add_goal_evidence(request: WorkspaceRequest, goal_id: int) -> HttpResponse:
    """Add a sentence or a file that shows a milestone, and mark it as done."""
    try:
        evidence.add_evidence(
            goal_id, text=request.POST.get("text", ""), file=request.FILES.get("file"),
            done=request.POST.get("done") == "yes", **_known(request),
        )  # fmt: skip
    except BadGoal as error:
        return _page(request, goal_id, error=error)
    messages.success(request, _("Evidence added."))
    return HttpResponseRedirect(reverse("goal", args=[request.workspace.slug, goal_id]))


@workspace_view(SEE_GOALS)
@require_GET
def goal_file(request: WorkspaceRequest, evidence_id: int) -> FileResponse:
    """Download a file of evidence; a browser never shows it, whatever is in it."""
    found = GoalEvidence.objects.filter(pk=evidence_id).exclude(path="").first()
    reach = Reach(request.viewer, request.workspace.today())
    if found is None or not reach.visible().filter(pk=found.goal_id).exists():
        raise NotFound
    if not default_storage.exists(found.path):
        raise NotFound
    response = FileResponse(
        default_storage.open(found.path), as_attachment=True, filename=found.file_name,
        content_type=KINDS[found.kind][0],
    )  # fmt: skip
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _number(request: WorkspaceRequest, goal_id: int, name: str = "target") -> Decimal:
    """Return the number of a field in the unit of the goal's metric, read as the form of a goal reads it: 95%, 15万.

    Raises BadGoal for anything else.
    """
    text = request.POST.get(name, "").strip()
    unit = Goal.objects.filter(pk=goal_id).values_list("metric__unit_of_measure", flat=True).first() or ""
    try:
        value = typed_number(text, unit)
    except BadNumber as error:
        raise BadGoal(name, _("“{text}” is no number."), text=text[:40]) from error
    if value is None:
        raise BadGoal(name, _("“{text}” is no number."), text=text)
    return value


def _whole(text: str) -> int | None:
    """Return an id or a version; None for what can't be one, such as thousands of digits."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def _version(request: WorkspaceRequest) -> int:
    return _whole(request.POST.get("version", "")) or 0


def _known(request: WorkspaceRequest) -> dict[str, Any]:
    return {"viewer": request.viewer, "today": request.workspace.today()}


def _reason(request: WorkspaceRequest) -> str:
    return request.POST.get("reason", "").strip()[:500]


def _propose(request: WorkspaceRequest, goal_id: int) -> str:
    target = _number(request, goal_id) if request.POST.get("target", "").strip() else None
    services.propose(goal_id, reason=_reason(request), target=target, version=_version(request), **_known(request))
    return _("Proposed. The other side sees it now.")


def _withdraw(request: WorkspaceRequest, goal_id: int) -> str:
    services.withdraw(goal_id, version=_version(request), **_known(request))
    return _("Taken back. It is a draft again.")


def _accept(request: WorkspaceRequest, goal_id: int) -> str:
    found = services.accept(goal_id, version=_version(request), reason=_reason(request), **_known(request))
    currency = request.workspace.currency
    value = formats.metric_value(found.target, found.metric, currency) if found.metric and found.target else ""
    return _("Agreed: {value}").format(value=value) if value else _("Agreed.")


def _counter(request: WorkspaceRequest, goal_id: int) -> str:
    services.counter(
        goal_id, _number(request, goal_id), _reason(request), version=_version(request), **_known(request)
    )
    return _("Your number was sent.")


def _cancel(request: WorkspaceRequest, goal_id: int) -> str:
    making.cancel_goal(goal_id, reason=_reason(request), **_known(request))
    return _("Cancelled.")


def _unlock(request: WorkspaceRequest, goal_id: int) -> str:
    locking.unlock(goal_id, _reason(request), **_known(request))
    return _("The lock is lifted. The goal is agreed again.")


def _request_change(request: WorkspaceRequest, goal_id: int) -> str:
    asked = services.request_change(goal_id, _number(request, goal_id), _reason(request), **_known(request))
    if asked.is_large:
        return _("Asked for. A change this large is for the manager's manager or HR to decide.")
    return _("Asked for. The other side decides.")


def _decide(request: WorkspaceRequest, goal_id: int) -> str:
    asked = _whole(request.POST.get("request", ""))
    if asked is None:
        raise NotFound
    approve = request.POST.get("decision") == "approve"
    services.decide(asked, approve=approve, reason=_reason(request), goal_id=goal_id, **_known(request))
    return _("Approved. The months follow.") if approve else _("The target stays as it is.")


def _split(request: WorkspaceRequest, goal_id: int) -> str:
    way = request.POST.get("way", "")
    fiscal = request.workspace.fiscal_start_month
    made = staging.split_goal(
        goal_id, way if way in staging.WAYS else staging.SEASON, fiscal_start_month=fiscal, **_known(request)
    )
    return ngettext("%(n)s stage was made.", "%(n)s stages were made.", len(made)) % {"n": len(made)}


ACTIONS = {
    "propose": _propose,
    "withdraw": _withdraw,
    "accept": _accept,
    "counter": _counter,
    "cancel": _cancel,
    "request": _request_change,
    "decide": _decide,
    "unlock": _unlock,
    "split": _split,
}
