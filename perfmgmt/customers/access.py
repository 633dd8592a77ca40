"""Whose customers somebody sees, and how much of their contacts."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from django.db.models import Exists, OuterRef, Q, QuerySet

from perfmgmt.customers.models import Contact, Customer, CustomerOwner
from perfmgmt.customers.permissions import EDIT_CUSTOMERS, MANAGE_CUSTOMERS, SEE_CUSTOMERS
from perfmgmt.customers.rules import masked_email, masked_name, masked_phone
from perfmgmt.people.roles import SEES_EVERYBODY
from perfmgmt.people.selectors import visible_employees
from perfmgmt.people.viewer import Viewer
from perfmgmt.tenants.errors import NotAllowed, NotFound


@dataclass(frozen=True)
class Reach:
    """What a viewer sees on a day. `employees` are the people whose customers they see; None: all customers.

    Customers of these people today are theirs to see in full. Those that one of them looked after before are still
    shown, with the data of their contacts masked.
    """

    viewer: Viewer
    on: date
    employees: tuple[int, ...] | None

    @classmethod
    def of(cls, viewer: Viewer, on: date) -> "Reach":
        """Return what a viewer sees on a day; nothing for who may see no customers."""
        if not viewer.may(SEE_CUSTOMERS):
            return cls(viewer, on, ())
        found = visible_employees(viewer=viewer, on=on)
        return cls(viewer, on, None if found is None else tuple(found))

    def full(self) -> Q:
        """The condition for customers whose contacts are shown in full."""
        if self.employees is None:
            return Q()
        held = self._held("pk").filter(from_day__lte=self.on, to_day__gte=self.on)
        return Q(Exists(held))

    def some(self) -> Q:
        """The condition for customers that are shown at all."""
        return Q() if self.employees is None else Q(Exists(self._held("pk").filter(from_day__lte=self.on)))

    def contacts(self) -> Q:
        """The condition for contacts that are shown in full."""
        if self.employees is None:
            return Q()
        return Q(Exists(self._held("customer_id").filter(from_day__lte=self.on, to_day__gte=self.on)))

    def _held(self, column: str) -> QuerySet[CustomerOwner]:
        return CustomerOwner.objects.filter(customer_id=OuterRef(column), employee_id__in=self.employees or ())

    def customers(self) -> QuerySet[Customer]:
        """Return the customers that are shown, those that were merged away left out."""
        return Customer.objects.filter(self.some(), merged_into=None)

    def in_full(self, customer_ids: Iterable[int]) -> set[int]:
        """Return which of some customers are shown in full; one query, none for who sees all."""
        ids = set(customer_ids)
        if self.employees is None or not ids:
            return ids
        return set(Customer.objects.filter(self.full(), pk__in=ids).values_list("pk", flat=True))


def customer_of(customer_id: int, *, viewer: Viewer, on: date) -> tuple[Customer, bool]:
    """Return a customer that the viewer sees, and whether in full; one that was merged away: the other.

    Raises NotFound.
    """
    reach = Reach.of(viewer, on)
    found = Customer.objects.select_related("merged_into").filter(pk=customer_id).first()
    found = found.merged_into if found is not None and found.merged_into else found
    if found is None or not reach.customers().filter(pk=found.pk).exists():
        raise NotFound
    return found, bool(reach.in_full([found.pk]))


def contact_of(contact_id: int, *, viewer: Viewer, on: date) -> Contact:
    """Return a contact that the viewer sees in full; one that was merged away: the other. Raises NotFound."""
    found = Contact.objects.select_related("merged_into").filter(pk=contact_id).first()
    wanted = (found.merged_into_id or found.pk) if found is not None else 0
    seen = Contact.objects.select_related("customer").filter(Reach.of(viewer, on).contacts(), pk=wanted).first()
    if seen is None or not viewer.may(SEE_CUSTOMERS):
        raise NotFound
    return seen


def require_edit(viewer: Viewer, customer_id: int | None, *, on: date) -> None:
    """Raise NotAllowed unless the viewer may change this customer and its contacts (None: contacts without one)."""
    if not viewer.may(EDIT_CUSTOMERS):
        raise NotAllowed
    if viewer.may(MANAGE_CUSTOMERS):
        return
    # Who also reads everything (an auditor who leads people) changes what their own line looks after only.
    own = replace(viewer, roles=viewer.roles - SEES_EVERYBODY)
    if customer_id is None or not Reach.of(own, on).in_full([customer_id]):
        raise NotAllowed


def may_edit(viewer: Viewer, customer_id: int | None, *, on: date) -> bool:
    """Return whether the viewer may change this customer and its contacts."""
    try:
        require_edit(viewer, customer_id, on=on)
    except NotAllowed:
        return False
    return True


def masked(contact: Contact) -> Contact:
    """Mask what names a person, on this object only; it must not be saved."""
    contact.name, contact.email = masked_name(contact.name), masked_email(contact.email)
    contact.phone, contact.note, contact.title = masked_phone(contact.phone), "", ""
    return contact
