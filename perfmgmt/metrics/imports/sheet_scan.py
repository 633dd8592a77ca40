"""Looking through a workbook's XML before a library builds it in memory: how large, which sheet, which formulas."""

from array import array
from collections.abc import Sequence
from xml.parsers import expat

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from perfmgmt.metrics.imports.reader import MOST_COLUMNS, MOST_FIELD_CHARACTERS, UnreadableFile

# The library keeps every cell of the rectangle from the first to the last one that is used.
MOST_CELLS = 15_000_000
MOST_STRINGS = 5_000_000


class Scan:
    """An expat parser that refuses document types, and with them entities that grow."""

    def __init__(self) -> None:
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartDoctypeDeclHandler = self._doctype
        self.parser.StartElementHandler = self.start
        self.parser.CharacterDataHandler = self.text

    def _doctype(self, *_ignored: object) -> None:
        raise expat.ExpatError("a document type has no place in a workbook")

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins."""

    def text(self, text: str) -> None:
        """Characters between two tags."""


class Sheets(Scan):
    """xl/workbook.xml: name and relation of the visible sheets, in order."""

    def __init__(self) -> None:
        super().__init__()
        self.visible: list[tuple[str, str]] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Take down a sheet."""
        if name.rpartition(":")[2] == "sheet" and attributes.get("state", "visible") == "visible":
            relation = next((value for key, value in attributes.items() if key.endswith(":id")), "")
            self.visible.append((attributes.get("name", ""), relation))


class Relations(Scan):
    """xl/_rels/workbook.xml.rels: where the parts are."""

    def __init__(self) -> None:
        super().__init__()
        self.targets: dict[str, str] = {}

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Take down a relation."""
        if name.rpartition(":")[2] == "Relationship":
            self.targets[attributes.get("Id", "")] = attributes.get("Target", "")

    def target(self, relation: str) -> str:
        """Return the path of a part inside the archive; "" for none."""
        target = self.targets.get(relation, "")
        return target[1:] if target.startswith("/") else f"xl/{target}"


class StringScan(Scan):
    """xl/sharedStrings.xml: the length of each string."""

    def __init__(self) -> None:
        super().__init__()
        self.lengths = array("I")

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Count a string."""
        if name == "si" or name.endswith(":si"):
            if len(self.lengths) >= MOST_STRINGS:
                raise _too_large()
            self.lengths.append(0)

    def text(self, text: str) -> None:
        """Measure it."""
        if self.lengths:
            self.lengths[-1] += len(text)


class RowScan(Scan):
    """One sheet: how many rows have something in them."""

    def __init__(self) -> None:
        super().__init__()
        self.rows = 0
        self.counted = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """A row counts once, with its first value."""
        plain = name.rpartition(":")[2]
        if plain == "row":
            self.counted = False
        elif plain in ("v", "is") and not self.counted:
            self.rows, self.counted = self.rows + 1, True


class SheetScan(Scan):
    """One sheet: its last row, its columns, how much text its cells hold, and formulas without a value."""

    def __init__(self, lengths: Sequence[int]) -> None:
        super().__init__()
        self.lengths = lengths
        self.row = self.column = self.first = self.last = 0
        self.last_row = self.characters = 0
        self.columns: dict[str, int] = {}
        self.kind = self.reference = self.formula = ""
        self.in_value = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Rows, cells, values and formulas; everything else is passed over."""
        self.in_value = False
        name = name.rpartition(":")[2]
        if name == "c":
            self.finish()
            self.kind, self.reference = attributes.get("t", ""), attributes.get("r", "")
            self.column = self._column(self.reference) if self.reference else self.column + 1
        elif name == "v":
            self.in_value = True
            if self.kind == "str":
                self.formula = ""  # a text, and be it an empty one
        elif name in ("is", "t") and self.kind == "inlineStr":
            self.formula = ""
            self._used()
        elif name == "f":
            self.formula = self.reference or "?"
        elif name == "row":
            self.row, self.column = int(attributes.get("r", self.row + 1)), 0

    def text(self, text: str) -> None:
        """The value of a cell."""
        if not self.in_value or text.isspace():
            return
        self.formula = ""
        self._used()
        if self.kind == "s" and text.isdecimal() and int(text) < len(self.lengths):
            length = self.lengths[int(text)]
            self.characters += length
            if length > MOST_FIELD_CHARACTERS:
                raise UnreadableFile(
                    _("The cell {cell} holds more than {most} characters."),
                    code="long_cell",
                    cell=self.reference,
                    most=MOST_FIELD_CHARACTERS,
                )
            if self.characters > settings.IMPORT_MAX_BYTES:
                raise _too_large()

    def finish(self) -> None:
        """A cell is over: a formula in it must have had a value."""
        if self.formula:
            raise UnreadableFile(
                _("The formula in {cell} has no value yet. Open the file in Excel, save it, and upload it again."),
                code="formula_without_value",
                cell=self.formula,
            )

    def _column(self, reference: str) -> int:
        letters = reference.rstrip("0123456789")
        if letters not in self.columns:
            number = 0
            for letter in letters[:4].upper():
                number = number * 26 + ord(letter) - 64
            self.columns[letters] = number
        return self.columns[letters]

    def _used(self) -> None:
        """A cell with content: the rectangle grows to it."""
        if self.row > self.last_row:
            self.last_row = self.row
            if self.row > settings.IMPORT_MAX_ROWS + 1000:
                raise UnreadableFile(
                    _("The file has more than {most} rows. Split it and import the parts."),
                    code="too_many_rows",
                    most=settings.IMPORT_MAX_ROWS,
                )
        if not self.first <= self.column <= self.last or not self.first:
            self.first = min(self.first or self.column, self.column)
            self.last = max(self.last, self.column)
        width = self.last - self.first + 1
        if width > MOST_COLUMNS:
            raise UnreadableFile(
                _("The file has {count} columns; {most} are allowed. Remove those you don't need."),
                code="too_many_columns",
                count=width,
                most=MOST_COLUMNS,
            )
        if width * self.last_row > MOST_CELLS:
            raise _too_large()


def _too_large() -> UnreadableFile:
    return UnreadableFile(
        _("The sheet has too much in it for an Excel file. Save it as CSV (UTF-8) and upload that."),
        code="workbook_too_large",
    )
