"""Prepared forecasts as text for a page's script: thousands of them, put together by the database."""

from collections.abc import Iterable
from typing import Any

from django.db import connection

from perfmgmt.metrics.models import Metric
from perfmgmt.tenants.calendar import Grain, Period
from perfmgmt.tenants.scope import current_tenant_id

# One text for each person, metric and length of period.
_PACKED = """
    SELECT b.metric_id, b.employee_id, b.grain, json_build_array(b.basis, b.months, b.best::real, b.history,
        b.transform, b.step, json_agg(json_build_array(array_position(%(starts)s::date[], f.start) - 1, f.mu::real,
            f.sigma::real, f.season::real, f.market::real, f.days::real, f.peers_median::real)))::text
    FROM metrics_forecastbasis b
    JOIN metrics_forecast f ON f.tenant_id = b.tenant_id AND f.metric_id = b.metric_id AND f.grain = b.grain
        AND f.employee_id = b.employee_id
    WHERE b.tenant_id = %(tenant)s AND b.metric_id = ANY(%(metrics)s) AND b.employee_id = ANY(%(people)s)
        AND (f.grain = %(grain)s AND f.start = ANY(%(starts)s::date[])
             OR f.grain = %(whole)s AND f.start = %(first)s)
    GROUP BY b.tenant_id, b.metric_id, b.grain, b.employee_id
"""


def packed_outlooks(
    metrics: Iterable[Metric], whole: Period, employee_ids: Iterable[int]
) -> dict[tuple[int, int, int], str]:
    """Return the outlooks of a quarter or year and of its months, packed for a page's script; one query.

    By (metric id, employee id, grain) JSON: [basis, months, best, history, transform, step, periods], where each
    period is [place of the month, mu, sigma, season, market, days, median of the peers].
    """
    params: dict[str, Any] = {
        "tenant": current_tenant_id(), "metrics": [metric.pk for metric in metrics], "people": list(employee_ids),
        "grain": int(Grain.MONTH), "whole": int(whole.grain), "starts": [month.start for month in whole.months()],
        "first": whole.start,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_PACKED, params)
        return {(metric, person, grain): text for metric, person, grain, text in cursor.fetchall()}
