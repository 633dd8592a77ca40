"""What people are told about feedback; never its words, which also would stand in mails."""

from django.utils.translation import gettext_lazy as _

from perfmgmt.notify import notifications
from perfmgmt.notify.notifications import NotificationKind, tell
from perfmgmt.people.telling import accounts_of
from reviews.models import Feedback, FeedbackKind

PRAISED, SUGGESTED, HIDDEN = "feedback.praised", "feedback.suggested", "feedback.hidden"
KINDS = (
    NotificationKind(PRAISED, _("{name} praised you."), "heart-handshake", "good", _("Somebody praises me")),
    NotificationKind(
        SUGGESTED, _("{name} made you a suggestion. Only the two of you, and who it is shared with, read it."),
        "bulb", "info", _("Somebody makes me a suggestion"),
    ),
    NotificationKind(
        HIDDEN, _("HR took your praise from the wall: {reason}"), "eye-off", "warn", _("HR hides praise I gave")
    ),
)  # fmt: skip


def path_of(feedback_id: int) -> str:
    """Return the page of feedback below the workspace's address."""
    return f"feedback/{feedback_id}/"


def tell_given(feedback: Feedback, employee_ids: list[int], name: str) -> None:
    """Tell the receivers that `name` praised them or made a suggestion."""
    code = PRAISED if feedback.kind == FeedbackKind.PRAISE else SUGGESTED
    users = set(accounts_of(employee_ids).values()) - {feedback.by_id or 0}
    tell(code, user_ids=users, path=path_of(feedback.pk), key=str(feedback.pk), name=name)


def tell_hidden(feedback: Feedback, reason: str, by_id: int) -> None:
    """Tell the giver that HR hid their praise, unless they did so themselves."""
    users = {feedback.by_id} - {None, by_id}
    tell(
        HIDDEN, user_ids=[pk for pk in users if pk], path=path_of(feedback.pk), key=str(feedback.pk), reason=reason
    )  # fmt: skip


def forget(feedback_id: int) -> None:
    """Remove what told of feedback that was taken back."""
    for code in (PRAISED, SUGGESTED, HIDDEN):
        notifications.retract(code, str(feedback_id))
