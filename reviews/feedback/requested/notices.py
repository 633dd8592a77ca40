"""What people are told about requests for feedback; never what was replied."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from perfmgmt.notify import notifications
from perfmgmt.notify.notifications import NotificationKind, tell
from perfmgmt.people.telling import accounts_of
from reviews.models import FeedbackAsk, FeedbackRequest

ASKED, REMINDED = "feedback.asked", "feedback.reminded"
REPLIED, DECLINED = "feedback.replied", "feedback.declined"


def _until(text: Any) -> Any:
    """Return the words for `text`; days come as the reader writes them."""

    def sentence(values: dict[str, Any]) -> str:
        return str(text).format(**values | {"day": values["until_day"]})

    return sentence


def _replied(values: dict[str, Any]) -> str:
    text = ngettext(
        "%(n)s colleague replied to your request for feedback.",
        "%(n)s colleagues replied to your request for feedback.",
        values["n"],
    )  # fmt: skip
    return text % values


KINDS = (
    NotificationKind(
        ASKED, _until(_("{name} asks you for feedback until {day}: {title}")), "message-question", "info",
        _("Somebody asks me for feedback"),
    ),
    NotificationKind(
        REMINDED, _until(_("{name} waits for your feedback until {day}: {title}")), "clock", "warn",
        _("Feedback I am asked for is almost due"),
    ),
    NotificationKind(REPLIED, _replied, "message-check", "good", _("Colleagues reply to my request for feedback")),
    NotificationKind(
        DECLINED, _("{name} declined to give feedback: {reason}"), "message-off", "info",
        _("A colleague declines to give feedback"),
    ),
)  # fmt: skip


def tell_asked(code: str, asks: list[FeedbackAsk], request: FeedbackRequest, name: str) -> None:
    """Tell (ASKED) or remind (REMINDED) those who are asked; `name` asks."""
    users = accounts_of(one.employee_id for one in asks)
    for one in asks:
        if one.employee_id in users:
            tell(
                code, user_ids=[users[one.employee_id]], path=f"feedback/asks/{one.pk}/", key=str(one.pk), name=name,
                title=request.topic, until_day=request.due.isoformat(),
            )  # fmt: skip


def tell_replied(request: FeedbackRequest) -> None:
    """Tell who asked that one more has replied; replies that were not looked at yet are one line."""
    tell(REPLIED, user_ids=_asker(request), path=_path(request), key=str(request.pk), n=1)


def tell_declined(request: FeedbackRequest, name: str, reason: str) -> None:
    """Tell who asked that a colleague declined, and why."""
    tell(DECLINED, user_ids=_asker(request), path=_path(request), name=name, reason=reason)


def settle(ask_id: int) -> None:
    """What asked a colleague is done."""
    for code in (ASKED, REMINDED):
        notifications.settle(code, str(ask_id))


def _asker(request: FeedbackRequest) -> list[int]:
    return [request.asked_by_id] if request.asked_by_id else []


def _path(request: FeedbackRequest) -> str:
    return f"feedback/requests/{request.pk}/"
