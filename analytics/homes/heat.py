"""The heat map of a home: people (or units) down, metrics across, in a fixed number of queries."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

from django.http import QueryDict

from analytics.homes.board import Yardstick, own_yardstick
from analytics.homes.heat_rules import Tone, beside, by_band, by_pace, middle
from analytics.homes.members import all_people_targets, people_figures
from analytics.homes.scope import HEADLINES, HomeScope, elapsed_days
from analytics.homes.unit_people import all_unit_targets, in_the_unit
from goals.rules import attainment, pacing
from perfmgmt.closing.models import Part
from perfmgmt.closing.selectors import frozen_figures
from perfmgmt.metrics.figures import Figures
from perfmgmt.metrics.models import Aggregation, Metric
from perfmgmt.metrics.selectors import unit_figures_of
from perfmgmt.people.models import Assignment
from perfmgmt.people.own_days import own_days
from perfmgmt.people.team import Spans

MOST_METRICS = 10
# Targets of people by metric id, then by the id of the person (or unit).
Targets = dict[int, dict[int, Decimal]]


@dataclass(frozen=True)
class Cell:
    """One figure: `share` is the attainment where `judged`, else how far it lies from the median (None: neither)."""

    metric: Metric
    value: Decimal | None
    n: int
    target: Decimal | None
    tone: Tone
    share: Fraction | None
    judged: bool


@dataclass(frozen=True)
class Row:
    """A person or a unit with a cell for each metric.

    `days` are those in the team or unit, where they were a part of the period; `elsewhere` says that the person has
    left it, or is still to come.
    """

    id: int
    name: str
    number: str
    is_unit: bool
    cells: list[Cell]
    days: Spans = ()
    elsewhere: bool = False


@dataclass(frozen=True)
class Heat:
    """The heat map: `metrics` are the columns, `choices` all that may be chosen."""

    metrics: list[Metric]
    rows: list[Row]
    choices: list[Metric]
    by_unit: bool


@dataclass(frozen=True)
class _Line:
    id: int
    name: str
    number: str = ""
    is_unit: bool = False
    kind: str = ""


def heat_map(scope: HomeScope, query: QueryDict) -> Heat:
    """Return the heat map of a home's scope; `?metrics=` chooses columns, `?by=` the order of the rows.

    Without a choice: the headlines and what has targets in the period, ten at most. Rows are the people of the
    scope; where the home is one of units, the units one level down, and the people of the opened one itself for who
    may see them.
    """
    units, insiders = _units(scope), _insiders(scope)
    people = _people(insiders)
    of_units = all_unit_targets(scope) if units else {}
    of_people = all_people_targets(insiders, [line.id for line in people]) if people else {}
    with_targets = {pk for part in (of_units, of_people) for pk, values in part.items() if values}
    chosen = _columns(scope, query, with_targets)
    rows = [
        *_judged(scope, chosen, units, _unit_figures(scope, chosen, units), of_units),
        *_judged(insiders, chosen, people, _figures(insiders, chosen, people), of_people),
    ]
    return Heat(chosen, _ordered(rows, query.get("by", ""), scope.metric), scope.choices, scope.people is None)


def _units(scope: HomeScope) -> list[_Line]:
    if scope.people is not None:
        return []
    return [_Line(unit.pk, unit.name, is_unit=True) for unit in scope.units if unit.parent_id == scope.opened]


def _insiders(scope: HomeScope) -> HomeScope:
    """The scope of the people who are rows: the team, or who belongs to the opened unit itself."""
    if scope.people is not None:
        return scope
    if scope.opened is None or not scope.sees_people:
        return replace(scope, people={})
    return in_the_unit(scope, scope.opened)


def _people(scope: HomeScope) -> list[_Line]:
    """The people with their sales role type on the day that counts; who has gone keeps the last one before."""
    people = scope.people or {}
    held = Assignment.objects.filter(employee_id__in=list(people), valid_from__lte=scope.as_of)
    latest = held.filter(valid_to__gte=scope.period.start).order_by("valid_from")
    kinds = dict(latest.values_list("employee_id", "sales_role_type")) if people else {}
    return [_Line(pk, name, number, kind=kinds.get(pk, "")) for pk, (name, number) in people.items()]


def _columns(scope: HomeScope, query: QueryDict, with_targets: set[int]) -> list[Metric]:
    """The metrics of `?metrics=` (repeated, or with commas), else the headlines and those with targets."""
    asked = [code for text in query.getlist("metrics") for code in text.split(",")]
    chosen = [scope.metrics[code] for code in dict.fromkeys(asked) if code in scope.metrics]
    if not chosen:
        first = [scope.metrics[code] for code in (scope.metric.code, *HEADLINES) if code in scope.metrics]
        rest = [metric for metric in scope.metrics.values() if metric.pk in with_targets]
        chosen = list(dict.fromkeys([*first, *rest]))
    return chosen[:MOST_METRICS]


def _figures(scope: HomeScope, metrics: list[Metric], people: list[_Line]) -> dict[int, Figures]:
    return people_figures(scope, metrics, [line.id for line in people]) if people else {}


def _unit_figures(scope: HomeScope, metrics: list[Metric], units: list[_Line]) -> dict[int, Figures]:
    ids = [line.id for line in units]
    if not ids:
        return {}
    if scope.lock is not None:
        return frozen_figures(scope.lock, metrics, part=Part.UNIT, owner_ids=ids)
    return unit_figures_of(metrics, grain=scope.period.grain, start=scope.period.start, unit_ids=ids)


def _judged(
    scope: HomeScope, metrics: list[Metric], lines: list[_Line], figures: dict[int, Figures], targets: Targets
) -> list[Row]:
    """Return the lines with their cells; people are compared with people, units with units."""
    start = scope.period.start
    elapsed, total = elapsed_days(scope.period, scope.today, scope.calendar)
    people = [line.id for line in lines if not line.is_unit]
    days = own_days(people, scope.period.start, scope.period.end)
    columns = []
    for metric in metrics if lines else []:
        found, own = figures[metric.pk], targets.get(metric.pk, {})
        additive = metric.aggregation in (Aggregation.SUM, Aggregation.COUNT)
        by = Yardstick(metric.direction, additive, elapsed, total, scope.period.end < scope.today)
        values = {line: found.value(line.id, start) for line in lines}
        centres = _centres(scope, values, additive=additive)
        columns.append([
            _cell(metric, value, found.n(line.id, start), own.get(line.id),
                  own_yardstick(scope, by, line.id, None if line.is_unit else days.get(line.id)), centres.get(line))
            for line, value in values.items()
        ])  # fmt: skip
    cells = zip(*columns, strict=True)
    return [
        Row(line.id, line.name, line.number, line.is_unit, list(own), scope.days_in_team(line.id),
            not line.is_unit and scope.is_elsewhere(line.id))
        for line, own in zip(lines, cells, strict=False)
    ]  # fmt: skip


def _centres(
    scope: HomeScope, values: Mapping[_Line, Decimal | None], *, additive: bool
) -> dict[_Line, Decimal | None]:
    """Return the median beside which each line is put: that of who does the same work.

    What a unit adds up to says how big it is, and what somebody did in a part of the period how long they were there:
    these are compared in ratios and means only.
    """
    groups: dict[str, list[_Line]] = {}
    for line in values:
        if not (additive and (line.is_unit or line.id in scope.partly)):
            groups.setdefault(line.kind, []).append(line)
    return {line: centre for lines in groups.values()
            for centre in [middle(values[line] for line in lines)] for line in lines}  # fmt: skip


def _cell(
    metric: Metric, value: Decimal | None, n: int, target: Decimal | None, by: Yardstick, centre: Decimal | None
) -> Cell:
    if value is not None and metric.band_low is not None and metric.band_high is not None:
        tone, reached = by_band(value, metric.band_low, metric.band_high, metric.band_tolerance)
        return Cell(metric, value, n, None, tone, reached, judged=True)
    pace = pacing(
        direction=by.direction, additive=by.additive, actual=value, target=target, elapsed=by.elapsed,
        total=by.total, over=by.over,
    )  # fmt: skip
    judged = by_pace(pace)
    if judged is not None and target is not None:
        share = attainment(by.direction, value, target)
        return Cell(metric, value, n, target, judged, share, judged=True)
    compared = beside(value, centre, metric.direction)
    return Cell(metric, value, n, target, compared.tone, compared.share, judged=False)


def _ordered(rows: list[Row], by: str, ranked: Metric) -> list[Row]:
    """Units first, then the best in the metric of `?by=` (or of the home); "name" sorts by name."""
    if by == "name":
        return sorted(rows, key=lambda row: (not row.is_unit, row.name.casefold(), row.id))

    def key(row: Row) -> tuple[bool, bool, Decimal, str, int]:
        cell = next((cell for cell in row.cells if cell.metric.code == (by or ranked.code)), None)
        value = None if cell is None else cell.value
        better_low = cell is not None and cell.metric.direction == "lower"
        return (not row.is_unit, value is None, (value or Decimal(0)) * (1 if better_low else -1), row.name, row.id)

    return sorted(rows, key=key)
