"""The calendar in SQL and the calendar in Python are one; labels say exactly one period."""

from datetime import date, timedelta

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from perfmgmt.metrics.rollups.sql import Buckets
from perfmgmt.tenants.calendar import Grain, Period, periods_between, start_of
from tests.metrics.reference import first_day

FIRST, LAST = date(2019, 12, 25), date(2025, 1, 10)


@pytest.mark.django_db
@pytest.mark.parametrize("fiscal", range(1, 13))
def test_sql_and_python_agree_on_every_day(fiscal: int) -> None:
    buckets = Buckets(fiscal)
    columns = [buckets.start(grain, "d::date") for grain in Grain]
    columns += [buckets.end(grain, f"({buckets.start(grain, 'd::date')})") for grain in Grain]
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT d::date, {', '.join(columns)} FROM generate_series(%s::date, %s::date, '1 day') d", [FIRST, LAST]
        )
        rows = cursor.fetchall()
    assert len(rows) == (LAST - FIRST).days + 1
    wrong = []
    for day, *bounds in rows:
        for grain, start, end in zip(Grain, bounds[:5], bounds[5:], strict=True):
            period = Period.containing(grain, day, fiscal)
            if (start, end) != (period.start, period.end + timedelta(days=1)) or not start <= day < end:
                wrong.append((grain.name, day, start, end, period))
    assert wrong == []


days = st.dates(date(1901, 1, 1), date(2199, 12, 31))
fiscals = st.integers(1, 12)


@given(day=days, grain=st.sampled_from(Grain), fiscal=fiscals)
def test_a_period_is_found_again_by_its_label(day: date, grain: Grain, fiscal: int) -> None:
    period = Period.containing(grain, day, fiscal)
    assert Period.parse(period.label, fiscal) == period


@given(day=days, grain=st.sampled_from(Grain), fiscal=fiscals)
def test_periods_meet_without_gap_or_overlap(day: date, grain: Grain, fiscal: int) -> None:
    period = Period.containing(grain, day, fiscal)
    assert period.start <= day <= period.end
    assert period.next().start == period.end + timedelta(days=1)
    assert period.next().next(-1) == period
    assert period.start == first_day(grain, day, fiscal) == start_of(grain, day, fiscal)


@given(day=days, fiscal=fiscals)
def test_months_nest_in_quarters_and_quarters_in_years(day: date, fiscal: int) -> None:
    month, quarter, year = (Period.containing(grain, day, fiscal) for grain in (3, 4, 5))
    assert month in Period(Grain.QUARTER, quarter.start, fiscal).months()
    assert year.start <= quarter.start <= quarter.end <= year.end


@pytest.mark.parametrize(
    ("label", "fiscal", "start", "end"),
    [
        ("2017", 1, date(2017, 1, 1), date(2017, 12, 31)),
        ("2017", 4, date(2016, 4, 1), date(2017, 3, 31)),
        ("2017-Q2", 1, date(2017, 4, 1), date(2017, 6, 30)),
        ("2017-Q4", 4, date(2017, 1, 1), date(2017, 3, 31)),
        ("2017-Q1", 12, date(2016, 12, 1), date(2017, 2, 28)),
        ("2017-03", 4, date(2017, 3, 1), date(2017, 3, 31)),
        ("2020-W53", 1, date(2020, 12, 28), date(2021, 1, 3)),
        ("2021-W01", 4, date(2021, 1, 4), date(2021, 1, 10)),
        ("2017-03-01", 1, date(2017, 3, 1), date(2017, 3, 1)),
    ],
)
def test_a_label_says_its_days(label: str, fiscal: int, start: date, end: date) -> None:
    period = Period.parse(label, fiscal)
    assert (period.start, period.end, period.label) == (start, end, label)


@pytest.mark.parametrize(
    "label", ["", "17", "2017-Q5", "2017-Q0", "2017-13", "2017-00", "2017-W54", "2017-W00", "2017-02-30", "1899",
              "2201", "2017-1", " 2017", "2017-Q1x", "２０１７", "2017\n"],
)  # fmt: skip
def test_anything_else_is_no_period(label: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        Period.parse(label)


def test_the_periods_between_two_days_touch_them() -> None:
    months = [period.label for period in periods_between(Grain.MONTH, date(2024, 12, 31), date(2025, 2, 1))]
    assert months == ["2024-12", "2025-01", "2025-02"]
