"""The arithmetic of calibration: distribution, thirds, nearest score, groups that may be shown."""

from datetime import date
from decimal import Decimal as D

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfmgmt.tenants.grades import grade
from reviews.calibration import rules

BANDS = [("A", D(90)), ("B", D(80)), ("C", D(70)), ("D", D(60)), ("E", D(0))]
ORDER = [name for name, _bound in BANDS]


def test_a_distribution_counts_people_against_the_guideline() -> None:
    bars = rules.distribution(["A", "A", "A", "B", None, ""], ORDER, {"A": D(20), "B": D(60), "C": D(20)})
    assert [(bar.grade, bar.people, bar.wanted, bar.difference) for bar in bars] == [
        ("A", 3, 1, 2), ("B", 1, 2, -1), ("C", 0, 1, -1), ("D", 0, 0, 0), ("E", 0, 0, 0),
    ]  # fmt: skip
    assert bars[0].share == D("0.75")


def test_a_distribution_without_a_guideline_or_people_has_no_differences() -> None:
    assert [bar.difference for bar in rules.distribution(["A"], ORDER, {})] == [None] * 5
    empty = rules.distribution([], ORDER, {"A": D(100)})
    assert (empty[0].share, empty[0].wanted) == (None, 0)
    assert rules.distribution(["X"], ["A"], {"A": D(100)})[1].grade == "X"


@given(st.lists(st.sampled_from(ORDER)), st.lists(st.integers(0, 100), min_size=5, max_size=5))
def test_people_of_the_guideline_sum_to_the_people(grades: list[str], percents: list[int]) -> None:
    bars = rules.distribution(grades, ORDER, dict(zip(ORDER, map(D, percents), strict=True)))
    if any(percents):
        assert sum(bar.wanted or 0 for bar in bars) == len(grades)
        assert sum(bar.difference or 0 for bar in bars) == 0


@pytest.mark.parametrize(
    ("names", "thirds"),
    [("A", [2]), ("AB", [3, 1]), ("ABC", [3, 2, 1]), ("ABCD", [3, 2, 2, 1]), ("ABCDE", [3, 3, 2, 1, 1])],
)
def test_thirds_of_the_bands_are_alike_on_both_sides(names: str, thirds: list[int]) -> None:
    bands = [(name, D(100 - 10 * at)) for at, name in enumerate(names)]
    assert [rules.third(name, bands) for name in names] == thirds
    assert rules.third("Z", bands) is None and rules.third(None, bands) is None


@pytest.mark.parametrize(
    ("score", "target", "expected"),
    [
        (D("84.5"), "A", D(90)), (D("84.5"), "C", D("79.99")), (D("84.5"), "B", D("84.5")),
        (D("84.5"), "E", D("59.99")),
        (None, "B", D(80)), (None, "E", D(0)), (D("89.996"), "A", D("89.996")), (D("89.996"), "B", D("89.99")),
        (D(160), "A", D(150)), (D(-5), "E", D(0)),
    ],
)  # fmt: skip
def test_the_nearest_score_lies_in_the_target_grade(score: D | None, target: str, expected: D) -> None:
    found = rules.nearest_score(score, target, BANDS)
    assert found == expected
    assert grade(found, BANDS) == target


def test_a_grade_beside_the_bands_has_no_score() -> None:
    with pytest.raises(rules.BadGrade):
        rules.nearest_score(D(80), "S", BANDS)
    with pytest.raises(rules.BadGrade):
        rules.nearest_score(D(80), "A", [("A", D(200)), ("B", D(0))])


@given(st.decimals(-20, 200, places=4), st.sampled_from(ORDER))
def test_every_nearest_score_is_allowed_and_in_its_grade(score: D, target: str) -> None:
    found = rules.nearest_score(score, target, BANDS)
    assert grade(found, BANDS) == target
    assert rules.LEAST_SCORE <= found <= rules.MOST_SCORE


@pytest.mark.parametrize(
    ("hired", "expected"),
    [
        (date(2025, 1, 1), "under_6"), (date(2024, 10, 1), "under_6"), (date(2024, 9, 30), "under_12"),
        (date(2024, 4, 1), "under_12"), (date(2024, 3, 31), "under_36"), (date(2022, 3, 31), "over_36"),
        (date(2026, 1, 1), "under_6"), (None, ""),
    ],
)  # fmt: skip
def test_tenure_counts_full_months(hired: date | None, expected: str) -> None:
    assert rules.tenure(hired, date(2025, 3, 31)) == expected


def test_a_small_group_takes_another_with_it() -> None:
    assert rules.shown_groups({"a": 9, "b": 6, "c": 3}) == {"a"}
    assert rules.shown_groups({"a": 9, "b": 6}) == {"a", "b"}
    assert rules.shown_groups({"a": 9, "b": 3, "c": 2}) == {"a"}
    assert rules.shown_groups({"a": 9, "b": 1, "c": 2}) == set()
    assert rules.shown_groups({"a": 9, "b": 0}) == {"a"}
    assert rules.shown_groups({"a": 3}) == set()


@given(st.dictionaries(st.integers(0, 9), st.integers(0, 12)))
def test_no_small_group_follows_from_the_whole_and_what_is_shown(sizes: dict[int, int]) -> None:
    shown = rules.shown_groups(sizes)
    hidden = {key: n for key, n in sizes.items() if n and key not in shown}
    assert all(sizes[key] >= rules.LEAST_PEOPLE for key in shown)
    if hidden and shown:
        assert len(hidden) >= 2
        assert sum(hidden.values()) >= rules.LEAST_PEOPLE


def test_a_spread_has_linear_quartiles() -> None:
    found = rules.spread([D(4), D(1), D(3), D(2)])
    assert found is not None
    assert (found.first, found.median, found.third, found.mean) == (D("1.75"), D("2.5"), D("3.25"), D("2.5"))
    assert rules.spread([]) is None
