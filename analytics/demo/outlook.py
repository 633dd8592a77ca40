"""The market index of the demo company, and its forecasts as the night would leave them."""

from datetime import date
from decimal import Decimal

from perfmgmt.metrics.forecast.services import prepare
from perfmgmt.metrics.models import MarketIndex
from perfmgmt.people.viewer import workspace_of
from perfmgmt.tenants.calendar import add_months
from perfmgmt.tenants.models import Tenant
from perfmgmt.tenants.scope import current_tenant_id

# Months from today -> factor of the whole market: a weak summer, and a better year to come.
MARKET = {-6: "0.98", -5: "0.97", -4: "0.96", -3: "0.97", -2: "0.99", -1: "1.00", 0: "0.97", 1: "1.01", 2: "1.02",
          3: "1.03", 4: "1.03", 5: "1.04", 6: "1.04"}  # fmt: skip
# The one region that stands out, in the coming quarter.
REGION, REGIONAL = "杭州销售部", {1: "1.05", 2: "1.06", 3: "1.06"}


def make(today: date) -> None:
    """Record the market of a year and prepare everybody's forecasts; needs the scope."""
    month = today.replace(day=1)
    rows = [
        MarketIndex(month=add_months(month, ahead), region=region, factor=Decimal(factor), source=source)
        for region, factors, source in (("", MARKET, "行业协会月报"), (REGION, REGIONAL, "杭州亚运商圈规划"))
        for ahead, factor in factors.items()
    ]
    MarketIndex.objects.bulk_create(rows)
    prepare(workspace_of(Tenant.objects.get(pk=current_tenant_id())), today)
