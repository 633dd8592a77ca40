"""The slow way that scores are compared with: a loop that computes with `rules.py` and saves each object."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np

from bench.score_world import GRAIN, GROUPS, Case


def loop_one(case: Case, prepared: Any, at: int) -> None:
    """Compute and save one person's score."""
    from goals.rules import rounded
    from perfmgmt.tenants.grades import grade
    from reviews.models import PartKind, Score, ScorePart
    from reviews.scorecards.rules import DimensionScores, PartScore, composite, curve

    card, person, tenant = prepared.cards[case.version_id], case.people[at], case.world.tenant_id
    forms = {part.questionnaire_id: None for part in card.parts if part.kind == PartKind.QUESTIONNAIRE}
    forms = {form: _review_by_rules(case, prepared.cycles[0], at, form) for form in forms}
    dimensions, flat = [], []
    for weight, parts in card.dimensions:
        own = []
        for part in parts:
            if part.kind == PartKind.QUESTIONNAIRE:
                found = forms[part.questionnaire_id]
            else:
                measured = prepared.measured[part.pk]
                x = None if np.isnan(measured.x[at]) else measured.exact(at)
                found = curve(part.curve, part.points, x)
            score = None if found is None else rounded(found, places=4)
            own.append(PartScore(part.weight, score))
            flat.append((part, score))
        dimensions.append(DimensionScores(weight, own))
    result = composite(card.policy, dimensions)
    bands = [(name, Decimal(bound) / 100) for name, bound in card.bands]
    key = (tenant, GRAIN, case.start, person)
    Score(
        pk=key, grain=GRAIN, start=case.start, employee_id=person, version_id=card.version_id, score=result.score,
        cycle_id=case.cycle_id, before=result.before, grade=grade(result.score, bands) or "",
    ).save(force_insert=True)  # fmt: skip
    traces = [trace for row in result.parts for trace in row]
    for (part, score), trace in zip(flat, traces, strict=True):
        measured = prepared.measured.get(part.pk)
        ScorePart(
            pk=(*key, part.pk), grain=GRAIN, start=case.start, employee_id=person, part_id=part.pk, score=score,
            raw=measured.raw[at] if measured else None, target=measured.target[at] if measured else None,
            weight=part.of_whole, used=rounded(trace.used, places=4), contribution=trace.contribution, out=trace.out,
        ).save(force_insert=True)  # fmt: skip


def _review_by_rules(case: Case, cycle: Any, at: int, form: int) -> Fraction | None:
    from reviews.answers.rules import RaterAnswers, RaterGroup, review360
    from reviews.models import GroupScoreRow

    answers, per_person = cycle.answers, sum(count for *_rest, count in GROUPS)
    asked = [(place, one) for place, one in enumerate(answers.questions) if one.questionnaire_id == form]
    rows, groups, place = range(at * per_person, (at + 1) * per_person), [], 0
    for name, weight, minimum, count in GROUPS:
        raters = [
            RaterAnswers({str(q.pk): int(answers.values[row, p]) or None for p, q in asked})
            for row in rows[place : place + count]
        ]
        groups.append(RaterGroup(name, weight, minimum, raters, minimum > 1))
        place += count
    found = review360({str(q.pk): Decimal(q.weight) for _p, q in asked}, groups, 5)
    for one in found.groups:
        GroupScoreRow(
            pk=(case.world.tenant_id, case.cycle_id, at + 1, form, one.name), cycle_id=case.cycle_id,
            participant_id=at + 1, questionnaire_id=form, group=one.name, n=one.n, weight=Decimal(int(one.weight)),
            score=None if one.score is None else round(Decimal(float(one.score)), 4), hidden=one.hidden,
        ).save(force_insert=True)  # fmt: skip
    return found.score
