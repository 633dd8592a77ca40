"""Locking periods and taking late changes in. There is no way back to open."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _

from perfmgmt.closing import frozen
from perfmgmt.closing.models import PeriodLock
from perfmgmt.closing.notices import tell_locked
from perfmgmt.closing.registry import checks
from perfmgmt.closing.selectors import lock_of
from perfmgmt.metrics.rollups.services import Turn, drain
from perfmgmt.tenants.calendar import Grain, Period
from perfmgmt.tenants.errors import Conflict, DomainError
from perfmgmt.tenants.events import publish
from perfmgmt.tenants.locks import Lock, wait_lock
from perfmgmt.tenants.scope import current_tenant_id

LOCKABLE = (Grain.MONTH, Grain.QUARTER, Grain.YEAR)
Step = Callable[[int, int], None]


def look(period: Period, *, slug: str, today: date) -> list[dict[str, Any]]:
    """Return the checklist of a period as it stands now: code, label, level, text, url, count."""
    lines = []
    for item in checks():
        found = item.look(period, slug, today)
        lines.append(
            {"code": item.code, "label": str(item.label), "level": found.level, "text": found.text, "url": found.url,
             "count": found.count}
        )  # fmt: skip
    return lines


def inside(period: Period) -> list[Period]:
    """Return what closes together with a period: the months and quarters in it, shortest first, itself last."""
    found = [] if period.grain is Grain.MONTH else period.months()
    if period.grain is Grain.YEAR:
        quarter = Period(Grain.QUARTER, period.start, period.fiscal_start_month)
        found += [quarter.next(step) for step in range(4)]
    return [*found, period]


def settle() -> None:
    """Hold everything that changes facts and figures, and work out what is waiting, until the transaction ends.

    In this order everywhere: facts before rollups.
    """
    wait_lock(Lock.FACTS, current_tenant_id())
    turn = drain(wait=True)
    while turn is not Turn.CLEAN:
        turn = drain(wait=True)


def lock_period(
    period: Period, *, today: date, user_id: int | None, job_id: int | None, slug: str, step: Step | None = None
) -> list[PeriodLock]:
    """Lock a period with everything inside it that is open; return the new locks.

    Raises DomainError for a period that is not over (`not_over`), Conflict when it is locked already.
    """
    _must_be_lockable(period, today)
    settle()
    if lock_of(period) is not None:
        raise Conflict(_("This period is locked already."), code="already_locked")
    open_ones = [each for each in inside(period) if lock_of(each) is None]
    made = []
    for done, each in enumerate(open_ones, 1):
        lines = look(each, slug=slug, today=today)
        made.append(_freeze(each, 1, user_id=user_id, job_id=job_id, reason="", checklist=lines))
        if step:
            step(done, len(open_ones))
    tell_locked(period, by_user_id=user_id)
    return made


def accept_late_changes(period: Period, *, reason: str, user_id: int | None, job_id: int | None) -> PeriodLock:
    """Make version n+1 of a locked period from what its figures are now; version n stays as it is.

    Raises Conflict when the period is open (`not_locked`) or nothing changed (`no_changes`), DomainError without a
    reason.
    """
    if not reason.strip():
        raise DomainError(_("Say why the late changes are taken in."), code="no_reason")
    settle()
    before = lock_of(period)
    if before is None:
        raise Conflict(_("This period is not locked."), code="not_locked")
    if not frozen.count_differences(before):
        raise Conflict(_("Nothing has changed since this period was locked."), code="no_changes")
    return _freeze(
        before.period, before.version + 1, user_id=user_id, job_id=job_id, reason=reason.strip(), checklist=[]
    )


def _must_be_lockable(period: Period, today: date) -> None:
    if period.grain not in LOCKABLE:
        raise DomainError(_("Only months, quarters and years are locked."), code="not_lockable")
    if period.end >= today:
        raise DomainError(_("This period is not over yet; it can be locked from the day after its last day."),
                          code="not_over")  # fmt: skip


def _freeze(period: Period, version: int, **values: Any) -> PeriodLock:
    rows, checksum = frozen.live_sum(period)
    lock = PeriodLock(
        grain=int(period.grain), start=period.start, version=version,
        fiscal_start_month=period.fiscal_start_month, rows=rows, checksum=checksum,
        locked_by_id=values.pop("user_id"), **values,
    )  # fmt: skip
    lock.save(force_insert=True)
    frozen.copy(period, version)
    lock.refresh_from_db()
    publish("closing.period_locked", period=period)
    return lock


def broken_locks() -> tuple[int, int]:
    """Return (versions, broken): how many versions there are, and how many hold other figures than were locked."""
    locks = list(PeriodLock.objects.order_by("grain", "start", "version"))
    return len(locks), sum(frozen.frozen_sum(lock) != (lock.rows, lock.checksum) for lock in locks)


def on_rebuild_checked(*, outcome: Any) -> None:
    """`rebuild --check` compares the locked figures with what was locked, too."""
    versions, broken = broken_locks()
    if versions:
        outcome.rows["locked periods"], outcome.differences["locked periods"] = versions, broken


def on_fiscal_year_changing() -> None:
    """A locked quarter or year belongs to the calendar it was locked in."""
    if PeriodLock.objects.filter(grain__in=[int(Grain.QUARTER), int(Grain.YEAR)]).exists():
        raise Conflict(
            _("A quarter or year is locked already, so the fiscal year can't begin in another month."),
            code="fiscal_year_locked",
        )
