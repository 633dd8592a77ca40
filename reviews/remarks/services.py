"""Writes of remarks: logged with proof, changed for a week, confirmed or rejected by others, withdrawn."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from perfmgmt.customers import merging
from perfmgmt.customers.access import contact_of
from perfmgmt.customers.models import Contact
from perfmgmt.people.models import Employee
from perfmgmt.people.viewer import Viewer
from perfmgmt.tenants.errors import Conflict, DomainError, NotAllowed, NotFound
from perfmgmt.web.attachments import forget, keep
from reviews.followups.telling import without
from reviews.models import Remark, RemarkKind, RemarkProof, RemarkState
from reviews.remarks.access import may_decide, may_edit, may_log_about, may_withdraw, visible_remarks

#: So many files prove one remark at most.
MOST_PROOFS = 5


@dataclass(frozen=True)
class RemarkDraft:
    """What was said about whom, when, by which way; `customer_name` for who is no contact."""

    kind: str
    channel: str
    day: date
    employee: Employee
    text: str
    customer_name: str = ""


@transaction.atomic
def log(
    draft: RemarkDraft, files: Sequence[UploadedFile], *, contact_id: int | None, viewer: Viewer, today: date
) -> Remark:
    """Log what a customer said, with the files that prove it.

    Raises NotAllowed (a person out of reach), NotFound (a contact that is not theirs to see), DomainError: a day to
    come, nobody named, praise for oneself without a proof, a file that is not taken.
    """
    if not may_log_about(draft.employee.pk, viewer, today):
        raise NotAllowed
    contact = contact_of(contact_id, viewer=viewer, on=today) if contact_id is not None else None
    if contact is not None and not contact.is_living:
        raise NotFound
    _check(draft, today, has_contact=contact is not None)
    made = Remark.objects.create(
        **columns_of(draft), contact=contact, logged_by_id=viewer.user_id, logged_at=timezone.now()
    )
    _attach(made, files)
    _require_proof(made, viewer)
    return made


def columns_of(draft: RemarkDraft) -> dict[str, object]:
    """Return a draft's columns."""
    plain = {name: getattr(draft, name) for name in ("kind", "channel", "day", "employee")}
    return plain | {"text": draft.text.strip(), "customer_name": draft.customer_name.strip()}


def _check(draft: RemarkDraft, today: date, *, has_contact: bool) -> None:
    if draft.day > today:
        raise DomainError(_("This day is in the future."), code="future")
    if not draft.text.strip():
        raise DomainError(_("Write down what the customer said."), code="no_text")
    if not has_contact and not draft.customer_name.strip():
        raise DomainError(_("Say which customer said it."), code="no_customer")


def _attach(remark: Remark, files: Sequence[UploadedFile]) -> None:
    if remark.proofs.count() + len(files) > MOST_PROOFS:
        raise DomainError(_("A remark has {most} files at most."), code="too_many", most=MOST_PROOFS)
    for file in files:
        stored = keep("remarks", file, fallback="proof")
        if remark.proofs.filter(sha256=stored["sha256"]).exists():
            forget(str(stored["path"]))
        else:
            RemarkProof.objects.create(remark=remark, **stored)


def _require_proof(remark: Remark, viewer: Viewer) -> None:
    is_own = remark.employee_id == viewer.employee_id
    if is_own and remark.kind == RemarkKind.PRAISE and not remark.proofs.exists():
        raise DomainError(_("Praise for yourself needs a proof: attach a file."), code="needs_proof")


def _locked(remark_id: int, viewer: Viewer, today: date) -> Remark:
    found = visible_remarks(viewer, today).select_for_update(of=("self",)).filter(pk=remark_id).first()
    if found is None:
        raise NotFound
    return found


@transaction.atomic
def edit(remark_id: int, draft: RemarkDraft, files: Sequence[UploadedFile], *, viewer: Viewer, today: date) -> Remark:
    """Change what one logged oneself within a week; it waits to be confirmed again.

    Raises NotFound, Conflict (too late, withdrawn, not one's own), otherwise as `log`.
    """
    found, now = _locked(remark_id, viewer, today), timezone.now()
    if not may_edit(found, viewer, now):
        raise Conflict(_("It can be changed for 7 days by who logged it. Withdraw it and log it anew."))
    if not may_log_about(draft.employee.pk, viewer, today):
        raise NotAllowed
    _check(draft, today, has_contact=found.contact_id is not None)
    for name, value in columns_of(draft).items():
        setattr(found, name, value)
    found.state, found.edited_at = RemarkState.LOGGED, now
    found.decided_by, found.decided_at, found.reason = None, None, ""
    found.save()
    _attach(found, files)
    _require_proof(found, viewer)
    return found


def seen_of(remark: Remark) -> str:
    """Return what tells a remark from what its author made of it later: nobody confirms what they did not read."""
    return remark.edited_at.isoformat() if remark.edited_at is not None else ""


@transaction.atomic
def decide(remark_id: int, *, confirms: bool, reason: str, seen: str, viewer: Viewer, today: date) -> Remark:
    """Confirm or reject what somebody else logged; rejecting needs a reason. `seen`: `seen_of` what was read.

    Raises NotFound, Conflict, NotAllowed, DomainError.
    """
    found = _locked(remark_id, viewer, today)
    if found.state != RemarkState.LOGGED or seen != seen_of(found):
        raise Conflict
    if not may_decide(found, viewer, today):
        raise NotAllowed
    if not confirms and not reason.strip():
        raise DomainError(_("Say why it is rejected."), code="no_reason")
    found.state = RemarkState.CONFIRMED if confirms else RemarkState.REJECTED
    found.decided_by_id, found.decided_at, found.reason = viewer.user_id, timezone.now(), reason.strip()[:500]
    found.save(update_fields=["state", "decided_by", "decided_at", "reason"])
    return found


@transaction.atomic
def withdraw(remark_id: int, *, viewer: Viewer, today: date) -> Remark:
    """Withdraw a remark: it stays in the list, marked. Twice is once. Raises NotFound, NotAllowed."""
    found = _locked(remark_id, viewer, today)
    if found.state == RemarkState.WITHDRAWN:
        return found
    if not may_withdraw(found, viewer):
        raise NotAllowed
    found.state = RemarkState.WITHDRAWN
    found.save(update_fields=["state"])
    return found


def on_merged(what: str, loser_id: int, winner_id: int) -> None:
    """Give a contact's remarks to the one that stands for it from now on."""
    if what == merging.CONTACT:
        Remark.objects.filter(contact_id=loser_id).update(contact_id=winner_id)


def on_erased(contact_id: int) -> None:
    """Unlink an erased contact and take their name out of the words; the files, which may show them, go."""
    contact = Contact.objects.get(pk=contact_id)
    for remark in Remark.objects.filter(contact_id=contact_id).prefetch_related("proofs"):
        remark.text, remark.contact = without(remark.text, contact), None
        remark.customer_name, remark.reason = "", without(remark.reason, contact)
        remark.save(update_fields=["text", "contact", "customer_name", "reason"])
        for proof in remark.proofs.all():
            forget(proof.path)
            proof.delete()
