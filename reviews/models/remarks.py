"""What customers said otherwise than in a survey (S7), logged by staff with its source and proof."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from perfmgmt.tenants.base import TenantForeignKey, TenantOwned
from perfmgmt.tenants.history import audited


class RemarkKind(models.TextChoices):
    """What it is."""

    REMARK = "remark", pgettext_lazy("customer's voice", "Remark")
    PRAISE = "praise", pgettext_lazy("customer's voice", "Praise")
    COMPLAINT = "complaint", pgettext_lazy("customer's voice", "Complaint")
    INTERVIEW = "interview", pgettext_lazy("customer's voice", "Interview")


class RemarkChannel(models.TextChoices):
    """By which way it came."""

    PHONE = "phone", pgettext_lazy("channel", "Phone")
    VISIT = "visit", pgettext_lazy("channel", "Visit")
    WECHAT = "wechat", pgettext_lazy("channel", "WeChat")
    EMAIL = "email", pgettext_lazy("channel", "Email")
    MEETING = "meeting", pgettext_lazy("channel", "Meeting")
    OTHER = "other", pgettext_lazy("channel", "Other")


class RemarkState(models.TextChoices):
    """Whether somebody else than its author stands for it."""

    LOGGED = "logged", pgettext_lazy("customer's voice", "To be confirmed")
    CONFIRMED = "confirmed", pgettext_lazy("customer's voice", "Confirmed")
    REJECTED = "rejected", pgettext_lazy("customer's voice", "Rejected")
    WITHDRAWN = "withdrawn", pgettext_lazy("customer's voice", "Withdrawn")


@audited(exclude=("text", "customer_name"))
class Remark(TenantOwned):
    """Something a customer said about an assistant; no score, and never a fact of csat or nps.

    The customer is a `contact`, or `customer_name` where there is none. Erasing the contact unlinks it. The trail
    leaves out the words, which may name the customer.
    """

    kind = models.CharField(_("kind"), max_length=10, choices=RemarkKind.choices)
    channel = models.CharField(_("channel"), max_length=8, choices=RemarkChannel.choices)
    day = models.DateField(_("day"))
    employee = TenantForeignKey("people.Employee", models.CASCADE, related_name="+", db_index=False)
    contact = TenantForeignKey("customers.Contact", models.SET_NULL, null=True, related_name="+", db_index=False)
    customer_name = models.CharField(max_length=200, blank=True)
    text = models.TextField(_("words"))
    state = models.CharField(max_length=10, choices=RemarkState.choices, default=RemarkState.LOGGED)
    logged_by = models.ForeignKey(
        "people.User", on_delete=models.SET_NULL, null=True, related_name="+", db_index=False
    )
    logged_at = models.DateTimeField()
    edited_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(
        "people.User", on_delete=models.SET_NULL, null=True, related_name="+", db_index=False
    )
    decided_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=500, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["tenant", "employee", "day"], name="remark_by_employee"),
            models.Index(fields=["tenant", "contact"], name="remark_by_contact"),
            models.Index(fields=["tenant", "state", "day"], name="remark_by_state"),
        ]

    def __str__(self) -> str:
        return f"{self.employee_id}: {self.kind}"


@audited(exclude=("path", "file_name", "sha256"))
class RemarkProof(TenantOwned):
    """A file that proves a remark. `kind` is what its content says it is, whatever its name."""

    remark = TenantForeignKey(Remark, models.CASCADE, related_name="proofs", db_index=False)
    path = models.CharField(max_length=200)
    file_name = models.CharField(max_length=200)
    kind = models.CharField(max_length=4)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    added_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "remark", "sha256"], name="remark_proof_once")]

    def __str__(self) -> str:
        return self.file_name
