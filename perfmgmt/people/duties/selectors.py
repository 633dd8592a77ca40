"""Reads of job descriptions."""

from dataclasses import dataclass

from perfmgmt.people.models import Duty, DutyCategory, Position
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
