"""Writes about people: members, units, assignments."""

from datetime import date, timedelta
from typing import Any

from allauth.account.models import EmailAddress
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from perfmgmt.people.lines import refuse_circle
from perfmgmt.people.models import FOREVER, Assignment, Employee, Membership, Unit, User
from perfmgmt.people.names import name_key
from perfmgmt.people.roles import GIVEN_BY_HAND, Role
from perfmgmt.tenants.errors import Conflict, DomainError
from perfmgmt.tenants.events import publish


def user_for(email: str, *, name: str = "", password: str | None = None) -> tuple[User, bool]:
    """Return the user who signs in with `email` and whether they are new; an existing password stays."""
    existing = User.objects.filter(email=email.strip().lower()).first()
    if existing is not None:
        return existing, False
    return User.objects.create_user(email, password, name=name), True


def vouch_for(user: User) -> None:
    """Note that a person's address is theirs: an operator says so, or an invitation sent there was accepted."""
    EmailAddress.objects.update_or_create(user=user, email=user.email, defaults={"verified": True, "primary": True})


def add_member(user: User, *roles: Role, employee: Employee | None = None) -> Membership:
    """Let a user into the open workspace with roles given by hand; an employee with the same address is linked.

    For a member the roles are added to those they have. Raises DomainError for a role that follows by itself.
    """
    if not set(roles) <= set(GIVEN_BY_HAND):
        raise DomainError(
            _("The roles of manager and assistant follow from the reporting line."), code="derived_role"
        )
    if employee is None:
        employee = Employee.objects.filter(email=user.email).exclude(email="").first()
    membership, _created = Membership.objects.get_or_create(user=user, defaults={"employee": employee})
    membership.roles = sorted({*membership.roles, *(role.value for role in roles)})
    membership.employee = membership.employee or employee
    membership.save(update_fields=["roles", "employee"])
    return membership


def add_employee(number: str, name: str, **fields: Any) -> Employee:
    """Add a person to the open workspace."""
    return Employee.objects.create(number=number, name=name, name_key=name_key(name), **fields)


@transaction.atomic
def assign(
    employee: Employee,
    *,
    unit: Unit,
    valid_from: date,
    valid_to: date = FOREVER,
    manager: Employee | None = None,
    **fields: Any,
) -> Assignment:
    """Put a person into a unit from a day on; what they had on those days ends the day before, or makes way.

    An assignment that begins on the same day is replaced. The person's figures follow (event
    `people.assignments_changed`). Raises Conflict when the person would stand below themselves.
    """
    Employee.objects.select_for_update().get(pk=employee.pk)
    if manager is not None:
        refuse_circle(employee, manager, valid_from, valid_to)
    running = Assignment.objects.filter(employee=employee, valid_to__gte=valid_from, valid_from__lte=valid_to)
    running.filter(valid_from__gte=valid_from).delete()
    running.filter(valid_from__lt=valid_from).update(valid_to=valid_from - timedelta(days=1))
    assignment = Assignment.objects.create(
        employee=employee, unit=unit, manager=manager, valid_from=valid_from, valid_to=valid_to, **fields
    )
    publish("people.assignments_changed", employee_ids=[employee.pk], first_day=valid_from, last_day=FOREVER)
    return assignment


@transaction.atomic
def leave(employee: Employee, *, last_day: date) -> bool:
    """End what a person has on their last day; what would begin later makes way. Return whether anything changed.

    The person's figures follow (event `people.assignments_changed`).
    """
    Employee.objects.select_for_update().get(pk=employee.pk)
    later = Assignment.objects.filter(employee=employee, valid_to__gt=last_day)
    changed, _models = later.filter(valid_from__gt=last_day).delete()
    changed += later.update(valid_to=last_day)
    if changed:
        first_day = last_day + timedelta(days=1)
        publish("people.assignments_changed", employee_ids=[employee.pk], first_day=first_day, last_day=FOREVER)
    return bool(changed)


@transaction.atomic
def move_unit(unit: Unit, *, parent: Unit | None) -> Unit:
    """Hang a unit below another one, or at the top; every figure above follows (event `people.units_changed`).

    Raises Conflict when the new parent lies below the unit itself.
    """
    parents = dict(Unit.objects.select_for_update().order_by("pk").values_list("pk", "parent_id"))
    here = parent.pk if parent else None
    while here is not None:
        if here == unit.pk:
            raise Conflict(_("A unit can't hang below itself."))
        here = parents[here]
    unit.parent = parent
    unit.save(update_fields=["parent"])
    publish("people.units_changed")
    return unit
