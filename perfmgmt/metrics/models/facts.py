"""Facts (F2): what happened, whose it was, and where it came from. Corrections keep the old value."""

from django.db import models
from django.db.models.functions import Now

from perfmgmt.tenants.base import HotForeignKey, HotTenantOwned, TenantOwned
from perfmgmt.tenants.history import audited

# Values keep four decimals; money is rounded by whoever shows it (RULES.md section 1).
VALUE_DIGITS, VALUE_PLACES = 20, 4


class CreditRole(models.TextChoices):
    """In which role a person gets the credit of a fact."""

    OWNER = "owner"
    SUPPORTER = "supporter"


@audited()
class Source(TenantOwned):
    """Where facts come from; with the source's own id it makes importing the same row twice harmless."""

    code = models.SlugField(max_length=40)
    name = models.CharField(max_length=120)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "code"], name="source_code_once")]

    def __str__(self) -> str:
        return self.name


class FactFields(models.Model):
    """The columns that a fact and its earlier versions share."""

    metric = HotForeignKey("metrics.Metric")
    employee = HotForeignKey("people.Employee")
    day = models.DateField()
    value = models.DecimalField(max_digits=VALUE_DIGITS, decimal_places=VALUE_PLACES)
    original_value = models.DecimalField(max_digits=VALUE_DIGITS, decimal_places=VALUE_PLACES, null=True)
    currency = models.CharField(max_length=3, default="", blank=True)
    credit_share = models.DecimalField(max_digits=5, decimal_places=4, default=1)
    customer = models.CharField(max_length=200, default="", blank=True)
    customer_type = models.CharField(max_length=60, default="", blank=True)
    product = models.CharField(max_length=200, default="", blank=True)
    series = models.CharField(max_length=60, default="", blank=True)
    region = models.CharField(max_length=60, default="", blank=True)
    channel = models.CharField(max_length=60, default="", blank=True)
    job_id = models.BigIntegerField(null=True)
    row = models.IntegerField(null=True)

    class Meta:
        abstract = True


class Fact(HotTenantOwned, FactFields):
    """One fact. Hot table: the key starts with the tenant, nothing points at it, no triggers.

    `id` rises with arrival. `line` is 0 for the owner of a source row and 1, 2, ... for its supporters.
    """

    pk = models.CompositePrimaryKey("tenant_id", "id")
    id = models.BigIntegerField()
    source = HotForeignKey(Source)
    external_id = models.CharField(max_length=120)
    line = models.SmallIntegerField(default=0)
    credit_role = models.CharField(max_length=10, choices=CreditRole.choices, default=CreditRole.OWNER)
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "source", "external_id", "metric", "line"], name="fact_once_per_source_row"
            )
        ]
        indexes = [
            models.Index(fields=["tenant", "metric", "employee", "day"], name="fact_by_metric_employee_day"),
            models.Index(
                fields=["tenant", "currency", "day"],
                name="fact_by_foreign_currency",
                condition=models.Q(original_value__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.external_id}/{self.line}"


class FactVersion(HotTenantOwned, FactFields):
    """What a fact said before it was corrected or taken back, complete enough to bring it back. Insert-only."""

    pk = models.CompositePrimaryKey("tenant_id", "fact_id", "version")
    fact_id = models.BigIntegerField()
    version = models.IntegerField()
    source = HotForeignKey(Source, null=True)
    external_id = models.CharField(max_length=120, default="", blank=True)
    line = models.SmallIntegerField(default=0)
    credit_role = models.CharField(max_length=10, choices=CreditRole.choices, default=CreditRole.OWNER)
    replaced_at = models.DateTimeField(db_default=Now())
    replaced_by_job_id = models.BigIntegerField(null=True)

    class Meta:
        indexes = [models.Index(fields=["tenant", "replaced_at"], name="fact_version_by_time")]

    def __str__(self) -> str:
        return f"{self.fact_id} v{self.version}"


@audited()
class ExchangeRate(TenantOwned):
    """One unit of `currency` in the workspace's currency, from a day on (RULES.md section 1)."""

    currency = models.CharField(max_length=3)
    valid_from = models.DateField()
    rate = models.DecimalField(max_digits=18, decimal_places=8)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "currency", "valid_from"], name="rate_once_per_day"),
            models.CheckConstraint(condition=models.Q(rate__gt=0), name="rate_is_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.currency} {self.valid_from}: {self.rate}"
