"""What the pages of people have in common: the head of a person's page, and forms whose write may be refused."""

from collections.abc import Callable
from typing import Any, TypeVar

from django.db import transaction
from django.forms import Form
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse

from perfmgmt.people.access import WorkspaceRequest
from perfmgmt.people.actions import actions_for
from perfmgmt.people.models import Absence, Assignment, Employee
from perfmgmt.people.tabs import tabs_for
from perfmgmt.tenants.errors import DomainError, NotFound

READ_WRITE = ["GET", "POST"]
Result = TypeVar("Result")


def head(request: WorkspaceRequest, employee: Employee, current: str) -> dict[str, Any]:
    """Return what `people/person_head.html` shows: the person, where they work today, how they stand, what can be
    done with them, the tabs.

    `current` is the name of the address that is open.
    """
    today = request.workspace.today()
    place = (
        Assignment.objects.select_related("unit", "position", "manager")
        .filter(employee=employee, valid_from__lte=today, valid_to__gte=today)
        .first()
    )
    away = Absence.objects.filter(employee=employee, first_day__lte=today, last_day__gte=today).first()
    return {
        "employee": employee,
        "place": place,
        "away": away,
        "gone": employee.left_on is not None and employee.left_on < today,
        "leaving": employee.left_on is not None and employee.left_on >= today,
        "coming": employee.hired_on is not None and employee.hired_on > today,
        "person_actions": actions_for(request.viewer, employee),
        "person_tabs": tabs_for(request.viewer, request.workspace.slug, employee.pk, current),
    }


def tried(form: Form, write: Callable[[], Result]) -> Result | None:
    """Return what a write returns; what it refuses becomes an error of the form, and None is returned.

    A refused write leaves nothing behind. NotFound stays an answer of its own.
    """
    try:
        with transaction.atomic():
            return write()
    except NotFound:
        raise
    except DomainError as error:
        form.add_error(None, str(error))
        return None


def to_person(request: WorkspaceRequest, url_name: str, employee_id: int) -> HttpResponse:
    """Send back to a tab of a person's page."""
    return HttpResponseRedirect(reverse(url_name, args=[request.workspace.slug, employee_id]))
