"""Which remarks somebody sees, about whom they may log one, and whose they may confirm."""

from dataclasses import replace
from datetime import date, datetime, timedelta

from django.db.models import Q, QuerySet

from perfmgmt.people.roles import SEES_EVERYBODY, Role
from perfmgmt.people.selectors import visible_employees
from perfmgmt.people.viewer import Viewer
from reviews.models import Remark, RemarkState
from reviews.permissions import CONFIRM_REMARKS, LOG_REMARKS, SEE_REMARKS

#: For so long the author can change what was logged.
EDIT_FOR = timedelta(days=7)
ALL = frozenset({Role.OWNER, Role.HR})


def visible_remarks(viewer: Viewer, on: date) -> QuerySet[Remark]:
    """Return the remarks a viewer sees on a day: about oneself and who stands below, and what one logged."""
    if not viewer.may(SEE_REMARKS):
        return Remark.objects.none()
    reach = visible_employees(viewer=viewer, on=on)
    rows = Remark.objects.all()
    return rows if reach is None else rows.filter(Q(employee_id__in=reach) | Q(logged_by_id=viewer.user_id))


def logging_reach(viewer: Viewer, on: date) -> list[int] | None:
    """Return about whom a viewer may log remarks; None: about everybody."""
    if not viewer.may(LOG_REMARKS) or viewer.left_until is not None:
        return []
    if viewer.roles & ALL:
        return None
    return visible_employees(viewer=replace(viewer, roles=viewer.roles - SEES_EVERYBODY), on=on)


def may_log_about(employee_id: int, viewer: Viewer, on: date) -> bool:
    """Return whether a viewer may log a remark about a person."""
    reach = logging_reach(viewer, on)
    return reach is None or employee_id in reach


def may_edit(remark: Remark, viewer: Viewer, now: datetime) -> bool:
    """Return whether a viewer may change a remark: its author, for a week."""
    return _is_authors(remark, viewer) and now < remark.logged_at + EDIT_FOR


def may_withdraw(remark: Remark, viewer: Viewer) -> bool:
    """Return whether a viewer may withdraw a remark: its author, and HR."""
    is_hr = viewer.may(LOG_REMARKS) and bool(viewer.roles & ALL) and remark.state != RemarkState.WITHDRAWN
    return is_hr or _is_authors(remark, viewer)


def _is_authors(remark: Remark, viewer: Viewer) -> bool:
    is_own = remark.logged_by_id == viewer.user_id and remark.state != RemarkState.WITHDRAWN
    return is_own and viewer.may(LOG_REMARKS) and viewer.left_until is None


def may_decide(remark: Remark, viewer: Viewer, on: date) -> bool:
    """Return whether a viewer may confirm or reject: neither its author nor whom it is about, while it waits."""
    if not viewer.may(CONFIRM_REMARKS) or remark.state != RemarkState.LOGGED:
        return False
    if remark.logged_by_id == viewer.user_id or remark.employee_id == viewer.employee_id:
        return False
    return may_log_about(remark.employee_id, viewer, on)
