"""Training (R13): the catalogue of courses, their sessions with places, who takes part, and what came of it."""

from decimal import Decimal

from babel.numbers import get_currency_precision
from django.db import models
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from perfmgmt.tenants.base import TenantForeignKey, TenantOwned
from perfmgmt.tenants.history import audited
from reviews.models.scorecards import Named


class CourseKind(models.TextChoices):
    """For whom a course is; it follows from the topic."""

    BASIC = "basic", pgettext_lazy("training", "Basic")
    ONGOING = "ongoing", pgettext_lazy("training", "Ongoing")
    LEADERSHIP = "leadership", pgettext_lazy("training", "Leadership")


class CourseTopic(models.TextChoices):
    """What a course is about."""

    PRODUCT = "product", pgettext_lazy("training", "Product knowledge")
    SALES_TECHNIQUE = "sales_technique", pgettext_lazy("training", "Sales technique")
    COMPANY_RULES = "company_rules", pgettext_lazy("training", "Company rules")
    NEW_PRODUCT = "new_product", pgettext_lazy("training", "New products")
    ADVANCED_TECHNIQUE = "advanced_technique", pgettext_lazy("training", "Advanced sales technique")
    CUSTOMER_MANAGEMENT = "customer_management", pgettext_lazy("training", "Customer management")
    DATA_ANALYSIS = "data_analysis", pgettext_lazy("training", "Data analysis")
    TIME_MANAGEMENT = "time_management", pgettext_lazy("training", "Time management")
    MOTIVATING = "motivating", pgettext_lazy("training", "Motivating people")
    TEAM_CONFLICT = "team_conflict", pgettext_lazy("training", "Conflict in the team")
    PLANNING = "planning", pgettext_lazy("training", "Planning")
    RUNNING_REVIEWS = "running_reviews", pgettext_lazy("training", "Running reviews")


TOPICS: dict[str, tuple[CourseTopic, ...]] = {
    CourseKind.BASIC: (CourseTopic.PRODUCT, CourseTopic.SALES_TECHNIQUE, CourseTopic.COMPANY_RULES),
    CourseKind.ONGOING: (
        CourseTopic.NEW_PRODUCT, CourseTopic.ADVANCED_TECHNIQUE, CourseTopic.CUSTOMER_MANAGEMENT,
        CourseTopic.DATA_ANALYSIS, CourseTopic.TIME_MANAGEMENT,
    ),
    CourseKind.LEADERSHIP: (
        CourseTopic.MOTIVATING, CourseTopic.TEAM_CONFLICT, CourseTopic.PLANNING, CourseTopic.RUNNING_REVIEWS,
    ),
}  # fmt: skip


@audited()
class Course(Named, TenantOwned):
    """A course of the catalogue. `cost_minor` is a person's cost in minor units of `currency`; None: not stated.

    `pass_mark` is the points of 100 that pass its test; None: it has no test. An archived one stays where it was
    taken and has no new sessions.
    """

    code = models.CharField(_("code"), max_length=40)
    description_zh = models.TextField(_("description in Chinese"), blank=True)
    description_en = models.TextField(_("description in English"), blank=True)
    topic = models.CharField(_("topic"), max_length=20, choices=CourseTopic.choices)
    hours = models.DecimalField(_("hours"), max_digits=6, decimal_places=2)
    cost_minor = models.BigIntegerField(_("cost in minor units"), null=True)
    currency = models.CharField(_("currency"), max_length=3, blank=True)
    pass_mark = models.PositiveSmallIntegerField(_("pass mark"), null=True)
    needs_approval = models.BooleanField(_("the manager approves"), default=False)
    archived_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "code"], name="course_code_once"),
            models.CheckConstraint(condition=~models.Q(name_zh="", name_en=""), name="course_has_a_name"),
            models.CheckConstraint(
                condition=models.Q(hours__gt=0)
                & (models.Q(cost_minor__isnull=True) | models.Q(cost_minor__gte=0) & ~models.Q(currency=""))
                & (models.Q(pass_mark__isnull=True) | models.Q(pass_mark__lte=100)),
                name="course_bounds",
            ),
        ]

    @property
    def kind(self) -> CourseKind:
        """For whom it is."""
        return next(CourseKind(kind) for kind, topics in TOPICS.items() if self.topic in topics)

    @property
    def description(self) -> str:
        """What it is about in the reader's language, else in the other one."""
        both = (self.description_zh, self.description_en)
        first, second = reversed(both) if get_language() == "en" else both
        return first or second

    @property
    def cost(self) -> Decimal | None:
        """What it costs for a person, in major units of its currency; None: not stated."""
        if self.cost_minor is None:
            return None
        return Decimal(self.cost_minor).scaleb(-get_currency_precision(self.currency))


class TrainingState(models.TextChoices):
    """Whether people may still enrol, and whether it took place."""

    OPEN = "open", pgettext_lazy("training", "Open for enrolment")
    CLOSED = "closed", pgettext_lazy("training", "Enrolment closed")
    HELD = "held", pgettext_lazy("training", "Held")
    CANCELLED = "cancelled", pgettext_lazy("training", "Cancelled")


@audited()
class TrainingSession(TenantOwned):
    """A course on a day: by whom, where, with so many places. The trainer is an employee or just a name."""

    course = TenantForeignKey(Course, models.CASCADE, related_name="sessions", db_index=False)
    starts_at = models.DateTimeField(_("starts at"))
    ends_at = models.DateTimeField(_("ends at"))
    place = models.CharField(_("place"), max_length=200, blank=True)
    link = models.URLField(_("link"), blank=True)
    trainer = TenantForeignKey("people.Employee", models.SET_NULL, null=True, related_name="+", db_index=False)
    trainer_name = models.CharField(_("name of the trainer"), max_length=120, blank=True)
    places = models.PositiveSmallIntegerField(_("places"))
    state = models.CharField(max_length=9, choices=TrainingState.choices, default=TrainingState.OPEN)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends_at__gt=models.F("starts_at"), places__gte=1), name="training_bounds"
            )
        ]
        indexes = [
            models.Index(fields=["tenant", "starts_at"], name="training_by_start"),
            models.Index(fields=["tenant", "course", "starts_at"], name="training_by_course"),
        ]

    def __str__(self) -> str:
        return f"{self.course_id}: {self.starts_at:%Y-%m-%d %H:%M}"

    @property
    def trainer_shown(self) -> str:
        """Who holds it, as a page says it; "" when nobody is named."""
        return self.trainer.name if self.trainer is not None else self.trainer_name

    @property
    def is_settled(self) -> bool:
        """Whether it is over or off, so that nothing of it changes but the marks."""
        return self.state in (TrainingState.HELD, TrainingState.CANCELLED)


class EnrolmentState(models.TextChoices):
    """Whether a person has a place."""

    ASKED = "asked", pgettext_lazy("training", "Waits for approval")
    WAITING = "waiting", pgettext_lazy("training", "Waiting list")
    ENROLLED = "enrolled", pgettext_lazy("training", "Enrolled")
    DECLINED = "declined", pgettext_lazy("training", "Not approved")
    CANCELLED = "cancelled", pgettext_lazy("training", "Cancelled")


class Attendance(models.TextChoices):
    """Whether somebody was there."""

    ATTENDED = "attended", pgettext_lazy("training", "Attended")
    ABSENT = "absent", pgettext_lazy("training", "Absent")


@audited(exclude=("feedback", "reminded_at"))
class Enrolment(TenantOwned):
    """Somebody's part in a session. `since` orders the waiting list; scores are points of 100.

    The trail leaves out the words of the feedback, which are for HR and the trainer.
    """

    session = TenantForeignKey(TrainingSession, models.CASCADE, related_name="enrolments", db_index=False)
    employee = TenantForeignKey("people.Employee", models.CASCADE, related_name="+", db_index=False)
    state = models.CharField(max_length=9, choices=EnrolmentState.choices)
    since = models.DateTimeField(_("since"))
    reminded_at = models.DateTimeField(null=True)
    attendance = models.CharField(max_length=8, choices=Attendance.choices, blank=True)
    hours = models.DecimalField(_("hours"), max_digits=6, decimal_places=2, null=True)
    score_before = models.DecimalField(max_digits=5, decimal_places=2, null=True)
    score_after = models.DecimalField(max_digits=5, decimal_places=2, null=True)
    passed = models.BooleanField(null=True)
    certificate = models.CharField(max_length=60, blank=True)
    marked_at = models.DateTimeField(null=True)
    marked_by = models.ForeignKey(
        "people.User", on_delete=models.SET_NULL, null=True, related_name="+", db_index=False
    )
    rating = models.PositiveSmallIntegerField(null=True)
    feedback = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "session", "employee"], name="enrolment_once"),
            models.CheckConstraint(
                condition=models.Q(attendance="") | models.Q(state=EnrolmentState.ENROLLED),
                name="only_enrolled_attend",
            ),
            models.CheckConstraint(
                condition=models.Q(rating__isnull=True) | models.Q(rating__gte=1, rating__lte=5),
                name="enrolment_rating_bounds",
            ),
        ]
        indexes = [
            models.Index(fields=["tenant", "employee", "session"], name="enrolment_by_employee"),
            models.Index(fields=["tenant", "session", "state", "since"], name="enrolment_by_queue"),
        ]

    def __str__(self) -> str:
        return f"{self.session_id}: {self.employee_id}"

    @property
    def gain(self) -> Decimal | None:
        """The points gained from the test before to the test after; None without both."""
        if self.score_before is None or self.score_after is None:
            return None
        return self.score_after - self.score_before
