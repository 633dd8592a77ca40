"""What a person may be expected to reach: all metrics on a tab of their page, and one metric with a typed target."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET
from django.views.decorators.vary import vary_on_headers

from perfmgmt.metrics.forecast import words
from perfmgmt.metrics.forecast.current import SoFar, so_far
from perfmgmt.metrics.forecast.reading import is_prepared
from perfmgmt.metrics.forecast.rules import Outlook, PeriodEnd
from perfmgmt.metrics.forecast.selectors import outlook, outlooks_of
from perfmgmt.metrics.forecast.sparkline import sparkline
from perfmgmt.metrics.models import Metric
from perfmgmt.metrics.permissions import SEE_FORECASTS
from perfmgmt.metrics.selectors import metrics_with_parts
from perfmgmt.people.access import WorkspaceRequest, workspace_view
from perfmgmt.people.pages import head
from perfmgmt.people.records.selectors import person_for
from perfmgmt.tenants.calendar import GRAIN_BY_NAME, Grain, Period
from perfmgmt.tenants.errors import NotFound
from perfmgmt.web import formats

GRAINS = (Grain.MONTH, Grain.QUARTER, Grain.YEAR)


@dataclass(frozen=True)
class Line:
    """One metric of a person in the running period."""

    metric: Metric
    outlook: Outlook
    so_far: str
    end: str
    interval: str
    expected: str
    basis: str
    url: str


def _grain(request: WorkspaceRequest) -> Grain:
    grain = GRAIN_BY_NAME.get(request.GET.get("grain", ""), Grain.MONTH)
    return grain if grain in GRAINS else Grain.MONTH


def _period(request: WorkspaceRequest, grain: Grain) -> Period:
    """The period that `start` lies in, or the running one."""
    try:
        day = date.fromisoformat(request.GET.get("start", ""))
    except ValueError:
        day = request.workspace.today()
    return Period.containing(grain, day, request.workspace.fiscal_start_month)


@workspace_view(SEE_FORECASTS)
@require_GET
def person_outlook(request: WorkspaceRequest, employee_id: int) -> HttpResponse:
    """The running month, quarter or year of a person, metric by metric: what is there and where it will end."""
    today, grain = request.workspace.today(), _grain(request)
    employee = person_for(request.viewer, employee_id, on=today)
    period = Period.containing(grain, today, request.workspace.fiscal_start_month)
    known = outlooks_of(employee_id, grain, period.start)
    metrics = [metric for metric in metrics_with_parts().filter(pk__in=known) if is_prepared(metric)]
    reached = _so_far(request, metrics, period, employee_id)
    query = urlencode({"grain": grain.name.lower(), "start": period.start.isoformat()})
    lines = [
        _line(
            metric,
            known[metric.pk],
            reached.value(metric, employee_id, period),
            reached.end(known[metric.pk], metric, employee_id, period),
            request.workspace.currency,
            f"{reverse('outlook', args=[request.workspace.slug, employee_id, metric.pk])}?{query}",
        )
        for metric in metrics
    ]
    context = {
        **head(request, employee, "person_outlook"),
        "period": period,
        "lines": lines,
        "elapsed": reached.gone(employee_id, period) if metrics else None,
        "grains": [(each.name.lower(), word) for each, word in zip(GRAINS, _grain_words(), strict=True)],
        "grain": grain.name.lower(),
    }
    return render(request, "metrics/person_outlook.html", context)


def _grain_words() -> list[str]:
    return [_("Month"), _("Quarter"), _("Year")]


def _line(
    metric: Metric, it: Outlook, actual: Decimal | None, end: PeriodEnd | None, currency: str, url: str
) -> Line:
    return Line(
        metric,
        it,
        formats.metric_value(actual, metric, currency),
        words.figure(end.point if end else None, metric, currency, it.step),
        _interval(end, metric, currency, it.step),
        words.figure(it.point, metric, currency, it.step),
        words.basis_word(it),
        url,
    )


def _so_far(request: WorkspaceRequest, metrics: list[Metric], period: Period, employee_id: int) -> SoFar:
    calendar = request.workspace.calendar(period.start, period.end)
    return so_far(metrics, [period], [employee_id], calendar=calendar, today=request.workspace.today())


def _interval(end: PeriodEnd | None, metric: Metric, currency: str, step: float) -> str:
    if end is None:
        return formats.MISSING
    return f"{words.figure(end.low, metric, currency, step)} – {words.figure(end.high, metric, currency, step)}"


@workspace_view(SEE_FORECASTS)
@require_GET
@vary_on_headers("HX-Request")
def outlook_part(request: WorkspaceRequest, employee_id: int, metric_id: int) -> HttpResponse:
    """One metric of a person in one period (start, grain) with a typed target: a part for HTMX, or a page."""
    employee = person_for(request.viewer, employee_id, on=request.workspace.today())
    metric = metrics_with_parts().filter(pk=metric_id).first()
    if metric is None:
        raise NotFound
    grain = _grain(request)
    period = _period(request, grain)
    prepared = outlook(metric, grain, period.start, employee_id)
    it = _so_far(request, [metric], period, employee_id).counted_in(prepared, metric, employee_id, period)
    target, refused = _target(request, metric)
    currency = request.workspace.currency
    context = {
        "employee": employee,
        "metric": metric,
        "period": period,
        "grain": grain.name.lower(),
        "outlook": it,
        "sentences": words.text_of(it, metric, grain, currency),
        "judged": words.judged(it, target, metric, currency),
        "refused": refused,
        "typed": request.GET.get("target", "")[:30],
        "picture": sparkline(it, None if target is None else float(target)),
        "has_no_target": metric.direction == "band",
    }
    fragment = request.headers.get("HX-Request") == "true"
    return render(request, "metrics/outlook.html" if fragment else "metrics/outlook_page.html", context)


def _target(request: WorkspaceRequest, metric: Metric) -> tuple[Decimal | None, bool]:
    """The typed target, and whether it could not be read."""
    try:
        is_share = str(metric.unit_of_measure) in formats.PERCENT_UNITS
        return words.typed(request.GET.get("target", "")[:30], is_share=is_share), False
    except ValueError:
        return None, True
