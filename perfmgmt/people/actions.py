"""What can be done with a person: higher apps register pages, which the head of a person's page links to."""

from dataclasses import dataclass

from django.utils.functional import Promise

from perfmgmt.people.models import Employee
from perfmgmt.people.permissions import Permission
from perfmgmt.people.viewer import Viewer


@dataclass(frozen=True)
class PersonAction:
    """A page of the workspace that takes the person as `?to=<id>`; it is for others than oneself."""

    url_name: str
    label: str | Promise
    icon: str
    permission: Permission


_actions: dict[str, PersonAction] = {}


def register(action: PersonAction) -> None:
    """Offer a page in the head of everybody's page; the same address again replaces it."""
    _actions[action.url_name] = action


def actions_for(viewer: Viewer, employee: Employee) -> list[PersonAction]:
    """Return what a viewer may do with somebody else."""
    if employee.pk == viewer.employee_id:
        return []
    return [action for action in _actions.values() if viewer.may(action.permission)]
