"""The target grid as a sheet that can be changed and pasted back, made by a job with the rights of who asked."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _t
from django.utils.translation import override

from goals.grid.address import Person, Wanted, read
from goals.grid.selectors import State, read_state
from goals.permissions import SET_TARGETS
from goals.rules import over_months
from goals.stages import adds_up
from perfmgmt.jobs.context import JobContext
from perfmgmt.jobs.exports import asker, write_xlsx
from perfmgmt.metrics.models import Metric
from perfmgmt.people.viewer import Viewer

GRID = "goals.grid_export"
PARAMETERS = ("period", "metric", "metrics", "q", "unit")


def export_grid(context: JobContext) -> dict[str, Any]:
    """Write the targets of everybody the page would list, its tabs one below the other (params: query, language)."""
    with override(context.params["language"]):
        viewer, workspace = asker(context, SET_TARGETS)
        wanted = read(context.params["query"], viewer=viewer, workspace=workspace)
        _people, total = wanted.people()
        months = [month.label for month in wanted.months]
        header = [_t("Employee number"), _t("Name"), _t("Metric"), *months, wanted.period.label]
        name = f"targets-{wanted.period.label}.xlsx"
        return write_xlsx(context, name, header, _rows(wanted, viewer), total=total * len(wanted.tabs))


def _rows(wanted: Wanted, viewer: Viewer) -> Iterator[list[Any]]:
    for metric in wanted.tabs:
        page = replace(wanted, page=1, tabs=[metric])
        people, _total = page.people()
        while people:
            state = read_state(page, people, viewer)
            for person in people:
                yield _row(metric, person, page, state)
            page = replace(page, page=page.page + 1)
            people, _total = page.people()


def _row(metric: Metric, person: Person, wanted: Wanted, state: State) -> list[Any]:
    found = state.targets.get((metric.pk, person.pk), {})
    values = [Decimal(found[place]) if place in found else None for place in range(len(wanted.months))]
    known = [value for value in values if value is not None]
    whole = over_months(known, adds=adds_up(metric)) if known else None
    cells = ["" if value is None else float(value) for value in (*values, whole)]
    return [person.number, person.name, metric.name, *cells]
