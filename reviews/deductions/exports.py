"""The list of score deductions as a file, made by a job with the rights of who asked."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _t
from django.utils.translation import override

from perfmgmt.jobs.context import JobContext
from perfmgmt.jobs.exports import asker, write_csv
from perfmgmt.people.viewer import Workspace
from reviews.deductions import selectors
from reviews.permissions import SEE_SCORES

EXPORT = "deductions.export"


def export_deductions(context: JobContext) -> dict[str, Any]:
    """Write the deductions as the page lists them (params: query, language)."""
    with override(context.params["language"]):
        viewer, workspace = asker(context, SEE_SCORES)
        wanted = selectors.read(context.params["query"], workspace=workspace)
        found = selectors.deductions(wanted, viewer=viewer, today=workspace.today())
        header = [_t("Employee number"), _t("Name"), _t("Period"), _t("Points"), _t("Reason"), _t("Happened on"),
                  _t("By"), _t("Taken back"), _t("Why it is taken back")]  # fmt: skip
        name = f"deductions-{workspace.today()}.csv"
        return write_csv(context, name, header, _rows(found, workspace), total=found.count())


def _rows(found: Any, workspace: Workspace) -> Iterator[list[Any]]:
    for row in found.iterator(chunk_size=2000):
        period = selectors.period_words([row], workspace)[row.pk]
        yield [row.employee.number, row.employee.name, period.label, row.points, row.reason, row.happened_on,
               row.created_by.name if row.created_by else "", row.withdrawn_at.date() if row.withdrawn_at else "",
               row.withdrawn_reason]  # fmt: skip
