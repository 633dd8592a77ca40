"""Reads of prepared forecasts, and where running periods will end (A4)."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from django.db.models import F, Sum

from perfmgmt.metrics import rules as figures
from perfmgmt.metrics.forecast.current import so_far
from perfmgmt.metrics.forecast.reading import kind_of
from perfmgmt.metrics.forecast.rules import NOTHING, Outlook, PeriodEnd, of_group, together
from perfmgmt.metrics.models import Aggregation, Forecast, ForecastBasis, Metric
from perfmgmt.tenants.calendar import Grain, Period
from perfmgmt.tenants.workdays import WorkingCalendar

Key = tuple[int, int, date]
_FORECAST = (
    "metric_id", "employee_id", "start", "point", "low", "high", "mu", "sigma", "season", "market", "days",
    "peers_median",
)  # fmt: skip
_BASIS = ("metric_id", "employee_id", "transform", "basis", "months", "best", "history", "step")


def outlooks(
    metrics: Iterable[Metric], grain: Grain, starts: Iterable[date], employee_ids: Iterable[int] | None
) -> dict[Key, Outlook]:
    """Return prepared outlooks by (metric id, employee id, first day of the period); what isn't prepared is left out.

    `grain` is a month, quarter or year, `employee_ids` None everybody. Two queries. Whom the viewer may see is for
    the caller to know.
    """
    ours = {"metric_id__in": [metric.pk for metric in metrics]}
    if employee_ids is not None:
        ours["employee_id__in"] = list(employee_ids)
    return _found(grain, list(starts), **ours)


def _found(grain: Grain, starts: list[date], **ours: Any) -> dict[Key, Outlook]:
    ours["grain"] = int(grain)
    bases = {row[:2]: row[2:] for row in ForecastBasis.objects.filter(**ours).values_list(*_BASIS)}
    rows = Forecast.objects.filter(start__in=starts, **ours).values_list(*_FORECAST)
    found: dict[Key, Outlook] = {}
    for metric_id, employee_id, start, point, low, high, mu, sigma, season, market, days, peers_median in rows:
        base = bases.get((metric_id, employee_id))
        if base is None:
            continue
        transform, basis, months, best, history, step = base
        found[metric_id, employee_id, start] = Outlook(
            point, low, high, mu, sigma, transform, basis, months, best, tuple(history), peers_median, season, market,
            days, step,
        )  # fmt: skip
    return found


def outlook(metric: Metric, grain: Grain, start: date, employee_id: int) -> Outlook:
    """Return one outlook; `NOTHING` where none is prepared. Two queries."""
    return outlooks([metric], grain, [start], [employee_id]).get((metric.pk, employee_id, start), NOTHING)


def group_outlook(
    metric: Metric, grain: Grain, start: date, employee_ids: Iterable[int] | None
) -> tuple[Outlook, int]:
    """Return what people will probably reach together in a month, quarter or year, and how many have a forecast.

    `employee_ids` None is everybody. Two queries. `NOTHING` and 0 for metrics that don't add up over people.
    """
    if not sums_over_people(metric):
        return NOTHING, 0
    whose = {} if employee_ids is None else {"employee_id__in": list(employee_ids)}
    found = list(_found(grain, [start], metric_id__in=[metric.pk], **whose).values())
    return of_group(found), len(found)


def month_factors(metric: Metric, employee_ids: Iterable[int] | None) -> dict[int, float]:
    """Return the season of people's sum by calendar month (1 = usual); empty without forecasts. One query.

    `employee_ids` None is everybody. Of what doesn't add up there is no season.
    """
    if kind_of(metric) != "sum":
        return {}
    rows = Forecast.objects.filter(metric=metric, grain=int(Grain.MONTH), season__gt=0, point__gt=0)
    if employee_ids is not None:
        rows = rows.filter(employee_id__in=list(employee_ids))
    usual = Sum(F("point") / F("season"))
    return {
        month: with_season / without
        for month, with_season, without in rows.values("start__month")
        .annotate(all=Sum("point"), usual=usual)
        .values_list("start__month", "all", "usual")
    }


def outlooks_of(employee_id: int, grain: Grain, start: date) -> dict[int, Outlook]:
    """Return a person's outlooks of every metric in one period, by metric id. Two queries."""
    found = _found(grain, [start], employee_id=employee_id)
    return {metric_id: it for (metric_id, _who, _start), it in found.items()}


def newest_preparation() -> tuple[int, date | None]:
    """Return how many people's metrics have forecasts by month, and up to which month the newest of them know."""
    rows = ForecastBasis.objects.filter(grain=int(Grain.MONTH))
    newest = rows.order_by("-through").values_list("through", flat=True).first()
    return rows.count(), newest


def sums_over_people(metric: Metric) -> bool:
    """Return whether a group's figure is the sum of its people's, now and at the end of the period."""
    if metric.aggregation == Aggregation.DISTINCT or kind_of(metric) != "sum":
        return False
    return figures.adds_over_people(metric.aggregation, is_stock=metric.is_stock)


def period_ends(
    metrics: Sequence[Metric], period: Period, employee_ids: Iterable[int], *, calendar: WorkingCalendar, today: date
) -> dict[tuple[int, int], PeriodEnd]:
    """Return where people will probably end a running period, by (metric id, employee id); four queries.

    `period` is a month, quarter or year that runs; metrics come with their parts. Who has no forecast, or no
    figure yet in a metric that is no sum, is left out.
    """
    people = list(employee_ids)
    found = outlooks(metrics, period.grain, [period.start], people)
    reached = so_far(metrics, [period], people, calendar=calendar, today=today)
    by_id = {metric.pk: metric for metric in metrics}
    ends = {
        (metric_id, who): reached.end(outlook, by_id[metric_id], who, period)
        for (metric_id, who, _start), outlook in found.items()
    }
    return {key: end for key, end in ends.items() if end is not None}


def group_end(metric: Metric, ends: Mapping[tuple[int, int], PeriodEnd], so_far: float | None) -> PeriodEnd | None:
    """Return where a team or unit will end: what it has so far, and the rest of its people (from `period_ends`).

    Only for metrics that add up over people; None for others, and where nobody has a forecast.
    """
    if not sums_over_people(metric):
        return None
    own = [end for (metric_id, _who), end in ends.items() if metric_id == metric.pk]
    return together(own, so_far if so_far is not None else sum(end.so_far for end in own))
