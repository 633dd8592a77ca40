"""Writes about customers: companies, who looks after them, and their contacts.

Locks are taken in one order: customers by id, then contacts by id.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from perfmgmt.customers.access import require_edit
from perfmgmt.customers.models import Contact, Customer, CustomerOwner
from perfmgmt.customers.permissions import MANAGE_CUSTOMERS
from perfmgmt.customers.rules import ONE_DAY, company_key, email_key, person_key, phone_key, plain_email
from perfmgmt.people.lines import fingerprint
from perfmgmt.people.models import FOREVER, Employee
from perfmgmt.people.names import name_key
from perfmgmt.people.viewer import Viewer
from perfmgmt.tenants.errors import Conflict, DomainError, NotAllowed, NotFound

CUSTOMER_FIELDS = ("external_id", "name", "customer_type", "region", "note")
CONTACT_FIELDS = ("name", "email", "phone", "language", "time_zone", "title", "note")


class Taken(Conflict):
    """The id or the address belongs to another one already."""

    code = "taken"
    message = _("Another customer has this id already.")


class Nameless(DomainError):
    """Nothing would tell the contact from others."""

    code = "nameless"
    message = _("Give at least a name, an email or a phone number.")


def require_manage(viewer: Viewer) -> None:
    """Raise NotAllowed unless the viewer manages all customers."""
    if not viewer.may(MANAGE_CUSTOMERS):
        raise NotAllowed


def locked_customers(*ids: int) -> dict[int, Customer]:
    """Return customers by id, locked in the order of their ids. Raises NotFound unless all are there."""
    found = {each.pk: each for each in Customer.objects.select_for_update().filter(pk__in=ids).order_by("pk")}
    if found.keys() != set(ids):
        raise NotFound
    return found


def locked_contacts(*ids: int) -> dict[int, Contact]:
    """Return contacts by id, locked in the order of their ids. Raises NotFound unless all are there."""
    found = {each.pk: each for each in Contact.objects.select_for_update().filter(pk__in=ids).order_by("pk")}
    if found.keys() != set(ids):
        raise NotFound
    return found


def seen(row: Customer | Contact) -> str:
    """Return what a page showed of a customer or contact, to tell later whether somebody changed it since."""
    names = CUSTOMER_FIELDS if isinstance(row, Customer) else (*CONTACT_FIELDS, "customer_id")
    return fingerprint(row, *names)


@transaction.atomic
def add_customer(values: Mapping[str, Any], *, viewer: Viewer) -> Customer:
    """Add a company with the fields of CUSTOMER_FIELDS. Raises NotAllowed, Taken for an id that is known."""
    require_manage(viewer)
    return store_customer(Customer(), values)


@transaction.atomic
def change_customer(
    customer_id: int, values: Mapping[str, Any], *, shown: str, viewer: Viewer, today: date
) -> Customer:
    """Change a company; only who manages all may change its id.

    Raises NotAllowed, Taken, and Conflict when somebody changed it since it was `shown`, or it was merged away.
    """
    require_edit(viewer, customer_id, on=today)
    customer = locked_customers(customer_id)[customer_id]
    if customer.merged_into_id is not None or seen(customer) != shown:
        raise Conflict
    given = dict(values)
    if not viewer.may(MANAGE_CUSTOMERS):
        given["external_id"] = customer.external_id
    return store_customer(customer, given)


def store_customer(customer: Customer, values: Mapping[str, Any]) -> Customer:
    """Write the given fields of a company and what is derived from its name. Raises Taken."""
    for name in CUSTOMER_FIELDS:
        if name in values:
            setattr(customer, name, str(values[name]).strip())
    customer.name = customer.name or customer.external_id
    customer.name_key, customer.match_key = name_key(customer.name), company_key(customer.name)
    customer.updated_at = timezone.now()
    try:
        with transaction.atomic():
            customer.save()
    except IntegrityError as error:
        raise Taken from error
    return customer


@transaction.atomic
def set_owner(customer_id: int, employee: Employee | None, *, from_day: date, viewer: Viewer) -> None:
    """Let an employee (None: nobody) look after a customer from a day on; what was planned for later goes.

    Raises NotAllowed, DomainError for who has left by then.
    """
    require_manage(viewer)
    locked_customers(customer_id)
    store_owner(customer_id, employee, from_day)


def store_owner(customer_id: int, employee: Employee | None, from_day: date) -> bool:
    """Write who looks after a locked customer from a day on; return whether that changed anything."""
    if employee is not None and employee.left_on is not None and employee.left_on < from_day:
        raise DomainError(_("{name} has left by then."), code="has_left", name=employee.name)
    spells = list(CustomerOwner.objects.filter(customer_id=customer_id, to_day__gte=from_day).order_by("from_day"))
    wanted = employee.pk if employee is not None else None
    if [(s.employee_id, s.to_day) for s in spells if s.from_day <= from_day] == [(wanted, FOREVER)]:
        return False
    if wanted is None and not spells:
        return False
    for spell in spells:
        if spell.from_day >= from_day:
            spell.delete()
        else:
            spell.to_day = from_day - ONE_DAY
            spell.save(update_fields=["to_day"])
    if employee is not None:
        CustomerOwner.objects.create(customer_id=customer_id, employee=employee, from_day=from_day)
    return True


@transaction.atomic
def add_contact(values: Mapping[str, Any], *, customer_id: int | None, viewer: Viewer, today: date) -> Contact:
    """Add a contact with the fields of CONTACT_FIELDS to a company, or to none.

    Raises NotAllowed, Nameless, Taken for an address that another contact has, DomainError for one that is none.
    """
    require_edit(viewer, customer_id, on=today)
    if customer_id is not None:
        customer_id = locked_customers(customer_id)[customer_id].merged_into_id or customer_id
    return store_contact(Contact(customer_id=customer_id), values)


@transaction.atomic
def change_contact(
    contact_id: int, values: Mapping[str, Any], *, viewer: Viewer, today: date, shown: str | None = None
) -> Contact:
    """Change the given fields of a contact; `customer_id` among them moves it to another company.

    Raises as `add_contact`, and Conflict when somebody changed it since it was `shown`, or it no longer stands for
    a person.
    """
    contact = locked_contacts(contact_id)[contact_id]
    require_edit(viewer, contact.customer_id, on=today)
    if not contact.is_living or (shown is not None and seen(contact) != shown):
        raise Conflict
    if "customer_id" in values and values["customer_id"] != contact.customer_id:
        require_edit(viewer, values["customer_id"], on=today)
        contact.customer_id = values["customer_id"]
    return store_contact(contact, values)


def store_contact(contact: Contact, values: Mapping[str, Any]) -> Contact:
    """Write the given fields of a contact and what is derived from them. Raises Nameless, Taken, DomainError."""
    for name in CONTACT_FIELDS:
        if name in values:
            setattr(contact, name, str(values[name]).strip())
    contact.email = _checked(contact.email)
    if not (contact.name or contact.email or contact.phone):
        raise Nameless
    contact.name_key, contact.match_key = name_key(contact.name), person_key(contact.name)
    contact.email_key, contact.phone_key = email_key(contact.email), phone_key(contact.phone)
    contact.updated_at = timezone.now()
    try:
        with transaction.atomic():
            contact.save()
    except IntegrityError as error:
        raise Taken(_("Another contact has this email already. Look for duplicates and merge them.")) from error
    return contact


def _checked(email: str) -> str:
    address = plain_email(email)
    if address:
        try:
            validate_email(address)
        except ValidationError as error:
            raise DomainError(_("“{text}” is not an email address."), code="bad_email", text=address[:80]) from error
    return address


def owners_on(customer_ids: Iterable[int], day: date) -> dict[int, Employee]:
    """Return who looks after each of some customers on a day; one query."""
    rows = CustomerOwner.objects.select_related("employee").filter(
        customer_id__in=list(customer_ids), from_day__lte=day, to_day__gte=day
    )
    return {row.customer_id: row.employee for row in rows}
