"""How a score came about, down to the facts, as plain values that can be frozen as JSON (RULES.md section 5)."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from goals.rules import rounded
from perfmgmt.metrics.models import Metric
from perfmgmt.tenants.calendar import Grain, Period
from reviews.answers.shown import ENDED, ShownReview, shown_reviews
from reviews.models import (
    CycleGroup,
    Dimension,
    GroupScoreRow,
    Part,
    Participant,
    PartKind,
    ReviewCycle,
    Score,
    ScorecardVersion,
    ScoreDeduction,
    ScorePart,
)
from reviews.scorecards.rules import DimensionScores, Out, PartScore, PartTrace, composite
from reviews.scores.periods import fiscal_start_month

Trace = dict[str, Any]
# Why a part of a review is out of what is shown before the release.
LATER = "later"


def score_trace(employee_id: int, grain: int, start: date) -> Trace | None:
    """Return how a person's score of a period came about, as `score_traces`; None without a score."""
    return score_traces([employee_id], grain, start).get(employee_id)


def score_traces(
    employee_ids: Sequence[int], grain: int, start: date, *, reviews: Mapping[int, ShownReview] | None = None
) -> dict[int, Trace]:
    """Return how people's scores of a period came about, by employee; who has no score is left out.

    Numbers are texts with the decimals that are stored, missing ones None. Of a rater group that is hidden for
    anonymity there is its name and nothing else. Whoever shows it asks first whether the viewer may see it. A fixed
    number of queries for each review cycle among the scores. `reviews` are what may be shown of reviews, by
    participant, where the caller has read it already.
    """
    scores = list(Score.objects.filter(employee_id__in=employee_ids, grain=grain, start=start))
    if not scores:
        return {}
    ids = [score.employee_id for score in scores]
    versions = ScorecardVersion.objects.select_related("scorecard").in_bulk({score.version_id for score in scores})
    dimensions = _dimensions(versions)
    rows: dict[int, dict[int, ScorePart]] = {pk: {} for pk in ids}
    for row in ScorePart.objects.filter(employee_id__in=ids, grain=grain, start=start):
        rows[row.employee_id][row.part_id] = row
    groups, deductions = _groups(scores, reviews or {}), _deductions(ids, grain, start)
    period = Period(Grain(grain), start, fiscal_start_month())
    found = {}
    for score in scores:
        who, version = score.employee_id, versions[score.version_id]
        found[who] = {
            "employee_id": who, "grain": int(grain), "start": start.isoformat(), "end": period.end.isoformat(),
            "label": period.label,
            "score": _text(score.score), "before": _text(score.before), "deduction": _text(score.deduction),
            "grade": score.grade,
            "version": {
                "id": version.pk, "number": version.number, "name_zh": version.scorecard.name_zh,
                "name_en": version.scorecard.name_en, "missing": version.missing,
            },
            "cycle_id": score.cycle_id, "review": _text(score.review), "adjusted": _text(score.adjusted),
            "dimensions": [_dimension(one, rows[who], groups.get(who, {})) for one in dimensions[version.pk]],
            "deductions": deductions.get(who, []),
        }  # fmt: skip
    return found


def without_reviews(trace: Trace) -> Trace:
    """Return a trace as if the reviews were not there: for the time before their release (section 14).

    Score, weights and contributions are worked out again with the questionnaires hidden, so that nothing of it
    depends on an answer.
    """
    scores = [
        DimensionScores(
            Decimal(one["weight"]),
            [PartScore(Decimal(it["weight"]), _number(it["score"]), _is_review(it)) for it in one["parts"]],
        )
        for one in trace["dimensions"]
    ]
    found = composite(trace["version"]["missing"], scores, Decimal(trace["deduction"]))
    dimensions = [
        _as_seen(one, traces) for one, traces in zip(trace["dimensions"], found.parts, strict=True)
    ]  # fmt: skip
    return {
        **trace, "score": _text(found.score), "before": _text(found.before), "grade": "", "review": None,
        "adjusted": None, "dimensions": dimensions, "without_reviews": True,
    }  # fmt: skip


def has_reviews(trace: Trace) -> bool:
    """Whether a part of it comes from answers."""
    return any(_is_review(part) for one in trace["dimensions"] for part in one["parts"])


def _is_review(part: Trace) -> bool:
    return bool(part["kind"] == PartKind.QUESTIONNAIRE)


def _as_seen(dimension: Trace, traces: Sequence[PartTrace]) -> Trace:
    parts = []
    for part, one in zip(dimension["parts"], traces, strict=True):
        seen: Trace = {
            "used": _text(rounded(one.used, places=4)),
            "contribution": _text(one.contribution),
            "out": one.out.value,
        }
        if _is_review(part):
            seen |= {
                "raw": None,
                "score": None,
                "groups": [],
                "out": Out.SHOWN_ONLY if one.out is Out.SHOWN_ONLY else LATER,
            }
        parts.append({**part, **seen})
    return {
        **dimension, "parts": parts,
        "used": _text(sum((Decimal(it["used"]) for it in parts), Decimal(0))),
        "contribution": _text(sum((Decimal(it["contribution"]) for it in parts), Decimal(0))),
    }  # fmt: skip


def _number(value: str | None) -> Decimal | None:
    return None if value is None else Decimal(value)


def _dimensions(version_ids: Iterable[int]) -> dict[int, list[tuple[Dimension, list[Part]]]]:
    """Return the dimensions of versions with their parts, by version; two queries."""
    found: dict[int, list[tuple[Dimension, list[Part]]]] = {pk: [] for pk in version_ids}
    parts: dict[int, list[Part]] = {}
    rows = Part.objects.filter(dimension__version__in=list(found)).select_related("metric", "questionnaire")
    for part in rows.order_by("place"):
        parts.setdefault(part.dimension_id, []).append(part)
    for one in Dimension.objects.filter(version__in=list(found)).order_by("place"):
        found[one.version_id].append((one, parts.get(one.pk, [])))
    return found


def _dimension(
    found: tuple[Dimension, list[Part]], rows: dict[int, ScorePart], groups: dict[int, list[Trace]]
) -> Trace:
    dimension, parts = found
    kept = [(part, rows[part.pk]) for part in parts if part.pk in rows]
    return {
        "name_zh": dimension.name_zh, "name_en": dimension.name_en, "weight": _text(dimension.weight),
        "used": _text(sum((row.used for _part, row in kept), Decimal(0))),
        "contribution": _text(sum((row.contribution for _part, row in kept), Decimal(0))),
        "parts": [_part(part, row, groups) for part, row in kept],
    }  # fmt: skip


def _part(part: Part, row: ScorePart, groups: dict[int, list[Trace]]) -> Trace:
    metric: Metric | None = part.metric
    own = [] if part.questionnaire_id is None else groups.get(part.questionnaire_id, [])
    return {
        "part_id": part.pk,
        "name_zh": part.name_zh or _name(part, "zh"), "name_en": part.name_en or _name(part, "en"),
        "kind": part.kind, "input": part.input,
        "metric": metric.code if metric else None,
        "metric_name_zh": metric.name_zh if metric else "", "metric_name_en": metric.name_en if metric else "",
        "unit": ("money" if metric.is_money else metric.unit_of_measure) if metric else "score",
        "raw": _text(row.raw), "target": _text(row.target), "goal_id": row.goal_id, "x": _text(row.x),
        "score": _text(row.score), "weight": _text(part.weight), "of_whole": _text(row.weight),
        "used": _text(row.used),
        "contribution": _text(row.contribution), "out": row.out,
        "curve": {"kind": part.curve, "points": part.points} if metric else None,
        "questionnaire_id": part.questionnaire_id,
        "groups": _weighed(own, part.group_weights),
    }  # fmt: skip


def _name(part: Part, language: str) -> str:
    source = part.metric or part.questionnaire
    return str(getattr(source, f"name_{language}", "")) or str(source)


def _groups(scores: Sequence[Score], reviews: Mapping[int, ShownReview]) -> dict[int, dict[int, list[Trace]]]:
    """Return what the rater groups gave, by employee and questionnaire; who has no row of their own is pooled.

    Nothing while answers come in; then what `answers.shown` lets out, so that no group follows from the others.
    """
    wanted = {(score.cycle_id, score.employee_id) for score in scores if score.cycle_id}
    rows = Participant.objects.select_related("cycle").filter(
        cycle_id__in={cycle for cycle, _who in wanted}, employee_id__in={who for _cycle, who in wanted}
    )
    by_cycle: dict[ReviewCycle, list[Participant]] = {}
    for one in rows:
        if (one.cycle_id, one.employee_id) in wanted and one.cycle.state in ENDED:
            by_cycle.setdefault(one.cycle, []).append(one)
    found: dict[int, dict[int, list[Trace]]] = {}
    for cycle, people in by_cycle.items():
        found |= _groups_of(cycle, people, reviews)
    return found


def _groups_of(
    cycle: ReviewCycle, people: Sequence[Participant], reviews: Mapping[int, ShownReview]
) -> dict[int, dict[int, list[Trace]]]:
    unread = [one.pk for one in people if one.pk not in reviews]
    known = {**reviews, **(shown_reviews(cycle, unread) if unread else {})}
    open_ones = {
        (one.pk, form.questionnaire.pk, str(group.name))
        for one in people
        for form in known[one.pk].forms
        for group in form.review.groups
        if group.score is not None
    }
    settings = {one.group: one for one in CycleGroup.objects.filter(cycle=cycle)}
    employee = {one.pk: one.employee_id for one in people}
    kept: dict[int, dict[int, list[GroupScoreRow]]] = {}
    rows = GroupScoreRow.objects.filter(cycle_id=cycle.pk, participant_id__in=list(employee))
    for row in rows.order_by("participant_id", "group"):
        if row.score is not None and (row.participant_id, row.questionnaire_id, row.group) not in open_ones:
            row.score, row.adjusted, row.hidden = None, None, True
        kept.setdefault(employee[row.participant_id], {}).setdefault(row.questionnaire_id, []).append(row)
    return {
        who: {pk: [_group(row, own, settings) for row in own] for pk, own in forms.items()}
        for who, forms in kept.items()
    }


def _group(row: GroupScoreRow, own: Iterable[GroupScoreRow], settings: dict[str, CycleGroup]) -> Trace:
    pooled = []
    if row.group == "colleagues":
        there = {one.group for one in own}
        pooled = [name for name, one in settings.items() if one.merges and name not in there]
    return {
        "group": row.group, "n": None if row.hidden else row.n, "weight": _text(row.weight),
        "score": _text(row.score), "adjusted": _text(row.adjusted), "hidden": row.hidden, "pooled": pooled,
    }  # fmt: skip


def _weighed(groups: list[Trace], weights: dict[str, Any]) -> list[Trace]:
    """Return the groups with the weights that the part gives them, if it has its own."""
    if not weights:
        return groups
    return [
        {**one, "weight": _text(sum((Decimal(str(weights.get(name, 0))) for name in one["pooled"] or [one["group"]]),
                                    Decimal(0)))}
        for one in groups
    ]  # fmt: skip


def _deductions(employee_ids: Sequence[int], grain: int, start: date) -> dict[int, list[Trace]]:
    found: dict[int, list[Trace]] = {}
    rows = ScoreDeduction.objects.filter(
        employee_id__in=employee_ids, grain=grain, start=start, withdrawn_at=None
    ).order_by("happened_on", "pk")
    for row in rows:
        one = {"points": _text(row.points), "reason": row.reason, "happened_on": row.happened_on.isoformat()}
        found.setdefault(row.employee_id, []).append(one)
    return found


def _text(value: Decimal | None) -> str | None:
    return None if value is None else f"{value:f}"
