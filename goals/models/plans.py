"""Action plans (行动计划, G10): who does what until when, with what; and the team performance plan (绩效提升计划)."""

from django.core.validators import MaxValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from perfmgmt.people.models import Priority
from perfmgmt.tenants.base import TenantForeignKey, TenantOwned
from perfmgmt.tenants.history import audited


class PlanKind(models.TextChoices):
    """What a plan is made for."""

    ACTION = "action", _("Action plan")
    TEAM = "team", _("Team performance plan")
    ACTIVITY = "activity", _("Sales-activity plan")
    SKILL = "skill", _("Skill plan")
    RESOURCE = "resource", _("Resource plan")


class PlanState(models.TextChoices):
    """Where a plan stands; whether it is overdue follows from its days and tasks."""

    OPEN = "open", pgettext_lazy("plan", "Open")
    DONE = "done", pgettext_lazy("plan", "Done")
    CANCELLED = "cancelled", pgettext_lazy("plan", "Cancelled")


@audited(exclude=("created_at", "created_by"))
class ActionPlan(TenantOwned):
    """A plan of a unit or of a person, perhaps for a goal.

    `owner` answers for it. `incentive` and the measures belong to team performance plans. `outcome` is what came of
    it, written when it is closed.
    """

    kind = models.CharField(_("kind of plan"), max_length=10, choices=PlanKind.choices, default=PlanKind.ACTION)
    title = models.CharField(_("title"), max_length=200)
    owner = TenantForeignKey("people.Employee", models.PROTECT, related_name="+", db_index=False)
    unit = TenantForeignKey("people.Unit", models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    employee = TenantForeignKey(
        "people.Employee", models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    goal = TenantForeignKey("goals.Goal", models.SET_NULL, null=True, blank=True, related_name="+", db_index=False)
    first_day = models.DateField(_("first day"))
    last_day = models.DateField(_("last day"))
    state = models.CharField(_("state"), max_length=10, choices=PlanState.choices, default=PlanState.OPEN)
    resources = models.CharField(_("resources"), max_length=1000, blank=True)
    incentive = models.CharField(_("incentive"), max_length=1000, blank=True)
    outcome = models.CharField(_("outcome"), max_length=1000, blank=True)
    closed_on = models.DateField(_("closed on"), null=True, blank=True)
    created_by = models.ForeignKey(
        "people.User", on_delete=models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(unit__isnull=True, employee__isnull=False)
                | models.Q(unit__isnull=False, employee__isnull=True),
                name="plan_of_a_unit_or_a_person",
            ),
            models.CheckConstraint(
                condition=models.Q(first_day__lte=models.F("last_day")), name="plan_days_in_order"
            ),
            models.CheckConstraint(
                condition=models.Q(state=PlanState.OPEN, closed_on__isnull=True)
                | ~models.Q(state=PlanState.OPEN) & models.Q(closed_on__isnull=False),
                name="plan_closed_on_a_day",
            ),
        ]
        indexes = [
            models.Index(fields=["tenant", "owner", "last_day"], name="plan_by_owner"),
            models.Index(fields=["tenant", "employee"], name="plan_by_person"),
            models.Index(fields=["tenant", "goal"], name="plan_by_goal"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_open(self) -> bool:
        """Whether work on it goes on."""
        return self.state == PlanState.OPEN

    @property
    def is_of_a_team(self) -> bool:
        """Whether it has measures, an incentive and stage reviews."""
        return self.kind == PlanKind.TEAM


@audited()
class PlanTask(TenantOwned):
    """One task of a plan, in its place; `progress` is in percent, and at 100 it was done on a day."""

    plan = TenantForeignKey(ActionPlan, models.CASCADE, related_name="tasks", db_index=False)
    place = models.PositiveSmallIntegerField(_("place"))
    text = models.CharField(_("task"), max_length=300)
    owner = TenantForeignKey("people.Employee", models.PROTECT, related_name="+", db_index=False)
    due = models.DateField(_("due"))
    priority = models.CharField(_("priority"), max_length=8, choices=Priority.choices, default=Priority.MEDIUM)
    resources = models.CharField(_("resources"), max_length=300, blank=True)
    progress = models.PositiveSmallIntegerField(_("progress"), default=0, validators=[MaxValueValidator(100)])
    done_on = models.DateField(_("done on"), null=True, blank=True)

    class Meta:
        ordering = ["place"]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "plan", "place"], name="plan_task_in_its_place"),
            models.CheckConstraint(
                condition=models.Q(progress=100, done_on__isnull=False)
                | models.Q(progress__lt=100, done_on__isnull=True),
                name="plan_task_done_at_100",
            ),
        ]
        indexes = [
            models.Index(
                fields=["tenant", "owner", "due"], name="plan_task_open", condition=models.Q(done_on__isnull=True)
            ),
        ]

    def __str__(self) -> str:
        return self.text

    @property
    def is_done(self) -> bool:
        """Whether nothing is left to do."""
        return self.done_on is not None


@audited()
class PlanMeasure(TenantOwned):
    """What a team performance plan is measured by.

    `baseline` is the figure of the days `baseline_first` to `baseline_last`, from the rollups when the measure was
    added; `target` is what the days of the plan are to reach. Both in the metric's unit.
    """

    plan = TenantForeignKey(ActionPlan, models.CASCADE, related_name="measures", db_index=False)
    metric = TenantForeignKey("metrics.Metric", models.PROTECT, related_name="+", db_index=False)
    baseline = models.DecimalField(_("baseline"), max_digits=20, decimal_places=4, null=True, blank=True)
    baseline_first = models.DateField(_("first day of the baseline"))
    baseline_last = models.DateField(_("last day of the baseline"))
    target = models.DecimalField(_("target"), max_digits=20, decimal_places=4)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "plan", "metric"], name="plan_measure_once"),
            models.CheckConstraint(condition=models.Q(target__gte=0), name="plan_target_not_negative"),
            models.CheckConstraint(
                condition=models.Q(baseline_first__lte=models.F("baseline_last")), name="plan_baseline_days_in_order"
            ),
        ]
        indexes = [models.Index(fields=["tenant", "metric"], name="plan_measure_by_metric")]

    def __str__(self) -> str:
        return f"{self.metric_id} of {self.plan_id}"


@audited()
class PlanReview(TenantOwned):
    """A stage review: planned for a day, and held once it says what was found."""

    plan = TenantForeignKey(ActionPlan, models.CASCADE, related_name="reviews", db_index=False)
    day = models.DateField(_("day"))
    found = models.CharField(_("what was found"), max_length=1000, blank=True)
    decision = models.CharField(_("decision"), max_length=1000, blank=True)

    class Meta:
        ordering = ["day", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "plan", "day"], name="plan_review_once_a_day"),
            models.CheckConstraint(
                condition=~models.Q(found="") | models.Q(decision=""), name="plan_review_found_first"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.plan_id}: {self.day}"

    @property
    def is_held(self) -> bool:
        """Whether it has taken place."""
        return bool(self.found)


class PlanReminder(TenantOwned):
    """Who was reminded of overdue tasks on which day: nobody is reminded twice a day."""

    employee = TenantForeignKey("people.Employee", models.CASCADE, related_name="+", db_index=False)
    day = models.DateField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "employee", "day"], name="plan_reminder_once_a_day")]
        indexes = [models.Index(fields=["tenant", "day"], name="plan_reminder_by_day")]

    def __str__(self) -> str:
        return f"{self.employee_id}: {self.day}"
