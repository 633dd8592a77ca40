"""What contacts agreed to: entries are added, and the contact keeps the state of the last one."""

from datetime import datetime
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from perfmgmt.customers.access import require_edit
from perfmgmt.customers.models import Consent, ConsentState, Contact
from perfmgmt.customers.services import locked_contacts
from perfmgmt.people.viewer import Viewer
from perfmgmt.tenants.errors import Conflict, DomainError
from perfmgmt.tenants.events import publish
from perfmgmt.web.attachments import keep


@transaction.atomic
def record_consent(
    contact_id: int,
    *,
    state: str,
    source: str,
    at: datetime,
    viewer: Viewer,
    proof: str = "",
    file: UploadedFile | None = None,
) -> Consent:
    """Write down what a contact said at a time, where that is known from, and what proves it (a text, a file).

    Raises NotAllowed, Conflict for a contact that no longer stands for a person, DomainError for a time to come, no
    source, or a file that is not taken.
    """
    contact = locked_contacts(contact_id)[contact_id]
    require_edit(viewer, contact.customer_id, on=timezone.localdate())
    stored: dict[str, Any] = keep("consents", file, fallback="proof") if file is not None else {}
    return store_consent(contact, state, source, at=at, proof=proof, user_id=viewer.user_id, **stored)


@transaction.atomic
def note_consent(contact_id: int, *, state: str, source: str, at: datetime, proof: str = "") -> Consent:
    """Write down what a contact said to the system itself, such as by an unsubscribe link. Raises as `store_consent`.

    For a contact that was merged away the other one is meant.
    """
    wanted = Contact.objects.filter(pk=contact_id).values_list("merged_into_id", flat=True).first() or contact_id
    contact = locked_contacts(wanted)[wanted]
    return store_consent(contact, state, source, at=at, proof=proof, user_id=None)


def store_consent(
    contact: Contact, state: str, source: str, *, at: datetime, proof: str, user_id: int | None, **file: Any
) -> Consent:
    """Add an entry to a locked contact and bring its state up to date.

    Raises Conflict for a contact that is erased or merged, DomainError for a time to come or no source.
    """
    if not contact.is_living:
        raise Conflict
    if state not in ConsentState.values or not source.strip():
        raise DomainError(_("Say where the consent is known from."), code="no_source")
    if at > timezone.now():
        raise DomainError(_("This day is in the future."), code="future")
    entry = Consent.objects.create(
        contact=contact,
        state=state,
        source=source.strip(),
        proof=proof.strip(),
        at=at,
        recorded_by_id=user_id,
        **file,
    )
    refresh_state(contact)
    return entry


def refresh_state(contact: Contact) -> None:
    """Keep the state of the last entry on a locked contact; tells `customers.consent_changed` when it is another."""
    last = Consent.objects.filter(contact=contact).order_by("-at", "-pk").first()
    state, at = (last.state, last.at) if last is not None else ("", None)
    if (contact.consent, contact.consent_at) == (state, at):
        return
    changed = contact.consent != state
    contact.consent, contact.consent_at, contact.updated_at = state, at, timezone.now()
    contact.save(update_fields=["consent", "consent_at", "updated_at"])
    if changed:
        publish("customers.consent_changed", contact_id=contact.pk, state=state)
