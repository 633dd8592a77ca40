"""Whose deductions somebody sees, and from whose scores they may take points."""

from dataclasses import replace
from datetime import date

from django.db.models import QuerySet

from perfmgmt.people.roles import SEES_EVERYBODY, Role
from perfmgmt.people.selectors import visible_employees
from perfmgmt.people.viewer import Viewer
from reviews.models import ScoreDeduction
from reviews.permissions import DEDUCT_POINTS


def visible_deductions(viewer: Viewer, on: date) -> QuerySet[ScoreDeduction]:
    """Return the deductions a viewer sees on a day: one's own, of who stands below, of everybody by role."""
    reach = visible_employees(viewer=viewer, on=on)
    rows = ScoreDeduction.objects.all()
    return rows if reach is None else rows.filter(employee_id__in=reach)


def deducting_reach(viewer: Viewer, on: date) -> list[int] | None:
    """Return from whose scores a viewer may take points; None: from everybody's but their own.

    Who sees everybody by a role that changes nothing (an auditor) is left with their own line. Never oneself.
    """
    if not viewer.may(DEDUCT_POINTS) or viewer.left_until is not None:
        return []
    if viewer.roles & {Role.OWNER, Role.HR}:
        return None
    found = visible_employees(viewer=replace(viewer, roles=viewer.roles - SEES_EVERYBODY), on=on) or []
    return [pk for pk in found if pk != viewer.employee_id]


def may_deduct_from(employee_id: int, viewer: Viewer, on: date) -> bool:
    """Return whether a viewer may take points off a person's score."""
    if employee_id == viewer.employee_id:
        return False
    reach = deducting_reach(viewer, on)
    return reach is None or employee_id in reach
