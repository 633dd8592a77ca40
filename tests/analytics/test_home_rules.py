"""The arithmetic behind the heat map, the list of who needs attention, freshness and the checklist."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from analytics.homes.attention_rules import Spell, last_day_ahead, quiet_days
from analytics.homes.checklist import Numbers, State, is_done, steps
from analytics.homes.data_state import Freshness, freshness
from analytics.homes.heat_rules import Tone, beside, by_band, middle
from perfmgmt.tenants.workdays import WorkingCalendar

CALENDAR = WorkingCalendar()
TODAY = date(2025, 3, 20)  # a Thursday


@pytest.mark.parametrize(
    ("value", "direction", "tone"),
    [
        (111, "higher", Tone.BETTER), (110, "higher", Tone.NEAR), (90, "higher", Tone.NEAR),
        (89, "higher", Tone.WORSE),
        (111, "lower", Tone.WORSE), (89, "lower", Tone.BETTER), (500, "band", Tone.PLAIN),
        (None, "higher", Tone.MISSING),
    ],
)  # fmt: skip
def test_without_a_target_a_figure_is_judged_beside_the_median_in_its_direction(
    value: int | None, direction: str, tone: Tone
) -> None:
    known = None if value is None else Decimal(value)
    assert beside(known, Decimal(100), direction).tone is tone


def test_the_distance_from_the_median_is_exact() -> None:
    assert beside(Decimal(150), Decimal(120), "higher").share == Fraction(1, 4)


def test_two_people_and_a_median_of_nothing_allow_no_comparison() -> None:
    assert middle([Decimal(1), Decimal(3), None]) is None
    assert middle([Decimal(1), Decimal(3), Decimal(9), None]) == 3
    assert beside(Decimal(5), Decimal(0), "higher").tone is Tone.PLAIN
    assert beside(Decimal(5), None, "higher").tone is Tone.PLAIN


def test_a_band_is_judged_by_how_far_outside_a_figure_lies() -> None:
    assert by_band(Decimal(5), Decimal(4), Decimal(6), Decimal(10)) == (Tone.ON_TRACK, 1)
    assert by_band(Decimal(7), Decimal(4), Decimal(6), Decimal(10)) == (Tone.AT_RISK, Fraction(9, 10))
    assert by_band(Decimal(9), Decimal(4), Decimal(6), Decimal(10))[0] is Tone.OFF_TRACK
    assert by_band(Decimal(1), Decimal(0), Decimal(0), None) == (Tone.OFF_TRACK, 0)


def test_quiet_days_leave_out_weekends_absences_and_today() -> None:
    since = date(2025, 3, 10)  # Monday; the 11th to the 19th are seven working days
    assert quiet_days(CALENDAR, since=since, today=TODAY, away=[]) == 7
    assert quiet_days(CALENDAR, since=since, today=TODAY, away=[Spell(date(2025, 3, 12), date(2025, 3, 14))]) == 4
    assert quiet_days(CALENDAR, since=date(2025, 3, 19), today=TODAY, away=[]) == 0
    assert quiet_days(CALENDAR, since=TODAY, today=TODAY, away=[]) == 0


def test_a_last_day_is_coming_up_by_leave_date_or_by_the_end_of_the_last_assignment() -> None:
    forever = Spell(date(2025, 1, 1), date(2999, 12, 31))
    ends = Spell(date(2025, 1, 1), date(2025, 4, 19))
    assert last_day_ahead(left_on=None, spells=[forever], today=TODAY) is None
    assert last_day_ahead(left_on=TODAY, spells=[forever], today=TODAY) == TODAY
    assert last_day_ahead(left_on=None, spells=[ends], today=TODAY) == ends.last
    assert last_day_ahead(left_on=None, spells=[ends, forever], today=TODAY) is None
    assert last_day_ahead(left_on=date(2025, 4, 20), spells=[forever], today=TODAY) is None
    assert last_day_ahead(left_on=date(2025, 3, 19), spells=[forever], today=TODAY) is None


def test_a_source_is_late_from_the_fourth_working_day_on() -> None:
    found = [freshness(days) for days in (None, 0, 1, 2, 3, 4)]
    assert found == [
        Freshness.NEVER, Freshness.FRESH, Freshness.FRESH, Freshness.BEHIND, Freshness.BEHIND, Freshness.LATE
    ]  # fmt: skip


def test_the_first_step_that_is_not_done_is_the_next_one() -> None:
    empty = steps(Numbers(metrics=57), month="March")
    assert [step.state for step in empty[:4]] == [State.NEXT, State.MISSING, State.MISSING, State.MISSING]
    assert [step.state for step in empty[4:]] == [State.LATER, State.LATER]
    assert not any(step.url_name for step in empty[4:])
    some = steps(Numbers(people=3, metrics=57, measured=1), month="March")
    assert [step.state for step in some[:4]] == [State.DONE, State.NEXT, State.DONE, State.MISSING]
    assert not is_done(some)


def test_the_checklist_is_done_when_all_that_exists_is_set_up() -> None:
    whole = steps(
        Numbers(people=3, described=1, metrics=57, measured=4, ever_targets=True, with_target=2), month="March"
    )
    assert is_done(whole)
    assert "2 of 3" in whole[3].text
