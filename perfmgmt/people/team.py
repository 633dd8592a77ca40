"""A manager's team over time: who was below them, and on which days (RULES.md section 11)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import connection

from perfmgmt.tenants.scope import current_tenant_id

# First and last days, apart from each other, in order.
Spans = tuple[tuple[date, date], ...]
ONE_DAY = timedelta(days=1)
# One row per level of the line and one look-up per manager (OFFSET 0), as in `selectors.team_of`; each step down is
# cut to the days on which it holds. Nobody has two managers on a day, so the days of a person never overlap. What
# a person was assigned to at all is read for those only who were not in the line all the time.
_LINE = """
    WITH RECURSIVE line(ids, firsts, lasts, depth) AS (
        SELECT %(managers)s::bigint[], array_fill(%(first)s::date, ARRAY[cardinality(%(managers)s::bigint[])]),
            array_fill(%(last)s::date, ARRAY[cardinality(%(managers)s::bigint[])]), 0
        UNION ALL
        SELECT found.ids, found.firsts, found.lasts, depth + 1
        FROM line CROSS JOIN LATERAL (
            SELECT array_agg(a.employee_id) AS ids, array_agg(greatest(a.valid_from, m.first)) AS firsts,
                array_agg(least(a.valid_to, m.last)) AS lasts
            FROM unnest(line.ids, line.firsts, line.lasts) AS m(id, first, last) CROSS JOIN LATERAL (
                SELECT employee_id, valid_from, valid_to FROM people_assignment
                WHERE tenant_id = %(tenant)s AND manager_id = m.id AND valid_from <= m.last AND valid_to >= m.first
                OFFSET 0) a) found
        WHERE cardinality(found.ids) > 0 AND depth < 100)
    SELECT e.id, e.name, e.number, d.first, d.last,
        CASE WHEN d.first > %(first)s OR d.last < %(last)s THEN ARRAY(
            SELECT ARRAY[greatest(valid_from, %(first)s), least(valid_to, %(last)s)] FROM people_assignment
            WHERE tenant_id = %(tenant)s AND employee_id = e.id AND valid_from <= %(last)s AND valid_to >= %(first)s
            ORDER BY valid_from) END
    FROM line CROSS JOIN LATERAL unnest(line.ids, line.firsts, line.lasts) AS d(id, first, last)
    JOIN people_employee e ON e.tenant_id = %(tenant)s AND e.id = d.id
    WHERE depth > 0
    ORDER BY e.id, d.first
"""


@dataclass(frozen=True)
class Member:
    """A person of a team: the days in it, and (for who was not in it all the time) the days of each assignment."""

    name: str
    number: str
    spans: Spans
    held: Spans = ()

    def within(self, first: date, last: date) -> Spans:
        """Return the days in the team between two days."""
        return cut(self.spans, first, last)


Team = Mapping[int, Member]


def team_between(*employee_ids: int, first: date, last: date) -> dict[int, Member]:
    """Return who was below one of these people on any day from `first` to `last`, skip-levels included; one query."""
    found: dict[int, tuple[str, str, list[tuple[date, date]], Spans]] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            _LINE, {"tenant": current_tenant_id(), "managers": list(employee_ids), "first": first, "last": last}
        )
        for pk, name, number, start, end, held in cursor.fetchall():
            spells = tuple((a, z) for a, z in held or ())
            found.setdefault(pk, (name, number, [], spells))[2].append((start, end))
    return {pk: Member(name, number, joined(spans), held) for pk, (name, number, spans, held) in found.items()}


def joined(spans: Iterable[tuple[date, date]]) -> Spans:
    """Return spans in order, with those that meet or overlap as one."""
    found: list[tuple[date, date]] = []
    for first, last in sorted(spans):
        if found and first <= found[-1][1] + ONE_DAY:
            found[-1] = (found[-1][0], max(found[-1][1], last))
        else:
            found.append((first, last))
    return tuple(found)


def cut(spans: Spans, first: date, last: date) -> Spans:
    """Return the parts of spans that lie from `first` to `last`."""
    return tuple((max(a, first), min(z, last)) for a, z in spans if a <= last and z >= first)
