"""Attainment, pacing, splitting and proration against the golden cases, made by an independent program."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goals import golden
from goals.rules import (
    BadBand,
    BadWeights,
    Pace,
    attainment,
    band_attainment,
    pacing,
    presence,
    prorated,
    rounded,
    split,
    split_target,
)
from tests.servers import ROOT

GOLDEN = golden.read(ROOT / "tests/golden/rules.json")
KNOWN = [(section, case) for section in golden.SECTIONS for case in GOLDEN[section]]


@pytest.mark.parametrize(("section", "case"), KNOWN, ids=str)
def test_the_rules_meet_the_golden_cases(section: str, case: dict[str, Any]) -> None:
    wanted, found = golden.compare(section, case)
    assert found == wanted


def test_a_band_upside_down_is_refused() -> None:
    with pytest.raises(BadBand):
        band_attainment(Decimal(1), Decimal(3), Decimal(2), Decimal(0))


@given(st.integers(-(10**9), 10**9), st.lists(st.integers(0, 500), min_size=1, max_size=12).filter(any))
def test_parts_sum_to_the_total_and_are_less_than_a_unit_off(total: int, weights: list[int]) -> None:
    parts = split(total, weights)
    assert sum(parts) == total
    assert all(abs(part - Fraction(total) * w / sum(weights)) < 1 for part, w in zip(parts, weights, strict=True))
    assert all(part == 0 for part, weight in zip(parts, weights, strict=True) if not weight)


@pytest.mark.parametrize("weights", [[], [0, 0], [3, -1]], ids=str)
def test_weights_that_split_nothing_are_refused(weights: list[int]) -> None:
    with pytest.raises(BadWeights):
        split(10, weights)


def test_a_target_is_split_in_its_own_unit() -> None:
    assert split_target(Decimal(10), [1, 2]) == [3, 7]
    assert split_target(Decimal(10), [1, 2], places=2) == [Decimal("3.33"), Decimal("6.67")]
    assert split_target(Decimal("0.5"), [1, 1, 1]) == [Decimal("0.2"), Decimal("0.2"), Decimal("0.1")]
    assert split_target(Decimal("100000"), [1, 1]) == [50000, 50000]


def test_a_prorated_target_is_rounded_half_away_from_zero_in_its_own_unit() -> None:
    assert prorated(Decimal(5), Fraction(1, 2)) == 3
    assert prorated(Decimal(-5), Fraction(1, 2)) == -3
    assert prorated(Decimal("0.05"), Fraction(1, 2), places=2) == Decimal("0.03")
    assert prorated(Decimal(5), None) is None


# What follows stands at the edges on purpose: each of these fails when a comparison or a rounding is a little off.


def level(direction: str, actual: str | None, *, over: bool = False) -> Pace:
    """The pace of a metric that isn't additive, against a target of 100."""
    done = None if actual is None else Decimal(actual)
    return pacing(
        direction=direction, additive=False, actual=done, target=Decimal(100), elapsed=0, total=0, over=over
    )


@pytest.mark.parametrize(
    ("actual", "pace"),
    [
        ("110", Pace.AHEAD), ("109.9999", Pace.ON_TRACK),
        ("100", Pace.ON_TRACK), ("99.9999", Pace.AT_RISK),
        ("90", Pace.AT_RISK), ("89.9999", Pace.OFF_TRACK),
        ("0", Pace.OFF_TRACK), ("-5", Pace.OFF_TRACK), (None, Pace.NO_DATA),
    ],
)  # fmt: skip
def test_each_edge_of_the_pace_belongs_to_the_better_side(actual: str | None, pace: Pace) -> None:
    assert level("higher", actual) == pace


@pytest.mark.parametrize(
    ("target", "actual", "pace"),
    [
        (110, "100", Pace.AHEAD), (110, "100.0001", Pace.ON_TRACK),
        (100, "100", Pace.ON_TRACK), (100, "100.0001", Pace.AT_RISK),
        (90, "100", Pace.AT_RISK), (90, "100.0001", Pace.OFF_TRACK),
        (90, "0", Pace.AHEAD), (90, "-1", Pace.AHEAD),
    ],
)  # fmt: skip
def test_each_edge_holds_where_lower_is_better(target: int, actual: str, pace: Pace) -> None:
    found = pacing(
        direction="lower", additive=False, actual=Decimal(actual), target=target, elapsed=0, total=0, over=False
    )
    assert found == pace


def test_a_target_that_is_exactly_reached_when_the_period_ends_is_achieved() -> None:
    assert level("higher", "100", over=True) == level("lower", "100", over=True) == Pace.ACHIEVED
    assert level("higher", "99.9999", over=True) == level("lower", "100.0001", over=True) == Pace.OVERDUE
    assert level("higher", None, over=True) == Pace.OVERDUE


@pytest.mark.parametrize(
    ("case", "pace"),
    [
        # (target, over, elapsed, actual): what is said first wins over everything below it
        ((None, True, 0, None), Pace.NO_TARGET), ((0, True, 0, None), Pace.NO_TARGET),
        ((0, False, 0, 5), Pace.NO_TARGET), ((100, True, 0, None), Pace.OVERDUE),
        ((100, True, 0, 100), Pace.ACHIEVED),
        ((100, False, 0, None), Pace.NOT_STARTED), ((100, False, 0, 50), Pace.NOT_STARTED),
        ((100, False, 0, 0), Pace.NOT_STARTED), ((100, False, 0, -1), Pace.NOT_STARTED),
        ((100, False, 5, None), Pace.NO_DATA), ((100, False, 5, 50), Pace.ON_TRACK),
    ],
)  # fmt: skip
@pytest.mark.parametrize("direction", ["higher", "lower"])
def test_the_cases_are_tried_in_the_order_of_the_rule(
    case: tuple[int | None, bool, int, int | None], pace: Pace, direction: str
) -> None:
    target, over, elapsed, actual = case
    found = pacing(
        direction=direction, additive=True, actual=actual, target=target, elapsed=elapsed, total=10, over=over
    )
    assert found == pace


@given(st.decimals(-1000, 1000, places=2), st.decimals("0.01", 1000, places=2))
def test_attainment_keeps_what_is_negative_and_floors_only_where_lower_is_better(
    actual: Decimal, target: Decimal
) -> None:
    share = Fraction(actual) / Fraction(target)
    assert attainment("higher", actual, target) == share
    assert attainment("lower", actual, target) == max(0, 2 - share)


@pytest.mark.parametrize("target", [None, Decimal(0), Decimal(-1)])
@pytest.mark.parametrize("direction", ["higher", "lower"])
def test_without_a_target_above_0_there_is_no_attainment(direction: str, target: Decimal | None) -> None:
    assert attainment(direction, Decimal(5), target) is None
    assert attainment(direction, None, Decimal(5)) is None


@pytest.mark.parametrize(
    ("actual", "share"), [("2", "1"), ("4", "1"), ("4.5", "0.5"), ("5", "0"), ("6", "0"), ("1.5", "0.5"), ("-9", "0")]
)
def test_a_band_holds_its_ends_and_falls_over_its_tolerance(actual: str, share: str) -> None:
    assert band_attainment(Decimal(actual), 2, 4, 1) == Fraction(share)


def test_a_band_of_one_value_without_tolerance_is_all_or_nothing() -> None:
    assert band_attainment(0, 0, 0, 0) == 1
    assert band_attainment(Decimal("0.0001"), 0, 0, 0) == band_attainment(-1, 0, 0, 0) == 0
    with pytest.raises(BadBand):
        band_attainment(0, 0, 0, -1)


@pytest.mark.parametrize(
    ("value", "places", "expect"),
    [("0.5", 0, 1), ("1.5", 0, 2), ("2.5", 0, 3), ("-2.5", 0, -3), ("-0.5", 0, -1), ("2.4999", 0, 2),
     ("0.00005", 4, "0.0001"), ("0.00025", 4, "0.0003"), ("-0.00045", 4, "-0.0005")],
)  # fmt: skip
def test_halves_are_rounded_away_from_zero(value: str, places: int, expect: str | int) -> None:
    assert rounded(Decimal(value), places=places) == Decimal(expect)


def test_a_value_a_hair_below_the_half_is_rounded_down() -> None:
    # As a quotient of 28 digits this is a half.
    below = Fraction(1, 2) - Fraction(1, 10**40)
    assert rounded(below, places=0) == 0
    assert rounded(-below, places=0) == 0


def test_left_over_units_go_to_the_largest_remainders_compared_exactly() -> None:
    assert split(1, [1, 1, 1]) == [1, 0, 0]
    assert split(2, [3, 5, 3]) == [1, 1, 0]
    # Remainders that differ by less than any rounded quotient shows: the larger is the last.
    big = 10**30
    assert split(1, [big, big, big + 1]) == [0, 0, 1]
    assert split(2, [big, big - 1, big + 1]) == [1, 0, 1]
    assert split(-1, [big, big, big + 1]) == [0, 0, -1]


@given(st.integers(0, 10**6), st.lists(st.integers(0, 50), min_size=2, max_size=8).filter(any))
def test_a_unit_more_means_a_larger_remainder_or_an_earlier_place(total: int, weights: list[int]) -> None:
    whole, parts = sum(weights), split(total, weights)
    more = [(-(total * w % whole), i) for i, w in enumerate(weights) if parts[i] > total * w // whole]
    rest = [(-(total * w % whole), i) for i, w in enumerate(weights) if parts[i] == total * w // whole]
    assert not more or not rest or max(more) < min(rest)
    assert split(-total, weights) == [-part for part in parts]


def test_who_is_absent_or_half_there_has_their_part_of_the_days() -> None:
    assert presence(20, [(10, True, Decimal(1)), (5, False, Decimal(1)), (5, True, Decimal("0.5"))]) == Fraction(5, 8)
    assert presence(20, []) == 0
    assert presence(0, [(5, True, Decimal(1))]) is None
