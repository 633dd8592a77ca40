"""Workspaces: the routing row, and the settings that belong to the workspace itself."""

from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from perfmgmt.tenants.base import TenantOwned

SLUG_PATTERN = r"[a-z0-9](?:[a-z0-9-]{0,48}[a-z0-9])?"
SLUG = RegexValidator(
    rf"^{SLUG_PATTERN}\Z",
    _("Use 1 to 50 lower-case letters, digits and hyphens, and begin and end with a letter or digit."),
)


class Tenant(models.Model):
    """Routing: address -> workspace, known before any scope is open. Nothing of the company is in it."""

    slug = models.CharField(max_length=50, unique=True, validators=[SLUG])
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.slug


class WorkspaceProfile(TenantOwned):
    """What a company sets for itself (T1)."""

    name = models.CharField(_("name"), max_length=120)
    language = models.CharField(_("language"), max_length=10, default="zh-hans")
    time_zone = models.CharField(_("time zone"), max_length=64, default="Asia/Shanghai")
    currency = models.CharField(_("currency"), max_length=3, default="CNY")
    fiscal_start_month = models.PositiveSmallIntegerField(
        _("first month of the fiscal year"),
        default=1,
        validators=[MinValueValidator(1), MaxValueValidator(12)],
    )
    leaver_access_days = models.PositiveSmallIntegerField(
        _("days for which leavers can read their own records"),
        default=90,
        validators=[MaxValueValidator(3660)],
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant"], name="one_profile_per_tenant"),
            models.CheckConstraint(
                condition=models.Q(fiscal_start_month__gte=1, fiscal_start_month__lte=12),
                name="fiscal_start_is_a_month",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Doorbell(models.Model):
    """Routing: "this workspace has waiting work in this queue", for the sweep that runs before any scope.

    Rows are only added (no lock is shared between writers of one workspace) and removed by the worker that
    found nothing left to do.
    """

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="+", db_index=False)
    queue = models.CharField(max_length=20)
    rung_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["queue", "tenant", "id"], name="doorbell_by_queue")]

    def __str__(self) -> str:
        return f"{self.queue}:{self.tenant_id}"
