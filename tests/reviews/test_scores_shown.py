"""What a trace says about parts that don't count."""

from decimal import Decimal
from typing import Any

import pytest

from reviews.scores import shown


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "there is a figure, but no target"),
        ({"raw": None}, "there is no figure"),
        ({"target": "5"}, "there is no figure"),
        ({"input": "actual"}, "there is no figure"),
        ({"out": "hidden"}, "too few raters"),
        ({"out": ""}, ""),
    ],
)
def test_a_part_says_what_it_lacks(changes: dict[str, Any], words: str) -> None:
    part = {"kind": "metric", "input": "attainment", "raw": str(Decimal(12)), "target": None, "out": "missing"}
    why = str(shown.WHY.get(shown._why({**part, **changes}), ""))
    assert words in why
    assert bool(words) == bool(why)
