"""Grades by lower bound (RULES.md section 5). Pure: no Django, no database."""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise

Bands = Sequence[tuple[str, Decimal]]
STORED, SHOWN = Decimal("0.0001"), Decimal("0.01")


class BadBands(ValueError):
    """The bands can't grade anybody; `code` is empty, doubled or order."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def check_bands(bands: Bands) -> None:
    """Raise BadBands unless there is a band, every grade is named once and the bounds fall strictly."""
    names = [name for name, _bound in bands]
    if not bands or not all(names):
        raise BadBands("empty")
    if len(set(names)) < len(names):
        raise BadBands("doubled")
    if any(below >= above for (_, above), (_, below) in pairwise(bands)):
        raise BadBands("order")


def grade(score: Decimal | None, bands: Bands) -> str | None:
    """Return the grade of a score by what is shown of it (two decimals); None for a missing score.

    `bands` are (grade, lower bound), highest first; below the lowest bound stands the lowest grade.
    """
    if score is None:
        return None
    shown = score.quantize(STORED, ROUND_HALF_UP).quantize(SHOWN, ROUND_HALF_UP)
    return next((name for name, bound in bands if shown >= bound), bands[-1][0])
