"""Who leaves or has left, and what is still open of theirs."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Max

from perfmgmt.people.handover import HandoverKind, OpenItem, open_items
from perfmgmt.people.models import Assignment, Employee
from perfmgmt.tenants.models import WorkspaceProfile

# Leavers with nothing open stay on the list for so long.
SHOWN = timedelta(days=90)
MOST = 500


@dataclass(frozen=True)
class Leaver:
    """One line of the list: until when they read their own records, and how many things of each kind are open."""

    employee: Employee
    unit: str
    reads_until: date
    still_reads: bool
    open: list[tuple[HandoverKind, int]]

    @property
    def total(self) -> int:
        """How many things are open."""
        return sum(number for _kind, number in self.open)


def leavers(*, today: date, only_open: bool = False) -> list[Leaver]:
    """Return who leaves, left lately, or left something open; last day first, in a fixed number of queries."""
    people = list(Employee.objects.filter(left_on__isnull=False).order_by("-left_on", "name_key")[:MOST])
    found = open_items({person.pk: person.left_on for person in people if person.left_on})
    days = timedelta(days=access_days())
    units = _last_units([person.pk for person in people])
    rows = []
    for person in people:
        kinds = [(kind, len(items)) for kind, items in found[person.pk]]
        left_on = person.left_on or today
        if kinds or (not only_open and left_on >= today - SHOWN):
            until = left_on + days
            rows.append(Leaver(person, units.get(person.pk, ""), until, today <= until, kinds))
    return rows


def access_days() -> int:
    """Return for how many days leavers of the open workspace can read their own records."""
    return WorkspaceProfile.objects.values_list("leaver_access_days", flat=True).get()


def open_of(employee: Employee, last_day: date) -> list[tuple[HandoverKind, list[OpenItem]]]:
    """Return what one person leaves open after a day, by kind."""
    return open_items({employee.pk: last_day})[employee.pk]


def last_assignment_day(employee: Employee) -> date | None:
    """Return the last day of a person's assignments."""
    found: date | None = Assignment.objects.filter(employee=employee).aggregate(last=Max("valid_to"))["last"]
    return found


def _last_units(ids: list[int]) -> dict[int, str]:
    rows = Assignment.objects.filter(employee_id__in=ids).order_by("valid_from")
    return dict(rows.values_list("employee_id", "unit__name"))
