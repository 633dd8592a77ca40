"""Past figures of one metric as arrays, from the rollups."""

from dataclasses import dataclass
from datetime import date

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from perfmgmt.metrics.forecast.frame import Columns, Crew
from perfmgmt.metrics.models import Aggregation, GrowthBaseline, GrowthForm, Metric
from perfmgmt.tenants.calendar import Grain, add_months
from perfmgmt.tenants.scope import current_tenant_id

Array = NDArray[np.float64]

COUNTED = (Aggregation.SUM, Aggregation.COUNT, Aggregation.DISTINCT)
OF_CUSTOMERS = (Aggregation.RETENTION, Aggregation.REPEAT)
_ROWS = """
    SELECT metric_id, employee_id, (extract(year FROM start) * 12 + extract(month FROM start))::int,
        total::float8, n::float8
    FROM metrics_employeerollup
    WHERE tenant_id = %(tenant)s AND metric_id = ANY(%(metrics)s) AND grain = %(grain)s AND start >= %(first)s
        AND start < %(end)s
"""


@dataclass(frozen=True)
class Figures:
    """What the rollups hold, people down and past periods across: totals and numbers of facts by part."""

    totals: tuple[Array, ...]
    numbers: tuple[Array, ...]


def is_prepared(metric: Metric) -> bool:
    """Return whether a metric has forecasts: shares of a target follow the target, which is what is being set."""
    if metric.archived_at is not None or metric.aggregation == Aggregation.TARGET_SHARE:
        return False
    return metric.aggregation != Aggregation.GROWTH or (metric.base is not None and is_prepared(metric.base))


def adds_up(metric: Metric) -> bool:
    """Return whether a quarter's figure follows from its months': sums, counts, means and their ratios."""
    kinds = {part.aggregation for part in metric.parts()}
    return metric.aggregation != Aggregation.GROWTH and kinds <= {
        Aggregation.SUM,
        Aggregation.COUNT,
        Aggregation.MEAN,
    }


def kind_of(metric: Metric) -> str:
    """Return how figures behave: "sum" (more days, more of it), "level", or "last"."""
    if metric.aggregation in COUNTED:
        return "sum"
    return "last" if metric.aggregation == Aggregation.LAST else "level"


def read(metric: Metric, columns: Columns, crew: Crew) -> Figures:
    """Return the figures of the metric's parts in the past periods; one query."""
    parts = [part.pk for part in metric.parts()]
    shape = (len(crew.ids), len(columns.past))
    totals, numbers = ([np.zeros(shape) for _part in parts] for _what in range(2))
    found = _rows(parts, columns)
    if len(found) and len(crew.ids):
        people = np.searchsorted(crew.ids, found[:, 1]).clip(max=len(crew.ids) - 1)
        periods = {start.year * 12 + start.month: at for at, start in enumerate(columns.past)}
        places = np.array([periods.get(int(index), -1) for index in found[:, 2]])
        ours = (crew.ids[people] == found[:, 1]) & (places >= 0)
        for number, pk in enumerate(parts):
            rows = ours & (found[:, 0] == pk)
            totals[number][people[rows], places[rows]] = found[rows, 3]
            numbers[number][people[rows], places[rows]] = found[rows, 4]
    return Figures(tuple(totals), tuple(numbers))


def _rows(parts: list[int], columns: Columns) -> Array:
    if not columns.past:
        return np.zeros((0, 5))
    span = {"first": columns.past[0], "end": add_months(columns.past[-1], columns.months)}
    with connection.cursor() as cursor:
        cursor.execute(_ROWS, {"tenant": current_tenant_id(), "metrics": parts, "grain": int(columns.grain), **span})
        return np.array(cursor.fetchall(), dtype=float).reshape(-1, 5)


def values(metric: Metric, figures: Figures, columns: Columns) -> Array:
    """Return the metric's figures, NaN where missing (RULES.md section 2).

    A sum without facts is 0 from the person's first fact on, until the last period in which anybody has one: before
    and after nobody recorded it.
    """
    if metric.aggregation == Aggregation.GROWTH and metric.base is not None:
        return _grown(metric, values(metric.base, figures, columns), columns)
    total, n = figures.totals[0], figures.numbers[0]
    if metric.aggregation in COUNTED:
        begun = np.cumsum(n, axis=1) > 0
        goes_on = np.cumsum(n.sum(0)[::-1])[::-1] > 0
        return np.where(begun & goes_on, total, np.nan)
    if metric.aggregation == Aggregation.RATIO:
        below = figures.totals[-1]
        return np.where(below != 0, total / np.where(below != 0, below, 1.0), np.nan)
    if metric.aggregation == Aggregation.LAST:
        return np.where(n > 0, total, np.nan)
    return np.where(n > 0, total / np.maximum(n, 1.0), np.nan)


def _grown(metric: Metric, base: Array, columns: Columns) -> Array:
    """Growth on the period before or on last year's, as `rules.growth` says."""
    year = {Grain.MONTH: 12, Grain.QUARTER: 4, Grain.YEAR: 1}[columns.grain]
    back = year if metric.growth_baseline == GrowthBaseline.LAST_YEAR else 1
    earlier = np.full_like(base, np.nan)
    earlier[:, back:] = base[:, :-back] if back < base.shape[1] else base[:, :0]
    if metric.growth_form == GrowthForm.POINTS:
        return np.asarray(base - earlier)
    return np.where(earlier > 0, base / np.where(earlier > 0, earlier, 1.0) - 1, np.nan)


def longer(metric: Metric, figures: Figures, columns: Columns, starts: list[date], length: int) -> Array:
    """Return the figures of longer past periods from the months', NaN where a month is missing or not over."""
    months = values(metric, figures, columns)
    place = {start: at for at, start in enumerate(columns.past)}
    result = np.full((len(months), len(starts)), np.nan)
    for at, start in enumerate(starts):
        first = place.get(start, -1)
        if first < 0 or first + length > len(columns.past):
            continue
        span = slice(first, first + length)
        if metric.aggregation in COUNTED:
            result[:, at] = months[:, span].sum(1)
        else:
            top = figures.totals[0][:, span].sum(1)
            below = (figures.totals[-1] if len(figures.totals) > 1 else figures.numbers[0])[:, span].sum(1)
            result[:, at] = np.where(below != 0, top / np.where(below != 0, below, 1.0), np.nan)
    return result
