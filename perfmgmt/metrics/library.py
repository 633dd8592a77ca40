"""Installing the ready-made metric library into a workspace."""

import json
from pathlib import Path
from typing import Any

from perfmgmt.metrics.models import Metric

LIBRARY = Path(__file__).with_name("library.json")


def entries() -> list[dict[str, Any]]:
    """Return the ready-made metrics in the order in which they are shown."""
    entries: list[dict[str, Any]] = json.loads(LIBRARY.read_text(encoding="utf-8"))
    return entries


def install() -> int:
    """Add the metrics that the open workspace lacks; what it has, changed or not, stays. Returns how many came."""
    known = {metric.code: metric for metric in Metric.objects.all()}
    before = len(known)
    # Ratios name other metrics, so those come first.
    for ratios in (False, True):
        fresh = []
        for position, entry in enumerate(entries(), 1):
            is_ratio = entry["aggregation"] == "ratio"
            if is_ratio is not ratios or entry["code"] in known:
                continue
            parts = {part: known[entry[part]] for part in ("numerator", "denominator") if entry.get(part) in known}
            fresh.append(Metric(**{**entry, **parts, "position": position}))
        for metric in Metric.objects.bulk_create(fresh):
            known[metric.code] = metric
    return len(known) - before


def on_workspace_created() -> None:
    """A new workspace begins with the whole library."""
    install()
