"""Whose answers somebody sees: everybody's, or those about people in their line on the day that was served."""

from dataclasses import dataclass
from datetime import date

from perfmgmt.people.models import EARLIEST, FOREVER
from perfmgmt.people.roles import Role
from perfmgmt.people.team import team_between
from perfmgmt.people.viewer import Viewer
from reviews.permissions import SEE_WORDS

#: A person, the first day and the last.
Span = tuple[int, date, date]


@dataclass(frozen=True)
class Scope:
    """All answers, or those about these people on these days (id, first day, last day).

    `reads`: whether the viewer may read every single identified answer, so that no figure can give one away.
    """

    is_all: bool
    spans: tuple[Span, ...] = ()
    reads: bool = False


def scope_of(viewer: Viewer, today: date) -> Scope:
    """Return whose answers the viewer sees; at most one query.

    Owner, HR, auditor and executive: all. A manager, also by standing in: people below, on the days they were.
    Everybody: their own. Who has left: their own.
    """
    if viewer.sees_everybody:
        return Scope(is_all=True, reads=viewer.may(SEE_WORDS))
    if Role.EXECUTIVE in viewer.roles:
        return Scope(is_all=True)
    if viewer.employee_id is None:
        return Scope(is_all=False)
    own = (viewer.employee_id, EARLIEST, FOREVER)
    if viewer.left_until is not None or Role.MANAGER not in viewer.roles:
        return Scope(False, (own,))
    leading = [other.employee_id for other in viewer.acting_for if other.leads]
    team = team_between(viewer.employee_id, *leading, first=EARLIEST, last=today)
    # Nobody was served after today: who is in the line today is there for good, so that whole months can be read.
    spans = [
        (pk, first, FOREVER if last >= today else last)
        for pk, one in team.items() if pk != viewer.employee_id for first, last in one.spans
    ]  # fmt: skip
    return Scope(False, (own, *spans))
