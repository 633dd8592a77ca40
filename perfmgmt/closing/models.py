"""Locked periods (RULES.md section 13): what was locked, by whom, and the figures as they were. Records only grow."""

from enum import IntEnum

from django.db import models
from django.db.models.functions import Now

from perfmgmt.tenants.base import HotForeignKey, HotTenantOwned
from perfmgmt.tenants.calendar import Grain, Period


class Part(IntEnum):
    """Which figure is frozen; the numbers are stored. The owner is a person or a unit."""

    EMPLOYEE = 1
    UNIT = 2
    TARGET = 3


class PeriodLock(HotTenantOwned):
    """One version of a locked period. Version 1 locks it; each later one takes late changes in, with a reason.

    `rows` and `checksum` were taken from the live tables at the moment of the lock, so the frozen figures can be
    proven to be those. Insert-only: a lock is never lifted, a version never changes.
    """

    pk = models.CompositePrimaryKey("tenant_id", "grain", "start", "version")
    grain = models.SmallIntegerField()
    start = models.DateField()
    version = models.IntegerField()
    fiscal_start_month = models.SmallIntegerField()
    locked_at = models.DateTimeField(db_default=Now())
    locked_by = HotForeignKey("people.User", null=True)
    job_id = models.BigIntegerField(null=True)
    reason = models.CharField(max_length=500, default="", blank=True)
    checklist = models.JSONField(default=list)
    rows = models.BigIntegerField(default=0)
    checksum = models.CharField(max_length=32, default="")

    def __str__(self) -> str:
        return f"{self.period.label} v{self.version}"

    @property
    def period(self) -> Period:
        """The period that is locked."""
        return Period(Grain(self.grain), self.start, self.fiscal_start_month)


class FrozenFigure(HotTenantOwned):
    """One figure of a locked period: a person's or unit's rollup, or a person's target. Insert-only."""

    pk = models.CompositePrimaryKey("tenant_id", "grain", "start", "version", "part", "metric_id", "owner_id")
    grain = models.SmallIntegerField()
    start = models.DateField()
    version = models.IntegerField()
    part = models.SmallIntegerField()
    metric = HotForeignKey("metrics.Metric")
    owner_id = models.BigIntegerField()
    total = models.DecimalField(max_digits=38, decimal_places=4)
    n = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.part}/{self.metric_id}/{self.owner_id}"
