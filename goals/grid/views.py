"""The page of the target grid, and what saves it."""

import json
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from goals.grid import exports
from goals.grid.address import PEOPLE_PER_PAGE, Wanted, read
from goals.grid.checks import LARGEST
from goals.grid.data import Grid, payload, rows_of
from goals.grid.running import with_reached
from goals.grid.selectors import calendar_of, read_past, read_state
from goals.grid.services import Cell, ChangedCells, RefusedCells, save_cells
from goals.grid.words import words
from goals.permissions import SET_TARGETS
from perfmgmt.jobs import services as jobs
from perfmgmt.metrics.forecast.packed import packed_outlooks
from perfmgmt.metrics.models import Metric
from perfmgmt.people.access import WorkspaceRequest, workspace_view
from perfmgmt.tenants.calendar import Grain, Period
from perfmgmt.tenants.errors import Conflict, DomainError
from perfmgmt.web import formats

# 200 people, a year, six metrics.
MOST_CHANGES = PEOPLE_PER_PAGE * 12 * 6


@workspace_view(SET_TARGETS)
@require_GET
def target_grid(request: WorkspaceRequest) -> HttpResponse:
    """Show people down and months across, of a quarter or a year."""
    viewer, workspace = request.viewer, request.workspace
    wanted = read(request.GET, viewer=viewer, workspace=workspace)
    people, everybody = wanted.people()
    state = read_state(wanted, people, viewer)
    past = read_past(wanted, people, state)
    calendar = calendar_of(workspace, state)
    prepared = packed_outlooks(wanted.tabs, wanted.period, [person.pk for person in people])
    outlooks = with_reached(prepared, wanted, people, state, calendar)
    grid = Grid(wanted, people, state, past, outlooks, calendar, viewer)
    rows, totals = rows_of(grid, wanted.metric)
    context = {
        "wanted": wanted,
        "columns": grid.columns,
        "rows": rows,
        "totals": totals,
        "units": state.units,
        "tabs": _tabs(wanted),
        "lengths": _lengths(wanted),
        "sub": _sub(wanted, wanted.metric, workspace.currency),
        "previous": wanted.period.next(-1),
        "following": wanted.period.next(),
        "page": Paginator(range(everybody), PEOPLE_PER_PAGE).get_page(wanted.page),
        "everybody": everybody,
        "data": {**payload(grid), **_frame(request, wanted, everybody)},
    }
    return render(request, "goals/grid.html", context)


def _frame(request: WorkspaceRequest, wanted: Wanted, everybody: int) -> dict[str, Any]:
    """Return what the script needs beside the cells: addresses, words, the tab that is shown."""
    slug = request.workspace.slug
    return {
        "tab": wanted.tabs.index(wanted.metric),
        "titles": [_("Set targets · %(metric)s") % {"metric": it.name} for it in wanted.tabs],
        "subs": [_sub(wanted, it, request.workspace.currency) for it in wanted.tabs],
        "saveUrl": reverse("save_target_grid", args=[slug]),
        "goalUrl": reverse("goal", args=[slug, 0]),
        "isWhole": everybody <= PEOPLE_PER_PAGE and not wanted.search,
        "words": words(),
    }


def _sub(wanted: Wanted, metric: Metric, currency: str) -> str:
    """Return the period and what the numbers are counted in."""
    unit = currency if metric.is_money else metric.get_unit_of_measure_display()
    return _("%(period)s · in %(unit)s") % {"period": formats.period(wanted.period), "unit": unit}


def _tabs(wanted: Wanted) -> list[dict[str, Any]]:
    codes = ",".join(metric.code for metric in wanted.tabs)
    return [{"metric": it, "codes": codes, "current": it == wanted.metric} for it in wanted.tabs]


def _lengths(wanted: Wanted) -> list[dict[str, Any]]:
    """The two lengths: the quarter (the present one of a year, if it is in it) and the year."""
    period = wanted.period
    inside = wanted.today if period.start <= wanted.today <= period.end else period.start
    quarter = Period.containing(Grain.QUARTER, inside, period.fiscal_start_month)
    year = Period.containing(Grain.YEAR, period.start, period.fiscal_start_month)
    return [
        {"label": quarter.label, "word": _("Quarter"), "current": period.grain == Grain.QUARTER},
        {"label": year.label, "word": _("Year"), "current": period.grain == Grain.YEAR},
    ]


@workspace_view(SET_TARGETS)
@require_POST
def export_target_grid(request: WorkspaceRequest) -> HttpResponse:
    """Start writing the grid to a sheet."""
    query = {key: value for key, value in request.GET.dict().items() if key in exports.PARAMETERS}
    read(query, viewer=request.viewer, workspace=request.workspace)
    params = {"query": query, "language": get_language() or "en"}
    job = jobs.start(exports.GRID, params, user_id=request.viewer.user_id)
    return HttpResponseRedirect(reverse("job", args=[request.workspace.slug, job.pk]))


@workspace_view(SET_TARGETS)
@require_POST
def save_target_grid(request: WorkspaceRequest) -> HttpResponse:
    """Save changed cells (`changes`: a list of [metric, person, month, from, to] as JSON); answers in JSON.

    409 with the cells that somebody else has changed, 400 with those that can't be set; then nothing is saved.
    """
    try:
        changes, seen = _read_changes(request.POST.get("changes", ""))
        saved = save_cells(changes, viewer=request.viewer, today=request.workspace.today(), seen=seen)
    except ChangedCells as error:
        theirs = [[*_place(cell), _plain(it.value), it.by] for cell, it in error.cells.items()]
        return JsonResponse({"message": str(error), "theirs": theirs}, status=error.status)
    except RefusedCells as error:
        refused = [[*_place(cell), why] for cell, why in error.cells.items()]
        return JsonResponse({"message": str(error), "refused": refused}, status=error.status)
    except (Conflict, DomainError) as error:
        return JsonResponse({"message": str(error)}, status=error.status)
    return JsonResponse({"saved": saved})


def _plain(value: Decimal | None) -> str | None:
    return None if value is None else f"{value.normalize():f}"


def _place(cell: Cell) -> list[Any]:
    metric_id, employee_id, month = cell
    return [metric_id, employee_id, month.isoformat()]


def _read_changes(text: str) -> tuple[dict[Cell, Decimal | None], dict[Cell, Decimal | None]]:
    """Return the wanted and the seen value of each cell; raise DomainError for what the page never sends."""
    wanted: dict[Cell, Decimal | None] = {}
    seen: dict[Cell, Decimal | None] = {}
    try:
        rows = json.loads(text)
        if not isinstance(rows, list):
            raise DomainError
        if len(rows) > MOST_CHANGES:
            raise DomainError(
                _("{n} cells are too many to save at once: {most} at most. Nothing was saved."),
                code="too_many_cells", n=len(rows), most=MOST_CHANGES,
            )  # fmt: skip
        for metric_id, employee_id, month, before, after in rows:
            cell = (_id(metric_id), _id(employee_id), _month(month))
            seen[cell], wanted[cell] = _number(before), _number(after)
    except (ValueError, TypeError, ArithmeticError, RecursionError) as error:
        raise DomainError from error
    return wanted, seen


def _id(value: object) -> int:
    if not isinstance(value, int) or not 0 < value < 2**63:
        raise ValueError
    return value


def _month(text: str) -> date:
    day = date.fromisoformat(text)
    if not 1900 <= day.year < 3000:  # as every calendar of ours: the last month has no next one
        raise ValueError
    return day


def _number(text: str | None) -> Decimal | None:
    """Return a number with the four decimals that are stored."""
    if text is None:
        return None
    value = Decimal(text)
    if not value.is_finite() or abs(value) >= LARGEST * 10:
        raise ValueError
    return value.quantize(Decimal("0.0001"))
