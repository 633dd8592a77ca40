"""Reads of the grid: everything that stands in its cells, and beside and above them, in a fixed number of queries."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.db import connection
from django.utils.translation import get_language

from goals.grid.address import Person, Wanted
from goals.rules import ADDING
from perfmgmt.metrics.figures import Asked, Figures, assemble
from perfmgmt.metrics.models import Aggregation, Metric
from perfmgmt.metrics.selectors import read_people
from perfmgmt.people.roles import Role
from perfmgmt.people.viewer import Viewer, Workspace
from perfmgmt.tenants.calendar import Grain, Period, add_months
from perfmgmt.tenants.errors import NotFound
from perfmgmt.tenants.scope import current_tenant_id
from perfmgmt.tenants.workdays import WorkingCalendar

# Targets and last year's sums (a text for each person and metric: "place:number place:number"), locked months, months
# that agreed goals bind (as `agreement.selectors.bound_cells` says), the goals of the unit or the company for the
# period, the workspace's own days, people's
# absences, and the units to choose from: several small reads in one statement.
_STATE = """
    SELECT 'target', metric_id, employee_id, NULL::date, NULL::date, 0::numeric,
        string_agg(array_position(%(months)s::date[], month) - 1 || ':' || trim_scale(value), ' ')
    FROM goals_monthlytarget
    WHERE tenant_id = %(tenant)s AND metric_id = ANY(%(metrics)s) AND employee_id = ANY(%(people)s)
        AND month >= %(first)s AND month <= %(last)s
    GROUP BY metric_id, employee_id
    UNION ALL
    SELECT 'sum', metric_id, employee_id, NULL, NULL, 0,
        string_agg(array_position(%(past)s::date[], start) - 1 || ':' || trim_scale(round(total, 2)), ' ')
    FROM metrics_employeerollup
    WHERE tenant_id = %(tenant)s AND metric_id = ANY(%(adding)s) AND employee_id = ANY(%(people)s)
        AND grain = %(month_grain)s AND start >= %(year_ago)s AND start < %(first)s
    GROUP BY metric_id, employee_id
    UNION ALL
    SELECT 'lock', 0, 0, start, NULL, 0, '' FROM closing_periodlock
    WHERE tenant_id = %(tenant)s AND grain = %(month_grain)s AND start >= %(first)s AND start <= %(last)s
    UNION ALL
    SELECT 'bound', metric_id, id, first_day, last_day, employee_id, '' FROM goals_goal
    WHERE tenant_id = %(tenant)s AND metric_id = ANY(%(metrics)s) AND employee_id = ANY(%(people)s)
        AND level = 'person' AND state IN ('agreed', 'locked') AND grain <> %(year_grain)s
        AND first_day <= %(end)s AND last_day >= %(first)s
    UNION ALL
    SELECT 'above', metric_id, id, first_day, last_day, target, title FROM goals_goal
    WHERE tenant_id = %(tenant)s AND metric_id = ANY(%(metrics)s) AND first_day = %(first)s AND last_day = %(end)s
        AND state <> 'cancelled' AND target IS NOT NULL
        AND CASE WHEN %(company)s THEN level = 'company'
            WHEN %(unit)s::bigint IS NOT NULL THEN level = 'unit' AND unit_id = %(unit)s
            ELSE level = 'unit' AND unit_id IN (
                SELECT unit_id FROM people_assignment WHERE tenant_id = %(tenant)s AND employee_id = %(viewer)s
                    AND valid_from <= %(today)s AND valid_to >= %(today)s) END
    UNION ALL
    SELECT 'day', CASE WHEN is_working THEN 1 ELSE 0 END, 0, day, NULL, 0, name FROM tenants_calendarday
    WHERE tenant_id = %(tenant)s AND day >= %(year_ago)s AND day <= %(end)s
    UNION ALL
    SELECT 'away', employee_id, 0, first_day, last_day, hours, '' FROM people_absence
    WHERE tenant_id = %(tenant)s AND employee_id = ANY(%(people)s) AND first_day <= %(end)s AND last_day >= %(first)s
    UNION ALL
    SELECT 'unit', u.id, coalesce(u.parent_id, 0), NULL, NULL, 0, u.name FROM people_unit u
    WHERE tenant_id = %(tenant)s AND (%(reach)s::bigint[] IS NULL OR EXISTS (
        SELECT 1 FROM people_assignment a WHERE a.tenant_id = %(tenant)s AND a.unit_id = u.id
            AND a.employee_id = ANY(%(reach)s) AND a.valid_from <= %(end)s AND a.valid_to >= %(first)s))
"""
# Plain numbers by place of the month.
Numbers = dict[int, str]


@dataclass(frozen=True)
class Above:
    """The goal of the unit or the company for the whole period."""

    goal_id: int
    title: str
    target: Decimal


@dataclass
class State:
    """What is set, what may not be changed, what stands above, and what there was; by (metric id, employee id).

    Months are places: of the period's months in `targets`, of the twelve months before it in `sums`. `bound` has the
    goal of each (metric id, employee id, place).
    """

    targets: dict[tuple[int, int], Numbers] = field(default_factory=dict)
    sums: dict[tuple[int, int], Numbers] = field(default_factory=dict)
    locked: set[date] = field(default_factory=set)
    bound: dict[tuple[int, int, int], int] = field(default_factory=dict)
    above: dict[int, Above] = field(default_factory=dict)
    own_days: dict[date, tuple[bool, str]] = field(default_factory=dict)
    units: list[tuple[int, str, int]] = field(default_factory=list)
    away: dict[int, list[tuple[date, date, Decimal | None]]] = field(default_factory=dict)


def year_ago(wanted: Wanted) -> Period:
    """Return the same period a year before."""
    return wanted.period.next(-1 if wanted.period.grain == Grain.YEAR else -4)


def read_state(wanted: Wanted, people: Iterable[Person], viewer: Viewer) -> State:
    """Return the state of the grid's cells; one query.

    Raises NotFound for a unit that isn't the viewer's to choose.
    """
    is_company = wanted.unit_id is None and (wanted.reach is None or Role.EXECUTIVE in viewer.roles)
    months, ago = [month.start for month in wanted.months], year_ago(wanted).start
    params: dict[str, Any] = {
        "tenant": current_tenant_id(), "people": [it.pk for it in people], "metrics": [it.pk for it in wanted.tabs],
        "adding": [it.pk for it in wanted.tabs if it.aggregation in ADDING], "months": months, "first": months[0],
        "last": months[-1], "end": wanted.period.end, "past": [add_months(ago, step) for step in range(12)],
        "year_ago": ago, "month_grain": int(Grain.MONTH), "year_grain": int(Grain.YEAR), "unit": wanted.unit_id,
        "today": wanted.today, "company": is_company,
        "viewer": viewer.employee_id, "reach": wanted.reach,
    }  # fmt: skip
    found = State()
    parents: dict[int, tuple[int, str]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_STATE, params)
        for row in cursor.fetchall():
            _take(found, parents, wanted, row)
    found.units = _as_tree(parents)
    if wanted.unit_id is not None and wanted.unit_id not in parents:
        raise NotFound
    return found


def _take(found: State, parents: dict[int, tuple[int, str]], wanted: Wanted, row: tuple[Any, ...]) -> None:
    """Put one row of the statement where it belongs."""
    what, one, two, start, stop, value, text = row
    if what == "target":
        found.targets[one, two] = _numbers(text)
    elif what == "sum":
        found.sums[one, two] = _numbers(text)
    elif what == "lock":
        found.locked.add(start)
    elif what == "bound":
        for place, month in enumerate(wanted.months):
            if start <= month.end and stop >= month.start:
                found.bound[one, int(value), place] = two
    elif what == "above":
        found.above[one] = Above(two, text, value)
    elif what == "away":
        found.away.setdefault(one, []).append((start, stop, value))
    elif what == "day":
        found.own_days[start] = (bool(one), text)
    else:
        parents[one] = (two, text)


def _numbers(text: str) -> Numbers:
    return {int(place): number for place, _colon, number in (each.partition(":") for each in text.split(" "))}


def _as_tree(parents: Mapping[int, tuple[int, str]]) -> list[tuple[int, str, int]]:
    """Return units as a tree (id, name, depth); who sees a part of them has that part's tops at depth 0."""
    children: dict[int, list[int]] = {}
    for pk, (parent, _name) in parents.items():
        children.setdefault(parent if parent in parents else 0, []).append(pk)
    found: list[tuple[int, str, int]] = []

    def walk(pk: int, depth: int) -> None:
        for child in sorted(children.get(pk, []), key=lambda it: (parents[it][1], it)):
            found.append((child, parents[child][1], depth))
            walk(child, depth + 1)

    walk(0, 0)
    return found


@dataclass(frozen=True)
class Past:
    """What there was: of last year's period by month and whole, and of the period before, as plain numbers.

    Months of sums without any fact are left out: nothing is no figure to start from.
    """

    period: Period
    before: Period
    state: State
    figures: Mapping[int, Figures]

    @cached_property
    def _places(self) -> dict[Period, list[int]]:
        count = len(self.period.months())
        return {self.period: list(range(count)), self.before: list(range(12 - count, 12))}

    @cached_property
    def _starts(self) -> dict[Period, list[date]]:
        return {it: [month.start for month in it.months()] for it in (self.period, self.before)}

    def months(self, metric: Metric, employee_id: int) -> list[str | None]:
        """Return the figures of last year's months."""
        if metric.aggregation in ADDING:
            found = self.state.sums.get((metric.pk, employee_id), {})
            return [found.get(place) for place in self._places[self.period]]
        figures = self.figures.get(metric.pk)
        starts = self._starts[self.period]
        return [None if figures is None else _short(figures.value(employee_id, start)) for start in starts]

    def whole(self, metric: Metric, employee_id: int, period: Period) -> str | None:
        """Return the figure of last year's period or the one before; None when missing or not made of months."""
        if metric.aggregation in ADDING:
            found = self.state.sums.get((metric.pk, employee_id), {})
            known = [Decimal(found[place]) for place in self._places[period] if place in found]
            return _short(sum(known, Decimal(0))) if known else None
        figures = self.figures.get(metric.pk)
        return None if figures is None else _short(figures.together([employee_id], self._starts[period]))


def _short(value: Decimal | None) -> str | None:
    """Return a figure with no more decimals than anybody wants to read."""
    if value is None:
        return None
    text = f"{value:.4f}" if abs(value) < 10 else f"{value:.2f}"
    return text.rstrip("0").rstrip(".")


def read_past(wanted: Wanted, people: Iterable[Person], state: State) -> Past:
    """Return people's figures of the year before the period; one query where a tab's metric doesn't add up.

    Of growth and shares of a target, which take more than months, nothing is shown.
    """
    ago, before = year_ago(wanted), wanted.period.next(-1)
    levels = [
        it for it in wanted.tabs if it.aggregation not in (*ADDING, Aggregation.GROWTH, Aggregation.TARGET_SHARE)
    ]
    asked = Asked(Grain.MONTH, ago.start, before.months()[-1].start)
    figures = assemble(levels, asked, read_people(Grain.MONTH, [it.pk for it in people])) if levels else {}
    return Past(ago, before, state, figures)


def calendar_of(workspace: Workspace, state: State) -> WorkingCalendar:
    """Return the workspace's calendar from the days that are read already; no query."""
    return WorkingCalendar(workspace.country, workspace.weekend, state.own_days, get_language() or "")
