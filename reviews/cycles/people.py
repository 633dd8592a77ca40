"""Who is in a cycle, and who has led whom: set-based reads over effective-dated assignments (R2).

People stand in a cycle as they stood on its day: the period's last day, or today if that is earlier.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from perfmgmt.people.models import Assignment, Employee, Unit
from perfmgmt.people.selectors import below
from perfmgmt.people.viewer import Workspace
from reviews.cycles.rules import Place, Spell, manager_days
from reviews.models import ReviewCycle

AUDIENCE = ("units", "positions", "types", "people", "without")


@dataclass(frozen=True)
class Member:
    """A person of a cycle on its day. `left_on` is the last day of who has left or will leave."""

    employee_id: int
    number: str
    name: str
    unit_id: int | None
    manager_id: int | None
    left_on: date | None = None


@dataclass(frozen=True)
class Audience:
    """Whom a cycle is for: the members, and those chosen by name who have no assignment on its day."""

    day: date
    members: list[Member]
    absent: list[Member]

    @property
    def ids(self) -> list[int]:
        """The employees' ids, in the order of the members."""
        return [each.employee_id for each in self.members]


def day_of(cycle: ReviewCycle, today: date) -> date:
    """Return the day on which people's places count: the period's last one, or today if that is earlier."""
    return min(cycle.end, today)


def ids_in(audience: Mapping[str, Any], name: str) -> list[int]:
    """Return the ids of one part of an audience; what is no id is passed over."""
    return [int(each) for each in audience.get(name) or [] if isinstance(each, int) and not isinstance(each, bool)]


def audience(cycle: ReviewCycle, today: date, *, children: Mapping[int | None, list[int]] | None = None) -> Audience:
    """Return whom a cycle is for, by name; three queries at most.

    Units (with everything below), positions and sales role types each narrow; people chosen by name come on top,
    those in `without` stay out. Only people chosen: only these. Nothing chosen: everybody with an assignment.
    """
    chosen, day = cycle.audience or {}, day_of(cycle, today)
    units, positions = ids_in(chosen, "units"), ids_in(chosen, "positions")
    types = [str(each) for each in chosen.get("types") or []]
    people, without = ids_in(chosen, "people"), set(ids_in(chosen, "without"))
    spells = Assignment.objects.filter(valid_from__lte=day, valid_to__gte=day)
    narrowed = spells
    if units:
        narrowed = narrowed.filter(unit_id__in=_trees(units, children))
    if positions:
        narrowed = narrowed.filter(position_id__in=positions)
    if types:
        narrowed = narrowed.filter(sales_role_type__in=types)
    if people and not (units or positions or types):
        narrowed = spells.filter(employee_id__in=people)
    elif people:
        narrowed = narrowed | spells.filter(employee_id__in=people)
    members = [each for each in _members(narrowed) if each.employee_id not in without]
    there = {each.employee_id for each in members}
    missing = [pk for pk in people if pk not in there and pk not in without]
    return Audience(day, members, _without_place(missing))


def members_of(employee_ids: Collection[int], day: date) -> list[Member]:
    """Return people as they stand on a day, by name; who has no assignment on it is left out. One query."""
    return _members(Assignment.objects.filter(employee_id__in=employee_ids, valid_from__lte=day, valid_to__gte=day))


def _members(spells: Any) -> list[Member]:
    rows = spells.order_by("employee__name_key", "employee_id").values_list(
        "employee_id", "employee__number", "employee__name", "unit_id", "manager_id", "employee__left_on"
    )
    return [Member(*row) for row in rows]


def _without_place(employee_ids: list[int]) -> list[Member]:
    if not employee_ids:
        return []
    rows = Employee.objects.filter(pk__in=employee_ids).order_by("name_key", "pk")
    return [
        Member(pk, number, name, None, None, left)
        for pk, number, name, left in rows.values_list("pk", "number", "name", "left_on")
    ]


def _trees(units: list[int], children: Mapping[int | None, list[int]] | None) -> set[int]:
    if children is None:
        found: dict[int | None, list[int]] = defaultdict(list)
        for pk, parent_id in Unit.objects.values_list("pk", "parent_id"):
            found[parent_id].append(pk)
        children = found
    return {each for unit in units for each in below(children, unit)}


def managers(
    employee_ids: Collection[int], cycle: ReviewCycle, workspace: Workspace, today: date
) -> dict[int, dict[int, int]]:
    """Return each person's managers of a cycle's period with the working days of each: employee -> manager -> days.

    Managers who have left the company are left out: nobody can ask them. Two queries.
    """
    rows = Assignment.objects.filter(
        employee_id__in=employee_ids, manager__isnull=False, valid_from__lte=cycle.end, valid_to__gte=cycle.start
    ).exclude(manager__left_on__lt=today)
    spells = [
        Spell(*row)
        for row in rows.order_by("employee_id", "valid_from").values_list(
            "employee_id", "manager_id", "valid_from", "valid_to"
        )
    ]
    return manager_days(spells, cycle.start, cycle.end, workspace.calendar(cycle.start, cycle.end).working_days)


def managers_on(employee_ids: Iterable[int], day: date) -> dict[int, int]:
    """Return who leads each of these people on a day; who has no manager is left out. One query."""
    rows = Assignment.objects.filter(
        employee_id__in=list(employee_ids), manager__isnull=False, valid_from__lte=day, valid_to__gte=day
    )
    return {pk: manager for pk, manager in rows.values_list("employee_id", "manager_id") if manager is not None}


def skip_levels(manager_of: Mapping[int, int | None], day: date, today: date) -> dict[int, int]:
    """Return each person's manager's manager on a day, from who leads whom; who has left is left out. One query."""
    leaders = {manager for manager in manager_of.values() if manager is not None}
    rows = Assignment.objects.filter(
        employee_id__in=leaders, manager__isnull=False, valid_from__lte=day, valid_to__gte=day
    ).exclude(manager__left_on__lt=today)
    above = dict(rows.values_list("employee_id", "manager_id"))
    return {
        pk: found for pk, manager in manager_of.items() if manager and (found := above.get(manager)) and found != pk
    }


def direct_reports(employee_ids: Collection[int], day: date) -> dict[int, list[int]]:
    """Return who reports to each of these people on a day. One query."""
    rows = Assignment.objects.filter(manager_id__in=employee_ids, valid_from__lte=day, valid_to__gte=day)
    found: dict[int, list[int]] = defaultdict(list)
    for manager, pk in rows.order_by("employee_id").values_list("manager_id", "employee_id"):
        found[manager or 0].append(pk)
    return dict(found)


def places_on(day: date) -> list[Place]:
    """Return where everybody stands on a day, who has left the company by now left out. One query."""
    rows = Assignment.objects.filter(valid_from__lte=day, valid_to__gte=day)
    return [Place(*row) for row in rows.values_list("employee_id", "unit_id", "manager_id")]


def gone(employee_ids: Collection[int], today: date) -> set[int]:
    """Return who of these people has left the company by today. One query."""
    return set(Employee.objects.filter(pk__in=employee_ids, left_on__lt=today).values_list("pk", flat=True))
