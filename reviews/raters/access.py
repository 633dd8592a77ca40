"""Whose raters a viewer may choose, approve and see."""

from datetime import date

from django.db.models import Q, QuerySet

from perfmgmt.people.roles import Role
from perfmgmt.people.selectors import visible_employees
from perfmgmt.people.viewer import Viewer
from perfmgmt.tenants.errors import NotFound
from reviews.models import Participant, ReviewCycle
from reviews.permissions import APPROVE_RATERS, FOLLOW_CYCLES, MANAGE_CYCLES

#: Roles that decide about everybody; an auditor sees everybody and decides about nobody.
_ALL = frozenset({Role.OWNER, Role.HR})


def approvable(viewer: Viewer, today: date) -> QuerySet[Participant]:
    """Return the ratees whose raters the viewer approves: those below them or of whom they are the manager, who
    stands in for a manager included; everybody for HR. Nobody approves their own."""
    rows = Participant.objects.filter(dropped_at=None).exclude(employee_id=viewer.employee_id or 0)
    if not viewer.may(APPROVE_RATERS):
        return rows.none()
    if viewer.roles & _ALL:
        return rows
    acting = [viewer.employee_id or 0, *(other.employee_id for other in viewer.acting_for)]
    below = visible_employees(viewer=viewer, on=today)
    team = Q() if below is None else Q(employee_id__in=below)
    return rows.filter(Q(manager_id__in=acting) | team)


def may_approve(participant: Participant, viewer: Viewer, today: date) -> bool:
    """Return whether the viewer approves this person's raters."""
    return approvable(viewer, today).filter(pk=participant.pk).exists()


def participant_for(participant_id: int, *, viewer: Viewer, today: date) -> tuple[Participant, bool]:
    """Return a ratee, with cycle and person, and whether the viewer approves their raters.

    Raises NotFound for who is neither the person nor their approver.
    """
    rows = Participant.objects.select_related("cycle", "employee", "unit", "manager")
    found = rows.filter(pk=participant_id, dropped_at=None).first()
    if found is None:
        raise NotFound
    if viewer.employee_id is not None and found.employee_id == viewer.employee_id:
        return found, False
    if not may_approve(found, viewer, today):
        raise NotFound
    return found, True


def to_approve(participant_id: int, *, viewer: Viewer, today: date) -> Participant:
    """Return a ratee whose raters the viewer approves; raise NotFound otherwise."""
    found, approves = participant_for(participant_id, viewer=viewer, today=today)
    if not approves:
        raise NotFound
    return found


def cycle_for(cycle_id: int, *, viewer: Viewer, today: date) -> ReviewCycle:
    """Return a launched cycle in which the viewer approves somebody's raters, or that they manage or follow."""
    cycle = ReviewCycle.objects.filter(pk=cycle_id).exclude(launched_at=None).first()
    if cycle is None:
        raise NotFound
    if viewer.may(MANAGE_CYCLES) or viewer.may(FOLLOW_CYCLES):
        return cycle
    if not approvable(viewer, today).filter(cycle=cycle).exists():
        raise NotFound
    return cycle
