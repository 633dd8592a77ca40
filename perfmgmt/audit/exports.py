"""The audit trail as a CSV file, one line per changed field, made by a job with the rights of who asked."""

from collections.abc import Iterator
from itertools import chain, islice
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import override

from perfmgmt.audit.permissions import SEE_AUDIT
from perfmgmt.audit.selectors import Trail, filter_of
from perfmgmt.audit.words import told
from perfmgmt.jobs.context import JobContext
from perfmgmt.jobs.exports import asker, write_csv

KIND = "audit.export"
CHUNK = 500
MOST = 100_000


def export(context: JobContext) -> dict[str, Any]:
    """Write what a filter lets through (params: query, language), the newest first."""
    with override(context.params["language"]):
        viewer, workspace = asker(context, SEE_AUDIT)
        wanted = filter_of(QueryDict(context.params["query"]))
        trail = Trail(wanted, workspace.time_zone, own=viewer.employee_id)
        header = [_("When"), _("Who"), _("By"), _("Kind"), _("Row"), _("What happened"), _("Field"), _("Before"),
                  _("After"), _("Reason")]  # fmt: skip
        total = trail.count(MOST)
        return write_csv(context, f"audit-{workspace.today()}.csv", header, _lines(trail, total), total=total)


def _lines(trail: Trail, total: int) -> Iterator[tuple[str, ...]]:
    told_by_chunk = (told(entries) for entries in trail.chunks(CHUNK))
    for event in islice(chain.from_iterable(told_by_chunk), min(total, MOST)):
        fixed = (event.entry.at.astimezone(trail.zone).isoformat(timespec="seconds"), event.who, event.by,
                 event.kind, event.title, event.operation)  # fmt: skip
        for change in event.changes:
            yield (*fixed, change.field, change.before, change.after, event.reason)
