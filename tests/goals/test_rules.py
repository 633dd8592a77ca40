"""Attainment and pacing against the golden cases, made by an independent program."""

import json
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

import pytest

from goals.rules import BadBand, attainment, band_attainment, pacing, presence, prorated
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
