"""Writes of assignments by hand: add, change from a day, correct, end, remove.

Each refuses an overlap, a circle, and days on which the person is not employed; gaps are allowed. The person's
figures follow (event `people.assignments_changed`).
"""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from perfmgmt.people.lines import fingerprint, hold_line, refuse_circle
from perfmgmt.people.models import FOREVER, Assignment, Employee, Position, Unit
from perfmgmt.tenants.errors import Conflict, DomainError, NotFound
from perfmgmt.tenants.events import publish

ONE_DAY = timedelta(days=1)
_SEEN = ("unit_id", "position_id", "manager_id", "sales_role_type", "full_time_share", "valid_from", "valid_to")


class Overlap(Conflict):
    """The days belong to another assignment of the person."""

    code = "overlap"


@dataclass(frozen=True)
class Place:
    """Where somebody works: everything of an assignment but its days."""

    unit: Unit
    position: Position | None = None
    manager: Employee | None = None
    sales_role_type: str = ""
    full_time_share: Decimal = Decimal(1)

    def fields(self) -> dict[str, Any]:
        """Return the columns of an assignment."""
        return {
            "unit": self.unit,
            "position": self.position,
            "manager": self.manager,
            "sales_role_type": self.sales_role_type,
            "full_time_share": self.full_time_share,
        }


def seen(assignment: Assignment) -> str:
    """Return what a page showed of an assignment; the writes below refuse when it is no longer so."""
    return fingerprint(assignment, *_SEEN)


@transaction.atomic
def add(employee: Employee, place: Place, *, valid_from: date, valid_to: date | None = None) -> Assignment:
    """Add an assignment on days on which the person has none; without an end it runs until they leave, if ever.

    Raises Overlap, Circle, DomainError for days outside the employment.
    """
    employee = _locked(employee.pk)
    last = valid_to or employee.left_on or FOREVER
    _check(employee, place, valid_from, last)
    _refuse_overlap(employee, valid_from, last)
    made = Assignment.objects.create(employee=employee, valid_from=valid_from, valid_to=last, **place.fields())
    _announce(employee, valid_from, last)
    return made


@transaction.atomic
def change_from(assignment_id: int, place: Place, *, day: date, shown: str) -> Assignment:
    """Let something else hold from a day inside the assignment to its end; return the part that begins then.

    The days before stay as they were. A day that is the assignment's first changes it as a whole.
    """
    employee, old = _locked_assignment(assignment_id, shown)
    if not old.valid_from <= day <= old.valid_to:
        raise DomainError(_("Choose a day on which this assignment holds."), code="day_outside")
    _check(employee, place, day, old.valid_to)
    last = old.valid_to
    if day == old.valid_from:
        Assignment.objects.filter(pk=old.pk).update(**place.fields())
        made = Assignment.objects.get(pk=old.pk)
    else:
        Assignment.objects.filter(pk=old.pk).update(valid_to=day - ONE_DAY)
        made = Assignment.objects.create(employee=employee, valid_from=day, valid_to=last, **place.fields())
    _announce(employee, day, last)
    return made


@transaction.atomic
def correct(assignment_id: int, place: Place, *, valid_from: date, valid_to: date | None, shown: str) -> Assignment:
    """Say what should have stood there, its days included; the figures of the old and the new days follow."""
    employee, old = _locked_assignment(assignment_id, shown)
    last = valid_to or employee.left_on or FOREVER
    _check(employee, place, valid_from, last)
    _refuse_overlap(employee, valid_from, last, but=old.pk)
    Assignment.objects.filter(pk=old.pk).update(valid_from=valid_from, valid_to=last, **place.fields())
    _announce(employee, min(valid_from, old.valid_from), max(last, old.valid_to))
    return Assignment.objects.get(pk=old.pk)


@transaction.atomic
def end(assignment_id: int, *, last_day: date, shown: str) -> None:
    """Let an assignment end on a day inside it; the days after it belong to no unit."""
    employee, old = _locked_assignment(assignment_id, shown)
    if not old.valid_from <= last_day <= old.valid_to:
        raise DomainError(_("Choose a day on which this assignment holds."), code="day_outside")
    if last_day != old.valid_to:
        Assignment.objects.filter(pk=old.pk).update(valid_to=last_day)
        _announce(employee, last_day + ONE_DAY, old.valid_to)


@transaction.atomic
def remove(assignment_id: int, *, shown: str) -> None:
    """Remove an assignment that never was; its days belong to no unit then."""
    employee, old = _locked_assignment(assignment_id, shown)
    Assignment.objects.filter(pk=old.pk).delete()
    _announce(employee, old.valid_from, old.valid_to)


@transaction.atomic
def change_manager(employee_id: int, *, old_manager: Employee, new_manager: Employee | None, first_day: date) -> int:
    """Put a person below somebody else from a day on, wherever `old_manager` leads them; return how many parts.

    Everything else of the assignments stays. Raises Circle.
    """
    employee = _locked(employee_id)
    led = Assignment.objects.filter(employee=employee, manager=old_manager, valid_to__gte=first_day)
    count = 0
    for spell in led.select_related("unit", "position").order_by("valid_from"):
        place = Place(spell.unit, spell.position, new_manager, spell.sales_role_type, spell.full_time_share)
        change_from(spell.pk, place, day=max(first_day, spell.valid_from), shown=seen(spell))
        count += 1
    return count


def _locked(employee_id: int) -> Employee:
    """Return the person, locked; the line is held before it, so that writers always wait in the same order."""
    hold_line()
    employee = Employee.objects.select_for_update().filter(pk=employee_id).first()
    if employee is None:
        raise NotFound
    return employee


def _locked_assignment(assignment_id: int, shown: str) -> tuple[Employee, Assignment]:
    """Return the person, locked, and the assignment; raise Conflict when it is no longer as `shown`."""
    owner = Assignment.objects.filter(pk=assignment_id).values_list("employee_id", flat=True).first()
    if owner is None:
        raise NotFound
    employee = _locked(owner)
    assignment = Assignment.objects.filter(pk=assignment_id).first()
    if assignment is None or seen(assignment) != shown:
        raise Conflict
    return employee, assignment


def _check(employee: Employee, place: Place, first: date, last: date) -> None:
    """Refuse days in the wrong order, outside the employment, in an archived unit, or that make a circle."""
    if last < first:
        raise DomainError(_("The last day lies before the first day."), code="days_in_order")
    if employee.hired_on is not None and first < employee.hired_on:
        raise DomainError(
            _("{name} is hired on {day} only."), code="not_employed", name=employee.name, day=employee.hired_on
        )
    if employee.left_on is not None and last > employee.left_on:
        raise DomainError(
            _("{name} leaves on {day}: the assignment must end by then."),
            code="not_employed",
            name=employee.name,
            day=employee.left_on,
        )
    if place.unit.archived_on is not None and last >= place.unit.archived_on:
        raise DomainError(_("The unit “{unit}” is archived."), code="unit_archived", unit=place.unit.name)
    if not 0 < place.full_time_share <= 1:
        raise DomainError(_("The full-time share lies above 0 and is at most 1."), code="bad_share")
    if place.manager is not None:
        _check_manager(employee, place.manager, first, last)


def _check_manager(employee: Employee, manager: Employee, first: date, last: date) -> None:
    if manager.left_on is not None and manager.left_on < first:
        raise DomainError(
            _("{name} left on {day} and can't lead anybody after that."),
            code="manager_left",
            name=manager.name,
            day=manager.left_on,
        )
    refuse_circle(employee, manager, first, last)


def _refuse_overlap(employee: Employee, first: date, last: date, *, but: int | None = None) -> None:
    others = Assignment.objects.select_related("unit").filter(
        employee=employee, valid_from__lte=last, valid_to__gte=first
    )
    other = others.exclude(pk=but or 0).order_by("valid_from").first()
    if other is not None:
        raise Overlap(
            _("These days overlap with the assignment in “{unit}” that begins on {day}. Change or end that one."),
            unit=other.unit.name,
            day=date_format(other.valid_from),
        )


def _announce(employee: Employee, first: date, last: date) -> None:
    publish("people.assignments_changed", employee_ids=[employee.pk], first_day=first, last_day=last)
