"""News about targets for the apps above: whose may be another, and on which days."""

from collections.abc import Iterable
from datetime import date

from goals.models import Goal, Level
from perfmgmt.tenants.calendar import Grain, Period
from perfmgmt.tenants.events import publish


def tell_targets_changed(employee_ids: Iterable[int], first_day: date, last_day: date) -> None:
    """Publish `goals.targets_changed` in the open transaction; nothing for nobody."""
    people = sorted(set(employee_ids))
    if people:
        publish("goals.targets_changed", employee_ids=people, first_day=first_day, last_day=last_day)


def tell_cells_changed(employee_ids: Iterable[int], months: Iterable[date]) -> None:
    """The same for months' targets; `months` are first days."""
    found = list(months)
    if found:
        tell_targets_changed(employee_ids, min(found), Period(Grain.MONTH, max(found)).end)


def tell_goals_changed(goals: Iterable[Goal]) -> None:
    """The same for people's goals in a metric."""
    own = [goal for goal in goals if goal.level == Level.PERSON and goal.metric_id and goal.employee_id]
    if own:
        first, last = min(goal.first_day for goal in own), max(goal.last_day for goal in own)
        tell_targets_changed((goal.employee_id or 0 for goal in own), first, last)
