"""Numbers as people type them into a goal: 120万, 1,200,000, 98 %, -5. Pure."""

import re
from decimal import Decimal, InvalidOperation

from goals.smart.numerals import SCALES, chinese, normal

_TYPED = re.compile(rf"([+-]?\d+(?:\.\d+)?(?:e\d{{1,3}})?|[+-]?\.\d+)\s*({'|'.join(SCALES)})?\s*(%)?")
_MARKS = re.compile(r"[¥￥$€\s]|元")
PLACES = Decimal("0.0001")
#: Larger numbers have no four decimals left in twenty-eight digits; the services refuse them far below this.
LARGEST = Decimal(10) ** 20
#: No number that is meant is longer; some patterns take a time that grows with the square of the length.
LONGEST = 60


class BadNumber(ValueError):
    """A text that is no number."""


class TooSmall(BadNumber):
    """A number of which nothing is left in the four decimals that are kept."""


def typed_number(text: str, unit: str, *, is_points: bool = False) -> Decimal | None:
    """Return a typed number in a metric's unit, with four decimals; None for an empty text. Raises BadNumber.

    Of a ratio 98, 98% and 0.98 mean the same; its growth in points is typed in percentage points (5 is 0.05).
    """
    text = text.strip()
    if not text:
        return None
    if len(text) > LONGEST:
        raise BadNumber(text[:LONGEST])
    plain = _MARKS.sub("", normal(text))
    match = _TYPED.fullmatch(plain)
    if match is None:
        value = chinese(plain) if all(char in "零〇一二两三四五六七八九十百千万亿点" for char in plain) else None
        if value is None:
            raise BadNumber(text)
        percent = ""
    else:
        try:
            value = Decimal(match[1]) * SCALES.get(match[2] or "", Decimal(1))
        except InvalidOperation as error:
            raise BadNumber(text) from error
        percent = match[3] or ""
    if unit == "ratio" and (is_points or percent or abs(value) > 1):
        value /= 100
    if abs(value) >= LARGEST:
        return LARGEST.copy_sign(value)
    kept = value.quantize(PLACES)
    if value and not kept:
        raise TooSmall(text)
    return kept


def as_typed(value: Decimal | None, unit: str, *, is_points: bool = False) -> str:
    """Return a number as somebody would type it: no grouping, no needless zeros, ratios in percent."""
    if value is None:
        return ""
    shown = value * 100 if unit == "ratio" else value
    text = f"{shown:.4f}".rstrip("0").rstrip(".")
    return f"{text}%" if unit == "ratio" and not is_points else text
