"""Asking customers (S2-S4): what makes the system ask, whom it chose or passed over, and what they answered."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from perfmgmt.tenants.base import TenantForeignKey, TenantOwned
from perfmgmt.tenants.history import audited
from reviews.models.surveys import Survey, SurveyLanguage, SurveyPurpose, SurveyQuestionKind, SurveyVersion


class AskedAfter(models.TextChoices):
    """What a customer is asked about; the words of mail and page follow from it (`surveys.filling`)."""

    ORDER = "order", pgettext_lazy("asked after", "An order")
    TICKET = "ticket", pgettext_lazy("asked after", "A request")
    VISIT = "visit", pgettext_lazy("asked after", "A visit")
    FOLLOW_UP = "follow_up", pgettext_lazy("asked after", "A follow-up")


class Sampling(models.Model):
    """How many of those who could be asked are: `rate` in percent, drawn by chance, and at most `quota` for each
    assistant and calendar month (empty: no limit). `quiet_days`: as long as nobody is asked again by this survey."""

    rate = models.PositiveSmallIntegerField(_("share that is asked (%)"), default=100)
    quota = models.PositiveSmallIntegerField(_("at most per assistant and month"), null=True, blank=True)
    quiet_days = models.PositiveSmallIntegerField(_("quiet period (days)"), default=30)

    class Meta:
        abstract = True


@audited()
class SurveyTrigger(Sampling, TenantOwned):
    """A survey goes out `delay_days` after each fact of a metric, from `from_day` on (S2)."""

    survey = TenantForeignKey(Survey, models.CASCADE, related_name="triggers", db_index=False)
    after = models.CharField(_("asked after"), max_length=10, choices=AskedAfter.choices)
    metric = TenantForeignKey("metrics.Metric", models.PROTECT, related_name="+", db_index=False)
    delay_days = models.PositiveSmallIntegerField(_("delay (days)"), default=1)
    from_day = models.DateField(_("for what happens from"))
    is_on = models.BooleanField(_("on"), default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "survey", "metric"], name="survey_trigger_once"),
            models.CheckConstraint(
                condition=models.Q(rate__gte=1, rate__lte=100, delay_days__lte=60, quiet_days__lte=730),
                name="survey_trigger_bounds",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.survey_id}: {self.after} {self.metric_id}"


class CampaignState(models.TextChoices):
    """Where a campaign stands."""

    PLANNED = "planned", pgettext_lazy("campaign", "Planned")
    RUNNING = "running", pgettext_lazy("campaign", "Choosing customers")
    DONE = "done", pgettext_lazy("campaign", "Sent out")
    CANCELLED = "cancelled", pgettext_lazy("campaign", "Cancelled")


@audited()
class SurveyCampaign(Sampling, TenantOwned):
    """A survey that goes out once to a group of customers, about the relationship and whoever looks after it."""

    survey = TenantForeignKey(Survey, models.CASCADE, related_name="campaigns", db_index=False)
    name = models.CharField(_("name"), max_length=120)
    customer_type = models.CharField(_("customer type"), max_length=60, blank=True)
    region = models.CharField(_("region"), max_length=60, blank=True)
    starts_at = models.DateTimeField(_("starts"))
    state = models.CharField(max_length=10, choices=CampaignState.choices, default=CampaignState.PLANNED)
    job = TenantForeignKey("jobs.Job", models.SET_NULL, null=True, related_name="+", db_index=False)
    created_by = models.ForeignKey(
        "people.User", on_delete=models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(rate__gte=1, rate__lte=100, quiet_days__lte=730), name="survey_campaign_bounds"
            )
        ]
        indexes = [models.Index(fields=["tenant", "state", "starts_at"], name="survey_campaign_by_start")]

    def __str__(self) -> str:
        return self.name


class AskOrigin(models.TextChoices):
    """Who wanted an answer. What an assistant starts is for development, never scored."""

    TRIGGER = "trigger", pgettext_lazy("survey", "By itself")
    CAMPAIGN = "campaign", pgettext_lazy("survey", "Campaign")
    ASSISTANT = "assistant", pgettext_lazy("survey", "Started by an assistant")


class InvitationState(models.TextChoices):
    """How far an invitation is. CHOSEN is also a link that waits to be handed over, MAILED one that was."""

    CHOSEN = "chosen", pgettext_lazy("survey", "Chosen")
    MAILED = "mailed", pgettext_lazy("survey", "Mail written")
    STARTED = "started", pgettext_lazy("survey", "Started")
    FINISHED = "finished", pgettext_lazy("survey", "Answered")
    DISOWNED = "disowned", pgettext_lazy("survey", "Not their order")
    CANCELLED = "cancelled", pgettext_lazy("survey", "Called off")


class AskChannel(models.TextChoices):
    """How a customer gets the link: in a mail, or from somebody who hands it over (for those who read no mail)."""

    MAIL = "mail", pgettext_lazy("survey", "By mail")
    LINK = "link", pgettext_lazy("survey", "By link or QR code")


class SurveyInvitation(TenantOwned):
    """One contact asked once. What is rated is copied from the fact, which may be corrected or taken back.

    `contact` is emptied when the person is erased: the answer stays, unlinked. `employee` is who served on `day`.
    """

    survey = TenantForeignKey(Survey, models.CASCADE, related_name="invitations", db_index=False)
    version = TenantForeignKey(SurveyVersion, models.CASCADE, related_name="+", db_index=False)
    origin = models.CharField(max_length=10, choices=AskOrigin.choices)
    channel = models.CharField(max_length=4, choices=AskChannel.choices, default=AskChannel.MAIL)
    trigger = TenantForeignKey(SurveyTrigger, models.SET_NULL, null=True, related_name="+", db_index=False)
    campaign = TenantForeignKey(SurveyCampaign, models.SET_NULL, null=True, related_name="+", db_index=False)
    fact_id = models.BigIntegerField(null=True)
    contact = TenantForeignKey("customers.Contact", models.SET_NULL, null=True, related_name="+", db_index=False)
    employee = TenantForeignKey("people.Employee", models.CASCADE, null=True, related_name="+", db_index=False)
    customer = models.CharField(max_length=200, blank=True)
    customer_type = models.CharField(max_length=60, blank=True)
    product = models.CharField(max_length=200, blank=True)
    region = models.CharField(max_length=60, blank=True)
    after = models.CharField(max_length=10, choices=AskedAfter.choices, blank=True)
    number = models.CharField(max_length=120, blank=True)
    day = models.DateField()
    purpose = models.CharField(max_length=12, choices=SurveyPurpose.choices)
    language = models.CharField(max_length=7, choices=SurveyLanguage.choices)
    state = models.CharField(max_length=10, choices=InvitationState.choices, default=InvitationState.CHOSEN)
    chosen_at = models.DateTimeField()
    send_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    mail = TenantForeignKey("notify.WorkspaceMail", models.SET_NULL, null=True, related_name="+", db_index=False)
    mailed_at = models.DateTimeField(null=True)
    reminder = TenantForeignKey("notify.WorkspaceMail", models.SET_NULL, null=True, related_name="+", db_index=False)
    reminded_at = models.DateTimeField(null=True)
    reminders = models.PositiveSmallIntegerField(default=0)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    corrected_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "trigger", "fact_id"],
                condition=models.Q(trigger__isnull=False),
                name="survey_asked_once_per_fact",
            ),
            models.UniqueConstraint(
                fields=["tenant", "campaign", "contact"],
                condition=models.Q(campaign__isnull=False),
                name="survey_asked_once_per_campaign",
            ),
            models.CheckConstraint(
                condition=~models.Q(origin=AskOrigin.ASSISTANT) | models.Q(purpose=SurveyPurpose.DEVELOPMENT),
                name="assistants_survey_is_never_scored",
            ),
            models.CheckConstraint(
                condition=~models.Q(channel=AskChannel.LINK) | models.Q(mail=None, reminder=None),
                name="handed_link_has_no_mail",
            ),
        ]
        indexes = [
            models.Index(fields=["tenant", "state", "send_at"], name="invitation_by_due"),
            models.Index(fields=["tenant", "contact", "chosen_at"], name="invitation_by_contact"),
            models.Index(fields=["tenant", "survey", "day"], name="invitation_by_survey"),
            models.Index(fields=["tenant", "employee", "day"], name="invitation_by_employee"),
        ]

    def __str__(self) -> str:
        return f"{self.survey_id}: {self.pk}"


class SurveyLink(TenantOwned):
    """A way to an invitation's page: the token is known to one mail only, or to whom it was shown once; here is its
    hash (SHA-256, hexadecimal)."""

    invitation = TenantForeignKey(SurveyInvitation, models.CASCADE, related_name="links", db_index=False)
    token_hash = models.CharField(max_length=64)
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "token_hash"], name="survey_link_once")]
        indexes = [models.Index(fields=["tenant", "invitation"], name="survey_link_by_invitation")]

    def __str__(self) -> str:
        return f"{self.invitation_id}"


class HandedHow(models.TextChoices):
    """By which way a link was handed over."""

    WECHAT = "wechat", pgettext_lazy("handed over", "WeChat")
    SMS = "sms", pgettext_lazy("handed over", "Text message")
    PERSON = "person", pgettext_lazy("handed over", "In person")
    PHONE = "phone", pgettext_lazy("handed over", "By phone")


@audited()
class SurveyHandover(TenantOwned):
    """What was done with a link for somebody the system chose: last shown, handed over on a day, how and by whom.

    The trail says who made it say so. `how` is empty as long as (or again when) nobody says it was handed over.
    """

    invitation = TenantForeignKey(SurveyInvitation, models.CASCADE, related_name="handovers", db_index=False)
    shown_at = models.DateTimeField(_("shown at"), null=True)
    handed_on = models.DateField(_("handed over on"), null=True)
    how = models.CharField(_("how"), max_length=6, choices=HandedHow.choices, blank=True)
    by = models.ForeignKey(
        "people.User", on_delete=models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "invitation"], name="survey_handover_once"),
            models.CheckConstraint(
                condition=models.Q(how="", handed_on=None) | ~models.Q(how="") & models.Q(handed_on__isnull=False),
                name="survey_handover_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.invitation_id}: {self.how}"


class SkipReason(models.TextChoices):
    """Why somebody was not asked. The first is chance; the others can be worked on."""

    NOT_DRAWN = "not_drawn", _("Not drawn: only a share is asked")
    QUOTA = "quota", _("The assistant's quota of the month is full")
    QUIET = "quiet", _("Asked by this survey within its quiet period")
    FATIGUE = "fatigue", _("Asked often enough by all surveys together")
    UNKNOWN_CUSTOMER = "unknown_customer", _("The customer is not known here")
    NO_CUSTOMER = "no_customer", _("The row names no customer")
    NO_CONTACT = "no_contact", _("The customer has no contact")
    NO_EMAIL = "no_email", _("No contact has an email address")
    NO_CONSENT = "no_consent", _("No contact was asked for consent")
    REFUSED = "refused", _("The contact refused")
    WITHDRAWN = "withdrawn", _("The contact withdrew consent")
    SUPPRESSED = "suppressed", _("The address no longer takes mail")
    TOO_OLD = "too_old", _("It came too late to ask about it")
    CLOSED = "closed", _("The survey was closed")
    NOT_HANDED = "not_handed", _("The link was not handed over in time")


class SurveySkip(TenantOwned):
    """Somebody who was not asked, and why; each shows in the response report."""

    survey = TenantForeignKey(Survey, models.CASCADE, related_name="skips", db_index=False)
    trigger = TenantForeignKey(SurveyTrigger, models.CASCADE, null=True, related_name="+", db_index=False)
    campaign = TenantForeignKey(SurveyCampaign, models.CASCADE, null=True, related_name="+", db_index=False)
    fact_id = models.BigIntegerField(null=True)
    contact = TenantForeignKey("customers.Contact", models.SET_NULL, null=True, related_name="+", db_index=False)
    customer = models.CharField(max_length=200, blank=True)
    employee = TenantForeignKey("people.Employee", models.CASCADE, null=True, related_name="+", db_index=False)
    day = models.DateField()
    reason = models.CharField(max_length=16, choices=SkipReason.choices)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "trigger", "fact_id"],
                condition=models.Q(trigger__isnull=False),
                name="survey_skipped_once_per_fact",
            )
        ]
        indexes = [models.Index(fields=["tenant", "survey", "day"], name="survey_skip_by_survey")]

    def __str__(self) -> str:
        return f"{self.survey_id}: {self.reason}"


class SurveyAnswer(TenantOwned):
    """What a customer said to one question: `number` on a scale, `text` for words and the key of a choice."""

    invitation = TenantForeignKey(SurveyInvitation, models.CASCADE, related_name="answers", db_index=False)
    key = models.CharField(max_length=20)
    kind = models.CharField(max_length=6, choices=SurveyQuestionKind.choices)
    number = models.PositiveSmallIntegerField(null=True)
    text = models.TextField(blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "invitation", "key"], name="survey_answer_once")]

    def __str__(self) -> str:
        return f"{self.invitation_id}: {self.key}"
