"""Reads of job descriptions."""

from dataclasses import dataclass
from datetime import date

from perfmgmt.people.models import Assignment, Duty, DutyCategory, Employee, Position
from perfmgmt.tenants.errors import NotFound


@dataclass(frozen=True)
class JobDescription:
    """A position's duties in their order, and how much time they take together."""

    position: Position
    duties: list[Duty]

    @property
    def total(self) -> int:
        """The sum of the shares in percent."""
        return sum(duty.share for duty in self.duties)

    @property
    def left(self) -> int:
        """The percent of the time that no duty takes."""
        return 100 - self.total

    @property
    def by_category(self) -> list[tuple[str, int]]:
        """How much time each category takes, as (label, percent); those without time are left out."""
        return [
            (str(category.label), share)
            for category in DutyCategory
            if (share := sum(duty.share for duty in self.duties if duty.category == category))
        ]


def job_description(position_id: int) -> JobDescription:
    """Return a position's job description; raise NotFound."""
    position = Position.objects.filter(pk=position_id).first()
    if position is None:
        raise NotFound
    return JobDescription(position, list(position.duties.all()))


def duty_of(position_id: int, duty_id: int) -> Duty:
    """Return a duty of a position; raise NotFound."""
    found = Duty.objects.filter(pk=duty_id, position_id=position_id).first()
    if found is None:
        raise NotFound
    return found


def holders(position_id: int, on: date) -> list[Employee]:
    """Return who holds a position on a day, by name."""
    held = Employee.objects.filter(
        assignments__position_id=position_id, assignments__valid_from__lte=on, assignments__valid_to__gte=on
    )
    return list(held.distinct().order_by("name_key", "pk"))


def duties_held(employee_id: int, on: date) -> list[Duty]:
    """Return the duties of the position that a person holds on a day, in their order; one query."""
    held = Assignment.objects.filter(employee_id=employee_id, valid_from__lte=on, valid_to__gte=on)
    return list(Duty.objects.filter(position_id__in=held.values("position_id")).order_by("place"))
