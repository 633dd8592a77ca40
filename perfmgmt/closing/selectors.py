"""Reads of locked periods."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from perfmgmt.closing.models import FrozenFigure, Part, PeriodLock
from perfmgmt.metrics.models import Metric
from perfmgmt.metrics.selectors import Figures, figures_from
from perfmgmt.tenants.calendar import Grain, Period


def lock_of(period: Period) -> PeriodLock | None:
    """Return the newest version of a locked period; None while it is open. One query."""
    return PeriodLock.objects.filter(grain=int(period.grain), start=period.start).order_by("-version").first()


def lock_on(day: date) -> PeriodLock | None:
    """Return the newest version of the locked month that holds a day; None while it is open."""
    return lock_of(Period.containing(Grain.MONTH, day))


def locks_between(first: date, last: date) -> dict[tuple[int, date], PeriodLock]:
    """Return the newest version of each locked period that begins between two days, by (grain, first day)."""
    found = PeriodLock.objects.filter(start__gte=first, start__lte=last).order_by("version")
    return {(lock.grain, lock.start): lock for lock in found}


def versions_of(period: Period) -> list[PeriodLock]:
    """Return every version of a locked period, newest first."""
    return list(PeriodLock.objects.filter(grain=int(period.grain), start=period.start).order_by("-version"))


def frozen_figures(
    lock: PeriodLock, metrics: Iterable[Metric], *, part: Part, owner_ids: Iterable[int]
) -> dict[int, Figures]:
    """Return people's or units' figures of a locked period as they were locked, by metric id, in one query."""
    rows = FrozenFigure.objects.filter(
        grain=lock.grain, start=lock.start, version=lock.version, part=int(part), owner_id__in=list(owner_ids)
    )
    return figures_from(list(metrics), rows.values_list("metric_id", "owner_id", "start", "total", "n"))


def frozen_targets(
    lock: PeriodLock, metric: Metric, *, employee_ids: Iterable[int] | None = None
) -> dict[int, Decimal]:
    """Return people's targets of a locked period as they were locked, by employee id."""
    rows = FrozenFigure.objects.filter(
        grain=lock.grain, start=lock.start, version=lock.version, part=int(Part.TARGET), metric=metric
    )
    if employee_ids is not None:
        rows = rows.filter(owner_id__in=list(employee_ids))
    return dict(rows.values_list("owner_id", "total"))
