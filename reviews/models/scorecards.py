"""Scorecards (考核表): what a score is made of, in versions, and whom they are for (R1)."""

from django.db import models
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from perfmgmt.people.models import SalesRoleType
from perfmgmt.tenants.base import TenantForeignKey, TenantOwned
from perfmgmt.tenants.calendar import Grain
from perfmgmt.tenants.history import audited


class Named(models.Model):
    """What has a name in both languages; at least one of them is there."""

    name_zh = models.CharField(_("name in Chinese"), max_length=120, blank=True)
    name_en = models.CharField(_("name in English"), max_length=120, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        first, second = (self.name_en, self.name_zh) if get_language() == "en" else (self.name_zh, self.name_en)
        return first or second

    @property
    def name(self) -> str:
        """What it is called in the reader's language."""
        return str(self)


class Rhythm(models.IntegerChoices):
    """How often people are scored by it."""

    MONTH = int(Grain.MONTH), _("Monthly")
    QUARTER = int(Grain.QUARTER), _("Quarterly")
    YEAR = int(Grain.YEAR), _("Yearly")


@audited()
class Scorecard(Named, TenantOwned):
    """A scorecard, whatever its versions say.

    Whom it is for: people whose assignment on the period's last day has this position and this sales role type; an
    empty one fits everybody. Of several that fit, position and type beat position, that beats type, that the rest.
    """

    rhythm = models.PositiveSmallIntegerField(_("rhythm"), choices=Rhythm.choices, default=Rhythm.QUARTER)
    position = TenantForeignKey(
        "people.Position", models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    sales_role_type = models.CharField(_("sales role type"), max_length=10, choices=SalesRoleType.choices, blank=True)
    archived_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~models.Q(name_zh="", name_en=""), name="scorecard_has_a_name"),
            # For each rhythm one scorecard in use for each kind of people.
            models.UniqueConstraint(
                fields=["tenant", "rhythm", "position", "sales_role_type"],
                condition=models.Q(archived_at=None),
                nulls_distinct=False,
                name="scorecard_once_per_kind",
            ),
        ]


class VersionState(models.TextChoices):
    """Whether a version may still be changed."""

    DRAFT = "draft", pgettext_lazy("scorecard", "Draft")
    PUBLISHED = "published", pgettext_lazy("scorecard", "Published")


class MissingPolicy(models.TextChoices):
    """What becomes of a part without a score (RULES.md section 5)."""

    RENORMALISE = "renormalise", _("Leave it out, the rest keep their proportions")
    ZERO = "zero", _("Count it as 0")
    BLOCK = "block", _("No score until it is there")


@audited()
class ScorecardVersion(TenantOwned):
    """One version of a scorecard; a published one never changes. It counts for periods from `valid_from` on.

    `grade_bands` like the workspace's ([{"grade", "from"}], highest first); empty: the workspace's.
    """

    scorecard = TenantForeignKey(Scorecard, models.CASCADE, related_name="versions", db_index=False)
    number = models.PositiveIntegerField(_("version"))
    state = models.CharField(_("state"), max_length=10, choices=VersionState.choices, default=VersionState.DRAFT)
    missing = models.CharField(
        _("parts without a score"), max_length=12, choices=MissingPolicy.choices, default=MissingPolicy.RENORMALISE
    )
    grade_bands = models.JSONField(_("grade bands"), default=list, blank=True)
    note = models.CharField(_("what is new"), max_length=500, blank=True)
    valid_from = models.DateField(_("for periods from"), null=True, blank=True)
    published_at = models.DateTimeField(null=True, blank=True)
    published_by = models.ForeignKey(
        "people.User", on_delete=models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "scorecard", "number"], name="scorecard_version_once"),
            models.UniqueConstraint(
                fields=["tenant", "scorecard"],
                condition=models.Q(state=VersionState.DRAFT),
                name="scorecard_one_draft",
            ),
            models.CheckConstraint(
                condition=models.Q(state=VersionState.DRAFT, published_at__isnull=True)
                | models.Q(state=VersionState.PUBLISHED, published_at__isnull=False, valid_from__isnull=False),
                name="published_version_has_days",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.scorecard_id} v{self.number}"

    @property
    def is_published(self) -> bool:
        """Whether nothing of it may change any more."""
        return self.state == VersionState.PUBLISHED


@audited()
class Dimension(Named, TenantOwned):
    """A dimension (维度) of a version, in its place; `weight` in percent of the whole."""

    version = TenantForeignKey(ScorecardVersion, models.CASCADE, related_name="dimensions", db_index=False)
    place = models.PositiveSmallIntegerField(_("place"))
    code = models.CharField(_("code"), max_length=40, blank=True)
    weight = models.DecimalField(_("weight"), max_digits=5, decimal_places=2)

    class Meta:
        ordering = ["place"]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "version", "place"], name="dimension_in_its_place",
                                    deferrable=models.Deferrable.DEFERRED),
            models.CheckConstraint(condition=models.Q(weight__gte=0, weight__lte=100), name="dimension_weight"),
            models.CheckConstraint(condition=~models.Q(name_zh="", name_en=""), name="dimension_has_a_name"),
        ]  # fmt: skip


class PartKind(models.TextChoices):
    """Where a part's score comes from."""

    METRIC = "metric", _("Metric")
    QUESTIONNAIRE = "questionnaire", _("Questionnaire")
    CSAT = "csat", _("Customer satisfaction")
    TRAINING = "training", _("Training")


class PartInput(models.TextChoices):
    """What of a metric goes through the curve."""

    ATTAINMENT = "attainment", _("Attainment of the target")
    ACTUAL = "actual", _("The figure itself")


class CurveKind(models.TextChoices):
    """How a curve goes from point to point (RULES.md section 4)."""

    LINEAR = "linear", _("Line from point to point")
    STEP = "step", _("Steps")


def default_points() -> list[list[str]]:
    """The default curve of RULES.md section 4, as [x, score] in texts."""
    return [["0", "0"], ["1", "100"], ["1.2", "120"]]


@audited()
class Part(Named, TenantOwned):
    """A part of a dimension, in its place; `weight` in percent of its dimension.

    Metric, training and CSAT parts read `metric` and go through the curve (`points`: [x, score] in texts; x is 1 for
    100 % with `attainment`, in the metric's unit with `actual`). A questionnaire part is the 0-100 score of its
    questionnaire in the review cycle of the period; `group_weights` ({group: percent}) replaces the cycle's weights
    of groups, empty: the cycle's.
    """

    dimension = TenantForeignKey(Dimension, models.CASCADE, related_name="parts", db_index=False)
    place = models.PositiveSmallIntegerField(_("place"))
    kind = models.CharField(_("kind"), max_length=14, choices=PartKind.choices)
    weight = models.DecimalField(_("weight"), max_digits=5, decimal_places=2)
    metric = TenantForeignKey(
        "metrics.Metric", models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    input = models.CharField(_("input"), max_length=10, choices=PartInput.choices, default=PartInput.ATTAINMENT)
    curve = models.CharField(_("curve"), max_length=6, choices=CurveKind.choices, default=CurveKind.LINEAR)
    points = models.JSONField(_("points of the curve"), default=default_points)
    questionnaire = TenantForeignKey(
        "reviews.Questionnaire", models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    group_weights = models.JSONField(_("weights of the groups"), default=dict, blank=True)

    class Meta:
        ordering = ["place"]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "dimension", "place"], name="part_in_its_place",
                                    deferrable=models.Deferrable.DEFERRED),
            models.CheckConstraint(condition=models.Q(weight__gte=0, weight__lte=100), name="part_weight_of_100"),
            models.CheckConstraint(
                condition=models.Q(kind=PartKind.QUESTIONNAIRE, questionnaire__isnull=False, metric__isnull=True)
                | ~models.Q(kind=PartKind.QUESTIONNAIRE) & models.Q(metric__isnull=False, questionnaire=None),
                name="part_reads_what_its_kind_does",
            ),
        ]  # fmt: skip


@audited()
class ScorecardNotice(TenantOwned):
    """That a person was shown, before a period, how they are assessed in it, and that they have read it."""

    employee = TenantForeignKey("people.Employee", models.CASCADE, related_name="+", db_index=False)
    version = TenantForeignKey(ScorecardVersion, models.CASCADE, related_name="+", db_index=False)
    grain = models.PositiveSmallIntegerField()
    start = models.DateField(_("first day"))
    shown_at = models.DateTimeField(auto_now_add=True)
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    comment = models.CharField(_("comment"), max_length=500, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "employee", "grain", "start"], name="scorecard_shown_once"),
        ]
        indexes = [models.Index(fields=["tenant", "grain", "start"], name="scorecard_notice_by_period")]

    def __str__(self) -> str:
        return f"{self.employee_id}: {self.version_id} {self.start}"


@audited()
class ScoreDeduction(TenantOwned):
    """Points that are taken off a person's score of a period (扣绩效分), with the reason; none once taken back."""

    employee = TenantForeignKey("people.Employee", models.CASCADE, related_name="+", db_index=False)
    grain = models.PositiveSmallIntegerField()
    start = models.DateField(_("first day"))
    points = models.DecimalField(_("points"), max_digits=7, decimal_places=4)
    reason = models.CharField(_("reason"), max_length=500)
    happened_on = models.DateField(_("happened on"))
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(
        "people.User", on_delete=models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_reason = models.CharField(_("why it was taken back"), max_length=500, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(points__gt=0, points__lte=100), name="deduction_takes_points"),
        ]
        indexes = [models.Index(fields=["tenant", "employee", "grain", "start"], name="deduction_by_person")]

    def __str__(self) -> str:
        return f"{self.employee_id}: -{self.points}"
