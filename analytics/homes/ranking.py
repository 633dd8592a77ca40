"""The ranking as a list: searched, sorted, and exported by a job."""

from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import override

from analytics.homes.board import Line, build
from analytics.homes.scope import home_scope
from analytics.permissions import SEE_HOME
from perfmgmt.jobs.context import JobContext
from perfmgmt.jobs.exports import asker, write_csv
from perfmgmt.people.team import Spans

KIND = "ranking.export"
SORTS = {
    "name": lambda line: line.name.casefold(),
    "value": lambda line: line.value,
    "attainment": lambda line: line.attainment,
}


def arranged(lines: list[Line], query: QueryDict) -> list[Line]:
    """Return the lines whose names hold `?q=`, in the order of `?sort=` (best first without one).

    Lines without a figure come last, whichever way is sorted.
    """
    search = query.get("q", "")[:100].strip().casefold()
    found = [line for line in lines if search in line.name.casefold()]
    sort = query.get("sort", "")
    key = SORTS.get(sort.removeprefix("-"))
    if key is None:
        return found
    known = sorted((line for line in found if key(line) is not None), key=key, reverse=sort.startswith("-"))
    return known + [line for line in found if key(line) is None]


def export(context: JobContext) -> dict[str, Any]:
    """Write the ranking of a home (params: query, language) with the rights of who asked."""
    with override(context.params["language"]):
        viewer, workspace = asker(context, SEE_HOME)
        query = QueryDict(context.params["query"])
        scope = home_scope(query, viewer, workspace, workspace.today())
        lines = arranged(build(scope).lines, query)
        header = [_("Place"), _("Employee number"), _("Name"), scope.metric.name, _("Target"), _("Attainment"),
                  _("Days in the team")]  # fmt: skip
        rows = (
            (line.place, line.number, line.name, line.value, line.target, _plain(line.attainment), _days(line.days))
            for line in lines
        )
        return write_csv(context, f"ranking-{scope.metric.code}-{scope.period.label}.csv", header, rows)


def _days(spans: Spans) -> str:
    return "; ".join(f"{first.isoformat()}/{last.isoformat()}" for first, last in spans)


def _plain(share: Any) -> str:
    return "" if share is None else f"{float(share):.4f}"
