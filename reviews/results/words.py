"""Sentences about results in the reader's language, made of what is kept as data."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from perfmgmt.web import formats
from reviews.results.rules import Line, Place, decimal
from reviews.scores.shown import GROUPS


def is_english() -> bool:
    """Whether the reader reads English: names of data have both languages."""
    return get_language() == "en"


def name_of(row: Mapping[str, Any], key: str = "name") -> str:
    """Return a name of frozen data (`name_zh`, `name_en`) in the reader's language."""
    zh, en = str(row.get(f"{key}_zh") or ""), str(row.get(f"{key}_en") or "")
    return (en or zh) if is_english() else (zh or en)


def line_name(line: Line) -> str:
    """Return what a dimension or part is called in the reader's language."""
    return line.name(english=is_english())


def group_name(code: str) -> str:
    """Return what a rater group is called; `colleagues` are small groups taken together."""
    return str(GROUPS.get(code, code))


def reason_of(reason: Mapping[str, Any]) -> str:
    """Return why a result suggests something, as a sentence; its code where it is of a version that knew more."""
    code = str(reason.get("code", ""))
    grades = {"grade": reason.get("grade", ""), "before": reason.get("before", "")}
    if code == "weak_part":
        score = formats.number(decimal(reason.get("score")), 2)
        return _t("“{part}” scored {score} points: below 60.").format(part=name_of(reason), score=score)
    texts = {
        "lowest_grade": _("The grade is {grade}, the lowest."),
        "fell": _("The grade fell by two bands or more: from {before} to {grade}."),
        "top_grade": _("The grade is {grade}, the highest."),
        "top_twice": _("The grade is {grade}, the highest, for the second time in a row."),
    }
    return str(texts[code]).format(**grades) if code in texts else code


def place_of(grade: str, found: Place | None) -> str:
    """Return what a grade means: from which score to which it goes, and what is missing to the next one."""
    if found is None:
        return ""
    low, high = formats.number(found.start), formats.number(found.end)
    if found.start is None and found.end is None:
        said = ""
    elif found.start is None:
        said = _t("{grade} is every score below {high}.").format(grade=grade, high=high)
    elif found.end is None:
        said = _t("{grade} begins at {low} points and is the highest grade.").format(grade=grade, low=low)
    else:
        said = _t("{grade} goes from {low} to below {high} points.").format(grade=grade, low=low, high=high)
    if found.missing is None:
        return said
    missing = formats.number(found.missing, 2)
    more = _t("{missing} points are missing to {next}.").format(missing=missing, next=found.next_grade)
    return f"{said} {more}" if is_english() else f"{said}{more}"


def agenda_line(item: Mapping[str, Any]) -> str:
    """Return a line of a meeting's agenda as a sentence: those from facts by their code, one's own as typed."""
    code = str(item.get("code", ""))
    if code in _AGENDA:
        return _AGENDA[code](item)
    return str(item.get("text", ""))


def _weak(item: Mapping[str, Any]) -> str:
    values = {"part": name_of(item), "score": formats.number(decimal(item.get("score")), 2),
              "lost": formats.number(decimal(item.get("lost")), 2)}  # fmt: skip
    return _t("“{part}” scored {score} points; {lost} points of the whole are still to be won there.").format(
        **values
    )


def _strong(item: Mapping[str, Any]) -> str:
    score = formats.number(decimal(item.get("score")), 2)
    return _t("What went well in “{part}” ({score} points), and how to keep it?").format(
        part=name_of(item), score=score
    )


def _change(item: Mapping[str, Any]) -> str:
    by = decimal(item.get("by")) or Decimal(0)
    values = {"part": name_of(item), "points": formats.number(abs(by), 2)}
    if by < 0:
        return _t("“{part}” fell by {points} points since the last period. What happened?").format(**values)
    return _t("“{part}” rose by {points} points since the last period. What helped?").format(**values)


def _goal(item: Mapping[str, Any]) -> str:
    share = formats.percent(decimal(item.get("attainment")))
    return _t("Goal “{title}” ended at {share}: what stood in the way?").format(
        title=item.get("title", ""), share=share
    )


def _decision(item: Mapping[str, Any]) -> str:
    return _t("Decided in the plan “{plan}”: {text}").format(plan=item.get("plan", ""), text=item.get("text", ""))


def _disagrees(item: Mapping[str, Any]) -> str:
    return _t("Disagrees with the result: {text}").format(text=item.get("text", ""))


def _next(item: Mapping[str, Any]) -> str:
    return _t("What is agreed for the next period, and what support is needed?")


_AGENDA = {
    "weak_part": _weak, "strong_part": _strong, "change": _change, "goal": _goal, "decision": _decision,
    "disagrees": _disagrees, "next": _next,
}  # fmt: skip
