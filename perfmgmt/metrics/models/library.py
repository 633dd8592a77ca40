"""The metric library: what is measured, as data (F1)."""

from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from perfmgmt.tenants.base import TenantForeignKey, TenantOwned
from perfmgmt.tenants.history import audited


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


class TaxBasis(models.TextChoices):
    """Whether an amount holds the value-added tax."""

    WITH_TAX = "with_tax", _("Tax included")
    WITHOUT_TAX = "without_tax", _("Without tax")


class Aggregation(models.TextChoices):
    """How facts become one figure (RULES.md section 2; docs/rules.md for what the rules leave open)."""

    SUM = "sum", _("Sum")
    COUNT = "count", _("Number of facts")
    DISTINCT = "distinct", _("Distinct count")
    MEAN = "mean", _("Mean")
    LAST = "last", _("Last value")
    RATIO = "ratio", _("Ratio of two metrics")
    RETENTION = "retention", _("Retention of customers")
    REPEAT = "repeat_rate", _("Repeat rate of customers")
    GROWTH = "growth", _("Growth on a baseline")
    TARGET_SHARE = "target_share", _("Share of the unit's target")


class CustomerRule(models.TextChoices):
    """Which customers' facts count, by whether the customer was there before."""

    NEW = "new", _("New customers")
    RETURNING = "returning", _("Returning customers")


class GrowthForm(models.TextChoices):
    """How growth is said."""

    PERCENT = "percent", _("Percent of the baseline")
    POINTS = "points", _("Difference from the baseline")


class GrowthBaseline(models.TextChoices):
    """With what growth compares."""

    PREVIOUS = "previous", _("The period before")
    LAST_YEAR = "last_year", _("The same period a year before")


class Event(models.TextChoices):
    """Which event makes a fact count, and so which day it has."""

    ORDER_SIGNED = "order_signed", _("Order signed")
    PREPAID = "prepaid", _("Prepaid")
    DELIVERED = "delivered", _("Delivered")
    INVOICED = "invoiced", _("Invoiced")
    COLLECTED = "collected", _("Money collected")
    DONE = "done", _("Work done")
    CONFIRMED = "confirmed", _("Confirmed by the manager")


class Dimension(models.TextChoices):
    """The part of a scorecard that a metric belongs to."""

    SALES = "sales", _("Sales results")
    SATISFACTION = "satisfaction", _("Customer satisfaction")
    ATTITUDE = "attitude", _("Attitude and behaviour")
    DEVELOPMENT = "development", _("Career development")


# The attributes a fact carries; a distinct count names one of them.
ATTRIBUTES = ("customer", "customer_type", "product", "series", "region", "channel")
# What a filter may look at: the attributes, and in which role the person has the credit.
FILTERABLE = (*ATTRIBUTES, "credit_role")
# Ways of computing that read facts; the first five may have facts of their own.
OWN_FACTS = (Aggregation.SUM, Aggregation.COUNT, Aggregation.DISTINCT, Aggregation.MEAN, Aggregation.LAST)
FROM_FACTS = (*OWN_FACTS, Aggregation.RETENTION, Aggregation.REPEAT)
# Ways of computing that start from another metric, named by `base`.
FROM_A_BASE = (Aggregation.RETENTION, Aggregation.REPEAT, Aggregation.GROWTH, Aggregation.TARGET_SHARE)
# For select_related: everything `parts` and the figures look at.
WITH_PARTS = (
    "numerator__base",
    "denominator__base",
    "base__numerator__base",
    "base__denominator__base",
    "base__base",
    "target_metric",
)


@audited()
class Metric(TenantOwned):
    """One measure.

    Facts are stored once, under the metric that takes them. A metric with a `base` reads the base's facts, those that
    pass its `filters` and its `customer_rule`; growth and shares of a target follow from the figures of their base; a
    ratio divides the sums of two other metrics. `metrics.definitions` says which combinations are valid.
    """

    code = models.SlugField(max_length=60)
    name_zh = models.CharField(max_length=120)
    name_en = models.CharField(max_length=120)
    description_zh = models.CharField(max_length=300, blank=True, default="")
    description_en = models.CharField(max_length=300, blank=True, default="")
    unit_of_measure = models.CharField(max_length=10, choices=UnitOfMeasure.choices)
    tax_basis = models.CharField(max_length=12, choices=TaxBasis.choices, blank=True, default="")
    direction = models.CharField(max_length=10, choices=Direction.choices, default=Direction.HIGHER)
    band_low = models.DecimalField(max_digits=20, decimal_places=4, null=True, blank=True)
    band_high = models.DecimalField(max_digits=20, decimal_places=4, null=True, blank=True)
    band_tolerance = models.DecimalField(max_digits=20, decimal_places=4, null=True, blank=True)
    aggregation = models.CharField(max_length=20, choices=Aggregation.choices, default=Aggregation.SUM)
    numerator = TenantForeignKey("self", models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    denominator = TenantForeignKey("self", models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    base = TenantForeignKey("self", models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    filters = models.JSONField(default=list, blank=True)
    customer_rule = models.CharField(max_length=10, choices=CustomerRule.choices, blank=True, default="")
    customer_rule_months = models.PositiveSmallIntegerField(null=True, blank=True)
    growth_form = models.CharField(max_length=10, choices=GrowthForm.choices, blank=True, default="")
    growth_baseline = models.CharField(max_length=10, choices=GrowthBaseline.choices, blank=True, default="")
    target_metric = TenantForeignKey("self", models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    distinct_attribute = models.CharField(max_length=20, blank=True)
    is_stock = models.BooleanField(default=False)
    dimension = models.CharField(max_length=40, blank=True)
    counts_when = models.CharField(max_length=40, blank=True)
    position = models.PositiveSmallIntegerField(default=0)
    archived_at = models.DateTimeField(null=True, blank=True)
    revision = models.PositiveIntegerField(default=1)

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
            models.CheckConstraint(
                condition=models.Q(aggregation="ratio", base__isnull=True)
                | models.Q(aggregation__in=FROM_A_BASE, base__isnull=False)
                | models.Q(aggregation__in=OWN_FACTS),
                name="metric_names_its_base",
            ),
            models.CheckConstraint(
                condition=models.Q(aggregation="growth")
                & models.Q(growth_form__in=GrowthForm.values, growth_baseline__in=GrowthBaseline.values)
                | ~models.Q(aggregation="growth") & models.Q(growth_form="", growth_baseline=""),
                name="growth_names_its_baseline",
            ),
            models.CheckConstraint(
                condition=models.Q(aggregation="target_share", target_metric__isnull=False)
                | ~models.Q(aggregation="target_share") & models.Q(target_metric__isnull=True),
                name="share_names_a_target",
            ),
            models.CheckConstraint(
                condition=models.Q(
                    direction="band",
                    band_low__isnull=False,
                    band_high__gte=models.F("band_low"),
                    band_tolerance__gte=0,
                )
                | ~models.Q(direction="band")
                & models.Q(band_low__isnull=True, band_high__isnull=True, band_tolerance__isnull=True),
                name="band_has_two_ends",
            ),
            models.CheckConstraint(
                condition=models.Q(tax_basis="") | models.Q(unit_of_measure="money", tax_basis__in=TaxBasis.values),
                name="tax_is_of_money",
            ),
            models.CheckConstraint(
                condition=models.Q(customer_rule="", customer_rule_months__isnull=True)
                | models.Q(customer_rule__in=CustomerRule.values, base__isnull=False)
                & (models.Q(customer_rule_months__isnull=True) | models.Q(customer_rule_months__gte=1)),
                name="customer_rule_reads_a_base",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """The name in the language that is active."""
        return self.name_zh if (get_language() or "").startswith("zh") else self.name_en

    @property
    def description(self) -> str:
        """The sentence that says what is measured, in the language that is active."""
        return self.description_zh if (get_language() or "").startswith("zh") else self.description_en

    @property
    def is_money(self) -> bool:
        """Whether values are amounts in the workspace's currency."""
        return self.unit_of_measure == UnitOfMeasure.MONEY

    @property
    def reads_facts(self) -> bool:
        """Whether the metric has rollups of its own."""
        return self.aggregation in FROM_FACTS

    @property
    def takes_facts(self) -> bool:
        """Whether facts may be stored under the metric."""
        return self.base_id is None and self.aggregation in OWN_FACTS

    def parts(self) -> list["Metric"]:
        """Return the metrics whose rollups make this one: itself, or numerator and denominator, or its base's."""
        if self.numerator is not None and self.denominator is not None:
            return [self.numerator, self.denominator]
        if self.base is not None and not self.reads_facts:
            return self.base.parts()
        return [self]

    def sources(self) -> list["Metric"]:
        """Return the metrics under which the facts behind the figure are stored."""
        found = [part.base if part.base is not None else part for part in self.parts()]
        return found if len(found) < 2 or found[0] != found[1] else found[:1]
