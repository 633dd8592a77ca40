"""What goes into the parts of a scorecard for a few people of a period, read from prepared tables.

For the preview in the editor only: a bounded number of people, a fixed number of queries. Stored scores come from
`reviews.scores`, for everybody.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from django.db.models import QuerySet

from goals.models import Form, Goal, Level, State
from goals.rules import attainment, band_attainment
from goals.selectors import all_targets
from perfmgmt.metrics.figures import Figures
from perfmgmt.metrics.models import Direction, Metric
from perfmgmt.metrics.selectors import employee_figures_of, metrics_with_parts, unit_figures_of
from perfmgmt.people.models import Assignment
from perfmgmt.tenants.calendar import Period
from reviews.models import CycleState, GroupScoreRow, Participant, PartInput, PartKind, ReviewCycle
from reviews.scorecards.content import PartDraft
from reviews.surveys.rules import used_mean


@dataclass(frozen=True)
class PartValue:
    """What goes into a part: the figure, its target, and `x` for the curve; of a questionnaire `x` is its score."""

    raw: Decimal | None = None
    target: Decimal | None = None
    x: Fraction | None = None
    hidden: bool = False


NOTHING, ZERO = PartValue(), Decimal(0)
Values = dict[tuple[int, int], PartValue]


@dataclass
class Inputs:
    """Everything that was read for some people of a period; answers for any part whose sources were asked for."""

    period: Period
    metrics: Mapping[int, Metric]
    figures: Mapping[int, Figures]
    units: Mapping[int, int]
    unit_figures: Mapping[int, Figures]
    goals: Mapping[tuple[int, int], Goal]
    targets: Mapping[int, Mapping[int, Decimal]]
    reviews: Mapping[tuple[int, int], PartValue]

    def value(self, part: PartDraft, employee_id: int) -> PartValue:
        """Return what goes into a part for a person."""
        if part.kind == PartKind.QUESTIONNAIRE:
            return self.reviews.get((employee_id, part.questionnaire_id or 0), NOTHING)
        metric = self.metrics.get(part.metric_id or 0)
        if metric is None:
            return NOTHING
        raw = self.figures[metric.pk].value(employee_id, self.period.start)
        used = self._csat(metric, employee_id, raw) if part.kind == PartKind.CSAT else _exact(raw)
        if part.input == PartInput.ACTUAL:
            return PartValue(raw, None, used)
        return self._attainment(metric, employee_id, raw, used)

    def _csat(self, metric: Metric, employee_id: int, raw: Decimal | None) -> Fraction | None:
        """The mean that counts, drawn towards the unit's (RULES.md section 8)."""
        unit = self.units.get(employee_id, 0)
        together = self.unit_figures[metric.pk].value(unit, self.period.start)
        return _exact(used_mean(self.figures[metric.pk].n(employee_id, self.period.start), raw, together))

    def _attainment(self, metric: Metric, employee_id: int, raw: Decimal | None, used: Fraction | None) -> PartValue:
        goal = self.goals.get((employee_id, metric.pk))
        if goal is not None and goal.form == Form.BAND and goal.band_low is not None:
            low, high, tolerance = (value or ZERO for value in (goal.band_low, goal.band_high, goal.band_tolerance))
            return PartValue(raw, None, band_attainment(used, low, high, tolerance))
        if metric.direction == Direction.BAND and (goal is None or goal.direction == Direction.BAND):
            ends = (
                metric.band_low or Decimal(0),
                metric.band_high or Decimal(0),
                metric.band_tolerance or Decimal(0),
            )
            return PartValue(raw, None, band_attainment(used, *ends))
        target = self.targets.get(metric.pk, {}).get(employee_id)
        direction = metric.direction
        if goal is not None:
            target, direction = goal.target if goal.prorated is None else goal.prorated, goal.direction
        return PartValue(raw, target, attainment(direction, used, target))


def _exact(value: Decimal | Fraction | None) -> Fraction | None:
    return None if value is None else Fraction(value)


def inputs_of(parts: Sequence[PartDraft], employee_ids: Sequence[int], period: Period) -> Inputs:
    """Read what goes into parts for people in a period; ten queries at most (more for shares of a unit's target)."""
    ids = {part.metric_id for part in parts if part.metric_id is not None}
    metrics = metrics_with_parts().in_bulk(ids) if ids else {}
    found = list(metrics.values())
    csat = [metrics[pk] for pk in {part.metric_id for part in parts if part.kind == PartKind.CSAT} if pk in metrics]
    units = _units(employee_ids, period) if csat else {}
    return Inputs(
        period=period, metrics=metrics,
        figures=employee_figures_of(found, grain=period.grain, start=period.start, employee_ids=employee_ids),
        units=units,
        unit_figures=unit_figures_of(
            csat, grain=period.grain, start=period.start, unit_ids=set(units.values())
        ) if csat else {},
        goals={(goal.employee_id or 0, goal.metric_id or 0): goal for goal in _goals(ids, employee_ids, period)},
        targets=all_targets(period, employee_ids=employee_ids),
        reviews=_reviews({p.questionnaire_id for p in parts if p.questionnaire_id is not None}, employee_ids, period),
    )  # fmt: skip


def _units(employee_ids: Iterable[int], period: Period) -> dict[int, int]:
    rows = Assignment.objects.filter(
        employee_id__in=list(employee_ids), valid_from__lte=period.end, valid_to__gte=period.start
    )
    return dict(rows.order_by("valid_from").values_list("employee_id", "unit_id"))


def _goals(metric_ids: Iterable[int], employee_ids: Iterable[int], period: Period) -> QuerySet[Goal]:
    return Goal.objects.filter(
        level=Level.PERSON, employee_id__in=list(employee_ids), metric_id__in=list(metric_ids),
        first_day=period.start, last_day=period.end, state__in=[State.AGREED, State.LOCKED],
    )  # fmt: skip


def _reviews(forms: Iterable[int], employee_ids: Iterable[int], period: Period) -> dict[tuple[int, int], PartValue]:
    """Return what the last released cycle up to the period said, by (employee, questionnaire); three queries.

    Released ones only, and with the weights that the cycle had: an editor in which one group could be given all the
    weight must not show what that group said (RULES.md section 14).
    """
    wanted = set(forms)
    if not wanted:
        return {}
    cycles = list(
        ReviewCycle.objects.filter(state=CycleState.RELEASED, start__lte=period.end)
        .order_by("-end", "-pk").values_list("pk", flat=True)[:4]
    )  # fmt: skip
    people = dict(
        Participant.objects.filter(cycle_id__in=cycles, employee_id__in=list(employee_ids)).values_list(
            "pk", "employee_id"
        )
    )
    rows = GroupScoreRow.objects.filter(
        cycle_id__in=cycles, participant_id__in=list(people), questionnaire_id__in=wanted
    )
    grouped: dict[tuple[int, int], dict[int, list[GroupScoreRow]]] = {}
    for row in rows:
        key = (people[row.participant_id], row.questionnaire_id)
        grouped.setdefault(key, {}).setdefault(row.cycle_id, []).append(row)
    return {key: _mean(min(by_cycle.items(), key=lambda pair: cycles.index(pair[0]))[1])
            for key, by_cycle in grouped.items()}  # fmt: skip


def _mean(rows: list[GroupScoreRow]) -> PartValue:
    """The score of a questionnaire over the groups that are not hidden; hidden when nothing else is left."""
    counting = [row for row in rows if not row.hidden and row.score is not None and row.weight > 0]
    weight = sum((row.weight for row in counting), Decimal(0))
    if not weight:
        return PartValue(hidden=any(row.hidden for row in rows))
    total = sum((Fraction(row.weight) * Fraction(row.score or 0) for row in counting), Fraction(0))
    score = total / Fraction(weight)
    return PartValue(None, None, score)
