"""Feedback between colleagues (R11): praise that everybody reads, suggestions that only two people read."""

from django.db import models
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from perfmgmt.tenants.base import TenantForeignKey, TenantOwned
from perfmgmt.tenants.history import audited
from reviews.models.scorecards import Named


@audited()
class CompanyValue(Named, TenantOwned):
    """What the company stands for; praise names the one it shows. An archived one stays with what names it."""

    about_zh = models.CharField(_("meaning in Chinese"), max_length=300, blank=True)
    about_en = models.CharField(_("meaning in English"), max_length=300, blank=True)
    is_archived = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~models.Q(name_zh="", name_en=""), name="company_value_has_a_name"),
        ]

    @property
    def about(self) -> str:
        """What it means, in the reader's language."""
        first, second = (self.about_en, self.about_zh) if get_language() == "en" else (self.about_zh, self.about_en)
        return first or second


class FeedbackKind(models.TextChoices):
    """Who reads it: everybody of the workspace, or giver and receiver."""

    PRAISE = "praise", pgettext_lazy("feedback", "Praise")
    SUGGESTION = "suggestion", pgettext_lazy("feedback", "Suggestion")


class Feedback(TenantOwned):
    """What somebody said to colleagues. A suggestion has one receiver: to several people it is several rows.

    `giver` is the giver's record as an employee, for filters; `by` who may change it. `shares`: who leads the
    receiver may read the suggestion as well. `day` is the workspace's day on which it was given.
    """

    kind = models.CharField(max_length=10, choices=FeedbackKind.choices)
    by = models.ForeignKey("people.User", models.SET_NULL, null=True, related_name="+", db_index=False)
    giver = TenantForeignKey("people.Employee", models.SET_NULL, null=True, related_name="+", db_index=False)
    value = TenantForeignKey(CompanyValue, models.SET_NULL, null=True, related_name="+", db_index=False)
    text = models.TextField()
    shares = models.BooleanField(default=False)
    day = models.DateField()
    given_at = models.DateTimeField()
    edited_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind=FeedbackKind.SUGGESTION) | models.Q(shares=False), name="praise_is_not_shared"
            ),
            models.CheckConstraint(
                condition=models.Q(kind=FeedbackKind.PRAISE) | models.Q(value=None), name="suggestion_has_no_value"
            ),
        ]
        indexes = [
            models.Index(fields=["tenant", "kind", "day"], name="feedback_by_kind"),
            models.Index(fields=["tenant", "by", "day"], name="feedback_by_giver"),
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.day}"


class FeedbackReceiver(TenantOwned):
    """Whom feedback is for."""

    feedback = TenantForeignKey(Feedback, models.CASCADE, related_name="receivers", db_index=False)
    employee = TenantForeignKey("people.Employee", models.CASCADE, related_name="+", db_index=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "feedback", "employee"], name="feedback_received_once"),
        ]
        indexes = [models.Index(fields=["tenant", "employee", "feedback"], name="feedback_by_receiver")]

    def __str__(self) -> str:
        return f"{self.feedback_id}: {self.employee_id}"


class ReactionKind(models.TextChoices):
    """What may be said to praise with one click."""

    THANKS = "thanks", pgettext_lazy("reaction", "Thanks")
    AGREE = "agree", pgettext_lazy("reaction", "Me too")
    APPLAUSE = "applause", pgettext_lazy("reaction", "Well done")


class PraiseReaction(TenantOwned):
    """One click of one person; each kind once."""

    feedback = TenantForeignKey(Feedback, models.CASCADE, related_name="reactions", db_index=False)
    by = models.ForeignKey("people.User", models.CASCADE, related_name="+", db_index=False)
    kind = models.CharField(max_length=10, choices=ReactionKind.choices)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "feedback", "by", "kind"], name="reacted_once")]

    def __str__(self) -> str:
        return f"{self.feedback_id}: {self.kind}"


@audited()
class HiddenPraise(TenantOwned):
    """HR took praise from the wall, with a reason. Giver and receivers still read it; removing the row shows it."""

    feedback = TenantForeignKey(Feedback, models.CASCADE, related_name="hidden", db_index=False)
    reason = models.CharField(_("reason"), max_length=500)
    hidden_by = models.ForeignKey("people.User", models.SET_NULL, null=True, related_name="+", db_index=False)
    hidden_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "feedback"], name="praise_hidden_once")]

    def __str__(self) -> str:
        return f"{self.feedback_id}: {self.reason}"
