"""What the address of the tree asks for: metric, period, and the unit to begin with."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from goals.access import Reach
from goals.models import Goal, State
from perfmgmt.metrics.models import Metric
from perfmgmt.metrics.selectors import metrics_with_parts
from perfmgmt.people.models import Unit
from perfmgmt.people.viewer import Viewer, Workspace
from perfmgmt.tenants.calendar import GRAIN_BY_NAME, Grain, Period
from perfmgmt.tenants.errors import NotFound

USUAL = "sales_amount"


@dataclass(frozen=True)
class Asked:
    """A metric, a period and a unit (None: the whole company), with what can be chosen instead."""

    reach: Reach
    workspace: Workspace
    metric: Metric
    metrics: list[Metric]
    period: Period
    unit_id: int | None

    @property
    def grain(self) -> str:
        """The length of the period, as its tab is called."""
        return self.period.grain.name.lower()


def read(query: Mapping[str, str], *, viewer: Viewer, workspace: Workspace) -> Asked:
    """Read an address; without a metric the one with the most goals in the period. Raises NotFound."""
    today, fiscal = workspace.today(), workspace.fiscal_start_month
    reach = Reach(viewer, today)
    period = _period(query.get("period", ""), query.get("grain", ""), today, fiscal)
    metrics = list(metrics_with_parts().filter(archived_at=None))
    code = query.get("metric", "") or _busiest(reach, period)
    metric = next((one for one in metrics if one.code == code), None)
    if metric is None:
        raise NotFound
    return Asked(reach, workspace, metric, metrics, period, _unit(query.get("unit", "")))


def _period(text: str, grain: str, today: date, fiscal: int) -> Period:
    if grain in GRAIN_BY_NAME and GRAIN_BY_NAME[grain] >= Grain.MONTH:
        return Period.containing(GRAIN_BY_NAME[grain], today, fiscal)
    try:
        period = Period.parse(text, fiscal)
    except ValueError:
        return Period.containing(Grain.QUARTER, today, fiscal)
    return period if period.grain >= Grain.MONTH else Period.containing(Grain.MONTH, period.start, fiscal)


def _busiest(reach: Reach, period: Period) -> str:
    """Return the metric in which most of the visible goals of a period are."""
    goals = reach.visible().filter(first_day=period.start, last_day=period.end, metric__isnull=False)
    codes = goals.exclude(state=State.CANCELLED).values_list("metric__code", flat=True)
    counts: dict[str, int] = {}
    for code in codes:
        counts[code] = counts.get(code, 0) + 1
    return max(sorted(counts), key=lambda code: counts[code]) if counts else USUAL


def _unit(text: str) -> int | None:
    if not text:
        return None
    if not text.isdecimal() or len(text) > 18 or not Unit.objects.filter(pk=int(text)).exists():
        raise NotFound
    return int(text)


def goals_of(asked: Asked) -> list[Goal]:
    """Return all goals of the metric and period that count in the sums, whoever looks.

    Drafts that the viewer is not to know of yet, such as their own, count nowhere: a sum would tell them.
    """
    goals = Goal.objects.filter(
        metric_id=asked.metric.pk, first_day=asked.period.start, last_day=asked.period.end
    ).exclude(state=State.CANCELLED)
    found = goals.select_related("employee", "unit")
    return [goal for goal in found if goal.state != State.DRAFT or asked.reach.shows_draft(goal)]
