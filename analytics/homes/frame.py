"""What every home and a person's page have around their figures: periods, notices, the trend, ways to the facts."""

from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from analytics.homes.board import Board
from analytics.homes.scope import HomeScope, shortcuts
from perfmgmt.closing.permissions import SEE_PERIODS
from perfmgmt.metrics.models import Metric
from perfmgmt.metrics.permissions import IMPORT_FACTS, SEE_FACTS
from perfmgmt.metrics.selectors import days_with_facts, work_is_waiting
from perfmgmt.people.access import WorkspaceRequest
from perfmgmt.tenants.calendar import Grain, Period
from perfmgmt.tenants.models import RankingVisibility
from perfmgmt.web import formats
from perfmgmt.web.charts import Chart, Series


def frame_context(request: WorkspaceRequest, scope: HomeScope, board: Board) -> dict[str, Any]:
    """Return what `homes/header.html`, `period.html` and `notices.html` need, and the chart."""
    return {
        "scope": scope,
        "board": board,
        "chart": trend_chart(request, scope, board),
        "shortcuts": [(label, grain_word(grain)) for label, grain in shortcuts(scope.period, scope.today)],
        "previous": scope.period.next(-1),
        "following": scope.period.next(),
        "pending": not board.has_facts and work_is_waiting(),
        "latest": None if board.has_facts else latest_period(scope),
        "never": not board.has_facts and days_with_facts(scope.metric) is None,
        "may_see_periods": request.viewer.may(SEE_PERIODS),
        "ranking_seen": RankingVisibility(scope.workspace.ranking_visibility).label,
        "sees_figures": scope.people is None or bool(scope.people),
        "may_import": request.viewer.may(IMPORT_FACTS),
    }


def grain_word(grain: Grain) -> str:
    """Return what to call a length of period."""
    return {Grain.MONTH: _("Month"), Grain.QUARTER: _("Quarter"), Grain.YEAR: _("Year")}[grain]


def drill_url(request: WorkspaceRequest, scope: HomeScope, metric: Metric, **who: Any) -> str:
    """Return the address of the facts behind a figure, or nothing for who may not see facts."""
    if not request.viewer.may(SEE_FACTS):
        return ""
    query = {"metric": metric.code, "from": scope.period.start.isoformat(), "to": scope.period.end.isoformat(), **who}
    return f"{reverse('facts', args=[request.workspace.slug])}?{urlencode(query)}"


def whole(scope: HomeScope) -> dict[str, Any]:
    """Return what an address of facts says about whose figures the page shows."""
    if scope.people is None:
        return {"unit": scope.unit.pk} if scope.unit else {}
    if scope.acting:
        return {"standin": scope.acting.employee_id}
    if scope.team:
        return {"who": "team"}
    return {"employee": next(iter(scope.people), "")}


def whose(scope: HomeScope, employee_id: int, *, partly: bool) -> dict[str, Any]:
    """Return what an address of facts says about one person of the page.

    Of who was in the team, or in the unit, for a part of the period, it is the days in it.
    """
    if not partly:
        return {"employee": employee_id}
    return {"employee": employee_id, **(whole(scope) if scope.people is not None else {"unit": scope.opened})}


def code_of(pace: str) -> str:
    """Return the code of a pace's pill."""
    return str(pace).replace(" ", "_")


def trend_chart(request: WorkspaceRequest, scope: HomeScope, board: Board) -> Chart:
    """Return the last twelve months of the scope's metric, with targets; each month opens its facts."""
    metric = scope.metric
    labels = [formats.month_short(month.year, month.month) for month in board.months]
    urls = []
    for month in board.months:
        period = Period(Grain.MONTH, month, scope.period.fiscal_start_month)
        query = {"metric": metric.code, "from": month.isoformat(), "to": period.end.isoformat(), **whole(scope)}
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


def latest_period(scope: HomeScope) -> Period | None:
    """Return the newest period with facts, when the one on the page has none."""
    span = days_with_facts(scope.metric)
    if span is None:
        return None
    newest = Period.containing(scope.period.grain, span[1], scope.period.fiscal_start_month)
    return None if newest == scope.period else newest
