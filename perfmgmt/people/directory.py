"""The directory: what an address asks for, and the people it finds, in a fixed number of queries."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import (
    BigIntegerField,
    BooleanField,
    Count,
    DateField,
    Exists,
    ExpressionWrapper,
    F,
    FilteredRelation,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
)
from django.utils.translation import gettext_lazy as _

from perfmgmt.people import selectors
from perfmgmt.people.gaps import gap_of
from perfmgmt.people.models import Absence, Assignment, Employee, Membership, Position, SalesRoleType, Unit
from perfmgmt.people.names import sort_key
from perfmgmt.tenants.errors import NotFound

PRESENT, EMPLOYED, AWAY, FUTURE, LEFT, EVERYBODY = "", "employed", "away", "future", "left", "all"
STATUSES = [
    (PRESENT, _("Employed or to come")),
    (EMPLOYED, _("Employed")),
    (AWAY, _("Away today")),
    (FUTURE, _("To come")),
    (LEFT, _("Left")),
    (EVERYBODY, _("Everybody")),
]
SORTS = {
    "name": ("name_key", "id"),
    "number": ("number",),
    "unit": ("now__unit__name", "name_key", "id"),
    "position": ("now__position__name", "name_key", "id"),
    "hired": ("hired_on", "name_key", "id"),
}
PARAMETERS = frozenset({"q", "unit", "position", "type", "status", "account", "missing", "sort"})
# What a row needs of the person, the assignment of the day and whether they are away.
COLUMNS = (
    "id", "number", "name", "email", "phone", "hired_on", "left_on",
    "now__unit__name", "now__position__name", "now__position__name_en", "now__manager__name",
    "now__sales_role_type", "away", "account", "later",
)  # fmt: skip


@dataclass(frozen=True)
class Wanted:
    """What the address asks for, checked. `unit_id` and `position_id` exist in the workspace."""

    search: str = ""
    unit_id: int | None = None
    position_id: int | None = None
    sales_role_type: str = ""
    status: str = PRESENT
    without_account: bool = False
    missing: str = ""
    sort: str = "name"

    @property
    def is_filtered(self) -> bool:
        """Whether anything narrows the list."""
        narrowed = self.search or self.unit_id or self.position_id or self.sales_role_type or self.without_account
        narrowed = narrowed or self.missing
        return bool(narrowed) or self.status not in (PRESENT, EVERYBODY)


@dataclass(frozen=True)
class Options:
    """What can be chosen from: units as a tree (id, name, depth) and positions (id, name), in one query."""

    units: list[tuple[int, str, int]]
    positions: list[tuple[int, str]]
    children: dict[int | None, list[int]]

    def tree(self, unit_id: int) -> list[int]:
        """Return a unit's id and those of everything below it."""
        return selectors.below(self.children, unit_id)


def options() -> Options:
    """Return the open units and all positions; archived units are found through the units above them."""
    units = Unit.objects.annotate(kind=Value("unit"), en=Value("")).values_list(
        "kind", "pk", "name", "en", "parent_id", "archived_on"
    )
    positions = Position.objects.annotate(
        kind=Value("position"), above=Value(None, BigIntegerField()), closed=Value(None, DateField())
    ).values_list("kind", "pk", "name", "name_en", "above", "closed")
    rows = list(units.order_by().union(positions.order_by(), all=True))
    children: dict[int | None, list[int]] = {}
    names: dict[int, tuple[str, bool]] = {}
    for what, pk, name, _en, parent_id, archived in rows:
        if what == "unit":
            names[pk] = (name, archived is None)
            children.setdefault(parent_id, []).append(pk)
    posts = [(pk, str(Position(name=name, name_en=en))) for what, pk, name, en, *_rest in rows if what == "position"]
    found = sorted(posts, key=lambda pair: sort_key(pair[1]))
    return Options(_as_tree(children, names), found, children)


def _as_tree(children: dict[int | None, list[int]], names: dict[int, tuple[str, bool]]) -> list[tuple[int, str, int]]:
    tree: list[tuple[int, str, int]] = []
    waiting = [(pk, 0) for pk in sorted(children.get(None, []), key=lambda pk: sort_key(names[pk][0]), reverse=True)]
    while waiting:
        pk, depth = waiting.pop()
        name, is_open = names[pk]
        if is_open:
            tree.append((pk, name, depth))
        below = sorted(children.get(pk, []), key=lambda pk: sort_key(names[pk][0]), reverse=True)
        waiting += [(child, depth + 1) for child in below]
    return tree


def read(query: Mapping[str, str], choices: Options, *, sees_accounts: bool, sees_gaps: bool = False) -> Wanted:
    """Read an address's parameters; raise NotFound for a unit or position that isn't there.

    `sees_accounts`: whether the viewer may ask who has no sign-in; `sees_gaps`: who lacks facts, a target, a manager.
    """
    statuses = {code for code, _word in STATUSES}
    sort = query.get("sort", "")
    return Wanted(
        search=query.get("q", "")[:100].strip(),
        unit_id=_known(query.get("unit", ""), set(choices.children.get(None, [])) | _all(choices)),
        position_id=_known(query.get("position", ""), {pk for pk, _name in choices.positions}),
        sales_role_type=query.get("type", "") if query.get("type", "") in SalesRoleType.values else "",
        status=query.get("status", "") if query.get("status", "") in statuses else PRESENT,
        without_account=sees_accounts and query.get("account", "") == "none",
        missing=query.get("missing", "") if sees_gaps and gap_of(query.get("missing", "")) else "",
        sort=sort if sort.removeprefix("-") in SORTS else "name",
    )


def _all(choices: Options) -> set[int]:
    return {pk for below in choices.children.values() for pk in below}


def _known(text: str, ids: set[int]) -> int | None:
    if not text:
        return None
    if not text.isdecimal() or len(text) > 18 or int(text) not in ids:
        raise NotFound
    return int(text)


def find(wanted: Wanted, *, on: date, choices: Options, by_address: bool) -> QuerySet[Employee]:
    """Return the people who are wanted, unsorted. `by_address` as for `selectors.directory`."""
    people = selectors.directory(search=wanted.search, on=on, by_address=by_address).order_by()
    if wanted.unit_id is not None:
        people = people.filter(Exists(_held(on, wanted).filter(unit_id__in=choices.tree(wanted.unit_id))))
    if wanted.position_id is not None:
        people = people.filter(Exists(_held(on, wanted).filter(position_id=wanted.position_id)))
    if wanted.sales_role_type:
        people = people.filter(Exists(_held(on, wanted).filter(sales_role_type=wanted.sales_role_type)))
    if wanted.without_account:
        people = people.filter(~Exists(Membership.objects.filter(employee_id=OuterRef("pk"))))
    if (gap := gap_of(wanted.missing)) is not None:
        people = people.filter(gap.without(on))
    return _by_status(people, wanted.status, on)


def _held(on: date, wanted: Wanted) -> QuerySet[Assignment]:
    """Return the assignments by which somebody is sorted: today's; of leavers and newcomers any."""
    held = Assignment.objects.filter(employee_id=OuterRef("pk"))
    if wanted.status in (LEFT, FUTURE):
        return held
    return held.filter(valid_from__lte=on, valid_to__gte=on)


def _by_status(people: QuerySet[Employee], status: str, on: date) -> QuerySet[Employee]:
    gone = Q(left_on__lt=on)
    here = Q(left_on__isnull=True) | Q(left_on__gte=on)
    coming = Q(hired_on__gt=on) | (Q(hired_on__isnull=True) & _only_later(on))
    if status == LEFT:
        return people.filter(gone)
    if status == FUTURE:
        return people.filter(here & coming)
    if status == EVERYBODY:
        return people
    people = people.filter(here)
    if status == PRESENT:
        return people
    people = people.filter(~coming)
    return people.filter(Exists(_absent(on))) if status == AWAY else people


def _only_later(on: date) -> Q:
    """Whether all of a person's assignments begin after a day, and there is one."""
    spells = Assignment.objects.filter(employee_id=OuterRef("pk"))
    return Q(Exists(spells.filter(valid_from__gt=on))) & ~Q(Exists(spells.filter(valid_from__lte=on)))


def _absent(on: date) -> QuerySet[Absence]:
    return Absence.objects.filter(employee_id=OuterRef("pk"), first_day__lte=on, last_day__gte=on)


def rows_of(people: QuerySet[Employee], *, sort: str, on: date) -> QuerySet[Employee, dict[str, Any]]:
    """Return the people as rows of COLUMNS with their place on a day, sorted; no further query per row."""
    way, key = ("-", sort[1:]) if sort.startswith("-") else ("", sort)
    order = [
        F(column).desc(nulls_last=True) if way else F(column).asc(nulls_last=True) for column in SORTS[key]
    ] if key != "name" else [way + column for column in SORTS[key]]  # fmt: skip
    return (
        people.annotate(
            now=FilteredRelation(
                "assignments",
                condition=Q(assignments__valid_from__lte=on, assignments__valid_to__gte=on),
            ),
            away=Exists(_absent(on)),
            account=Exists(Membership.objects.filter(employee_id=OuterRef("pk"))),
            later=ExpressionWrapper(_only_later(on), output_field=BooleanField()),
        )
        .order_by(*order)
        .values(*COLUMNS)
    )


def page_of(
    people: QuerySet[Employee], *, sort: str, on: date, number: int, per_page: int
) -> tuple[list[dict[str, Any]], int, int]:
    """Return (rows, their total, the page's number) of a page; a page beyond the last one is the last one.

    The total comes with the rows: one query, unless nothing is on that page.
    """
    rows = rows_of(people, sort=sort, on=on)
    counted = people.order_by().annotate(one=Value(1)).values("one").annotate(all=Count("pk")).values("all")
    start = (number - 1) * per_page
    found = list(rows.annotate(total=Subquery(counted)).values(*COLUMNS, "total")[start : start + per_page])
    if found:
        return found, found[0]["total"], number
    total = people.count() if number > 1 else 0
    if not total:
        return [], 0, 1
    last = (total + per_page - 1) // per_page
    return list(rows[(last - 1) * per_page : last * per_page]), total, last


def status_of(row: Mapping[str, Any], on: date) -> str:
    """Return how a row's person stands on a day: left, future, away or employed."""
    if row["left_on"] is not None and row["left_on"] < on:
        return LEFT
    coming = row["hired_on"] is not None and row["hired_on"] > on
    if coming or (row["hired_on"] is None and row["later"]):
        return FUTURE
    return AWAY if row["away"] else EMPLOYED
