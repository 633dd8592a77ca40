"""About whom somebody may ask for feedback, and who reads what was replied: the asker, and the person if shown."""

from dataclasses import replace
from datetime import date

from django.db.models import Q, QuerySet

from perfmgmt.people.roles import SEES_EVERYBODY, Role
from perfmgmt.people.selectors import visible_employees
from perfmgmt.people.viewer import Viewer
from reviews.feedback.requested.rules import is_over
from reviews.models import FeedbackAsk, FeedbackRequest
from reviews.permissions import GIVE_FEEDBACK, SEE_FEEDBACK

ALL = frozenset({Role.OWNER, Role.HR})


def asking_reach(viewer: Viewer, on: date) -> list[int] | None:
    """Return about whom a viewer may ask on a day: oneself and the people below; None: about everybody (HR)."""
    if not viewer.may(GIVE_FEEDBACK):
        return []
    if viewer.roles & ALL:
        return None
    return visible_employees(viewer=replace(viewer, roles=viewer.roles - SEES_EVERYBODY), on=on)


def visible_requests(viewer: Viewer) -> QuerySet[FeedbackRequest]:
    """Return the requests whose replies a viewer reads: their own, and about them if they are shown to them."""
    if not viewer.may(SEE_FEEDBACK):
        return FeedbackRequest.objects.none()
    shown = Q(employee_id=viewer.employee_id or 0, shown_to_person=True)
    return FeedbackRequest.objects.filter(Q(asked_by_id=viewer.user_id) | shown)


def own_asks(viewer: Viewer) -> QuerySet[FeedbackAsk]:
    """Return what a viewer was asked; nobody replies for somebody else."""
    if not viewer.may(GIVE_FEEDBACK) or viewer.employee_id is None:
        return FeedbackAsk.objects.none()
    return FeedbackAsk.objects.filter(employee_id=viewer.employee_id)


def may_close(request: FeedbackRequest, viewer: Viewer, today: date) -> bool:
    """Return whether a viewer may end a request before its last day: who asked."""
    over = is_over(request.due, request.closed_at is not None, today)
    return request.asked_by_id == viewer.user_id and viewer.may(GIVE_FEEDBACK) and not over
