"""What the texts of a column look like: days in which order, numbers with which mark. Pure; no Django."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

_TIME = r"(?:[ T]\d{1,2}:\d{2}(?::\d{2})?)?"
_YEAR_FIRST = re.compile(
    rf"(?:\d{{4}}([-/.])\d{{1,2}}\1\d{{1,2}}|(?:19|20)\d{{6}}|\d{{4}}年\d{{1,2}}月\d{{1,2}}日){_TIME}", re.ASCII
)
_YEAR_LAST = re.compile(rf"(\d{{1,2}})([-/.])(\d{{1,2}})\2(\d{{4}}|\d{{2}}){_TIME}", re.ASCII)
_NUMBER = re.compile(r"[+-]?[¥￥$€£]? ?\d+(?:[.,' ’]\d+)*", re.ASCII)
# In the order in which they are tried.
YEAR_FIRST = ("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d", "%Y年%m月%d日")
ORDERS = {"dmy": "%d{0}%m{0}%Y", "mdy": "%m{0}%d{0}%Y"}
MARKS = ("/", ".", "-")
TIMES = ("", " %H:%M:%S", " %H:%M", "T%H:%M:%S")


@dataclass
class Days:
    """How days are written, as counts. `either`: day or month may be first; `forms` maps a form to an example."""

    texts: int = 0
    year_first: int = 0
    dmy: int = 0
    mdy: int = 0
    either: int = 0
    timed: bool = False
    short_year: bool = False
    forms: dict[str, str] = field(default_factory=dict)
    ambiguous: str = ""

    @property
    def known(self) -> int:
        """How many of the texts are days."""
        return self.year_first + self.dmy + self.mdy + self.either


@dataclass
class Numbers:
    """How numbers are written: texts that prove a decimal comma or point; `either` could be both, as 1,234."""

    texts: int = 0
    comma: int = 0
    point: int = 0
    either: int = 0
    whole: int = 0
    ambiguous: str = ""

    @property
    def known(self) -> int:
        """How many of the texts are numbers."""
        return self.comma + self.point + self.either + self.whole


def sniff_days(texts: Iterable[str]) -> Days:
    """Return how the days of a column are written."""
    found = Days()
    for text in texts:
        stripped = text.strip()
        if not stripped:
            continue
        found.texts += 1
        if match := _YEAR_FIRST.fullmatch(stripped):
            found.year_first += 1
            found.forms.setdefault(f"y{match[1] or stripped[4]}" if not stripped[:8].isdecimal() else "y", stripped)
        elif match := _YEAR_LAST.fullmatch(stripped):
            first, second = int(match[1]), int(match[3])
            found.short_year |= len(match[4]) == 2
            found.forms.setdefault(match[2], stripped)
            if first > 12 >= second:
                found.dmy += 1
            elif second > 12 >= first:
                found.mdy += 1
            else:
                found.either += 1
                found.ambiguous = found.ambiguous or (stripped if first != second else "")
        found.timed |= ":" in stripped
    return found


def sniff_numbers(texts: Iterable[str]) -> Numbers:
    """Return how the numbers of a column are written."""
    found = Numbers()
    for text in texts:
        stripped = unicodedata.normalize("NFKC", text).strip()
        if not stripped:
            continue
        found.texts += 1
        if not _NUMBER.fullmatch(stripped):
            continue
        kind = _mark_of(stripped)
        setattr(found, kind, getattr(found, kind) + 1)
        if kind == "either":
            found.ambiguous = found.ambiguous or stripped
    return found


def _mark_of(text: str) -> str:
    """Return what a number proves: `comma` or `point` as decimal mark, `either`, or `whole` for neither."""
    commas, points = text.count(","), text.count(".")
    if not commas and not points:
        return "whole"
    if commas and points:
        return "comma" if text.rindex(",") > text.rindex(".") else "point"
    mark, count = (",", commas) if commas else (".", points)
    as_decimal, as_group = ("comma", "point") if mark == "," else ("point", "comma")
    if count > 1:
        return as_group
    before, after = text.split(mark)
    digits = re.sub(r"\D", "", before)
    if len(after) != 3 or len(digits) > 3 or digits.startswith("0") or " " in before or "'" in before:
        return as_decimal
    return "either"


def date_formats(order: str, days: Iterable[Days]) -> list[str]:
    """Return the formats that read the days of some columns; [] where the usual ones do.

    `order` is dmy or mdy, for days that end with the year.
    """
    seen = list(days)
    last = any(each.dmy or each.mdy or each.either for each in seen)
    timed = any(each.timed for each in seen)
    if not last and not timed:
        return []
    bases = [*YEAR_FIRST, *(ORDERS[order].format(mark) for mark in MARKS if last)]
    if any(each.short_year for each in seen):
        bases += [ORDERS[order].format(mark).replace("%Y", "%y") for mark in MARKS]
    return [base + time for time in (TIMES if timed else TIMES[:1]) for base in bases]


def as_json(sniffed: Days | Numbers) -> dict[str, Any]:
    """Return plain values, which `Days(**values)` or `Numbers(**values)` take back."""
    return asdict(sniffed)
