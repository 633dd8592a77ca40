"""The list of entries as a file."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import override

from perfmgmt.jobs.context import JobContext
from perfmgmt.jobs.exports import asker, write_csv
from perfmgmt.worklog.permissions import SEE_APPROVALS
from perfmgmt.worklog.selectors import entries_for

EXPORT = "worklog.export"


def export(context: JobContext) -> dict[str, Any]:
    """Write entries (params: state, search, sort, language) with the rights of who asked."""
    with override(context.params["language"]):
        viewer, workspace = asker(context, SEE_APPROVALS)
        wanted = {name: context.params[name] for name in ("state", "search", "sort")}
        found = entries_for(viewer=viewer, today=workspace.today(), **wanted)
        header = [_("Day"), _("Employee number"), _("Name"), _("Metric"), _("Value"), _("Customer"), _("Note"),
                  _("State"), _("Comment")]  # fmt: skip
        rows = (
            (e.day.isoformat(), e.employee.number, e.employee.name, e.metric.name, e.value, e.customer, e.note,
             e.get_state_display(), e.comment)
            for e in found.iterator(chunk_size=2000)
        )  # fmt: skip
        return write_csv(context, f"work-log-{workspace.today()}.csv", header, rows, total=found.count())
