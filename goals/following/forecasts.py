"""Where running goals will probably end (A4): from the prepared forecasts, never from facts."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from goals.following.actuals import holds_in_each
from goals.following.selectors import Standing
from goals.models import Form, Goal, Length, Level
from goals.smart.selectors import outlook_behind
from perfmgmt.metrics.forecast.reading import kind_of
from perfmgmt.metrics.forecast.rules import Achievability, Outlook, reach, to_period_end, verdict
from perfmgmt.metrics.forecast.selectors import outlooks
from perfmgmt.metrics.models import Metric
from perfmgmt.tenants.calendar import Grain


@dataclass(frozen=True)
class Ending:
    """Where a goal will end: median and 80% interval in the metric's unit, and how likely the target is reached.

    `from_peers` says that the person has too little history of their own; `people` is of how many a goal of several
    people is the sum. `step` is that of the figure: 1 for counts, 0 for what has none.
    """

    point: float
    low: float
    high: float
    chance: float | None
    from_peers: bool
    people: int = 0
    step: float = 0.0

    @property
    def verdict(self) -> Achievability | None:
        """The chance in a word (RULES.md section 16)."""
        return verdict(self.chance)


def endings(standings: Sequence[Standing]) -> list[Ending | None]:
    """Return where running goals of persons will end, in their order; two queries for each length of period.

    None for goals that are over, of their own dates, that hold in each month, and those without a forecast. The goals
    need not be stored.
    """
    running: dict[Grain, list[tuple[int, Goal, Metric]]] = {}
    for index, standing in enumerate(standings):
        goal, metric = standing.goal, standing.metric
        if metric is not None and _is_foreseen(goal, metric, standing):
            running.setdefault(Grain(goal.grain), []).append((index, goal, metric))
    found: list[Ending | None] = [None] * len(standings)
    for grain, group in running.items():
        metrics = {metric.pk: metric for _index, _goal, metric in group}
        starts, people = {goal.first_day for _, goal, _ in group}, {goal.employee_id or 0 for _, goal, _ in group}
        known = outlooks(metrics.values(), grain, starts, people)
        for index, goal, metric in group:
            outlook = known.get((metric.pk, goal.employee_id or 0, goal.first_day))
            found[index] = _ending(outlook, metric, standings[index])
    return found


def _is_foreseen(goal: Goal, metric: Metric, standing: Standing) -> bool:
    return goal.level == Level.PERSON and _is_whole(goal, metric) and not standing.time.over


def _is_whole(goal: Goal, metric: Metric) -> bool:
    return goal.grain != Length.OWN and not holds_in_each(goal, metric)


def _ending(known: Outlook | None, metric: Metric, standing: Standing) -> Ending | None:
    """The rest of the period by the person's own working days, RULES.md section 9."""
    if known is None:
        return None
    actual = None if standing.actual is None else float(standing.actual)
    time, goal = standing.time, standing.goal
    end = to_period_end(actual, known, float(time.elapsed), float(time.total), kind=kind_of(metric))
    if end is None:
        return None
    target = None if goal.form == Form.BAND or standing.target is None else float(standing.target)
    return Ending(
        end.point, end.low, end.high, reach(end, target, goal.direction), known.basis == "peers", step=known.step
    )


def ending_of(standing: Standing, *, today: date) -> Ending | None:
    """Return where one goal will end: that of several people from the forecasts of those of today. Five queries."""
    goal, metric = standing.goal, standing.metric
    if goal.level == Level.PERSON:
        return endings([standing])[0]
    if metric is None or standing.time.over or not _is_whole(goal, metric):
        return None
    outlook, people = outlook_behind(goal, today=today)
    found = _ending(outlook, metric, standing) if people else None
    return None if found is None else replace(found, people=people)
