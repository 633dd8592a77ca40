"""Second half of importing contacts: companies, owners, contacts and consents are found or made."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _t

from perfmgmt.customers.consents import store_consent
from perfmgmt.customers.models import ConsentState, Contact, Customer, CustomerOwner
from perfmgmt.customers.rules import person_key, phone_key
from perfmgmt.customers.services import store_contact, store_customer, store_owner
from perfmgmt.metrics.imports.parsing import fold
from perfmgmt.metrics.imports.reasons import Reason, shorten
from perfmgmt.metrics.imports.summary import Summary
from perfmgmt.people.models import Employee
from perfmgmt.tenants.errors import DomainError


@dataclass(frozen=True)
class ContactRow:
    """One row, understood; an empty text was not given and changes nothing."""

    row: int
    company: str = ""
    external_id: str = ""
    customer_type: str = ""
    region: str = ""
    name: str = ""
    email: str = ""
    phone: str = ""
    title: str = ""
    language: str = ""
    time_zone: str = ""
    consent: str = ""
    consent_source: str = ""
    owner: str = ""

    @property
    def is_contact(self) -> bool:
        """Whether the row names a person, and not a company only."""
        return bool(self.name or self.email or self.phone)

    @property
    def customer_id(self) -> str:
        """The text by which the company is found."""
        return self.external_id or self.company


class Unusable(DomainError):
    """A row can't be stored; the reason says why."""

    def __init__(self, key: str, **params: Any) -> None:
        self.reason = Reason.of(key, **params)
        super().__init__(self.reason, code=key)


@dataclass
class Store:
    """What the workspace has, in memory, and the ways to add to it. A refused row leaves nothing."""

    summary: Summary
    today: date
    language: str
    user_id: int | None
    customers: dict[str, Customer] = field(default_factory=dict)
    by_id: dict[int, Customer] = field(default_factory=dict)
    by_email: dict[str, Contact] = field(default_factory=dict)
    by_name: dict[tuple[int | None, str, str], Contact] = field(default_factory=dict)
    employees: dict[str, Employee] = field(default_factory=dict)
    owners: dict[int, int] = field(default_factory=dict)
    seen: dict[int, int] = field(default_factory=dict)  # contact -> the row that named it
    # Of the row that is being saved.
    _row: int = 0
    _found: Contact | None = None
    _fresh: list[Customer] = field(default_factory=list)
    _touched: list[Customer | Contact] = field(default_factory=list)
    _owned: dict[int, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.by_id = {each.pk: each for each in Customer.objects.all()}
        for customer in self.by_id.values():
            self.customers[customer.external_id] = self.by_id[customer.merged_into_id or customer.pk]
        merged = []
        for contact in Contact.objects.filter(erased_at=None).order_by("-pk"):
            if contact.merged_into_id is None:
                self._know(contact)
            elif contact.email:
                merged.append(contact)
        living = {each.pk: each for each in self.by_email.values()} | {e.pk: e for e in self.by_name.values()}
        for contact in merged:  # an address of before means the contact that it was merged into
            if contact.merged_into_id in living:
                self.by_email.setdefault(contact.email, living[contact.merged_into_id])
        self.employees = {fold(each.number): each for each in Employee.objects.all()}
        spells = CustomerOwner.objects.filter(from_day__lte=self.today, to_day__gte=self.today)
        self.owners = dict(spells.values_list("customer_id", "employee_id"))

    def _know(self, contact: Contact) -> None:
        if contact.email:
            self.by_email[contact.email] = contact
        self.by_name[contact.customer_id, contact.match_key, contact.phone_key] = contact
        self.by_name[contact.customer_id, contact.match_key, ""] = contact

    def save(self, row: ContactRow) -> None:
        """Store a row; count what became of it, or refuse it."""
        try:
            with transaction.atomic():
                what = self._saved(row)
        except Unusable as error:
            self.summary.refuse(row.row, error.reason)
            self._forget()
        except DomainError as error:
            self.summary.refuse(row.row, str(error))
            self._forget()
        else:
            setattr(self.summary, what, getattr(self.summary, what) + 1)
            self._keep()

    def _saved(self, row: ContactRow) -> str:
        """Return added, changed or unchanged."""
        self._row, self._found = row.row, None
        self._fresh, self._touched, self._owned = [], [], {}
        customer, changed = self._customer(row)
        if row.owner:
            changed = self._owner(row, customer) or changed
        if not row.is_contact:
            return "added" if self._fresh else "changed" if changed else "unchanged"
        contact, is_new = self._contact(row, customer)
        self._found = contact
        changed = self._fields(contact, row, customer, is_new=is_new) or changed
        changed = self._consent(contact, row) or changed
        return "added" if is_new else "changed" if changed else "unchanged"

    def _keep(self) -> None:
        for customer in self._fresh:
            self.by_id[customer.pk] = self.customers[customer.external_id] = customer
        self.owners |= self._owned
        if self._found is not None:
            self._know(self._found)
            self.seen[self._found.pk] = self._row

    def _forget(self) -> None:
        """Read anew what a refused row changed in memory only."""
        for each in self._touched:
            each.refresh_from_db()

    def _customer(self, row: ContactRow) -> tuple[Customer | None, bool]:
        if not row.customer_id:
            return None, False
        known = self.customers.get(row.customer_id)
        given = {"name": row.company, "customer_type": row.customer_type, "region": row.region}
        given = {name: value for name, value in given.items() if value}
        if known is None:
            customer = store_customer(Customer(), {"external_id": row.customer_id, **given})
            self._fresh.append(customer)
            return customer, True
        if known.external_id != row.customer_id:  # of one that was merged away
            return known, False
        if not row.external_id:
            given.pop("name", None)  # found by the text of facts, which need not be its name
        if all(getattr(known, name) == value for name, value in given.items()):
            return known, False
        self._touched.append(known)
        return store_customer(known, given), True

    def _owner(self, row: ContactRow, customer: Customer | None) -> bool:
        employee = self.employees.get(fold(row.owner))
        if employee is None:
            raise Unusable("unknown_person", text=shorten(row.owner))
        if customer is None:
            raise Unusable("owner_without_customer")
        if self.owners.get(customer.pk) == employee.pk:
            return False
        changed = store_owner(customer.pk, employee, self.today)
        self._owned[customer.pk] = employee.pk
        return changed

    def _contact(self, row: ContactRow, customer: Customer | None) -> tuple[Contact, bool]:
        """Find the contact by address, else by number and name, else by name at its company; or begin a new one."""
        pk = customer.pk if customer is not None else None
        found = self.by_email.get(row.email) if row.email else None
        if found is None and row.name:
            key = person_key(row.name)
            same = self.by_name.get((pk, key, phone_key(row.phone)))
            # Somebody with another address is another person of the same name.
            if same is not None and not (row.email and same.email):
                found = same
        if found is None:
            return Contact(customer=customer, language=self.language if self.language == "en" else "zh-hans"), True
        if found.pk in self.seen:
            raise Unusable("doubled_contact", row=self.seen[found.pk])
        self._touched.append(found)
        return found, False

    def _fields(self, contact: Contact, row: ContactRow, customer: Customer | None, *, is_new: bool) -> bool:
        given = {
            name: value
            for name in ("name", "email", "phone", "title", "language", "time_zone")
            if (value := getattr(row, name))
        }
        moves = customer is not None and contact.customer_id != customer.pk
        if not is_new and not moves and all(getattr(contact, name) == value for name, value in given.items()):
            return False
        if moves:
            contact.customer = customer
        store_contact(contact, given)
        return True

    def _consent(self, contact: Contact, row: ContactRow) -> bool:
        if not row.consent or row.consent == contact.consent:
            return False
        if row.consent == ConsentState.GIVEN and contact.consent:
            # A list of before must not write again to somebody who said no.
            raise Unusable("consent_said_no")
        source = row.consent_source or _t("Imported list")
        store_consent(
            contact, row.consent, source, at=timezone.now() - timedelta(seconds=1), proof="", user_id=self.user_id
        )
        return True
