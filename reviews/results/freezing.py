"""What a released result keeps for good: score, grade, how both came about, what may be seen of the review.

Everything a page or file shows of a result is read from here, so that nothing that changes afterwards (a late fact, a
new scorecard, a withdrawn deduction) changes what was released.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import F

from perfmgmt.tenants.grades import grade
from perfmgmt.tenants.selectors import workspace_rules
from reviews.answers.shown import ShownReview, shown_reviews
from reviews.models import (
    CalibrationMove,
    Participant,
    Proposal,
    Rater,
    RaterKind,
    ReleaseBatch,
    ReviewCycle,
    ReviewResult,
    Score,
    ScorecardVersion,
)
from reviews.results.proposals import suggest
from reviews.results.rules import frozen_dimensions, parts
from reviews.scores.trace import Trace, score_traces

Bands = list[tuple[str, Decimal]]


@dataclass(frozen=True)
class Sources:
    """What is read for many people at once, by employee or participant id."""

    cycle: ReviewCycle
    scores: dict[int, Score]
    traces: dict[int, Trace]
    reviews: dict[int, ShownReview]
    moves: dict[int, CalibrationMove]
    managers: dict[int, list[dict[str, Any]]]
    previous: dict[int, ReviewResult]
    bands: dict[int, Bands]
    usual_bands: Bands

    def bands_of(self, person: Participant) -> Bands:
        """Return the grade bands that count for a person: the scorecard's own, or the workspace's."""
        score = self.scores.get(person.employee_id)
        version = score.version_id if score is not None else person.scorecard_version_id
        return self.bands.get(version or 0) or self.usual_bands


def sources_of(cycle: ReviewCycle, people: Sequence[Participant]) -> Sources:
    """Read what the results of some people of a cycle need, in a fixed number of queries."""
    employees = [person.employee_id for person in people]
    scores = Score.objects.filter(grain=cycle.grain, start=cycle.start, cycle_id=cycle.pk, employee_id__in=employees)
    by_employee = {row.employee_id: row for row in scores}
    versions = {row.version_id for row in by_employee.values()}
    versions |= {person.scorecard_version_id for person in people if person.scorecard_version_id}
    own = ScorecardVersion.objects.filter(pk__in=versions).values_list("pk", "grade_bands")
    moves = CalibrationMove.objects.filter(participant__in=people).select_related("session").order_by("pk")
    reviews = shown_reviews(cycle, [person.pk for person in people])
    return Sources(
        cycle,
        by_employee,
        score_traces(employees, cycle.grain, cycle.start, reviews=reviews),
        reviews,
        {move.participant_id: move for move in moves},
        _managers(people),
        _previous(cycle, employees),
        {pk: bands_in(rows) for pk, rows in own if rows},
        bands_in(workspace_rules().grade_bands),
    )


def bands_in(rows: Iterable[dict[str, str]]) -> Bands:
    """Return stored grade bands as (grade, lower bound), highest first."""
    return [(row["grade"], Decimal(row["from"])) for row in rows]


def _managers(people: Sequence[Participant]) -> dict[int, list[dict[str, Any]]]:
    """Return the managers of the period with their working days, by participant."""
    rows = Rater.objects.filter(participant__in=people, group=RaterKind.MANAGER).order_by("-days", "pk")
    found: dict[int, list[dict[str, Any]]] = {}
    for participant_id, name, days in rows.values_list("participant_id", "employee__name", "days"):
        found.setdefault(participant_id, []).append({"name": name, "days": days})
    return found


def _previous(cycle: ReviewCycle, employees: Sequence[int]) -> dict[int, ReviewResult]:
    """Return the last result before this period of the same length, by employee."""
    rows = (
        ReviewResult.objects.filter(
            participant__employee_id__in=employees, batch__cycle__grain=cycle.grain,
            batch__cycle__start__lt=cycle.start,
        )
        .select_related("batch__cycle")
        .annotate(employee_id=F("participant__employee_id"))
        .order_by("batch__cycle__start", "pk")
    )  # fmt: skip
    return {row.employee_id: row for row in rows}


def freeze(batch: ReleaseBatch, person: Participant, sources: Sources) -> tuple[ReviewResult, list[Proposal]]:
    """Return a person's result, to be saved, with what it suggests."""
    score = sources.scores.get(person.employee_id)
    computed = score.score if score is not None else None
    counts = person.calibrated if person.calibrated is not None else computed
    bands = sources.bands_of(person)
    trace = sources.traces.get(person.employee_id)
    review = sources.reviews[person.pk].as_json()
    previous = sources.previous.get(person.employee_id)
    frozen = {
        "trace": None if trace is None else guarded(trace, review),
        "review": review,
        "previous": _before(previous),
        "managers": sources.managers.get(person.pk, []),
        "calibration": _calibration(person, computed, sources.moves.get(person.pk), bands),
        "bands": [[name, f"{bound:f}"] for name, bound in bands],
        "unit": str(person.unit or ""),
    }
    result = ReviewResult(
        batch=batch, participant=person, score=counts, grade=grade(counts, bands) or "", computed=computed,
        review=score.review if score else None, adjusted=score.adjusted if score else None, frozen=frozen,
    )  # fmt: skip
    found = suggest(result.grade, previous.grade if previous else "", [name for name, _bound in bands], parts(trace))
    return result, [Proposal(result=result, kind=one.kind, reason=one.reason) for one in found]


def guarded(trace: dict[str, Any], review: dict[str, Any]) -> dict[str, Any]:
    """Return a trace in which no rater group says more than the review may show (RULES.md section 14).

    What the review hides beside the groups below their minimum (so that none can be derived from the others) is
    hidden in the trace as well.
    """
    shown = {
        (form.get("questionnaire_id"), group.get("group"))
        for form in review.get("forms", ())
        for group in form.get("groups", ())
        if group.get("score") is not None
    }
    dimensions = []
    for dimension in trace["dimensions"]:
        kept = []
        for part in dimension["parts"]:
            groups = [
                one if (part["questionnaire_id"], one["group"]) in shown else _hidden(one) for one in part["groups"]
            ]
            kept.append({**part, "groups": groups})
        dimensions.append({**dimension, "parts": kept})
    return {**trace, "dimensions": dimensions}


def _hidden(group: dict[str, Any]) -> dict[str, Any]:
    if group["score"] is None:
        return group
    return {**group, "n": None, "score": None, "adjusted": None, "hidden": True}


def _before(result: ReviewResult | None) -> dict[str, Any] | None:
    if result is None:
        return None
    cycle = result.batch.cycle
    return {
        "result_id": result.pk, "cycle": cycle.name, "grain": cycle.grain, "start": cycle.start.isoformat(),
        "end": cycle.end.isoformat(), "score": None if result.score is None else f"{result.score:f}",
        "grade": result.grade, "dimensions": frozen_dimensions(result.frozen.get("trace")),
    }  # fmt: skip


def _calibration(
    person: Participant, computed: Decimal | None, move: CalibrationMove | None, bands: Bands
) -> dict[str, Any] | None:
    """Return what calibration changed; None when it set no score."""
    if person.calibrated is None:
        return None
    return {
        "before": None if computed is None else f"{computed:f}", "after": f"{person.calibrated:f}",
        "grade_before": grade(computed, bands) or "", "grade_after": grade(person.calibrated, bands) or "",
        "reason": move.reason if move else "", "session": move.session.name if move else "",
    }  # fmt: skip
