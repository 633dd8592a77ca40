"""Customer surveys (满意度调查): what is asked, in versions, in both languages (S1)."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from perfmgmt.tenants.base import TenantForeignKey, TenantOwned
from perfmgmt.tenants.history import audited
from reviews.models.scorecards import Named


class SurveyPurpose(models.TextChoices):
    """What answers are for; customers are told."""

    SCORED = "scored", _("Counts in scores")
    DEVELOPMENT = "development", _("For development only, never scored")


class SurveyState(models.TextChoices):
    """Whether a survey may be sent."""

    DRAFT = "draft", pgettext_lazy("survey", "Draft")
    OPEN = "open", pgettext_lazy("survey", "Open")
    CLOSED = "closed", pgettext_lazy("survey", "Closed")
    ARCHIVED = "archived", pgettext_lazy("survey", "Archived")


class SurveyVersionState(models.TextChoices):
    """Whether a version may still be changed, and which one is sent."""

    DRAFT = "draft", pgettext_lazy("survey", "Draft")
    PUBLISHED = "published", pgettext_lazy("survey", "Published")
    RETIRED = "retired", pgettext_lazy("survey", "Replaced")


class SurveyLanguage(models.TextChoices):
    """The languages of a survey; which comes first for a customer whose language nobody knows."""

    ZH = "zh-hans", _("Chinese")
    EN = "en", _("English")


class SurveyQuestionKind(models.TextChoices):
    """How a question is answered."""

    CSAT = "csat", _("Satisfaction, 1 to 5")
    NPS = "nps", _("Recommendation, 0 to 10")
    CES = "ces", _("Effort, 1 to 7")
    CHOICE = "choice", _("One of several choices")
    TEXT = "text", _("Text")


@audited()
class Survey(Named, TenantOwned):
    """A survey, whatever its versions say. `reply_to` is where answers to the mail go; empty: the sender of all.

    `by_link`: whom the system chooses and no mail reaches gets a link, which somebody hands over.
    """

    purpose = models.CharField(
        _("purpose"), max_length=12, choices=SurveyPurpose.choices, default=SurveyPurpose.SCORED
    )
    state = models.CharField(_("state"), max_length=10, choices=SurveyState.choices, default=SurveyState.DRAFT)
    reply_to = models.EmailField(_("reply-to"), blank=True)
    by_link = models.BooleanField(_("customers without an email are asked by link"), default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~models.Q(name_zh="", name_en=""), name="survey_has_a_name"),
        ]


@audited()
class SurveyVersion(TenantOwned):
    """One version of a survey: the texts around its questions, in both languages, and its look.

    A published one never changes: the database refuses it (migration 0011). `accent` is "#rrggbb"; `logo` the name
    of a PNG in the workspace's storage.
    """

    survey = TenantForeignKey(Survey, models.CASCADE, related_name="versions", db_index=False)
    number = models.PositiveIntegerField(_("version"))
    state = models.CharField(
        _("state"), max_length=10, choices=SurveyVersionState.choices, default=SurveyVersionState.DRAFT
    )
    first_language = models.CharField(
        _("first language"), max_length=7, choices=SurveyLanguage.choices, default=SurveyLanguage.ZH
    )
    subject_zh = models.CharField(max_length=120, blank=True)
    subject_en = models.CharField(max_length=120, blank=True)
    greeting_zh = models.CharField(max_length=600, blank=True)
    greeting_en = models.CharField(max_length=600, blank=True)
    heading_zh = models.CharField(max_length=120, blank=True)
    heading_en = models.CharField(max_length=120, blank=True)
    thanks_zh = models.CharField(max_length=300, blank=True)
    thanks_en = models.CharField(max_length=300, blank=True)
    next_steps_zh = models.CharField(max_length=400, blank=True)
    next_steps_en = models.CharField(max_length=400, blank=True)
    reader_zh = models.CharField(max_length=300, blank=True)
    reader_en = models.CharField(max_length=300, blank=True)
    accent = models.CharField(_("accent colour"), max_length=7, default="#2457d6")
    logo = models.CharField(_("logo"), max_length=120, blank=True)
    note = models.CharField(_("what is new"), max_length=500, blank=True)
    published_at = models.DateTimeField(null=True, blank=True)
    published_by = models.ForeignKey(
        "people.User", on_delete=models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "survey", "number"], name="survey_version_once"),
            models.UniqueConstraint(
                fields=["tenant", "survey"],
                condition=models.Q(state=SurveyVersionState.DRAFT),
                name="survey_one_draft",
            ),
            models.UniqueConstraint(
                fields=["tenant", "survey"],
                condition=models.Q(state=SurveyVersionState.PUBLISHED),
                name="survey_one_published",
            ),
            models.CheckConstraint(
                condition=models.Q(state=SurveyVersionState.DRAFT, published_at__isnull=True)
                | ~models.Q(state=SurveyVersionState.DRAFT) & models.Q(published_at__isnull=False),
                name="published_survey_has_a_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.survey_id} v{self.number}"

    @property
    def is_draft(self) -> bool:
        """Whether it may still be changed."""
        return self.state == SurveyVersionState.DRAFT


@audited()
class SurveyQuestion(TenantOwned):
    """A question of a version, in its place. `key` stays the same from version to version.

    `choices` is [{"key", "zh", "en"}]. With `after_key` it is asked only when the answer to that earlier scale
    question lies from `after_low` to `after_high`. `identified`: the answer is shown with the customer's name.
    """

    version = TenantForeignKey(SurveyVersion, models.CASCADE, related_name="questions", db_index=False)
    place = models.PositiveSmallIntegerField(_("place"))
    key = models.CharField(_("key"), max_length=20)
    kind = models.CharField(_("kind"), max_length=6, choices=SurveyQuestionKind.choices)
    text_zh = models.CharField(max_length=200, blank=True)
    text_en = models.CharField(max_length=200, blank=True)
    low_zh = models.CharField(max_length=40, blank=True)
    low_en = models.CharField(max_length=40, blank=True)
    high_zh = models.CharField(max_length=40, blank=True)
    high_en = models.CharField(max_length=40, blank=True)
    required = models.BooleanField(_("required"), default=False)
    identified = models.BooleanField(_("identified"), default=True)
    choices = models.JSONField(_("choices"), default=list, blank=True)
    after_key = models.CharField(max_length=20, blank=True)
    after_low = models.PositiveSmallIntegerField(null=True, blank=True)
    after_high = models.PositiveSmallIntegerField(null=True, blank=True)

    class Meta:
        ordering = ["place"]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "version", "place"], name="survey_question_place",
                                    deferrable=models.Deferrable.DEFERRED),
            models.UniqueConstraint(fields=["tenant", "version", "key"], name="survey_question_once",
                                    deferrable=models.Deferrable.DEFERRED),
            models.CheckConstraint(
                condition=models.Q(after_key="", after_low=None, after_high=None)
                | ~models.Q(after_key="") & models.Q(after_low__isnull=False, after_high__isnull=False),
                name="survey_condition_is_whole",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.version_id}: {self.key}"
