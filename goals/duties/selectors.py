"""Reads of duties: the metrics that measure them, and whether people's goals cover them."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction

from goals.duties.rules import Cover, DutyFacts, Part, cover, parts
from goals.models import DutyMetric, Goal, GoalMember, Level, MonthlyTarget, State
from perfmgmt.metrics.models import Metric
from perfmgmt.people.models import Assignment, Duty, Position
from perfmgmt.tenants.calendar import Period

# A goal counts once the other side knows of it.
KNOWN = (State.PROPOSED, State.COUNTERED, State.AGREED, State.LOCKED)


@dataclass(frozen=True)
class Line:
    """One duty of somebody's position: the metrics that measure it, which of them are aimed at, how it stands."""

    duty: Duty
    cover: Cover
    metrics: list[Metric]
    aimed: list[Metric]

    @property
    def missing(self) -> Metric | None:
        """The metric to make a goal for, where there is none."""
        return self.metrics[0] if self.cover == Cover.NO_GOAL else None


@dataclass(frozen=True)
class Coverage:
    """How a person's goals of a period fit the duties of their position; without a position or duties no lines.

    `parts` set the time that is planned beside the goals' weights, `loose` is the weight that belongs to no duty, in
    percent; `is_even` says that no goal has a weight, so that all count the same.
    """

    employee_id: int
    position: Position | None = None
    lines: list[Line] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)
    loose: Fraction | None = None
    is_even: bool = True

    def count(self, kind: Cover) -> int:
        """Return how many duties stand so."""
        return sum(line.cover == kind for line in self.lines)

    @property
    def covered(self) -> int:
        """How many duties are covered."""
        return self.count(Cover.COVERED)

    @property
    def without_goal(self) -> int:
        """How many duties are measured, but nobody aims at them."""
        return self.count(Cover.NO_GOAL)

    @property
    def unmeasured(self) -> int:
        """How many duties no metric measures."""
        return self.count(Cover.UNMEASURED)

    @property
    def covered_time(self) -> int:
        """The share of the working time, in percent, whose duties are covered."""
        return sum(line.duty.share for line in self.lines if line.cover == Cover.COVERED)

    @property
    def next_line(self) -> Line | None:
        """The duty to begin with: the one without a goal that takes most time."""
        open_lines = [line for line in self.lines if line.cover == Cover.NO_GOAL]
        return max(open_lines, key=lambda line: (line.duty.share, -line.duty.place), default=None)

    @property
    def far_parts(self) -> list[Part]:
        """The categories whose weight lies far from the planned time."""
        return [part for part in self.parts if part.is_far]


def metrics_of(duty_ids: Iterable[int]) -> dict[int, list[Metric]]:
    """Return the metrics that measure duties, in the library's order, by duty id; one query."""
    rows = DutyMetric.objects.select_related("metric").filter(duty_id__in=list(duty_ids))
    found: dict[int, list[Metric]] = defaultdict(list)
    for row in rows.order_by("metric__position", "metric__code"):
        found[row.duty_id].append(row.metric)
    return dict(found)


def names_of(duties: Sequence[Duty]) -> dict[int, list[str]]:
    """Return the names of the metrics of duties, for a position's page."""
    return {pk: [metric.name for metric in found] for pk, found in metrics_of(d.pk for d in duties).items()}


def coverage_of(employee_ids: Iterable[int], period: Period, today: date) -> dict[int, Coverage]:
    """Return how people's goals of a period cover the duties of their positions; six queries, however many they are.

    The position is that of today, or of the period's nearest day.
    """
    ids = list(employee_ids)
    on = min(max(today, period.start), period.end)
    places = Assignment.objects.select_related("position").filter(
        employee_id__in=ids, valid_from__lte=on, valid_to__gte=on
    )
    position_of = {row.employee_id: row.position for row in places if row.position is not None}
    duties: dict[int, list[Duty]] = defaultdict(list)
    for duty in Duty.objects.filter(position_id__in={p.pk for p in position_of.values()}).order_by("place"):
        duties[duty.position_id].append(duty)
    metrics = metrics_of(duty.pk for found in duties.values() for duty in found)
    weights = _weights(ids, period)
    found = {}
    for pk in ids:
        position = position_of.get(pk)
        own = duties.get(position.pk, []) if position is not None else []
        found[pk] = _coverage(pk, position, own, metrics, weights.get(pk, {}))
    return found


def _coverage(
    employee_id: int, position: Position | None, duties: list[Duty], metrics: dict[int, list[Metric]],
    weights: dict[int, Decimal],
) -> Coverage:  # fmt: skip
    aimed = frozenset(weights)
    facts = [
        DutyFacts(duty.pk, duty.category, duty.share, frozenset(m.pk for m in metrics.get(duty.pk, [])))
        for duty in duties
    ]
    lines = [
        Line(duty, cover(fact, aimed), metrics.get(duty.pk, []),
             [metric for metric in metrics.get(duty.pk, []) if metric.pk in aimed])
        for duty, fact in zip(duties, facts, strict=True)
    ]  # fmt: skip
    shares, loose = parts(facts, weights) if duties else ([], None)
    return Coverage(employee_id, position, lines, shares, loose, not any(weights.values()))


def _weights(employee_ids: list[int], period: Period) -> dict[int, dict[int, Decimal]]:
    """Return what people aim at in a period, by employee and metric, with its weight; three queries.

    Goals that touch the period, their own and those they share in, and targets of its months. Several goals in one
    metric (the year and its quarter) count with the largest weight.
    """
    goals = Goal.objects.filter(
        state__in=KNOWN, metric__isnull=False, first_day__lte=period.end, last_day__gte=period.start
    )
    own = goals.filter(level=Level.PERSON, employee_id__in=employee_ids)
    rows: list[tuple[int, int, Decimal]] = list(own.values_list("employee_id", "metric_id", "weight"))
    shared = GoalMember.objects.filter(employee_id__in=employee_ids, goal__in=goals.filter(level=Level.TEAM))
    rows += [(pk, metric, Decimal(0)) for pk, metric in shared.values_list("employee_id", "goal__metric_id")]
    cells = MonthlyTarget.objects.filter(
        employee_id__in=employee_ids, month__gte=period.start, month__lte=period.end
    ).order_by()
    rows += [(pk, metric, Decimal(0)) for pk, metric in cells.values_list("employee_id", "metric_id").distinct()]
    found: dict[int, dict[int, Decimal]] = defaultdict(dict)
    for employee_id, metric_id, weight in rows:
        found[employee_id][metric_id] = max(weight, found[employee_id].get(metric_id, Decimal(0)))
    return found
