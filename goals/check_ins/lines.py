"""What a check-in is about: a person's goals and targets of a week, with figures, in a fixed number of queries."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.db.models import Max, Min, Q

from goals.check_ins.rules import LOOK_BACK, ONE_DAY, ONE_WEEK, monday_of
from goals.following.rules import in_week
from goals.following.selectors import Standing, judged, target_goals
from goals.models import CheckInLine, Goal, Length, Level, MonthlyTarget, State
from goals.rules import ADDING
from perfmgmt.metrics.models import Metric
from perfmgmt.metrics.selectors import employee_figures_of
from perfmgmt.people.own_days import OwnDays, own_days
from perfmgmt.people.viewer import Workspace
from perfmgmt.tenants.calendar import Grain, add_months
from perfmgmt.tenants.workdays import WorkingCalendar
from perfmgmt.web.formats import decimals_of, round_half_up

# Own dates are as long as they are; they come after the months.
PLACES = 4
_LENGTHS = (Length.MONTH, Length.OWN, Length.QUARTER, Length.YEAR)


@dataclass(frozen=True)
class Line:
    """One thing a check-in is about: how it stands, and the week's part of it in the metric's unit."""

    standing: Standing
    week_target: Decimal | None = None
    week_actual: Decimal | None = None

    @property
    def key(self) -> str:
        """What finds it in the form and in other weeks' check-ins."""
        goal = self.standing.goal
        return key_of(goal.pk if goal.metric_id is None else None, goal.metric_id)


def key_of(goal_id: int | None, metric_id: int | None) -> str:
    """Return the key of a metric's goals, which follow each other month by month, or of a milestone."""
    return f"m{metric_id}" if metric_id else f"g{goal_id}"


def key_of_line(line: CheckInLine) -> str:
    """Return the key of a stored line."""
    return key_of(line.goal_id, line.metric_id)


FIGURES = ("target", "actual", "expected", "attainment", "pace", "week_target", "week_actual")


def as_row(line: Line) -> CheckInLine:
    """Return a line as a row that is not stored, with the figures of now."""
    row = CheckInLine()
    describe(row, line, figures=True)
    return row


def describe(row: CheckInLine, line: Line, *, figures: bool) -> None:
    """Write into a row which goal it is about, and the figures of now; without `figures` it has none."""
    goal = line.standing.goal
    row.goal, row.metric = (goal if goal.pk else None), line.standing.metric
    row.title, row.first_day, row.last_day = goal.title, goal.first_day, goal.last_day
    shown = figures_of(line) if figures else {**dict.fromkeys(FIGURES), "pace": ""}
    for name, value in shown.items():
        setattr(row, name, value)


def figures_of(line: Line) -> dict[str, Any]:
    """Return a line's figures as they are kept, with four decimals."""
    standing = line.standing
    return {
        "target": standing.target,
        "actual": kept(standing.actual),
        "expected": kept(standing.expected),
        "attainment": kept(standing.attainment),
        "pace": standing.status,
        "week_target": line.week_target,
        "week_actual": kept(line.week_actual),
    }


def kept(value: Decimal | Fraction | None) -> Decimal | None:
    """Return an exact value with the decimals that are stored, half away from zero."""
    if value is None:
        return None
    exact = Fraction(value)
    return round_half_up(Decimal(exact.numerator) / Decimal(exact.denominator), PLACES)


def lines_of(employee_id: int, week: date, *, workspace: Workspace, today: date) -> list[Line]:
    """Return what a person's check-in of a week is about, with figures of `today`.

    Of each metric the goal of the shortest period; then targets of the month for which there is no goal.
    """
    day = min(today, week + 6 * ONE_DAY)
    goals = _shortest(_goals(employee_id, week, day))
    having = {goal.metric_id for goal in goals if goal.metric_id}
    months = sorted({week.replace(day=1), (week + 6 * ONE_DAY).replace(day=1)})
    goals += [goal for goal in target_goals([employee_id], day.replace(day=1)) if goal.metric_id not in having]
    if not goals:
        return []
    first = min([months[0], *(goal.first_day for goal in goals)])
    last = max([add_months(months[-1], 1) - ONE_DAY, *(goal.last_day for goal in goals)])
    calendar = workspace.calendar(first, last)
    found = judged(goals, today=today, calendar=calendar)
    weeks = _Weeks(employee_id, week, months, calendar, workspace.currency)
    weeks.read([each.metric for each in found if each.metric is not None and each.metric.aggregation in ADDING])
    return [weeks.line(standing) for standing in found]


def _goals(employee_id: int, week: date, day: date) -> list[Goal]:
    """Return the agreed goals of a person, and those of teams they share, whose days touch the week up to a day."""
    mine = Q(level=Level.PERSON, employee_id=employee_id) | Q(level=Level.TEAM, members__employee_id=employee_id)
    goals = Goal.objects.filter(mine, state__in=[State.AGREED, State.LOCKED], first_day__lte=day, last_day__gte=week)
    return list(goals.select_related("metric").distinct().order_by("-weight", "first_day", "pk"))


def _shortest(goals: Iterable[Goal]) -> list[Goal]:
    """Keep of each metric the goal of the shortest period, of these the latest; every milestone."""
    found: dict[str, Goal] = {}
    for goal in goals:
        key = key_of(goal.pk if goal.metric_id is None else None, goal.metric_id)
        before = found.get(key)
        if before is None or _rank(goal) < _rank(before):
            found[key] = goal
    return list(found.values())


def _rank(goal: Goal) -> tuple[bool, int, int]:
    return (goal.level == Level.TEAM, _LENGTHS.index(Length(goal.grain)), -goal.first_day.toordinal())


class _Weeks:
    """The week's part of monthly targets, by the person's own working days, and what was done in the week."""

    def __init__(
        self, employee_id: int, week: date, months: list[date], calendar: WorkingCalendar, currency: str
    ) -> None:
        self.who, self.week, self.months = employee_id, week, months
        self.calendar, self.currency = calendar, currency
        self.targets: dict[int, dict[date, Decimal]] = {}
        self.actuals: dict[int, Decimal | None] = {}

    def read(self, metrics: list[Metric]) -> None:
        """Read targets and figures of metrics that add up; four queries."""
        rows = MonthlyTarget.objects.filter(employee_id=self.who, month__in=self.months, metric__in=metrics)
        for metric_id, month, value in rows.values_list("metric_id", "month", "value"):
            self.targets.setdefault(metric_id, {})[month] = value
        figures = employee_figures_of(metrics, grain=Grain.WEEK, start=self.week, employee_ids=[self.who])
        self.actuals = {pk: each.value(self.who, self.week) for pk, each in figures.items()}
        last = add_months(self.months[-1], 1) - ONE_DAY
        self.days: OwnDays = own_days([self.who], self.months[0], last)[self.who]

    def line(self, standing: Standing) -> Line:
        """Return a goal with the week's part of it; shared ones have no part of their own."""
        metric = standing.metric
        if metric is None or metric.pk not in self.actuals or standing.goal.level != Level.PERSON:
            return Line(standing)
        part = in_week(
            self.targets.get(metric.pk, {}), self.week, lambda day: self.days.weight(self.calendar, day),
            places=decimals_of(metric, self.currency),
        )  # fmt: skip
        return Line(standing, part, self.actuals[metric.pk])


def expected_people(employee_ids: Iterable[int] | None, week: date) -> dict[int, date]:
    """Return who is to check in in a week, and since when: those with a goal or a target in it; two queries.

    Since when: the week in which their first goal or target of the last weeks begins. None asks for everybody.
    """
    sunday, oldest = week + 6 * ONE_DAY, (week - LOOK_BACK * ONE_WEEK).replace(day=1)
    goals = Goal.objects.filter(level=Level.PERSON, state__in=[State.AGREED, State.LOCKED], first_day__lte=sunday)
    goals, cells = (
        goals.filter(last_day__gte=oldest),
        MonthlyTarget.objects.filter(month__gte=oldest, month__lte=sunday),
    )
    if employee_ids is not None:
        ids = list(employee_ids)
        goals, cells = goals.filter(employee_id__in=ids), cells.filter(employee_id__in=ids)
    since: dict[int, date] = {}
    now: set[int] = set()
    for rows, still in (
        (goals.values_list("employee_id").annotate(Min("first_day"), Max("last_day")), week),
        (cells.values_list("employee_id").annotate(Min("month"), Max("month")), week.replace(day=1)),
    ):
        for pk, first, last in rows:
            since[pk] = min(since.get(pk, first), first)
            if last >= still:
                now.add(pk)
    return {pk: monday_of(since[pk]) for pk in now}
