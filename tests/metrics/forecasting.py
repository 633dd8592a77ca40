"""Past months for forecasts, written straight into the rollups."""

from datetime import date
from typing import Any

from perfmgmt.metrics.forecast.services import Outcome, prepare
from perfmgmt.metrics.models import EmployeeRollup, Metric
from perfmgmt.people.viewer import Workspace, workspace_of
from perfmgmt.tenants.calendar import Grain, add_months, start_of
from tests.factories import Company

TODAY = date(2026, 7, 15)


def workspace(company: Company) -> Workspace:
    return workspace_of(company.tenant)


def months(count: int, last: date = date(2026, 6, 1)) -> list[date]:
    """Return so many months up to `last`, oldest first."""
    return [add_months(last, -back) for back in range(count - 1, -1, -1)]


def record(company: Company, who: str, code: str, figures: dict[date, tuple[Any, int]]) -> Metric:
    """Keep (total, number of facts) by month, and the longer periods' as rollups have them for sums."""
    metric = Metric.objects.get(code=code)
    totals: dict[tuple[Grain, date], list[Any]] = {}
    for month, (total, n) in figures.items():
        for grain in (Grain.MONTH, Grain.QUARTER, Grain.YEAR):
            found = totals.setdefault((grain, start_of(grain, month)), [0, 0])
            found[0] += total
            found[1] += n
    for (grain, start), (total, n) in totals.items():
        key = (company.tenant.pk, metric.pk, int(grain), company.people[who].pk, start)
        EmployeeRollup.objects.filter(pk=key).delete()
        EmployeeRollup.objects.create(
            pk=key, metric=metric, grain=int(grain), employee=company.people[who], start=start, total=total, n=n
        )
    return metric


def steady(
    company: Company, who: str, code: str, level: float, count: int = 18, last: date = date(2026, 6, 1)
) -> Metric:
    """Keep months that go up and down a little around a level."""
    wobble = (1.0, 1.1, 0.9, 1.05, 0.95)
    figures = {month: (round(level * wobble[at % 5], 2), 10) for at, month in enumerate(months(count, last))}
    return record(company, who, code, figures)


def prepared(company: Company, today: date = TODAY, **options: Any) -> Outcome:
    return prepare(workspace(company), today, **options)
