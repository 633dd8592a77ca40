"""The working calendar: the public one with its make-up days, a workspace's own days, a person's share of them."""

from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfmgmt.people.viewer import workspace_of
from perfmgmt.tenants.models import CalendarDay
from perfmgmt.tenants.workdays import (
    DayKind,
    WorkingCalendar,
    WorkSpell,
    countries,
    make_up_days_are_missing,
    own_working_days,
)
from tests.factories import Company

CHINA = WorkingCalendar("CN", language="zh-hans")
DAYS = st.dates(date(2022, 1, 1), date(2028, 12, 31))


def test_china_works_on_a_make_up_saturday_and_rests_at_the_spring_festival() -> None:
    assert CHINA.kind(date(2026, 2, 14)) is DayKind.MAKE_UP
    assert CHINA.works(date(2026, 2, 14))
    assert CHINA.kind(date(2026, 2, 17)) is DayKind.HOLIDAY
    assert not CHINA.works(date(2026, 2, 17))
    assert CHINA.name(date(2026, 2, 17)) == "春节"
    assert WorkingCalendar("CN", language="en").name(date(2026, 2, 17)).startswith("Chinese New Year")


def test_february_2026_has_16_working_days_in_china_and_20_without_a_country() -> None:
    first, last = date(2026, 2, 1), date(2026, 2, 28)
    assert CHINA.working_days(first, last) == 16
    assert WorkingCalendar().working_days(first, last) == 20
    assert WorkingCalendar().working_days(last, first) == 0


def test_a_workspaces_own_days_beat_the_public_ones() -> None:
    own = {date(2026, 2, 17): (True, "Stocktaking"), date(2026, 3, 4): (False, "Founders' day")}
    calendar = WorkingCalendar("CN", own=own)
    assert calendar.kind(date(2026, 2, 17)) is DayKind.OWN_WORKDAY
    assert calendar.kind(date(2026, 3, 4)) is DayKind.OWN_HOLIDAY
    assert calendar.name(date(2026, 3, 4)) == "Founders' day"
    assert calendar.working_days(date(2026, 2, 17), date(2026, 3, 4)) == (
        CHINA.working_days(date(2026, 2, 17), date(2026, 3, 4))
    )


@given(DAYS, st.integers(-3, 900), st.sets(st.integers(1, 7), max_size=6), st.dictionaries(DAYS, st.booleans()))
def test_counting_by_arithmetic_equals_counting_day_by_day(
    first: date, length: int, weekend: set[int], own: dict[date, bool]
) -> None:
    calendar = WorkingCalendar("CN", frozenset(weekend), {day: (works, "x") for day, works in own.items()})
    last = first + timedelta(days=length)
    assert calendar.working_days(first, last) == len(list(calendar.each(first, last)))


def test_other_countries_have_their_own_weekend_setting_and_an_unknown_one_has_no_holidays() -> None:
    assert "CN" in countries()
    gulf = WorkingCalendar("AE", frozenset({5, 6}))
    assert not gulf.works(date(2026, 2, 13))
    assert gulf.works(date(2026, 2, 15))
    assert WorkingCalendar("XX").works(date(2026, 1, 1))


def test_a_year_whose_make_up_days_are_not_announced_is_known_as_such() -> None:
    assert not make_up_days_are_missing("CN", 2026)
    assert make_up_days_are_missing("CN", 2027)
    assert not make_up_days_are_missing("GB", 2027)


def test_own_working_days_count_by_full_time_share_and_without_absences() -> None:
    first, last = date(2026, 3, 2), date(2026, 3, 13)  # ten working days
    half = [
        WorkSpell(date(2026, 1, 1), date(2026, 3, 6), Fraction(1)),
        WorkSpell(date(2026, 3, 7), last, Fraction(1, 2)),
    ]
    assert own_working_days(CHINA, first, last, spells=half) == Fraction(15, 2)
    absent = {date(2026, 3, 3): Fraction(1), date(2026, 3, 10): Fraction(1, 2), date(2026, 3, 8): Fraction(1)}
    assert own_working_days(CHINA, first, last, spells=half, absent=absent) == Fraction(15, 2) - 1 - Fraction(1, 4)
    assert own_working_days(CHINA, first, last, spells=[]) == 0


@pytest.mark.django_db
def test_a_workspaces_calendar_is_its_own(company: Company, other_company: Company) -> None:
    day = date(2026, 3, 4)
    with company.scope():
        CalendarDay.objects.create(day=day, is_working=False, name="Founders' day")
        assert not workspace_of(company.tenant).calendar(day, day).works(day)
    with other_company.scope():
        assert workspace_of(other_company.tenant).calendar(day, day).works(day)
