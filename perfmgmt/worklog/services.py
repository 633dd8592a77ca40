"""Writes of the work log: entries, their proofs, and what the manager decides."""

import os
from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from perfmgmt.closing.selectors import lock_on
from perfmgmt.metrics import manual
from perfmgmt.metrics.models import Metric, UnitOfMeasure
from perfmgmt.people.models import Employee
from perfmgmt.people.selectors import visible_employees
from perfmgmt.people.viewer import Viewer
from perfmgmt.tenants.errors import Conflict, DomainError, NotAllowed, NotFound
from perfmgmt.web.attachments import forget, sniff
from perfmgmt.worklog.models import DutyTime, EnterableMetric, EntryState, Proof, WorkEntry
from perfmgmt.worklog.notices import settle_waiting, tell_decided, tell_waiting
from perfmgmt.worklog.permissions import APPROVE_LOG, WRITE_LOG
from perfmgmt.worklog.selectors import enterable, may_be_enterable

# Older days are for HR and an import.
OLDEST = timedelta(days=366)
MOST_AT_ONCE = 500
MOST_DUTIES = 20
HOURS_A_DAY = Decimal(24)
# What a new workspace begins with.
DEFAULTS = (
    "visits_arranged", "meetings_arranged", "followups_done", "contracts_followed_up", "deliveries_followed_up",
    "enquiries_answered", "documents_prepared", "reports_prepared", "preparation_hours_saved", "hours_worked",
    "overtime_hours", "training_hours", "peer_help",
)  # fmt: skip


def on_workspace_created() -> None:
    """A new workspace begins with the usual metrics open for manual entry."""
    metrics = may_be_enterable().filter(code__in=DEFAULTS)
    EnterableMetric.objects.bulk_create([EnterableMetric(metric=metric) for metric in metrics])


@transaction.atomic
def open_metrics(chosen: dict[int, bool]) -> None:
    """Say which metrics (id -> needs a proof) people may enter by hand; what is in stays."""
    known = set(may_be_enterable().filter(pk__in=chosen).values_list("pk", flat=True))
    if known != set(chosen):
        raise NotFound
    EnterableMetric.objects.exclude(metric_id__in=chosen).delete()
    for metric_id, needs_proof in chosen.items():
        EnterableMetric.objects.update_or_create(metric_id=metric_id, defaults={"needs_proof": needs_proof})


def employee_of(viewer: Viewer) -> int:
    """Return the id of the person whose log a viewer keeps. Raises NotAllowed for who is no employee."""
    if viewer.employee_id is None or not viewer.may(WRITE_LOG):
        raise NotAllowed
    return viewer.employee_id


@transaction.atomic
def save_entry(
    entry: WorkEntry | None,
    *,
    viewer: Viewer,
    today: date,
    metric: Metric,
    day: date,
    value: Decimal,
    customer: str = "",
    note: str = "",
    token: UUID,
    late: bool = False,
) -> WorkEntry:
    """Save an entry as a draft and return it; the same token again returns the one that is there.

    `late` says that the person knows the day lies in a locked period. Raises DomainError for a day that can't be
    (`future`, `too_old`, `locked`), a metric that is not open for entry, or a value that can't be; Conflict for an
    entry that is submitted or approved.
    """
    employee_id = employee_of(viewer)
    Employee.objects.select_for_update().get(pk=employee_id)  # one form after another
    if entry is None:
        twin = WorkEntry.objects.filter(employee_id=employee_id, token=token).first()
        if twin is not None:
            return twin
        entry = WorkEntry(employee_id=employee_id, token=token)
    elif not entry.is_open:
        raise Conflict(_("This entry is submitted or approved already; it can't be changed."))
    _check_day(day, today, late)
    _check_value(metric, value)
    entry.metric, entry.day, entry.value, entry.customer, entry.note = metric, day, value, customer, note
    entry.save()
    return entry


def _check_day(day: date, today: date, late: bool) -> None:
    if day > today:
        raise DomainError(_("This day is in the future."), code="future")
    if day < today - OLDEST:
        raise DomainError(_("This day is more than a year ago; ask HR to import it."), code="too_old")
    if not late and lock_on(day) is not None:
        raise DomainError(
            _("The month of this day is locked. You may enter it all the same: tick the box; it counts as a late "
              "change."),
            code="locked",
        )  # fmt: skip


def _check_value(metric: Metric, value: Decimal) -> None:
    if metric.pk not in enterable():
        raise DomainError(_("This metric can't be entered by hand."), code="not_enterable")
    if value < 0:
        raise DomainError(_("The value can't be negative."), code="bad_value")
    if metric.unit_of_measure == UnitOfMeasure.HOURS and value > HOURS_A_DAY:
        raise DomainError(_("A day has 24 hours."), code="bad_value")


def own_entry(entry_id: int, viewer: Viewer, *, lock: bool = False) -> WorkEntry:
    """Return an entry of the viewer's own log. Raises NotFound for anybody else's."""
    entries = WorkEntry.objects.select_for_update() if lock else WorkEntry.objects.select_related("metric")
    found = entries.filter(pk=entry_id, employee_id=viewer.employee_id).first() if viewer.employee_id else None
    if found is None:
        raise NotFound
    return found


@transaction.atomic
def submit(entry_ids: Iterable[int], *, viewer: Viewer, today: date | None = None) -> int:
    """Hand entries of one's own to the manager; return how many were open. Raises DomainError without a proof."""
    found = WorkEntry.objects.select_for_update().filter(
        pk__in=list(entry_ids), employee_id=employee_of(viewer), state__in=[EntryState.DRAFT, EntryState.RETURNED]
    )
    entries, rules = list(found.order_by("pk")), enterable()
    proven = set(Proof.objects.filter(entry__in=entries).values_list("entry_id", flat=True))
    for entry in entries:
        rule = rules.get(entry.metric_id)
        if rule is not None and rule.needs_proof and entry.pk not in proven:
            raise DomainError(_("“{metric}” needs a proof: attach a file, then submit."), code="needs_proof",
                              metric=rule.metric.name)  # fmt: skip
        entry.state, entry.submitted_at = EntryState.SUBMITTED, timezone.now()
    WorkEntry.objects.bulk_update(entries, ["state", "submitted_at"])
    tell_waiting(len(entries), viewer=viewer, today=today or timezone.localdate())
    return len(entries)


@transaction.atomic
def withdraw(entry_id: int, *, viewer: Viewer) -> WorkEntry:
    """Take one's own submitted entry back into the drafts. Raises Conflict once it is decided."""
    entry = own_entry(entry_id, viewer, lock=True)
    if entry.state != EntryState.SUBMITTED:
        raise Conflict(_("This entry is decided already."))
    entry.state, entry.submitted_at = EntryState.DRAFT, None
    entry.save(update_fields=["state", "submitted_at"])
    settle_waiting([entry.employee_id])
    return entry


@transaction.atomic
def delete_entry(entry_id: int, *, viewer: Viewer) -> None:
    """Remove one's own draft or returned entry with its files."""
    entry = own_entry(entry_id, viewer, lock=True)
    if not entry.is_open:
        raise Conflict(_("This entry is submitted or approved already; it can't be changed."))
    for proof in entry.proofs.all():
        forget(proof.path)
    entry.delete()


def _within_reach(entry_ids: list[int], viewer: Viewer, today: date) -> list[WorkEntry]:
    """Return the entries, locked in a fixed order. Raises NotFound unless all belong to people below the viewer.

    Nobody decides about their own entries, whatever their role.
    """
    if not viewer.may(APPROVE_LOG):
        raise NotAllowed
    reach = visible_employees(viewer=viewer, on=today)
    entries = list(WorkEntry.objects.select_for_update().filter(pk__in=entry_ids).order_by("pk"))
    if len(entries) != len(set(entry_ids)):
        raise NotFound
    for entry in entries:
        own = entry.employee_id == viewer.employee_id
        if own or entry.state == EntryState.DRAFT or (reach is not None and entry.employee_id not in reach):
            raise NotFound
    return entries


@transaction.atomic
def approve(entry_ids: list[int], *, viewer: Viewer, today: date) -> int:
    """Turn submitted entries into facts; return how many. Ones that were decided meanwhile stay as they are.

    Raises NotFound for an entry outside the viewer's reach, Conflict while an import is being saved. All or nothing.
    """
    waiting = [e for e in _within_reach(entry_ids, viewer, today) if e.state == EntryState.SUBMITTED]
    if waiting:
        manual.hold_facts()
        manual.record(
            manual.ManualFact(e.external_id, e.metric_id, e.employee_id, e.day, e.value, e.customer) for e in waiting
        )
    return _decide(waiting, EntryState.APPROVED, viewer, comment="")


@transaction.atomic
def send_back(entry_ids: list[int], *, viewer: Viewer, today: date, comment: str) -> int:
    """Return submitted entries with a comment; return how many. Raises DomainError without a comment."""
    waiting = [e for e in _within_reach(entry_ids, viewer, today) if e.state == EntryState.SUBMITTED]
    if not comment.strip():
        raise DomainError(_("Say what should be different: the person reads it."), code="no_comment")
    return _decide(waiting, EntryState.RETURNED, viewer, comment=comment.strip())


@transaction.atomic
def take_back(entry_id: int, *, viewer: Viewer, today: date, comment: str) -> None:
    """Undo an approval: the fact goes, what it said is kept, the entry returns to its person with the comment.

    Raises Conflict for an entry that is not approved.
    """
    (entry,) = _within_reach([entry_id], viewer, today)
    if not comment.strip():
        raise DomainError(_("Say what should be different: the person reads it."), code="no_comment")
    if entry.state != EntryState.APPROVED:
        raise Conflict(_("Only an approved entry can be taken back."))
    manual.hold_facts()
    manual.take_back(entry.external_id)
    _decide([entry], EntryState.RETURNED, viewer, comment=comment.strip())


def _decide(entries: list[WorkEntry], state: str, viewer: Viewer, *, comment: str) -> int:
    for entry in entries:
        entry.state, entry.comment = state, comment
        entry.decided_at, entry.decided_by_id = timezone.now(), viewer.user_id
    WorkEntry.objects.bulk_update(entries, ["state", "comment", "decided_at", "decided_by"])
    tell_decided(entries, comment=comment)
    settle_waiting(entry.employee_id for entry in entries)
    return len(entries)


@transaction.atomic
def add_proof(entry_id: int, file: UploadedFile, *, viewer: Viewer) -> Proof:
    """Attach a file to one's own open entry; the same file again changes nothing.

    Raises DomainError for a file that is too large, empty, one too many or of another type than those taken.
    """
    entry = own_entry(entry_id, viewer, lock=True)
    if not entry.is_open:
        raise Conflict(_("This entry is submitted or approved already; it can't be changed."))
    name, size = os.path.basename(file.name or "proof")[-200:], file.size or 0
    if not 0 < size <= settings.PROOF_MAX_BYTES:
        raise DomainError(_("“{name}” is empty or larger than {most} MB."), code="bad_size", name=name[:80],
                          most=settings.PROOF_MAX_BYTES // 1024 // 1024)  # fmt: skip
    known = sniff(name, file)
    twin = Proof.objects.filter(entry=entry, sha256=known.sha256).first()
    if twin is not None:
        return twin
    if entry.proofs.count() >= settings.PROOFS_PER_ENTRY:
        raise DomainError(_("An entry takes {most} files at most."), code="too_many", most=settings.PROOFS_PER_ENTRY)
    path = default_storage.save(f"proofs/{uuid4()}.{known.kind}", file)
    return Proof.objects.create(
        entry=entry, path=path, file_name=name, kind=known.kind, size=size, sha256=known.sha256
    )


@transaction.atomic
def remove_proof(proof_id: int, *, viewer: Viewer) -> int:
    """Remove a file from one's own open entry; return the entry's id."""
    proof = Proof.objects.filter(pk=proof_id).first()
    if proof is None:
        raise NotFound
    entry = own_entry(proof.entry_id, viewer, lock=True)
    if not entry.is_open:
        raise Conflict(_("This entry is submitted or approved already; it can't be changed."))
    forget(proof.path)
    proof.delete()
    return entry.pk


@transaction.atomic
def save_duties(day: date, lines: list[tuple[str, Decimal]], *, viewer: Viewer, today: date) -> None:
    """Set one's hours by duty of a day, all at once. Raises DomainError for a future day or more than 24 hours."""
    employee_id = employee_of(viewer)
    Employee.objects.select_for_update().get(pk=employee_id)
    if day > today:
        raise DomainError(_("This day is in the future."), code="future")
    if sum((hours for _duty, hours in lines), Decimal(0)) > HOURS_A_DAY:
        raise DomainError(_("A day has 24 hours."), code="bad_value")
    if len(lines) > MOST_DUTIES:
        raise DomainError(_("A day takes {most} lines at most."), code="too_many", most=MOST_DUTIES)
    DutyTime.objects.filter(employee_id=employee_id, day=day).delete()
    rows: list[Any] = [
        DutyTime(employee_id=employee_id, day=day, duty=duty, hours=hours, position=n)
        for n, (duty, hours) in enumerate(lines, 1)
    ]
    DutyTime.objects.bulk_create(rows)
