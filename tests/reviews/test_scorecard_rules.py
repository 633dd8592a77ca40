"""Curves and composite scores: golden cases, edges at which a wrong comparison shows, and what always holds."""

import json
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goals.golden import SECTIONS
from reviews.scorecards.rules import (
    BadCurve,
    BadWeights,
    DimensionScores,
    Out,
    PartScore,
    check_curve,
    check_weights,
    composite,
    curve,
)
from tests.servers import ROOT

GOLDEN = json.loads((ROOT / "tests/golden/rules.json").read_text(encoding="utf-8"))
D = Decimal


@pytest.mark.parametrize("section", ["curve", "composite"])
def test_golden_cases(section: str) -> None:
    assert len(GOLDEN[section]) >= 60
    for number, case in enumerate(GOLDEN[section], 1):
        wanted, found = SECTIONS[section](case)
        assert wanted == found, (number, case)


# Curves

STEPS = ((D(1), D(50)), (D(2), D(80)))


@pytest.mark.parametrize(
    ("x", "score"), [("0.9999", 0), ("1", 50), ("1.9999", 50), ("2", 80), ("99", 80)]
)  # fmt: skip
def test_a_step_begins_at_its_point(x: str, score: int) -> None:
    assert curve("step", STEPS, D(x)) == score


@pytest.mark.parametrize(("x", "score"), [("-5", 50), ("1", 50), ("1.5", 65), ("2", 80), ("7", 80)])
def test_a_line_is_flat_beyond_its_ends_and_exact_between(x: str, score: int) -> None:
    assert curve("linear", STEPS, D(x)) == score


def test_a_line_is_not_rounded() -> None:
    assert curve("linear", ((D(0), D(0)), (D(3), D(1))), D(1)) == Fraction(1, 3)


def test_one_point_is_flat_and_a_missing_figure_has_no_score() -> None:
    assert curve("linear", ((D(1), D(70)),), D(-3)) == curve("linear", ((D(1), D(70)),), D(9)) == 70
    assert curve("linear", STEPS, None) is None and curve("step", STEPS, None) is None


@pytest.mark.parametrize(
    ("xs", "code"), [([], "empty"), ([1, 1], "repeated"), ([2, 1], "order"), ([1, 2, 2], "repeated")]
)
def test_a_curve_that_cant_be_drawn_is_refused(xs: list[int], code: str) -> None:
    with pytest.raises(BadCurve) as error:
        check_curve([(D(x), D(0)) for x in xs])
    assert error.value.code == code


# Weights


def dims(*weights: tuple[int, list[int]]) -> list[DimensionScores]:
    return [DimensionScores(D(w), [PartScore(D(p), None) for p in parts]) for w, parts in weights]


def test_weights_that_dont_sum_to_100_name_the_place_and_the_sum() -> None:
    for found, place, total in (
        (dims((60, [100]), (39, [100])), None, 99),
        (dims((60, [100]), (41, [100])), None, 101),
        (dims((60, [100]), (40, [50, 49])), 1, 99),
        (dims((60, []), (40, [100])), 0, 0),
        (dims((120, [100]), (-20, [100])), None, 100),
    ):
        with pytest.raises(BadWeights) as error:
            check_weights(found)
        assert (error.value.dimension, error.value.total) == (place, total)
    check_weights(dims((100, [60, 40]), (0, [0, 0])))
    check_weights(dims((100, [60, 40]), (0, [70, 30])))


# Composite


def score_of(*parts: tuple[int, str | None], policy: str = "renormalise", deduction: str = "0") -> Decimal | None:
    one = DimensionScores(D(100), [PartScore(D(w), None if s is None else D(s)) for w, s in parts])
    return composite(policy, [one], D(deduction)).score


def test_what_is_missing_leaves_counts_zero_or_blocks() -> None:
    parts = ((50, "80"), (50, None))
    assert score_of(*parts) == 80
    assert score_of(*parts, policy="zero") == 40
    assert score_of(*parts, policy="block") is None
    assert score_of((100, None)) is None
    assert score_of((100, None), policy="zero") == 0


def test_a_weight_of_0_never_blocks_and_never_counts() -> None:
    assert score_of((100, "80"), (0, None), policy="block") == 80
    assert score_of((100, "80"), (0, "0"), policy="zero") == 80
    shown = composite("block", [DimensionScores(D(100), [PartScore(D(100), D(80))]),
                                DimensionScores(D(0), [PartScore(D(100), None)])])  # fmt: skip
    assert shown.score == 80 and shown.parts[1][0].out is Out.SHOWN_ONLY


@pytest.mark.parametrize("policy", ["renormalise", "zero", "block"])
def test_what_is_hidden_for_anonymity_is_always_left_out(policy: str) -> None:
    one = DimensionScores(D(100), [PartScore(D(50), D(80)), PartScore(D(50), None, hidden=True)])
    found = composite(policy, [one])
    assert found.score == 80 and found.parts[0][1].out is Out.HIDDEN
    # One with a score that may not be shown does not count either.
    one = DimensionScores(D(100), [PartScore(D(50), D(80)), PartScore(D(50), D(10), hidden=True)])
    assert composite(policy, [one]).score == 80


def test_the_score_is_rounded_half_away_from_zero_and_once() -> None:
    assert score_of((50, "0.0001"), (50, "0.0002")) == D("0.0002")  # 0.00015, not to even
    assert score_of((50, "0.0003"), (50, "0.0002")) == D("0.0003")  # 0.00025: half to even would give 0.0002
    assert score_of((50, "-0.0001"), (50, "-0.0002")) == D(0)  # never below 0, not even without a deduction
    thirds = DimensionScores(D(100), [PartScore(D(1), Fraction(1, 3)) for _ in range(3)])
    assert composite("zero", [thirds]).score == D("0.3333")


def test_deductions_come_last_and_end_at_0() -> None:
    assert score_of((100, "80"), deduction="5.5") == D("74.5")
    assert score_of((100, "3"), deduction="5") == 0
    assert score_of((100, None), deduction="5") is None


def test_what_is_left_over_goes_to_the_largest_remainder_ties_to_the_earlier_part() -> None:
    one = DimensionScores(D(100), [PartScore(D(1), D(1)) for _ in range(3)])
    assert [part.contribution for part in composite("zero", [one]).parts[0]] == [
        D("0.3334"),
        D("0.3333"),
        D("0.3333"),
    ]
    two = DimensionScores(D(100), [PartScore(D(1), D("0.0001")), PartScore(D(2), D("0.0001"))])
    assert [part.contribution for part in composite("zero", [two]).parts[0]] == [D(0), D("0.0001")]


# What always holds

weights = st.integers(0, 100).map(D)
scores = st.one_of(st.none(), st.decimals(0, 150, places=4, allow_nan=False))
parts = st.builds(PartScore, weights, scores, st.booleans())
versions = st.lists(st.builds(DimensionScores, weights, st.lists(parts, max_size=5)), min_size=1, max_size=5)
policies = st.sampled_from(["renormalise", "zero", "block"])


@given(policies, versions)
def test_contributions_sum_exactly_to_the_score(policy: str, version: list[DimensionScores]) -> None:
    found = composite(policy, version)
    flat = [part for row in found.parts for part in row]
    if found.before is None:
        assert all(part.contribution == 0 for part in flat)
        return
    assert sum(part.contribution for part in flat) == found.before
    assert sum(part.used for part in flat) == 100
    assert all(part.contribution == 0 == part.used for part in flat if part.out is not Out.COUNTS)


@given(policies, versions, st.integers(1, 50), st.integers(1, 50))
def test_only_the_proportion_of_weights_counts(
    policy: str, version: list[DimensionScores], whole: int, inside: int
) -> None:
    larger = [
        DimensionScores(one.weight * whole, [PartScore(p.weight * inside, p.score, p.hidden) for p in one.parts])
        for one in version
    ]
    assert composite(policy, larger) == composite(policy, version)


@given(versions)
def test_what_is_missing_never_drags_the_average(version: list[DimensionScores]) -> None:
    found = composite("renormalise", version)
    there = [
        DimensionScores(one.weight, [p for p in one.parts if p.score is not None and not p.hidden]) for one in version
    ]
    assert found.score == composite("renormalise", there).score
    counting = [p.score for one in there if one.weight for p in one.parts if p.weight and p.score is not None]
    assert (found.score is None) == (not counting)
    if found.before is not None:
        assert min(counting) - D("0.0001") <= found.before <= max(counting) + D("0.0001")


@given(policies, versions, scores)
def test_a_part_of_weight_0_changes_nothing(
    policy: str, version: list[DimensionScores], score: Decimal | None
) -> None:
    more = [DimensionScores(one.weight, [*one.parts, PartScore(D(0), score)]) for one in version]
    more.append(DimensionScores(D(0), [PartScore(D(100), score)]))
    assert composite(policy, more).score == composite(policy, version).score


@given(versions)
def test_a_higher_score_of_a_part_never_lowers_the_whole(version: list[DimensionScores]) -> None:
    higher = [
        DimensionScores(
            one.weight, [PartScore(p.weight, None if p.score is None else p.score + 1, p.hidden) for p in one.parts]
        )
        for one in version
    ]
    before, after = composite("renormalise", version).score, composite("renormalise", higher).score
    assert (before is None) == (after is None)
    assert before is None or after is None or after == before + 1
