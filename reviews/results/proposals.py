"""What a result suggests (R14): an improvement plan, training, a promotion, an incentive. Pure: no Django.

Suggested, never done: somebody accepts or dismisses each. The reason is data; `reviews.results.words` makes the
sentence of it, in the reader's language.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from reviews.results.rules import Line

IMPROVEMENT, TRAINING, PROMOTION, INCENTIVE = "improvement", "training", "promotion", "incentive"
#: A part below this score (points) asks for training.
WEAK = Decimal(60)
#: A grade so many bands below the one before asks for an improvement plan.
FALL = 2


@dataclass(frozen=True)
class Suggested:
    """A proposal: its kind, and the reason as plain values ({"code", ...})."""

    kind: str
    reason: dict[str, str]


def suggest(grade: str, before: str, grades: Sequence[str], lines: Sequence[Line]) -> list[Suggested]:
    """Return what a result suggests.

    `grades` are the grades, highest first; `before` is the grade of the period before ("" for none), `lines` are the
    parts that count. With fewer than two grades, or a grade that is not among them, grades suggest nothing.
    """
    found = []
    if len(grades) > 1 and grade in grades:
        found += _by_grade(grade, before, list(grades))
    weakest = min((line for line in lines if line.score is not None), key=lambda line: line.score or 0, default=None)
    if weakest is not None and weakest.score is not None and weakest.score < WEAK:
        reason = {"code": "weak_part", "name_zh": weakest.zh, "name_en": weakest.en, "score": f"{weakest.score:.4f}"}
        found.append(Suggested(TRAINING, reason))
    return found


def _by_grade(grade: str, before: str, grades: list[str]) -> list[Suggested]:
    top, lowest = grades[0], grades[-1]
    if grade == top:
        found = [Suggested(INCENTIVE, {"code": "top_grade", "grade": grade})]
        if before == top:
            found.insert(0, Suggested(PROMOTION, {"code": "top_twice", "grade": grade}))
        return found
    if grade == lowest:
        return [Suggested(IMPROVEMENT, {"code": "lowest_grade", "grade": grade})]
    if before in grades and grades.index(grade) - grades.index(before) >= FALL:
        return [Suggested(IMPROVEMENT, {"code": "fell", "grade": grade, "before": before})]
    return []
