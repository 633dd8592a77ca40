"""A team's figures by the day: what people did while they were in it (RULES.md section 11).

Who was in the team for a whole period counts with the period's rollup, who was not with the rollups of the days.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.db.models import BigIntegerField, QuerySet, SmallIntegerField, Sum, Value

from perfmgmt.metrics.figures import Asked, Table, assemble
from perfmgmt.metrics.models import Aggregation, EmployeeRollup, Metric
from perfmgmt.metrics.rules import Sums
from perfmgmt.metrics.selectors import GROUP, Read, Totals, in_spans
from perfmgmt.people.team import Team
from perfmgmt.tenants.calendar import Grain, Period

BY_THE_DAY = frozenset({Aggregation.SUM, Aggregation.COUNT, Aggregation.MEAN, Aggregation.LAST})
# (grain, metric id, owner id, first day, total, n)
Row = tuple[int, int, int, date, Decimal, int]
Spells = list[tuple[date, date, date]]


def counts_by_the_day(metric: Metric) -> bool:
    """Return whether a metric's figure of some days of a period can be made from those days.

    Distinct and customer-level figures can't; growth and shares of a target compare whole periods.
    """
    if metric.base is not None and not metric.reads_facts:
        return False
    return all(part.aggregation in BY_THE_DAY for part in metric.parts())


@dataclass
class _Plan:
    """Which rows are wanted: `whole` (person, first day of the period), and of others the days and their period."""

    whole: set[tuple[int, date]] = field(default_factory=set)
    days: dict[int, Spells] = field(default_factory=dict)


def _plan(team: Team, grain: Grain, spans: list[tuple[date, date]]) -> _Plan:
    plan = _Plan()
    periods = [period for first, last in spans for period in _periods(grain, first, last)]
    for pk, member in team.items():
        for period in periods:
            inside = member.within(period.start, period.end)
            if inside == ((period.start, period.end),):
                plan.whole.add((pk, period.start))
            elif inside:
                plan.days.setdefault(pk, []).extend((a, z, period.start) for a, z in inside)
    return plan


def _periods(grain: Grain, first: date, last: date) -> Iterator[Period]:
    """Yield the periods that begin from `first` to `last`; one begins on `first`."""
    period = Period(grain, first)
    while period.start <= last:
        yield period
        period = period.next()


def read_team(team: Team, grain: Grain, read_whole: Read | None = None) -> Read:
    """Return a reader of the rows of a team's people for `figures.assemble`, one query.

    `read_whole` reads the people who were there all the time from elsewhere (a locked period), with a query more.
    """

    def read(parts: list[Metric], spans: list[tuple[date, date]]) -> Mapping[int, Table]:
        plan = _plan(team, grain, spans)
        rows = _days(parts, plan)
        if read_whole is None:
            whole = _of(parts).filter(in_spans(spans), grain=int(grain), employee_id__in={pk for pk, _ in plan.whole})
            rows = _together(_rows(whole), rows)
        tables = _tables(parts, plan, grain, [] if rows is None else rows)
        if read_whole is not None:
            for pk, table in read_whole(parts, spans).items():
                tables[pk].update({cell: sums for cell, sums in table.items() if cell in plan.whole})
        return tables

    return read


def team_totals(metric: Metric, team: Team, *, grain: Grain, first: date, last: date) -> Totals:
    """Return the team's figures as one for the periods that begin between two days, one query.

    The metric is one that `counts_by_the_day`. Who was in the team all the time is added up by the database.
    """

    def read(parts: list[Metric], spans: list[tuple[date, date]]) -> Mapping[int, Table]:
        plan = _plan(team, grain, spans)
        count = len({start for _pk, start in plan.whole} | {it[2] for spells in plan.days.values() for it in spells})
        always, others = _parted(plan, count)
        mine = _of(parts).filter(in_spans(spans), grain=int(grain))
        added = mine.filter(employee_id__in=always).values("metric_id", "start")
        rows = _together(
            added.annotate(
                kind=Value(int(grain), SmallIntegerField()), owner=Value(GROUP, BigIntegerField()),
                added=Sum("total"), facts=Sum("n"),
            ).values_list("kind", "metric_id", "owner", "start", "added", "facts"),
            _rows(mine.filter(employee_id__in=others)),
        )  # fmt: skip
        days = _days(parts, plan)
        plan.whole.update((GROUP, period.start) for a, z in spans for period in _periods(grain, a, z))
        tables = _tables(parts, plan, grain, rows if days is None else _together(rows, days))
        return {pk: _added(table) for pk, table in tables.items()}

    return Totals(metric, assemble([metric], Asked(grain, first, last, by_unit=True), read)[metric.pk])


def _parted(plan: _Plan, count: int) -> tuple[list[int], list[int]]:
    """Return who was there in all of `count` periods, and who was in some only."""
    periods: dict[int, int] = {}
    for pk, _start in plan.whole:
        periods[pk] = periods.get(pk, 0) + 1
    return (
        [pk for pk, found in periods.items() if found == count],
        [pk for pk, found in periods.items() if found < count],
    )


def _added(table: Table) -> Table:
    found: Table = {}
    for (_pk, start), sums in table.items():
        found[GROUP, start] = found.get((GROUP, start), Sums()) + sums
    return found


def _of(parts: list[Metric]) -> QuerySet[EmployeeRollup]:
    return EmployeeRollup.objects.filter(metric_id__in=[part.pk for part in parts])


def _rows(found: QuerySet[EmployeeRollup]) -> QuerySet[EmployeeRollup, Row]:
    return found.values_list("grain", "metric_id", "employee_id", "start", "total", "n")


def _days(parts: list[Metric], plan: _Plan) -> QuerySet[EmployeeRollup, Row] | None:
    """The rows of the days on which somebody was there for a part of a period; None when nobody was."""
    if not plan.days:
        return None
    spells = [spell for found in plan.days.values() for spell in found]
    first, last = min(a for a, _z, _start in spells), max(z for _a, z, _start in spells)
    found = _of(parts).filter(grain=int(Grain.DAY), employee_id__in=list(plan.days))
    return _rows(found.filter(start__gte=first, start__lte=last))


def _together(
    first: QuerySet[EmployeeRollup, Row], second: QuerySet[EmployeeRollup, Row] | None
) -> QuerySet[EmployeeRollup, Row]:
    return first if second is None else first.union(second, all=True)


def _tables(parts: list[Metric], plan: _Plan, grain: Grain, rows: Iterable[Row]) -> dict[int, Table]:
    """Put the rows under (person, first day of the period): whole ones as they are, days added up.

    Of a metric whose last value counts, the day is the last one on which the person was there and had one.
    """
    last_counts = {part.pk for part in parts if part.aggregation == Aggregation.LAST}
    tables: dict[int, Table] = {part.pk: {} for part in parts}
    latest: dict[tuple[int, int, date], date] = {}
    for kind, metric_id, owner, start, total, n in rows:
        sums, table = Sums(total, n), tables[metric_id]
        if kind == grain and (owner, start) in plan.whole:
            table[owner, start] = sums
            continue
        if kind != Grain.DAY:
            continue
        period = next((of for a, z, of in plan.days.get(owner, ()) if a <= start <= z), None)
        if period is None:
            continue
        cell = owner, period
        if metric_id not in last_counts:
            table[cell] = table.get(cell, Sums()) + sums
        elif start >= latest.get((metric_id, owner, period), start):
            latest[metric_id, owner, period] = start
            table[cell] = sums
    return tables
