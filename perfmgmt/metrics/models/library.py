"""The metric library: what is measured, as data (F1)."""

from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from perfmgmt.tenants.base import TenantForeignKey, TenantOwned


class UnitOfMeasure(models.TextChoices):
    """What a metric's value is counted in."""

    MONEY = "money", _("Money")
    COUNT = "count", _("Count")
    PIECES = "pieces", _("Pieces")
    PERCENT = "percent", _("Percent")
    RATIO = "ratio", _("Ratio")
    SCORE = "score", _("Score")
    HOURS = "hours", _("Hours")
    DAYS = "days", _("Days")


class Direction(models.TextChoices):
    """Which way is good."""

    HIGHER = "higher", _("Higher is better")
    LOWER = "lower", _("Lower is better")
    BAND = "band", _("Within a band")


class Aggregation(models.TextChoices):
    """How facts become one figure (RULES.md section 2)."""

    SUM = "sum", _("Sum")
    COUNT = "count", _("Number of facts")
    DISTINCT = "distinct", _("Distinct count")
    MEAN = "mean", _("Mean")
    LAST = "last", _("Last value")
    RATIO = "ratio", _("Ratio of two metrics")


# The attributes a fact carries; a distinct count names one of them.
ATTRIBUTES = ("customer", "customer_type", "product", "series", "region", "channel")


class Metric(TenantOwned):
    """One measure. A ratio has no facts of its own: it divides the sums of two other metrics."""

    code = models.SlugField(max_length=60)
    name_zh = models.CharField(max_length=120)
    name_en = models.CharField(max_length=120)
    unit_of_measure = models.CharField(max_length=10, choices=UnitOfMeasure.choices)
    direction = models.CharField(max_length=10, choices=Direction.choices, default=Direction.HIGHER)
    aggregation = models.CharField(max_length=10, choices=Aggregation.choices, default=Aggregation.SUM)
    numerator = TenantForeignKey("self", models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    denominator = TenantForeignKey("self", models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    distinct_attribute = models.CharField(max_length=20, blank=True)
    is_stock = models.BooleanField(default=False)
    dimension = models.CharField(max_length=40, blank=True)
    counts_when = models.CharField(max_length=40, blank=True)
    position = models.PositiveSmallIntegerField(default=0)
    archived_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["position", "code"]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "code"], name="metric_code_once"),
            models.CheckConstraint(
                condition=(
                    models.Q(aggregation="ratio", numerator__isnull=False, denominator__isnull=False)
                    | models.Q(numerator__isnull=True, denominator__isnull=True) & ~models.Q(aggregation="ratio")
                ),
                name="ratio_names_two_metrics",
            ),
            models.CheckConstraint(
                condition=models.Q(aggregation="distinct", distinct_attribute__in=ATTRIBUTES)
                | ~models.Q(aggregation="distinct") & models.Q(distinct_attribute=""),
                name="distinct_names_an_attribute",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """The name in the language that is active."""
        return self.name_zh if (get_language() or "").startswith("zh") else self.name_en

    @property
    def is_money(self) -> bool:
        """Whether values are amounts in the workspace's currency."""
        return self.unit_of_measure == UnitOfMeasure.MONEY

    def parts(self) -> list["Metric"]:
        """Return the metrics whose facts make this one: itself, or numerator and denominator."""
        if self.numerator is not None and self.denominator is not None:
            return [self.numerator, self.denominator]
        return [self]
