"""Proof on real data (RULES.md section 16): rolling origin over 2017, month by month."""

from datetime import date
from pathlib import Path

import numpy as np
import pytest

from perfmgmt.metrics.forecast.backtest import rolling, score
from perfmgmt.tenants.workdays import WorkingCalendar
from tests.metrics.crm import won_by_month

PLAIN = WorkingCalendar()


@pytest.mark.parametrize("counted", [False, True], ids=["money won", "deals won"])
@pytest.mark.parametrize("earliest", [1, 4], ids=["from the second month", "with four months known"])
def test_agents_by_month_hold_the_interval_and_beat_both_simple_forecasts(
    crm: Path, counted: bool, earliest: int
) -> None:
    agents, starts, values = won_by_month(crm, counted=counted)
    assert (len(agents), starts[0], starts[-1]) == (30, date(2017, 3, 1), date(2017, 12, 1))

    found = score(values, rolling(values, starts, PLAIN, earliest=earliest))

    assert found.forecasts == 30 * (10 - earliest)
    assert 0.70 <= found.coverage <= 0.90
    assert found.error < min(found.same_as_last, found.mean_of_history)
    assert found.holds


@pytest.mark.parametrize("by", ["manager", "regional_office"])
def test_units_are_reported(crm: Path, by: str) -> None:
    """Too few points to be judged by the rule; the forecast still makes sense of them."""
    _owners, starts, values = won_by_month(crm, by)

    found = score(values, rolling(values, starts, PLAIN))

    assert 0 < found.coverage <= 1 and found.error < found.same_as_last


def test_nothing_later_than_the_origin_is_looked_at(crm: Path) -> None:
    _agents, starts, values = won_by_month(crm)
    whole = rolling(values, starts, PLAIN)
    spoilt = values.copy()
    spoilt[:, 6:] = 1e9

    # Six origins: the second month to the seventh, which is forecast from the first six.
    for before, after in zip(whole[:6], rolling(spoilt, starts, PLAIN)[:6], strict=True):
        assert np.array_equal(before.point, after.point) and np.array_equal(before.high, after.high)


def test_the_simple_forecasts_are_what_they_say() -> None:
    values = np.array([[10.0, 20.0, 60.0], [10.0, 10.0, 10.0], [40.0, 20.0, 30.0]])
    starts = [date(2025, 1, 1), date(2025, 2, 1), date(2025, 3, 1)]

    found = score(values, rolling(values, starts, PLAIN))

    assert found.same_as_last == pytest.approx((10 + 40 + 0 + 0 + 20 + 10) / 6)
    assert found.mean_of_history == pytest.approx((10 + 45 + 0 + 0 + 20 + 0) / 6)
