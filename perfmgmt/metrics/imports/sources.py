"""Opening an uploaded file, whatever it is: every format ends up as the same stream of columns.

A CSV in UTF-8 or GB18030 is read as it is. A workbook, or a text in UTF-16, is written beside it as CSV in UTF-8 once
and read from there by every later job.
"""

import codecs
import csv
import glob
import hashlib
import re
from collections.abc import Callable, Iterator
from pathlib import Path

from charset_normalizer import from_bytes
from django.utils.translation import gettext_lazy as _

from perfmgmt.metrics.imports import workbook
from perfmgmt.metrics.imports.reader import (
    DELIMITERS,
    MOST_LINE,
    Chunk,
    CsvFile,
    UnreadableFile,
    detect_encoding,
)
from perfmgmt.metrics.imports.reasons import shorten

SAMPLE = 1 << 16
ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
BINARY = (
    b"%PDF-",
    b"\x1f\x8b",
    b"Rar!",
    b"7z\xbc\xaf",
    b"BZh",
    b"\xfd7zXZ",
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"GIF8",
    b"PK\x05\x06",
)
UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
# The last column of a file of refused rows, in both languages; it is ignored when the file comes back.
REASON_COLUMNS = ("Reason refused", "拒绝原因")
# A spreadsheet takes a text that begins so for a formula; a number in front of which a sign stands is none.
_FORMULA = re.compile(r"[=+\-@\t\r'＝＋－＠]")
_NUMBER = re.compile(r"[+\-]?[\d.,' \u00a0]*\d%?")
_THREE_BYTES = re.compile(rb"[\xe3-\xe9][\x80-\xbf]{2}")
MIXED_SHARE = 0.01


class SourceFile(CsvFile):
    """A CsvFile with the original's kind (`csv` or `xlsx`), encoding, row numbers, and sheets."""

    sheet = ""
    sheets: list[workbook.Sheet]

    def __init__(self, path: Path, *, kind: str, header_row: int, original: str, **options: object) -> None:
        super().__init__(path, **options)  # type: ignore[arg-type]
        self.kind, self.header_row = kind, header_row
        self.original_encoding = original or self.encoding
        self.used_delimiter = delimiter_of(path, self.encoding, self.delimiter)

    def chunks(self) -> Iterator[Chunk]:
        """Yield the rows in chunks, numbered as the original shows them."""
        for chunk in super().chunks():
            chunk.first_row += self.header_row - 1
            if self.kind == "csv" and any(name in chunk.columns for name in REASON_COLUMNS):
                chunk.columns = {name: [plain(text) for text in column] for name, column in chunk.columns.items()}
            yield chunk

    def raw_rows(self) -> Iterator[tuple[int, list[str]]]:
        """Yield the header and every row as it stands in the file, with its number."""
        with self.path.open(encoding=self.encoding, newline="") as text:
            first_line = text.readline(MOST_LINE)
            yield self.header_row, next(csv.reader([first_line], delimiter=self.used_delimiter), [])
            yield from enumerate(csv.reader(text, delimiter=self.used_delimiter), self.header_row + 1)


def delimiter_of(path: Path, encoding: str, given: str) -> str:
    """Return what separates the columns: as given, else the mark that the header row has most of."""
    if given:
        return given
    with path.open(encoding=encoding, errors="replace", newline="") as text:
        return max(DELIMITERS, key=text.readline(MOST_LINE).count)


def defused(text: str) -> str:
    """Return a text as a spreadsheet won't take for a formula; `plain` gives it back as it was."""
    return f"'{text}" if _FORMULA.match(text) and not _NUMBER.fullmatch(text) else text


def plain(text: str) -> str:
    """Undo `defused`."""
    return text[1:] if text[:1] == "'" and _FORMULA.match(text[1:2]) else text


def open_source(
    path: Path,
    *,
    encoding: str = "",
    delimiter: str = "",
    sheet: str = "",
    most_rows: int,
    tick: Callable[[], None] = lambda: None,
) -> SourceFile:
    """Open an uploaded file; raise UnreadableFile, in a sentence that says what to do, for what can't be used.

    `sheet` is for workbooks: without it the fullest one is read; the other two are for texts.
    `tick` is called now and then while a file is turned into CSV, and may stop the work.
    """
    with path.open("rb") as file:
        head = file.read(SAMPLE)
    kind, header_row, original = "csv", 1, ""
    sheets: list[workbook.Sheet] = []
    if head.startswith(ZIP):
        kind, encoding, delimiter = "xlsx", "utf-8-sig", ","
        path, header_row, sheet, sheets = _sheet(path, sheet, tick)
    elif head.startswith(OLE):
        raise _compound(path)
    elif head.startswith(UTF_16) and not encoding:
        path, original, encoding = _from_utf_16(path, tick), "utf-16", "utf-8-sig"
    elif head.startswith(BINARY):
        raise UnreadableFile(
            _("This is not a text file. Export the data as CSV (UTF-8) and upload that file."), code="binary_file"
        )
    elif not encoding:
        encoding = _encoding(path, head)
    opened = SourceFile(
        path, kind=kind, header_row=header_row, original=original, encoding=encoding, delimiter=delimiter,
        most_rows=most_rows,
    )  # fmt: skip
    opened.sheet, opened.sheets = (sheet if sheets else ""), sheets
    return opened


def _sheet(path: Path, wanted: str, tick: Callable[[], None]) -> tuple[Path, int, str, list[workbook.Sheet]]:
    """Return the CSV of a sheet, made on first use, its header row's number, its name, and all visible sheets."""
    sheets = workbook.sheets_of(path, tick)
    if wanted and wanted not in [sheet.name for sheet in sheets]:
        raise UnreadableFile(
            _("The workbook has no visible sheet “{sheet}”. It has: {sheets}."),
            code="no_sheet",
            sheet=shorten(wanted),
            sheets=shorten(", ".join(sheet.name for sheet in sheets), 400),
        )
    name = wanted or workbook.fullest(sheets)
    stem = f"{path.name}.{hashlib.sha256(name.encode()).hexdigest()[:16]}"
    for made in path.parent.glob(f"{glob.escape(stem)}.sheet*.csv"):
        return made, int(made.name.removesuffix(".csv").rpartition("sheet")[2]), name, sheets
    made = path.with_name(f"{stem}.csv")
    header_row = workbook.write_csv(path, made, tick, sheet=name)
    return made.replace(path.with_name(f"{stem}.sheet{header_row}.csv")), header_row, name, sheets


def forget(path: Path) -> None:
    """Remove what was made from an uploaded file, beside it."""
    for made in path.parent.glob(f"{glob.escape(path.name)}.*"):
        made.unlink()


def _compound(path: Path) -> UnreadableFile:
    """Return the error for an OLE file: a workbook with a password, or one of the old format."""
    if "EncryptedPackage".encode("utf-16-le") in path.read_bytes()[: 1 << 24]:
        return workbook.locked()
    return UnreadableFile(
        _("This is an old Excel workbook (.xls). Save it as .xlsx or CSV (UTF-8) and upload that file."),
        code="old_workbook",
    )


def _from_utf_16(path: Path, tick: Callable[[], None]) -> Path:
    """Return the file as UTF-8, made on first use."""
    target = path.with_name(f"{path.name}.utf8.csv")
    if target.exists():
        return target
    draft = target.with_suffix(".draft")
    try:
        with path.open(encoding="utf-16", newline="") as text, draft.open("w", encoding="utf-8", newline="") as out:
            while part := text.read(1 << 20):
                out.write(part)
                tick()
    except UnicodeError as error:
        raise _unknown_encoding(b"") from error
    return draft.replace(target)


def _encoding(path: Path, head: bytes) -> str:
    """Return the file's encoding; raise UnreadableFile for a text in none of those we read, or in two of them."""
    try:
        found = detect_encoding(path)
    except UnreadableFile as error:
        if error.code == "mixed_encoding" and not _THREE_BYTES.search(head):
            raise _unknown_encoding(head) from error
        raise
    if found == "gb18030":
        if _is_mixed(path):
            raise UnreadableFile(
                _("The file mixes encodings. Save it as CSV (UTF-8) and upload it again."), code="mixed_encoding"
            )
        if not _is_chinese(head):
            raise _unknown_encoding(head)
    return found


def _is_mixed(path: Path) -> bool:
    """Return whether some lines are Chinese in UTF-8 and others are no UTF-8 at all."""
    utf_8 = other = 0
    with path.open("rb") as file:
        for line in file:
            if line.isascii():
                continue
            try:
                line.decode()
            except UnicodeDecodeError:
                other += 1
            else:
                utf_8 += bool(_THREE_BYTES.search(line))
    return bool(other) and utf_8 > MIXED_SHARE * other


def _is_chinese(head: bytes) -> bool:
    """Return whether what is not ASCII reads as everyday Chinese: almost any bytes are *some* GB18030."""
    text = head.decode("gb18030", errors="ignore")
    foreign = [character for character in text if not character.isascii()]
    common = sum(1 for character in foreign if _is_common(character))
    return not foreign or common * 2 > len(foreign)


def _is_common(character: str) -> bool:
    try:
        character.encode("gb2312")
    except UnicodeEncodeError:
        return character in "€·—…"
    return True


def _unknown_encoding(head: bytes) -> UnreadableFile:
    """Return the error for another encoding, with its likely name."""
    guess = from_bytes(head).best() if head else None
    return UnreadableFile(
        _(
            "The text is not UTF-8 or GB18030 (perhaps {encoding}). Choose its encoding, or save it as CSV (UTF-8) "
            "and upload that."
        ),
        code="unknown_encoding",
        encoding=guess.encoding.replace("_", "-") if guess else "?",
    )
