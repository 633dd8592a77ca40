"""Preparing forecasts: all metrics of a workspace, nightly and on demand."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from perfmgmt.metrics.forecast.frame import frame_of
from perfmgmt.metrics.forecast.market import Market
from perfmgmt.metrics.forecast.preparing import prepare_metric
from perfmgmt.metrics.forecast.reading import is_prepared
from perfmgmt.metrics.forecast.storing import remove_others, store
from perfmgmt.metrics.models import Metric
from perfmgmt.metrics.selectors import metrics_with_parts
from perfmgmt.people.viewer import Workspace
from perfmgmt.tenants.locks import Lock, wait_lock
from perfmgmt.tenants.scope import current_tenant_id


@dataclass(frozen=True)
class Outcome:
    """What was prepared: metrics looked at, people, and rows that had to be written or removed."""

    metrics: int
    people: int
    changed: int


def prepare(
    workspace: Workspace,
    today: date,
    *,
    metrics: list[Metric] | None = None,
    step: Callable[[int, int], None] | None = None,
) -> Outcome:
    """Prepare the forecasts of `metrics` (default: all) of the open workspace from what was known before `today`.

    Run again it writes only what differs. `step(done, total)` is called after each metric and may raise to stop:
    then nothing of this transaction stays.
    """
    wait_lock(Lock.FORECASTS, current_tenant_id())
    chosen = list(metrics_with_parts()) if metrics is None else metrics
    chosen = [metric for metric in chosen if is_prepared(metric)]
    changed = remove_others([metric.pk for metric in chosen]) if metrics is None else 0
    frame = frame_of(workspace, today)
    market = Market(frame)
    for done, metric in enumerate(chosen, 1):
        changed += store(metric.pk, frame.crew, prepare_metric(metric, frame, market.factors(metric)))
        if step is not None:
            step(done, len(chosen))
    return Outcome(len(chosen), len(frame.crew.ids), changed)
