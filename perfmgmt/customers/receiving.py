"""What programs send: contacts and consents of the whole workspace, without a viewer."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from perfmgmt.customers.consents import store_consent
from perfmgmt.customers.models import Consent, Contact
from perfmgmt.customers.selectors import customer_for
from perfmgmt.customers.services import locked_contacts, store_contact
from perfmgmt.people.zones import known_names
from perfmgmt.tenants.errors import Conflict, NotFound


@transaction.atomic
def receive_contact(contact_id: int | None, values: Mapping[str, Any]) -> Contact:
    """Add a contact (None), or change the given fields of one; `customer` is the text of facts, "" for no company.

    Raises NotFound for a contact, customer or time zone that isn't there, Conflict for a contact that is erased or
    merged, Taken, Nameless, DomainError as `services.add_contact` does.
    """
    contact = Contact() if contact_id is None else locked_contacts(contact_id)[contact_id]
    if contact_id is not None and not contact.is_living:
        raise Conflict
    if "customer" in values:
        contact.customer = customer_for(values["customer"]) if values["customer"] else None
        if values["customer"] and contact.customer is None:
            raise NotFound(_("There is no customer “{text}”."), text=values["customer"][:80])
    if values.get("time_zone") and values["time_zone"] not in known_names():
        raise NotFound(_("There is no time zone “{text}”."), text=values["time_zone"][:80])
    return store_contact(contact, values)


@transaction.atomic
def receive_consent(contact_id: int, *, state: str, source: str, proof: str, at: datetime) -> Consent:
    """Add a consent to a contact. Raises NotFound, and as `consents.store_consent` does."""
    contact = locked_contacts(contact_id)[contact_id]
    return store_consent(contact, state, source, at=at, proof=proof, user_id=None)
