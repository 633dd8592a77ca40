"""Rows that look alike and are two: kept out of the list of duplicates from then on."""

from typing import Any, Literal

from django.db import transaction
from django.db.models import Q, QuerySet

from perfmgmt.customers.models import Apart
from perfmgmt.customers.services import locked_contacts, locked_customers, require_manage
from perfmgmt.people.viewer import Viewer
from perfmgmt.tenants.errors import Conflict

Kind = Literal["customer", "contact"]
Pair = tuple[int, int]


def pairs() -> dict[Kind, set[Pair]]:
    """Return the pairs of customers and of contacts that somebody said are two, smaller id first; one query."""
    found: dict[Kind, set[Pair]] = {"customer": set(), "contact": set()}
    for one, other, first, second in Apart.objects.values_list(
        "first_customer_id", "second_customer_id", "first_contact_id", "second_contact_id"
    ):
        if one is not None:
            found["customer"].add((one, other))
        else:
            found["contact"].add((first, second))
    return found


def are_two(kind: Kind, one: int, other: int) -> bool:
    """Return whether somebody said of these ids that they are two."""
    return _rows(kind, one, other).exists()


@transaction.atomic
def keep_apart(kind: Kind, one: int, other: int, *, viewer: Viewer) -> None:
    """Note that two rows which look alike are two; once is enough.

    Raises NotAllowed, NotFound, Conflict for one and the same, or when one of them was merged or erased meanwhile.
    """
    require_manage(viewer)
    rows = locked_customers(one, other) if kind == "customer" else locked_contacts(one, other)
    living = [row.merged_into_id is None and getattr(row, "erased_at", None) is None for row in rows.values()]
    if one == other or not all(living):
        raise Conflict
    _note(kind, one, other)


@transaction.atomic
def compare_again(kind: Kind, one: int, other: int, *, viewer: Viewer) -> None:
    """Take that back: the two stand among the duplicates again if they look alike. Raises NotAllowed."""
    require_manage(viewer)
    _rows(kind, one, other).delete()


def merged(kind: Kind, loser: int, winner: int) -> None:
    """What was said of the loser is said of the winner, inside the merge's transaction."""
    about = Q(**{f"first_{kind}": loser}) | Q(**{f"second_{kind}": loser})
    found = Apart.objects.filter(about)
    others = {pk for pair in found.values_list(f"first_{kind}_id", f"second_{kind}_id") for pk in pair}
    found.delete()
    for other in others - {loser, winner}:
        _note(kind, other, winner)


def _note(kind: Kind, one: int, other: int) -> None:
    first, second = sorted((one, other))
    ids: dict[str, Any] = {f"first_{kind}_id": first, f"second_{kind}_id": second}
    Apart.objects.get_or_create(**ids)


def _rows(kind: Kind, one: int, other: int) -> QuerySet[Apart]:
    first, second = sorted((one, other))
    return Apart.objects.filter(**{f"first_{kind}": first, f"second_{kind}": second})
