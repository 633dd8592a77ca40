"""What the SMART check reads: prepared forecasts, the goal above, the metrics a sentence may name."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from django.db.models import Sum

from goals.following.running import counted_in
from goals.following.selectors import standing_of
from goals.groups import people_behind
from goals.models import Form, Goal, Length, Level, State
from goals.smart.rules import Letter, SmartInput, check
from goals.smart.sentence import Known, read
from goals.stages import adds_up
from perfmgmt.metrics.forecast.rules import NOTHING, Outlook, probability
from perfmgmt.metrics.forecast.selectors import group_outlook, outlook
from perfmgmt.metrics.models import Metric
from perfmgmt.tenants.calendar import Grain


def known(metrics: Iterable[Metric]) -> list[Known]:
    """Return metrics as a sentence may name them."""
    return [Known(it.code, (it.name_zh, it.name_en), it.unit_of_measure, it.direction, adds_up(it)) for it in metrics]


def offered_metrics() -> list[Metric]:
    """Return the metrics that may be chosen for a goal; one query."""
    return list(Metric.objects.filter(archived_at=None))


def outlook_of(metric: Metric | None, employee_id: int | None, grain: int, first: date | None) -> Outlook:
    """Return what a person will probably reach in a month, quarter or year; `NOTHING` for others. Two queries."""
    if metric is None or employee_id is None or first is None or grain == Length.OWN:
        return NOTHING
    return outlook(metric, Grain(grain), first, employee_id)


def outlook_behind(goal: Goal, *, today: date) -> tuple[Outlook, int]:
    """Return what a goal's people will probably reach in its period, and of how many people that is.

    The goal need not be stored. Two queries for a person, at most five for several people, who are those of today.
    """
    if goal.level == Level.PERSON:
        found = outlook_of(goal.metric, goal.employee_id, goal.grain, goal.first_day)
        return found, int(found.point is not None)
    if goal.metric is None or goal.grain == Length.OWN:
        return NOTHING, 0
    return group_outlook(goal.metric, Grain(goal.grain), goal.first_day, people_behind(goal, on=today))


def outlook_now(goal: Goal, *, today: date) -> tuple[Outlook, int]:
    """Return `outlook_behind` with what is reached so far of a running period (RULES.md section 16).

    At most eight queries more, while the period runs.
    """
    found, people = outlook_behind(goal, today=today)
    if found.point is None or not goal.first_day <= today <= goal.last_day:
        return found, people
    return counted_in(found, standing_of(goal, today=today), today=today), people


def chance_of(found: Outlook, target: Decimal | None, direction: str) -> float | None:
    """Return the probability of reaching a target, from 0 to 1; None without a forecast."""
    return None if target is None else probability(found, float(target), direction)


def letters_of(goal: Goal, *, today: date) -> tuple[Letter, ...]:
    """Return the five letters of a goal as it is saved; at most fifteen queries, one of them for its title."""
    ahead, people = outlook_now(goal, today=today)
    has_number = goal.form == Form.BAND or goal.target is not None
    return check(
        SmartInput(
            title=goal.title, level=goal.level, first_day=goal.first_day, last_day=goal.last_day, today=today,
            metric_name=goal.metric.name if goal.metric else "",
            unit=goal.metric.unit_of_measure if goal.metric else "",
            unit_name=goal.metric.get_unit_of_measure_display() if goal.metric else "",
            says=False if goal.metric and has_number else _says(goal.title, today), note=goal.note, form=goal.form,
            target=goal.target, growth=goal.growth, baseline=goal.baseline, band_low=goal.band_low,
            band_high=goal.band_high, has_parent=goal.parent_id is not None,
            chance=None if goal.form == Form.BAND else chance_of(ahead, goal.target, goal.direction),
            basis=ahead.basis, people=people, best=best_of(ahead), has_own_dates=goal.grain == Length.OWN,
        )
    )  # fmt: skip


def weights_of_period(employee_id: int, first: date, last: date, *, without: int | None) -> Decimal:
    """Return what the weights of a person's other goals of the same period sum to, in percent; one query."""
    goals = Goal.objects.filter(level=Level.PERSON, employee_id=employee_id, first_day=first, last_day=last)
    others = goals.exclude(state=State.CANCELLED).exclude(pk=without or 0)
    return others.aggregate(total=Sum("weight"))["total"] or Decimal(0)


def best_of(found: Outlook) -> Decimal | None:
    """Return the best figure of a period of the same length so far."""
    return Decimal(str(max(found.history))) if found.history else None


def _says(title: str, today: date) -> bool:
    it = read(title, today=today, metrics=known(offered_metrics()))
    return bool(it.metric) and it.has_number
