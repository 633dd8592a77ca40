"""How a goal stands, and how a month is split over weeks and days."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goals.following.rules import (
    Band,
    Elapsed,
    Measure,
    course,
    daily,
    in_week,
    judge,
    milestone,
    weekly,
    weeks_of,
    worst,
)
from goals.rules import Pace
from perfmgmt.tenants.workdays import WorkingCalendar

CALENDAR = WorkingCalendar()
HALF = Elapsed(Fraction(10), Fraction(20), over=False)
OVER = Elapsed(Fraction(20), Fraction(20), over=True)


def works(day: date) -> Fraction:
    return Fraction(CALENDAR.works(day))


def test_a_sum_is_expected_by_its_own_working_days() -> None:
    found = judge(Measure("higher", additive=True, target=100), 55, HALF)
    assert (found.attainment, found.pace, found.expected) == (Fraction(55, 100), Pace.AHEAD, 50)


def test_parts_of_days_count() -> None:
    time = Elapsed(Fraction(5, 2), Fraction(10), over=False)
    found = judge(Measure("higher", additive=True, target=100), 25, time)
    assert (found.pace, found.expected) == (Pace.ON_TRACK, 25)


def test_a_mean_is_expected_whole() -> None:
    found = judge(Measure("higher", additive=False, target=Decimal("4.5")), Decimal("4.4"), HALF)
    assert (found.pace, found.expected) == (Pace.AT_RISK, Fraction(9, 2))


def test_after_the_end_all_of_it_is_expected() -> None:
    found = judge(Measure("higher", additive=True, target=100), 99, OVER)
    assert (found.pace, found.expected) == (Pace.OVERDUE, 100)


@pytest.mark.parametrize(
    ("actual", "time", "pace"),
    [
        (0, HALF, Pace.ON_TRACK),
        (1, HALF, Pace.OFF_TRACK),
        (0, OVER, Pace.ACHIEVED),
        (1, OVER, Pace.OVERDUE),
        (None, HALF, Pace.NO_DATA),
        (None, OVER, Pace.OVERDUE),
    ],
)
def test_zero_errors(actual: int | None, time: Elapsed, pace: Pace) -> None:
    assert judge(Measure("higher", additive=True, band=Band(0, 0)), actual, time).pace is pace


def test_a_sum_in_a_band_may_still_fill_it() -> None:
    visits = Measure("higher", additive=True, band=Band(20, 30, 10))
    assert judge(visits, 10, HALF).pace is Pace.ON_TRACK
    assert judge(visits, 9, HALF).pace is Pace.AT_RISK
    assert judge(visits, 10, OVER).pace is Pace.OVERDUE
    assert judge(visits, 31, HALF).pace is Pace.AT_RISK


def test_a_milestone_is_reached_when_it_is_done() -> None:
    assert milestone(date(2025, 3, 1), over=True).pace is Pace.ACHIEVED
    assert milestone(None, over=True).pace is Pace.OVERDUE
    assert milestone(None, over=False).pace is Pace.NO_DATA


def test_the_worst_month_decides() -> None:
    higher, lower = Measure("higher", additive=False, target=1), Measure("lower", additive=False, target=1)
    figures = [Decimal("0.9"), None, Decimal("0.7"), Decimal("1.2")]
    assert worst(higher, figures) == 2
    assert worst(lower, figures) == 3
    assert worst(Measure("higher", additive=False, band=Band(Decimal("0.8"), 1, 1)), figures) == 3
    assert worst(higher, [None, None]) is None


def test_weeks_are_iso_weeks_clipped_to_the_month() -> None:
    assert weeks_of(date(2026, 11, 1)) == [
        (date(2026, 11, 1), date(2026, 11, 1)),
        (date(2026, 11, 2), date(2026, 11, 8)),
        (date(2026, 11, 9), date(2026, 11, 15)),
        (date(2026, 11, 16), date(2026, 11, 22)),
        (date(2026, 11, 23), date(2026, 11, 29)),
        (date(2026, 11, 30), date(2026, 11, 30)),
    ]


def test_thirty_visits_over_a_month() -> None:
    """21 working days: 5 each but one on the last Monday; what is left over goes to the largest remainders."""
    parts = weekly(Decimal(30), date(2026, 11, 1), works)
    assert list(parts.values()) == [0, 7, 7, 7, 7, 2]
    days = daily(Decimal(30), date(2026, 11, 1), works)
    assert [days[date(2026, 11, day)] for day in (2, 3, 4, 5, 6, 7, 8)] == [2, 2, 1, 1, 1, 0, 0]
    assert days[date(2026, 11, 30)] == 2


def test_a_week_takes_its_part_of_both_months() -> None:
    targets = {date(2026, 11, 1): Decimal(30), date(2026, 12, 1): Decimal(23)}
    assert in_week(targets, date(2026, 11, 30), works) == 2 + 4
    assert in_week(targets, date(2026, 11, 2), works) == 7
    assert in_week({date(2026, 12, 1): Decimal(23)}, date(2026, 11, 30), works) == 4
    assert in_week({date(2026, 12, 1): Decimal(23)}, date(2026, 11, 16), works) is None
    assert in_week({date(2026, 11, 1): Decimal(30)}, date(2026, 11, 23), works) == 7


@given(
    st.decimals(min_value=0, max_value=10**9, places=2),
    st.dates(date(2000, 1, 1), date(2100, 1, 1)),
    st.lists(st.sampled_from([Fraction(0), Fraction(1, 3), Fraction(1, 2), Fraction(1)]), min_size=31, max_size=31),
)
def test_weeks_and_days_sum_to_the_month(target: Decimal, day: date, weights: list[Fraction]) -> None:
    month = day.replace(day=1)

    def own(when: date) -> Fraction:
        return weights[when.day - 1]

    parts, days = (split(target, month, own, places=2) for split in (weekly, daily))
    assert sum(parts.values()) == sum(days.values()) == target
    for first, last in weeks_of(month):
        assert sum(part for when, part in days.items() if first <= when <= last) == parts[first]


def test_the_expected_line_rises_on_working_days() -> None:
    days = [date(2026, 11, day) for day in range(1, 31)]
    line = course(210, days, works)
    assert line[0] == 0
    assert line[1] == 10
    assert line[6] == line[7] == 50
    assert line[-1] == 210
