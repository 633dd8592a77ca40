"""How goals stand today: figure, attainment, pace and what is expected by now (RULES.md sections 3 and 9)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction

from goals.following.actuals import Actual, actuals, holds_in_each, metrics_of
from goals.following.days import elapsed_of, elapsed_of_all
from goals.following.rules import Band, Elapsed, Measure, Verdict, judge, milestone, worst
from goals.models import Form, Goal, Length, Level, MonthlyTarget, State
from goals.rules import ADDING, Pace
from perfmgmt.metrics.models import Direction, Metric
from perfmgmt.people.own_days import OwnDays, own_days
from perfmgmt.tenants.calendar import add_months
from perfmgmt.tenants.selectors import working_calendar
from perfmgmt.tenants.workdays import ONE_DAY, WorkingCalendar


@dataclass(frozen=True)
class Standing:
    """How one goal stands.

    `actual`, `expected` and the goal's target are in the metric's unit, `attainment` is a share (1 = 100%), `n`
    counts the facts behind the figure. `decides` is the month whose figure counts when the goal holds in each month.
    Of a milestone there are only attainment and pace.
    """

    goal: Goal
    metric: Metric | None
    actual: Decimal | None
    attainment: Fraction | None
    pace: Pace
    expected: Fraction | None
    time: Elapsed
    n: int = 0
    decides: date | None = None
    months: tuple[tuple[date, Decimal | None], ...] = field(default=())

    @property
    def status(self) -> str:
        """The code for `{% status %}`; a milestone that is not due yet is open."""
        return "open" if self.is_milestone and self.pace is Pace.NO_DATA else str(self.pace)

    @property
    def target(self) -> Decimal | None:
        """The target that counts, in the metric's unit; None for a band and a milestone."""
        return target_of(self.goal)

    @property
    def is_milestone(self) -> bool:
        """Whether the goal has no metric."""
        return self.metric is None

    @property
    def is_additive(self) -> bool:
        """Whether the figure grows with the days, so that a part of the target is due by now."""
        return self.metric is not None and self.metric.aggregation in ADDING

    @property
    def expected_share(self) -> Fraction | None:
        """Which share of the target is due by now; None where no part of it is."""
        return self.time.share if self.is_additive and self.expected is not None else None

    @property
    def is_unanswerable(self) -> bool:
        """Whether days of the goal's own dates can't be put together to one figure: it stays missing."""
        return self.goal.grain == Length.OWN and self.n > 0 and self.actual is None


def standings(goals: Iterable[Goal], *, today: date, calendar: WorkingCalendar | None = None) -> dict[int, Standing]:
    """Return how goals of any level stand, by id, in a fixed number of queries.

    `calendar` is valid from the first to the last day of all of them; without one it is read.
    """
    return {each.goal.pk: each for each in judged(list(goals), today=today, calendar=calendar)}


def standing_of(goal: Goal, *, today: date, calendar: WorkingCalendar | None = None) -> Standing:
    """Return how one goal stands."""
    return judged([goal], today=today, calendar=calendar)[0]


def judged(goals: Sequence[Goal], *, today: date, calendar: WorkingCalendar | None = None) -> list[Standing]:
    """Return how goals stand, in their order; they need not be stored (`target_goals`)."""
    if not goals:
        return []
    first, last = min(goal.first_day for goal in goals), max(goal.last_day for goal in goals)
    calendar = calendar or working_calendar(first=first, last=last)
    people = own_days({goal.employee_id for goal in goals if goal.employee_id}, first, last)
    metrics = metrics_of(goals)
    times: dict[tuple[int | None, date, date], Elapsed] = {}
    found = []
    for goal, actual in zip(goals, actuals(goals, metrics, today=today), strict=True):
        key = (goal.employee_id, goal.first_day, goal.last_day)
        if key not in times:
            times[key] = _time(goal, people, calendar, today)
        metric = metrics[goal.metric_id] if goal.metric_id else None
        found.append(_standing(goal, metric, actual, times[key]))
    return found


def _time(goal: Goal, people: Mapping[int, OwnDays], calendar: WorkingCalendar, today: date) -> Elapsed:
    if goal.level == Level.PERSON and goal.employee_id:
        return elapsed_of(people[goal.employee_id], calendar, goal.first_day, goal.last_day, today)
    return elapsed_of_all(calendar, goal.first_day, goal.last_day, today)


def _standing(goal: Goal, metric: Metric | None, actual: Actual, time: Elapsed) -> Standing:
    if metric is None:
        verdict = milestone(goal.done_on, over=time.over)
        return Standing(goal, None, None, verdict.attainment, verdict.pace, None, time)
    measure = measure_of(goal, metric)
    value, decides = actual.value, None
    if holds_in_each(goal, metric):
        index = worst(measure, [value for _month, value in actual.months])
        decides, value = (None, None) if index is None else actual.months[index]
    verdict = _begun(goal, measure, value, time)
    return Standing(
        goal,
        metric,
        value,
        verdict.attainment,
        verdict.pace,
        verdict.expected,
        time,
        actual.n,
        decides,
        actual.months,
    )


def _begun(goal: Goal, measure: Measure, value: Decimal | None, time: Elapsed) -> Verdict:
    """Judge; a goal whose figure can't grow yet because its first day is still to come has not started."""
    verdict = judge(measure, value, time)
    waits = not time.over and not time.elapsed and verdict.pace in (Pace.NO_DATA, Pace.ON_TRACK)
    return Verdict(verdict.attainment, Pace.NOT_STARTED, verdict.expected) if waits and value is None else verdict


def measure_of(goal: Goal, metric: Metric) -> Measure:
    """Return how a goal is measured."""
    additive = metric.aggregation in ADDING
    if goal.form == Form.BAND and goal.band_low is not None and goal.band_high is not None:
        band = Band(goal.band_low, goal.band_high, goal.band_tolerance or 0)
        return Measure(Direction.HIGHER, additive, band=band)
    direction = Direction.LOWER if goal.direction == Direction.LOWER else Direction.HIGHER
    return Measure(direction, additive, target_of(goal))


def target_of(goal: Goal) -> Decimal | None:
    """Return the target that counts: of a locked goal the prorated one (RULES.md section 11), where there is one."""
    return goal.prorated if goal.state == State.LOCKED and goal.prorated is not None else goal.target


def target_goals(employee_ids: Iterable[int], month: date) -> list[Goal]:
    """Return people's targets of a month as goals that are not stored, one query; they can be `judged`.

    A metric with a band has that direction only on goals; its monthly target counts as "higher is better".
    """
    rows = MonthlyTarget.objects.select_related("metric").filter(employee_id__in=list(employee_ids), month=month)
    return [
        Goal(
            level=Level.PERSON, employee_id=row.employee_id, metric=row.metric, title=row.metric.name,
            grain=Length.MONTH, first_day=month, last_day=add_months(month, 1) - ONE_DAY, target=row.value,
            direction=Direction.LOWER if row.metric.direction == Direction.LOWER else Direction.HIGHER,
        )
        for row in rows.order_by("employee_id", "metric__position", "metric_id")
    ]  # fmt: skip
