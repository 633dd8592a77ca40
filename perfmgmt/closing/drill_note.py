"""The notice over a list of facts whose days lie in a locked period: the list is live, the figures are not."""

from decimal import Decimal

from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from perfmgmt.closing.models import Part, PeriodLock
from perfmgmt.closing.permissions import SEE_PERIODS
from perfmgmt.closing.selectors import frozen_figures
from perfmgmt.metrics.drill import Drill
from perfmgmt.metrics.drill_notes import Note
from perfmgmt.metrics.models import FactVersion
from perfmgmt.metrics.models.rollups import UNASSIGNED
from perfmgmt.people.access import WorkspaceRequest
from perfmgmt.people.models import Unit
from perfmgmt.tenants.calendar import Grain
from perfmgmt.web import formats


def note(wanted: Drill, request: WorkspaceRequest) -> Note | None:
    """Return what is locked of the listed days and what changed since; None while all are open."""
    locks = _locks(wanted)
    if not locks:
        return None
    may_open, slug = request.viewer.may(SEE_PERIODS), request.workspace.slug
    link = _("Open the period") if may_open else ""
    if len(locks) > 1:
        text = _(
            "{first} to {last}: {n} months of these days are locked. Locked figures stay as they were; this list "
            "and the figure over it show what is known now."
        ).format(first=formats.period(locks[0].period), last=formats.period(locks[-1].period), n=len(locks))
        year = f"?year={locks[-1].period.label}"
        return Note(text, reverse("periods", args=[slug]) + year if may_open else "", link and _("Open the periods"))
    lock = locks[0]
    address = reverse("period", args=[slug]) + f"?period={lock.period.label}" if may_open else ""
    return Note(f"{_locked_text(wanted, lock, request)} {_changed_text(wanted, lock)}", address, link)


def _locks(wanted: Drill) -> list[PeriodLock]:
    """Return the lock of exactly these days, or those of the months they touch, each in its newest version."""
    first = wanted.first.replace(day=1)
    newest: dict[tuple[int, object], PeriodLock] = {}
    for lock in PeriodLock.objects.filter(start__gte=first, start__lte=wanted.last).order_by("start", "version"):
        newest[lock.grain, lock.start] = lock
    exact = [lock for lock in newest.values() if (lock.period.start, lock.period.end) == (wanted.first, wanted.last)]
    return exact or [lock for lock in newest.values() if lock.grain == Grain.MONTH]


def _locked_text(wanted: Drill, lock: PeriodLock, request: WorkspaceRequest) -> str:
    period, when = formats.period(lock.period), formats.moment(lock.locked_at, request.workspace.time_zone)
    if (lock.period.start, lock.period.end) == (wanted.first, wanted.last) and not wanted.search:
        figure = formats.metric_value(_frozen(wanted, lock), wanted.metric, request.workspace.currency)
        return _(
            "{period} is locked since {when}: the locked figure is {figure}. This list and the figure over it show "
            "what is known now."
        ).format(period=period, when=when, figure=figure)
    return _(
        "{period} is locked since {when}: its figures stay as they were. This list and the figure over it show what "
        "is known now."
    ).format(period=period, when=when)


def _frozen(wanted: Drill, lock: PeriodLock) -> Decimal | None:
    part, owners = Part.EMPLOYEE, wanted.people
    if owners is None:
        part, owners = Part.UNIT, [wanted.unit_id] if wanted.unit_id is not None else _whole_company()
    found = frozen_figures(lock, [wanted.metric], part=part, owner_ids=owners)
    return found[wanted.metric.pk].together(owners, [lock.start])


def _whole_company() -> list[int]:
    return [*Unit.objects.filter(parent=None).values_list("pk", flat=True), UNASSIGNED]


def _changed_text(wanted: Drill, lock: PeriodLock) -> str:
    """Say how many of the listed facts came or changed after the lock."""
    changed = FactVersion.objects.filter(fact_id=OuterRef("id"), replaced_at__gt=lock.locked_at)
    since = wanted.facts().order_by().filter(Q(recorded_at__gt=lock.locked_at) | Exists(changed))
    n = since.filter(day__gte=lock.period.start, day__lte=lock.period.end).count()
    if not n:
        return _("None of these facts came or changed since.")
    text = ngettext("{n} of these facts came or changed since.", "{n} of these facts came or changed since.", n)
    return text.format(n=formats.number(n))
