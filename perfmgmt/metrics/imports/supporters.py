"""Who helped with a row, and which share of the credit is whose (RULES.md section 12: at most 100% in all).

The owner's fact keeps the whole value: a sale is counted once. Each supporter gets their part of the value in another
metric. `credit_share` stands on both, for rules that pay by split credit.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal

from perfmgmt.metrics.imports.mapping import FactsMapping, Text
from perfmgmt.metrics.imports.parsing import PLACES, Parser, lookup_parser
from perfmgmt.metrics.imports.reader import Chunk
from perfmgmt.metrics.imports.reasons import Reason, Refusal

SHARE = re.compile(r"(\d{1,3}(?:[.,]\d{1,6})?) ?(%?)", re.ASCII)
WHOLE = Decimal(1)


def share_of(text: str) -> Decimal | None:
    """Return a share as a part of one: "30%", "30" and "0.3" are the same; None for an empty text.

    A bare number up to 1 is a part of one, above 1 a percentage. Raises Refusal for anything else.
    """
    stripped = unicodedata.normalize("NFKC", text).strip()
    if not stripped:
        return None
    match = SHARE.fullmatch(stripped)
    if match is None:
        raise Refusal("not_a_share")
    number = Decimal(match[1].replace(",", "."))
    share = number / 100 if match[2] or number > 1 else number
    if share > 1:
        raise Refusal("not_a_share")
    return share.quantize(PLACES, rounding=ROUND_HALF_UP)


@dataclass
class Line:
    """One supporter column of a chunk: for each row who (as text) and how much; None where there is nobody."""

    number: int
    who: list[str | None]
    share: list[Decimal]


@dataclass
class Credit:
    """The credit of a chunk's rows: the supporters' lines and the owner's shares; empty without supporters."""

    lines: list[Line] = field(default_factory=list)
    owner: list[str] = field(default_factory=list)

    def parts(self, good: list[bool], values: list[object]) -> Iterator[tuple[int, int, str, str, str]]:
        """Yield (position, line, employee, share, their part of the value) of the rows that are good."""
        for line in self.lines:
            for at, who in enumerate(line.who):
                if who is not None and good[at]:
                    share = line.share[at]
                    part = (Decimal(str(values[at])) * share).quantize(PLACES, rounding=ROUND_HALF_UP)
                    yield at, line.number, who, str(share), str(part)


class Supporters:
    """Reads the supporters of a file. `tables` has people by number, name and email, as far as they are needed."""

    def __init__(self, mapping: FactsMapping, tables: dict[str, dict[str, int | None]]) -> None:
        self.mapping = mapping
        self.people = {by: lookup_parser(table) for by, table in tables.items()}
        self.shares = Parser(lambda text: share_of(text) or Decimal(0))

    def of(self, chunk: Chunk, owners: list[int | None], kept: list[bool], refused: dict[int, str]) -> Credit:
        """Return the credit of a chunk; rows whose supporters can't be used are refused."""
        if not self.mapping.supporters:
            return Credit()
        lines = [
            Line(number, *self._column(chunk, supporter.column, supporter.by, supporter.share, kept, refused))
            for number, supporter in enumerate(self.mapping.supporters, 1)
        ]
        given = self.mapping.owner_share
        owner_shares = self._shares(chunk, given, kept, refused, required=True) if given != Text() else None
        owner = []
        for at in range(chunk.size):
            share = self._owner(at, owners[at], lines, owner_shares)
            if isinstance(share, str):
                if kept[at]:
                    refused.setdefault(at, share)
                share = WHOLE
            owner.append(str(share))
        return Credit(lines, owner)

    def _owner(self, at: int, owner: int | None, lines: list[Line], shares: list[Decimal] | None) -> Decimal | str:
        """Return what the owner of a row keeps, or why the row can't be used."""
        helpers = [line.who[at] for line in lines if line.who[at] is not None]
        if len({*helpers, str(owner)}) <= len(helpers):
            return Reason.of("same_person_twice")
        helped = sum((line.share[at] for line in lines if line.who[at] is not None), Decimal(0))
        own = WHOLE - helped if shares is None else shares[at]
        if helped + own > 1 or own < 0:
            return Reason.of("too_much_share")
        return own

    def _column(
        self, chunk: Chunk, column: str, by: str, share: Text, kept: list[bool], refused: dict[int, str]
    ) -> tuple[list[str | None], list[Decimal]]:
        texts, parser = chunk.columns[column], self.people[by]
        shares = self._shares(chunk, share, kept, refused, required=False)
        who: list[str | None] = []
        for at, text in enumerate(texts):
            found = parser[text] if text.strip() else None
            who.append(None if found is None else str(found))
            if not kept[at]:
                continue
            if text.strip() and found is None:
                refused.setdefault(at, parser.reason(text, column))
            elif found is not None and not shares[at]:
                refused.setdefault(at, Reason.of("no_share", column))
            elif found is None and shares[at] and share.column:
                refused.setdefault(at, Reason.of("nobodys_share", column))
        return who, shares

    def _shares(
        self, chunk: Chunk, share: Text, kept: list[bool], refused: dict[int, str], *, required: bool
    ) -> list[Decimal]:
        texts = chunk.columns[share.column] if share.column else [share.constant] * chunk.size
        found = []
        for at, text in enumerate(texts):
            value = self.shares[text]
            if value is None and kept[at]:
                refused.setdefault(at, self.shares.reason(text, share.column))
            elif required and not text.strip() and kept[at]:
                refused.setdefault(at, Reason.of("missing_share", share.column))
            found.append(value or Decimal(0))
        return found
