"""Writes when somebody leaves: the last day, and who takes over what they leave open."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from perfmgmt.people.handover import Handover, open_items
from perfmgmt.people.lines import hold_line, refuse_circle
from perfmgmt.people.models import FOREVER, Absence, Assignment, Employee, StandIn
from perfmgmt.people.services import leave
from perfmgmt.tenants.errors import Conflict, DomainError, NotFound
from perfmgmt.tenants.events import publish
from perfmgmt.tenants.models import WorkspaceProfile

ONE_DAY = timedelta(days=1)
MOST_ACCESS_DAYS = 3660


@dataclass(frozen=True)
class Choice:
    """What is to become of the open items of one kind: somebody takes them, they are dropped, or neither yet.

    `keys` are the items the page showed; what was opened since then stays open.
    """

    keys: frozenset[str]
    to: Employee | None = None
    drop: bool = False


@transaction.atomic
def record_leave(
    employee_id: int, *, last_day: date, shown: date | None, choices: Mapping[str, Choice], by_user_id: int
) -> Employee:
    """Let somebody leave after `last_day`: assignments end, what is chosen is handed over, all or nothing.

    `shown` is the leave date on the page. A later day than before lengthens the assignment that ended with the old
    one. Raises Conflict when the date changed since, DomainError for a day before the hire date or a successor who
    is gone by then, Circle when a successor stands below whom they would lead.
    """
    employee = _locked(employee_id)
    if employee.left_on != shown:
        raise Conflict
    if employee.hired_on is not None and last_day < employee.hired_on:
        raise DomainError(_("The leave date lies before the hire date."), code="days_in_order")
    _lengthen(employee, last_day)
    employee.left_on = last_day
    employee.save(update_fields=["left_on"])
    _hand_over(employee, last_day, choices, by_user_id)
    leave(employee, last_day=last_day)
    _trim(employee, last_day)
    return employee


@transaction.atomic
def hand_over(employee_id: int, *, choices: Mapping[str, Choice], by_user_id: int) -> int:
    """Hand over what somebody with a leave date has left open; return how many items are settled."""
    employee = _locked(employee_id)
    if employee.left_on is None:
        raise Conflict(_("{name} has no leave date."), name=employee.name)
    return _hand_over(employee, employee.left_on, choices, by_user_id)


@transaction.atomic
def take_back(employee_id: int, *, shown: date | None) -> Employee:
    """Let somebody stay after all: the assignment that ended with the leave date runs on.

    What was handed over stays where it is now.
    """
    employee = _locked(employee_id)
    if employee.left_on is None or employee.left_on != shown:
        raise Conflict
    _lengthen(employee, FOREVER)
    employee.left_on = None
    employee.save(update_fields=["left_on"])
    return employee


@transaction.atomic
def set_access_days(days: int) -> None:
    """Set for how long leavers can read their own records. Raises DomainError outside 0 to MOST_ACCESS_DAYS."""
    if not 0 <= days <= MOST_ACCESS_DAYS:
        raise DomainError(_("Between 0 and {most} days."), most=MOST_ACCESS_DAYS)
    WorkspaceProfile.objects.update(leaver_access_days=days)


def _hand_over(leaver: Employee, last_day: date, choices: Mapping[str, Choice], by_user_id: int) -> int:
    count = 0
    for kind, items in open_items({leaver.pk: last_day})[leaver.pk]:
        choice = choices.get(kind.code)
        keys = frozenset(item.key for item in items) & (choice.keys if choice else frozenset())
        if choice is None or not keys or (choice.to is None and not choice.drop):
            continue
        to = None if choice.drop else choice.to
        if to is not None:
            _check_successor(to, leaver, last_day)
        elif not kind.may_drop:
            raise DomainError(_("This can't be dropped, only handed over."), code="no_drop")
        kind.hand_over(Handover(leaver, last_day, keys, to, by_user_id))
        count += len(keys)
    return count


def _check_successor(to: Employee, leaver: Employee, last_day: date) -> None:
    if to.pk == leaver.pk:
        raise DomainError(_("Choose somebody else than the person who leaves."), code="oneself")
    if to.left_on is not None and to.left_on <= last_day:
        raise DomainError(
            _("{name} leaves on {day} and can't take anything over."),
            code="successor_left",
            name=to.name,
            day=to.left_on,
        )


def _lengthen(employee: Employee, last_day: date) -> None:
    """Let the assignment that ended with the old leave date run on to a later one."""
    if employee.left_on is None or last_day <= employee.left_on:
        return
    ended = Assignment.objects.select_related("manager").filter(employee=employee, valid_to=employee.left_on).first()
    if ended is None:
        return
    if ended.manager is not None:
        refuse_circle(employee, ended.manager, employee.left_on + ONE_DAY, last_day)
    Assignment.objects.filter(pk=ended.pk).update(valid_to=last_day)
    first = employee.left_on + ONE_DAY
    publish("people.assignments_changed", employee_ids=[employee.pk], first_day=first, last_day=last_day)


def _trim(employee: Employee, last_day: date) -> None:
    """Cut absences and stand-ins of the person off at the last day: there is nobody to be away after it."""
    for rows in (Absence.objects.filter(employee=employee), StandIn.objects.filter(employee=employee)):
        rows.filter(first_day__gt=last_day).delete()
        rows.filter(last_day__gt=last_day).update(last_day=last_day)


def _locked(employee_id: int) -> Employee:
    hold_line()
    employee = Employee.objects.select_for_update().filter(pk=employee_id).first()
    if employee is None:
        raise NotFound
    return employee
