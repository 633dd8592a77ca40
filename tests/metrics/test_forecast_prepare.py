"""Preparing forecasts: who gets which, from whose months, and that running it again changes nothing."""

from datetime import date
from typing import Any

import pytest

from perfmgmt.metrics.forecast import selectors, tasks
from perfmgmt.metrics.forecast.rules import NOTHING, probability, verdict
from perfmgmt.metrics.models import Forecast, ForecastBasis, MarketIndex, Metric
from perfmgmt.people.models import Absence, Assignment
from perfmgmt.tenants.calendar import Grain
from tests.factories import Company
from tests.metrics.forecasting import TODAY, months, prepared, record, steady, workspace

pytestmark = pytest.mark.django_db
AUGUST = date(2026, 8, 1)
PEOPLE = ("ann", "bob", "cid", "rival", "manager")


@pytest.fixture
def sellers(company: Company) -> Company:
    """Four people with a year and a half of sales around 100, 200, 300, 400 thousand; today is 2026-07-15."""
    with company.scope():
        Assignment.objects.update(valid_from=date(2024, 1, 1))
        for who, level in zip(PEOPLE, (100_000, 200_000, 300_000, 400_000), strict=False):
            steady(company, who, "sales_amount", level)
    return company


def outlook(
    company: Company, who: str, start: date = AUGUST, grain: Grain = Grain.MONTH, code: str = "sales_amount"
) -> Any:
    return selectors.outlook(Metric.objects.get(code=code), grain, start, company.people[who].pk)


def test_a_person_with_a_steady_history_is_expected_to_go_on(sellers: Company) -> None:
    with sellers.scope():
        prepared(sellers)
        ann = outlook(sellers, "ann")
        cid = outlook(sellers, "cid")

    assert ann.basis == "own" and ann.months == 18 and len(ann.history) == 18
    assert 90_000 < ann.point < 115_000 and ann.low < ann.point < ann.high
    assert 270_000 < cid.point < 330_000
    assert ann.best == max(ann.history) == 110_000
    assert verdict(probability(ann, 300_000, "higher")) == "too high"
    assert verdict(probability(ann, 50_000, "higher")) == "too low"
    assert abs(probability(ann, ann.point, "higher") - 0.5) < 0.001


def test_the_running_month_says_nothing_yet(sellers: Company) -> None:
    with sellers.scope():
        prepared(sellers)
        before = outlook(sellers, "ann")
        record(sellers, "ann", "sales_amount", {date(2026, 7, 1): (9_000_000, 3)})
        outcome = prepared(sellers)
        after = outlook(sellers, "ann")

    assert outcome.changed == 0
    assert before == after


def test_quarters_and_years_are_made_of_their_months(sellers: Company) -> None:
    with sellers.scope():
        prepared(sellers)
        parts = [outlook(sellers, "bob", date(2026, month, 1)) for month in (10, 11, 12)]
        quarter = outlook(sellers, "bob", date(2026, 10, 1), Grain.QUARTER)
        year = outlook(sellers, "bob", date(2027, 1, 1), Grain.YEAR)

    assert quarter.point == pytest.approx(sum(part.point for part in parts), rel=0.02)
    # Together less uncertain than one by one, but more than if the level were known.
    width = quarter.high - quarter.low
    assert width < sum(part.high - part.low for part in parts)
    assert year.point == pytest.approx(12 * 200_000, rel=0.1)
    assert len(quarter.history) == 6 and quarter.history[-1] == pytest.approx(600_000, rel=0.1)


def test_who_has_fewer_than_four_months_is_measured_by_the_peers_and_it_says_so(sellers: Company) -> None:
    with sellers.scope():
        steady(sellers, "manager", "sales_amount", 250_000, count=3)
        prepared(sellers)
        found = outlook(sellers, "manager")
        boss = outlook(sellers, "boss")

    assert found.basis == "peers" and found.months == 3
    assert found.high - found.low > 100_000
    # Nobody's own month at all: the peers' median, and the spread between people.
    assert boss.basis == "peers" and boss.months == 0 and boss.history == () and boss.best is None
    assert 180_000 < boss.point < 330_000


def test_with_four_months_it_is_ones_own(sellers: Company) -> None:
    with sellers.scope():
        steady(sellers, "manager", "sales_amount", 250_000, count=4)
        prepared(sellers)
        assert outlook(sellers, "manager").basis == "own"


def test_two_people_are_no_peers(company: Company) -> None:
    with company.scope():
        Assignment.objects.update(valid_from=date(2024, 1, 1))
        steady(company, "ann", "sales_amount", 100_000)
        steady(company, "bob", "sales_amount", 100_000, count=3)
        prepared(company)
        assert outlook(company, "ann").basis == "own" and outlook(company, "ann").peers_median is None
        assert outlook(company, "bob") == NOTHING
        assert outlook(company, "cid") == NOTHING


def test_a_metric_without_any_figure_has_no_forecast(sellers: Company) -> None:
    with sellers.scope():
        prepared(sellers)
        assert outlook(sellers, "ann", code="orders") == NOTHING


def test_means_are_levels_without_season_or_days(sellers: Company) -> None:
    with sellers.scope():
        for who in PEOPLE[:4]:
            record(sellers, who, "csat", {month: (45 + at % 3, 10) for at, month in enumerate(months(12))})
        prepared(sellers)
        month = outlook(sellers, "ann", code="csat")
        quarter = outlook(sellers, "ann", date(2026, 10, 1), Grain.QUARTER, "csat")

    assert month.point == pytest.approx(4.6, abs=0.05) and month.season == 1
    assert quarter.point == pytest.approx(month.point)
    assert quarter.high - quarter.low < month.high - month.low


def test_leave_and_part_time_lower_what_is_expected(sellers: Company) -> None:
    with sellers.scope():
        prepared(sellers)
        whole = outlook(sellers, "ann").point
        Absence.objects.create(
            employee=sellers.people["ann"], kind="annual", first_day=date(2026, 8, 3), last_day=date(2026, 8, 16)
        )
        Absence.objects.create(
            employee=sellers.people["bob"], kind="parental", first_day=AUGUST, last_day=date(2026, 8, 31)
        )
        prepared(sellers)
        assert outlook(sellers, "ann").point == pytest.approx(whole * 11 / 21, rel=0.06)
        assert outlook(sellers, "bob") == NOTHING


def test_the_market_index_moves_sales_and_nothing_else(sellers: Company) -> None:
    with sellers.scope():
        for who in PEOPLE[:4]:
            steady(sellers, who, "training_hours", 10)
        prepared(sellers)
        before, hours = outlook(sellers, "ann"), outlook(sellers, "ann", code="training_hours")
        MarketIndex.objects.create(month=AUGUST, factor="0.5")
        MarketIndex.objects.create(month=AUGUST, region="south", factor="2")
        prepared(sellers)
        after = outlook(sellers, "ann")

        assert after.point == pytest.approx(before.point / 2, rel=0.01) and after.market == 0.5
        assert outlook(sellers, "cid").market == 2
        assert outlook(sellers, "ann", code="training_hours") == hours


def test_a_row_of_the_market_for_a_product_counts_for_metrics_of_that_product(sellers: Company) -> None:
    with sellers.scope():
        metric = Metric.objects.create(
            code="gtx", name_zh="GTX", name_en="GTX", unit_of_measure="money", tax_basis="with_tax",
            dimension="sales", base=Metric.objects.get(code="sales_amount"),
            filters=[{"attribute": "series", "op": "in", "values": ["GTX"]}],
        )  # fmt: skip
        for who in PEOPLE[:4]:
            steady(sellers, who, "gtx", 1000)
        MarketIndex.objects.create(month=AUGUST, product="gtx", factor="1.5")
        prepared(sellers)

        assert outlook(sellers, "ann", code=metric.code).market == 1.5
        assert outlook(sellers, "ann").market == 1


def test_preparing_again_writes_nothing_and_what_is_gone_is_removed(sellers: Company) -> None:
    with sellers.scope():
        first = prepared(sellers)
        rows = Forecast.objects.count()
        again = prepared(sellers)
        assert first.changed == rows + ForecastBasis.objects.count() and again.changed == 0

        Assignment.objects.filter(employee=sellers.people["cid"]).update(valid_to=date(2026, 7, 1))
        prepared(sellers)
        assert not Forecast.objects.filter(employee=sellers.people["cid"]).exists()
        Metric.objects.filter(code="sales_amount").update(archived_at="2026-07-01T00:00:00Z")
        prepared(sellers)
        for model in (Forecast, ForecastBasis):
            assert not model.objects.filter(metric__code="sales_amount").exists()


def test_months_that_nobody_recorded_are_unknown_not_zero(sellers: Company) -> None:
    """The last import was in spring: the forecast goes on from there instead of falling to nothing."""
    with sellers.scope():
        prepared(sellers)
        before = outlook(sellers, "ann")
        prepared(sellers, date(2026, 11, 2))
        after = outlook(sellers, "ann", date(2026, 12, 1))

    assert after.point == pytest.approx(before.point, rel=0.15)
    assert after.months == 18


def test_the_night_comes_at_each_workspaces_own_hour(sellers: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[date] = []
    monkeypatch.setattr(tasks.services, "prepare", lambda _workspace, today: asked.append(today))

    tasks.prepare_forecasts(sellers.tenant.pk, "2026-07-14T18:20:00+00:00")  # 02:20 in Shanghai
    tasks.prepare_forecasts(sellers.tenant.pk, "2026-07-14T20:20:00+00:00")

    assert asked == [date(2026, 7, 15)]


def test_where_the_running_month_ends(sellers: Company) -> None:
    from perfmgmt.metrics.selectors import metric_by_code
    from perfmgmt.tenants.calendar import Period

    with sellers.scope():
        record(sellers, "ann", "sales_amount", {date(2026, 7, 1): (80_000, 3)})
        prepared(sellers)
        metric, ids = metric_by_code("sales_amount"), [sellers.people[who].pk for who in ("ann", "bob")]
        period = Period(Grain.MONTH, date(2026, 7, 1))
        calendar = workspace(sellers).calendar(period.start, period.end)
        ends = selectors.period_ends([metric], period, ids, calendar=calendar, today=TODAY)
        group = selectors.group_end(metric, ends, 80_000)

    ann, bob = (ends[metric.pk, pk] for pk in ids)
    # Ten of 23 working days: ahead of 100,000, so more than that and less than going on at that speed.
    assert 125_000 < ann.point < 80_000 * 23 / 10 and ann.low > 80_000
    assert bob.so_far == 0 and bob.point < 200_000
    assert group is not None and group.point == pytest.approx(ann.point + bob.point, rel=0.05)
    assert group.high - group.low < ann.high - ann.low + bob.high - bob.low
