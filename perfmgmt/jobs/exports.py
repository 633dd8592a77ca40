"""Writing lists to CSV and XLSX files as jobs: formula-safe, readable by Excel, kept in the workspace's own files."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
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


@contextmanager
def stored(name: str) -> Iterator[str]:
    """Make an empty stored file and yield its path; whatever breaks off inside, the file goes again."""
    path = default_storage.save(name, ContentFile(b""))
    with ExitStack() as undo:
        undo.callback(default_storage.delete, path)
        yield path
        undo.pop_all()


def write_csv(
    context: JobContext, name: str, header: Sequence[str], rows: Iterable[Sequence[Any]], *, total: int = 0
) -> dict[str, Any]:
    """Write rows to a CSV file (UTF-8 with mark, for Excel) and return the job's result: file, file_name, rows.

    Reports progress, so a cancel stops it; the file of a cancelled job is removed.
    """
    count = 0
    with (
        stored(f"exports/{context.job_id}/{name}") as path,
        default_storage.open(path, "wb") as file,
        TextIOWrapper(file, "utf-8-sig", newline="") as text,
    ):
        writer = csv.writer(text)
        writer.writerow(header)
        for count, row in enumerate(rows, 1):
            writer.writerow([safe_cell(cell) for cell in row])
            if count % REPORT_EVERY == 0:
                context.report("writing", count if total else 0, max(total, count) if total else 0, rows=count)
    return {"file": path, "file_name": name, "rows": count}


def write_xlsx(
    context: JobContext, name: str, header: Sequence[str], rows: Iterable[Sequence[Any]], *, total: int = 0
) -> dict[str, Any]:
    """Write rows to a workbook with one sheet and return the job's result, as `write_csv` does.

    Texts are written as texts, never as formulas or links. At most 1,048,575 rows fit.
    """
    count = 0
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with (
        stored(f"exports/{context.job_id}/{name}") as path,
        default_storage.open(path, "wb") as file,
        Workbook(file, options) as book,
    ):
        sheet, bold = book.add_worksheet(), book.add_format({"bold": True})
        sheet.freeze_panes(1, 0)
        for column, word in enumerate(header):
            sheet.set_column(column, column, max(12, 2 * len(word)))
            sheet.write_string(0, column, word, bold)
        for count, row in enumerate(rows, 1):
            sheet.write_row(count, 0, row)
            if count % REPORT_EVERY == 0:
                context.report("writing", count if total else 0, max(total, count) if total else 0, rows=count)
    return {"file": path, "file_name": name, "rows": count}
