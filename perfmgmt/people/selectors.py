"""Reads about people: who is there, and whom a viewer may look at."""

from collections.abc import Mapping
from datetime import date

from django.db import connection
from django.db.models import Q, QuerySet, Value
from django.db.models.functions import Replace

from perfmgmt.people.models import Employee, StandIn, Unit
from perfmgmt.people.viewer import Viewer
from perfmgmt.tenants.scope import current_tenant_id

# Nothing sorts behind it: what begins with a text lies from the text to the text with this after it.
LAST_CHARACTER = "\U0010ffff"
# One row per level of the line and one look-up per manager (OFFSET 0), whatever the planner guesses: it takes a
# recursion for half a million rows, and would read the whole workspace for a team of thirty. The depth bounds a
# circle, which the assignments refuse anyway.
_REPORTS = """
    WITH RECURSIVE line(ids, depth) AS (
        SELECT %(managers)s::bigint[], 0
        UNION ALL
        SELECT ARRAY(
            SELECT a.employee_id FROM unnest(line.ids) m CROSS JOIN LATERAL (
                SELECT employee_id FROM people_assignment
                WHERE tenant_id = %(tenant)s AND manager_id = m AND valid_from <= %(on)s AND valid_to >= %(on)s
                OFFSET 0) a), depth + 1
        FROM line WHERE cardinality(ids) > 0 AND depth < 100)
    SELECT id, name, number FROM people_employee
    WHERE tenant_id = %(tenant)s AND id = ANY(ARRAY(SELECT unnest(ids) FROM line WHERE depth > 0))
"""


def team_of(*employee_ids: int, on: date) -> dict[int, tuple[str, str]]:
    """Return everybody below one of these people on a day, skip-levels included, in one query.

    As id -> (name, number).
    """
    with connection.cursor() as cursor:
        cursor.execute(_REPORTS, {"tenant": current_tenant_id(), "managers": list(employee_ids), "on": on})
        return {pk: (name, number) for pk, name, number in cursor.fetchall()}


def reports_of(*employee_ids: int, on: date) -> list[int]:
    """Return the ids of everybody below one of these people on a day, skip-levels included."""
    return list(team_of(*employee_ids, on=on))


def acting_for(viewer: Viewer, on: date) -> list[int]:
    """Return the ids of the people whose duties are the viewer's on a day: permission checks ask here.

    Standing in is not handed on: who stands in for a stand-in doesn't act for the first person.
    """
    if viewer.employee_id is None or viewer.left_until is not None:
        return []
    rows = StandIn.objects.filter(stand_in_id=viewer.employee_id, first_day__lte=on, last_day__gte=on)
    return list(rows.order_by("last_day", "pk").values_list("employee_id", flat=True))


def visible_employees(*, viewer: Viewer, on: date) -> list[int] | None:
    """Return whose figures the viewer may see, by the reporting line of the day; None means everybody's.

    Oneself, everybody below, and everybody below those one stands in for today (not those themselves). Executives
    see aggregates only: for them the list holds nobody but themselves. Who has left sees themselves.
    """
    if viewer.sees_everybody:
        return None
    if viewer.employee_id is None:
        return []
    if viewer.left_until is not None:
        return [viewer.employee_id]
    leading = [other.employee_id for other in viewer.acting_for if other.leads]
    team = reports_of(viewer.employee_id, *leading, on=on)
    return [viewer.employee_id, *(pk for pk in team if pk != viewer.employee_id)]


def employed(*, on: date, last: date | None = None) -> QuerySet[Employee]:
    """Return the people with an assignment on a day, or on any day from `on` to `last`; by name."""
    return (
        Employee.objects.filter(assignments__valid_from__lte=last or on, assignments__valid_to__gte=on)
        .distinct()
        .order_by("name_key", "id")
    )


def directory(
    *, search: str = "", unit_id: int | None = None, on: date, by_address: bool = False
) -> QuerySet[Employee]:
    """Return the people of the workspace by name, found by name, pinyin, initials or number, in a unit's tree.

    `by_address` also finds by email: only for who may see addresses, or they could be guessed letter by letter.
    """
    people = Employee.objects.order_by("name_key", "id")
    if search := search.strip():
        # "li xiao wen" is found by "lixiaowen", by "xiao wen", and by "lxw".
        compact = search.casefold().replace(" ", "")
        people = people.annotate(pinyin=Replace("name_key", Value(" "), Value(""))).filter(
            Q(name__icontains=search)
            | Q(pinyin__contains=compact)
            | Q(initials__gte=compact, initials__lt=compact + LAST_CHARACTER)
            | Q(number__istartswith=search)
            | (Q(email__istartswith=search) if by_address else Q(pk__in=[]))
        )
    if unit_id is not None:
        people = people.filter(
            assignments__unit_id__in=unit_tree(unit_id),
            assignments__valid_from__lte=on,
            assignments__valid_to__gte=on,
        ).distinct()
    return people


def spelt(text: str) -> QuerySet[Employee]:
    """Return the people whose whole name is `text` in pinyin, or whose initials it is."""
    compact = text.strip().casefold().replace(" ", "")
    people = Employee.objects.annotate(pinyin=Replace("name_key", Value(" "), Value("")))
    return people.filter(Q(pinyin=compact) | Q(initials=compact)).order_by("name_key", "id")


def unit_tree(unit_id: int) -> list[int]:
    """Return a unit's id and those of everything below it."""
    children: dict[int | None, list[int]] = {}
    for pk, parent_id in Unit.objects.values_list("pk", "parent_id"):
        children.setdefault(parent_id, []).append(pk)
    return below(children, unit_id)


def below(children: Mapping[int | None, list[int]], unit_id: int) -> list[int]:
    """Return a unit's id and those of everything below it, from the units' children."""
    found, waiting = [], [unit_id]
    while waiting:
        here = waiting.pop()
        found.append(here)
        waiting += children.get(here, [])
    return found
