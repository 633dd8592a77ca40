"""What an import says when it is through: the stable contract of the commands and the job's result."""

from array import array
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from perfmgmt.metrics.imports.reasons import Reason, kept

# More refused rows than this are counted, not listed: nobody reads them, and memory is bounded.
MOST_ERRORS = 10_000
# Beyond so many different reasons a file is wrong in one way that texts of its own make look like many.
MOST_REASONS = 100_000
# Refused rows that are kept for each person, and for how many people.
MOST_NAMED, MOST_PEOPLE = 20, 5_000


class Refusals:
    """Every refused row with its reason, in little memory: a file may have a million of them."""

    def __init__(self) -> None:
        self._rows, self._reasons = array("L"), array("L")
        self._texts: list[str] = []
        self._known: dict[str, int] = {}

    def add(self, row: int, reason: str) -> None:
        """Remember a row."""
        if reason not in self._known and len(self._texts) < MOST_REASONS:
            self._known[reason] = len(self._texts)
            self._texts.append(reason)
        self._rows.append(row)
        self._reasons.append(self._known.get(reason, len(self._texts) - 1))

    def by_row(self) -> dict[int, str]:
        """Return row -> reason, in the language that is active now."""
        texts = [text.again() if isinstance(text, Reason) else text for text in self._texts]
        return {row: texts[reason] for row, reason in zip(self._rows, self._reasons, strict=True)}


@dataclass
class Summary:
    """`rows` read, `skipped` by a condition, `refused` with a reason; the rest count facts or people."""

    rows: int = 0
    skipped: int = 0
    refused: int = 0
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    errors: list[dict[str, Any]] = field(default_factory=list)
    refusals: Refusals | None = None
    named: dict[int, list[dict[str, Any]]] = field(default_factory=dict)

    def refuse(self, row: int, reason: str, people: Iterable[int] = ()) -> None:
        """Count a refused row and keep its reason; `people` are the ids of those whom the row names."""
        self.refused += 1
        if self.refusals is not None:
            self.refusals.add(row, reason)
        if len(self.errors) < MOST_ERRORS:
            self.errors.append({"row": row} | kept(reason))
        for person in people:
            if person in self.named or len(self.named) < MOST_PEOPLE:
                rows = self.named.setdefault(person, [])
                if len(rows) < MOST_NAMED:
                    rows.append({"row": row} | kept(reason))

    @property
    def all_refused(self) -> bool:
        """Whether there were rows and not one could be used."""
        return self.rows > 0 and self.refused == self.rows

    def as_json(self) -> dict[str, Any]:
        """Return the summary as plain values, errors in the order of the rows."""
        return {
            "rows": self.rows,
            "skipped": self.skipped,
            "refused": self.refused,
            "added": self.added,
            "changed": self.changed,
            "unchanged": self.unchanged,
            "errors": sorted(self.errors, key=lambda error: int(error["row"])),
        }
