"""PDF files by Typst, with Chinese text.

Data goes in as JSON, never as markup: whatever a person typed is shown as typed. The font is the only one that is
used (no server has the same), and a character it lacks is refused, because it would be printed as an empty box;
`printable` says what to print instead.
"""

import json
import struct
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import typst

FONTS = Path(__file__).resolve().parent / "fonts"
REGULAR = FONTS / "NotoSansSC_400Regular.ttf"
#: What stands for a character that the font lacks.
REPLACEMENT = "□"
# Never drawn, so no glyph is needed: they end lines.
_BLANK = frozenset(map(ord, "\n\r\t"))
# Joiners and selectors that only shape the character before them.
_DROPPED = frozenset([0x200B, 0x200C, 0x200D, 0xFEFF, *range(0xFE00, 0xFE10)])


class MissingGlyphs(ValueError):
    """A text has characters that the font can't draw; `characters` are these."""

    def __init__(self, characters: str) -> None:
        super().__init__(f"the font lacks: {characters}")
        self.characters = characters


class NoFonts(RuntimeError):
    """The fonts were not copied: `tools/vendor.py` does it."""


def render(template: Path, data: Mapping[str, Any]) -> bytes:
    """Return a PDF of a Typst template; `data` is plain JSON, which it reads from `sys.inputs.data`.

    Raises MissingGlyphs for a text with characters that the font lacks, NoFonts without fonts.
    """
    lacking = sorted({letter for text in _texts(data) for letter in text if not _has(letter)})
    if lacking:
        raise MissingGlyphs("".join(lacking))
    made = typst.compile(
        str(template),
        root=str(template.parent),
        font_paths=[str(FONTS)],
        ignore_system_fonts=True,
        format="pdf",
        sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
    )
    if not isinstance(made, bytes):
        raise TypeError("Typst gave no single file")
    return made


def printable(value: Any) -> Any:
    """Return data in which characters that the font lacks (such as emoji) are replaced by a box."""
    if isinstance(value, str):
        kept = (letter for letter in value if ord(letter) not in _DROPPED)
        return "".join(letter if _has(letter) else REPLACEMENT for letter in kept)
    if isinstance(value, Mapping):
        return {key: printable(each) for key, each in value.items()}
    return [printable(each) for each in value] if isinstance(value, list | tuple) else value


def _texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, Mapping):
        return [text for each in value.values() for text in _texts(each)]
    return [text for each in value for text in _texts(each)] if isinstance(value, list | tuple) else []


def _has(letter: str) -> bool:
    return ord(letter) in _BLANK or ord(letter) in _characters()


@lru_cache(maxsize=1)
def _characters() -> frozenset[int]:
    """Return the characters that the font draws, from its own table of them ("cmap", format 12 or 4)."""
    if not REGULAR.exists():
        raise NoFonts("perfmgmt/web/fonts is empty: run tools/vendor.py")
    font = REGULAR.read_bytes()
    count = struct.unpack_from(">H", font, 4)[0]
    tables = {font[at : at + 4]: struct.unpack_from(">II", font, at + 8) for at in range(12, 12 + 16 * count, 16)}
    start, _length = tables[b"cmap"]
    found: set[int] = set()
    for at in range(start + 4, start + 4 + 8 * struct.unpack_from(">H", font, start + 2)[0], 8):
        found |= _subtable(font, start + struct.unpack_from(">I", font, at + 4)[0])
    return frozenset(found)


def _subtable(font: bytes, at: int) -> set[int]:
    """Return the characters of one table; none for a format that browsers and Typst don't draw text by."""
    form = struct.unpack_from(">H", font, at)[0]
    if form == 12:
        groups = struct.unpack_from(">I", font, at + 12)[0]
        rows = (struct.unpack_from(">III", font, at + 16 + 12 * place) for place in range(groups))
        return {code for first, last, glyph in rows for code in range(first, last + 1) if glyph + code - first}
    if form == 4:
        half = struct.unpack_from(">H", font, at + 6)[0]
        ends = struct.unpack_from(f">{half // 2}H", font, at + 14)
        starts = struct.unpack_from(f">{half // 2}H", font, at + 16 + half)
        return {code for first, last in zip(starts, ends, strict=True) for code in range(first, last + 1)} - {0xFFFF}
    return set()
