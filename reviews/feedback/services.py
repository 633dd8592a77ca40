"""Writes of feedback: given, changed or taken back for a day, hidden by HR, reacted to."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from perfmgmt.people.models import Employee
from perfmgmt.people.viewer import Viewer
from perfmgmt.tenants.errors import Conflict, DomainError, NotAllowed, NotFound
from reviews.feedback import notices
from reviews.feedback.access import may_change, may_hide, may_react, visible_feedback
from reviews.feedback.rules import LONGEST, MOST_RECEIVERS
from reviews.models import (
    CompanyValue,
    Feedback,
    FeedbackKind,
    FeedbackReceiver,
    HiddenPraise,
    PraiseReaction,
    ReactionKind,
)
from reviews.permissions import GIVE_FEEDBACK


@dataclass(frozen=True)
class FeedbackDraft:
    """What is said: `value` is for praise, `shares` (with who leads the receiver) for suggestions."""

    kind: str
    text: str
    value: CompanyValue | None = None
    shares: bool = False


@transaction.atomic
def give(draft: FeedbackDraft, to: Sequence[Employee], *, viewer: Viewer, today: date) -> list[Feedback]:
    """Give feedback to people and tell them; praise is one row for all, suggestions are a row for each.

    Raises NotAllowed; DomainError: nobody or too many, oneself, somebody who has left, no text or too long a one.
    """
    if not viewer.may(GIVE_FEEDBACK):
        raise NotAllowed
    people = list({one.pk: one for one in to}.values())
    _check_people(people, viewer, today)
    columns = _columns(draft)
    if columns["kind"] == FeedbackKind.PRAISE:
        return [_give(columns, people, viewer, today)]
    return [_give(columns, [one], viewer, today) for one in people]


def _check_people(people: Sequence[Employee], viewer: Viewer, today: date) -> None:
    if not people:
        raise DomainError(_("Say for whom it is."), code="nobody")
    if len(people) > MOST_RECEIVERS:
        raise DomainError(_("Feedback is for {most} people at most."), code="too_many", most=MOST_RECEIVERS)
    for one in people:
        if one.pk == viewer.employee_id:
            raise DomainError(_("Feedback is for others, not for oneself."), code="oneself")
        if one.left_on is not None and one.left_on < today:
            raise DomainError(_("{name} has left."), code="left", name=one.name)


def _columns(draft: FeedbackDraft) -> dict[str, object]:
    """Return a draft's columns, without what its kind does not have. Raises DomainError."""
    text = draft.text.replace("\r\n", "\n").strip()
    if not text:
        raise DomainError(_("Write a few words."), code="no_text")
    if len(text) > LONGEST:
        raise DomainError(_("At most {most} characters."), code="too_long", most=LONGEST)
    praise = draft.kind == FeedbackKind.PRAISE
    return {
        "kind": FeedbackKind(draft.kind), "text": text, "value": draft.value if praise else None,
        "shares": draft.shares and not praise,
    }  # fmt: skip


def _give(columns: dict[str, object], people: Sequence[Employee], viewer: Viewer, today: date) -> Feedback:
    made = Feedback.objects.create(
        **columns, by_id=viewer.user_id, giver_id=viewer.employee_id, day=today, given_at=timezone.now()
    )
    FeedbackReceiver.objects.bulk_create(FeedbackReceiver(feedback=made, employee=one) for one in people)
    notices.tell_given(made, [one.pk for one in people], viewer.display_name)
    return made


def _locked(feedback_id: int, viewer: Viewer, today: date) -> Feedback:
    """Return feedback that a viewer reads, locked. Raises NotFound."""
    seen = visible_feedback(viewer, today).filter(pk=feedback_id).exists()
    found = Feedback.objects.select_for_update().filter(pk=feedback_id).first() if seen else None
    if found is None:
        raise NotFound
    return found


def too_late() -> Conflict:
    """Return the refusal of a change after a day, or by somebody else."""
    return Conflict(_("Only who gave it can change it or take it back, within 24 hours."))


@transaction.atomic
def edit(feedback_id: int, draft: FeedbackDraft, *, viewer: Viewer, today: date) -> Feedback:
    """Change the words, the value or the sharing within a day; kind and receivers stay.

    Raises NotFound, Conflict (too late, somebody else's), DomainError.
    """
    found, now = _locked(feedback_id, viewer, today), timezone.now()
    if not may_change(found, viewer, now):
        raise too_late()
    columns = _columns(FeedbackDraft(found.kind, draft.text, draft.value, draft.shares))
    for name, value in columns.items():
        setattr(found, name, value)
    found.edited_at = now
    found.save(update_fields=[*columns, "edited_at"])
    return found


@transaction.atomic
def take_back(feedback_id: int, *, viewer: Viewer, today: date) -> None:
    """Remove feedback within a day, and what told of it. Raises NotFound, Conflict (too late, somebody else's)."""
    found = _locked(feedback_id, viewer, today)
    if not may_change(found, viewer, timezone.now()):
        raise too_late()
    notices.forget(found.pk)
    found.delete()


@transaction.atomic
def hide(feedback_id: int, *, reason: str, viewer: Viewer, today: date) -> None:
    """Take praise from the wall, with a reason that its giver is told. Twice is once.

    Raises NotFound, NotAllowed, DomainError (no reason).
    """
    found = _locked(feedback_id, viewer, today)
    if not may_hide(found, viewer):
        raise NotAllowed
    if not reason.strip():
        raise DomainError(_("Say why it is hidden."), code="no_reason")
    _row, made = HiddenPraise.objects.get_or_create(
        feedback=found,
        defaults={"reason": reason.strip()[:500], "hidden_by_id": viewer.user_id, "hidden_at": timezone.now()},
    )
    if made:
        notices.tell_hidden(found, reason.strip()[:500], viewer.user_id)


@transaction.atomic
def show_again(feedback_id: int, *, viewer: Viewer, today: date) -> None:
    """Bring hidden praise back to the wall. Twice is once. Raises NotFound, NotAllowed."""
    found = _locked(feedback_id, viewer, today)
    if not may_hide(found, viewer):
        raise NotAllowed
    HiddenPraise.objects.filter(feedback=found).delete()


@transaction.atomic
def react(feedback_id: int, kind: str, *, on: bool, viewer: Viewer, today: date) -> Feedback:
    """React to praise, or take that back; twice is once.

    Raises NotFound, NotAllowed (a suggestion, hidden praise, one's own).
    """
    found = _locked(feedback_id, viewer, today)
    if kind not in ReactionKind.values:
        raise NotFound
    if not may_react(found, viewer) or HiddenPraise.objects.filter(feedback=found).exists():
        raise NotAllowed
    if on:
        PraiseReaction.objects.get_or_create(feedback=found, by_id=viewer.user_id, kind=kind)
    else:
        PraiseReaction.objects.filter(feedback=found, by_id=viewer.user_id, kind=kind).delete()
    return found
