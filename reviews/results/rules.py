"""What a result says beside its score: dimensions, strengths, weaknesses, change. Pure: no Django.

Everything is read from the trace as it was frozen at the release (`reviews.scores.trace`): numbers are texts, and
what is missing or of an older shape is left out, never guessed.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

STORED, SHOWN = Decimal("0.0001"), Decimal("0.01")
FULL = Decimal(100)
MOST = 3  # strengths, weaknesses


def decimal(value: Any) -> Decimal | None:
    """Return a frozen number; None for a missing one."""
    if value is None or value == "":
        return None
    try:
        found = Decimal(str(value))
    except InvalidOperation:
        return None
    return found if found.is_finite() else None


@dataclass(frozen=True)
class Line:
    """A dimension or a part: its score (0-100 and more, points), weight as set and as used (percent), contribution.

    `score` is None when it is out; `used` and `contribution` are then 0.
    """

    zh: str
    en: str
    score: Decimal | None
    weight: Decimal
    used: Decimal
    contribution: Decimal
    dimension: "Line | None" = None

    @property
    def key(self) -> tuple[str, str]:
        """What makes it the same in another period: its names."""
        return self.zh, self.en

    @property
    def lost(self) -> Decimal:
        """How many points of the whole score lie between this and 100; 0 for one that is full or out."""
        if self.score is None:
            return Decimal(0)
        return max(Decimal(0), self.used * (FULL - self.score) / FULL)

    def name(self, *, english: bool) -> str:
        """Return its name in a language, the other one's if it has none."""
        return (self.en or self.zh) if english else (self.zh or self.en)


def dimensions(trace: Mapping[str, Any] | None) -> list[Line]:
    """Return the dimensions of a trace; a dimension's score is its contribution by its weight as used."""
    found = []
    for row in _rows(trace, "dimensions"):
        used, contribution = decimal(row.get("used")) or Decimal(0), decimal(row.get("contribution")) or Decimal(0)
        score = (contribution * FULL / used).quantize(STORED, ROUND_HALF_UP) if used else None
        found.append(_line(row, score, used, contribution))
    return found


def parts(trace: Mapping[str, Any] | None) -> list[Line]:
    """Return the parts of a trace that count, with their dimension."""
    found = []
    for row, dimension in zip(_rows(trace, "dimensions"), dimensions(trace), strict=True):
        for part in _rows(row, "parts"):
            score, used = decimal(part.get("score")), decimal(part.get("used")) or Decimal(0)
            if score is not None and used and not part.get("out"):
                contribution = decimal(part.get("contribution")) or Decimal(0)
                found.append(_line(part, score, used, contribution, dimension))
    return found


def _rows(holder: Mapping[str, Any] | None, key: str) -> list[Mapping[str, Any]]:
    rows = (holder or {}).get(key)
    return [row for row in rows if isinstance(row, Mapping)] if isinstance(rows, list) else []


def _line(
    row: Mapping[str, Any], score: Decimal | None, used: Decimal, contribution: Decimal, above: Line | None = None
) -> Line:
    names = (
        str(row.get("name_zh") or row.get("metric_name_zh") or ""),
        str(row.get("name_en") or row.get("metric_name_en") or ""),
    )
    return Line(*names, score, decimal(row.get("weight")) or Decimal(0), used, contribution, above)


def strengths(lines: Sequence[Line], score: Decimal | None) -> list[Line]:
    """Return up to three parts that lift the score: the highest of those at or above it."""
    if score is None:
        return []
    above = [line for line in lines if line.score is not None and line.score >= score]
    return sorted(above, key=lambda line: (-(line.score or 0), -line.used))[:MOST]


def weaknesses(lines: Sequence[Line], score: Decimal | None) -> list[Line]:
    """Return up to three parts below the score, the one that costs the most points first."""
    if score is None:
        return []
    below = [line for line in lines if line.score is not None and line.score < score and line.lost > 0]
    return sorted(below, key=lambda line: (-line.lost, line.score or 0))[:MOST]


@dataclass(frozen=True)
class Change:
    """How a dimension moved since the period before, in points; None where one of both is missing."""

    line: Line
    before: Decimal | None

    @property
    def by(self) -> Decimal | None:
        """The difference in points."""
        if self.line.score is None or self.before is None:
            return None
        return self.line.score - self.before


def changes(now: Iterable[Line], before: Iterable[Mapping[str, Any]]) -> list[Change]:
    """Return each dimension beside what it was (`frozen_dimensions` of the period before), by name."""
    old = {(str(row.get("name_zh", "")), str(row.get("name_en", ""))): decimal(row.get("score")) for row in before}
    return [Change(line, old.get(line.key)) for line in now]


def biggest(found: Sequence[Change]) -> Change | None:
    """Return the dimension that moved the most, up or down; None when nothing can be compared or nothing moved."""
    moved = [one for one in found if one.by]
    return max(moved, key=lambda one: abs(one.by or Decimal(0)), default=None)


def frozen_dimensions(trace: Mapping[str, Any] | None) -> list[dict[str, str | None]]:
    """Return the dimensions' scores as the next period's result keeps them."""
    return [
        {"name_zh": line.zh, "name_en": line.en, "score": None if line.score is None else f"{line.score:.4f}"}
        for line in dimensions(trace)
    ]


@dataclass(frozen=True)
class Place:
    """Where a score stands among the grades: from this score on, below the next grade, and what is missing to it."""

    start: Decimal | None
    end: Decimal | None
    next_grade: str
    missing: Decimal | None


def place(score: Decimal | None, grade: str, bands: Sequence[tuple[str, Decimal]]) -> Place | None:
    """Return where a score stands; bands are (grade, lower bound), highest first. None for an unknown grade."""
    names = [name for name, _bound in bands]
    if grade not in names:
        return None
    at = names.index(grade)
    lowest = at == len(bands) - 1
    if at == 0:
        return Place(None if lowest else bands[at][1], None, "", None)
    above, bound = bands[at - 1]
    shown = None if score is None else score.quantize(SHOWN, ROUND_HALF_UP)
    missing = bound - shown if shown is not None and shown < bound else None
    return Place(None if lowest else bands[at][1], bound, above, missing)
