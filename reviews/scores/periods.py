"""Periods that people are scored for."""

from datetime import date

from perfmgmt.people.viewer import workspace_of
from perfmgmt.tenants.calendar import Grain, Period, periods_between
from perfmgmt.tenants.models import Tenant, WorkspaceProfile
from perfmgmt.tenants.scope import current_tenant_id

SCORED = (Grain.MONTH, Grain.QUARTER, Grain.YEAR)


def fiscal_start_month() -> int:
    """Return the first month of the open workspace's fiscal year."""
    return WorkspaceProfile.objects.values_list("fiscal_start_month", flat=True).get()


def today() -> date:
    """Return the date on the open workspace's clock."""
    return workspace_of(Tenant.objects.get(pk=current_tenant_id())).today()


def touched(grain: Grain, first: date, last: date, fiscal_month: int) -> list[Period]:
    """Return the periods of a length that hold a day from `first` to `last`."""
    return list(periods_between(grain, first, last, fiscal_month)) if first <= last else []
