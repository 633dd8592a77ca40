"""Who there is: sign-in, membership, employee, unit, position, and the effective-dated assignment."""

from datetime import date
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Cast, Lower, Now
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from perfmgmt.people.roles import GIVEN_BY_HAND
from perfmgmt.tenants.base import TenantForeignKey, TenantOwned
from perfmgmt.tenants.history import audited

# An open end. A day that is compared with `<=` keeps the range usable by an index under row-level security.
FOREVER = date(2999, 12, 31)
EARLIEST = date(1900, 1, 1)


class UserManager(BaseUserManager["User"]):
    """Creates users; addresses are kept in lower case."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Create a user who signs in with `email`; without a password nobody can sign in yet."""
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email=(username or "").strip().lower())


class User(AbstractBaseUser):
    """A person's sign-in, across workspaces. What a company knows of the person is its `Employee`."""

    email = models.EmailField(_("email"), max_length=254, unique=True)
    name = models.CharField(_("name"), max_length=120, blank=True)
    language = models.CharField(_("language"), max_length=10, blank=True)  # of mail, and of a new browser
    # Kinds of notifications that this person does not want to be told.
    muted = ArrayField(models.CharField(max_length=40), default=list, db_default=models.Value([]), blank=True)
    is_active = models.BooleanField(default=True)
    date_joined = models.DateTimeField(auto_now_add=True)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects: ClassVar[UserManager] = UserManager()

    class Meta:
        constraints = [models.UniqueConstraint(Lower("email"), name="user_email_any_case")]

    def __str__(self) -> str:
        return self.name or self.email


@audited()
class Unit(TenantOwned):
    """An org unit (部门); the tree is the one of today, assignments carry the dates."""

    name = models.CharField(_("name"), max_length=120)
    parent = TenantForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    archived_on = models.DateField(_("archived"), null=True, blank=True, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "parent", "name"], name="unit_name_once_per_parent", nulls_distinct=False
            )
        ]

    def __str__(self) -> str:
        return self.name


@audited()
class Position(TenantOwned):
    """A post in the company (岗位). `name` is what the company calls it, `name_en` the same for English readers."""

    name = models.CharField(_("name"), max_length=120)
    name_en = models.CharField(_("name in English"), max_length=120, blank=True, default="", db_default="")
    code = models.CharField(_("code"), max_length=40, blank=True, default="", db_default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "name"], name="position_name_once"),
            models.UniqueConstraint(
                fields=["tenant", "code"], name="position_code_once", condition=~models.Q(code="")
            ),
        ]

    def __str__(self) -> str:
        return self.name_en if self.name_en and get_language() == "en" else self.name


class Priority(models.TextChoices):
    """How much a duty counts among the others of a position."""

    HIGH = "high", pgettext_lazy("priority", "High")
    MEDIUM = "medium", pgettext_lazy("priority", "Medium")
    LOW = "low", pgettext_lazy("priority", "Low")


class DutyCategory(models.TextChoices):
    """What a duty serves (T4)."""

    SALES_SUPPORT = "sales_support", _("Sales support")
    ADMINISTRATION = "administration", _("Administration")
    DIRECT_SALES = "direct_sales", _("Direct sales")


@audited()
class Duty(TenantOwned):
    """One duty (职责) of a position's job description, in its place; at least one of the texts is there.

    `share` is the expected share of working time in percent; a position's shares sum to 100 at most.
    """

    position = TenantForeignKey(Position, models.CASCADE, related_name="duties", db_index=False)
    place = models.PositiveSmallIntegerField(_("place"))
    text_zh = models.CharField(_("text in Chinese"), max_length=300, blank=True)
    text_en = models.CharField(_("text in English"), max_length=300, blank=True)
    category = models.CharField(_("category"), max_length=16, choices=DutyCategory.choices)
    priority = models.CharField(_("priority"), max_length=8, choices=Priority.choices, default=Priority.MEDIUM)
    share = models.PositiveSmallIntegerField(_("share of time"))

    class Meta:
        ordering = ["place"]
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "position", "place"],
                name="duty_in_its_place",
                deferrable=models.Deferrable.DEFERRED,
            ),
            models.CheckConstraint(condition=models.Q(share__lte=100), name="duty_share_of_100"),
            models.CheckConstraint(condition=models.Q(place__gte=1), name="duty_place_from_1"),
            models.CheckConstraint(condition=~models.Q(text_zh="", text_en=""), name="duty_says_something"),
        ]

    def __str__(self) -> str:
        first, second = (self.text_en, self.text_zh) if get_language() == "en" else (self.text_zh, self.text_en)
        return first or second


class Gender(models.TextChoices):
    """Recorded only if the company wants to compare groups (fairness checks); never required."""

    FEMALE = "female", _("Female")
    MALE = "male", _("Male")
    OTHER = "other", _("Other")


@audited(exclude=("name_key", "initials", "updated_at"))
class Employee(TenantOwned):
    """A person of the company, with or without a sign-in."""

    number = models.CharField(_("employee number"), max_length=40)
    name = models.CharField(_("name"), max_length=120)
    name_key = models.CharField(max_length=240, editable=False)
    # The first letter of each word of `name_key`. The database makes it, so that no writer can forget it. Sorted by
    # code point: a prefix is a range then, which row-level security leaves to an index (docs/decisions/0003).
    initials = models.GeneratedField(
        expression=Cast(
            models.Func("name_key", models.Value(r"(\S)\S*\s*"), models.Value(r"\1"), models.Value("g"),
                        function="regexp_replace"),
            models.CharField(max_length=240),
        ),
        output_field=models.CharField(max_length=240, db_collation="C"),
        db_persist=True,
    )  # fmt: skip
    email = models.EmailField(_("email"), blank=True)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    hired_on = models.DateField(_("hire date"), null=True, blank=True)
    left_on = models.DateField(_("leave date"), null=True, blank=True)
    # Moved on by a trigger, also when an assignment of the person changes: bulk writes and raw SQL count as well.
    updated_at = models.DateTimeField(db_default=Now(), editable=False)
    gender = models.CharField(
        _("gender"), max_length=10, choices=Gender.choices, blank=True, default="", db_default=""
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "number"], name="employee_number_once"),
            models.UniqueConstraint(
                fields=["tenant", "email"], name="employee_email_once", condition=~models.Q(email="")
            ),
        ]
        indexes = [
            models.Index(fields=["tenant", "name_key", "id"], name="employee_by_name"),
            models.Index(fields=["tenant", "updated_at", "id"], name="employee_by_change"),
        ]

    def __str__(self) -> str:
        return self.name


class SalesRoleType(models.TextChoices):
    """What kind of selling a person does."""

    HUNTER = "hunter", _("Hunter")
    FARMER = "farmer", _("Farmer")
    SUPPORT = "support", _("Support")


@audited()
class Assignment(TenantOwned):
    """An employee in a unit and position, below a manager, from a day to a day (both included).

    Two assignments of one person never overlap (an exclusion constraint in the migration); gaps are allowed and
    mean that nobody is responsible for the days between.
    """

    employee = TenantForeignKey(Employee, models.CASCADE, related_name="assignments", db_index=False)
    unit = TenantForeignKey(Unit, models.PROTECT, related_name="assignments", db_index=False)
    position = TenantForeignKey(Position, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    manager = TenantForeignKey(
        Employee, models.PROTECT, null=True, blank=True, related_name="reports", db_index=False
    )
    sales_role_type = models.CharField(_("sales role type"), max_length=10, choices=SalesRoleType.choices, blank=True)
    full_time_share = models.DecimalField(_("full-time share"), max_digits=4, decimal_places=3, default=1)
    valid_from = models.DateField(_("from"))
    valid_to = models.DateField(_("to"), default=FOREVER)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(valid_from__gte=EARLIEST, valid_to__lte=FOREVER)
                & models.Q(valid_from__lte=models.F("valid_to")),
                name="assignment_days_in_order",
            ),
            models.CheckConstraint(
                condition=models.Q(full_time_share__gt=0, full_time_share__lte=1),
                name="assignment_share_0_to_1",
            ),
            models.CheckConstraint(
                condition=models.Q(manager__isnull=True) | ~models.Q(manager=models.F("employee")),
                name="nobody_is_their_own_manager",
            ),
        ]
        indexes = [
            models.Index(fields=["tenant", "employee", "valid_from"], name="assignment_by_employee"),
            models.Index(fields=["tenant", "manager", "valid_from"], name="assignment_by_manager"),
            models.Index(fields=["tenant", "unit", "valid_from"], name="assignment_by_unit"),
        ]

    def __str__(self) -> str:
        return f"{self.employee_id}: {self.valid_from} - {self.valid_to}"


class AbsenceKind(models.TextChoices):
    """Why somebody is away."""

    ANNUAL = "annual", _("Annual leave")
    SICK = "sick", _("Sick leave")
    PERSONAL = "personal", _("Personal leave")
    PARENTAL = "parental", _("Maternity or paternity leave")
    MARRIAGE = "marriage", _("Marriage leave")
    BEREAVEMENT = "bereavement", _("Bereavement leave")
    IN_LIEU = "in_lieu", _("Time off in lieu")
    TRAINING = "training", _("Training")
    OTHER = "other", _("Other")


@audited()
class Absence(TenantOwned):
    """Days on which an employee is away (缺勤/休假), both ends included; spells of one person never overlap.

    `hours` says how long a day they are away; without it they are away all day.
    """

    employee = TenantForeignKey(Employee, models.CASCADE, related_name="absences", db_index=False)
    kind = models.CharField(_("kind"), max_length=12, choices=AbsenceKind.choices)
    first_day = models.DateField(_("first day"))
    last_day = models.DateField(_("last day"))
    hours = models.DecimalField(_("hours a day"), max_digits=4, decimal_places=2, null=True, blank=True)
    note = models.CharField(_("note"), max_length=300, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(first_day__gte=EARLIEST, last_day__lte=FOREVER)
                & models.Q(first_day__lte=models.F("last_day")),
                name="absence_days_in_order",
            ),
            models.CheckConstraint(
                condition=models.Q(hours__isnull=True) | models.Q(hours__gt=0, hours__lt=24),
                name="absence_hours_of_a_day",
            ),
        ]
        indexes = [models.Index(fields=["tenant", "employee", "first_day"], name="absence_by_employee")]

    def __str__(self) -> str:
        return f"{self.employee_id}: {self.first_day} - {self.last_day}"


@audited()
class StandIn(TenantOwned):
    """Somebody who decides in a person's place (代理) while that one is away; one at a time for each person."""

    employee = TenantForeignKey(Employee, models.CASCADE, related_name="stand_ins", db_index=False)
    stand_in = TenantForeignKey(Employee, models.CASCADE, related_name="stands_in_for", db_index=False)
    first_day = models.DateField(_("first day"))
    last_day = models.DateField(_("last day"))
    reason = models.CharField(_("reason"), max_length=300, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(first_day__gte=EARLIEST, last_day__lte=FOREVER)
                & models.Q(first_day__lte=models.F("last_day")),
                name="stand_in_days_in_order",
            ),
            models.CheckConstraint(
                condition=~models.Q(employee=models.F("stand_in")), name="nobody_stands_in_for_themselves"
            ),
        ]
        indexes = [
            models.Index(fields=["tenant", "employee", "first_day"], name="stand_in_by_employee"),
            models.Index(fields=["tenant", "stand_in", "first_day"], name="stand_in_by_stand_in"),
        ]

    def __str__(self) -> str:
        return f"{self.stand_in_id} for {self.employee_id}: {self.first_day} - {self.last_day}"


@audited()
class Membership(TenantOwned):
    """A user in a workspace: as which employee, and with which roles given by hand."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    employee = TenantForeignKey(Employee, models.SET_NULL, null=True, blank=True, related_name="+")
    roles = ArrayField(
        models.CharField(max_length=20, choices=[(role.value, role.label) for role in GIVEN_BY_HAND]),
        default=list,
        blank=True,
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "user"], name="membership_once"),
            models.UniqueConstraint(fields=["tenant", "employee"], name="membership_one_user_per_employee"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.tenant_id}"


@audited(exclude=("token_hash",))
class Invitation(TenantOwned):
    """An open way into the workspace for one address; the link is known to its mail only, here is its hash.

    It is used up (`accepted_at`), withdrawn (`revoked_at`) or expired. Sending it again makes a new link.
    """

    email = models.EmailField(_("email"), max_length=254)
    name = models.CharField(_("name"), max_length=120, blank=True)
    employee = TenantForeignKey(Employee, models.CASCADE, null=True, blank=True, related_name="+")
    roles = ArrayField(
        models.CharField(max_length=20, choices=[(role.value, role.label) for role in GIVEN_BY_HAND]),
        default=list,
        blank=True,
    )
    language = models.CharField(_("language"), max_length=10)
    token_hash = models.CharField(max_length=64)
    created_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False)
    created_at = models.DateTimeField(auto_now_add=True)
    sent_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "token_hash"], name="invitation_token_once"),
            models.UniqueConstraint(
                fields=["tenant", "email"],
                name="invitation_one_open_per_address",
                condition=models.Q(accepted_at=None, revoked_at=None),
            ),
        ]

    def __str__(self) -> str:
        return self.email
