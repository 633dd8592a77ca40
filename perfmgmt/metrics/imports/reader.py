"""Reading a CSV file of unknown origin: bounded, in chunks of columns, with errors that say what to do."""

import codecs
import csv
from collections.abc import Iterator
from dataclasses import dataclass
from io import TextIOWrapper
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from perfmgmt.metrics.imports.reasons import shorten
from perfmgmt.tenants.errors import DomainError

CHUNK_ROWS = 20_000
MOST_COLUMNS = 200
MOST_FIELD_CHARACTERS = 20_000
MOST_LINE = 1_000_000
ENCODINGS = ("utf-8", "gb18030")
# What a mapping may name. Each is one of Python's codecs; anything else stays out, whatever Python could read.
NAMED_ENCODINGS = ("utf-8", "utf-8-sig", "gb18030", "gbk", "big5", "utf-16", "latin-1", "cp1252")
# What encodings are called, for those that can be chosen; "utf-8-sig" reads UTF-8 with and without its mark.
ENCODING_NAMES = {
    "utf-8-sig": "UTF-8", "gb18030": "GB18030", "big5": "Big5", "utf-16": "UTF-16", "cp1252": "Windows-1252",
    "latin-1": "ISO-8859-1",
}  # fmt: skip
DELIMITERS = ",;\t|"


class UnreadableFile(DomainError):
    """The file as a whole can't be used; nothing was imported."""

    code = "unreadable_file"


@dataclass
class Chunk:
    """Some rows of the file, column by column. `first_row` is the row a spreadsheet shows (the header is 1).

    `ragged` maps a position in the chunk to the number of fields of a row that has too many or too few;
    such a row's fields are empty.
    """

    first_row: int
    columns: dict[str, list[str]]
    size: int
    ragged: dict[int, int]


@dataclass(frozen=True, order=True)
class Undecodable:
    """The first place of a file that is no text in an encoding: the byte, from 0, and its line, from 1."""

    byte: int
    line: int
    encoding: str


def undecodable(path: Path, encoding: str) -> Undecodable | None:
    """Return where a file stops being text in an encoding; None when all of it is."""
    decoder = codecs.getincrementaldecoder(encoding)()
    done, lines = 0, 1
    with path.open("rb") as file:
        while True:
            part, state = file.read(1 << 20), decoder.getstate()
            try:
                lines += decoder.decode(part, final=not part).count("\n")
            except UnicodeError as error:  # a UTF-16 without its mark is one as well, and names no place
                at = done
                if isinstance(error, UnicodeDecodeError):
                    at += len(part) - len(error.object) + error.start
                    decoder.setstate(state)
                    lines += decoder.decode(part[: max(at - done, 0)]).count("\n")
                return Undecodable(at, lines, encoding)
            if not part:
                return None
            done += len(part)


def detect_encoding(path: Path) -> str:
    """Return "utf-8-sig" or "gb18030"; raise UnreadableFile for anything that is no text in either."""
    _refuse_other_kinds(path)
    places = []
    for encoding in ENCODINGS:
        place = undecodable(path, encoding)
        if place is None:
            return "utf-8-sig" if encoding == "utf-8" else encoding
        places.append(place)
    raise UnreadableFile(
        _(
            "The file mixes encodings: in line {line}, byte {byte} of the file is no text in {encoding}. Save it as "
            "CSV (UTF-8) and upload it again, or choose its encoding."
        ),
        code="mixed_encoding",
        **_place(max(places)),
    )


def check_encoding(path: Path, encoding: str) -> None:
    """Raise UnreadableFile unless the whole file is text in the encoding that a mapping names."""
    _refuse_other_kinds(path, may_hold_nul=encoding == "utf-16")
    place = undecodable(path, encoding)
    if place is not None:
        raise UnreadableFile(
            _(
                "The file is to be read as {encoding}, but in line {line}, byte {byte} of it is no such text. Choose "
                "another encoding, or save the file as CSV (UTF-8)."
            ),
            code="wrong_encoding",
            **_place(place),
        )


def _place(place: Undecodable) -> dict[str, object]:
    return {
        "line": place.line,
        "byte": place.byte + 1,
        "encoding": ENCODING_NAMES.get(place.encoding, place.encoding.upper()),
    }


def _refuse_other_kinds(path: Path, *, may_hold_nul: bool = False) -> None:
    """Raise UnreadableFile for what is no text at all."""
    with path.open("rb") as file:
        head = file.read(65536)
    if head[:4] in (b"PK\x03\x04", b"\xd0\xcf\x11\xe0"):
        raise UnreadableFile(
            _("This is an Excel workbook. Open it, choose “Save as”, take “CSV UTF-8”, and upload that file."),
            code="excel_file",
        )
    if b"\x00" in head and not may_hold_nul:
        raise UnreadableFile(
            _("This is not a text file. Export the data as CSV (UTF-8) and upload that file."),
            code="binary_file",
        )


class CsvFile:
    """A CSV file with a header row. Iterate `chunks()` once."""

    def __init__(self, path: Path, *, encoding: str = "", delimiter: str = "", most_rows: int) -> None:
        self.path, self.most_rows = path, most_rows
        self.size = path.stat().st_size
        if self.size > settings.IMPORT_MAX_BYTES:
            raise UnreadableFile(
                _("The file is larger than {most} MB. Split it and import the parts."),
                code="too_large",
                most=settings.IMPORT_MAX_BYTES // 1024 // 1024,
            )
        if self.size == 0:
            raise UnreadableFile(_("The file is empty. Check that the export worked."), code="empty_file")
        if encoding in ("", "utf-8"):
            encoding = detect_encoding(path)
        else:
            check_encoding(path, encoding)
        self.encoding = encoding
        self.delimiter = delimiter
        self.raw: BinaryIO | None = None

    def bytes_read(self) -> int:
        """Return how much of the file has been read, for progress."""
        return self.raw.tell() if self.raw is not None and not self.raw.closed else self.size

    def chunks(self) -> Iterator[Chunk]:
        """Yield the rows in chunks; raise UnreadableFile where the file stops making sense."""
        csv.field_size_limit(MOST_FIELD_CHARACTERS)
        with self.path.open("rb") as raw, TextIOWrapper(raw, self.encoding, newline="") as text:
            self.raw = raw
            number = 1
            try:
                first_line = text.readline(MOST_LINE)
                delimiter = self.delimiter or max(DELIMITERS, key=first_line.count)
                header = _header(next(csv.reader([first_line], delimiter=delimiter), []))
                rows = csv.reader(text, delimiter=delimiter)
                number = 2
                while batch := _take(rows, CHUNK_ROWS):
                    if number - 2 + len(batch) > self.most_rows:
                        raise UnreadableFile(
                            _("The file has more than {most} rows. Split it and import the parts."),
                            code="too_many_rows",
                            most=self.most_rows,
                        )
                    yield _chunk(number, header, batch)
                    number += len(batch)
                if number == 2:  # a header alone: its columns are still to be checked
                    yield Chunk(number, {name: [] for name in header}, 0, {})
            except (csv.Error, UnicodeDecodeError) as error:
                raise UnreadableFile(
                    _("The file can't be read after row {row} ({detail}). Check the quotation marks there."),
                    code="broken_csv",
                    row=max(number - 1, 1),
                    detail=error,
                ) from error


def _take(rows: Iterator[list[str]], most: int) -> list[list[str]]:
    """Return the next rows; blank lines count as rows without fields."""
    return list(islice(rows, most))


def _header(names: list[str]) -> list[str]:
    """Return the column names; raise UnreadableFile when they can't be told apart."""
    header = [name.strip() for name in names]
    if not any(header):
        raise UnreadableFile(_("The first row must name the columns."), code="no_header")
    if len(header) > MOST_COLUMNS:
        raise UnreadableFile(
            _("The file has {count} columns; {most} are allowed. Remove those you don't need."),
            code="too_many_columns",
            count=len(header),
            most=MOST_COLUMNS,
        )
    doubled = sorted({name for name in header if name and header.count(name) > 1})
    if doubled:
        raise UnreadableFile(
            _("Two columns are named “{name}”. Rename one of them."), code="doubled_column", name=shorten(doubled[0])
        )
    return header


def _chunk(first_row: int, header: list[str], batch: list[list[str]]) -> Chunk:
    width = len(header)
    ragged: dict[int, int] = {}
    if set(map(len, batch)) != {width}:
        for position, row in enumerate(batch):
            if len(row) != width:
                if any(field.strip() for field in row):
                    ragged[position] = len(row)
                batch[position] = [""] * width
    columns = dict(zip(header, map(list, zip(*batch, strict=True)), strict=True))
    return Chunk(first_row, columns, len(batch), ragged)
