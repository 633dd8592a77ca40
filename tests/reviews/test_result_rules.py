"""What a result says beside its score: dimensions, strengths, weaknesses, change, grade, proposals, the radar."""

from decimal import Decimal
from typing import Any

import pytest

from reviews.results import masks, rules
from reviews.results.proposals import suggest
from reviews.results.radar import radar

GRADES = ["A", "B", "C", "D", "E"]
BANDS = [(name, Decimal(bound)) for name, bound in zip(GRADES, (90, 80, 70, 60, 0), strict=True)]


def trace(*scores: int | None) -> dict[str, Any]:
    """A trace of dimensions of the same weight with one part each."""
    there = [score for score in scores if score is not None]
    used = Decimal(100) / len(there) if there else Decimal(0)
    dimensions = []
    for at, score in enumerate(scores):
        given = "0" if score is None else str(used * score / 100)
        own = {"name_zh": f"维度{at}", "name_en": f"Dimension {at}", "weight": "25", "contribution": given,
               "used": "0" if score is None else str(used)}  # fmt: skip
        part = {**own, "name_en": f"Part {at}", "score": None if score is None else str(score),
                "out": "missing" if score is None else "", "groups": []}  # fmt: skip
        dimensions.append({**own, "parts": [part]})
    return {"version": {}, "dimensions": dimensions, "adjusted": "1"}


def test_a_dimension_scores_its_contribution_by_the_weight_it_was_used_with() -> None:
    found = rules.dimensions(trace(90, None, 60))
    assert [line.score for line in found] == [90, None, 60]
    assert found[0].used == 50


def test_strengths_lift_the_score_and_weaknesses_are_ordered_by_what_they_cost() -> None:
    lines = rules.parts(trace(95, 85, 70, 40))
    assert [line.en for line in rules.strengths(lines, Decimal("72.5"))] == ["Part 0", "Part 1"]
    assert [line.en for line in rules.weaknesses(lines, Decimal("72.5"))] == ["Part 3", "Part 2"]
    assert rules.weaknesses(lines, Decimal("72.5"))[0].lost == 15
    assert rules.strengths(lines, None) == rules.weaknesses(lines, None) == []


def test_a_part_that_is_out_is_neither_strong_nor_weak() -> None:
    assert [line.en for line in rules.parts(trace(None, 50))] == ["Part 1"]


def test_dimensions_are_compared_by_name_and_the_biggest_move_is_found() -> None:
    before = rules.frozen_dimensions(trace(90, 80))
    changes = rules.changes(rules.dimensions(trace(92, 60, 50)), before)
    assert [one.by for one in changes] == [2, -20, None]
    moved = rules.biggest(changes)
    assert moved is not None and moved.line.en == "Dimension 1"
    assert rules.biggest(rules.changes(rules.dimensions(trace(90)), [])) is None


@pytest.mark.parametrize("odd", [None, {}, {"dimensions": "x"}, {"dimensions": [1, {"parts": [{"score": "x"}]}]}])
def test_a_frozen_trace_of_another_shape_says_nothing(odd: Any) -> None:
    assert rules.parts(odd) == []
    assert all(line.score is None for line in rules.dimensions(odd))


@pytest.mark.parametrize(
    ("score", "grade", "start", "end", "following", "missing"),
    [
        ("86", "B", 80, 90, "A", "4.00"),
        ("95", "A", 90, None, "", None),
        ("12.345", "E", None, 60, "D", "47.65"),
        ("79.996", "B", 80, 90, "A", "10.00"),  # grades go by what is shown: 80.00
        (None, "", None, None, None, None),
    ],
)
def test_a_grade_says_where_it_begins_and_what_is_missing_to_the_next(
    score: str | None, grade: str, start: int | None, end: int | None, following: str | None, missing: str | None
) -> None:
    found = rules.place(Decimal(score) if score else None, grade, BANDS)
    if following is None:
        assert found is None
        return
    assert found == rules.Place(
        None if start is None else Decimal(start), None if end is None else Decimal(end), following,
        None if missing is None else Decimal(missing),
    )  # fmt: skip


def kinds(grade: str, before: str = "", *scores: int, grades: list[str] | None = None) -> dict[str, str]:
    found = suggest(grade, before, GRADES if grades is None else grades, rules.parts(trace(*scores)))
    return {one.kind: one.reason["code"] for one in found}


def test_what_a_result_suggests() -> None:
    assert kinds("E") == {"improvement": "lowest_grade"}
    assert kinds("C", "A") == {"improvement": "fell"}
    assert kinds("C", "B") == {}
    assert kinds("A") == {"incentive": "top_grade"}
    assert kinds("A", "A") == {"promotion": "top_twice", "incentive": "top_grade"}
    assert kinds("B", "", 90, 59) == {"training": "weak_part"}
    assert kinds("B", "", 90, 60) == {}


def test_the_weakest_part_is_named_as_the_reason_for_training() -> None:
    (found,) = suggest("C", "", GRADES, rules.parts(trace(55, 40, 58)))
    assert (found.reason["name_en"], found.reason["score"]) == ("Part 1", "40.0000")


def test_one_grade_or_an_unknown_one_suggests_nothing() -> None:
    assert kinds("A", "A", grades=["A"]) == kinds("", "") == kinds("Z", "A") == {}


def test_the_radar_needs_three_dimensions_and_draws_the_period_before_only_when_it_is_whole() -> None:
    now = [Decimal(100), Decimal(50), None]
    assert radar(["a", "b"], now[:2], []) is None
    whole = radar(["a", "b", "c"], now, [Decimal(1)] * 3)
    assert whole is not None and whole.before and whole.now.split()[0] == "220.0,50.0"
    assert whole.now.split()[2] == "220.0,150.0"  # a missing score lies in the middle
    part = radar(["a", "b", "c"], now, [Decimal(1), None, None])
    assert part is not None and part.before == ""


def test_a_score_above_100_is_the_rim() -> None:
    found = radar(["a", "b", "c"], [Decimal(120), Decimal(60), Decimal(60)], [])
    assert found is not None and found.top == 120 and found.now.split()[0] == "220.0,50.0"


def test_a_long_name_stands_in_two_lines() -> None:
    found = radar(["Attitude and behaviour", "态度与行为", "c"], [Decimal(1)] * 3, [])
    assert found is not None and found.axes[0].lines == ("Attitude and", "behaviour")
    assert found.axes[1].lines == ("态度与行为",)


def test_leniency_is_for_nobody_and_groups_follow_the_cycle() -> None:
    whole = trace(90)
    whole["dimensions"][0]["parts"][0]["groups"] = [{"group": "manager", "score": "80", "adjusted": "85"}]
    own = masks.seen_trace(whole, masks.Eyes(is_own=True, is_hr=False, groups=False))
    lead = masks.seen_trace(whole, masks.Eyes(is_own=False, is_hr=False))
    hr = masks.seen_trace(whole, masks.Eyes(is_own=False, is_hr=True))
    assert own is not None and lead is not None and hr is not None
    assert own["dimensions"][0]["parts"][0]["groups"] == [] and own["adjusted"] is None
    assert lead["dimensions"][0]["parts"][0]["groups"] == [{"group": "manager", "score": "80", "adjusted": None}]
    # The manager's own score and the adjusted one beside it would give away the residual of one pair.
    assert hr["dimensions"] == lead["dimensions"] and hr["adjusted"] is None
