"""Reads of the unit tree, and what moving a unit does."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Count, Min

from perfmgmt.people.models import Assignment, Position, Unit
from perfmgmt.people.names import sort_key
from perfmgmt.people.selectors import below

MOST_NAMED, MOST_LEADERS = 20, 3


@dataclass
class Node:
    """A unit of the tree: its people, those of everything below it too, who leads them, and how deep it hangs."""

    unit: Unit
    depth: int
    own: int = 0
    whole: int = 0
    managers: list[str] = field(default_factory=list)


def tree(*, on: date, archived: bool = False) -> list[Node]:
    """Return the open units (or all) from the top, each before those below it; three queries."""
    units = {unit.pk: unit for unit in Unit.objects.all()}
    children: dict[int | None, list[int]] = {}
    for unit in units.values():
        children.setdefault(unit.parent_id, []).append(unit.pk)
    today = Assignment.objects.filter(valid_from__lte=on, valid_to__gte=on)
    own = dict(today.values_list("unit_id").annotate(Count("pk")))
    leaders = _leaders(on)
    nodes: list[Node] = []
    waiting = [(pk, 0) for pk in _by_name(children.get(None, []), units)]
    while waiting:
        pk, depth = waiting.pop()
        unit = units[pk]
        if archived or unit.archived_on is None:
            whole = sum(own.get(here, 0) for here in below(children, pk))
            nodes.append(Node(unit, depth, own.get(pk, 0), whole, leaders.get(pk, [])))
        waiting += [(child, depth + 1) for child in _by_name(children.get(pk, []), units)]
    return nodes


def _by_name(ids: list[int], units: dict[int, Unit]) -> list[int]:
    return sorted(ids, key=lambda pk: sort_key(units[pk].name), reverse=True)


def _leaders(on: date) -> dict[int, list[str]]:
    """Return who leads each unit on a day: those in it who lead others of it, else who leads most of them."""
    rows = Assignment.objects.filter(valid_from__lte=on, valid_to__gte=on).values_list(
        "employee_id", "unit_id", "manager_id", "manager__name"
    )
    home = {}
    counted: dict[int, Counter[tuple[int, str]]] = {}
    for employee_id, unit_id, manager_id, name in rows:
        home[employee_id] = unit_id
        if manager_id is not None:
            counted.setdefault(unit_id, Counter())[manager_id, name] += 1
    found = {}
    for unit_id, who in counted.items():
        ranked = [(pk, name) for (pk, name), _n in who.most_common()]
        own = [name for pk, name in ranked if home.get(pk) == unit_id]
        found[unit_id] = own[:MOST_LEADERS] or [name for _pk, name in ranked[:1]]
    return found


@dataclass(frozen=True)
class Effect:
    """What moving a unit would do: whose figures change from when, and how many people move along."""

    people: int
    names: list[str]
    units_along: list[str]
    losing: list[str]
    gaining: list[str]
    first_day: date | None

    @property
    def more(self) -> int:
        """How many people are not named."""
        return max(0, self.people - len(self.names))


def effect_of_move(unit: Unit, parent: Unit | None, *, on: date) -> Effect:
    """Return what hanging a unit below `parent` would change.

    The tree is the one of today for all periods, so the units above lose or gain from the first day on which
    anybody belonged to the unit or to one below it.
    """
    units = {each.pk: each for each in Unit.objects.all()}
    children: dict[int | None, list[int]] = {}
    for each in units.values():
        children.setdefault(each.parent_id, []).append(each.pk)
    moved = below(children, unit.pk)
    old, new = _above(unit.parent_id, units), _above(parent.pk if parent else None, units)
    spells = Assignment.objects.filter(unit_id__in=moved)
    now = spells.filter(valid_from__lte=on, valid_to__gte=on)
    names = now.order_by("employee__name_key", "employee_id").values_list("employee__name", flat=True)
    return Effect(
        people=now.count(),
        names=list(names[:MOST_NAMED]),
        units_along=[units[pk].name for pk in moved if pk != unit.pk],
        losing=[units[pk].name for pk in old if pk not in new],
        gaining=[units[pk].name for pk in new if pk not in old],
        first_day=spells.aggregate(first=Min("valid_from"))["first"],
    )


def _above(unit_id: int | None, units: dict[int, Unit]) -> list[int]:
    """Return a unit and everything above it, nearest first."""
    found: list[int] = []
    while unit_id is not None and unit_id not in found:
        found.append(unit_id)
        unit_id = units[unit_id].parent_id
    return found


def positions(*, on: date, search: str = "") -> list[tuple[Position, int, int]]:
    """Return (position, people on a day, assignments ever), by name."""
    held = Assignment.objects.filter(position__isnull=False)
    today = dict(held.filter(valid_from__lte=on, valid_to__gte=on).values_list("position_id").annotate(Count("pk")))
    ever = dict(held.values_list("position_id").annotate(Count("pk")))
    wanted = search.casefold()
    found = [
        (each, today.get(each.pk, 0), ever.get(each.pk, 0))
        for each in Position.objects.all()
        if wanted in f"{each.name} {each.name_en} {each.code} {sort_key(each.name).replace(' ', '')}".casefold()
    ]
    return sorted(found, key=lambda row: sort_key(row[0].name))
