"""The list of targets as a file, made by a job with the rights of who asked."""

from typing import Any

from django.utils.translation import gettext as _t
from django.utils.translation import override

from goals.permissions import SEE_TARGETS
from goals.target_list import Row, read
from perfmgmt.jobs.context import JobContext
from perfmgmt.jobs.exports import asker, write_csv

TARGETS = "targets.export"


def export_targets(context: JobContext) -> dict[str, Any]:
    """Write targets, figures and attainment as the page lists them (params: query, language)."""
    with override(context.params["language"]):
        viewer, workspace = asker(context, SEE_TARGETS)
        wanted = read(context.params["query"], viewer=viewer, workspace=workspace)
        header = [_t("Employee number"), _t("Name"), _t("Metric"), _t("Month"), _t("Target"), _t("Figure"),
                  _t("Attainment")]  # fmt: skip
        found = wanted.rows(wanted.ordered())
        rows = (_cells(row, wanted.metric.name, wanted.month.label) for row in found)
        return write_csv(
            context, f"targets-{wanted.metric.code}-{wanted.month.label}.csv", header, rows, total=len(found)
        )


def _cells(row: Row, metric: str, month: str) -> list[Any]:
    share = "" if row.attainment is None else round(float(row.attainment), 4)
    return [row.employee.number, row.employee.name, metric, month, _number(row.target), _number(row.actual), share]


def _number(value: Any) -> Any:
    return "" if value is None else value
