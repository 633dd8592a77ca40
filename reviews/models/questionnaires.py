"""Questionnaires (R4): a bank of anchored questions in both languages, and what is asked together."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from perfmgmt.tenants.base import TenantForeignKey, TenantOwned
from perfmgmt.tenants.history import audited
from reviews.models.scorecards import Named


class QuestionKind(models.TextChoices):
    """How a question is answered."""

    SCALE = "scale", _("Rating scale")
    TEXT = "text", _("Text")


class QuestionTexts(models.Model):
    """What a question says: its text, and what each step of its scale means ([{"zh", "en"}], lowest first)."""

    kind = models.CharField(_("kind"), max_length=5, choices=QuestionKind.choices, default=QuestionKind.SCALE)
    text_zh = models.CharField(_("question in Chinese"), max_length=400)
    text_en = models.CharField(_("question in English"), max_length=400)
    scale = models.PositiveSmallIntegerField(_("steps"), default=5)
    anchors = models.JSONField(_("what the steps mean"), default=list, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.text_en if get_language() == "en" else self.text_zh

    @property
    def text(self) -> str:
        """The question in the reader's language."""
        return str(self)

    @property
    def steps(self) -> list[tuple[int, str]]:
        """The steps of the scale with their meaning in the reader's language, lowest first."""
        language = "en" if get_language() == "en" else "zh"
        words = [str(each.get(language, "")) for each in self.anchors]
        return [(at, words[at - 1] if at <= len(words) else "") for at in range(1, self.scale + 1)]


class Topic(models.TextChoices):
    """What a question of the bank is about."""

    INITIATIVE = "initiative", _("Initiative")
    TEAMWORK = "teamwork", _("Teamwork")
    COMMUNICATION = "communication", _("Communication")
    INNOVATION = "innovation", _("Innovation")
    PROBLEM_SOLVING = "problem_solving", _("Problem solving")
    SERVICE = "service", _("Service")
    LEARNING = "learning", _("Learning")
    QUALITY = "quality", _("Quality of work")
    RESULTS = "results", _("Targets and results")
    LEADERSHIP = "leadership", _("Leadership")
    OTHER = "other", _("Other")


@audited()
class Question(QuestionTexts, TenantOwned):
    """A question of the bank. What a cycle asks is copied at its launch, so a change here changes no answer."""

    code = models.CharField(_("code"), max_length=60)
    topic = models.CharField(_("topic"), max_length=16, choices=Topic.choices, default=Topic.OTHER)
    archived_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "code"], name="question_code_once"),
            models.CheckConstraint(condition=models.Q(scale__gte=2, scale__lte=10), name="question_scale_2_to_10"),
        ]


class QuestionnairePurpose(models.TextChoices):
    """What a questionnaire is for; only reviews count in scores."""

    REVIEW = "review", _("360-degree review")
    SELF = "self", _("Self-review")


@audited()
class Questionnaire(Named, TenantOwned):
    """Questions that are asked together, of the groups that each item names."""

    code = models.CharField(_("code"), max_length=60)
    purpose = models.CharField(
        _("purpose"), max_length=8, choices=QuestionnairePurpose.choices, default=QuestionnairePurpose.REVIEW
    )
    archived_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "code"], name="questionnaire_code_once"),
            models.CheckConstraint(condition=~models.Q(name_zh="", name_en=""), name="questionnaire_has_a_name"),
        ]


@audited()
class QuestionnaireItem(TenantOwned):
    """A question of a questionnaire, in its place; `groups` are the rater groups that are asked, empty: all.

    `section` heads the questions that follow one another under it, in both languages ({"zh", "en"}).
    """

    questionnaire = TenantForeignKey(Questionnaire, models.CASCADE, related_name="items", db_index=False)
    question = TenantForeignKey(Question, models.PROTECT, related_name="+", db_index=False)
    place = models.PositiveSmallIntegerField(_("place"))
    weight = models.DecimalField(_("weight"), max_digits=5, decimal_places=2, default=1)
    groups = ArrayField(models.CharField(max_length=20), verbose_name=_("asked of"), default=list, blank=True)
    required = models.BooleanField(_("must be answered"), default=False)
    section = models.JSONField(_("section"), default=dict, blank=True)

    class Meta:
        ordering = ["place"]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "questionnaire", "place"], name="item_in_its_place",
                                    deferrable=models.Deferrable.DEFERRED),
            models.UniqueConstraint(fields=["tenant", "questionnaire", "question"], name="question_asked_once"),
            models.CheckConstraint(condition=models.Q(weight__gte=0), name="item_weight_not_negative"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.questionnaire_id}: {self.question_id}"
