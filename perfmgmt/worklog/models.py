"""Manual entry and the daily work log (F5): what people say they did, with proof, and what the manager made of it."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from perfmgmt.tenants.base import TenantForeignKey, TenantOwned
from perfmgmt.tenants.history import audited


@audited()
class EnterableMetric(TenantOwned):
    """A metric whose facts people may enter by hand, as HR decided."""

    metric = TenantForeignKey("metrics.Metric", models.CASCADE, related_name="+", db_index=False)
    needs_proof = models.BooleanField(_("needs a proof"), default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "metric"], name="enterable_metric_once")]

    def __str__(self) -> str:
        return str(self.metric_id)


class EntryState(models.TextChoices):
    """Where an entry stands. Approved ones are facts."""

    DRAFT = "draft", pgettext_lazy("work log", "Draft")
    SUBMITTED = "submitted", pgettext_lazy("work log", "Submitted")
    APPROVED = "approved", pgettext_lazy("work log", "Approved")
    RETURNED = "returned", pgettext_lazy("work log", "Returned")


@audited(exclude=("token",))
class WorkEntry(TenantOwned):
    """One value of one metric on one day. `token` makes sending the same form twice harmless."""

    employee = TenantForeignKey("people.Employee", models.CASCADE, related_name="+", db_index=False)
    metric = TenantForeignKey("metrics.Metric", models.PROTECT, related_name="+", db_index=False)
    day = models.DateField(_("day"))
    value = models.DecimalField(_("value"), max_digits=20, decimal_places=4)
    customer = models.CharField(_("customer"), max_length=200, blank=True)
    note = models.CharField(_("note"), max_length=1000, blank=True)
    state = models.CharField(max_length=10, choices=EntryState.choices, default=EntryState.DRAFT)
    comment = models.CharField(_("comment"), max_length=500, blank=True)
    token = models.UUIDField()
    created_at = models.DateTimeField(auto_now_add=True)
    submitted_at = models.DateTimeField(null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        "people.User", on_delete=models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "employee", "token"], name="work_entry_sent_once")]
        indexes = [
            models.Index(fields=["tenant", "employee", "day"], name="work_entry_by_person_day"),
            models.Index(fields=["tenant", "state", "day"], name="work_entry_by_state_day"),
        ]

    def __str__(self) -> str:
        return f"{self.employee_id}/{self.day}/{self.metric_id}"

    @property
    def is_open(self) -> bool:
        """Whether the person may still change it."""
        return self.state in (EntryState.DRAFT, EntryState.RETURNED)

    @property
    def external_id(self) -> str:
        """The id of its fact in the source `manual`: always the same."""
        return f"entry-{self.pk}"


@audited(exclude=("path", "sha256"))
class Proof(TenantOwned):
    """A file that proves an entry. `kind` is what its content says it is, whatever its name."""

    entry = TenantForeignKey(WorkEntry, models.CASCADE, related_name="proofs", db_index=False)
    path = models.CharField(max_length=200)
    file_name = models.CharField(max_length=200)
    kind = models.CharField(max_length=4)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    added_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "entry", "sha256"], name="proof_once_per_entry")]

    def __str__(self) -> str:
        return self.file_name


@audited()
class DutyTime(TenantOwned):
    """Hours somebody spent on a duty, in their own words."""

    employee = TenantForeignKey("people.Employee", models.CASCADE, related_name="+", db_index=False)
    day = models.DateField()
    duty = models.CharField(max_length=120)
    hours = models.DecimalField(max_digits=4, decimal_places=2)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "employee", "day", "position"], name="duty_time_in_its_place"),
            models.CheckConstraint(condition=models.Q(hours__gt=0, hours__lte=24), name="duty_time_fits_a_day"),
        ]

    def __str__(self) -> str:
        return f"{self.duty}: {self.hours}"
