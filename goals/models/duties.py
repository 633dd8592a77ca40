"""Which metrics measure a duty of a job description (T4)."""

from django.db import models

from perfmgmt.tenants.base import TenantForeignKey, TenantOwned
from perfmgmt.tenants.history import audited


@audited()
class DutyMetric(TenantOwned):
    """One metric that measures one duty; a duty may have several, a metric may measure several duties."""

    duty = TenantForeignKey("people.Duty", models.CASCADE, related_name="+", db_index=False)
    metric = TenantForeignKey("metrics.Metric", models.PROTECT, related_name="+", db_index=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "duty", "metric"], name="duty_metric_once")]
        indexes = [models.Index(fields=["tenant", "metric"], name="duty_metric_by_metric")]

    def __str__(self) -> str:
        return f"{self.metric_id} of {self.duty_id}"
