"""The weekly check-in (周进展): what a person says about their goals, and what the manager answers (G9)."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from goals.models.goals import Goal
from perfmgmt.tenants.base import TenantForeignKey, TenantOwned
from perfmgmt.tenants.history import audited


class CheckInState(models.TextChoices):
    """Whether the manager can read it."""

    DRAFT = "draft", pgettext_lazy("check-in", "Draft")
    SENT = "sent", pgettext_lazy("check-in", "Sent")


class Confidence(models.IntegerChoices):
    """How sure a person is to reach a goal."""

    LOW = 1, pgettext_lazy("confidence", "Low")
    MEDIUM = 2, pgettext_lazy("confidence", "Medium")
    HIGH = 3, pgettext_lazy("confidence", "High")


def _user() -> "models.ForeignKey[object, object]":
    return models.ForeignKey(
        "people.User", on_delete=models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )


@audited(exclude=("updated_at", "answer_read_at"))
class CheckIn(TenantOwned):
    """One person's check-in of one ISO week, named by its Monday.

    `answered_at` says that the manager has read it, with or without words; `answer_read_at` that the person has read
    the answer.
    """

    employee = TenantForeignKey("people.Employee", models.CASCADE, related_name="+", db_index=False)
    week = models.DateField(_("week"))
    state = models.CharField(_("state"), max_length=5, choices=CheckInState.choices, default=CheckInState.DRAFT)
    next_steps = models.CharField(_("what I do next"), max_length=1000, blank=True)
    help_wanted = models.BooleanField(_("I need help"), default=False)
    help_text = models.CharField(_("what I need help with"), max_length=500, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    answer = models.CharField(_("answer"), max_length=1000, blank=True)
    answered_by = _user()
    answered_at = models.DateTimeField(null=True, blank=True)
    answer_read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "employee", "week"], name="check_in_once_a_week"),
            models.CheckConstraint(condition=models.Q(week__iso_week_day=1), name="check_in_week_is_a_monday"),
            models.CheckConstraint(
                condition=models.Q(state=CheckInState.DRAFT, sent_at__isnull=True)
                | models.Q(state=CheckInState.SENT, sent_at__isnull=False),
                name="check_in_sent_has_a_time",
            ),
        ]
        indexes = [models.Index(fields=["tenant", "week"], name="check_in_by_week")]

    def __str__(self) -> str:
        return f"{self.employee_id}: {self.week:%G-W%V}"

    @property
    def is_sent(self) -> bool:
        """Whether the manager can read it; only a draft may be changed."""
        return self.state == CheckInState.SENT

    @property
    def waits_for_help(self) -> bool:
        """Whether help was asked for and nobody has answered yet."""
        return self.is_sent and self.help_wanted and self.answered_at is None

    @property
    def has_news(self) -> bool:
        """Whether the manager has answered and the person has not read it yet."""
        return self.answered_at is not None and self.answer_read_at is None


@audited()
class CheckInLine(TenantOwned):
    """What a check-in says about one goal, or about a metric with a monthly target and no goal.

    The figures are those that were shown when it was sent, in the metric's unit; a draft has none yet.
    """

    check_in = TenantForeignKey(CheckIn, models.CASCADE, related_name="lines", db_index=False)
    place = models.PositiveSmallIntegerField(_("place"))
    goal = TenantForeignKey(Goal, models.CASCADE, null=True, blank=True, related_name="+", db_index=False)
    metric = TenantForeignKey(
        "metrics.Metric", models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    title = models.CharField(_("what is to be reached"), max_length=200)
    first_day = models.DateField(_("first day"))
    last_day = models.DateField(_("last day"))
    confidence = models.PositiveSmallIntegerField(_("confidence"), choices=Confidence.choices, null=True, blank=True)
    blocker = models.CharField(_("what stands in the way"), max_length=500, blank=True)
    note = models.CharField(_("note"), max_length=500, blank=True)
    target = models.DecimalField(_("target"), max_digits=20, decimal_places=4, null=True, blank=True)
    actual = models.DecimalField(_("figure"), max_digits=38, decimal_places=4, null=True, blank=True)
    expected = models.DecimalField(_("expected by then"), max_digits=38, decimal_places=4, null=True, blank=True)
    attainment = models.DecimalField(_("attainment"), max_digits=38, decimal_places=4, null=True, blank=True)
    pace = models.CharField(_("pacing"), max_length=12, blank=True)
    week_target = models.DecimalField(_("target of the week"), max_digits=20, decimal_places=4, null=True, blank=True)
    week_actual = models.DecimalField(_("figure of the week"), max_digits=38, decimal_places=4, null=True, blank=True)

    class Meta:
        ordering = ["place"]
        constraints = [models.UniqueConstraint(fields=["tenant", "check_in", "place"], name="check_in_line_place")]
        indexes = [models.Index(fields=["tenant", "goal"], name="check_in_line_by_goal")]

    def __str__(self) -> str:
        return self.title

    @property
    def name(self) -> str:
        """What the goal is called; a target without a goal by its metric, in the reader's language."""
        return self.metric.name if self.goal_id is None and self.metric is not None else self.title


@audited()
class KeyTask(TenantOwned):
    """One of a person's key tasks of a week, planned by them and confirmed by the manager."""

    employee = TenantForeignKey("people.Employee", models.CASCADE, related_name="+", db_index=False)
    week = models.DateField(_("week"))
    place = models.PositiveSmallIntegerField(_("place"))
    text = models.CharField(_("task"), max_length=200)
    done = models.BooleanField(_("done"), default=False)
    confirmed_by = _user()
    confirmed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["place"]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "employee", "week", "place"], name="key_task_in_its_place"),
            models.CheckConstraint(condition=models.Q(week__iso_week_day=1), name="key_task_week_is_a_monday"),
        ]

    def __str__(self) -> str:
        return self.text


class CheckInMail(TenantOwned):
    """That somebody was reminded of a week's check-in, or told who is missing: never twice."""

    employee = TenantForeignKey("people.Employee", models.CASCADE, related_name="+", db_index=False)
    week = models.DateField()
    kind = models.CharField(max_length=8)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "employee", "week", "kind"], name="check_in_mail_once")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.employee_id}: {self.week:%G-W%V}"
