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
from analytics.homes.parts import parts_of
from analytics.homes.peers import peer_ranking
from analytics.homes.ranking import KIND, arranged
from analytics.homes.scope import HomeScope, home_scope, person_scope, shortcuts
from analytics.permissions import SEE_HOME, SEE_PERSON
from goals.permissions import SET_TARGETS
from perfmgmt.closing.permissions import SEE_PERIODS
from perfmgmt.jobs import services as jobs
from perfmgmt.metrics.models import Metric
from perfmgmt.metrics.permissions import IMPORT_FACTS, SEE_FACTS
from perfmgmt.metrics.selectors import days_with_facts, work_is_waiting
from perfmgmt.people.access import WorkspaceRequest, workspace_view
from perfmgmt.people.models import Employee
from perfmgmt.people.pages import head
from perfmgmt.tenants.calendar import Grain, Period
from perfmgmt.tenants.models import RankingVisibility
from perfmgmt.web import formats
from perfmgmt.web.charts import Chart, Series

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
    scope = home_scope(request.GET, request.viewer, request.workspace, request.workspace.today())
    context = {**_context(request, scope), **parts_of(request, scope)}
    if scope.only_self and request.viewer.employee_id is not None:
        context["peers"] = peer_ranking(scope, request.viewer.employee_id)
    return render(request, "homes/home.html", context)


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
    context = {**_context(request, scope), **head(request, employee, "person")}
    return render(request, "homes/person.html", context)


def _context(request: WorkspaceRequest, scope: HomeScope) -> dict[str, Any]:
    board = build(scope)
    page = Paginator(arranged(board.lines, request.GET), LINES_PER_PAGE).get_page(request.GET.get("page"))
    return {
        "scope": scope,
        "board": board,
        "page": page,
        "rows": [_row(request, scope, line) for line in page],
        "cards": _cards(request, scope, board),
        "chart": _chart(request, scope, board),
        "title": _title(scope, board),
        "shortcuts": [(label, _grain_word(grain)) for label, grain in shortcuts(scope.period, scope.today)],
        "previous": scope.period.next(-1),
        "following": scope.period.next(),
        "pending": not board.has_facts and work_is_waiting(),
        "latest": None if board.has_facts else _latest(scope),
        "never": not board.has_facts and days_with_facts(scope.metric) is None,
        "may_see_periods": request.viewer.may(SEE_PERIODS),
        "ranking_seen": RankingVisibility(scope.workspace.ranking_visibility).label,
        "sees_figures": scope.people is None or bool(scope.people),
        "may_import": request.viewer.may(IMPORT_FACTS),
        "may_set_targets": request.viewer.may(SET_TARGETS) and not scope.only_self,
    }


def _grain_word(grain: Grain) -> str:
    return {Grain.MONTH: _("Month"), Grain.QUARTER: _("Quarter"), Grain.YEAR: _("Year")}[grain]


def _title(scope: HomeScope, board: Board) -> str:
    """Say the most important thing first: how far the target is reached, or whose figures these are."""
    who = str(scope.unit) if scope.unit else _("The company") if scope.people is None else _("The team")
    if scope.acting:
        who = _("The team of {name}").format(name=scope.acting.name)
    elif scope.only_self:
        who = _("You")
    share = next((headline.attainment for headline in board.headlines if headline.metric == scope.metric), None)
    if share is None:
        return f"{who} · {formats.period(scope.period)}"
    percent = formats.percent(float(share), 0)
    return _("{period}: {who} at {percent}").format(period=formats.period(scope.period), who=who, percent=percent)


def _drill(request: WorkspaceRequest, scope: HomeScope, metric: Metric, **who: Any) -> str:
    """Return the address of the facts behind a figure, or nothing for who may not see facts."""
    if not request.viewer.may(SEE_FACTS):
        return ""
    query = {"metric": metric.code, "from": scope.period.start.isoformat(), "to": scope.period.end.isoformat(), **who}
    return f"{reverse('facts', args=[request.workspace.slug])}?{urlencode(query)}"


def _whole(scope: HomeScope) -> dict[str, Any]:
    if scope.people is None:
        return {"unit": scope.unit.pk} if scope.unit else {}
    if scope.acting:
        return {"standin": scope.acting.employee_id}
    if len(scope.people) == 1:
        return {"employee": next(iter(scope.people))}
    return {"who": "team"}


def _cards(request: WorkspaceRequest, scope: HomeScope, board: Board) -> list[dict[str, Any]]:
    currency, cards = request.workspace.currency, []
    for headline in board.headlines:
        metric = headline.metric
        detail = _("{n} facts").format(n=formats.number(headline.n))
        if headline.target is not None:
            detail = _("Target {target}").format(target=formats.metric_value(headline.target, metric, currency))
            if headline.expected is not None and scope.period.end >= scope.today:
                due = formats.metric_value(round(float(headline.expected)), metric, currency)
                detail = _("{target} · due by now {due}").format(target=detail, due=due)
        cards.append(
            {
                "label": metric.name,
                "value": formats.metric_value(headline.value, metric, currency),
                "detail": detail,
                "status": _code(headline.pace) if headline.target is not None else "",
                "url": _drill(request, scope, metric, **_whole(scope)) if headline.n else "",
                "hint": _("no facts in this period"),
            }
        )
    return cards


def _code(pace: str) -> str:
    return str(pace).replace(" ", "_")


def _row(request: WorkspaceRequest, scope: HomeScope, line: Line) -> dict[str, Any]:
    slug, period = request.workspace.slug, scope.period.label
    who = {"unit": line.id} if line.is_unit else {"employee": line.id}
    page = reverse("home", args=[slug]) if line.is_unit else reverse("person", args=[slug, line.id])
    query = {"period": period, "metric": scope.metric.code, **({"unit": line.id} if line.is_unit else {})}
    opened = f"{page}?{urlencode(query)}"
    return {
        "line": line,
        "url": opened,
        "facts_url": _drill(request, scope, scope.metric, **who) if line.n else "",
        "status": _code(line.pace),
        "tone": TONES.get(str(line.pace), ""),
        "attainment": None if line.attainment is None else float(line.attainment),
        "expected": None if line.expected_share is None else float(line.expected_share),
    }


def _chart(request: WorkspaceRequest, scope: HomeScope, board: Board) -> Chart:
    metric = scope.metric
    labels = [formats.month_short(month.year, month.month) for month in board.months]
    urls = []
    for month in board.months:
        period = Period(Grain.MONTH, month, scope.period.fiscal_start_month)
        query = {"metric": metric.code, "from": month.isoformat(), "to": period.end.isoformat(), **_whole(scope)}
        urls.append(
            f"{reverse('facts', args=[request.workspace.slug])}?{urlencode(query)}"
            if request.viewer.may(SEE_FACTS)
            else ""
        )
    # Twelve months of nothing are shown as nothing, not as twelve zeros.
    values = board.trend if any(board.trend) else [None] * len(board.trend)
    series = [Series(metric.name, values, kind="bar", urls=urls)]
    if any(target is not None for target in board.trend_targets):
        series.append(Series(_("Target"), board.trend_targets, role="muted", kind="line", style="dash"))
    unit = "money" if metric.is_money else metric.unit_of_measure
    return Chart(
        id="trend",
        title=_("{metric}, last 12 months").format(metric=metric.name),
        categories=labels,
        series=series,
        kind="bar",
        unit=unit,
        currency=request.workspace.currency,
        category_title=_("Month"),
    )


def _latest(scope: HomeScope) -> Period | None:
    """Return the newest period with facts, when the one on the page has none."""
    span = days_with_facts(scope.metric)
    if span is None:
        return None
    newest = Period.containing(scope.period.grain, span[1], scope.period.fiscal_start_month)
    return None if newest == scope.period else newest
