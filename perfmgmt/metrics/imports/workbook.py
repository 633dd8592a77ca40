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
from decimal import Decimal
from pathlib import Path
from xml.parsers import expat

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from python_calamine import CalamineError, CalamineWorkbook

from perfmgmt.metrics.imports.reader import UnreadableFile
from perfmgmt.metrics.imports.sheet_scan import Relations, Sheets, SheetScan, StringScan

MOST_PARTS = 5_000
MOST_UNPACKED = 1 << 30
# No honest part of this size is packed so tightly; deflate itself ends at about 1,030.
MOST_RATIO, RATIO_FROM = 250, 32 << 20
BLOCK = 1 << 18
TICK_ROWS = 20_000
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


def write_csv(path: Path, target: Path, tick: Callable[[], None]) -> int:
    """Write the first visible sheet of a workbook to `target` as CSV; return the number of its header row.

    `tick` is called now and then and may stop the work. Raises UnreadableFile, before anything is expanded, for what
    is no workbook, holds macros, is too large, or has formulas without a value.
    """
    _bound(path.stat().st_size)
    try:
        with zipfile.ZipFile(path) as book, tempfile.TemporaryDirectory(dir=path.parent) as folder:
            _check_parts(book)
            copy = Path(folder) / "measured.xlsx"
            name = _Copier(book, tick).copy(copy)
            return _write_rows(copy, name, target, tick)
    except (zipfile.BadZipFile, zlib.error, expat.ExpatError, CalamineError, EOFError, NotImplementedError) as error:
        raise broken() from error


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


class _Copier:
    """Copies the needed parts of a workbook, counting and scanning what comes out."""

    def __init__(self, book: zipfile.ZipFile, tick: Callable[[], None]) -> None:
        self.book, self.tick, self.unpacked = book, tick, 0
        self.names = set(book.namelist())

    def copy(self, target: Path) -> str:
        """Write the measured workbook; return the name of the sheet to read."""
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as copy:
            self.target = copy
            sheets, relations, strings = Sheets(), Relations(), StringScan()
            for name in NEEDED:
                scan = {BOOK: sheets.parser, RELATIONS: relations.parser}.get(name)
                self._part(name, scan)
            if not sheets.visible:
                raise broken()
            name, relation = sheets.visible[0]
            part = relations.target(relation)
            if part not in self.names:
                raise broken()
            self._part(STRINGS, strings.parser)
            scan_of_sheet = SheetScan(strings.lengths)
            self._part(part, scan_of_sheet.parser)
            scan_of_sheet.finish()
        return name

    def _part(self, name: str, parser: expat.XMLParserType | None) -> None:
        if name not in self.names:
            return
        with self.target.open(name, "w") as out:
            for block in self._blocks(name):
                if name == "[Content_Types].xml" and b"macroEnabled" in block:
                    raise macros()
                if parser is not None:
                    parser.Parse(block, False)
                out.write(block)
        if parser is not None:
            parser.Parse(b"", True)

    def _blocks(self, name: str) -> Iterator[bytes]:
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
        raise UnreadableFile(_("The first sheet of the workbook is empty."), code="empty_file")
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
