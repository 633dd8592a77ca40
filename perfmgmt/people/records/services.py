"""Writes about a person: their record, absences, stand-ins."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from perfmgmt.people.lines import fingerprint
from perfmgmt.people.models import Absence, Employee, StandIn
from perfmgmt.people.names import name_key
from perfmgmt.people.notices import tell_stand_in
from perfmgmt.tenants.errors import Conflict, DomainError, NotFound

RECORD = ("number", "name", "email", "phone", "gender", "hired_on")


class Taken(Conflict):
    """The employee number or the address belongs to somebody else."""

    code = "taken"
    message = _("The employee number or email belongs to another person.")


def seen(employee: Employee) -> str:
    """Return what a page showed of a person's record; `change_employee` refuses when it is no longer so."""
    return fingerprint(employee, *RECORD)


@transaction.atomic
def create_employee(values: Mapping[str, Any]) -> Employee:
    """Add a person with the fields of `RECORD`. Raises Taken."""
    employee = Employee(name_key=name_key(values["name"]), **{name: values[name] for name in RECORD})
    _save(employee)
    return employee


@transaction.atomic
def change_employee(employee_id: int, values: Mapping[str, Any], *, shown: str) -> Employee:
    """Change a person's record. Raises Taken, Conflict when somebody changed it since it was `shown`."""
    employee = _locked(employee_id)
    if seen(employee) != shown:
        raise Conflict
    for name in RECORD:
        setattr(employee, name, values[name])
    hired = employee.hired_on
    if hired is not None and employee.left_on is not None and employee.left_on < hired:
        raise DomainError(_("The hire date lies after the leave date."), code="days_in_order")
    first = employee.assignments.order_by("valid_from").values_list("valid_from", flat=True).first()
    if hired is not None and first is not None and first < hired:
        raise DomainError(
            _("The first assignment begins on {day}, before this hire date. Correct the assignment first."),
            code="not_employed",
            day=first,
        )
    employee.name_key = name_key(employee.name)
    _save(employee)
    return employee


def _save(employee: Employee) -> None:
    try:
        with transaction.atomic():
            employee.save()
    except IntegrityError as error:
        raise Taken from error


@transaction.atomic
def record_absence(
    employee: Employee,
    *,
    kind: str,
    first_day: date,
    last_day: date,
    hours: Decimal | None = None,
    note: str = "",
    absence_id: int | None = None,
) -> Absence:
    """Record days on which a person is away, or change those of `absence_id`.

    Raises Conflict for an overlap with another absence, DomainError for days in the wrong order or outside the
    employment, NotFound for an absence of somebody else.
    """
    employee = _locked(employee.pk)
    _check_days(employee, first_day, last_day)
    if hours is not None and not 0 < hours < 24:
        raise DomainError(_("The hours of a day lie above 0 and below 24."), code="bad_hours")
    others = Absence.objects.filter(employee=employee, first_day__lte=last_day, last_day__gte=first_day)
    other = others.exclude(pk=absence_id or 0).order_by("first_day").first()
    if other is not None:
        raise Conflict(
            _("These days overlap with an absence from {first} to {last}."),
            code="overlap",
            first=other.first_day,
            last=other.last_day,
        )
    absence = Absence(employee=employee)
    if absence_id is not None:
        absence = _of(Absence, employee, absence_id)
    absence.kind, absence.first_day, absence.last_day = kind, first_day, last_day
    absence.hours, absence.note = hours, note
    absence.save()
    return absence


@transaction.atomic
def remove_absence(employee: Employee, absence_id: int) -> None:
    """Take an absence back. Raises NotFound for one of somebody else."""
    _of(Absence, _locked(employee.pk), absence_id).delete()


@transaction.atomic
def name_stand_in(
    employee: Employee,
    *,
    stand_in: Employee,
    first_day: date,
    last_day: date,
    reason: str = "",
    stand_in_id: int | None = None,
) -> StandIn:
    """Let somebody decide in a person's place on some days, or change what `stand_in_id` says.

    Raises DomainError for oneself or somebody who is not employed then, Conflict when the person has another
    stand-in on one of the days, NotFound for a row of somebody else.
    """
    employee = _locked(employee.pk)
    if stand_in.pk == employee.pk:
        raise DomainError(_("Nobody can stand in for themselves."), code="oneself")
    _check_days(employee, first_day, last_day)
    _check_days(stand_in, first_day, last_day)
    others = StandIn.objects.select_related("stand_in").filter(
        employee=employee, first_day__lte=last_day, last_day__gte=first_day
    )
    other = others.exclude(pk=stand_in_id or 0).order_by("first_day").first()
    if other is not None:
        raise Conflict(
            _("{name} stands in from {first} to {last} already; one person at a time."),
            code="overlap",
            name=other.stand_in.name,
            first=other.first_day,
            last=other.last_day,
        )
    row = StandIn(employee=employee) if stand_in_id is None else _of(StandIn, employee, stand_in_id)
    row.stand_in, row.first_day, row.last_day, row.reason = stand_in, first_day, last_day, reason
    row.save()
    tell_stand_in(row)
    return row


@transaction.atomic
def end_stand_in(employee: Employee, stand_in_id: int) -> None:
    """Take a stand-in back. Raises NotFound for one of somebody else."""
    _of(StandIn, _locked(employee.pk), stand_in_id).delete()


def _locked(employee_id: int) -> Employee:
    employee = Employee.objects.select_for_update().filter(pk=employee_id).first()
    if employee is None:
        raise NotFound
    return employee


def _of(model: Any, employee: Employee, pk: int) -> Any:
    """Return a row of the person; raise NotFound for one of somebody else."""
    row = model.objects.filter(pk=pk, employee=employee).first()
    if row is None:
        raise NotFound
    return row


def _check_days(employee: Employee, first_day: date, last_day: date) -> None:
    if last_day < first_day:
        raise DomainError(_("The last day lies before the first day."), code="days_in_order")
    if employee.hired_on is not None and first_day < employee.hired_on:
        raise DomainError(
            _("{name} is hired on {day} only."), code="not_employed", name=employee.name, day=employee.hired_on
        )
    if employee.left_on is not None and last_day > employee.left_on:
        raise DomainError(_("{name} leaves on {day}."), code="not_employed", name=employee.name, day=employee.left_on)
