"""Prepared forecasts (G2, A4) and the market index that HR keeps. Forecasts can be rebuilt from the rollups."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from perfmgmt.tenants.base import HotForeignKey, HotTenantOwned, TenantOwned
from perfmgmt.tenants.history import audited


class ForecastBasis(HotTenantOwned):
    """What a person's forecasts of one metric and length of period rest on.

    `history` holds the newest own periods, oldest first, in the metric's unit; `basis` is "own" or "peers"; `months`
    counts the person's own periods, `through` is the first day of the last month that was known.
    """

    pk = models.CompositePrimaryKey("tenant_id", "metric_id", "grain", "employee_id")
    metric = HotForeignKey("metrics.Metric")
    grain = models.SmallIntegerField()
    employee = HotForeignKey("people.Employee")
    basis = models.CharField(max_length=8)
    months = models.SmallIntegerField()
    best = models.FloatField(null=True)
    history = models.JSONField()
    transform = models.CharField(max_length=8)
    step = models.FloatField()
    through = models.DateField()

    def __str__(self) -> str:
        return f"{self.metric_id}/{self.employee_id}/{self.grain}: {self.basis}"


class Forecast(HotTenantOwned):
    """The distribution of one person's figure of one metric in one period, as `forecast.rules.Outlook` explains."""

    pk = models.CompositePrimaryKey("tenant_id", "metric_id", "grain", "employee_id", "start")
    metric = HotForeignKey("metrics.Metric")
    grain = models.SmallIntegerField()
    employee = HotForeignKey("people.Employee")
    start = models.DateField()
    point = models.FloatField()
    low = models.FloatField()
    high = models.FloatField()
    mu = models.FloatField()
    sigma = models.FloatField()
    season = models.FloatField()
    market = models.FloatField()
    days = models.FloatField()
    peers_median = models.FloatField(null=True)

    def __str__(self) -> str:
        return f"{self.metric_id}/{self.employee_id}/{self.grain}/{self.start}"


@audited()
class MarketIndex(TenantOwned):
    """How the market of a month stands against a usual one (1 = usual), for all or for a region or a product.

    A region is the name of a unit and holds for everything below it; a product holds for metrics that count that
    product or series only.
    """

    month = models.DateField(_("month"))
    region = models.CharField(_("region"), max_length=120, blank=True, default="")
    product = models.CharField(_("product"), max_length=200, blank=True, default="")
    factor = models.DecimalField(_("factor"), max_digits=6, decimal_places=4)
    source = models.CharField(_("source"), max_length=300, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "month", "region", "product"], name="market_index_once"),
            models.CheckConstraint(
                condition=models.Q(factor__gt=0, factor__lte=10), name="market_factor_above_0_to_10"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m} {self.region} {self.product}: {self.factor}"
