"""Who is asked and who is passed over: each reason, their order, quotas, the budget, chance."""

from datetime import date, timedelta
from itertools import pairwise
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviews.asking.sampling import Candidate, Limits, Past, decide

TODAY, PLAIN = date(2026, 3, 10), Limits()


def one(key: int = 1, contact: int | None = 7, **values: Any) -> Candidate:
    return Candidate(key, values.pop("day", TODAY), values.pop("employee_id", 5), contact, "a@b.example", **values)


def why(candidate: Candidate, limits: Limits = PLAIN, past: Past | None = None, **more: Any) -> str:
    found = decide([candidate], limits, past or Past(), today=TODAY, draw=Random(1), **more)
    return found[candidate.key]


def ago(days: int) -> date:
    return TODAY - timedelta(days=days)


def test_each_reason_stands_in_the_way() -> None:
    assert why(one()) == ""
    assert why(one(contact=None, why="no_contact")) == "no_contact"
    assert why(one(), suppressed={"a@b.example"}) == "suppressed"
    late = Limits(delay_days=3)
    assert why(one(day=ago(34)), late) == "too_old" and why(one(day=ago(33)), late) == ""
    assert why(one(day=ago(99)), Limits(any_age=True)) == ""
    quiet, past = Limits(quiet_days=30, days_between=0), Past(by_this={7: [ago(29)]})
    assert why(one(), quiet, past) == "quiet"
    assert why(one(), quiet, Past(by_this={7: [ago(30)]})) == ""
    assert why(one(), Limits(days_between=30), Past(by_all={7: [ago(29)]})) == "fatigue"
    assert why(one(), Limits(days_between=30), Past(by_all={7: [ago(30)]})) == ""
    yearly = Limits(days_between=0, per_year=2)
    assert why(one(), yearly, Past(by_all={7: [ago(364), ago(200)]})) == "fatigue"
    assert why(one(), yearly, Past(by_all={7: [ago(365), ago(200)]})) == ""
    assert why(one(), yearly, Past(by_all={8: [ago(364), ago(200)]})) == ""
    assert why(one(), Limits(quota=0)) == "quota"
    assert why(one(), Limits(rate=0)) == "not_drawn"


def test_reasons_are_told_in_a_fixed_order() -> None:
    limits = Limits(rate=0, quota=0, quiet_days=30)
    past = Past(by_all={7: [TODAY]}, by_this={7: [TODAY]})
    late = one(day=ago(99))
    assert why(one(contact=None, why="refused", day=ago(99)), limits, past) == "refused"
    assert why(late, limits, past, suppressed={"a@b.example"}) == "suppressed"
    assert why(late, limits, past) == "too_old"
    assert why(one(), limits, past) == "quiet"
    assert why(one(), limits, Past(by_all={7: [TODAY]})) == "fatigue"
    assert why(one(), limits) == "quota"
    assert why(one(), Limits(rate=0, quota=1)) == "not_drawn"


def test_a_quota_is_one_of_each_assistant_and_month() -> None:
    people = [
        one(1, 1, day=date(2026, 2, 28)), one(2, 2, day=date(2026, 2, 28)), one(3, 3, day=date(2026, 3, 1)),
        one(4, 4, day=date(2026, 3, 1)), one(5, 5, day=date(2026, 3, 1), employee_id=6),
    ]  # fmt: skip
    found = decide(people, Limits(quota=1), Past(), today=TODAY, draw=Random(1))
    assert sorted([found[1], found[2]]) == ["", "quota"] and sorted([found[3], found[4]]) == ["", "quota"]
    assert found[5] == ""


def test_two_happenings_of_one_contact_see_each_other() -> None:
    found = decide([one(1), one(2)], Limits(), Past(), today=TODAY, draw=Random(1))
    assert sorted(found.values()) == ["", "fatigue"]


@pytest.mark.parametrize("rate", [20, 50])
def test_the_share_drawn_is_about_the_rate(rate: int) -> None:
    people = [one(key, key) for key in range(4000)]
    found = decide(people, Limits(rate=rate), Past(), today=TODAY, draw=Random(3))
    assert abs(list(found.values()).count("") / 40 - rate) < 3


def test_who_is_drawn_has_nothing_to_do_with_what_is_typed() -> None:
    """The same chance draws the same people whatever assistants, days or order they come with."""
    limits = Limits(rate=50)
    plain = [one(key, key) for key in range(200)]
    other = [one(key, key, day=ago(key % 20), employee_id=key % 3) for key in reversed(range(200))]
    results = [decide(people, limits, Past(), today=TODAY, draw=Random(5)) for people in (plain, other)]
    assert results[0] == results[1] and len(set(results[0].values())) == 2
    assert decide(plain, limits, Past(), today=TODAY, draw=Random(6)) != results[0]


@given(
    st.lists(st.tuples(st.integers(1, 4), st.integers(0, 3)), max_size=60),
    st.integers(0, 40),
    st.integers(1, 4),
    st.randoms(use_true_random=False),
)
def test_nobody_is_asked_over_the_budget_whatever_the_order(
    happenings: list[tuple[int, int]], between: int, per_year: int, draw: Any
) -> None:
    """Runs on several days, in any order of what happened: the days between and the number in a year hold."""
    limits, past = Limits(rate=80, days_between=between, per_year=per_year), Past()
    for days in (300, 200, 31, 30, 1, 0):
        today = ago(days)
        people = [one(key, contact, day=today - timedelta(days=old)) for key, (contact, old) in enumerate(happenings)]
        draw.shuffle(people)
        decide(people, limits, past, today=today, draw=draw)
    for days_asked in past.by_all.values():
        assert len(days_asked) <= per_year
        gaps = [(later - first).days for first, later in pairwise(days_asked)]
        assert all(gap >= between for gap in gaps)
