"""Where running goals will end, from prepared forecasts."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from goals.following.forecasts import ending_of, endings
from goals.following.selectors import judged
from goals.models import Goal
from perfmgmt.metrics.models import Forecast, ForecastBasis, Metric
from tests.factories import Company

MARCH = {"grain": 3, "first_day": date(2025, 3, 1), "last_day": date(2025, 3, 31)}
TODAY = date(2025, 3, 17)


@pytest.fixture(autouse=True)
def _scope(company: Company) -> Iterator[None]:
    with company.scope():
        company.fact("ann", "sales_amount", date(2025, 3, 3), 600)
        company.drain()
        metric, ann = Metric.objects.get(code="sales_amount"), company.people["ann"]
        ForecastBasis.objects.create(
            metric=metric, employee=ann, grain=3, transform="identity", basis="own", months=12, best=1500,
            history=[1000.0] * 12, step=0, through=date(2025, 2, 28),
        )  # fmt: skip
        Forecast.objects.create(
            metric=metric, employee=ann, grain=3, start=date(2025, 3, 1), point=1000, low=872, high=1128, mu=1000,
            sigma=100, season=1, market=1, days=1,
        )  # fmt: skip
        yield


def goal(company: Company, **values: Any) -> Goal:
    metric = Metric.objects.get(code="sales_amount")
    whose = {"level": "person", "employee": company.people["ann"]}
    return Goal(**{"metric": metric, "title": "x", "state": "agreed", "target": 1000, **whose, **MARCH, **values})


def test_a_running_goal_ends_where_the_forecast_and_the_figure_say(company: Company) -> None:
    low, high, bob = (
        goal(company),
        goal(company, target=5000),
        goal(company, employee=company.people["bob"]),
    )
    ends = endings(judged([low, high, bob], today=TODAY))
    assert ends[2] is None
    assert ends[0] is not None
    assert ends[1] is not None
    assert 600 < ends[0].low < ends[0].point < ends[0].high
    assert ends[0].point == ends[1].point
    assert ends[0].chance is not None
    assert ends[1].chance is not None
    assert ends[0].chance > 0.8 > 0.1 > ends[1].chance
    assert ends[1].verdict == "too high"


def test_what_is_over_or_has_no_period_is_not_foreseen(company: Company) -> None:
    own = goal(company, grain=0, last_day=date(2025, 3, 30))
    assert endings(judged([own], today=TODAY)) == [None]
    assert endings(judged([goal(company)], today=date(2025, 4, 1))) == [None]
    band = goal(company, form="band", target=None, band_low=0, band_high=2000, band_tolerance=0)
    (ending,) = endings(judged([band], today=TODAY))
    assert ending is not None
    assert ending.chance is None


def test_a_units_running_goal_ends_where_its_people_together_do(company: Company) -> None:
    goals = {
        level: goal(company, level=level, employee=None, unit=unit, target=1500)
        for level, unit in (("unit", company.units["north"]), ("company", None))
    }
    ends = {level: ending_of(judged([it], today=TODAY)[0], today=TODAY) for level, it in goals.items()}
    ann = ending_of(judged([goal(company)], today=TODAY)[0], today=TODAY)
    assert ann is not None and ann.people == 0
    for end in ends.values():
        assert end is not None and end.people == 1  # only ann has a forecast
        assert end.point == pytest.approx(ann.point)
    over = judged([goals["unit"]], today=date(2025, 4, 1))[0]
    assert ending_of(over, today=date(2025, 4, 1)) is None
