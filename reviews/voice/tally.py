"""The tally of finished answers: kept by differences while customers answer, rebuilt and compared as a whole.

Every cell counts once more in each of its margins (of the month: all, assistant, unit, customer type, product; and of
the month in which the customer finished), so that a page over any number of answers reads a few hundred rows.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from django.db import connection

from perfmgmt.tenants.scope import current_tenant_id
from reviews.models import InvitationState, SurveyAnswer, SurveyInvitation

Said = int | str
#: What was said to a question: its key, its kind, the number or the key of a choice ("" for words).
Counted = tuple[str, str, str]
COLUMNS = "survey_id, by, purpose, key, kind, day, employee_id, unit_id, customer_type, product, said"
_TYPES = ("bigint", "text", "text", "text", "text", "date", "bigint", "bigint", "text", "text", "text", "int")


@dataclass(frozen=True, order=True)
class Place:
    """Where an answer is counted, besides what it says."""

    survey_id: int
    purpose: str
    day: date
    employee_id: int
    unit_id: int
    customer_type: str
    product: str
    #: The first day of the month in which the customer finished; None changes nothing there.
    finished: date | None = None


Cell = tuple[Place, Counted]


def counted(kinds: Mapping[str, str], answers: Mapping[str, Said]) -> list[Counted]:
    """Return what of some answers is counted; `kinds` by key of the question."""
    return [(key, kinds[key], "" if kinds[key] == "text" else str(said)) for key, said in answers.items()]


def stored(invitation: SurveyInvitation) -> list[Counted]:
    """Return what is counted of an invitation's stored answers; one query, none for what is not finished."""
    if invitation.state != InvitationState.FINISHED:
        return []
    rows = SurveyAnswer.objects.filter(invitation=invitation).values_list("key", "kind", "number", "text")
    return [(key, kind, "" if kind == "text" else str(text if n is None else n)) for key, kind, n, text in rows]


def follow(invitation: SurveyInvitation, before: Collection[Counted], after: Collection[Counted]) -> None:
    """Count what is said now instead of what was said before; in the transaction that stores it."""
    gone, new = set(before) - set(after), set(after) - set(before)
    if not gone and not new:
        return
    place = _place(invitation)
    add({**{(place, one): -1 for one in gone}, **{(place, one): 1 for one in new}})


def forget_words(contact_id: int) -> None:
    """Remove what an erased contact wrote, which may name anybody; scores and choices stay, unlinked."""
    # Who answers at this moment is waited for: what they write is found then.
    mine = SurveyInvitation.objects.filter(contact_id=contact_id).order_by("pk")
    list(mine.select_for_update(of=("self",)).values_list("pk"))
    words = SurveyAnswer.objects.filter(invitation__contact_id=contact_id, kind="text").select_related("invitation")
    for one in words:
        if one.invitation.state == InvitationState.FINISHED:
            follow(one.invitation, [(one.key, one.kind, "")], [])
    words.delete()


def _place(invitation: SurveyInvitation) -> Place:
    unit_id = 0
    if invitation.employee_id is not None:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT unit_id FROM people_assignment WHERE tenant_id = %s AND employee_id = %s "
                "AND valid_from <= %s AND valid_to >= %s LIMIT 1",
                [current_tenant_id(), invitation.employee_id, invitation.day, invitation.day],
            )
            found = cursor.fetchone()
            unit_id = (found[0] or 0) if found else 0
    return Place(
        invitation.survey_id, invitation.purpose, invitation.day, invitation.employee_id or 0, unit_id,
        invitation.customer_type, invitation.product,
        month_of(invitation.finished_at) if invitation.finished_at else None,
    )  # fmt: skip


def month_of(moment: datetime) -> date:
    """Return the first day of the month (UTC) of a moment."""
    return moment.astimezone(UTC).date().replace(day=1)


def _rows(place: Place, said: Counted) -> Iterable[tuple[Any, ...]]:
    """Return the rows in which a cell counts, without the number."""
    key, kind, what = said
    month = place.day.replace(day=1)
    who, unit, of_type, product = place.employee_id, place.unit_id, place.customer_type, place.product
    done = [("finished", place.finished, 0, 0, "", "")] if place.finished else []
    for by, *rest in (
        *done,
        ("all", month, 0, 0, "", ""),
        ("cell", place.day, who, unit, of_type, product),
        ("employee", month, who, unit, "", ""),
        ("product", month, 0, 0, "", product),
        ("type", month, 0, 0, of_type, ""),
        ("unit", month, 0, unit, "", ""),
    ):
        yield (place.survey_id, by, place.purpose, key, kind, *rest, what)


_UPSERT = f"""
    INSERT INTO reviews_surveytally AS t (tenant_id, {COLUMNS}, n)
    SELECT %s, d.* FROM unnest({", ".join(f"%s::{each}[]" for each in _TYPES)}) AS d({COLUMNS}, n)
    ON CONFLICT (tenant_id, {COLUMNS}) DO UPDATE SET n = t.n + excluded.n
"""
_EMPTY = f"""
    DELETE FROM reviews_surveytally t
    USING unnest({", ".join(f"%s::{each}[]" for each in _TYPES[:-1])}) AS d({COLUMNS})
    WHERE t.tenant_id = %s AND t.n = 0 AND ({", ".join(f"t.{each}" for each in COLUMNS.split(", "))})
        = ({", ".join(f"d.{each}" for each in COLUMNS.split(", "))})
"""


def add(cells: Mapping[Cell, int]) -> None:
    """Add differences to the tally: to the cells and to their margins.

    One statement adds them all, in the order of their keys, so that two transactions never wait for each other
    crosswise; what nobody says any more goes.
    """
    sums: dict[tuple[Any, ...], int] = {}
    for (place, said), n in cells.items():
        for row in _rows(place, said):
            sums[row] = sums.get(row, 0) + n
    changed = sorted((row, n) for row, n in sums.items() if n)
    if not changed:
        return
    tenant = current_tenant_id()
    with connection.cursor() as cursor:
        columns = [list(column) for column in zip(*(row for row, _n in changed), strict=True)]
        cursor.execute(_UPSERT, [tenant, *columns, [n for _row, n in changed]])
        less = [row for row, n in changed if n < 0]
        if less:
            cursor.execute(_EMPTY, [*(list(column) for column in zip(*less, strict=True)), tenant])


_MOVED = """
    SELECT t.survey_id, t.purpose, t.day, t.employee_id, t.unit_id, t.customer_type, t.product, t.key, t.kind, t.said,
        t.n, coalesce(a.unit_id, 0)
    FROM reviews_surveytally t
    LEFT JOIN people_assignment a ON a.tenant_id = t.tenant_id AND a.employee_id = t.employee_id
        AND a.valid_from <= t.day AND a.valid_to >= t.day
    WHERE t.tenant_id = %s AND t.by = 'cell' AND t.employee_id = ANY(%s) AND t.day BETWEEN %s AND %s
        AND t.unit_id <> coalesce(a.unit_id, 0)
"""


def on_assignments_changed(*, employee_ids: Iterable[int], first_day: date, last_day: date) -> None:
    """Somebody was in another unit on these days than was known: their answers count there."""
    with connection.cursor() as cursor:
        cursor.execute(_MOVED, [current_tenant_id(), sorted(set(employee_ids)), first_day, last_day])
        rows: Sequence[tuple[Any, ...]] = cursor.fetchall()
    cells: dict[Cell, int] = {}
    for survey, purpose, day, who, unit, of_type, product, key, kind, said, n, now in rows:
        for unit_id, number in ((unit, -n), (now, n)):
            cell = (Place(survey, purpose, day, who, unit_id, of_type, product), (key, kind, said))
            cells[cell] = cells.get(cell, 0) + number
    add(cells)
