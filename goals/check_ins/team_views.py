"""The manager's side: the team's week, answers, confirmed key tasks, the list as a file, the rules of goals."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from goals.check_ins import exports, selectors, services
from goals.check_ins.forms import GoalRulesForm, labels_of
from goals.check_ins.team import PARAMETERS, Row, Status, TeamWeek
from goals.check_ins.views import _ids
from goals.models import CheckIn
from goals.permissions import ANSWER_CHECK_INS, FOLLOW_CHECK_INS, MANAGE_GOALS
from perfmgmt.jobs import services as jobs
from perfmgmt.people.access import WorkspaceRequest, workspace_view
from perfmgmt.tenants.errors import DomainError, NotFound

PAGE, ROW = "goals/check_ins.html", "goals/check_ins_row.html"


@workspace_view(FOLLOW_CHECK_INS)
@require_GET
def check_ins(request: WorkspaceRequest) -> HttpResponse:
    """The check-ins of the people below in a week."""
    team = TeamWeek(request.GET, viewer=request.viewer, workspace=request.workspace)
    page = team.page(request.GET.get("page"))
    first, last = labels_of(team.week)
    context = {
        "team": team, "page": page, "counts": team.counts, "first": first, "last": last,
        "states": [(status.value, word) for status, word in exports.STATUS_WORDS.items()],
        "may_answer": request.viewer.may(ANSWER_CHECK_INS),
    }  # fmt: skip
    return render(request, PAGE, context)


@workspace_view(FOLLOW_CHECK_INS)
@require_POST
def export_check_ins(request: WorkspaceRequest) -> HttpResponse:
    """Start writing the list to a file, CSV or XLSX."""
    query = {key: value for key, value in request.GET.dict().items() if key in PARAMETERS}
    team = TeamWeek(query, viewer=request.viewer, workspace=request.workspace)
    form = "xlsx" if request.POST.get("format") == "xlsx" else "csv"
    params = {"query": {**query, "week": team.label}, "format": form, "language": get_language() or "en"}
    job = jobs.start(exports.EXPORT, params, user_id=request.viewer.user_id)
    return HttpResponseRedirect(reverse("job", args=[request.workspace.slug, job.pk]))


@workspace_view(ANSWER_CHECK_INS)
@require_POST
def answer_check_in(request: WorkspaceRequest, check_in_id: int) -> HttpResponse:
    """Answer a check-in; htmx gets the person's row anew, a page without scripts goes back to where it was."""
    today, text = request.workspace.today(), request.POST.get("answer", "")[:1000]
    try:
        found = services.answer(
            check_in_id, text, viewer=request.viewer, today=today, seen=request.POST.get("seen", "")
        )
    except NotFound:
        raise
    except DomainError as error:
        return _refused(request, check_in_id, text, str(error))
    if request.htmx:  # type: ignore[attr-defined]
        return _row(request, found)
    messages.success(request, _("Your answer is saved.") if text.strip() else _("Marked as read."))
    return HttpResponseRedirect(reverse("check_in_page", args=[request.workspace.slug, found.pk]))


def _refused(request: WorkspaceRequest, check_in_id: int, text: str, error: str) -> HttpResponse:
    """Show the form again with what was typed and why it was refused."""
    found = selectors.visible_check_in(check_in_id, viewer=request.viewer, today=request.workspace.today())
    if request.htmx:  # type: ignore[attr-defined]
        return _row(request, found, typed=text, error=error)
    messages.error(request, error)
    return HttpResponseRedirect(reverse("check_in_page", args=[request.workspace.slug, check_in_id]))


@workspace_view(ANSWER_CHECK_INS)
@require_POST
def confirm_tasks(request: WorkspaceRequest, employee_id: int) -> HttpResponse:
    """Confirm key tasks of somebody below (`task`, several)."""
    count = services.confirm_tasks(
        employee_id, _ids(request, "task"), viewer=request.viewer, today=request.workspace.today()
    )
    text = ngettext("%(n)s key task confirmed.", "%(n)s key tasks confirmed.", count) % {"n": count}
    messages.success(request, text if count else _("They were confirmed already."))
    week = request.POST.get("week", "")
    address = reverse("check_ins", args=[request.workspace.slug])
    return HttpResponseRedirect(f"{address}?week={week}" if week.replace("-W", "").isdecimal() else address)


def _row(request: WorkspaceRequest, check_in: CheckIn, *, typed: str = "", error: str = "") -> HttpResponse:
    """Answer with one person's row of the list; htmx shows it only with the status 200, refused or not."""
    found = selectors.with_lines().get(pk=check_in.pk)
    status = Status.ANSWERED if found.answered_at else Status.HELP if found.help_wanted else Status.SENT
    row = Row(found.employee_id, found.employee.name, found.employee.number, 0, status, 0, found.pk)
    team = TeamWeek({"week": f"{found.week:%G-W%V}"}, viewer=request.viewer, workspace=request.workspace)
    team.fill([row])
    context: dict[str, Any] = {
        "row": row, "team": team, "may_answer": True, "is_opened": True, "typed": typed, "error": error
    }  # fmt: skip
    return render(request, ROW, context)


@workspace_view(MANAGE_GOALS)
@require_http_methods(["GET", "POST"])
def goal_rules(request: WorkspaceRequest) -> HttpResponse:
    """What the workspace decides about goals: when check-ins are due, which change of a target is large."""
    rules = selectors.goal_rules()
    form = GoalRulesForm(request.POST if request.method == "POST" else None, instance=rules)
    if request.method == "POST" and form.is_valid():
        services.set_rules(**form.cleaned_data)
        messages.success(request, _("Saved."))
        return HttpResponseRedirect(reverse("goal_rules", args=[request.workspace.slug]))
    return render(request, "goals/rules.html", {"form": form}, status=400 if request.method == "POST" else 200)
