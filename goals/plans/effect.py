"""What a team performance plan has changed: the days before beside its own days, from the rollups."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from goals.models import ActionPlan, PlanMeasure
from goals.plans import rules
from goals.plans.rules import Effect, days_before
from goals.rules import Pace, attainment, pacing
from perfmgmt.metrics.figures import Asked, Figures, assemble
from perfmgmt.metrics.models import Aggregation, Metric
from perfmgmt.metrics.rules import adds_over_people, adds_over_periods
from perfmgmt.metrics.selectors import metrics_with_parts, read_people, read_units
from perfmgmt.tenants.calendar import Grain
from perfmgmt.tenants.workdays import WorkingCalendar

ONE_DAY, WEEK = timedelta(days=1), timedelta(days=7)
ADDITIVE = (Aggregation.SUM, Aggregation.COUNT)


@dataclass(frozen=True)
class Week:
    """Some days, seven at most, all before the plan or all of it, with the figure of these days."""

    first: date
    last: date
    value: Decimal | None
    is_before: bool


@dataclass(frozen=True)
class Line:
    """One measure with what came before and what has come so far.

    `before` and `now` are per working day for sums and counts, else levels; `actual` is the figure of the plan's days
    so far. Missing figures are None.
    """

    measure: PlanMeasure
    metric: Metric
    additive: bool
    actual: Decimal | None
    before: Fraction | None
    now: Fraction | None
    change: Fraction | None
    effect: Effect
    attainment: Fraction | None
    pace: Pace | None
    weeks: list[Week]

    @property
    def pace_code(self) -> str:
        """The pace as the components name it."""
        return str(self.pace or "").replace(" ", "_")


@dataclass(frozen=True)
class Span:
    """The plan's days by now: working days before it, gone and in all; `until` is the last day that counts."""

    before: int
    gone: int
    total: int
    until: date


def usable() -> list[Metric]:
    """Return the metrics whose figures exist for any span of days and any team: what can measure a plan."""
    rows = metrics_with_parts().filter(archived_at=None)
    return [metric for metric in rows if can_measure(metric)]


def can_measure(metric: Metric) -> bool:
    """Return whether a metric's figures of days make a figure of the whole: sums, counts, means and their ratios."""
    if metric.aggregation in (Aggregation.GROWTH, Aggregation.TARGET_SHARE):
        return False
    parts = [part.aggregation for part in metric.parts()]
    return all(adds_over_periods(each) and adds_over_people(each) for each in parts)


def figure_of(plan: ActionPlan, metric: Metric, first: date, last: date) -> Decimal | None:
    """Return the figure of a plan's unit or person from a day to a day; None when missing."""
    figures = _figures(plan, [metric], first, last)[metric.pk]
    return _together(figures, _owner(plan), first, last)


def span_of(plan: ActionPlan, calendar: WorkingCalendar, today: date) -> Span:
    """Return how much of a plan is over, in working days through yesterday; `calendar` holds both spans."""
    before = days_before(plan.first_day, plan.last_day)
    until = min(plan.last_day, today - ONE_DAY)
    gone = calendar.working_days(plan.first_day, until) if until >= plan.first_day else 0
    return Span(calendar.working_days(*before), gone, calendar.working_days(plan.first_day, plan.last_day), until)


def lines_of(
    plan: ActionPlan, measures: Iterable[PlanMeasure], calendar: WorkingCalendar, today: date
) -> tuple[Span, list[Line]]:
    """Return a plan's measures with their figures; one query for the figures, one for the metrics."""
    rows, span = list(measures), span_of(plan, calendar, today)
    found = {metric.pk: metric for metric in metrics_with_parts().filter(pk__in=[row.metric_id for row in rows])}
    if not rows:
        return span, []
    first = min(row.baseline_first for row in rows)
    figures = _figures(plan, list(found.values()), first, max(span.until, plan.first_day))
    return span, [
        _line(plan, row, found[row.metric_id], figures[row.metric_id], span, calendar, today) for row in rows
    ]


def _line(
    plan: ActionPlan, row: PlanMeasure, metric: Metric, figures: Figures, span: Span, calendar: WorkingCalendar,
    today: date,
) -> Line:  # fmt: skip
    additive, owner = metric.aggregation in ADDITIVE, _owner(plan)
    actual = _together(figures, owner, plan.first_day, span.until)
    days = calendar.working_days(row.baseline_first, row.baseline_last)
    before = rules.per_day(row.baseline, days, additive=additive)
    now = rules.per_day(actual, span.gone, additive=additive)
    paced = metric.direction != "band"
    return Line(
        measure=row, metric=metric, additive=additive, actual=actual, before=before, now=now,
        change=rules.change(before, now), effect=rules.effect(metric.direction, before, now, span.gone),
        attainment=attainment(metric.direction, actual, row.target) if paced else None,
        pace=pacing(
            direction=metric.direction, additive=additive, actual=actual, target=row.target, elapsed=span.gone,
            total=span.total, over=today > plan.last_day,
        ) if paced else None,
        weeks=list(_weeks(plan, row, figures, owner, span.until)),
    )  # fmt: skip


def _weeks(plan: ActionPlan, row: PlanMeasure, figures: Figures, owner: int, until: date) -> Iterator[Week]:
    """Yield stretches of seven days, counted backwards and forwards from the plan's first day."""
    for before, first, last in ((True, row.baseline_first, plan.first_day - ONE_DAY), (False, plan.first_day, until)):
        start = last - (last - first) // WEEK * WEEK - timedelta(days=6) if before else first
        while start <= last:
            begin, end = max(start, first), min(start + WEEK - ONE_DAY, last)
            yield Week(begin, end, _together(figures, owner, begin, end), before)
            start += WEEK


def _figures(plan: ActionPlan, metrics: list[Metric], first: date, last: date) -> dict[int, Figures]:
    asked = Asked(Grain.DAY, first, last, by_unit=plan.unit_id is not None)
    read = (
        read_units(Grain.DAY, [_owner(plan)]) if plan.unit_id is not None else read_people(Grain.DAY, [_owner(plan)])
    )
    return assemble(metrics, asked, read)


def _owner(plan: ActionPlan) -> int:
    """Return the id of the unit or the person whose figures count."""
    return plan.unit_id if plan.unit_id is not None else plan.employee_id or 0


def _together(figures: Figures, owner: int, first: date, last: date) -> Decimal | None:
    if last < first:
        return None
    return figures.together([owner], [first + timedelta(days=n) for n in range((last - first).days + 1)])
