"""Who sees which calibration sessions, and who runs them.

HR runs all of them. A manager is in those they were invited to; who stands in for a member today takes part for
them. Nobody takes part in a session about themselves: their own row, and that of those they stand in for, is not
there for them, in no list, sum or file.
"""

from django.db.models import QuerySet

from perfmgmt.people.viewer import Viewer
from reviews.models import CalibrationMember, CalibrationSession
from reviews.permissions import MANAGE_CYCLES


def runs(viewer: Viewer) -> bool:
    """Return whether a viewer opens, locks and unlocks sessions, and names their members."""
    return viewer.may(MANAGE_CYCLES)


def oneself(viewer: Viewer) -> set[int]:
    """Return the ids of the employees whose own rows a viewer must neither see nor move."""
    own = set() if viewer.employee_id is None else {viewer.employee_id}
    return own | {other.employee_id for other in viewer.acting_for}


def visible_sessions(viewer: Viewer) -> QuerySet[CalibrationSession]:
    """Return the sessions a viewer takes part in; HR: all."""
    if runs(viewer):
        return CalibrationSession.objects.all()
    mine = CalibrationMember.objects.filter(employee_id__in=oneself(viewer)).values("session_id")
    return CalibrationSession.objects.filter(pk__in=mine)
