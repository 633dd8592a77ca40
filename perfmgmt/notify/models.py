"""The outbox: every mail is a row first, and a worker sends it.

Mail of a workspace belongs to it like any row. Mail about a sign-in (reset, confirmation) goes to a person who may
belong to several workspaces or to none yet, so it stands outside of them and names no company.
"""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from perfmgmt.tenants.base import TenantOwned
from perfmgmt.tenants.history import audited

HIDDEN = "••••••"


class MailState(models.TextChoices):
    """Where a mail stands. KEPT: there is no mail server, so it is read here instead."""

    QUEUED = "queued", pgettext_lazy("mail", "Waiting")
    SENDING = "sending", pgettext_lazy("mail", "Being sent")
    SENT = "sent", pgettext_lazy("mail", "Sent")
    FAILED = "failed", pgettext_lazy("mail", "Failed")
    UNKNOWN = "unknown", pgettext_lazy("mail", "Unknown")
    KEPT = "kept", pgettext_lazy("mail", "Kept here")


WAITING = (MailState.QUEUED, MailState.SENDING)


class OutgoingMail(models.Model):
    """One mail to one recipient. `message_id` is given once, so every attempt carries the same.

    `secret` is what in `text` and `html` gives access (the link of an invitation); it is shown only where
    `services.readable` says so, and wiped once the mail server has the mail. `at_most_once`: a mail that was in
    flight when its worker died is not sent again but becomes UNKNOWN.
    """

    kind = models.CharField(max_length=60)
    recipient = models.EmailField()
    subject = models.CharField(max_length=300)
    text = models.TextField()
    html = models.TextField()
    language = models.CharField(max_length=10)
    secret = models.CharField(max_length=500, blank=True)
    message_id = models.CharField(max_length=200)
    at_most_once = models.BooleanField(default=False)
    state = models.CharField(max_length=10, choices=MailState.choices, default=MailState.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

    @property
    def is_waiting(self) -> bool:
        """Whether a worker will still try to send it."""
        return self.state in WAITING

    @property
    def hidden_text(self) -> str:
        """The plain text without what gives access."""
        return self.text.replace(self.secret, HIDDEN) if self.secret else self.text


class WorkspaceMail(OutgoingMail, TenantOwned):
    """A mail that a workspace sends: an invitation, a reminder, a survey.

    `reply_to` is where answers go, if not to the sender. `picture` names a PNG in the workspace's storage that
    travels inside the mail; its HTML shows it as `cid:logo`. `unsubscribe` is the address of RFC 8058 that the
    headers carry; it gives access as `secret` does and goes with it. `domain` is the recipient's, in small letters.
    `bounced_at` and `bounce`: that and why it came back, or that the recipient complained. `settled_at`: when
    somebody decided to leave a mail alone whose fate is unknown.
    """

    reply_to = models.EmailField(blank=True)
    picture = models.CharField(max_length=120, blank=True)
    unsubscribe = models.CharField(max_length=300, blank=True)
    domain = models.CharField(max_length=253, blank=True)
    bounced_at = models.DateTimeField(null=True, blank=True)
    bounce = models.CharField(max_length=300, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.ForeignKey(
        "people.User", on_delete=models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    created_by = models.ForeignKey(
        "people.User", on_delete=models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "message_id"], name="mail_message_id_once")]
        indexes = [
            models.Index(fields=["tenant", "state", "due_at"], name="mail_by_due"),
            models.Index(fields=["tenant", "-id"], name="mail_newest_first"),
        ]

    @property
    def waits_for_its_turn(self) -> bool:
        """Whether it was put off only because its domain has had as many mails as it may have in a minute."""
        return self.state == MailState.QUEUED and self.attempts == 0 and self.due_at > timezone.now()

    @property
    def is_undecided(self) -> bool:
        """Whether nobody knows if it arrived, and nobody has decided what to do about it."""
        return self.state == MailState.UNKNOWN and self.settled_at is None


class AccountMail(OutgoingMail):
    """A mail about somebody's sign-in; it holds nothing of a company."""

    class Meta:
        constraints = [models.UniqueConstraint(fields=["message_id"], name="account_mail_message_id_once")]
        indexes = [models.Index(fields=["state", "due_at"], name="account_mail_by_due")]


class DomainTurn(models.Model):
    """How many mails a recipient's domain was given in the minute that began at `minute`, by all workers together."""

    domain = models.CharField(max_length=253, primary_key=True)
    minute = models.DateTimeField()
    taken = models.PositiveIntegerField()

    def __str__(self) -> str:
        return f"{self.domain}: {self.taken}"


class SuppressionReason(models.TextChoices):
    """Why an address no longer gets mail that nobody waits for."""

    BOUNCED = "bounced", pgettext_lazy("suppression", "Mail came back")
    COMPLAINED = "complained", pgettext_lazy("suppression", "Complained about mail")
    REFUSED = "refused", pgettext_lazy("suppression", "Refused by its server")
    BY_HAND = "by_hand", pgettext_lazy("suppression", "Added by hand")
    ERASED = "erased", pgettext_lazy("suppression", "Contact erased")


@audited(exclude=("hint",))
class SuppressedAddress(TenantOwned):
    """An address that gets no more surveys. Only its hash (SHA-256 of it in small letters, hexadecimal) is kept, and
    `hint`, its first letter and domain, by which people recognise it.
    """

    address_hash = models.CharField(max_length=64)
    hint = models.CharField(max_length=254, blank=True)
    reason = models.CharField(_("reason"), max_length=12, choices=SuppressionReason.choices)
    detail = models.CharField(_("detail"), max_length=300, blank=True)
    at = models.DateTimeField(_("since"), default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "address_hash"], name="suppressed_address_once")]
        indexes = [models.Index(fields=["tenant", "-at"], name="suppressed_newest_first")]

    def __str__(self) -> str:
        return self.hint or self.address_hash[:12]


class Notification(TenantOwned):
    """One thing that one member is told in the application; `notifications.py` has the words.

    `path` is the page it leads to, below the workspace's address. `key` marks those that make way for a newer one.
    """

    user = models.ForeignKey("people.User", on_delete=models.CASCADE, related_name="+", db_index=False)
    kind = models.CharField(max_length=40)
    params = models.JSONField(default=dict)
    path = models.CharField(max_length=300)
    key = models.CharField(max_length=120, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["tenant", "user", "-id"], name="notification_newest_first"),
            # The number at the bell is counted with every page.
            models.Index(fields=["tenant", "user"], condition=models.Q(read_at=None), name="notification_unread"),
            models.Index(fields=["tenant", "created_at"], name="notification_by_age"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"
