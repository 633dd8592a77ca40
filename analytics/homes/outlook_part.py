"""Where a team's running period will probably end (A4): a part of the manager's home that loads by itself."""

from dataclasses import dataclass

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET
from django.views.decorators.vary import vary_on_headers

from analytics.homes.part_views import answer
from analytics.homes.scope import HEADLINES, HomeScope, home_scope
from analytics.permissions import SEE_HOME
from perfmgmt.metrics.forecast import words
from perfmgmt.metrics.forecast.selectors import group_end, period_ends
from perfmgmt.metrics.models import Aggregation, Metric
from perfmgmt.metrics.team import counts_by_the_day, team_totals
from perfmgmt.people.access import WorkspaceRequest, workspace_view
from perfmgmt.web import formats


@dataclass(frozen=True)
class Ending:
    """One metric of the team: what is there, where it ends, as texts; `people` of the team have a forecast."""

    metric: Metric
    so_far: str
    end: str
    low: str
    high: str
    people: int


@workspace_view(SEE_HOME)
@require_GET
@vary_on_headers("HX-Request")
def forecast(request: WorkspaceRequest) -> HttpResponse:
    """The team's sums and counts of a running period with their forecast; nothing for other homes and periods."""
    scope = home_scope(request.GET, request.viewer, request.workspace, request.workspace.today())
    endings = endings_of(scope, request.workspace.currency) if has_endings(scope) else []
    context = {"scope": scope, "endings": endings, "team_size": len(scope.present)}
    return answer(request, "forecast", _("Forecast to the end of the period"), context)


def has_endings(scope: HomeScope) -> bool:
    """Return whether a home has a team and looks at a period that runs today."""
    return bool(scope.team) and not scope.only_self and scope.period.start <= scope.today <= scope.period.end


def endings_of(scope: HomeScope, currency: str) -> list[Ending]:
    """Return where the team will end in the headline metrics that add up, and in the one that is ranked."""
    codes = dict.fromkeys((scope.metric.code, *HEADLINES))
    metrics = [scope.metrics[code] for code in codes if code in scope.metrics and _adds_up(scope.metrics[code])]
    ends = period_ends(metrics, scope.period, scope.present, calendar=scope.calendar, today=scope.today)
    found = []
    for metric in metrics:
        start = scope.period.start
        totals = team_totals(metric, scope.team, grain=scope.period.grain, first=start, last=start)
        total = totals.value(start)
        end = group_end(metric, ends, None if total is None else float(total))
        if end is None:
            continue
        point, low, high = (
            words.figure(value, metric, currency, end.rest.step) for value in (end.point, end.low, end.high)
        )
        known = sum(1 for metric_id, _who in ends if metric_id == metric.pk)
        found.append(Ending(metric, formats.metric_value(total, metric, currency), point, low, high, known))
    return found


def _adds_up(metric: Metric) -> bool:
    return metric.aggregation in (Aggregation.SUM, Aggregation.COUNT) and counts_by_the_day(metric)
