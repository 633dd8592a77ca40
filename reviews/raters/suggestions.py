"""Who could review a person, from work done together in the period (R3): each with what they have in common.

Bounded whatever the size of the workspace: so many facts of the person are looked at, so many customers, so many
people come out. Facts are found by metric, employee and day, deals by source and external id: the indexes they have.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from django.db import connection
from django.db.models import Q

from perfmgmt.people.models import Assignment
from perfmgmt.tenants.scope import current_tenant_id
from reviews.models import Participant
from reviews.raters.circle import Circle
from reviews.raters.rules import Link, Tie, strength

FACTS_PER_METRIC, MOST_CUSTOMERS, MOST_METRICS, MOST_NEAR = 500, 200, 3, 300
MOST_SHOWN = 24

# The person's latest facts of each metric in the period.
_MINE = """
    mine AS MATERIALIZED (
        SELECT f.* FROM metrics_metric m CROSS JOIN LATERAL (
            SELECT metric_id, source_id, external_id, credit_role, customer FROM metrics_fact
            WHERE tenant_id = %(tenant)s AND metric_id = m.id AND employee_id = %(me)s
                AND day >= %(first)s AND day <= %(last)s
            ORDER BY day DESC LIMIT %(facts)s) f
        WHERE m.tenant_id = %(tenant)s)
"""
_DEALS = f"""
    WITH {_MINE}, deals AS (SELECT DISTINCT source_id, external_id, credit_role FROM mine)
    SELECT o.employee_id, count(DISTINCT (o.source_id, o.external_id)) FILTER (WHERE d.credit_role = 'supporter'
            AND o.credit_role = 'owner'), count(DISTINCT (o.source_id, o.external_id))
    FROM deals d JOIN metrics_fact o ON o.tenant_id = %(tenant)s AND o.source_id = d.source_id
        AND o.external_id = d.external_id AND o.employee_id <> %(me)s
    WHERE %(anybody)s OR o.employee_id = ANY(%(only)s)
    GROUP BY o.employee_id ORDER BY 3 DESC, 1 LIMIT %(most)s
"""
# The customers the person dealt with most, on the metrics that name most of them.
_CUSTOMERS = f"""
    WITH {_MINE}, named AS (SELECT * FROM mine WHERE customer <> ''),
    customers AS (SELECT customer FROM named GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT %(customers)s),
    metrics AS (SELECT metric_id FROM named GROUP BY 1 ORDER BY count(DISTINCT customer) DESC, 1 LIMIT %(metrics)s)
    SELECT o.employee_id, count(DISTINCT o.customer) FROM metrics_fact o
    WHERE o.tenant_id = %(tenant)s AND o.metric_id = ANY(ARRAY(SELECT metric_id FROM metrics))
        AND o.day >= %(first)s AND o.day <= %(last)s AND o.customer = ANY(ARRAY(SELECT customer FROM customers))
        AND o.employee_id <> %(me)s AND (%(anybody)s OR o.employee_id = ANY(%(only)s))
    GROUP BY o.employee_id ORDER BY 2 DESC, 1 LIMIT %(most)s
"""


def links_of(circle: Circle, participant: Participant, only: Iterable[int] | None = None) -> dict[int, list[Link]]:
    """Return what people have in common with a ratee in the cycle's period, the strongest tie first, by employee.

    Of everybody, or of the people in `only`; who has nothing in common is left out. Four queries.
    """
    named = None if only is None else sorted(only)
    me, cycle = participant.employee_id, circle.cycle
    found: dict[int, list[Link]] = defaultdict(list)
    for pk in circle.lines[me].reports:
        if named is None or pk in named:
            found[pk].append(Link(Tie.REPORT))
    for pk, supported, deals in _rows(_DEALS, me, cycle.start, cycle.end, named):
        if supported:
            found[pk].append(Link(Tie.SUPPORTED, supported))
        if deals > supported:
            found[pk].append(Link(Tie.DEALS, deals - supported))
    for pk, customers in _rows(_CUSTOMERS, me, cycle.start, cycle.end, named):
        found[pk].append(Link(Tie.CUSTOMERS, customers))
    for pk, ties in _near(me, cycle.start, cycle.end, named).items():
        found[pk] += [Link(tie) for tie in ties]
    return dict(found)


def suggested(circle: Circle, participant: Participant) -> dict[int, list[Link]]:
    """Return the people who worked with a ratee most, the closest first; candidates of the circle from now on.

    Who can't review them (it leads them, it has left, it carries enough) is left out, but for who is chosen already.
    """
    links = links_of(circle, participant)
    circle.look_at(links)
    chosen = {one.employee_id for one in circle.raters[participant.pk]}
    free = [pk for pk in links if pk not in chosen and _may_be(circle, participant, pk)]
    names = circle.people
    order = sorted(free, key=lambda pk: (-strength(links[pk]), _load(circle, pk), names[pk].name_key, pk))
    return {pk: links[pk] for pk in order}


def _may_be(circle: Circle, participant: Participant, pk: int) -> bool:
    return pk in circle.people and any(not circle.conflicts(participant, pk, group) for group in circle.limits)


def _load(circle: Circle, pk: int) -> int:
    load = circle.loads.get(pk)
    return load.asked + load.proposed if load else 0


def _rows(sql: str, me: int, first: date, last: date, only: list[int] | None) -> list[tuple[int, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, {
            "tenant": current_tenant_id(), "me": me, "first": first, "last": last, "anybody": only is None,
            "only": only or [0], "facts": FACTS_PER_METRIC, "customers": MOST_CUSTOMERS, "metrics": MOST_METRICS,
            "most": MOST_NEAR,
        })  # fmt: skip
        return list(cursor.fetchall())


def _near(me: int, first: date, last: date, only: list[int] | None) -> dict[int, list[Tie]]:
    """Return who had the same manager, or worked in the same unit, on a day of the period; two queries."""
    period = Assignment.objects.filter(valid_from__lte=last, valid_to__gte=first)
    own = list(period.filter(employee_id=me).values_list("manager_id", "unit_id"))
    managers, units = {manager for manager, _unit in own if manager}, {unit for _manager, unit in own}
    rows = period.filter(Q(manager_id__in=managers) | Q(unit_id__in=units)).exclude(employee_id=me)
    if only is not None:
        rows = rows.filter(employee_id__in=only)
    found: dict[int, list[Tie]] = {}
    for pk, manager, unit in rows.order_by("pk").values_list("employee_id", "manager_id", "unit_id")[:MOST_NEAR]:
        ties = found.setdefault(pk, [])
        if manager in managers and Tie.TEAM not in ties:
            ties.insert(0, Tie.TEAM)
        elif unit in units and Tie.UNIT not in ties and Tie.TEAM not in ties:
            ties.append(Tie.UNIT)
    return {pk: [tie for tie in ties if tie != Tie.UNIT or Tie.TEAM not in ties] for pk, ties in found.items()}
