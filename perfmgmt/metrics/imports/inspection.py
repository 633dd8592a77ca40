"""A first look at an uploaded file, in a worker: what it is, its columns, and what each seems to hold."""

from collections import Counter
from pathlib import Path
from typing import Any

import clevercsv
from django.conf import settings
from django.core.files.storage import default_storage
from django.utils.translation import gettext as _t
from django.utils.translation import override

from perfmgmt.jobs.context import JobContext
from perfmgmt.metrics.imports import runs
from perfmgmt.metrics.imports.parsing import fold
from perfmgmt.metrics.imports.reader import DELIMITERS, ENCODING_NAMES, Chunk, UnreadableFile
from perfmgmt.metrics.imports.sniffing import as_json, sniff_days, sniff_numbers
from perfmgmt.metrics.imports.sources import SourceFile, open_source
from perfmgmt.metrics.imports.staging import people_by
from perfmgmt.metrics.imports.suggestions import SAMPLED

KIND = "imports.inspect"
SHOWN = 20
READING = ("encoding", "delimiter", "sheet")
MOST_DISTINCT, MOST_SHOWN_CHARACTERS = 30, 300
DIALECT_SAMPLE = 8_000


def run(context: JobContext) -> dict[str, Any]:
    """Look at the file of a draft (params: file, language, reading); return what the pages of the wizard show.

    `reading` has the encoding, separator and sheet that somebody chose; what is missing there is found out.
    """
    with override(context.params["language"]):
        path = Path(default_storage.path(context.params["file"]))
        reading = {part: context.params.get("reading", {}).get(part, "") for part in READING}
        file = open_source(path, **reading, most_rows=settings.IMPORT_MAX_ROWS, tick=runs.ticker(context))
        if file.kind == "csv" and not reading["delimiter"]:
            file.delimiter = file.used_delimiter = _delimiter(file)
        chunk = next(file.chunks())
        if not chunk.size:
            raise UnreadableFile(_t("The file has column names, but no rows below them."), code="no_rows")
        people = {by: people_by(by) for by in ("number", "name", "email")}
        return {
            "kind": file.kind,
            "encoding": file.original_encoding,
            "encoding_name": ENCODING_NAMES.get(file.original_encoding, file.original_encoding.upper()),
            "sheet": file.sheet,
            "sheets": [{"name": sheet.name, "rows": sheet.rows} for sheet in file.sheets],
            "delimiter": file.used_delimiter if file.kind == "csv" else "",
            "header": [name for name in chunk.columns if name],
            "first_row": chunk.first_row,
            "sample": _sample(chunk),
            "columns": {name: _column(texts[:SAMPLED], people) for name, texts in chunk.columns.items() if name},
            "rows": chunk.size,
        }


def _delimiter(file: SourceFile) -> str:
    """Return what separates the columns: by clevercsv on a sample, where it agrees with the header row."""
    with file.path.open(encoding=file.encoding, errors="replace", newline="") as text:
        sample = text.read(DIALECT_SAMPLE)
    try:
        dialect = clevercsv.Sniffer().sniff(sample, delimiters=DELIMITERS)
    except clevercsv.Error:
        return file.used_delimiter
    first_line = sample.splitlines()[0] if sample.splitlines() else ""
    found = dialect.delimiter if dialect else ""
    return found if found and found in first_line else file.used_delimiter


def _sample(chunk: Chunk) -> dict[str, list[str]]:
    """Return the first rows, bounded; a ragged row is shown as blank."""
    return {
        name: [text[:MOST_SHOWN_CHARACTERS].replace("\x00", "") for text in texts[:SHOWN]]
        for name, texts in chunk.columns.items()
        if name
    }


def _column(texts: list[str], people: dict[str, dict[str, int | None]]) -> dict[str, Any]:
    """Return what a column holds, as far as its first rows say."""
    filled = [text.strip() for text in texts if text.strip()]
    distinct = Counter(filled)
    few = len(distinct) <= MOST_DISTINCT and all(len(text) <= 60 for text in distinct)
    folded = {fold(text) for text in distinct}
    return {
        "filled": len(filled),
        "different": len(distinct),
        "texts": [text for text, _count in distinct.most_common()] if few else [],
        "days": as_json(sniff_days(texts)),
        "numbers": as_json(sniff_numbers(texts)),
        "people": {
            by: round(len(folded & table.keys()) / len(folded), 3) if folded else 0 for by, table in people.items()
        },
    }
