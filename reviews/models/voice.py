"""What customers said, prepared for pages: counts of answers, and the themes of their words (S5)."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from perfmgmt.tenants.base import HotTenantOwned, TenantForeignKey, TenantOwned
from perfmgmt.tenants.history import audited
from reviews.models.asking import SurveyAnswer
from reviews.models.scorecards import Named
from reviews.models.surveys import SurveyPurpose, SurveyQuestionKind


class TallyBy(models.TextChoices):
    """What a row of the tally counts: answers alike in everything, or alike in one thing within a month."""

    CELL = "cell", "cell"
    ALL = "all", "all"
    EMPLOYEE = "employee", "employee"
    UNIT = "unit", "unit"
    CUSTOMER_TYPE = "type", "type"
    PRODUCT = "product", "product"
    FINISHED = "finished", "finished"


class SurveyTally(HotTenantOwned):
    """How many finished answers of a survey said the same; derived from them, can be rebuilt.

    A cell is of one day and has everything; the other rows are of a month (`day` is its first) and leave blank what
    they don't tell apart; those by assistant keep the unit, those by FINISHED are of the month (UTC) in which
    the customer finished, whatever was served when. `employee_id` and `unit_id` are 0 for none; the unit is
    that on the day served. `said` is the number, the key of a choice, or empty for words.
    """

    pk = models.CompositePrimaryKey(
        "tenant_id", "survey_id", "by", "purpose", "key", "kind", "day", "employee_id", "unit_id", "customer_type",
        "product", "said",
    )  # fmt: skip
    survey_id = models.BigIntegerField()
    by = models.CharField(max_length=8, choices=TallyBy.choices)
    purpose = models.CharField(max_length=12, choices=SurveyPurpose.choices)
    key = models.CharField(max_length=20)
    kind = models.CharField(max_length=6, choices=SurveyQuestionKind.choices)
    day = models.DateField()
    employee_id = models.BigIntegerField()
    unit_id = models.BigIntegerField()
    customer_type = models.CharField(max_length=60)
    product = models.CharField(max_length=200)
    said = models.CharField(max_length=20)
    n = models.IntegerField()

    class Meta:
        indexes = [
            models.Index(fields=["tenant", "by", "employee_id", "day"], name="survey_tally_by_employee"),
        ]

    def __str__(self) -> str:
        return f"{self.survey_id}: {self.key} {self.by} {self.n}"


@audited()
class VoiceTheme(Named, TenantOwned):
    """What customers speak about. Words that contain one of `words_zh` or `words_en` (one a line) suggest it."""

    words_zh = models.TextField(_("words in Chinese"), blank=True)
    words_en = models.TextField(_("words in English"), blank=True)
    is_archived = models.BooleanField(default=False)
    place = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["place", "pk"]
        constraints = [
            models.CheckConstraint(condition=~models.Q(name_zh="", name_en=""), name="voice_theme_has_a_name"),
        ]


class ThemedWords(TenantOwned):
    """A theme that somebody gave to a customer's words; it goes when the words change or go."""

    answer = TenantForeignKey(SurveyAnswer, models.CASCADE, related_name="themes", db_index=False)
    theme = TenantForeignKey(VoiceTheme, models.CASCADE, related_name="+", db_index=False)
    by = models.ForeignKey("people.User", models.SET_NULL, null=True, related_name="+", db_index=False)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "answer", "theme"], name="words_themed_once")]
        indexes = [models.Index(fields=["tenant", "theme"], name="words_by_theme")]

    def __str__(self) -> str:
        return f"{self.answer_id}: {self.theme_id}"
