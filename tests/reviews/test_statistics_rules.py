"""The arithmetic of rater statistics: golden cases, reliability, bands (RULES.md section 7)."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from goals.golden import read, run
from reviews import golden
from reviews.statistics.rules import (
    gap_band,
    has_no_spread,
    leniency_band,
    rater_model,
    reliability,
    reliability_band,
    spread,
)

CASES = read(Path(__file__).parents[1] / "golden" / "rules.json")


@pytest.mark.parametrize("section", ["review360", "rater_model"])
def test_the_golden_cases_hold(section: str) -> None:
    golden.install()
    result = run(section, CASES[section])
    assert result.passed == len(CASES[section]) > 0


def places(*pairs: tuple[int, float]) -> tuple[np.ndarray, np.ndarray]:
    return np.array([ratee for ratee, _y in pairs]), np.array([float(y) for _ratee, y in pairs])


def test_the_textbook_case_of_shrout_and_fleiss() -> None:
    """Six targets, four judges (1979, table 2): ICC(1) 0.17, its interval -0.13 to 0.72."""
    table = [(9, 2, 5, 8), (6, 1, 3, 2), (8, 4, 6, 8), (7, 1, 2, 6), (10, 5, 6, 9), (6, 2, 4, 7)]
    found = reliability(*places(*((at, y) for at, row in enumerate(table) for y in row)))
    assert found is not None
    assert [round(value, 2) for value in (found.icc, found.low, found.high, found.of_mean)] == [
        0.17,
        -0.13,
        0.72,
        0.44,
    ]
    assert (found.raters, found.ratees, found.n) == (4.0, 6, 24)


def test_raters_who_agree_fully_and_raters_who_say_nothing_but_chance() -> None:
    same = reliability(*places((0, 50), (0, 50), (1, 80), (1, 80)))
    assert same is not None and same.icc == same.low == 1.0
    assert reliability(*places((0, 50), (0, 50), (1, 50), (1, 50))) is None


def test_it_can_not_be_told_from_one_ratee_or_one_rater_each() -> None:
    assert reliability(*places((0, 50), (0, 60))) is None
    assert reliability(*places((0, 50), (1, 60), (2, 70))) is None


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 100)), min_size=3, max_size=40))
def test_the_interval_holds_the_value(pairs: list[tuple[int, int]]) -> None:
    found = reliability(*places(*pairs))
    if found is not None:
        assert found.low <= found.icc + 1e-9 and found.icc <= found.high + 1e-9 <= 1 + 2e-9


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4), st.integers(0, 100)), min_size=1, max_size=25))
def test_the_model_is_the_least_of_its_sum(rows: list[tuple[int, int, int]]) -> None:
    """Against the normal equations, solved directly."""
    raters, ratees, y = (np.array([row[at] for row in rows]) for at in range(3))
    raters, ratees = (np.unique(one, return_inverse=True)[1] for one in (raters, ratees))
    n, m = raters.max() + 1, ratees.max() + 1
    design = np.zeros((len(y), 1 + n + m))
    design[:, 0] = 1
    design[np.arange(len(y)), 1 + raters] = 1
    design[np.arange(len(y)), 1 + n + ratees] = 1
    penalty = np.diag([0.0, *[1.0] * n, *[0.01] * m])
    expected = np.linalg.solve(design.T @ design + penalty, design.T @ y)
    found = rater_model(raters, ratees, y.astype(float))
    assert np.allclose([found.mean, *found.leniency, *found.effect], expected, atol=1e-6)


@pytest.mark.parametrize(
    ("leniency", "ratees", "band"),
    [(10.0001, 3, "lenient"), (10, 3, "typical"), (-10, 3, "typical"), (-10.0001, 3, "severe"), (30, 2, "")],
)
def test_a_band_begins_strictly_beyond_ten_points_and_with_three_ratees(
    leniency: float, ratees: int, band: str
) -> None:
    assert leniency_band(leniency, ratees) == band


def test_spread_needs_five_ratees_and_is_flagged_below_three_points() -> None:
    assert spread([50, 51, 52, 53]) is None
    assert has_no_spread(spread([50, 51, 52, 53, 54]))
    assert not has_no_spread(3.0) and not has_no_spread(None)


def test_words_for_reliability_and_for_the_gap() -> None:
    assert [reliability_band(value) for value in (0.39, 0.4, 0.6, 0.75)] == ["poor", "fair", "good", "excellent"]
    assert [gap_band(own, 50) for own in (60, 60.1, 39.9)] == ["alike", "higher", "lower"]
