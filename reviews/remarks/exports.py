"""The list of remarks as a file, made by a job with the rights of who asked."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

from django.utils.translation import gettext as _t
from django.utils.translation import override, pgettext

from perfmgmt.jobs.context import JobContext
from perfmgmt.jobs.exports import asker, write_csv
from perfmgmt.people.viewer import Viewer, Workspace
from reviews.followups.access import shown_names
from reviews.permissions import SEE_REMARKS
from reviews.remarks import selectors

EXPORT = "surveys.export_remarks"
CHUNK = 1000


def export_remarks(context: JobContext) -> dict[str, Any]:
    """Write the remarks as the page lists them (params: query, language); contacts are masked as on the page."""
    with override(context.params["language"]):
        viewer, workspace = asker(context, SEE_REMARKS)
        today = workspace.today()
        found = selectors.remarks(selectors.read(context.params["query"]), viewer=viewer, today=today)
        header = [_t("Day"), _t("Kind"), _t("By which way"), _t("Employee number"), _t("Employee"),
                  _t("Customer"), _t("Contact"), pgettext("remark", "What the customer said"), _t("State"),
                  _t("Reason"), _t("Logged by")]  # fmt: skip
        rows = _rows(found, viewer, workspace)
        return write_csv(context, f"remarks-{today}.csv", header, rows, total=found.count())


def _rows(found: Any, viewer: Viewer, workspace: Workspace) -> Iterator[list[Any]]:
    remarks = found.iterator(chunk_size=CHUNK)
    while chunk := list(islice(remarks, CHUNK)):
        names = shown_names([one.contact for one in chunk], viewer=viewer, on=workspace.today())
        for one in chunk:
            company = one.contact.customer if one.contact is not None else None
            yield [one.day, one.get_kind_display(), one.get_channel_display(), one.employee.number,
                   one.employee.name, company.name if company is not None else one.customer_name,
                   names.get(one.contact_id, ""), one.text, one.get_state_display(), one.reason,
                   one.logged_by.name if one.logged_by else ""]  # fmt: skip
