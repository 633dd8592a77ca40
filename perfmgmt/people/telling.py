"""Whom to tell: the sign-ins of people, and the members who may do something by a role given by hand."""

from collections.abc import Iterable
from datetime import date

from perfmgmt.people.models import Assignment, Membership, StandIn
from perfmgmt.people.permissions import Permission


def accounts_of(employee_ids: Iterable[int]) -> dict[int, int]:
    """Return the users of employees who have a sign-in, by employee."""
    found = Membership.objects.filter(employee_id__in=list(employee_ids)).values_list("employee_id", "user_id")
    return {employee_id: user_id for employee_id, user_id in found if employee_id is not None}


def managers_of(employee_id: int, *, on: date) -> list[int]:
    """Return the users who decide about a person on a day: the manager, and who stands in for the manager."""
    rows = Assignment.objects.filter(employee_id=employee_id, valid_from__lte=on, valid_to__gte=on)
    managers = [pk for pk in rows.values_list("manager_id", flat=True) if pk]
    acting = StandIn.objects.filter(employee_id__in=managers, first_day__lte=on, last_day__gte=on)
    people = {*managers, *acting.values_list("stand_in_id", flat=True)} - {employee_id}
    return sorted(accounts_of(people).values())


def given(permission: Permission) -> list[int]:
    """Return the users to whom a role that carries `permission` was given by hand."""
    roles = [role.value for role in permission.roles]
    return list(Membership.objects.filter(roles__overlap=roles).values_list("user_id", flat=True))
