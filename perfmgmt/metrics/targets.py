"""Units' targets, which live above this app: whoever keeps them says here how they are read."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from decimal import Decimal

from perfmgmt.metrics.models import Metric
from perfmgmt.people.models import Assignment
from perfmgmt.people.viewer import workspace_of
from perfmgmt.tenants.calendar import Grain, Period, periods_between
from perfmgmt.tenants.models import Tenant
from perfmgmt.tenants.scope import current_tenant_id

# (metric, period, the day whose units count, unit ids) -> unit id -> target; units without one are left out.
Provider = Callable[[Metric, Period, date, Iterable[int]], Mapping[int, Decimal]]
# Longer ranges are for lists of years; a share is looked at period by period.
MOST_PERIODS = 120

_providers: list[Provider] = []


def register(provider: Provider) -> None:
    """Let units' targets be read from `provider`; the last one registered counts."""
    _providers[:] = [provider]


def _periods(grain: Grain, first: date, last: date) -> list[tuple[Period, date]]:
    """The periods with the day whose units count: the last one, but not later than today."""
    workspace = workspace_of(Tenant.objects.get(pk=current_tenant_id()))
    today = workspace.today()
    found = periods_between(grain, first, last, workspace.fiscal_start_month)
    return [(period, min(period.end, today)) for period in found][-MOST_PERIODS:]


def units_of(
    owner_ids: Iterable[int], grain: Grain, first: date, last: date, *, by_unit: bool
) -> dict[tuple[int, date], int]:
    """Return for each (owner, first day) the unit whose target is meant: a person's unit, or the unit itself."""
    owners = list(owner_ids)
    periods = _periods(grain, first, last)
    if by_unit:
        return {(owner, period.start): owner for owner in owners for period, _day in periods}
    spells = Assignment.objects.filter(employee_id__in=owners).values_list(
        "employee_id", "unit_id", "valid_from", "valid_to"
    )
    rows = list(spells)
    return {
        (employee_id, period.start): unit_id
        for period, day in periods
        for employee_id, unit_id, valid_from, valid_to in rows
        if valid_from <= day <= valid_to
    }


def unit_targets(
    metric: Metric, grain: Grain, first: date, last: date, unit_ids: set[int]
) -> dict[tuple[int, date], Decimal]:
    """Return units' targets of a metric by (unit, first day); without a provider nobody has one."""
    if not _providers or not unit_ids:
        return {}
    return {
        (unit_id, period.start): target
        for period, day in _periods(grain, first, last)
        for unit_id, target in _providers[0](metric, period, day, unit_ids).items()
    }
