"""What is computed for many people at once is exactly what the rules say for each of them."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goals.rules import rounded
from reviews.answers.rules import RaterAnswers, RaterGroup, review360
from reviews.scorecards.rules import DimensionScores, PartScore, composite, curve
from reviews.scores.columns import (
    OUTS,
    UNITS,
    GroupRules,
    Shape,
    Sheets,
    adjusted_groups,
    composites,
    curved,
    reviews,
    rounded_units,
)

hundredths = st.integers(0, 10_000).map(lambda n: Decimal(n) / 100)
weights = st.one_of(
    st.sampled_from([Decimal(0), Decimal(50), Decimal(25), Decimal("33.33"), Decimal("12.5")]), hundredths
)
#: In units of 0.0001: ordinary ones, negative ones, those that make ties, and absurd ones.
part_units = st.one_of(
    st.integers(0, 1_200_000),
    st.sampled_from([0, 1, 5000, 10_000, 1_000_000, 999_999]),
    st.integers(-(10**6), 10**12),
)


@st.composite
def many_people(draw: Any) -> Any:
    shape = Shape(
        draw(st.sampled_from(["renormalise", "zero", "block"])),
        tuple(
            (draw(weights), tuple(draw(st.lists(weights, min_size=1, max_size=4))))
            for _ in range(draw(st.integers(1, 4)))
        ),
    )
    cell = st.tuples(part_units, st.booleans(), st.sampled_from([False, False, True]))
    people = draw(st.lists(st.lists(cell, min_size=shape.width, max_size=shape.width), min_size=1, max_size=5))
    deduction = draw(st.lists(st.integers(0, 10**6), min_size=len(people), max_size=len(people)))
    return shape, people, deduction


@given(many_people())
@settings(max_examples=150, deadline=None)
def test_composites_are_those_of_the_rules_with_their_traces(case: Any) -> None:
    shape, people, deduction = case
    scores, missing, hidden = (np.array([[cell[at] for cell in row] for row in people]) for at in range(3))

    found = composites(shape, scores.astype(np.int64), missing.astype(bool), hidden.astype(bool), np.array(deduction))

    for at, row in enumerate(people):
        cells = iter(row)
        dimensions = [
            DimensionScores(
                weight,
                [
                    PartScore(each, None if is_missing else Decimal(units).scaleb(-4), is_hidden)
                    for each, (units, is_missing, is_hidden) in zip(parts, cells, strict=False)
                ],
            )
            for weight, parts in shape.dimensions
        ]
        expected = composite(shape.policy, dimensions, Decimal(deduction[at]).scaleb(-4))
        traces = [trace for parts in expected.parts for trace in parts]
        assert bool(found.missing[at]) == (expected.score is None)
        assert [OUTS[code] for code in found.out[at]] == [trace.out for trace in traces]
        assert found.used[at].tolist() == [int(rounded(trace.used, places=4) * UNITS) for trace in traces]
        assert found.contribution[at].tolist() == [int(trace.contribution * UNITS) for trace in traces]
        if expected.score is not None and expected.before is not None:
            assert int(found.score[at]) == int(expected.score * UNITS)
            assert int(found.before[at]) == int(expected.before * UNITS) == int(found.contribution[at].sum())


def _exactly(values: list[Fraction]) -> Any:
    return lambda place: values[place]


@given(
    st.sampled_from(["linear", "step"]),
    st.lists(
        st.tuples(st.integers(-200, 400), st.integers(-50, 200)), min_size=1, max_size=5, unique_by=lambda p: p[0]
    ),
    st.lists(
        st.one_of(
            st.none(),
            st.fractions(-5, 5, max_denominator=1000),
            st.integers(-400, 400).map(lambda n: Fraction(n, 100)),
        ),
        min_size=1,
        max_size=20,
    ),
)
@settings(max_examples=150, deadline=None)
def test_curves_are_those_of_the_rules(kind: str, raw: list[tuple[int, int]], xs: list[Fraction | None]) -> None:
    points = [(Decimal(x) / 100, Decimal(y)) for x, y in sorted(raw)]
    floats = np.array([np.nan if x is None else float(x) for x in xs])

    found = curved(kind, points, floats, _exactly([x or Fraction(0) for x in xs]))

    expected = [curve(kind, points, x) for x in xs]
    assert found.tolist() == [0 if y is None else int(rounded(y, places=4) * UNITS) for y in expected]


@given(st.lists(st.integers(-(10**9), 10**9), min_size=1, max_size=20), st.integers(-3, 3))
@settings(deadline=None)
def test_what_lies_in_the_middle_between_two_units_is_rounded_exactly(halves: list[int], nudge: int) -> None:
    exact = [Fraction(half, 20_000) + Fraction(nudge, 10**15) for half in halves]

    found = rounded_units(np.array([float(x) for x in exact]), np.full(len(exact), 1e-12), _exactly(exact))

    assert found.tolist() == [int(rounded(x, places=4) * UNITS) for x in exact]


GROUPS = ("self", "manager", "peers", "direct_reports", "internal_customers")


@st.composite
def many_reviews(draw: Any) -> Any:
    questions = draw(st.lists(st.tuples(st.integers(0, 300), st.integers(2, 10)), min_size=1, max_size=5))
    settings_of = [
        (draw(st.sampled_from([0, 10, 25, 30, 60])), draw(st.integers(1, 4)), draw(st.booleans())) for _ in GROUPS
    ]
    sheet = st.tuples(st.integers(0, 2), st.integers(0, len(GROUPS) - 1), st.integers(1, 90)).flatmap(
        lambda head: st.tuples(
            st.just(head), st.tuples(*(st.one_of(st.just(0), st.integers(1, scale)) for _weight, scale in questions))
        )
    )
    return questions, settings_of, draw(st.lists(sheet, max_size=25))


def _arrays(case: Any) -> Any:
    questions, settings_of, found = case
    rules = GroupRules(
        np.ones(len(GROUPS), bool), *(np.array([one[at] for one in settings_of]) for at in range(3))
    )  # fmt: skip
    heads = np.array([head for head, _values in found], dtype=np.int64).reshape(-1, 3)
    values = np.array([values for _head, values in found], dtype=np.int64).reshape(-1, len(questions))
    asked = np.array(questions, dtype=np.int64)
    return asked[:, 0], asked[:, 1], rules, Sheets(3, heads[:, 0], heads[:, 1], heads[:, 2], values)


def _by_rules(case: Any, person: int, leniency: dict[int, Fraction] | None = None) -> Any:
    questions, settings_of, found = case
    groups = []
    for at, name in enumerate(GROUPS):
        raters = [
            RaterAnswers({str(q): value or None for q, value in enumerate(values)}, head[2])
            for head, values in found
            if head[0] == person and head[1] == at
        ]
        weight, minimum, merges = settings_of[at]
        groups.append(RaterGroup(name, weight, minimum, raters, merges))
    weights_of = {str(q): Fraction(weight, 100) for q, (weight, _scale) in enumerate(questions)}
    return review360(weights_of, groups, {str(q): scale for q, (_weight, scale) in enumerate(questions)})


@given(many_reviews())
@settings(max_examples=150, deadline=None)
def test_360_scores_are_those_of_the_rules(case: Any) -> None:
    asked, scales, rules, sheets = _arrays(case)

    found = reviews(asked, scales, rules, sheets)
    units, known, hidden = found.total(rules.weights)

    weights_of = found.weights(rules.weights)
    for person in range(3):
        expected = _by_rules(case, person)
        assert bool(known[person]) == (expected.score is not None)
        if expected.score is not None:
            assert int(units[person]) == int(rounded(expected.score, places=4) * UNITS)
        assert bool(hidden[person]) == (
            expected.score is None and any(one.hidden and one.weight for one in expected.groups)
        )
        by_name = {one.name: one for one in expected.groups}
        for at, name in enumerate((*GROUPS, "colleagues")):
            assert bool(found.there[person, at]) == (name in by_name)
            if name not in by_name:
                continue
            one = by_name[name]
            assert int(found.n[person, at]) == one.n
            assert int(weights_of[person, at]) == one.weight
            assert bool(found.hidden[person, at]) == one.hidden
            assert bool(found.known[person, at]) == (one.score is not None)
            if one.score is not None:
                assert int(found.units[person, at]) == int(rounded(one.score, places=4) * UNITS)


@given(many_reviews(), st.floats(-20, 20))
@settings(max_examples=100, deadline=None)
def test_a_leniency_that_all_share_moves_every_group_by_itself(case: Any, by: float) -> None:
    asked, scales, rules, sheets = _arrays(case)
    found = reviews(asked, scales, rules, sheets)

    moved = adjusted_groups(asked, found, sheets, np.full(len(sheets.person), by))

    assert (np.isnan(moved) == ~found.known).all()
    for person, group in np.argwhere(found.known).tolist():
        raw = float(found.exact(person, group))  # what int64 doesn't hold, too
        assert moved[person, group] == pytest.approx(raw - by, abs=1e-6)


def test_denominators_that_int64_does_not_hold_are_worked_out_exactly() -> None:
    """Days of eleven large primes over ten questions: their common denominator has forty digits."""
    days = [7919, 7907, 7901, 7883, 7879, 7877, 7873, 7867, 7853, 7841]
    questions = [(7, 10)] * len(days)
    found = [((0, 1, d), tuple(9 if q == at else 0 for q in range(len(days)))) for at, d in enumerate(days)]
    found += [((0, 1, 1), (2,) * len(days))]
    case = (questions, [(0, 1, False), (100, 1, False)] + [(0, 1, False)] * 3, found)
    asked, scales, rules, sheets = _arrays(case)

    result = reviews(asked, scales, rules, sheets)

    assert result.big
    expected = _by_rules(case, 0)
    assert int(result.units[0, 1]) == int(rounded(expected.groups[1].score, places=4) * UNITS)
    assert int(result.total(rules.weights)[0][0]) == int(rounded(expected.score, places=4) * UNITS)
