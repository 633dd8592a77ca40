"""Excel workbooks: measured before anything is expanded, then turned into the CSV that every import reads.

A workbook is a ZIP of XML. Only the parts that are needed are copied, every byte counted whatever the headers say,
and scanned on the way; the library gets the copy and nothing else.
"""

import csv
import datetime
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from xml.parsers import expat

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from python_calamine import CalamineError, CalamineWorkbook

from perfmgmt.metrics.imports.reader import UnreadableFile
from perfmgmt.metrics.imports.reasons import shorten
from perfmgmt.metrics.imports.sheet_scan import Relations, RowScan, Sheets, SheetScan, StringScan

MOST_PARTS = 5_000
MOST_UNPACKED = 1 << 30
# No honest part of this size is packed so tightly; deflate itself ends at about 1,030.
MOST_RATIO, RATIO_FROM = 250, 32 << 20
BLOCK = 1 << 18
TICK_ROWS = 20_000
# So many sheets are offered; so many rows, and so much of it, are looked at to see which is the fullest.
MOST_SHEETS, MOST_COUNTED, MOST_LOOKED_AT = 100, 5_000, 4 << 20
BOOK, RELATIONS = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
NEEDED = ("[Content_Types].xml", "_rels/.rels", BOOK, RELATIONS, "xl/styles.xml")
STRINGS = "xl/sharedStrings.xml"
MACRO_PARTS = ("vbaproject.bin", "vbaprojectsignature.bin")


def broken() -> UnreadableFile:
    """Return the error for a workbook that can't be read."""
    return UnreadableFile(
        _("The Excel file is damaged or is none. Open it in Excel, save it as .xlsx, and upload it again."),
        code="broken_workbook",
    )


def macros() -> UnreadableFile:
    """Return the error for a workbook with programs in it."""
    return UnreadableFile(
        _("The Excel file contains macros. Save it as “Excel workbook (.xlsx)”, without them, and upload that."),
        code="macro_file",
    )


def bomb() -> UnreadableFile:
    """Return the error for a file that unpacks to too much."""
    return UnreadableFile(
        _("The Excel file unpacks to far more than it may. Remove what you don't need, or save it as CSV (UTF-8)."),
        code="zip_bomb",
    )


@dataclass(frozen=True)
class Sheet:
    """A visible sheet: rows with something in them, counted up to MOST_COUNTED, and what its part unpacks to."""

    name: str
    rows: int
    size: int = 0


@contextmanager
def _readable(path: Path) -> Iterator[zipfile.ZipFile]:
    """Open a workbook that was judged by its table of contents; whatever is wrong inside becomes UnreadableFile."""
    _bound(path.stat().st_size)
    try:
        with zipfile.ZipFile(path) as book:
            _check_parts(book)
            yield book
    except (zipfile.BadZipFile, zlib.error, expat.ExpatError, CalamineError, EOFError, NotImplementedError) as error:
        raise broken() from error


def sheets_of(path: Path, tick: Callable[[], None]) -> list[Sheet]:
    """Return the visible sheets of a workbook, in order; raise UnreadableFile for what is none."""
    with _readable(path) as book:
        parts = _Parts(book, tick)
        places = _places(parts)
        if len(places) == 1:
            return [Sheet(name, 0) for name in places]
        return [_measured(parts, name, part) for name, part in places.items()]


def _places(parts: "_Parts") -> dict[str, str]:
    """Return the visible sheets: name -> part of the archive."""
    sheets, relations = Sheets(), Relations()
    for name, scan in ((BOOK, sheets.parser), (RELATIONS, relations.parser)):
        for block in parts.blocks(name):
            scan.Parse(block, False)
        scan.Parse(b"", True)
    visible = sheets.visible[:MOST_SHEETS]
    found = {name: relations.target(relation) for name, relation in visible}
    if not found or len(found) < len(visible):
        raise broken()
    return found


def _measured(parts: "_Parts", name: str, part: str) -> Sheet:
    """Count the rows of a sheet, as far as MOST_COUNTED; a sheet of another kind, a chart say, has none."""
    if part not in parts.names:
        return Sheet(name, 0)
    scan = RowScan()
    try:
        for number, block in enumerate(parts.blocks(part)):
            scan.parser.Parse(block, False)
            if scan.rows >= MOST_COUNTED or number * BLOCK >= MOST_LOOKED_AT:
                break
    except expat.ExpatError:
        return Sheet(name, 0)
    return Sheet(name, min(scan.rows, MOST_COUNTED), parts.book.getinfo(part).file_size)


def fullest(sheets: list[Sheet]) -> str:
    """Return the name of the sheet with the most rows, of several as full the first."""
    return max(sheets, key=lambda sheet: (sheet.rows, sheet.size if sheet.rows >= MOST_COUNTED else 0)).name


def write_csv(path: Path, target: Path, tick: Callable[[], None], *, sheet: str) -> int:
    """Write a visible sheet of a workbook to `target` as CSV; return the number of its header row.

    `tick` is called now and then and may stop the work. Raises UnreadableFile, before anything is expanded, for what
    is no workbook, holds macros, is too large, or has formulas without a value.
    """
    with _readable(path) as book, tempfile.TemporaryDirectory(dir=path.parent) as folder:
        copy = Path(folder) / "measured.xlsx"
        _Copier(book, tick).copy(copy, sheet)
        return _write_rows(copy, sheet, target, tick)


def _check_parts(book: zipfile.ZipFile) -> None:
    """Judge a workbook by its table of contents."""
    parts = book.infolist()
    names = {part.filename for part in parts}
    lowered = {name.lower() for name in names}
    if len(parts) > MOST_PARTS or len(names) < len(parts):
        raise broken()
    if any(part.flag_bits & 1 for part in parts):
        raise locked()
    if any(name.rpartition("/")[2] in MACRO_PARTS or "/macrosheets/" in name for name in lowered):
        raise macros()
    if "xl/workbook.bin" in lowered:
        raise UnreadableFile(
            _("This is a binary Excel workbook (.xlsb). Save it as .xlsx and upload that file."), code="old_workbook"
        )
    if BOOK not in names or RELATIONS not in names:
        raise UnreadableFile(
            _("This is a ZIP archive, not an Excel workbook. Unpack it and upload the file inside."), code="archive"
        )
    for part in parts:
        tight = part.file_size > RATIO_FROM and part.file_size > MOST_RATIO * max(part.compress_size, 1)
        if part.file_size > MOST_UNPACKED or tight:
            raise bomb()


def locked() -> UnreadableFile:
    """Return the error for a file with a password."""
    return UnreadableFile(
        _("The file is protected by a password. Remove the password in Excel and upload it again."), code="encrypted"
    )


class _Parts:
    """Reads parts of a workbook, counting what comes out."""

    def __init__(self, book: zipfile.ZipFile, tick: Callable[[], None]) -> None:
        self.book, self.tick, self.unpacked = book, tick, 0
        self.names = set(book.namelist())

    def blocks(self, name: str) -> Iterator[bytes]:
        """Yield a part's content; the size that its header states is not believed."""
        info = self.book.getinfo(name)
        stated, info.file_size = info.file_size, MOST_UNPACKED + BLOCK
        here = 0
        try:
            with self.book.open(info) as part:
                while block := part.read(BLOCK):
                    here += len(block)
                    self.unpacked += len(block)
                    if self.unpacked > MOST_UNPACKED:
                        raise bomb()
                    self.tick()
                    yield block
        finally:
            info.file_size = stated
        if here != stated:
            raise broken()


class _Copier(_Parts):
    """Copies the needed parts of a workbook, scanning what comes out."""

    def copy(self, target: Path, sheet: str) -> None:
        """Write the measured workbook with one sheet."""
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as copy:
            self.target = copy
            sheets, relations, strings = Sheets(), Relations(), StringScan()
            for name in NEEDED:
                scan = {BOOK: sheets.parser, RELATIONS: relations.parser}.get(name)
                self._part(name, scan)
            part = relations.target(dict(sheets.visible).get(sheet, ""))
            if part not in self.names:
                raise broken()
            self._part(STRINGS, strings.parser)
            scan_of_sheet = SheetScan(strings.lengths)
            self._part(part, scan_of_sheet.parser)
            scan_of_sheet.finish()

    def _part(self, name: str, parser: expat.XMLParserType | None) -> None:
        if name not in self.names:
            return
        with self.target.open(name, "w") as out:
            for block in self.blocks(name):
                if name == "[Content_Types].xml" and b"macroEnabled" in block:
                    raise macros()
                if parser is not None:
                    parser.Parse(block, False)
                out.write(block)
        if parser is not None:
            parser.Parse(b"", True)


def _write_rows(book: Path, sheet: str, target: Path, tick: Callable[[], None]) -> int:
    """Write a sheet as CSV, from its first row that is not blank; return that row's number."""
    draft = target.with_suffix(".draft")
    header_row = 0
    with CalamineWorkbook.from_path(book) as workbook, draft.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        for number, cells in enumerate(workbook.get_sheet_by_name(sheet).iter_rows(), 1):
            texts = [_text(cell) for cell in cells]
            if not header_row and not any(texts):
                continue
            header_row = header_row or number
            writer.writerow(texts)
            if number % TICK_ROWS == 0:
                tick()
                _bound(draft.stat().st_size)
    if not header_row:
        raise UnreadableFile(_("The sheet “{sheet}” is empty."), code="empty_file", sheet=shorten(sheet))
    draft.replace(target)
    return header_row


def _bound(size: int) -> None:
    if size > settings.IMPORT_MAX_BYTES:
        raise UnreadableFile(
            _("The file is larger than {most} MB. Split it and import the parts."),
            code="too_large",
            most=settings.IMPORT_MAX_BYTES // 1024 // 1024,
        )


def _text(cell: object) -> str:
    """Return a cell as somebody would type it: 15 digits, as Excel counts them, and days as 2026-03-31."""
    match cell:
        case str():
            return cell
        case bool():
            return "TRUE" if cell else "FALSE"
        case int():
            return str(cell)
        case float():
            return format(Decimal(f"{cell:.15g}"), "f")
        case datetime.datetime():
            return cell.strftime("%Y-%m-%d" if cell.time() == datetime.time() else "%Y-%m-%d %H:%M:%S")
        case datetime.date():
            return cell.isoformat()
        case _:
            return str(cell)
