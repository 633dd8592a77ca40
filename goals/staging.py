"""The stages of a goal: a year split into quarters, a quarter into months, exactly (G3, RULES.md section 10)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet, Sum
from django.utils.translation import gettext_lazy as _

from goals import stages
from goals.access import Reach, goal_to_edit
from goals.making import calendar_of
from goals.models import Counting, Form, Goal, Length, Level, State
from goals.rules import split_target
from perfmgmt.metrics.models import EmployeeRollup, Metric, UnitRollup
from perfmgmt.people.models import Unit
from perfmgmt.people.viewer import Viewer
from perfmgmt.tenants.calendar import Grain, Period, add_months
from perfmgmt.tenants.errors import Conflict, DomainError
from perfmgmt.tenants.workdays import WorkingCalendar

SEASON, DAYS, EVEN = "season", "days", "even"
WAYS = (SEASON, DAYS, EVEN)
SHORTER = {Length.YEAR: Grain.QUARTER, Length.QUARTER: Grain.MONTH}


@dataclass(frozen=True)
class Stage:
    """One part of a goal's period, and the part of the target that is its own."""

    period: Period
    target: Decimal | None


def may_split(goal: Goal) -> bool:
    """Return whether a goal can be split into shorter ones: a person's quarter is split by its months already."""
    if goal.metric_id is None or not (goal.is_open or goal.is_binding):
        return False
    if goal.form == Form.BAND or goal.target is None:
        return False
    return goal.grain == Length.YEAR or (goal.grain == Length.QUARTER and goal.level != Level.PERSON)


def plan(goal: Goal, way: str, fiscal_start_month: int) -> list[Stage]:
    """Return the stages of a goal: by last year's season, by working days, or evenly.

    Sums and counts are split so that the stages sum to the target; every other metric has the target in each stage.
    Without figures of last year the working days are taken. Raises DomainError for a goal that can't be split.
    """
    if not may_split(goal) or goal.metric is None or goal.target is None:
        raise DomainError(_("This goal can't be split into shorter ones."), code="no_stages")
    periods = _periods(goal, fiscal_start_month)
    if not stages.adds_up(goal.metric):
        return [Stage(period, goal.target) for period in periods]
    weights = _weights(goal, goal.metric, way, periods, calendar_of(goal))
    parts = split_target(goal.target, weights)
    return [Stage(period, part) for period, part in zip(periods, parts, strict=True)]


@transaction.atomic
def split_goal(goal_id: int, way: str, *, viewer: Viewer, today: date, fiscal_start_month: int) -> list[Goal]:
    """Make the stages of a goal as drafts below it; return them.

    Raises DomainError where there are stages already, or for a goal that can't be split.
    """
    goal = goal_to_edit(goal_id, Reach(viewer, today))
    if stages_of(goal):
        raise DomainError(
            _("This goal is split already. Change its stages, or cancel them first."), code="has_stages"
        )
    made = [
        Goal(
            level=goal.level, unit_id=goal.unit_id, employee_id=goal.employee_id, owner_id=goal.owner_id, parent=goal,
            metric_id=goal.metric_id, title=goal.title, grain=int(stage.period.grain),
            first_day=stage.period.start, last_day=stage.period.end, direction=goal.direction, form=Form.ABSOLUTE,
            counting=goal.counting if stage.period.grain is Grain.QUARTER else Counting.WHOLE, target=stage.target,
            weight=goal.weight, created_by_id=viewer.user_id,
        )
        for stage in plan(goal, way, fiscal_start_month)
    ]  # fmt: skip
    taken = _taken(made)
    if taken:
        raise DomainError(
            _("There is a goal of this metric for {period} already. Cancel it, or put it below this goal."),
            code="stage_taken", period=f"{taken.first_day:%Y-%m-%d} – {taken.last_day:%Y-%m-%d}",
        )  # fmt: skip
    try:
        with transaction.atomic():
            return Goal.objects.bulk_create(made)
    except IntegrityError as error:  # somebody makes the same goal at this moment
        raise Conflict from error


def stages_of(goal: Goal) -> list[Goal]:
    """Return the goals of the same subject and metric that stand below a goal, in the order of their days."""
    below = Goal.objects.filter(parent=goal, **_subject(goal))
    return list(below.exclude(state=State.CANCELLED).order_by("first_day", "pk"))


def gap(goal: Goal, below: Sequence[Goal]) -> Decimal | None:
    """Return what the stages lack of the target; None without stages, or where they don't add up."""
    if not below or goal.target is None or goal.metric is None or not stages.adds_up(goal.metric):
        return None
    return sum((stage.target or Decimal(0) for stage in below), Decimal(0)) - goal.target


def _periods(goal: Goal, fiscal_start_month: int) -> list[Period]:
    shorter = SHORTER[Length(goal.grain)]
    first = Period.containing(shorter, goal.first_day, fiscal_start_month)
    return [first.next(step) for step in range(4 if shorter is Grain.QUARTER else 3)]


def _weights(goal: Goal, metric: Metric, way: str, periods: list[Period], calendar: WorkingCalendar) -> list[int]:
    if way == EVEN:
        return [1] * len(periods)
    days = [calendar.working_days(period.start, period.end) for period in periods]
    if way == SEASON:
        season = _season(goal, metric, periods)
        if all(value > 0 for value in season):
            return [int(value.scaleb(4)) for value in season]
    return days if any(days) else [1] * len(periods)


def _season(goal: Goal, metric: Metric, periods: list[Period]) -> list[Decimal]:
    """Return last year's figures of the goal's subject, one for each stage; one query."""
    starts = [add_months(period.start, -12) for period in periods]
    found: QuerySet[Any]
    asked: dict[str, Any] = {"metric": metric, "grain": int(periods[0].grain), "start__in": starts}
    if goal.level == Level.PERSON:
        found = EmployeeRollup.objects.filter(employee_id=goal.employee_id or 0, **asked)
    elif goal.unit_id is not None:
        found = UnitRollup.objects.filter(unit_id=goal.unit_id, **asked)
    else:
        found = UnitRollup.objects.filter(unit_id__in=Unit.objects.filter(parent=None).values("pk"), **asked)
    rows = dict(found.values_list("start").annotate(Sum("total")))
    return [rows.get(start) or Decimal(0) for start in starts]


def _taken(made: list[Goal]) -> Goal | None:
    """Return one of the goals that would be there twice."""
    first = made[0]
    there = Goal.objects.filter(
        first_day__in=[goal.first_day for goal in made], grain=first.grain, **_subject(first)
    ).exclude(state=State.CANCELLED)
    return None if first.level == Level.TEAM else there.order_by("first_day").first()


def _subject(goal: Goal) -> dict[str, Any]:
    """Return whose goal it is and in which metric, as a filter."""
    return {name: getattr(goal, name) for name in ("level", "unit_id", "employee_id", "metric_id")}
