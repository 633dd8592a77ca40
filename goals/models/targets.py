"""The targets of months: what a goal of a quarter or a year is broken down to (RULES.md section 10)."""

from django.db import models

from perfmgmt.tenants.base import TenantForeignKey, TenantOwned
from perfmgmt.tenants.history import audited


@audited(exclude=("updated_at", "updated_by"))
class MonthlyTarget(TenantOwned):
    """What one person is to reach in one metric in one calendar month."""

    metric = TenantForeignKey("metrics.Metric", models.PROTECT, related_name="+", db_index=False)
    employee = TenantForeignKey("people.Employee", models.CASCADE, related_name="+", db_index=False)
    month = models.DateField()
    value = models.DecimalField(max_digits=20, decimal_places=4)
    updated_at = models.DateTimeField(auto_now=True)
    updated_by = models.ForeignKey(
        "people.User", on_delete=models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "metric", "employee", "month"], name="target_once"),
            models.CheckConstraint(condition=models.Q(value__gte=0), name="target_not_negative"),
            models.CheckConstraint(condition=models.Q(month__day=1), name="target_month_starts_on_the_first"),
        ]

    def __str__(self) -> str:
        return f"{self.metric_id}/{self.employee_id}/{self.month:%Y-%m}"
