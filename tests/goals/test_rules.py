"""Attainment, pacing, splitting and proration against the golden cases, made by an independent program."""

import json
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goals.rules import (
    BadBand,
    BadWeights,
    attainment,
    band_attainment,
    pacing,
    presence,
    prorated,
    split,
    split_target,
)
from tests.servers import ROOT

GOLDEN = json.loads((ROOT / "tests/golden/rules.json").read_text(encoding="utf-8"))


def rounded(value: Fraction | None) -> Decimal | None:
    if value is None:
        return None
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    return exact.quantize(Decimal("0.0001"), rounding=ROUND_HALF_UP)


def number(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


@pytest.mark.parametrize("case", GOLDEN["attainment"], ids=str)
def test_attainment_meets_the_golden_cases(case: dict[str, Any]) -> None:
    actual = number(case["actual"])
    if case["direction"] == "band":
        low, high, tolerance = (Decimal(text) for text in case["band"])
        found = band_attainment(actual, low, high, tolerance)
    else:
        found = attainment(case["direction"], actual, number(case["target"]))
    assert rounded(found) == number(case["expect"])


@pytest.mark.parametrize("case", GOLDEN["pacing"], ids=str)
def test_pacing_meets_the_golden_cases(case: dict[str, Any]) -> None:
    found = pacing(
        direction=case["direction"],
        additive=case["kind"] == "additive",
        actual=number(case["actual"]),
        target=number(case["target"]),
        elapsed=case["elapsed"],
        total=case["total"],
        over=case["over"],
    )
    assert found == case["expect"]


def test_a_band_upside_down_is_refused() -> None:
    with pytest.raises(BadBand):
        band_attainment(Decimal(1), Decimal(3), Decimal(2), Decimal(0))


@pytest.mark.parametrize("case", GOLDEN["split"], ids=str)
def test_splitting_meets_the_golden_cases(case: dict[str, Any]) -> None:
    assert split(case["total_units"], case["weights"]) == case["expect"]


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


@pytest.mark.parametrize("case", GOLDEN["proration"], ids=str)
def test_proration_meets_the_golden_cases(case: dict[str, Any]) -> None:
    spells = [(spell["days"], spell["present"], Decimal(spell["full_time"])) for spell in case["spells"]]
    share = presence(case["working_days"], spells)
    assert rounded(share) == number(case["expect_share"])
    assert prorated(Decimal(case["target"]), share) == number(case["expect_target"])


def test_a_prorated_target_is_rounded_half_away_from_zero_in_its_own_unit() -> None:
    assert prorated(Decimal(5), Fraction(1, 2)) == 3
    assert prorated(Decimal(-5), Fraction(1, 2)) == -3
    assert prorated(Decimal("0.05"), Fraction(1, 2), places=2) == Decimal("0.03")
    assert prorated(Decimal(5), None) is None
