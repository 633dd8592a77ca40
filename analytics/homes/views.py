"""The home (A1): a manager's team, the company by unit, or one's own figures."""

from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from analytics.homes.board import Board, Line, build
from analytics.homes.frame import code_of, drill_url, frame_context, whole, whose
from analytics.homes.own_views import own_context, own_home
from analytics.homes.parts import parts_of
from analytics.homes.payroll import is_payroll_home, payroll_home
from analytics.homes.ranking import KIND, arranged
from analytics.homes.scope import HomeScope, days_with, home_scope, person_scope
from analytics.permissions import SEE_HOME, SEE_PERSON
from goals.permissions import SET_TARGETS
from perfmgmt.jobs import services as jobs
from perfmgmt.people.access import WorkspaceRequest, workspace_view
from perfmgmt.people.models import Employee
from perfmgmt.people.pages import head
from perfmgmt.web import formats

LINES_PER_PAGE = 20
TONES = {
    "ahead": "good",
    "on track": "good",
    "achieved": "good",
    "at risk": "warn",
    "off track": "bad",
    "overdue": "bad",
}


@workspace_view(SEE_HOME)
@require_GET
def home(request: WorkspaceRequest) -> HttpResponse:
    """The figures of a period, the trend, and the ranking; every figure opens its facts."""
    if is_payroll_home(request.viewer, request.GET.get("view", "")):
        return payroll_home(request)
    scope = home_scope(request.GET, request.viewer, request.workspace, request.workspace.today())
    if scope.only_self and request.viewer.employee_id is not None:
        return own_home(request, scope, request.viewer.employee_id)
    return render(request, "homes/home.html", {**_context(request, scope), **parts_of(request, scope)})


@workspace_view(SEE_HOME)
@require_POST
def export_ranking(request: WorkspaceRequest) -> HttpResponse:
    """Start writing the ranking of the page to a file."""
    home_scope(request.GET, request.viewer, request.workspace, request.workspace.today())
    params = {"query": request.GET.urlencode(), "language": get_language() or "en"}
    job = jobs.start(KIND, params, user_id=request.viewer.user_id)
    return HttpResponseRedirect(reverse("job", args=[request.workspace.slug, job.pk]))


@workspace_view(SEE_PERSON)
@require_GET
def person(request: WorkspaceRequest, employee_id: int) -> HttpResponse:
    """The tab of a person's page that shows their figures of a period, for who may look at them."""
    today = request.workspace.today()
    scope = person_scope(request.GET, request.viewer, request.workspace, today, employee_id)
    employee = Employee.objects.get(pk=employee_id)
    context = {
        **own_context(request, scope, employee_id),
        **head(request, employee, "person"),
        "team_days": formats.spans(days_with(request.viewer, employee_id, scope.period)),
    }
    return render(request, "homes/person.html", context)


def _context(request: WorkspaceRequest, scope: HomeScope) -> dict[str, Any]:
    board = build(scope)
    page = Paginator(arranged(board.lines, request.GET), LINES_PER_PAGE).get_page(request.GET.get("page"))
    return {
        **frame_context(request, scope, board),
        "page": page,
        "rows": [_row(request, scope, line) for line in page],
        "cards": _cards(request, scope, board),
        "title": _title(scope, board),
        "may_set_targets": request.viewer.may(SET_TARGETS) and not scope.only_self,
    }


def _title(scope: HomeScope, board: Board) -> str:
    """Say the most important thing first: how far the target is reached, or whose figures these are."""
    who = str(scope.unit) if scope.unit else _("The company") if scope.people is None else _("The team")
    if scope.acting:
        who = _("The team of {name}").format(name=scope.acting.name)
    share = next((headline.attainment for headline in board.headlines if headline.metric == scope.metric), None)
    if share is None:
        return f"{who} · {formats.period(scope.period)}"
    percent = formats.percent(float(share), 0)
    return _("{period}: {who} at {percent}").format(period=formats.period(scope.period), who=who, percent=percent)


def _cards(request: WorkspaceRequest, scope: HomeScope, board: Board) -> list[dict[str, Any]]:
    currency, cards = request.workspace.currency, []
    for headline in board.headlines:
        metric = headline.metric
        detail = _("{n} facts").format(n=formats.number(headline.n))
        if headline.target is not None:
            target = formats.metric_value(headline.target, metric, currency)
            detail = _("Target {target}").format(target=target)
            if not scope.only_self:  # not to be taken for the goal that was agreed for the unit
                detail = _("People's targets {target}").format(target=target)
            if headline.expected is not None and scope.period.end >= scope.today:
                due = formats.metric_value(round(float(headline.expected)), metric, currency)
                detail = _("{target} · due by now {due}").format(target=detail, due=due)
        cards.append(
            {
                "label": metric.name,
                "value": formats.metric_value(headline.value, metric, currency),
                "detail": detail,
                "status": code_of(headline.pace) if headline.target is not None else "",
                "url": drill_url(request, scope, metric, **whole(scope)) if headline.n else "",
                "hint": _("no facts in this period"),
            }
        )
    return cards


def _row(request: WorkspaceRequest, scope: HomeScope, line: Line) -> dict[str, Any]:
    slug, period = request.workspace.slug, scope.period.label
    who = {"unit": line.id} if line.is_unit else whose(scope, line.id, partly=bool(line.days))
    page = reverse("home", args=[slug]) if line.is_unit else reverse("person", args=[slug, line.id])
    query = {"period": period, "metric": scope.metric.code, **({"unit": line.id} if line.is_unit else {})}
    opened = f"{page}?{urlencode(query)}"
    return {
        "line": line,
        "url": "" if line.elsewhere and not request.viewer.sees_everybody else opened,
        "days": formats.spans(line.days) if line.days else "",
        "facts_url": drill_url(request, scope, scope.metric, **who) if line.n else "",
        "status": code_of(line.pace),
        "tone": TONES.get(str(line.pace), ""),
        "attainment": None if line.attainment is None else float(line.attainment),
        "expected": None if line.expected_share is None else float(line.expected_share),
    }
