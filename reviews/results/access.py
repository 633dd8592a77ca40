"""Whose results somebody sees, and for whom they act."""

from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

from django.db.models import Q, QuerySet

from perfmgmt.people.roles import SEES_EVERYBODY, Role
from perfmgmt.people.selectors import visible_employees
from perfmgmt.people.viewer import Viewer
from perfmgmt.tenants.errors import NotFound
from reviews.models import ReviewResult

HR = frozenset({Role.OWNER, Role.HR})


@dataclass(frozen=True)
class Reach:
    """Whose results lie within a viewer's reach on a day; reads each thing once."""

    viewer: Viewer
    on: date

    @cached_property
    def people(self) -> list[int] | None:
        """Whose results the viewer sees: their own and those of everybody below; None for everybody's."""
        return visible_employees(viewer=self.viewer, on=self.on)

    @cached_property
    def led(self) -> frozenset[int] | None:
        """For whom the viewer acts as manager or HR; None for everybody. Their own is taken out in `leads`.

        Who sees everybody by a role that changes nothing (an auditor) is left with their own line.
        """
        if self.is_hr:
            return None
        if self.viewer.left_until is not None:
            return frozenset()
        own_line = replace(self.viewer, roles=self.viewer.roles - SEES_EVERYBODY)
        return frozenset(visible_employees(viewer=own_line, on=self.on) or ())

    @property
    def is_hr(self) -> bool:
        """Whether the viewer acts for everybody."""
        return bool(self.viewer.roles & HR)

    def leads(self, employee_id: int) -> bool:
        """Whether the viewer holds the meeting and decides about proposals of a person; never their own."""
        if employee_id == self.viewer.employee_id:
            return False
        return self.led is None or employee_id in self.led

    def visible(self) -> QuerySet[ReviewResult]:
        """Return the results the viewer sees."""
        rows = ReviewResult.objects.all()
        return rows if self.people is None else rows.filter(participant__employee_id__in=self.people)

    def led_filter(self, column: str) -> Q:
        """Return the condition that `column`, an employee's id, is of somebody the viewer acts for."""
        mine = Q(**{column: self.viewer.employee_id or 0})
        return ~mine if self.led is None else Q(**{f"{column}__in": self.led}) & ~mine


def result_for(result_id: int, reach: Reach) -> ReviewResult:
    """Return a result with its person, cycle and batch; raise NotFound for one that is not this viewer's to see."""
    rows = reach.visible().select_related("participant__employee", "participant__unit", "batch__cycle")
    found = rows.filter(pk=result_id).first()
    if found is None:
        raise NotFound
    return found


def locked_result(result_id: int, reach: Reach) -> ReviewResult:
    """Return a result the viewer sees, locked until the transaction ends. Raises NotFound."""
    rows = reach.visible().select_related("participant__employee", "batch__cycle").select_for_update(of=("self",))
    found = rows.filter(pk=result_id).first()
    if found is None:
        raise NotFound
    return found
