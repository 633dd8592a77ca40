"""One batch over a cycle's answers (RULES.md section 7): raters, adjusted scores, reliability. Computed, not stored.

Sealed authors come in as places of an array and go out as sums over at least three people of theirs.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reviews.answers.authors import authored_columns
from reviews.answers.columns import GROUPS, AnswerColumns
from reviews.models import CycleQuestion, Participant, RaterKind, ReviewCycle
from reviews.scores.columns import Bools, Floats, Ints, Reviews, adjusted_groups
from reviews.scores.reviewed import ALL, NAMES, CycleAnswers, group_rules, weights_of
from reviews.statistics.rules import (
    LEAST_FOR_SPREAD,
    LEAST_RATEES,
    gap_band,
    leniency_band,
    rater_model,
    reliability,
)

SELF = GROUPS.index(RaterKind.SELF)
#: So many raters stand behind an adjusted score that is shown beside the raw one.
LEAST_RATERS = 3
#: Width of a bar of the distribution of leniency, and where its ends are, in points.
BIN, WIDEST = 5, 40


@dataclass(frozen=True)
class RaterFigures:
    """What is kept of a rater; `mean` and `leniency` from three ratees on, `spread` from five on, else NaN."""

    employee_id: int
    ratees: int
    mean: float
    leniency: float
    spread: float


@dataclass(frozen=True)
class Made:
    """What a batch found: raters, each group's adjusted score by questionnaire, each person's over all, figures.

    `groups` by (participant, questionnaire, group), `people` by employee; points, unclipped, NaN: not to be shown.
    """

    raters: Sequence[RaterFigures]
    groups: Sequence[tuple[int, int, str, float]]
    people: Sequence[tuple[int, float]]
    figures: Mapping[str, Any]


@dataclass(frozen=True)
class _Observed:
    """y by rater and ratee, as places; `sheets` are the places of their sheets, `raters` people by place."""

    raters: Ints
    ratees: Ints
    y: Floats
    employee_ids: Ints
    author_of: Ints
    leniency: Floats = field(default_factory=lambda: np.empty(0))


def made(cycle: ReviewCycle) -> Made:
    """Read a cycle's answers and compute its statistics; seven queries, whatever its size."""
    people = Participant.objects.filter(cycle=cycle, dropped_at=None).order_by("pk")
    pairs = list(people.values_list("pk", "employee_id"))
    participants = np.array([pk for pk, _employee in pairs], np.int64)
    employees = np.array([employee for _pk, employee in pairs], np.int64)
    read = authored_columns(cycle.pk)
    kept = np.isin(read.answers.participants, participants)
    answers = CycleAnswers(
        cycle.pk, participants, employees, group_rules(cycle.pk), _only(read.answers, kept), {}
    )  # fmt: skip
    observed = _observed(answers, read.authors[kept], common_questions(cycle.pk, answers))
    if not len(observed.y):
        return Made([], [], [], {"n": 0})
    model = rater_model(observed.raters, observed.ratees, observed.y)
    lenient = np.where(observed.author_of >= 0, model.leniency[observed.author_of], 0.0)
    found = reliability(observed.ratees, observed.y)
    raters = _raters(observed, model.leniency, read.employee_ids)
    figures = {
        "n": len(observed.y),
        "raters": len(raters),
        "ratees": len(np.unique(observed.ratees)),
        "mean": round(model.mean, 4),
        "reliability": None if found is None else {
            name: round(getattr(found, name), 4) for name in ("icc", "low", "high", "of_mean", "raters")
        },
        "leniency": _distribution(raters),
        **_gaps(answers),
    }  # fmt: skip
    return Made(raters, _groups(answers, lenient), _people(answers, lenient), figures)


def _only(answers: AnswerColumns, kept: Bools) -> AnswerColumns:
    return AnswerColumns(
        answers.questions, answers.participants[kept], answers.groups[kept], answers.days[kept], answers.values[kept]
    )


def common_questions(cycle_id: int, answers: CycleAnswers) -> list[int]:
    """Return the places of the questions that every group of the cycle but oneself is asked, and that weigh."""
    names = {GROUPS[at] for at in np.flatnonzero(answers.groups.there).tolist()} - {RaterKind.SELF}
    asked = dict(CycleQuestion.objects.filter(cycle_id=cycle_id).values_list("pk", "groups"))
    return [
        at for at, one in enumerate(answers.answers.questions)
        if float(one.weight) and (not asked[one.pk] or names <= set(asked[one.pk]))
    ]  # fmt: skip


def _observed(found: CycleAnswers, authors: Ints, common: Sequence[int]) -> _Observed:
    """Return y: each rater's question-weighted mean over the common questions, self excluded."""
    answers, sheets = found.answers, found.sheets(found.answers)
    values = answers.values[:, common]
    scales = np.array([answers.questions[at].scale for at in common], float)
    weights = np.array([float(answers.questions[at].weight) for at in common])
    given = values > 0
    points = np.where(given, (values - 1) / (scales - 1) * 100, 0.0) if len(common) else np.zeros(values.shape)
    whole = given @ weights
    counts = (whole > 0) & (authors >= 0) & (answers.groups != SELF) & found.groups.there[answers.groups]
    y = (points @ weights)[counts] / whole[counts]
    people, raters = np.unique(authors[counts], return_inverse=True)
    _ids, ratees = np.unique(sheets.person[counts], return_inverse=True)
    author_of = np.full(len(authors), -1, np.int64)
    if len(people):
        # A sheet without an observation of its own (oneself, other questions) still has its author's leniency ...
        at = np.minimum(np.searchsorted(people, authors), len(people) - 1)
        author_of = np.where((people[at] == authors) & (answers.groups != SELF), at, -1)  # ... but for self-reviews
    return _Observed(raters, ratees, y, people, author_of)


def _raters(observed: _Observed, leniency: Floats, employee_ids: Ints) -> list[RaterFigures]:
    """Return what is kept of each rater; nothing that rests on one or two people."""
    size = len(observed.employee_ids)
    n = np.bincount(observed.raters, minlength=size)
    pairs = np.unique(np.stack([observed.raters, observed.ratees]), axis=1)
    ratees = np.bincount(pairs[0], minlength=size)
    mean = np.bincount(observed.raters, weights=observed.y, minlength=size) / n
    off = np.bincount(observed.raters, weights=(observed.y - mean[observed.raters]) ** 2, minlength=size)
    deviation = np.sqrt(off / np.maximum(n - 1, 1))
    few, too_few = ratees < LEAST_RATEES, ratees < LEAST_FOR_SPREAD
    columns = (
        employee_ids[observed.employee_ids], ratees, np.where(few, np.nan, mean), np.where(few, np.nan, leniency),
        np.where(too_few, np.nan, deviation),
    )  # fmt: skip
    return [RaterFigures(*row) for row in zip(*(column.tolist() for column in columns), strict=True)]


def _groups(found: CycleAnswers, lenient: Floats) -> list[tuple[int, int, str, float]]:
    rows: list[tuple[int, int, str, float]] = []
    sheets, names = found.sheets(found.answers), np.array(NAMES)
    for questionnaire in found.questionnaires:
        answers = found.answers.of(questionnaire)
        of_form = replace(sheets, values=answers.values)
        scores = adjusted_groups(weights_of(answers), found.reviews[questionnaire], of_form, lenient)
        person, group = np.nonzero(~np.isnan(scores))
        columns = (found.participants[person], names[group], scores[person, group])
        rows += [
            (participant, questionnaire, name, score)
            for participant, name, score in zip(*(column.tolist() for column in columns), strict=True)
        ]
    return rows


def _people(found: CycleAnswers, lenient: Floats) -> list[tuple[int, float]]:
    """Return each person's adjusted score over all questionnaires: section 6 again, from the groups on.

    NaN for whom fewer than three raters' answers count in it: beside the raw score it tells their mean leniency, and
    of one or two that would be a judgement of these, if not the residual of one pair.
    """
    reviews = found.reviews.get(ALL)
    if reviews is None:
        return []
    scores = adjusted_groups(weights_of(found.answers), reviews, found.sheets(found.answers), lenient)
    weights = reviews.weights(found.groups.weights)
    means = _over_groups(reviews, weights, scores)
    behind = np.where(reviews.known & (weights > 0), reviews.n, 0)
    behind[:, SELF] = 0
    known = ~np.isnan(means)
    means = np.where(behind.sum(axis=1) >= LEAST_RATERS, means, np.nan)
    return list(zip(found.employees[known].tolist(), means[known].tolist(), strict=True))


def _over_groups(reviews: Reviews, weights: Ints, scores: Floats) -> Floats:
    counting = np.where(reviews.known, weights, 0).astype(float)
    whole = counting.sum(axis=1)
    sums = (counting * np.where(np.isnan(scores), 0.0, scores)).sum(axis=1)
    return np.where(whole > 0, sums / np.maximum(whole, 1), np.nan)


def _distribution(raters: Sequence[RaterFigures]) -> dict[str, Any]:
    """Return how many raters lie in each bar of `BIN` points (the ends hold what is beyond) and in each band."""
    known = [one for one in raters if one.ratees >= LEAST_RATEES]
    values = np.clip([one.leniency for one in known], -WIDEST, WIDEST - 1e-9)
    counts, edges = np.histogram(values, bins=np.arange(-WIDEST, WIDEST + BIN, BIN))
    bands = [leniency_band(one.leniency, one.ratees) for one in known]
    return {
        "from": edges[:-1].astype(int).tolist(), "counts": counts.tolist(), "few": len(raters) - len(known),
        **{band: bands.count(band) for band in ("severe", "typical", "lenient")},
    }  # fmt: skip


def _gaps(found: CycleAnswers) -> dict[str, Any]:
    """Return by participant how they see themselves and how others do, where both may be shown, and who is held back.

    Others: the groups that count, by their weights (alike where none has any). Where a group counts over all
    questionnaires and not in each (or the reverse), the score over all could give a small group away beside those
    by questionnaire; `answers.shown` looks closely, here such a person is left out.
    """
    reviews: Reviews | None = found.reviews.get(ALL)
    if reviews is None:
        return {"gaps": [], "held_back": []}
    safe = _alike(found, reviews)
    others = reviews.known.copy()
    others[:, SELF] = False
    weights = np.where(others, reviews.weights(found.groups.weights), 0).astype(float)
    weights = np.where(weights.sum(axis=1, keepdims=True) > 0, weights, others.astype(float))
    whole = weights.sum(axis=1)
    scores = reviews.units / 10_000
    seen = (weights * scores).sum(axis=1) / np.maximum(whole, 1)
    there = reviews.known[:, SELF] & (whole > 0) & safe
    rows = zip(
        found.participants[there].tolist(), scores[there, SELF].tolist(), seen[there].tolist(), strict=True
    )  # fmt: skip
    return {
        "gaps": [[pk, round(own, 2), round(other, 2), gap_band(own, other)] for pk, own, other in rows],
        "held_back": found.participants[~safe].tolist(),
    }


def _alike(found: CycleAnswers, overall: Reviews) -> NDArray[np.bool_]:
    """Whether each person's groups count alike in every questionnaire in which they have answers, and over all."""
    safe = np.ones(len(found.participants), bool)
    for questionnaire in found.questionnaires:
        one = found.reviews[questionnaire]
        same = (one.n == 0) | ((one.known == overall.known) & (one.there == overall.there))
        safe &= same.all(axis=1) & (one.pooled <= overall.pooled).all(axis=1)
    return safe
