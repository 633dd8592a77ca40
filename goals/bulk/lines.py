"""The goals that are given out: the lines of a template, one goal, or what each person had in the period before."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal

from goals.bulk.asked import COPY, LAST_YEAR, PREVIOUS, RECOMMENDED, SINGLE, Asked
from goals.bulk.rules import improved
from goals.models import Baseline, Counting, Form, Goal, Level, State, TemplateLine
from perfmgmt.metrics.models import Direction, Metric
from perfmgmt.metrics.selectors import metrics_with_parts
from perfmgmt.tenants.errors import NotFound

Band = tuple[Decimal, Decimal, Decimal]


@dataclass(frozen=True)
class Line:
    """One goal before it is somebody's. `value` is a target, or a growth in percent or points by `form`.

    A band is (low, high, tolerance). `recommended` says that the forecast gives the target.
    """

    title: str
    metric: Metric | None
    form: str = Form.ABSOLUTE
    counting: str = Counting.WHOLE
    value: Decimal | None = None
    baseline_kind: str = ""
    weight: Decimal = Decimal(0)
    band: Band | None = None
    recommended: bool = False


def lines_for_all(asked: Asked) -> list[Line]:
    """Return the goals that everybody gets; none for a copy. Raises NotFound for a template that isn't there."""
    if asked.what == COPY:
        return []
    if asked.what == SINGLE:
        metric = metrics_with_parts().filter(pk=asked.metric_id or 0).first()
        line = Line(asked.title, metric, value=asked.value, weight=asked.weight)
        return [_aimed(_zero_is_a_band(line), asked)]
    rows = list(TemplateLine.objects.filter(template_id=asked.template_id).order_by("place"))
    metrics = metrics_with_parts().in_bulk([row.metric_id for row in rows if row.metric_id])
    if not rows and asked.template_id is None:
        raise NotFound
    return [_aimed(_of(row, metrics.get(row.metric_id or 0)), asked) for row in rows]


def lines_of_before(asked: Asked, employee_ids: Iterable[int]) -> dict[int, list[Line]]:
    """Return, for a copy, each person's goals of the period before, their targets better by the growth asked for."""
    if asked.what != COPY:
        return {}
    before = asked.period.next(-1)
    goals = Goal.objects.filter(
        level=Level.PERSON, first_day=before.start, last_day=before.end, employee_id__in=list(employee_ids)
    ).exclude(state=State.CANCELLED)
    found: dict[int, list[Line]] = defaultdict(list)
    rows = list(goals.order_by("employee_id", "pk"))
    metrics = metrics_with_parts().in_bulk({row.metric_id for row in rows if row.metric_id})
    for row in rows:
        metric = metrics.get(row.metric_id or 0)
        if row.employee_id is not None and (metric is None or metric.archived_at is None):
            found[row.employee_id].append(_copied(row, metric, asked.growth))
    return dict(found)


def _of(row: TemplateLine, metric: Metric | None) -> Line:
    line = Line(row.title, metric, row.form, row.counting, row.value, row.baseline_kind, row.weight)
    if metric is None:
        return replace(line, form=Form.ABSOLUTE, value=None)
    if row.form == Form.BAND:
        return replace(line, band=band_of(metric, row.value), value=None)
    return _zero_is_a_band(line)


def band_of(metric: Metric, value: Decimal | None) -> Band:
    """Return the band of a goal: the metric's own, else from 0 to `value`, without tolerance (docs/rules.md)."""
    if metric.band_low is not None and metric.band_high is not None:
        return metric.band_low, metric.band_high, metric.band_tolerance or Decimal(0)
    return Decimal(0), value or Decimal(0), Decimal(0)


def _zero_is_a_band(line: Line) -> Line:
    """ "Zero errors" is the band [0, 0] (RULES.md section 3)."""
    is_zero = line.form == Form.ABSOLUTE and line.value == 0 and line.metric is not None
    if is_zero and line.metric is not None and line.metric.direction == Direction.LOWER:
        return replace(line, form=Form.BAND, value=None, band=(Decimal(0), Decimal(0), Decimal(0)))
    return line


def _aimed(line: Line, asked: Asked) -> Line:
    """Return a line with the targets that were asked for instead of the written ones; bands and milestones stay."""
    if line.metric is None or line.form == Form.BAND:
        return line
    if asked.manner in (PREVIOUS, LAST_YEAR):
        kind = Baseline.PREVIOUS if asked.manner == PREVIOUS else Baseline.LAST_YEAR
        growth = improved(asked.growth, line.metric.direction)
        return replace(line, form=Form.PERCENT, value=growth, baseline_kind=kind)
    if asked.manner == RECOMMENDED:
        return replace(line, form=Form.ABSOLUTE, value=None, baseline_kind="", recommended=True)
    return line


def _copied(row: Goal, metric: Metric | None, growth: Decimal) -> Line:
    """Return a goal of the period before as a line: its target is the baseline of the new one."""
    band = None
    if row.form == Form.BAND and row.band_low is not None and row.band_high is not None:
        band = (row.band_low, row.band_high, row.band_tolerance or Decimal(0))
    value = row.target
    if metric is not None and value is not None and growth:
        value *= 1 + improved(growth, metric.direction) / 100
    form = Form.BAND if band else Form.ABSOLUTE
    return Line(row.title, metric, form, row.counting, value, "", row.weight, band)
