"""Installing the ready-made metric library into a workspace."""

import json
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from perfmgmt.metrics.models import Fact, Metric
from perfmgmt.metrics.rollups import dirty
from perfmgmt.people.models import EARLIEST, FOREVER

LIBRARY = Path(__file__).with_name("library.json")
# What an entry says by the code of another metric.
NAMES = ("numerator", "denominator", "base", "target_metric")
# What a workspace that has the metric already gets, where it says nothing itself.
FILLED_IN = ("description_zh", "description_en", "tax_basis")


def entries() -> list[dict[str, Any]]:
    """Return the ready-made metrics in the order in which they are shown."""
    entries: list[dict[str, Any]] = json.loads(LIBRARY.read_text(encoding="utf-8"))
    return entries


def install() -> int:
    """Add the metrics that the open workspace lacks; what it has, changed or not, stays. Returns how many came.

    Descriptions and tax basis that are empty are filled in. A metric that names another one comes after it; where the
    other one has become something else in this workspace, it is left out.
    """
    known = {metric.code: metric for metric in Metric.objects.all()}
    _fill_in(known)
    waiting = [(at, entry) for at, entry in enumerate(entries(), 1) if entry["code"] not in known]
    added: list[Metric] = []
    while ready := [pair for pair in waiting if _is_ready(pair[1], known)]:
        fresh = Metric.objects.bulk_create(_made(entry, position, known) for position, entry in ready)
        known.update((metric.code, metric) for metric in fresh)
        added += fresh
        waiting = [pair for pair in waiting if pair[1]["code"] not in known]
    _compute(added)
    return len(added)


def _is_ready(entry: dict[str, Any], known: dict[str, Metric]) -> bool:
    named = [entry[name] for name in NAMES if entry.get(name)]
    if not all(code in known for code in named):
        return False
    reads = entry.get("base") if entry["aggregation"] not in ("growth", "target_share") else None
    return reads is None or known[reads].takes_facts


def _made(entry: dict[str, Any], position: int, known: dict[str, Metric]) -> Metric:
    parts = {name: known[entry[name]] for name in NAMES if entry.get(name)}
    return Metric(**{**entry, **parts, "position": position})


def _fill_in(known: dict[str, Metric]) -> None:
    changed = []
    for entry in entries():
        metric = known.get(entry["code"])
        if metric is None:
            continue
        blank = [name for name in FILLED_IN if entry.get(name) and not getattr(metric, name)]
        if not metric.is_money:
            blank = [name for name in blank if name != "tax_basis"]
        for name in blank:
            setattr(metric, name, entry[name])
        if blank:
            changed.append(metric)
    Metric.objects.bulk_update(changed, FILLED_IN)


def _compute(added: list[Metric]) -> None:
    """Figures of the new metrics from facts that are there already."""
    bases = {metric.base_id for metric in added if metric.reads_facts and metric.base_id is not None}
    busy = {pk for pk in bases if Fact.objects.filter(metric_id=pk).exists()}
    dirty.mark(
        (metric.pk, None, EARLIEST, FOREVER) for metric in added if metric.base_id in busy and metric.reads_facts
    )


def on_workspace_created() -> None:
    """A new workspace begins with the whole library."""
    install()


def on_migrated(*, scopes: Iterable[Callable[[], AbstractContextManager[int]]]) -> None:
    """After an upgrade every workspace gets what has been added to the library since."""
    for open_scope in scopes:
        with open_scope():
            install()
