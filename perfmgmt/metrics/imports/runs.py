"""What all imports share: opening the file, a dry run, the file of refused rows."""

import csv
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import xlsxwriter
from django.conf import settings
from django.core.files.storage import default_storage
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _t

from perfmgmt.jobs.context import JobContext
from perfmgmt.jobs.exports import stored
from perfmgmt.metrics.imports.contacts_mapping import ContactsMapping
from perfmgmt.metrics.imports.mapping import FactsMapping
from perfmgmt.metrics.imports.people_mapping import PeopleMapping
from perfmgmt.metrics.imports.sources import REASON_COLUMNS, SourceFile, defused, open_source, plain
from perfmgmt.metrics.imports.summary import Refusals, Summary

CONVERTING, REFUSED = "unpacking", "refused"
TICK_SECONDS = 0.5
ANY_TEXT = ("utf-8", "utf-8-sig", "gb18030", "utf-16")


def is_dry(context: JobContext) -> bool:
    """Return whether the job only checks and counts."""
    return bool(context.params.get("dry"))


def open_file(path: Path, mapping: FactsMapping | PeopleMapping | ContactsMapping, context: JobContext) -> SourceFile:
    """Open the file of an import; a workbook is turned into CSV on the way, which a cancel may stop."""
    return open_source(
        path,
        encoding=mapping.encoding,
        delimiter=mapping.delimiter,
        sheet=mapping.sheet,
        most_rows=settings.IMPORT_MAX_ROWS,
        tick=ticker(context),
    )


def ticker(context: JobContext) -> Callable[[], None]:
    """Return what reports, at most twice a second, that a file is being turned into CSV."""
    last = time.monotonic()

    def tick() -> None:
        nonlocal last
        if time.monotonic() - last > TICK_SECONDS:
            last = time.monotonic()
            context.report(CONVERTING)

    return tick


def summary(context: JobContext) -> Summary:
    """Return an empty summary; an import of the wizard remembers every refused row."""
    return Summary(refusals=Refusals() if context.params.get("draft") and not is_dry(context) else None)


def result(context: JobContext, file: SourceFile, counted: Summary) -> dict[str, Any]:
    """Return the job's result: the summary, the file of refused rows if there is one, and whom those rows name."""
    values = counted.as_json()
    if counted.named and not is_dry(context):
        values["named"] = {str(person): rows for person, rows in counted.named.items()}
    if counted.refusals is not None and counted.refused:
        context.report(REFUSED)
        values |= _refused_files(context, file, counted.refusals)
    return values


def _refused_files(context: JobContext, file: SourceFile, refusals: Refusals) -> dict[str, Any]:
    """Write the refused rows as they came, with the reason behind them, in the format of the upload.

    One file for each language: whoever downloads it reads the reasons in theirs.
    """
    stem = Path(context.params["file_name"]).stem[:80]
    own = get_language() or settings.LANGUAGE_CODE
    files: dict[str, list[str]] = {}
    with ExitStack() as undo:
        for language, _name in settings.LANGUAGES:
            with override(language):
                suffix = _t("refused rows")
                name = f"{stem}-{suffix}.{'xlsx' if file.kind == 'xlsx' else 'csv'}"
                path = undo.enter_context(stored(f"imports/refused/{context.job_id}-{language}"))
                with _writer(file, Path(default_storage.path(path))) as write:
                    _write_refused(file, refusals.by_row(), write)
                files[language] = [path, name]
        path, name = files.get(own) or next(iter(files.values()))
    return {"refused_file": path, "refused_file_name": name, "refused_files": files}


Write = Callable[[list[str]], None]


def _write_refused(file: SourceFile, reasons: dict[int, str], write: Write) -> None:
    kept: list[int] = []
    for number, cells in file.raw_rows():
        if number == file.header_row:
            # The file may be one that came back: its old reasons go.
            kept = [at for at, cell in enumerate(cells) if cell.strip() not in REASON_COLUMNS]
            came_back = file.kind == "csv" and len(kept) < len(cells)
            width = len(cells)
            write([*(cells[at] for at in kept), _t("Reason refused")])
        elif number in reasons:
            texts = [plain(cell) for cell in cells] if came_back else cells
            # A row of the wrong length stays as it is, but the reason stands in its column.
            texts = [texts[at] for at in kept if at < len(texts)] + texts[width:]
            texts += [""] * (len(kept) - len(texts))
            write([*texts, reasons[number]])


@contextmanager
def _writer(file: SourceFile, path: Path) -> Iterator[Write]:
    """Yield what writes a row, in the format of the upload; no cell of it is taken for a formula."""
    if file.kind == "xlsx":
        options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        with xlsxwriter.Workbook(str(path), options) as book:
            sheet = book.add_worksheet()
            rows = iter(range(1_048_576))

            def write_cells(cells: list[str]) -> None:
                row = next(rows)
                for column, cell in enumerate(cells):
                    sheet.write_string(row, column, cell)

            yield write_cells
        return
    # Reasons are in the reader's language: what was read in an encoding without its letters comes back in UTF-8.
    encoding = file.original_encoding if file.original_encoding in ANY_TEXT else "utf-8-sig"
    with path.open("w", encoding=encoding, newline="") as text:
        rows_of_text = csv.writer(text, delimiter=file.used_delimiter)
        yield lambda cells: rows_of_text.writerow([defused(cell) for cell in cells])
