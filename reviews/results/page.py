"""A frozen result as a page or a file shows it, for the eyes of one reader."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _t

from perfmgmt.web import formats
from reviews.models import ReviewMeeting, ReviewResult, Score
from reviews.results import rules
from reviews.results.access import Reach
from reviews.results.freezing import bands_in
from reviews.results.masks import Eyes, seen_comments, seen_forms, seen_trace
from reviews.results.radar import Radar, radar
from reviews.results.words import group_name, line_name, name_of, place_of


@dataclass(frozen=True)
class ShownLine:
    """A dimension beside the period before; texts, and the share of the bar (1 = 100 points)."""

    name: str
    score: str
    share: Decimal | None
    before: str
    change: str
    weight: str


@dataclass(frozen=True)
class Point:
    """A strength or a weakness: the part, its dimension, its score and what is still to be won there."""

    name: str
    dimension: str
    score: str
    share: Decimal
    lost: str


@dataclass(frozen=True)
class Table:
    """A questionnaire: its groups, and a row of means for each question ("" where none may be shown)."""

    name: str
    score: str
    groups: list[dict[str, Any]]
    questions: list[tuple[str, list[str]]]


@dataclass(frozen=True)
class Shown:
    """Everything a reader sees of a result."""

    result: ReviewResult
    eyes: Eyes
    meaning: str
    trace: dict[str, Any] | None
    lines: list[ShownLine]
    picture: Radar | None
    strengths: list[Point]
    weaknesses: list[Point]
    previous: dict[str, Any] | None
    forms: list[Table]
    comments: list[dict[str, Any]]
    calibration: dict[str, Any] | None
    is_calibrated: bool
    calibrated_words: str
    managers: list[dict[str, Any]]
    bands: list[dict[str, Any]] = field(default_factory=list)

    @property
    def score(self) -> str:
        """The score that counts, with two decimals."""
        return points(self.result.score)


def eyes_of(result: ReviewResult, reach: Reach) -> Eyes:
    """Return what a viewer sees of a result."""
    is_own = result.participant.employee_id == reach.viewer.employee_id
    cycle = result.batch.cycle
    return Eyes(is_own, reach.is_hr, not is_own or cycle.shows_groups, not is_own or cycle.shows_comments)


def shown(result: ReviewResult, eyes: Eyes) -> Shown:
    """Return a result as these eyes see it, in the reader's language; no query."""
    frozen = result.frozen if isinstance(result.frozen, dict) else {}
    trace, review = seen_trace(frozen.get("trace"), eyes), frozen.get("review")
    previous, calibration = frozen.get("previous"), frozen.get("calibration")
    changes = rules.changes(rules.dimensions(trace), (previous or {}).get("dimensions") or [])
    lines = rules.parts(trace)
    bands = bands_in({"grade": name, "from": bound} for name, bound in frozen.get("bands") or [])
    return Shown(
        result, eyes, place_of(result.grade, rules.place(result.score, result.grade, bands)), trace,
        [_line(change) for change in changes],
        radar([line_name(one.line) for one in changes], [one.line.score for one in changes],
              [one.before for one in changes]),
        [_point(line) for line in rules.strengths(lines, result.score)],
        [_point(line) for line in rules.weaknesses(lines, result.score)],
        _previous(result, previous),
        [_table(form) for form in seen_forms(review, eyes)],
        [_comments(one) for one in seen_comments(review, eyes)],
        _calibration(calibration) if eyes.calibration else None,
        calibration is not None,
        _calibrated_words(result, calibration if isinstance(calibration, dict) else None, eyes),
        [one for one in frozen.get("managers") or [] if isinstance(one, dict)],
        [{"grade": name, "bound": formats.number(bound), "is_it": name == result.grade,
          "lowest": at == len(bands) - 1} for at, (name, bound) in enumerate(bands)],
    )  # fmt: skip


def points(value: Decimal | None) -> str:
    """Return points with two decimals."""
    return formats.number(value, 2)


def signed(value: Decimal | None) -> str:
    """Return a difference in points with its sign; "" for none."""
    return "" if value is None else formats.signed(points(value), value)


def _line(change: rules.Change) -> ShownLine:
    line = change.line
    return ShownLine(
        line_name(line), points(line.score), None if line.score is None else line.score / 100,
        points(change.before), signed(change.by), formats.percent(line.weight / 100),
    )  # fmt: skip


def _point(line: rules.Line) -> Point:
    above = line_name(line.dimension) if line.dimension else ""
    return Point(line_name(line), above, points(line.score), (line.score or Decimal(0)) / 100, points(line.lost))


def _previous(result: ReviewResult, previous: dict[str, Any] | None) -> dict[str, Any] | None:
    if not previous:
        return None
    before = rules.decimal(previous.get("score"))
    by = None if before is None or result.score is None else result.score - before
    return {
        **previous,
        "shown": points(before),
        "change": signed(by),
        "tone": "" if not by else ("good" if by > 0 else "bad"),
    }


def _table(form: dict[str, Any]) -> Table:
    groups = [
        {
            "name": group_name(str(one.get("group"))),
            "code": str(one.get("group")),
            "pooled": [group_name(str(name)) for name in one.get("pooled") or []],
            "hidden": bool(one.get("hidden")) or one.get("score") is None,
            "n": one.get("n"),
            "score": points(rules.decimal(one.get("score"))),
            "share": (rules.decimal(one.get("score")) or Decimal(0)) / 100,
        }
        for one in form["groups"]
        if one.get("n")
    ]
    questions = [
        (
            name_of(one, "text"),
            [points(rules.decimal((one.get("means") or {}).get(group["code"]))) for group in groups],
        )
        for one in form.get("questions") or []
        if one.get("means")
    ]
    return Table(name_of(form), points(rules.decimal(form.get("score"))), groups, questions)


def _comments(one: dict[str, Any]) -> dict[str, Any]:
    return {"question": name_of(one, "text"), "group": group_name(str(one.get("group"))), "texts": one["texts"]}


def _calibration(found: dict[str, Any] | None) -> dict[str, Any] | None:
    if not found:
        return None
    before, after = rules.decimal(found.get("before")), rules.decimal(found.get("after"))
    by = None if before is None or after is None else after - before
    return {**found, "before": points(before), "after": points(after), "change": signed(by)}


def _calibrated_words(result: ReviewResult, found: dict[str, Any] | None, eyes: Eyes) -> str:
    """Say what was worked out and what calibration set, with the reason for whom it is; "" where it set nothing."""
    if found is None:
        return ""
    values = {"computed": points(result.computed), "score": points(result.score)}
    if eyes.calibration and found.get("reason"):
        text = _t("Computed {computed}, calibrated to {score} because: {reason}")
        return text.format(**values, reason=found["reason"])
    text = _t("Computed {computed}, calibrated to {score} in a session that compared the scores of several people.")
    return text.format(**values)


def live_score(result: ReviewResult) -> Decimal | None:
    """Return the score as it is worked out now, where it differs from the one that was released; one query.

    The result stays as it is: this is for HR, who may look into why.
    """
    cycle = result.batch.cycle
    live = Score.objects.filter(
        grain=cycle.grain, start=cycle.start, cycle_id=cycle.pk, employee_id=result.participant.employee_id
    ).first()
    return live.score if live is not None and live.score != result.computed else None


def meeting_of(result: ReviewResult) -> ReviewMeeting | None:
    """Return the record of a result's meeting."""
    return ReviewMeeting.objects.select_related("manager").filter(result=result).first()
