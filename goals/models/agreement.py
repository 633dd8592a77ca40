"""How a goal was agreed and changed: each step, and requests to change what both sides are bound to (G6)."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from goals.models.goals import Goal
from perfmgmt.tenants.base import HotForeignKey, HotTenantOwned, TenantForeignKey, TenantOwned
from perfmgmt.tenants.history import audited


class StepKind(models.TextChoices):
    """What somebody did to a goal."""

    EDITED = "edited", pgettext_lazy("goal", "Changed")
    PROPOSED = "proposed", pgettext_lazy("goal", "Proposed")
    COUNTERED = "countered", pgettext_lazy("goal", "Countered")
    AGREED = "agreed", pgettext_lazy("goal", "Agreed")
    WITHDRAWN = "withdrawn", pgettext_lazy("goal", "Taken back")
    REQUESTED = "requested", pgettext_lazy("goal", "Change asked for")
    APPROVED = "approved", pgettext_lazy("goal", "Change approved")
    REFUSED = "refused", pgettext_lazy("goal", "Change refused")
    LOCKED = "locked", pgettext_lazy("goal", "Locked")
    UNLOCKED = "unlocked", pgettext_lazy("goal", "Lock lifted")
    DONE = "done", pgettext_lazy("goal", "Marked as done")
    CANCELLED = "cancelled", pgettext_lazy("goal", "Cancelled")
    HANDED_OVER = "handed_over", pgettext_lazy("goal", "Handed over")


class GoalStep(HotTenantOwned):
    """One step of a goal's history; only grows. `version` is the goal's after the step.

    It outlives its goal when a workspace is removed, as every record that only grows: so the database checks no
    reference.
    """

    goal = HotForeignKey(Goal, related_name="steps")
    kind = models.CharField(max_length=12, choices=StepKind.choices)
    version = models.PositiveIntegerField()
    by_user = models.ForeignKey(
        "people.User", on_delete=models.DO_NOTHING, null=True, blank=True, related_name="+", db_index=False,
        db_constraint=False,
    )  # fmt: skip
    by_name = models.CharField(max_length=120, blank=True)
    before = models.DecimalField(max_digits=20, decimal_places=4, null=True, blank=True)
    after = models.DecimalField(max_digits=20, decimal_places=4, null=True, blank=True)
    reason = models.CharField(max_length=500, blank=True)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["tenant", "goal", "id"], name="goal_step_by_goal")]

    def __str__(self) -> str:
        return f"{self.goal_id}: {self.kind}"


class RequestState(models.TextChoices):
    """What became of a request to change a goal."""

    OPEN = "open", pgettext_lazy("change request", "Open")
    APPROVED = "approved", pgettext_lazy("change request", "Approved")
    REFUSED = "refused", pgettext_lazy("change request", "Refused")
    WITHDRAWN = "withdrawn", pgettext_lazy("change request", "Taken back")


@audited()
class ChangeRequest(TenantOwned):
    """A request for another target of an agreed goal; one open at a time. `is_large` needs the next level or HR."""

    goal = TenantForeignKey(Goal, models.CASCADE, related_name="requests", db_index=False)
    target = models.DecimalField(_("target"), max_digits=20, decimal_places=4)
    reason = models.CharField(_("reason"), max_length=500)
    is_large = models.BooleanField(_("above the threshold"), default=False)
    state = models.CharField(_("state"), max_length=10, choices=RequestState.choices, default=RequestState.OPEN)
    asked_by = models.ForeignKey(
        "people.User", on_delete=models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    asked_at = models.DateTimeField(auto_now_add=True)
    decided_by = models.ForeignKey(
        "people.User", on_delete=models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    decision = models.CharField(_("decision"), max_length=500, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "goal"], condition=models.Q(state="open"), name="goal_one_open_request"
            ),
            models.CheckConstraint(condition=models.Q(target__gte=0), name="request_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.goal_id}: {self.target}"
