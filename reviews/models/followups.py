"""Low scores that are followed up (S5): who does it until when, what came of it, whether the customer was told."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from perfmgmt.tenants.base import TenantForeignKey, TenantOwned
from perfmgmt.tenants.history import audited
from reviews.models.asking import SurveyInvitation
from reviews.models.surveys import Survey, SurveyQuestionKind


class FollowUpOwner(models.TextChoices):
    """Whose task a low score becomes."""

    MANAGER = "manager", _("The manager of who served, on that day")
    PERSON = "person", _("One person for all of them")
    ASSISTANT = "assistant", _("Whoever served")


@audited()
class FollowUpRule(TenantOwned):
    """Which scores of a survey become tasks. A survey without one has the defaults: see `followups.rules`."""

    survey = TenantForeignKey(Survey, models.CASCADE, related_name="+", db_index=False)
    is_on = models.BooleanField(_("on"), default=True)
    csat_most = models.PositiveSmallIntegerField(default=2)
    nps_most = models.PositiveSmallIntegerField(default=6)
    ces_most = models.PositiveSmallIntegerField(default=2)
    due_days = models.PositiveSmallIntegerField(default=3)
    owner = models.CharField(max_length=10, choices=FollowUpOwner.choices, default=FollowUpOwner.MANAGER)
    person = TenantForeignKey("people.Employee", models.SET_NULL, null=True, related_name="+", db_index=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "survey"], name="follow_up_rule_once"),
            models.CheckConstraint(
                condition=models.Q(csat_most__lte=5, nps_most__lte=10, ces_most__lte=7, due_days__lte=60),
                name="follow_up_rule_bounds",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.survey_id}: {self.is_on}"


class FollowUpState(models.TextChoices):
    """How far a task is."""

    OPEN = "open", pgettext_lazy("follow-up", "Open")
    BEGUN = "begun", pgettext_lazy("follow-up", "In progress")
    CLOSED = "closed", pgettext_lazy("follow-up", "Closed")


class FollowUpOutcome(models.TextChoices):
    """What came of it. The last one is the system's: the customer said that it was not theirs."""

    SOLVED = "solved", pgettext_lazy("follow-up", "Solved")
    APOLOGY = "apology", pgettext_lazy("follow-up", "Apologised")
    REPLACED = "replaced", pgettext_lazy("follow-up", "Replaced or compensated")
    NO_CONTACT = "no_contact", pgettext_lazy("follow-up", "Could not be reached")
    NOT_JUSTIFIED = "not_justified", pgettext_lazy("follow-up", "Not justified")
    OTHER = "other", pgettext_lazy("follow-up", "Something else")
    CALLED_OFF = "called_off", pgettext_lazy("follow-up", "Called off: not their order")


@audited(exclude=("outcome_text", "reminded_on"))
class FollowUp(TenantOwned):
    """The task that a low score became; one for each invitation.

    `kind` and `score` are the worst answer when it was opened, `score_now` what the same question says now (None:
    nothing). `owner` is empty while nobody could be found: HR gives it to somebody. The trail leaves out the text of
    the outcome: it may name the customer, and goes when they are erased.
    """

    invitation = TenantForeignKey(SurveyInvitation, models.CASCADE, related_name="follow_ups", db_index=False)
    owner = TenantForeignKey("people.Employee", models.SET_NULL, null=True, related_name="+", db_index=False)
    key = models.CharField(max_length=20)
    kind = models.CharField(max_length=6, choices=SurveyQuestionKind.choices)
    score = models.PositiveSmallIntegerField()
    score_now = models.PositiveSmallIntegerField(null=True)
    is_good_now = models.BooleanField(default=False)
    due = models.DateField(_("due"))
    state = models.CharField(max_length=6, choices=FollowUpState.choices, default=FollowUpState.OPEN)
    outcome = models.CharField(max_length=14, choices=FollowUpOutcome.choices, blank=True)
    outcome_text = models.TextField(blank=True)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    mail = TenantForeignKey("notify.WorkspaceMail", models.SET_NULL, null=True, related_name="+", db_index=False)
    told_at = models.DateTimeField(null=True)
    reminded_on = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "invitation"], name="follow_up_once"),
            models.CheckConstraint(
                condition=models.Q(state=FollowUpState.CLOSED, closed_at__isnull=False) & ~models.Q(outcome="")
                | ~models.Q(state=FollowUpState.CLOSED) & models.Q(closed_at__isnull=True, outcome=""),
                name="closed_follow_up_has_an_outcome",
            ),
        ]
        indexes = [
            models.Index(fields=["tenant", "state", "due"], name="follow_up_by_due"),
            models.Index(fields=["tenant", "owner", "state"], name="follow_up_by_owner"),
        ]

    def __str__(self) -> str:
        return f"{self.invitation_id}: {self.state}"

    @property
    def is_open(self) -> bool:
        """Whether there is something left to do."""
        return self.state != FollowUpState.CLOSED


class FollowUpStepKind(models.TextChoices):
    """What happened to a task."""

    OPENED = "opened", pgettext_lazy("follow-up", "Opened")
    BEGUN = "begun", pgettext_lazy("follow-up", "Begun")
    HANDED = "handed", pgettext_lazy("follow-up", "Handed over")
    CORRECTED = "corrected", pgettext_lazy("follow-up", "The customer corrected the answer")
    DISOWNED = "disowned", pgettext_lazy("follow-up", "The customer said it was not theirs")
    CLOSED = "closed", pgettext_lazy("follow-up", "Closed")
    TOLD = "told", pgettext_lazy("follow-up", "Mail to the customer written")


class FollowUpStep(TenantOwned):
    """One step of a task's history. `old` and `new` are scores, `to` is who owns it from then on."""

    follow_up = TenantForeignKey(FollowUp, models.CASCADE, related_name="steps", db_index=False)
    kind = models.CharField(max_length=10, choices=FollowUpStepKind.choices)
    at = models.DateTimeField(auto_now_add=True)
    by = models.ForeignKey(
        "people.User", on_delete=models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    by_name = models.CharField(max_length=120, blank=True)
    to = TenantForeignKey("people.Employee", models.SET_NULL, null=True, related_name="+", db_index=False)
    old = models.PositiveSmallIntegerField(null=True)
    new = models.PositiveSmallIntegerField(null=True)
    text = models.TextField(blank=True)

    class Meta:
        indexes = [models.Index(fields=["tenant", "follow_up", "id"], name="follow_up_step_by_task")]

    def __str__(self) -> str:
        return f"{self.follow_up_id}: {self.kind}"
