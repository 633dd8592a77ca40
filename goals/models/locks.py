"""When goals are locked (G7)."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from perfmgmt.tenants.base import TenantForeignKey, TenantOwned
from perfmgmt.tenants.history import audited


@audited()
class LockDate(TenantOwned):
    """On `lock_on` the agreed goals that lie between two days are locked; `locked_at` says that it is done."""

    first_day = models.DateField(_("first day"))
    last_day = models.DateField(_("last day"))
    lock_on = models.DateField(_("lock on"))
    locked_at = models.DateTimeField(null=True, blank=True)
    job = TenantForeignKey("jobs.Job", models.SET_NULL, null=True, blank=True, related_name="+", db_index=False)
    set_by = models.ForeignKey(
        "people.User", on_delete=models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "first_day", "last_day"], name="lock_date_once"),
            models.CheckConstraint(
                condition=models.Q(first_day__lte=models.F("last_day")), name="lock_date_days_in_order"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.first_day} - {self.last_day}: {self.lock_on}"
