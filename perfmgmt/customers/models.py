"""Customers: companies by the text that facts carry, who looks after them, contacts and what those agreed to."""

from django.db import models
from django.db.models.functions import Cast, Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from perfmgmt.people.models import EARLIEST, FOREVER
from perfmgmt.tenants.base import TenantForeignKey, TenantOwned
from perfmgmt.tenants.history import audited


def _initials() -> models.GeneratedField:
    """The first letter of each word of `name_key`, as for employees: a prefix of it is a range of an index."""
    return models.GeneratedField(
        expression=Cast(
            models.Func("name_key", models.Value(r"(\S)\S*\s*"), models.Value(r"\1"), models.Value("g"),
                        function="regexp_replace"),
            models.CharField(max_length=240),
        ),
        output_field=models.CharField(max_length=240, db_collation="C"),
        db_persist=True,
    )  # fmt: skip


@audited(exclude=("name_key", "initials", "match_key", "updated_at"))
class Customer(TenantOwned):
    """A customer company. `external_id` is the text by which facts and surveys name it.

    One that was merged into another stays, so that the facts that carry its text find the other.
    """

    external_id = models.CharField(_("id in your systems"), max_length=200)
    name = models.CharField(_("name"), max_length=200)
    name_key = models.CharField(max_length=240, editable=False)
    initials = _initials()
    match_key = models.CharField(max_length=200, editable=False)  # equal for names that mean the same company
    customer_type = models.CharField(_("customer type"), max_length=60, blank=True)
    region = models.CharField(_("region"), max_length=60, blank=True)
    note = models.CharField(_("note"), max_length=1000, blank=True)
    merged_into = TenantForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="merged", db_index=False
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "external_id"], name="customer_external_id_once"),
            models.CheckConstraint(condition=~models.Q(external_id=""), name="customer_is_identified"),
        ]
        indexes = [
            models.Index(fields=["tenant", "name_key", "id"], name="customer_by_name"),
            models.Index(fields=["tenant", "match_key"], name="customer_by_match"),
            models.Index(fields=["tenant", "merged_into"], name="customer_by_merged"),
        ]

    def __str__(self) -> str:
        return self.name


@audited()
class CustomerOwner(TenantOwned):
    """Who looks after a customer from a day to a day (both included); one at a time."""

    customer = TenantForeignKey(Customer, models.CASCADE, related_name="owners", db_index=False)
    employee = TenantForeignKey("people.Employee", models.CASCADE, related_name="+", db_index=False)
    from_day = models.DateField(_("from"))
    to_day = models.DateField(_("to"), default=FOREVER)

    class Meta:
        ordering = ["from_day"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(from_day__gte=EARLIEST, to_day__lte=FOREVER)
                & models.Q(from_day__lte=models.F("to_day")),
                name="customer_owner_days_in_order",
            )
        ]
        indexes = [
            models.Index(fields=["tenant", "customer", "from_day"], name="customer_owner_by_customer"),
            models.Index(fields=["tenant", "employee", "from_day"], name="customer_owner_by_employee"),
        ]

    def __str__(self) -> str:
        return f"{self.customer_id}: {self.employee_id} {self.from_day} - {self.to_day}"


class Language(models.TextChoices):
    """In which language a contact is written to."""

    CHINESE = "zh-hans", "中文"
    ENGLISH = "en", "English"


class ConsentState(models.TextChoices):
    """What a contact said to being asked by mail."""

    GIVEN = "given", pgettext_lazy("consent", "Given")
    WITHDRAWN = "withdrawn", pgettext_lazy("consent", "Withdrawn")
    REFUSED = "refused", pgettext_lazy("consent", "Refused")


@audited(exclude=("name_key", "initials", "match_key", "email_key", "phone_key", "updated_at"))
class Contact(TenantOwned):
    """A person at a customer. `consent` is the state of the last entry in `consents`; "" while nobody asked.

    Erased: nothing that names the person is left, here or in the trail. Merged: the other contact stands for it.
    """

    customer = TenantForeignKey(
        Customer, models.PROTECT, null=True, blank=True, related_name="contacts", db_index=False
    )
    name = models.CharField(_("name"), max_length=120, blank=True)
    name_key = models.CharField(max_length=240, editable=False, blank=True)
    initials = _initials()
    match_key = models.CharField(max_length=120, editable=False, blank=True)
    email = models.EmailField(_("email"), max_length=254, blank=True)
    email_key = models.CharField(max_length=254, editable=False, blank=True)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    phone_key = models.CharField(max_length=40, editable=False, blank=True)
    language = models.CharField(_("language"), max_length=10, choices=Language.choices, default=Language.CHINESE)
    time_zone = models.CharField(_("time zone"), max_length=60, blank=True)  # "": that of the workspace
    title = models.CharField(_("position"), max_length=120, blank=True)
    note = models.CharField(_("note"), max_length=1000, blank=True)
    consent = models.CharField(max_length=10, choices=ConsentState.choices, blank=True, default="")
    consent_at = models.DateTimeField(null=True, blank=True)
    erased_at = models.DateTimeField(null=True, blank=True)
    merged_into = TenantForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="merged", db_index=False
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "email"],
                name="contact_email_once",
                condition=models.Q(erased_at__isnull=True, merged_into__isnull=True) & ~models.Q(email=""),
            ),
            models.CheckConstraint(
                condition=models.Q(erased_at__isnull=True)
                | models.Q(name="", email="", phone="", title="", note="", match_key="", name_key=""),
                name="erased_contact_is_empty",
            ),
        ]
        indexes = [
            models.Index(fields=["tenant", "customer", "id"], name="contact_by_customer"),
            models.Index(fields=["tenant", "name_key", "id"], name="contact_by_name"),
            models.Index(fields=["tenant", "email_key"], name="contact_by_email"),
            models.Index(fields=["tenant", "phone_key"], name="contact_by_phone"),
            models.Index(fields=["tenant", "merged_into"], name="contact_by_merged"),
        ]

    def __str__(self) -> str:
        return self.name or self.email or f"#{self.pk}"

    @property
    def is_living(self) -> bool:
        """Whether it stands for a person: neither erased nor merged into another."""
        return self.erased_at is None and self.merged_into_id is None


@audited()
class Apart(TenantOwned):
    """Somebody looked at two rows that look alike and said: these are two. Two customers or two contacts.

    `first` is the one with the smaller id.
    """

    first_customer = TenantForeignKey(
        Customer, models.CASCADE, null=True, blank=True, related_name="+", db_index=False
    )
    second_customer = TenantForeignKey(
        Customer, models.CASCADE, null=True, blank=True, related_name="+", db_index=False
    )
    first_contact = TenantForeignKey(Contact, models.CASCADE, null=True, blank=True, related_name="+", db_index=False)
    second_contact = TenantForeignKey(
        Contact, models.CASCADE, null=True, blank=True, related_name="+", db_index=False
    )
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=(
                    models.Q(first_customer__isnull=False, second_customer__isnull=False)
                    & models.Q(first_contact=None, second_contact=None)
                    & ~models.Q(first_customer=models.F("second_customer"))
                )
                | (
                    models.Q(first_contact__isnull=False, second_contact__isnull=False)
                    & models.Q(first_customer=None, second_customer=None)
                    & ~models.Q(first_contact=models.F("second_contact"))
                ),
                name="apart_are_two_of_a_kind",
            ),
            models.UniqueConstraint(fields=["tenant", "first_customer", "second_customer"], name="apart_customers"),
            models.UniqueConstraint(fields=["tenant", "first_contact", "second_contact"], name="apart_contacts"),
        ]

    def __str__(self) -> str:
        ids = (self.first_customer_id or self.first_contact_id, self.second_customer_id or self.second_contact_id)
        return f"{ids[0]} ≠ {ids[1]}"


class Channel(models.TextChoices):
    """By which way the contact agreed to be reached."""

    EMAIL = "email", _("Email")


@audited(exclude=("path", "sha256"))
class Consent(TenantOwned):
    """What a contact said on a day, from where it is known, and what proves it. Added to, never changed.

    The application may move one to the contact that its own was merged into, and blank the proof of an erased one.
    """

    contact = TenantForeignKey(Contact, models.CASCADE, related_name="consents", db_index=False)
    state = models.CharField(_("state"), max_length=10, choices=ConsentState.choices)
    channel = models.CharField(_("channel"), max_length=10, choices=Channel.choices, default=Channel.EMAIL)
    source = models.CharField(_("source"), max_length=120)
    proof = models.CharField(_("proof"), max_length=1000, blank=True)
    path = models.CharField(max_length=200, blank=True)
    file_name = models.CharField(max_length=200, blank=True)
    kind = models.CharField(max_length=4, blank=True)
    size = models.PositiveIntegerField(default=0)
    sha256 = models.CharField(max_length=64, blank=True)
    at = models.DateTimeField(_("at"))
    recorded_at = models.DateTimeField(auto_now_add=True)
    recorded_by = models.ForeignKey(
        "people.User", on_delete=models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )

    class Meta:
        ordering = ["at", "pk"]
        indexes = [models.Index(fields=["tenant", "contact", "at"], name="consent_by_contact")]

    def __str__(self) -> str:
        return f"{self.contact_id}: {self.state}"
