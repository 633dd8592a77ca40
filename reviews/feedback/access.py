"""Who reads which feedback, and who may change, hide or react to it.

Praise is for everybody of the workspace. A suggestion is for its giver and its receiver, and for who leads the
receiver today if the giver shared it; no other role reads it, and nobody reads it for somebody they stand in for.
"""

from datetime import date, datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from perfmgmt.people.roles import Role
from perfmgmt.people.selectors import reports_of
from perfmgmt.people.viewer import Viewer
from reviews.feedback.rules import may_change as in_time
from reviews.models import Feedback, FeedbackKind, FeedbackReceiver, HiddenPraise
from reviews.permissions import GIVE_FEEDBACK, MANAGE_FEEDBACK, SEE_FEEDBACK


def received_by(*employee_ids: int) -> Exists:
    """The condition for feedback that one of these people received."""
    return Exists(FeedbackReceiver.objects.filter(feedback=OuterRef("pk"), employee_id__in=employee_ids))


def is_hidden() -> Exists:
    """The condition for praise that HR hid."""
    return Exists(HiddenPraise.objects.filter(feedback=OuterRef("pk")))


def on_wall() -> QuerySet[Feedback]:
    """Return the praise that everybody of the workspace reads."""
    return Feedback.objects.filter(~is_hidden(), kind=FeedbackKind.PRAISE)


def own(viewer: Viewer) -> Q:
    """The condition for what a viewer gave or received."""
    return Q(by_id=viewer.user_id) | Q(received_by(viewer.employee_id or 0))


def visible_feedback(viewer: Viewer, on: date) -> QuerySet[Feedback]:
    """Return the feedback a viewer reads on a day; who has left reads their own."""
    if not viewer.may(SEE_FEEDBACK):
        return Feedback.objects.none()
    mine = own(viewer)
    if viewer.left_until is not None:
        return Feedback.objects.filter(mine)
    hidden = Q() if viewer.may(MANAGE_FEEDBACK) else Q(~is_hidden())
    return Feedback.objects.filter(mine | (Q(kind=FeedbackKind.PRAISE) & hidden) | shared_with(viewer, on))


def to_team(viewer: Viewer, on: date) -> Q:
    """The condition for feedback to the people a viewer leads on a day, those of others' teams not among them."""
    if Role.MANAGER not in viewer.roles or viewer.employee_id is None:
        return Q(pk__in=[])
    return Q(received_by(*(pk for pk in reports_of(viewer.employee_id, on=on) if pk != viewer.employee_id)))


def shared_with(viewer: Viewer, on: date) -> Q:
    """The condition for suggestions to the people a viewer leads on a day whose givers shared them."""
    return to_team(viewer, on) & Q(shares=True)


def may_change(feedback: Feedback, viewer: Viewer, now: datetime) -> bool:
    """Return whether a viewer may change feedback or take it back: its giver, for a day."""
    return feedback.by_id == viewer.user_id and viewer.may(GIVE_FEEDBACK) and in_time(feedback.given_at, now)


def may_hide(feedback: Feedback, viewer: Viewer) -> bool:
    """Return whether a viewer may take praise from the wall, or bring it back."""
    return feedback.kind == FeedbackKind.PRAISE and viewer.may(MANAGE_FEEDBACK)


def may_react(feedback: Feedback, viewer: Viewer) -> bool:
    """Return whether a viewer may react: who gives feedback may, to the praise of others."""
    return feedback.kind == FeedbackKind.PRAISE and feedback.by_id != viewer.user_id and viewer.may(GIVE_FEEDBACK)
