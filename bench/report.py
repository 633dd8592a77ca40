"""What a case prints: one JSON line on stdout; everything else goes to stderr."""

import json
import sys
import time
from dataclasses import dataclass, field
from typing import Any

_begun = time.monotonic()


def say(text: str) -> None:
    """Tell the person at the terminal what is happening."""
    print(f"[{time.monotonic() - _begun:7.1f} s] {text}", file=sys.stderr, flush=True)


@dataclass
class Report:
    """Collects the results of a run."""

    missed: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)

    def add(self, case: str, *, goal: float, ours: float, base: float, met: bool = True, **extra: Any) -> None:
        """Print one result; `met` is False when a limit other than the ratio was passed."""
        ratio = ours / base if base else float("inf")
        line = {
            "case": case,
            "ratio": round(ratio, 3),
            "goal": goal,
            "ours_s": round(ours, 5),
            "base_s": round(base, 5),
            **extra,
        }
        print(json.dumps(line), flush=True)
        if ratio > goal or not met:
            self.missed.append(f"{case}: {ratio:.2f} (goal {goal}{'' if met else ', and a limit'})")

    def skip(self, case: str, reason: str) -> None:
        """A case that can't run here."""
        self.skipped.append(f"{case}: {reason}")
        say(f"{case} skipped: {reason}")

    def finish(self) -> None:
        """Name what missed its goal."""
        for line in self.skipped:
            say(f"skipped  {line}")
        for line in self.missed:
            say(f"MISSED   {line}")
        if not self.missed:
            say("Every measured goal is met.")
