"""What a workspace decides about goals."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from perfmgmt.tenants.base import TenantOwned
from perfmgmt.tenants.history import audited


@audited()
class GoalRules(TenantOwned):
    """One row for each workspace.

    A change of an agreed target by more than `large_change` percent needs the manager's manager or HR. Check-ins are
    asked for on `check_in_day` (1 = Monday).
    """

    large_change = models.DecimalField(
        _("large change of an agreed target"), max_digits=5, decimal_places=2, default=10,
        validators=[MinValueValidator(0), MaxValueValidator(100)],
    )  # fmt: skip
    check_in_day = models.PositiveSmallIntegerField(
        _("day of the check-in"), default=5, validators=[MinValueValidator(1), MaxValueValidator(7)]
    )
    check_in_hour = models.PositiveSmallIntegerField(
        _("hour of the reminder"), default=9, validators=[MaxValueValidator(23)]
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant"], name="goal_rules_once")]

    def __str__(self) -> str:
        return "goals"
