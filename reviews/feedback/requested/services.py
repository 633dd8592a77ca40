"""Writes of requested feedback: asking, replying, declining, closing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from perfmgmt.people.models import Employee
from perfmgmt.people.telling import accounts_of
from perfmgmt.people.viewer import Viewer
from perfmgmt.tenants.errors import Conflict, DomainError, NotAllowed, NotFound
from reviews.feedback.requested import notices
from reviews.feedback.requested.access import asking_reach, may_close, own_asks, visible_requests
from reviews.feedback.requested.rules import LONGEST_REPLY, MOST_ASKED, MOST_DAYS, is_over
from reviews.models import AskState, FeedbackAsk, FeedbackRequest


@dataclass(frozen=True)
class RequestDraft:
    """What is asked about whom until when; `questions` are one to three texts."""

    employee: Employee
    topic: str
    questions: Sequence[str]
    due: date
    shown_to_person: bool = False


@transaction.atomic
def ask(draft: RequestDraft, colleagues: Sequence[Employee], *, viewer: Viewer, today: date) -> FeedbackRequest:
    """Ask colleagues for feedback about a person and tell them.

    Raises NotAllowed (a person out of reach); DomainError: nobody or too many asked, oneself or the person, somebody
    who has left or has no sign-in, no topic or question, a day that is over or too far away.
    """
    reach = asking_reach(viewer, today)
    if reach is not None and draft.employee.pk not in reach:
        raise NotAllowed
    people = list({one.pk: one for one in colleagues}.values())
    _check(draft, today)
    _check_asked(people, draft.employee, viewer, today)
    questions = [text.strip() for text in draft.questions if text.strip()]
    made = FeedbackRequest.objects.create(
        employee=draft.employee, asked_by_id=viewer.user_id, topic=draft.topic.strip(), due=draft.due,
        shown_to_person=draft.shown_to_person and draft.employee.pk != viewer.employee_id, asked_at=timezone.now(),
        **{f"question_{number}": text for number, text in enumerate(questions, 1)},
    )  # fmt: skip
    asks = FeedbackAsk.objects.bulk_create(FeedbackAsk(request=made, employee=one) for one in people)
    notices.tell_asked(notices.ASKED, asks, made, viewer.display_name)
    return made


def _check(draft: RequestDraft, today: date) -> None:
    if not draft.topic.strip():
        raise DomainError(_("Say what it is about."), code="no_topic")
    if not any(text.strip() for text in draft.questions):
        raise DomainError(_("Ask at least one question."), code="no_question")
    if not today <= draft.due <= today + timedelta(days=MOST_DAYS):
        raise DomainError(_("The last day is today at the earliest, in {most} days at the latest."), code="bad_day",
                          most=MOST_DAYS)  # fmt: skip


def _check_asked(people: Sequence[Employee], about: Employee, viewer: Viewer, today: date) -> None:
    if not people:
        raise DomainError(_("Say whom you ask."), code="nobody")
    if len(people) > MOST_ASKED:
        raise DomainError(_("At most {most} colleagues are asked."), code="too_many", most=MOST_ASKED)
    users = accounts_of(one.pk for one in people)
    for one in people:
        if one.pk in (viewer.employee_id, about.pk):
            raise DomainError(_("Ask others, neither yourself nor the person it is about."), code="oneself")
        if one.left_on is not None and one.left_on < today:
            raise DomainError(_("{name} has left."), code="left", name=one.name)
        if one.pk not in users:
            raise DomainError(_("{name} has no sign-in and could not reply."), code="no_account", name=one.name)


def _open_ask(ask_id: int, viewer: Viewer, today: date) -> FeedbackAsk:
    """Return what a viewer was asked, locked with its request. Raises NotFound, Conflict (over)."""
    found = own_asks(viewer).filter(pk=ask_id).first()
    if found is None:
        raise NotFound
    request = FeedbackRequest.objects.select_for_update().get(pk=found.request_id)
    if is_over(request.due, request.closed_at is not None, today):
        raise Conflict(_("This request takes no replies any more."))
    locked = FeedbackAsk.objects.select_for_update().get(pk=found.pk)
    locked.request = request
    return locked


@transaction.atomic
def reply(ask_id: int, said: Mapping[int, str], *, viewer: Viewer, today: date) -> FeedbackAsk:
    """Keep what a colleague says to the questions, by number; until the request is over they may change it.

    Raises NotFound, Conflict (over), DomainError (nothing said, too long).
    """
    found = _open_ask(ask_id, viewer, today)
    texts = {number: said.get(number, "").replace("\r\n", "\n").strip() for number, _q in found.request.questions}
    if not any(texts.values()):
        raise DomainError(_("Say something to at least one question."), code="no_text")
    if any(len(text) > LONGEST_REPLY for text in texts.values()):
        raise DomainError(_("At most {most} characters."), code="too_long", most=LONGEST_REPLY)
    is_first = found.state != AskState.REPLIED
    for number, text in texts.items():
        setattr(found, f"said_{number}", text)
    found.state, found.reason, found.settled_at = AskState.REPLIED, "", timezone.now()
    found.save(update_fields=["said_1", "said_2", "said_3", "state", "reason", "settled_at"])
    notices.settle(found.pk)
    if is_first:
        notices.tell_replied(found.request)
    return found


@transaction.atomic
def decline(ask_id: int, reason: str, *, viewer: Viewer, today: date) -> FeedbackAsk:
    """Decline with a reason; what was replied before is removed. Twice is once.

    Raises NotFound, Conflict (over), DomainError (no reason).
    """
    found = _open_ask(ask_id, viewer, today)
    if not reason.strip():
        raise DomainError(_("Say why you decline."), code="no_reason")
    if found.state == AskState.DECLINED:
        return found
    found.state, found.reason, found.settled_at = AskState.DECLINED, reason.strip()[:500], timezone.now()
    found.said_1 = found.said_2 = found.said_3 = ""
    found.save(update_fields=["said_1", "said_2", "said_3", "state", "reason", "settled_at"])
    notices.settle(found.pk)
    notices.tell_declined(found.request, viewer.display_name, found.reason)
    return found


@transaction.atomic
def close(request_id: int, *, viewer: Viewer, today: date) -> None:
    """End a request before its last day; who has not replied is no longer asked. Twice is once.

    Raises NotFound, NotAllowed (somebody else's).
    """
    seen = visible_requests(viewer).filter(pk=request_id).exists()
    found = FeedbackRequest.objects.select_for_update().filter(pk=request_id).first() if seen else None
    if found is None:
        raise NotFound
    if found.asked_by_id != viewer.user_id:
        raise NotAllowed
    if may_close(found, viewer, today):
        found.closed_at = timezone.now()
        found.save(update_fields=["closed_at"])
        for pk in found.asks.filter(state=AskState.OPEN).values_list("pk", flat=True):
            notices.settle(pk)
