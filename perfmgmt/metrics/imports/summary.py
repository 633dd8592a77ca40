"""What an import says when it is through: the stable contract of the commands and the job's result."""

from dataclasses import dataclass, field
from typing import Any

from perfmgmt.metrics.imports.parsing import shorten

# More refused rows than this are counted, not listed: nobody reads them, and memory is bounded.
MOST_ERRORS = 10_000
# No reason is longer; what it quotes of the file is shortened before.
MOST_REASON = 400


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

    def refuse(self, row: int, reason: str) -> None:
        """Count a refused row and keep its reason."""
        self.refused += 1
        if len(self.errors) < MOST_ERRORS:
            self.errors.append({"row": row, "reason": shorten(reason, MOST_REASON)})

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
