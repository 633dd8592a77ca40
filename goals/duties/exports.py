"""The list of whose goals cover their duties as a file, made by a job with the rights of who asked."""

from typing import Any

from django.utils.translation import gettext as _t
from django.utils.translation import override

from goals.duties.coverage_list import Row, read
from goals.permissions import SEE_COVERAGE
from perfmgmt.jobs.context import JobContext
from perfmgmt.jobs.exports import asker, write_csv

EXPORT = "duties.coverage"


def export_coverage(context: JobContext) -> dict[str, Any]:
    """Write people and how their goals cover their duties, as the page lists them (params: query, language)."""
    with override(context.params["language"]):
        viewer, workspace = asker(context, SEE_COVERAGE)
        wanted = read(context.params["query"], viewer=viewer, workspace=workspace)
        header = [_t("Employee number"), _t("Name"), _t("Position"), _t("Period"), _t("Duties"), _t("Covered"),
                  _t("Measured, no goal"), _t("Not measured"), _t("Covered share of time in percent")]  # fmt: skip
        found = wanted.rows()
        rows = (_cells(row, wanted.period.label) for row in found)
        return write_csv(context, f"duties-{wanted.period.label}.csv", header, rows, total=len(found))


def _cells(row: Row, period: str) -> list[Any]:
    found = row.coverage
    return [row.employee.number, row.employee.name, str(found.position or ""), period, len(found.lines),
            found.covered, found.without_goal, found.unmeasured, found.covered_time]  # fmt: skip
