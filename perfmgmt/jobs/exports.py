"""Writing lists to CSV and XLSX files as jobs: formula-safe, readable by Excel, kept in the workspace's own files."""

import csv
from collections.abc import Iterable, Sequence
from io import TextIOWrapper
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from xlsxwriter import Workbook

from perfmgmt.jobs.context import JobContext
from perfmgmt.people.permissions import Permission
from perfmgmt.people.viewer import Viewer, Workspace, viewer_in, workspace_of
from perfmgmt.tenants.errors import NotAllowed
from perfmgmt.tenants.models import Tenant
from perfmgmt.tenants.scope import current_tenant_id

REPORT_EVERY = 5000
# A spreadsheet takes a text that begins so for a formula.
_DANGEROUS = ("=", "+", "-", "@", "\t", "\r")


def asker(context: JobContext, permission: Permission) -> tuple[Viewer, Workspace]:
    """Return who started a job, as they are now: rights that were taken away meanwhile no longer count.

    Raises NotAllowed for who has left the workspace or lost the permission.
    """
    workspace = workspace_of(Tenant.objects.get(pk=current_tenant_id()))
    viewer = viewer_in(context.created_by_id, workspace.today()) if context.created_by_id else None
    if viewer is None or not viewer.may(permission):
        raise NotAllowed
    return viewer, workspace


def safe_cell(value: Any) -> Any:
    """Return a value as it may stand in a spreadsheet: texts that look like formulas get an apostrophe."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_DANGEROUS) else value


def write_csv(
    context: JobContext, name: str, header: Sequence[str], rows: Iterable[Sequence[Any]], *, total: int = 0
) -> dict[str, Any]:
    """Write rows to a CSV file (UTF-8 with mark, for Excel) and return the job's result: file, file_name, rows.

    Reports progress, so a cancel stops it; the file of a cancelled job is removed.
    """
    path = default_storage.save(f"exports/{context.job_id}/{name}", ContentFile(b""))
    count = 0
    try:
        with default_storage.open(path, "wb") as file, TextIOWrapper(file, "utf-8-sig", newline="") as text:
            writer = csv.writer(text)
            writer.writerow(header)
            for count, row in enumerate(rows, 1):
                writer.writerow([safe_cell(cell) for cell in row])
                if count % REPORT_EVERY == 0:
                    context.report("writing", count if total else 0, max(total, count) if total else 0, rows=count)
    except BaseException:
        default_storage.delete(path)
        raise
    return {"file": path, "file_name": name, "rows": count}


def write_xlsx(
    context: JobContext, name: str, header: Sequence[str], rows: Iterable[Sequence[Any]], *, total: int = 0
) -> dict[str, Any]:
    """Write rows to a workbook with one sheet and return the job's result, as `write_csv` does.

    Texts are written as texts, never as formulas or links. At most 1,048,575 rows fit.
    """
    path = default_storage.save(f"exports/{context.job_id}/{name}", ContentFile(b""))
    count = 0
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    try:
        with default_storage.open(path, "wb") as file, Workbook(file, options) as book:
            sheet, bold = book.add_worksheet(), book.add_format({"bold": True})
            sheet.freeze_panes(1, 0)
            for column, word in enumerate(header):
                sheet.set_column(column, column, max(12, 2 * len(word)))
                sheet.write_string(0, column, word, bold)
            for count, row in enumerate(rows, 1):
                sheet.write_row(count, 0, row)
                if count % REPORT_EVERY == 0:
                    context.report("writing", count if total else 0, max(total, count) if total else 0, rows=count)
    except BaseException:
        default_storage.delete(path)
        raise
    return {"file": path, "file_name": name, "rows": count}
