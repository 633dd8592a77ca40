"""Feedback that somebody asks colleagues for (R11): by name, read by who asked."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from perfmgmt.tenants.base import TenantForeignKey, TenantOwned
from perfmgmt.tenants.history import audited


@audited(exclude=("topic", "question_1", "question_2", "question_3"))
class FeedbackRequest(TenantOwned):
    """What somebody asks colleagues about a person: themselves, or who they lead.

    Who asked reads who wrote what; the person as well if `shown_to_person`. Nobody else does. It takes replies until
    the end of the day `due`, or until it is closed.
    """

    employee = TenantForeignKey("people.Employee", models.CASCADE, related_name="+", db_index=False)
    asked_by = models.ForeignKey("people.User", models.SET_NULL, null=True, related_name="+", db_index=False)
    topic = models.CharField(max_length=200)
    question_1 = models.CharField(max_length=300)
    question_2 = models.CharField(max_length=300, blank=True)
    question_3 = models.CharField(max_length=300, blank=True)
    shown_to_person = models.BooleanField(_("the person reads it"), default=False)
    due = models.DateField(_("due"))
    asked_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["tenant", "asked_by", "due"], name="feedback_request_by_asker"),
            models.Index(fields=["tenant", "employee", "due"], name="feedback_request_by_person"),
        ]

    def __str__(self) -> str:
        return f"{self.employee_id}: {self.topic}"

    @property
    def questions(self) -> list[tuple[int, str]]:
        """The questions that are asked, with their numbers."""
        texts = (self.question_1, self.question_2, self.question_3)
        return [(number, text) for number, text in enumerate(texts, 1) if text]


class AskState(models.TextChoices):
    """What became of asking one colleague."""

    OPEN = "open", pgettext_lazy("feedback asked", "Open")
    REPLIED = "replied", pgettext_lazy("feedback asked", "Replied")
    DECLINED = "declined", pgettext_lazy("feedback asked", "Declined")


class FeedbackAsk(TenantOwned):
    """One colleague who is asked, and what they said to each question or why they declined."""

    request = TenantForeignKey(FeedbackRequest, models.CASCADE, related_name="asks", db_index=False)
    employee = TenantForeignKey("people.Employee", models.CASCADE, related_name="+", db_index=False)
    state = models.CharField(max_length=8, choices=AskState.choices, default=AskState.OPEN)
    said_1 = models.TextField(blank=True)
    said_2 = models.TextField(blank=True)
    said_3 = models.TextField(blank=True)
    reason = models.CharField(max_length=500, blank=True)
    settled_at = models.DateTimeField(null=True)
    reminded_on = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "request", "employee"], name="feedback_asked_once"),
        ]
        indexes = [models.Index(fields=["tenant", "employee", "state"], name="feedback_ask_by_person")]

    def __str__(self) -> str:
        return f"{self.request_id}: {self.employee_id} {self.state}"

    @property
    def said(self) -> dict[int, str]:
        """What was said, by the number of the question."""
        return {1: self.said_1, 2: self.said_2, 3: self.said_3}
