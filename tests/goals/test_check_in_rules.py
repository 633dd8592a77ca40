"""Weeks of check-ins: when one is due, who has missed how many, what moved."""

from datetime import date, timedelta

import pytest

from goals.check_ins.rules import (
    LOOK_BACK,
    Change,
    Move,
    Said,
    changes,
    due_day,
    is_open,
    missed,
    monday_of,
    week_label,
)
from perfmgmt.tenants.workdays import WorkingCalendar

WEEK = timedelta(days=7)
MONDAY = date(2025, 3, 10)
CHINA = WorkingCalendar("CN")


def test_a_week_is_named_by_its_monday() -> None:
    assert monday_of(date(2025, 3, 16)) == MONDAY
    assert week_label(MONDAY) == "2025-W11"
    assert week_label(date(2024, 12, 30)) == "2025-W01"


def test_this_week_and_the_last_one_are_open() -> None:
    today = date(2025, 3, 19)
    assert [is_open(MONDAY + n * WEEK, today) for n in (-1, 0, 1, 2)] == [False, True, True, False]


@pytest.mark.parametrize(
    ("week", "weekday", "due"),
    [
        (MONDAY, 5, date(2025, 3, 14)),
        (MONDAY, 7, date(2025, 3, 14)),  # nobody works on Sunday
        (date(2025, 9, 29), 5, date(2025, 9, 30)),  # National Day begins on Wednesday
        (date(2025, 9, 29), 1, date(2025, 9, 29)),
        (date(2025, 10, 6), 1, date(2025, 10, 9)),  # the holiday lasts until Wednesday
    ],
)
def test_a_check_in_is_due_on_a_working_day(week: date, weekday: int, due: date) -> None:
    assert due_day(week, weekday, CHINA.works) == due


def test_a_week_without_work_has_no_check_in() -> None:
    assert due_day(MONDAY, 5, lambda day: False) is None


def present(monday: date) -> bool:
    return monday != MONDAY - WEEK


def test_missed_weeks_in_a_row() -> None:
    since = MONDAY - 20 * WEEK
    assert missed({MONDAY}, since=since, week=MONDAY, is_present=present) == 0
    # The week away is left out: it neither counts nor ends the row.
    assert missed({MONDAY - 3 * WEEK}, since=since, week=MONDAY, is_present=present) == 2
    assert missed(set(), since=since, week=MONDAY, is_present=lambda _monday: True) == LOOK_BACK


def test_nothing_is_missed_before_it_was_expected() -> None:
    assert missed(set(), since=MONDAY - WEEK, week=MONDAY, is_present=lambda _monday: True) == 2
    assert missed(set(), since=MONDAY + WEEK, week=MONDAY, is_present=lambda _monday: True) == 0


def test_what_moved() -> None:
    before = [Said("m1", 3, "on track"), Said("m2", 2, "at risk"), Said("m3", None, "no data"), Said("g9", 3, "open")]
    now = [Said("m1", 2, "at risk"), Said("m2", 3, "ahead"), Said("m3", 1, "ahead"), Said("m4", 1, "off track")]
    assert changes(before, now) == [
        Change("m1", Move.CONFIDENCE_DOWN),
        Change("m1", Move.PACE_DOWN),
        Change("m2", Move.CONFIDENCE_UP),
        Change("m2", Move.PACE_UP),
    ]
    assert [change.is_bad for change in changes(before, now)] == [True, True, False, False]
    assert changes(before, before) == []
