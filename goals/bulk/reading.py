"""What is known of people before goals are given to them: read for all of them at once."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import QuerySet

from goals.agreement.selectors import bound_cells
from goals.bulk.asked import Asked
from goals.bulk.lines import Line
from goals.models import Baseline, Form, Goal, Level, MonthlyTarget, State
from perfmgmt.metrics.figures import Figures
from perfmgmt.metrics.forecast.current import so_far
from perfmgmt.metrics.forecast.rules import recommended
from perfmgmt.metrics.forecast.selectors import outlooks
from perfmgmt.metrics.models import Metric
from perfmgmt.metrics.selectors import employee_figures_of
from perfmgmt.people.models import Assignment, Unit
from perfmgmt.tenants.calendar import Period
from perfmgmt.tenants.selectors import working_calendar

Cell = tuple[int, int, date]


@dataclass(frozen=True)
class Known:
    """Units, goals, cells and figures of people; `above` are goals of units and the company that people's may serve.

    `figures` are by kind of baseline, then by metric; `points` are recommendations.
    """

    period: Period
    unit_of: dict[int, int]
    parents: dict[int, int | None]
    there: frozenset[tuple[int, int]]
    milestones: frozenset[tuple[int, str]]
    own: dict[tuple[int, int], int]
    above: dict[tuple[int, int | None], int]
    cells: frozenset[Cell]
    bound: frozenset[Cell]
    figures: dict[str, dict[int, Figures]]
    points: dict[tuple[int, int], Decimal]

    def has(self, employee_id: int, line: Line) -> bool:
        """Whether somebody has the goal already."""
        if line.metric is None:
            return (employee_id, line.title) in self.milestones
        return (employee_id, line.metric.pk) in self.there

    def baseline(self, employee_id: int, metric: Metric, kind: str) -> Decimal | None:
        """Return the figure a goal grows from."""
        found = self.figures.get(kind, {}).get(metric.pk)
        return None if found is None else found.value(employee_id, baseline_start(self.period, kind))

    def recommended(self, employee_id: int, metric: Metric) -> Decimal | None:
        """Return the recommended target."""
        return self.points.get((metric.pk, employee_id))

    def parent(self, employee_id: int, line: Line) -> int | None:
        """Return the goal that somebody's serves: their own of a longer period, else of the nearest unit above."""
        if line.metric is None:
            return None
        if (employee_id, line.metric.pk) in self.own:
            return self.own[employee_id, line.metric.pk]
        here: int | None = self.unit_of.get(employee_id)
        while here is not None:
            if (line.metric.pk, here) in self.above:
                return self.above[line.metric.pk, here]
            here = self.parents.get(here)
        return self.above.get((line.metric.pk, None))


def baseline_start(period: Period, kind: str) -> date:
    """Return the first day of the period a baseline is taken from."""
    return baseline_period(period, kind).start


def baseline_period(period: Period, kind: str) -> Period:
    """Return the period a baseline is taken from: the one before, or the same one a year before."""
    if kind != Baseline.LAST_YEAR:
        return period.next(-1)
    return Period(period.grain, period.start.replace(year=period.start.year - 1), period.fiscal_start_month)


def known_of(asked: Asked, people: Sequence[int], lines: Sequence[Line], *, fiscal: int, today: date) -> Known:
    """Read everything that planning needs of people and goals; the queries don't grow with the people."""
    metrics = {line.metric.pk: line.metric for line in lines if line.metric is not None}
    period, months = asked.period, [month.start for month in asked.period.months()]
    there, milestones = _there(period, people)
    return Known(
        period=period, unit_of=_units(people, period), parents=dict(Unit.objects.values_list("pk", "parent_id")),
        there=there, milestones=milestones, own=_longer(period, people, metrics), above=_above(period, metrics),
        cells=_cells(people, metrics, months),
        bound=frozenset(bound_cells(metrics, people, period.start, period.end)),
        figures=_figures(period, people, lines, metrics), points=_points(period, people, lines, metrics, today),
    )  # fmt: skip


def _units(people: Sequence[int], period: Period) -> dict[int, int]:
    """Return where people work in the period: their first place in it."""
    rows = Assignment.objects.filter(
        employee_id__in=people, valid_from__lte=period.end, valid_to__gte=period.start
    ).order_by("-valid_from")
    return dict(rows.values_list("employee_id", "unit_id"))


def _there(period: Period, people: Sequence[int]) -> tuple[frozenset[tuple[int, int]], frozenset[tuple[int, str]]]:
    rows = Goal.objects.filter(
        level=Level.PERSON, employee_id__in=people, first_day=period.start, last_day=period.end
    ).exclude(state=State.CANCELLED)
    found = list(rows.values_list("employee_id", "metric_id", "title"))
    return (
        frozenset((who, metric) for who, metric, _title in found if who and metric),
        frozenset((who, title) for who, metric, title in found if who and metric is None),
    )


def _longer(period: Period, people: Sequence[int], metrics: Collection[int]) -> dict[tuple[int, int], int]:
    """Return people's own goals of longer periods around this one, the shortest of them."""
    rows = _around(period, metrics).filter(level=Level.PERSON, employee_id__in=people)
    rows = rows.exclude(first_day=period.start, last_day=period.end).order_by("-last_day", "first_day", "pk")
    return {(who, metric): pk for who, metric, pk in rows.values_list("employee_id", "metric_id", "pk") if who}


def _above(period: Period, metrics: Collection[int]) -> dict[tuple[int, int | None], int]:
    """Return goals of units and of the company (None) around a period, the shortest of them, no drafts."""
    rows = _around(period, metrics).filter(level__in=[Level.UNIT, Level.COMPANY]).exclude(state=State.DRAFT)
    rows = rows.order_by("-last_day", "first_day", "pk")
    return {(metric, unit): pk for metric, unit, pk in rows.values_list("metric_id", "unit_id", "pk") if metric}


def _around(period: Period, metrics: Collection[int]) -> QuerySet[Goal]:
    goals = Goal.objects.filter(metric_id__in=list(metrics), first_day__lte=period.start, last_day__gte=period.end)
    return goals.exclude(state=State.CANCELLED)


def _cells(people: Sequence[int], metrics: Collection[int], months: Sequence[date]) -> frozenset[Cell]:
    rows = MonthlyTarget.objects.filter(metric_id__in=list(metrics), employee_id__in=people, month__in=months)
    return frozenset(rows.values_list("metric_id", "employee_id", "month"))


def _figures(
    period: Period, people: Sequence[int], lines: Sequence[Line], metrics: dict[int, Metric]
) -> dict[str, dict[int, Figures]]:
    """Return the figures that goals of growth start from; a query for each kind of baseline that is used."""
    wanted: dict[str, set[int]] = {}
    for line in lines:
        if line.metric is not None and line.form in (Form.PERCENT, Form.POINTS):
            wanted.setdefault(line.baseline_kind or Baseline.PREVIOUS, set()).add(line.metric.pk)
    return {
        kind: employee_figures_of(
            [metrics[pk] for pk in sorted(pks)], grain=period.grain, start=baseline_start(period, kind),
            employee_ids=people,
        )
        for kind, pks in wanted.items()
    }  # fmt: skip


def _points(
    period: Period, people: Sequence[int], lines: Sequence[Line], metrics: dict[int, Metric], today: date
) -> dict[tuple[int, int], Decimal]:
    """Return recommended targets by (metric id, employee id), in a running period with what is reached so far."""
    wanted = {line.metric.pk for line in lines if line.recommended and line.metric is not None}
    if not wanted:
        return {}
    chosen = [metrics[pk] for pk in sorted(wanted)]
    found = outlooks(chosen, period.grain, [period.start], people)
    calendar = working_calendar(first=period.start, last=period.end)
    reached = so_far(chosen, [period], people, calendar=calendar, today=today)
    points = {
        (metric, who): recommended(reached.counted_in(outlook, metrics[metric], who, period))
        for (metric, who, _start), outlook in found.items()
    }
    return {key: point for key, point in points.items() if point is not None}
