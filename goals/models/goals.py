"""A goal (目标): what somebody is to reach in a metric in a period, agreed by both sides; or a milestone."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from perfmgmt.metrics.models.library import Direction
from perfmgmt.tenants.base import TenantForeignKey, TenantOwned
from perfmgmt.tenants.calendar import Grain
from perfmgmt.tenants.history import audited


class Level(models.TextChoices):
    """Whose goal it is."""

    COMPANY = "company", _("Company")
    UNIT = "unit", pgettext_lazy("org", "Unit")
    TEAM = "team", _("Shared by a team")
    PERSON = "person", _("Person")


class State(models.TextChoices):
    """Where a goal stands on its way. Whether an agreed one is reached or overdue follows from its figures."""

    DRAFT = "draft", pgettext_lazy("goal", "Draft")
    PROPOSED = "proposed", pgettext_lazy("goal", "Proposed")
    COUNTERED = "countered", pgettext_lazy("goal", "Countered")
    AGREED = "agreed", pgettext_lazy("goal", "Agreed")
    LOCKED = "locked", pgettext_lazy("goal", "Locked")
    CANCELLED = "cancelled", pgettext_lazy("goal", "Cancelled")


class Form(models.TextChoices):
    """How the target is said (RULES.md section 3)."""

    ABSOLUTE = "absolute", _("A number")
    PERCENT = "percent", _("Growth in percent")
    POINTS = "points", _("Growth in points")
    BAND = "band", _("Within a band")


class Baseline(models.TextChoices):
    """Where the baseline comes from."""

    PREVIOUS = "previous", _("The period before")
    LAST_YEAR = "last_year", _("The same period a year before")
    TYPED = "typed", _("Entered by hand")


class Counting(models.TextChoices):
    """How a goal over several months counts. Sums and counts always count over the whole."""

    WHOLE = "whole", _("Over the whole period")
    EACH = "each", _("In each month")


class Length(models.IntegerChoices):
    """The length of a goal's period; own dates have none."""

    OWN = 0, _("Own dates")
    MONTH = int(Grain.MONTH), _("Month")
    QUARTER = int(Grain.QUARTER), _("Quarter")
    YEAR = int(Grain.YEAR), _("Year")


@audited(exclude=("updated_at",))
class Goal(TenantOwned):
    """One node of the tree of goals.

    `target` is in the metric's unit, worked out from `baseline` and `growth` for goals of growth; goals within a band
    have `band_*` instead. `weight` is in percent of the person's goals of the period. `parent` is the goal it serves,
    of a wider level or a longer period. A goal without a metric is a milestone: `done_on` and evidence say that it is
    reached. `proposed_target` is what the other side offers while the goal is countered.
    """

    level = models.CharField(_("level"), max_length=8, choices=Level.choices)
    unit = TenantForeignKey("people.Unit", models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    employee = TenantForeignKey(
        "people.Employee", models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    owner = TenantForeignKey(
        "people.Employee", models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    parent = TenantForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children", db_index=False)
    metric = TenantForeignKey(
        "metrics.Metric", models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    title = models.CharField(_("what is to be reached"), max_length=200)
    note = models.CharField(_("note"), max_length=1000, blank=True)
    grain = models.PositiveSmallIntegerField(_("length of the period"), choices=Length.choices)
    first_day = models.DateField(_("first day"))
    last_day = models.DateField(_("last day"))
    direction = models.CharField(_("direction"), max_length=10, choices=Direction.choices, default=Direction.HIGHER)
    form = models.CharField(_("form of the target"), max_length=10, choices=Form.choices, default=Form.ABSOLUTE)
    counting = models.CharField(_("counting"), max_length=8, choices=Counting.choices, default=Counting.WHOLE)
    target = models.DecimalField(_("target"), max_digits=20, decimal_places=4, null=True, blank=True)
    growth = models.DecimalField(_("growth"), max_digits=20, decimal_places=4, null=True, blank=True)
    baseline = models.DecimalField(_("baseline"), max_digits=20, decimal_places=4, null=True, blank=True)
    baseline_kind = models.CharField(_("baseline from"), max_length=10, choices=Baseline.choices, blank=True)
    band_low = models.DecimalField(_("band from"), max_digits=20, decimal_places=4, null=True, blank=True)
    band_high = models.DecimalField(_("band to"), max_digits=20, decimal_places=4, null=True, blank=True)
    band_tolerance = models.DecimalField(_("tolerance"), max_digits=20, decimal_places=4, null=True, blank=True)
    weight = models.DecimalField(_("weight"), max_digits=5, decimal_places=2, default=0)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.DRAFT)
    version = models.PositiveIntegerField(default=1)
    proposed_target = models.DecimalField(
        _("countered target"), max_digits=20, decimal_places=4, null=True, blank=True
    )
    # Letters of SMART that failed when the goal was agreed all the same, and why it was.
    smart_fails = models.CharField(max_length=5, blank=True)
    smart_reason = models.CharField(_("reason to agree all the same"), max_length=500, blank=True)
    done_on = models.DateField(_("done on"), null=True, blank=True)
    # Of a locked goal: the target for the share of the period that the person is there (RULES.md section 11).
    prorated = models.DecimalField(_("prorated target"), max_digits=20, decimal_places=4, null=True, blank=True)
    agreed_at = models.DateTimeField(null=True, blank=True)
    locked_at = models.DateTimeField(null=True, blank=True)
    created_by = models.ForeignKey(
        "people.User", on_delete=models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(level=Level.COMPANY, unit__isnull=True, employee__isnull=True)
                | models.Q(level__in=[Level.UNIT, Level.TEAM], unit__isnull=False, employee__isnull=True)
                | models.Q(level=Level.PERSON, unit__isnull=True, employee__isnull=False),
                name="goal_has_whose_it_is",
            ),
            models.CheckConstraint(
                condition=models.Q(first_day__lte=models.F("last_day")), name="goal_days_in_order"
            ),
            models.CheckConstraint(
                condition=models.Q(target__isnull=True) | models.Q(target__gte=0), name="goal_not_negative"
            ),
            models.CheckConstraint(condition=models.Q(weight__gte=0, weight__lte=100), name="goal_weight_of_100"),
            models.CheckConstraint(
                condition=~models.Q(form=Form.BAND)
                | models.Q(band_low__isnull=False, band_high__gte=models.F("band_low"), band_tolerance__gte=0),
                name="goal_band_has_two_ends",
            ),
            models.CheckConstraint(
                condition=models.Q(parent__isnull=True) | ~models.Q(parent=models.F("id")),
                name="goal_is_not_its_own_parent",
            ),
            # One open goal for a subject, a metric and a period: what is assigned twice is there once.
            models.UniqueConstraint(
                fields=["tenant", "employee", "metric", "first_day", "last_day"],
                condition=models.Q(level=Level.PERSON, metric__isnull=False) & ~models.Q(state=State.CANCELLED),
                name="goal_once_per_person",
            ),
            models.UniqueConstraint(
                fields=["tenant", "level", "unit", "metric", "first_day", "last_day"],
                condition=models.Q(level__in=[Level.COMPANY, Level.UNIT], metric__isnull=False)
                & ~models.Q(state=State.CANCELLED),
                nulls_distinct=False,
                name="goal_once_per_unit",
            ),
        ]
        indexes = [
            models.Index(fields=["tenant", "employee", "first_day"], name="goal_by_person"),
            models.Index(fields=["tenant", "unit", "first_day"], name="goal_by_unit"),
            models.Index(fields=["tenant", "parent"], name="goal_by_parent"),
            models.Index(fields=["tenant", "level", "first_day"], name="goal_by_level"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_binding(self) -> bool:
        """Whether both sides are bound: it changes by a request only."""
        return self.state in (State.AGREED, State.LOCKED)

    @property
    def whose_name(self) -> str:
        """Whose it is: the person, the unit, or the company."""
        return str(self.employee or self.unit or Level.COMPANY.label)

    @property
    def state_code(self) -> str:
        """The state as `{% status %}` knows it."""
        return f"goal_{self.state}"

    @property
    def is_open(self) -> bool:
        """Whether it is still being made."""
        return self.state in (State.DRAFT, State.PROPOSED, State.COUNTERED)


@audited()
class GoalMember(TenantOwned):
    """Who shares a team's goal (G11), with the share of it they answer for, in percent."""

    goal = TenantForeignKey(Goal, models.CASCADE, related_name="members", db_index=False)
    employee = TenantForeignKey("people.Employee", models.CASCADE, related_name="+", db_index=False)
    share = models.DecimalField(_("share"), max_digits=5, decimal_places=2)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "goal", "employee"], name="goal_member_once"),
            models.CheckConstraint(condition=models.Q(share__gte=0, share__lte=100), name="goal_member_share"),
        ]
        indexes = [models.Index(fields=["tenant", "employee"], name="goal_member_by_person")]

    def __str__(self) -> str:
        return f"{self.employee_id} in {self.goal_id}"


@audited(exclude=("path", "sha256"))
class GoalEvidence(TenantOwned):
    """What shows that a milestone is reached: a sentence, a file, or both. `kind` is what the file's content says."""

    goal = TenantForeignKey(Goal, models.CASCADE, related_name="evidence", db_index=False)
    text = models.CharField(_("evidence"), max_length=1000, blank=True)
    path = models.CharField(max_length=200, blank=True)
    file_name = models.CharField(_("file name"), max_length=200, blank=True)
    kind = models.CharField(_("kind"), max_length=8, blank=True)
    size = models.PositiveIntegerField(_("size"), default=0)
    sha256 = models.CharField(max_length=64, blank=True)
    added_by = models.ForeignKey(
        "people.User", on_delete=models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    added_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~models.Q(text="", path=""), name="goal_evidence_says_something")
        ]
        indexes = [models.Index(fields=["tenant", "goal"], name="goal_evidence_by_goal")]

    def __str__(self) -> str:
        return self.text or self.file_name
