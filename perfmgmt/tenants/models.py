"""Workspaces: the routing row, and the settings that belong to the workspace itself."""

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from perfmgmt.tenants.base import TenantOwned
from perfmgmt.tenants.history import audited

SLUG_PATTERN = r"[a-z0-9](?:[a-z0-9-]{0,48}[a-z0-9])?"
SLUG = RegexValidator(
    rf"^{SLUG_PATTERN}\Z",
    _("Use 1 to 50 lower-case letters, digits and hyphens, and begin and end with a letter or digit."),
)

DEFAULT_BANDS = (("A", "90"), ("B", "80"), ("C", "70"), ("D", "60"), ("E", "0"))


class Tenant(models.Model):
    """Routing: address -> workspace, known before any scope is open. Nothing of the company is in it."""

    slug = models.CharField(max_length=50, unique=True, validators=[SLUG])
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.slug


def default_grade_bands() -> list[dict[str, str]]:
    """Grades by lower bound (RULES.md section 5), highest first; the lowest takes whatever is below."""
    return [{"grade": grade, "from": bound} for grade, bound in DEFAULT_BANDS]


def saturday_and_sunday() -> list[int]:
    """The usual weekend, as ISO numbers of weekdays."""
    return [6, 7]


@audited()
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
    country = models.CharField(_("country of the public holidays"), max_length=2, default="CN", blank=True)
    weekend = ArrayField(
        models.PositiveSmallIntegerField(), verbose_name=_("weekend"), default=saturday_and_sunday, blank=True
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


@audited()
class CalendarDay(TenantOwned):
    """One day on which the workspace departs from the public calendar: a day off or a workday of its own."""

    day = models.DateField(_("day"))
    is_working = models.BooleanField(_("is a working day"), default=False)
    name = models.CharField(_("name"), max_length=80)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "day"], name="calendar_day_once")]

    def __str__(self) -> str:
        return f"{self.day}: {self.name}"


class RankingVisibility(models.TextChoices):
    """Who sees the places of others in a ranking (T5)."""

    EVERYBODY = "everybody", _("Everybody sees every place")
    TOP = "top", _("The best places and one's own")
    OWN = "own", _("One's own place only")


@audited()
class WorkspaceRules(TenantOwned):
    """Limits a company sets for reviews, surveys and rankings (T1). A workspace without a row has the defaults."""

    grade_bands = models.JSONField(_("grade bands"), default=default_grade_bands)
    minimum_peers = models.PositiveSmallIntegerField(_("peers"), default=3)
    minimum_reports = models.PositiveSmallIntegerField(_("direct reports"), default=3)
    minimum_internal_customers = models.PositiveSmallIntegerField(_("internal customers"), default=3)
    minimum_customers = models.PositiveSmallIntegerField(_("customers"), default=3)
    minimum_voices = models.PositiveSmallIntegerField(_("pulse surveys and anonymous feedback"), default=5)
    survey_days_between = models.PositiveSmallIntegerField(_("days between two surveys"), default=30)
    surveys_per_year = models.PositiveSmallIntegerField(_("surveys a year"), default=6)
    survey_reminders = models.PositiveSmallIntegerField(_("reminders for each survey"), default=1)
    survey_from_hour = models.PositiveSmallIntegerField(_("send from (hour)"), default=9)
    survey_to_hour = models.PositiveSmallIntegerField(_("send until (hour)"), default=18)
    ranking_visibility = models.CharField(
        _("who sees rankings"), max_length=10, choices=RankingVisibility.choices, default=RankingVisibility.OWN
    )
    ranking_top = models.PositiveSmallIntegerField(_("best places shown"), default=3)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant"], name="one_set_of_rules_per_tenant"),
            models.CheckConstraint(
                condition=models.Q(
                    minimum_peers__gte=3,
                    minimum_reports__gte=3,
                    minimum_internal_customers__gte=3,
                    minimum_customers__gte=3,
                    minimum_voices__gte=3,
                ),
                name="anonymity_minimum_3",
            ),
            models.CheckConstraint(
                condition=models.Q(survey_from_hour__lt=models.F("survey_to_hour"), survey_to_hour__lte=24),
                name="survey_window_in_order",
            ),
            models.CheckConstraint(condition=models.Q(ranking_top__gte=1), name="ranking_shows_a_place"),
        ]

    def __str__(self) -> str:
        return f"rules of {self.tenant_id}"


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
