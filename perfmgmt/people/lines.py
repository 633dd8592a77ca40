"""The reporting line over time: nobody may stand below themselves, on any day."""

from datetime import date

from django.db import connection, models
from django.utils.translation import gettext_lazy as _

from perfmgmt.people.models import Employee
from perfmgmt.tenants.errors import Conflict
from perfmgmt.tenants.locks import Lock, wait_lock
from perfmgmt.tenants.scope import current_tenant_id

# From the manager upwards, each step cut to the days on which it holds. The depth bounds a circle that is there
# already.
_ABOVE = """
    WITH RECURSIVE above(id, first, last, depth) AS (
        SELECT %(manager)s::bigint, %(first)s::date, %(last)s::date, 0
        UNION
        SELECT a.manager_id, greatest(above.first, a.valid_from), least(above.last, a.valid_to), depth + 1
        FROM above JOIN people_assignment a ON a.tenant_id = %(tenant)s AND a.employee_id = above.id
             AND a.valid_from <= above.last AND a.valid_to >= above.first
        WHERE a.manager_id IS NOT NULL AND above.id <> %(employee)s AND depth < 50)
    SELECT min(first) FROM above WHERE id = %(employee)s
"""


class Circle(Conflict):
    """Somebody would lead a person who leads them, over any number of levels."""

    code = "circle"


def circle_on(employee_id: int, manager_id: int, first: date, last: date) -> date | None:
    """Return the first day from `first` to `last` on which `employee_id` is or leads `manager_id`; None for none."""
    with connection.cursor() as cursor:
        cursor.execute(
            _ABOVE,
            {
                "tenant": current_tenant_id(),
                "employee": employee_id,
                "manager": manager_id,
                "first": first,
                "last": last,
            },
        )
        found: date | None = cursor.fetchone()[0]
        return found


def refuse_circle(employee: Employee, manager: Employee, first: date, last: date) -> None:
    """Raise Circle when the person would stand below themselves on one of the days."""
    day = circle_on(employee.pk, manager.pk, first, last)
    if day is None:
        return
    if employee.pk == manager.pk:
        raise Circle(_("{name} can't be their own manager."), name=employee.name)
    raise Circle(
        _("{manager} stands below {name} on {day} already, so {manager} can't be the manager of {name} then."),
        manager=manager.name,
        name=employee.name,
        day=max(day, first).isoformat(),
    )


def hold_line() -> None:
    """Let nobody else change the workspace's reporting line until this transaction ends.

    Two changes at once could each be right and make a circle together.
    """
    wait_lock(Lock.LINE, current_tenant_id())


def fingerprint(row: models.Model, *names: str) -> str:
    """Return the named fields as a page showed them, to tell later whether somebody changed them since."""
    return "|".join(str(getattr(row, name) if getattr(row, name) is not None else "") for name in names)
