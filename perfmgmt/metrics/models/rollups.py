"""Rollups (F7) and the durable list of what must be recomputed. All of it can be rebuilt from the facts."""

from django.db import models
from django.db.models.functions import Now

from perfmgmt.tenants.base import HotForeignKey, HotTenantOwned

# The figures of days on which a person had no assignment are kept under this id instead of a unit's.
UNASSIGNED = 0


class EmployeeRollup(HotTenantOwned):
    """One person's figure of one metric in one period.

    `total` is the sum (sum, mean), the number (count), the distinct number, or the last value; `n` counts facts. A
    period without facts has no row. Rows of days name the unit of the day, from which the units' figures come.
    """

    pk = models.CompositePrimaryKey("tenant_id", "metric_id", "grain", "employee_id", "start")
    metric = HotForeignKey("metrics.Metric")
    grain = models.SmallIntegerField()
    employee = HotForeignKey("people.Employee")
    start = models.DateField()
    unit_id = models.BigIntegerField(null=True)
    total = models.DecimalField(max_digits=38, decimal_places=4)
    n = models.BigIntegerField()

    class Meta:
        indexes = [
            models.Index(
                fields=["tenant", "metric", "unit_id", "start"],
                name="employee_rollup_unit_day",
                condition=models.Q(grain=1),
            )
        ]

    def __str__(self) -> str:
        return f"{self.metric_id}/{self.employee_id}/{self.grain}/{self.start}"


class UnitRollup(HotTenantOwned):
    """One unit's figure, with everything below it, from the facts of its people while they were in it."""

    pk = models.CompositePrimaryKey("tenant_id", "metric_id", "grain", "unit_id", "start")
    metric = HotForeignKey("metrics.Metric")
    grain = models.SmallIntegerField()
    unit_id = models.BigIntegerField()
    start = models.DateField()
    total = models.DecimalField(max_digits=38, decimal_places=4)
    n = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.metric_id}/unit {self.unit_id}/{self.grain}/{self.start}"


class CustomerDay(HotTenantOwned):
    """On which days a customer has facts of a metric, and whose.

    Kept only for metrics that another one reads by a rule about new and returning customers: a changed fact finds
    here which later facts its customer has, and what the fact said before.
    """

    pk = models.CompositePrimaryKey("tenant_id", "metric_id", "customer", "day", "employee_id")
    metric = HotForeignKey("metrics.Metric")
    customer = models.CharField(max_length=200)
    day = models.DateField()
    employee = HotForeignKey("people.Employee")

    class Meta:
        indexes = [models.Index(fields=["tenant", "metric", "employee", "day"], name="customer_day_by_employee")]

    def __str__(self) -> str:
        return f"{self.metric_id}/{self.customer}: {self.day}"


class DirtyKey(HotTenantOwned):
    """Days of a person's metric whose rollups no longer match the facts.

    Written in the transaction that changed the facts, removed in the one that recomputed. No metric means every
    metric, no employee everybody. Duplicates are welcome: writers never wait for one another. In the database the
    key is (tenant_id, id), the one index there is (migration 0015).
    """

    id = models.BigAutoField(primary_key=True)
    metric = HotForeignKey("metrics.Metric", null=True)
    employee = HotForeignKey("people.Employee", null=True)
    first_day = models.DateField()
    last_day = models.DateField()

    def __str__(self) -> str:
        return f"{self.metric_id}/{self.employee_id}: {self.first_day} - {self.last_day}"


class ParkedKey(HotTenantOwned):
    """A dirty key whose figures can't be worked out for a fault in the data: what is stored for it is not current.

    Tried again when the same person's metric changes on one of these days, and by `manage.py rebuild`. No employee
    means everybody. `error` is the class of the error, never its message, which may quote the data.
    """

    id = models.BigAutoField(primary_key=True)
    metric = HotForeignKey("metrics.Metric")
    employee = HotForeignKey("people.Employee", null=True)
    first_day = models.DateField()
    last_day = models.DateField()
    error = models.CharField(max_length=100)
    parked_at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = [models.Index(fields=["tenant", "metric", "employee"], name="parked_by_metric_employee")]

    def __str__(self) -> str:
        return f"{self.metric_id}/{self.employee_id}: {self.first_day} - {self.last_day} ({self.error})"
