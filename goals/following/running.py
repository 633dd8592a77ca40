"""The outlook of a goal with what is reached so far in its running period (RULES.md section 16)."""

from datetime import date

from goals.following.actuals import holds_in_each
from goals.following.selectors import Standing
from goals.models import Length
from perfmgmt.metrics.forecast.reading import kind_of
from perfmgmt.metrics.forecast.rules import Outlook, running


def counted_in(outlook: Outlook, standing: Standing, *, today: date) -> Outlook:
    """Return the outlook of a goal's people with what the goal has reached so far.

    As it was prepared where the goal's period doesn't run today, and of goals that hold in each month or have dates
    of their own.
    """
    goal, metric = standing.goal, standing.metric
    if metric is None or goal.grain == Length.OWN or holds_in_each(goal, metric):
        return outlook
    if not goal.first_day <= today <= goal.last_day:
        return outlook
    actual = None if standing.actual is None else float(standing.actual)
    return running(outlook, actual, float(standing.time.elapsed), float(standing.time.total), kind=kind_of(metric))
