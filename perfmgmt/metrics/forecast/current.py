"""What people have reached in running periods, and their outlooks with it (RULES.md section 16)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from functools import reduce
from operator import or_

from django.db.models import Q

from perfmgmt.metrics.figures import Asked, Figures, Reader, Table, assemble
from perfmgmt.metrics.forecast.reading import is_prepared, kind_of
from perfmgmt.metrics.forecast.rules import Outlook, PeriodEnd, running, to_period_end
from perfmgmt.metrics.models import EmployeeRollup, Metric
from perfmgmt.metrics.rules import Sums
from perfmgmt.metrics.selectors import in_spans
from perfmgmt.people.own_days import OwnDays, own_days
from perfmgmt.tenants.calendar import Grain, Period
from perfmgmt.tenants.workdays import WorkingCalendar

Spans = list[tuple[date, date]]


@dataclass
class SoFar:
    """People's figures in running periods, and how much of those is gone by their own working days."""

    calendar: WorkingCalendar
    today: date
    days: Mapping[int, OwnDays] = field(default_factory=dict)
    figures: dict[Period, dict[int, Figures]] = field(default_factory=dict)
    _gone: dict[tuple[int, Period], tuple[float, float]] = field(default_factory=dict)

    def value(self, metric: Metric, employee_id: int, period: Period) -> Decimal | None:
        """Return what is reached in a running period, in the metric's unit; None where nothing is known."""
        found = self.figures.get(period, {}).get(metric.pk)
        return None if found is None else found.value(employee_id, period.start)

    def gone(self, employee_id: int, period: Period) -> tuple[float, float]:
        """Return a person's own working days of a period through yesterday, and all (RULES.md section 9)."""
        key = (employee_id, period)
        if key not in self._gone:
            own, before = self.days.get(employee_id, OwnDays()), min(period.end, self.today - timedelta(days=1))
            done, every = (own.working_days(self.calendar, period.start, end) for end in (before, period.end))
            self._gone[key] = float(done), float(every)
        return self._gone[key]

    def end(self, outlook: Outlook, metric: Metric, employee_id: int, period: Period) -> PeriodEnd | None:
        """Return where a person will end a running period; None as in `to_period_end`."""
        value = self.value(metric, employee_id, period)
        actual = None if value is None else float(value)
        return to_period_end(actual, outlook, *self.gone(employee_id, period), kind=kind_of(metric))

    def counted_in(self, outlook: Outlook, metric: Metric, employee_id: int, period: Period) -> Outlook:
        """Return the outlook with what is reached so far; of a period that doesn't run, as it was prepared."""
        if period not in self.figures:
            return outlook
        value = self.value(metric, employee_id, period)
        actual = None if value is None else float(value)
        return running(outlook, actual, *self.gone(employee_id, period), kind=kind_of(metric))


def so_far(
    metrics: Sequence[Metric], periods: Iterable[Period], employee_ids: Sequence[int], *, calendar: WorkingCalendar,
    today: date, days: Mapping[int, OwnDays] | None = None,
) -> SoFar:  # fmt: skip
    """Return what people have reached in those of the periods that run today; others and nobody take no query.

    Metrics come with their parts. `days` are the people's own days over the periods where the caller has them. One
    query, and one more without `days`.
    """
    running_now = sorted({it for it in periods if it.start <= today <= it.end}, key=lambda it: it.grain)
    prepared = [metric for metric in metrics if is_prepared(metric)]
    if not running_now or not prepared or not employee_ids:
        return SoFar(calendar, today)
    if days is None:
        first, last = min(it.start for it in running_now), max(it.end for it in running_now)
        days = own_days(employee_ids, first, last)
    return SoFar(calendar, today, days, _figures(prepared, running_now, employee_ids))


def _figures(
    metrics: list[Metric], periods: list[Period], employee_ids: Sequence[int]
) -> dict[Period, dict[int, Figures]]:
    """Put the figures of all lengths together from one query: what each needs is asked for first."""
    asked = {it: Asked(it.grain, it.start, it.start) for it in periods}
    needs: list[Q] = []
    for period in periods:

        def note(parts: list[Metric], spans: Spans, grain: Grain = period.grain) -> dict[int, Table]:
            needs.append(Q(in_spans(spans), grain=int(grain), metric_id__in=[part.pk for part in parts]))
            return {part.pk: {} for part in parts}

        assemble(metrics, asked[period], note)
    tables: dict[tuple[int, int], Table] = {}
    rows = EmployeeRollup.objects.filter(reduce(or_, needs), employee_id__in=employee_ids)
    for grain, metric_id, who, start, total, n in rows.values_list(
        "grain", "metric_id", "employee_id", "start", "total", "n"
    ):
        tables.setdefault((grain, metric_id), {})[who, start] = Sums(total, n)
    return {it: assemble(metrics, asked[it], _reader(tables, it.grain)) for it in periods}


def _reader(tables: dict[tuple[int, int], Table], grain: Grain) -> Reader:
    def read(parts: list[Metric], _spans: Spans) -> dict[int, Table]:
        return {part.pk: tables.get((int(grain), part.pk), {}) for part in parts}

    return read
