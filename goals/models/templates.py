"""Templates of goals, for many people at once (G8)."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from goals.models.goals import Baseline, Counting, Form
from perfmgmt.people.models import SalesRoleType
from perfmgmt.tenants.base import TenantForeignKey, TenantOwned
from perfmgmt.tenants.history import audited


@audited()
class GoalTemplate(TenantOwned):
    """A set of goals that belong together, for people of a position or a sales role type."""

    name = models.CharField(_("name"), max_length=120)
    position = TenantForeignKey(
        "people.Position", models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    sales_role_type = models.CharField(_("sales role type"), max_length=10, choices=SalesRoleType.choices, blank=True)
    archived_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "name"], name="goal_template_name_once")]

    def __str__(self) -> str:
        return self.name


@audited()
class TemplateLine(TenantOwned):
    """One goal of a template; without a metric a milestone."""

    template = TenantForeignKey(GoalTemplate, models.CASCADE, related_name="lines", db_index=False)
    place = models.PositiveSmallIntegerField(_("place"))
    metric = TenantForeignKey(
        "metrics.Metric", models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    title = models.CharField(_("what is to be reached"), max_length=200)
    form = models.CharField(_("form of the target"), max_length=10, choices=Form.choices, default=Form.ABSOLUTE)
    counting = models.CharField(_("counting"), max_length=8, choices=Counting.choices, default=Counting.WHOLE)
    value = models.DecimalField(_("target or growth"), max_digits=20, decimal_places=4, null=True, blank=True)
    baseline_kind = models.CharField(_("baseline from"), max_length=10, choices=Baseline.choices, blank=True)
    weight = models.DecimalField(_("weight"), max_digits=5, decimal_places=2, default=0)

    class Meta:
        ordering = ["place"]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "template", "place"], name="template_line_in_its_place"),
            models.CheckConstraint(
                condition=models.Q(weight__gte=0, weight__lte=100), name="template_line_weight_of_100"
            ),
        ]

    def __str__(self) -> str:
        return self.title
