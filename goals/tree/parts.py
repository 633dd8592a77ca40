"""Parts of a goal's page: its stages, and who contributes what to a team's goal (G3, G11)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet

from goals.access import Reach
from goals.models import Form, Goal, GoalMember, Level, MonthlyTarget, State
from goals.stages import adds_up, months_of
from goals.tree import rules
from perfmgmt.metrics.selectors import employee_figures, metrics_with_parts
from perfmgmt.tenants.calendar import Grain, Period

DEEPEST = 6


@dataclass
class Stage:
    """A stage: a goal of the same subject in a shorter period, or a month of the target grid (`goal` None).

    `below` sums its stages and `gap` is what that is more than its target; None for metrics that don't add up.
    """

    first_day: date
    last_day: date
    target: Decimal | None
    goal: Goal | None = None
    below: Decimal | None = None
    gap: Decimal | None = None
    stages: list["Stage"] = field(default_factory=list)


def stages(goal: Goal, visible: QuerySet[Goal] | None = None) -> Stage | None:
    """Return a goal with its stages, year -> quarters -> months; None where it has none. Two queries.

    Stages are goals of the same subject and metric inside the period; the months of a person's goal without such are
    the cells of the grid. `visible` narrows the goals to those the viewer may see.
    """
    if goal.metric is None or goal.level == Level.TEAM or goal.form == Form.BAND:
        return None
    shorter = Goal.objects.all() if visible is None else visible
    subject: dict[str, Any] = {"unit_id": goal.unit_id, "employee_id": goal.employee_id}
    shorter = shorter.filter(
        level=goal.level, **subject, metric_id=goal.metric.pk,
        first_day__gte=goal.first_day, last_day__lte=goal.last_day,
    ).exclude(pk=goal.pk).exclude(state=State.CANCELLED)  # fmt: skip
    goals = sorted(shorter, key=lambda one: (one.first_day, -(one.last_day - one.first_day).days, one.pk))
    root = _nested(goal, goals)
    if goal.level == Level.PERSON:
        _with_months(root, _cells(goal))
    if not root.stages:
        return None
    _sum_up(root, adds=adds_up(goal.metric))
    return root


def _nested(goal: Goal, goals: Sequence[Goal]) -> Stage:
    """Return the goals as a tree by their days: each stands in the shortest one that holds it."""
    root = Stage(goal.first_day, goal.last_day, goal.target, goal)
    for each in goals:
        here = root
        for _step in range(DEEPEST):
            inside = next((one for one in here.stages if _holds(one, each)), None)
            if inside is None:
                break
            here = inside
        here.stages.append(Stage(each.first_day, each.last_day, each.target, each))
    return root


def _holds(stage: Stage, goal: Goal) -> bool:
    return stage.first_day <= goal.first_day and goal.last_day <= stage.last_day


def _cells(goal: Goal) -> dict[date, Decimal]:
    cells = MonthlyTarget.objects.filter(
        metric_id=goal.metric_id or 0,
        employee_id=goal.employee_id or 0,
        month__gte=goal.first_day,
        month__lte=goal.last_day,
    )
    return dict(cells.values_list("month", "value"))


def _with_months(stage: Stage, cells: dict[date, Decimal]) -> None:
    """Put the months of the grid below goals of several months that have no stages of their own."""
    for each in stage.stages:
        _with_months(each, cells)
    if stage.stages or stage.goal is None:
        return
    months = months_of(stage.goal)
    if len(months) > 1 and any(month in cells for month in months):
        stage.stages = [Stage(month, Period(Grain.MONTH, month).end, cells.get(month)) for month in months]


def _sum_up(stage: Stage, *, adds: bool) -> None:
    for each in stage.stages:
        _sum_up(each, adds=adds)
    if adds and stage.stages:
        stage.below = rules.total(each.target for each in stage.stages)
        stage.gap = rules.gap(stage.target, stage.below)


@dataclass(frozen=True)
class Contribution:
    """One member: the share answered for, the part of the target that is, what came so far, its part of the whole."""

    member: GoalMember
    answered_for: Decimal | None
    actual: Decimal | None
    of_whole: Decimal | None


@dataclass(frozen=True)
class Contributions:
    """Who contributes what to a team's goal; `actual` is the whole, `unassigned` the share nobody answers for."""

    rows: list[Contribution]
    actual: Decimal | None
    unassigned: Decimal


def contributions(goal: Goal) -> Contributions | None:
    """Return what each member of a team's goal contributed, from rollups; None for other goals. Three queries."""
    if goal.level != Level.TEAM:
        return None
    members = list(goal.members.select_related("employee").order_by("-share", "employee__name_key"))
    actuals = _actuals(goal, [member.employee_id for member in members])
    adds = goal.metric is not None and adds_up(goal.metric)
    whole = rules.total(actuals.values()) if adds else None
    rows = [
        Contribution(
            member, goal.target * member.share / 100 if adds and goal.target is not None else None,
            actuals.get(member.employee_id), rules.percent_of(actuals.get(member.employee_id), whole),
        )
        for member in members
    ]  # fmt: skip
    return Contributions(rows, whole, Decimal(100) - sum((member.share for member in members), Decimal(0)))


def may_see_members(found: Contributions, reach: Reach) -> bool:
    """Whether a viewer sees what each member contributed: a member, or who sees all of them."""
    members = {row.member.employee_id for row in found.rows}
    return reach.viewer.employee_id in members or all(reach.sees(who) for who in members)


def _actuals(goal: Goal, people: Sequence[int]) -> dict[int, Decimal | None]:
    """Return what people did in the days of a goal: of its period, or of its days where these are its own."""
    metric = metrics_with_parts().filter(pk=goal.metric_id or 0).first()
    if metric is None:
        return {}
    if goal.grain:
        figures = employee_figures(
            metric, grain=Grain(goal.grain), first=goal.first_day, last=goal.first_day, employee_ids=people
        )
        return {who: figures.value(who, goal.first_day) for who in people}
    figures = employee_figures(metric, grain=Grain.DAY, first=goal.first_day, last=goal.last_day, employee_ids=people)
    days = [goal.first_day + timedelta(days=step) for step in range((goal.last_day - goal.first_day).days + 1)]
    return {who: figures.together([who], days) for who in people}
