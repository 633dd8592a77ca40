"""The grid as its page shows it: one metric in HTML, all tabs as data for the script."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.utils.safestring import SafeString, mark_safe

from goals.grid.address import Person, Wanted
from goals.grid.rules import month_weights
from goals.grid.selectors import Past, State
from goals.rules import ADDING, over_months
from perfmgmt.metrics.models import Metric
from perfmgmt.people.viewer import Viewer
from perfmgmt.tenants.calendar import Grain, Period
from perfmgmt.tenants.workdays import WorkingCalendar
from perfmgmt.web import formats

# Why a cell is not to be changed, whatever the metric.
LOCKED, OWN, ABSENT, FREE = "l", "o", "a", "."
_CELL = '<td role="gridcell" class="num {kind}">{text}</td>'


@dataclass(frozen=True)
class Column:
    """A column of figures: "past", "month", "quarter" or "total"; `months` are the places of its months."""

    kind: str
    label: str
    months: tuple[int, ...] = ()


@dataclass(frozen=True)
class Grid:
    """Everything that was read for a page of the grid; `outlooks` by (metric id, employee id, grain), as text."""

    wanted: Wanted
    people: list[Person]
    state: State
    past: Past
    outlooks: dict[tuple[int, int, int], str]
    calendar: WorkingCalendar
    viewer: Viewer

    @cached_property
    def columns(self) -> list[Column]:
        """The columns: last year's figure, the months (of a year each quarter behind its months), the whole."""
        period, months = self.wanted.period, self.wanted.months
        every = tuple(range(len(months)))
        found = [Column("past", formats.period(self.past.period), every)]
        for place, month in enumerate(months):
            found.append(Column("month", formats.month_short(month.start.year, month.start.month), (place,)))
            if period.grain == Grain.YEAR and place % 3 == 2:
                quarter = Period.containing(Grain.QUARTER, month.start, period.fiscal_start_month)
                found.append(Column("quarter", f"Q{quarter.number}", (place - 2, place - 1, place)))
        return [*found, Column("total", formats.period(period), every)]

    def values(self, metric: Metric, person: Person) -> list[str | None]:
        """Return what is set for a person, month by month, as plain numbers."""
        found = self.state.targets.get((metric.pk, person.pk), {})
        return [found.get(place) for place in range(len(self.wanted.months))]

    @cached_property
    def fixed(self) -> list[str]:
        """One text for each person, a character for each month: why no metric may be changed in it, or "."."""
        locked = [month.start in self.state.locked for month in self.wanted.months]
        own = None if self.wanted.reach is None else self.viewer.employee_id
        return [
            OWN * len(locked) if person.pk == own
            else "".join(LOCKED if is_locked else FREE if place in person.months else ABSENT
                         for place, is_locked in enumerate(locked))
            for person in self.people
        ]  # fmt: skip


def shown(value: Decimal | None, metric: Metric) -> str:
    """Return a number as cells show it; `static/js/grid/numbers.js` does the same."""
    if value is None:
        return ""
    percent = metric.unit_of_measure in formats.PERCENT_UNITS
    text = f"{round(value * 100 if percent else value, 4):,f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return f"{text}%" if percent else text


def rows_of(grid: Grid, metric: Metric) -> tuple[list[dict[str, Any]], list[str]]:
    """Return the rows of one metric for the template (person, place, cells), and what stands below the columns.

    The cells of a row are one text: there are thousands of them, and nothing in them but numbers of ours.
    """
    adds, found = metric.aggregation in ADDING, []
    sums = [Decimal(0)] * len(grid.columns)
    for place, person in enumerate(grid.people):
        values = [None if it is None else Decimal(it) for it in grid.values(metric, person)]
        cells = []
        for at, column in enumerate(grid.columns):
            value = _value(grid, metric, person, column, values)
            held = column.kind == "month" and _is_held(grid, metric, place, column.months[0])
            cells.append(
                _CELL.format(kind=f"{column.kind} fixed" if held else column.kind, text=shown(value, metric))
            )
            sums[at] += value or 0
        found.append({"person": person, "place": place, "cells": _safe(cells)})
    return found, [shown(value, metric) if adds and found else "" for value in sums]


def _safe(cells: Iterable[str]) -> SafeString:
    return mark_safe("".join(cells))  # noqa: S308 - names of ours and numbers


def _value(
    grid: Grid, metric: Metric, person: Person, column: Column, values: list[Decimal | None]
) -> Decimal | None:
    if column.kind == "past":
        text = grid.past.whole(metric, person.pk, grid.past.period)
        return None if text is None else Decimal(text)
    known = [value for place in column.months if (value := values[place]) is not None]
    return over_months(known, adds=metric.aggregation in ADDING)


def _is_held(grid: Grid, metric: Metric, place: int, month: int) -> bool:
    return grid.fixed[place][month] != FREE or (metric.pk, grid.people[place].pk, month) in grid.state.bound


def payload(grid: Grid) -> dict[str, Any]:
    """Return all tabs as data for the script: numbers as exact texts, forecasts as JSON in a text."""
    return {
        "months": [f"{month.start:%Y-%m-%d}" for month in grid.wanted.months],
        "monthNames": [formats.period(month) for month in grid.wanted.months],
        "columns": [[column.kind, column.label, column.months] for column in grid.columns],
        "people": [[person.pk, person.name, person.number] for person in grid.people],
        "fixed": grid.fixed,
        "metrics": [_of_metric(grid, metric) for metric in grid.wanted.tabs],
    }


def _of_metric(grid: Grid, metric: Metric) -> dict[str, Any]:
    past, above = grid.past, grid.state.above.get(metric.pk)
    rows = {person.pk: place for place, person in enumerate(grid.people)}
    last_year = [past.months(metric, person.pk) for person in grid.people]
    return {
        "id": metric.pk, "code": metric.code, "name": metric.name,
        "percent": metric.unit_of_measure in formats.PERCENT_UNITS, "adds": metric.aggregation in ADDING,
        "direction": metric.direction, "places": 0,  # whole units, or as many decimals as are typed
        "values": [grid.values(metric, person) for person in grid.people],
        "bound": {
            f"{rows[pk]}:{place}": goal for (of, pk, place), goal in grid.state.bound.items() if of == metric.pk
        },
        "above": None if above is None else [f"{above.target.normalize():f}", above.title, above.goal_id],
        "lastYear": last_year,
        "lastWhole": [past.whole(metric, it.pk, past.period) for it in grid.people],
        "before": [past.whole(metric, it.pk, past.before) for it in grid.people],
        "season": _weights(grid, last_year), "days": [str(it) for it in _days(grid, grid.wanted.months)],
        "outlooks": _packed(grid, metric, Grain.MONTH), "wholes": _packed(grid, metric, grid.wanted.period.grain),
    }  # fmt: skip


def _packed(grid: Grid, metric: Metric, grain: Grain) -> str:
    """Return the outlooks of the rows in their order as one JSON text, which the script reads when it needs it."""
    found = (grid.outlooks.get((metric.pk, person.pk, int(grain)), "null") for person in grid.people)
    return f"[{','.join(found)}]"


def _days(grid: Grid, months: Iterable[Period]) -> list[int]:
    return [grid.calendar.working_days(month.start, month.end) for month in months]


def _weights(grid: Grid, last_year: list[list[str | None]]) -> list[str]:
    """Return the weights of the months by season and working days, as texts: they are larger than floats hold."""
    before = [_together(column) for column in zip(*last_year, strict=True)] or [None] * len(grid.wanted.months)
    days, then = _days(grid, grid.wanted.months), _days(grid, grid.past.period.months())
    return [str(weight) for weight in month_weights(before, days, then)]


def _together(values: Iterable[str | None]) -> Decimal | None:
    known = [Decimal(value) for value in values if value is not None]
    return sum(known, Decimal(0)) if known else None
