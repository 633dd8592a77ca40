"""Whom somebody may enrol, whose enrolments they see, and who marks a training."""

from dataclasses import replace
from datetime import date

from django.db.models import Q, QuerySet

from perfmgmt.people.roles import SEES_EVERYBODY
from perfmgmt.people.selectors import visible_employees
from perfmgmt.people.viewer import Viewer
from reviews.models import Enrolment, TrainingSession
from reviews.permissions import ENROL, MANAGE_TRAINING, MARK_TRAINING, SEE_TRAINING_RECORDS


def manages(viewer: Viewer) -> bool:
    """Return whether a viewer keeps the catalogue and all sessions."""
    return viewer.may(MANAGE_TRAINING)


def enrolling_reach(viewer: Viewer, on: date) -> list[int] | None:
    """Return whom a viewer may enrol on a day: oneself and who stands below; None: everybody."""
    if not viewer.may(ENROL):
        return []
    if manages(viewer):
        return None
    return visible_employees(viewer=replace(viewer, roles=viewer.roles - SEES_EVERYBODY), on=on)


def may_enrol(employee_id: int, viewer: Viewer, on: date) -> bool:
    """Return whether a viewer may enrol a person, and take them out again."""
    reach = enrolling_reach(viewer, on)
    return reach is None or employee_id in reach


def may_decide(employee_id: int, viewer: Viewer, on: date) -> bool:
    """Return whether a viewer may approve that a person takes part: HR and who leads them, never the person."""
    return employee_id != viewer.employee_id and may_enrol(employee_id, viewer, on)


def trains(session: TrainingSession, viewer: Viewer) -> bool:
    """Return whether the viewer holds a session."""
    return viewer.employee_id is not None and session.trainer_id == viewer.employee_id


def may_mark(session: TrainingSession, viewer: Viewer) -> bool:
    """Return whether a viewer marks who attended a session: HR, and its trainer. Nobody marks themselves."""
    return viewer.may(MARK_TRAINING) and (manages(viewer) or trains(session, viewer))


def reads_feedback(session: TrainingSession, viewer: Viewer) -> bool:
    """Return whether a viewer reads what participants said about a session: HR, and its trainer."""
    return manages(viewer) or trains(session, viewer)


def visible_enrolments(viewer: Viewer, on: date) -> QuerySet[Enrolment]:
    """Return the enrolments a viewer sees on a day: of oneself, who stands below, and of what one holds."""
    if not viewer.may(SEE_TRAINING_RECORDS):
        return Enrolment.objects.none()
    reach = visible_employees(viewer=viewer, on=on)
    rows = Enrolment.objects.all()
    if reach is None:
        return rows
    held = Q(session__trainer_id=viewer.employee_id or 0) if viewer.left_until is None else Q(pk=0)
    return rows.filter(Q(employee_id__in=reach) | held)
