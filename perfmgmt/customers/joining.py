"""Merging duplicates: one stays, the other points at it, and so does what pointed at the other."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from perfmgmt.customers import apart, merging
from perfmgmt.customers.consents import refresh_state
from perfmgmt.customers.models import Consent, Contact, Customer, CustomerOwner
from perfmgmt.customers.rules import uncovered
from perfmgmt.customers.services import (
    CONTACT_FIELDS,
    locked_contacts,
    locked_customers,
    require_manage,
    store_contact,
    store_customer,
)
from perfmgmt.people.viewer import Viewer
from perfmgmt.tenants.errors import Conflict, DomainError

CONTACT_CHOICES = (*CONTACT_FIELDS, "customer_id")
CUSTOMER_CHOICES = ("name", "customer_type", "region", "note")


class SameOne(DomainError):
    """Nothing is merged with itself."""

    code = "same"
    message = _("These two are one already.")


def _chosen(winner: Any, loser: Any, fields: tuple[str, ...], taken: Mapping[str, str]) -> dict[str, Any]:
    """Return the fields to write: those taken from the loser, and those that the winner lacks."""
    found = {name: getattr(loser if taken.get(name) == "loser" else winner, name) for name in fields}
    return {
        name: getattr(loser, name) if value in ("", None) and name not in taken else value
        for name, value in found.items()
    }


@transaction.atomic
def merge_contacts(winner_id: int, loser_id: int, *, take: Mapping[str, str], viewer: Viewer) -> Contact:
    """Merge a contact into another; `take` says for fields of CONTACT_CHOICES "winner" or "loser".

    A field that is not in it is the winner's, or the loser's where the winner has none. Consents move; the last one
    counts. Raises NotAllowed, NotFound, SameOne, Conflict when one of them no longer stands for a person.
    """
    require_manage(viewer)
    if winner_id == loser_id:
        raise SameOne
    rows = locked_contacts(winner_id, loser_id)
    winner, loser = rows[winner_id], rows[loser_id]
    if not winner.is_living or not loser.is_living:
        raise Conflict
    values = _chosen(winner, loser, CONTACT_CHOICES, take)
    merging.moved(merging.CONTACT, loser_id, winner_id)
    apart.merged("contact", loser_id, winner_id)
    # First of all: the address is free for the winner then.
    Contact.objects.filter(merged_into=loser).update(merged_into=winner)
    loser.merged_into, loser.updated_at = winner, timezone.now()
    loser.save(update_fields=["merged_into", "updated_at"])
    winner.customer_id = values.pop("customer_id")
    store_contact(winner, values)
    Consent.objects.filter(contact=loser).update(contact=winner)
    refresh_state(winner)
    return winner


@transaction.atomic
def merge_customers(winner_id: int, loser_id: int, *, take: Mapping[str, str], viewer: Viewer) -> Customer:
    """Merge a company into another; `take` says for fields of CUSTOMER_CHOICES "winner" or "loser".

    Contacts move. Days on which the winner had no owner get the loser's. Facts keep the loser's text, which finds the
    winner from now on. Raises NotAllowed, NotFound, SameOne, Conflict for one that was merged already.
    """
    require_manage(viewer)
    if winner_id == loser_id:
        raise SameOne
    rows = locked_customers(winner_id, loser_id)
    winner, loser = rows[winner_id], rows[loser_id]
    if winner.merged_into_id is not None or loser.merged_into_id is not None:
        raise Conflict
    values = _chosen(winner, loser, CUSTOMER_CHOICES, take)
    merging.moved(merging.CUSTOMER, loser_id, winner_id)
    apart.merged("customer", loser_id, winner_id)
    Contact.objects.filter(customer=loser).update(customer=winner, updated_at=timezone.now())
    _join_owners(winner, loser)
    Customer.objects.filter(merged_into=loser).update(merged_into=winner)
    loser.merged_into, loser.updated_at = winner, timezone.now()
    loser.save(update_fields=["merged_into", "updated_at"])
    return store_customer(winner, values)


def _join_owners(winner: Customer, loser: Customer) -> None:
    held = [(spell.from_day, spell.to_day) for spell in CustomerOwner.objects.filter(customer=winner)]
    for spell in CustomerOwner.objects.filter(customer=loser).order_by("from_day"):
        for first, last in uncovered((spell.from_day, spell.to_day), held):
            CustomerOwner.objects.create(customer=winner, employee_id=spell.employee_id, from_day=first, to_day=last)
        spell.delete()
