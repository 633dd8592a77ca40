"""Reads of locked periods."""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal

from perfmgmt.closing.models import FrozenFigure, Part, PeriodLock
from perfmgmt.metrics.figures import Asked, Figures, Table, assemble
from perfmgmt.metrics.models import Metric
from perfmgmt.metrics.rules import Sums
from perfmgmt.metrics.selectors import Read, read_people, read_units
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
    """Return people's or units' figures of a locked period as they were locked, by metric id, in one query.

    A baseline of growth lies in another period and is read as it is now, with one more query.
    """
    asked = Asked(Grain(lock.grain), lock.start, lock.start, by_unit=part == Part.UNIT)
    return assemble(list(metrics), asked, read_frozen(lock, part=part, owner_ids=owner_ids))


def read_frozen(lock: PeriodLock, *, part: Part, owner_ids: Iterable[int]) -> Read:
    """Return a reader of a locked period's rows for `figures.assemble`; other periods are read as they are now."""
    ids, grain = list(owner_ids), Grain(lock.grain)
    read_now = read_units(grain, ids) if part == Part.UNIT else read_people(grain, ids)
    own = (lock.start, lock.start)

    def read(wanted: list[Metric], spans: list[tuple[date, date]]) -> Mapping[int, Table]:
        elsewhere = [span for span in spans if span != own]
        now = read_now(wanted, elsewhere) if elsewhere else {}
        tables = {metric.pk: dict(now.get(metric.pk, {})) for metric in wanted}
        rows = FrozenFigure.objects.filter(
            grain=lock.grain, start=lock.start, version=lock.version, part=int(part), owner_id__in=ids,
            metric_id__in=list(tables),
        ).values_list("metric_id", "owner_id", "total", "n")  # fmt: skip
        for metric_id, owner_id, total, n in rows:
            tables[metric_id][owner_id, lock.start] = Sums(total, n)
        return tables

    return read


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


def all_frozen_targets(
    lock: PeriodLock, *, employee_ids: Iterable[int] | None = None
) -> dict[int, dict[int, Decimal]]:
    """Return people's targets of a locked period in every metric, by metric id, then by employee id; one query."""
    rows = FrozenFigure.objects.filter(
        grain=lock.grain, start=lock.start, version=lock.version, part=int(Part.TARGET)
    )
    if employee_ids is not None:
        rows = rows.filter(owner_id__in=list(employee_ids))
    found: dict[int, dict[int, Decimal]] = {}
    for metric_id, employee_id, total in rows.values_list("metric_id", "owner_id", "total"):
        found.setdefault(metric_id, {})[employee_id] = total
    return found
