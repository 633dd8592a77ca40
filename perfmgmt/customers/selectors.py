"""Reads of customers and contacts: lists as pages show them, and what other apps ask."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Replace
from django.utils.translation import pgettext_lazy

from perfmgmt.customers import apart
from perfmgmt.customers.access import Reach
from perfmgmt.customers.models import Apart, ConsentState, Contact, Customer, CustomerOwner
from perfmgmt.customers.rules import alike
from perfmgmt.people.selectors import LAST_CHARACTER
from perfmgmt.people.viewer import Viewer

SORTS: Mapping[str, tuple[str, ...]] = {
    "": ("name_key", "id"),
    "name": ("name_key", "id"), "-name": ("-name_key", "-id"),
    "type": ("customer_type", "name_key", "id"), "-type": ("-customer_type", "name_key", "id"),
    "region": ("region", "name_key", "id"), "-region": ("-region", "name_key", "id"),
    "owner": ("owner_name", "name_key", "id"), "-owner": ("-owner_name", "name_key", "id"),
    "contacts": ("people", "name_key", "id"), "-contacts": ("-people", "name_key", "id"),
}  # fmt: skip
CONTACT_SORTS: Mapping[str, tuple[str, ...]] = {
    "": ("name_key", "id"),
    "name": ("name_key", "id"), "-name": ("-name_key", "-id"),
    "company": ("customer__name_key", "name_key", "id"), "-company": ("-customer__name_key", "name_key", "id"),
    "consent": ("consent", "name_key", "id"), "-consent": ("-consent", "name_key", "id"),
}  # fmt: skip
PARAMETERS = frozenset({"q", "type", "region", "owner", "consent", "language", "sort"})
NOBODY, UNASKED = "none", "none"
CONSENTS = [*ConsentState.choices, (UNASKED, pgettext_lazy("consent", "Not asked"))]
MOST_GROUPS = 300


@dataclass(frozen=True)
class Wanted:
    """What the address of a list asks for, with nonsense taken out. `owner` is an employee's id, "none", or ""."""

    search: str = ""
    customer_type: str = ""
    region: str = ""
    owner: str = ""
    consent: str = ""
    language: str = ""
    sort: str = ""

    @property
    def is_filtered(self) -> bool:
        """Whether anything narrows the list."""
        return self != Wanted(sort=self.sort)


def read(query: Mapping[str, str], *, sorts: Mapping[str, Any] = SORTS) -> Wanted:
    """Return what an address asks for."""
    owner, consent = query.get("owner", ""), query.get("consent", "")
    is_id = owner.isascii() and owner.isdecimal() and len(owner) < 19
    return Wanted(
        search=query.get("q", "")[:100].replace("\0", "").strip(),
        customer_type=query.get("type", "")[:60].replace("\0", ""),
        region=query.get("region", "")[:60].replace("\0", ""),
        owner=owner if is_id or owner == NOBODY else "",
        consent=consent if consent in dict(CONSENTS) else "",
        language=query.get("language", "") if query.get("language", "") in ("zh-hans", "en") else "",
        sort=query.get("sort", "") if query.get("sort", "") in sorts else "",
    )


def _named(search: str) -> Q:
    """The condition for a name that is typed in characters, pinyin or initials; needs the annotation `pinyin`."""
    compact = search.casefold().replace(" ", "")
    initials = Q(initials__gte=compact, initials__lt=compact + LAST_CHARACTER)
    return Q(name__icontains=search) | Q(pinyin__contains=compact) | initials


def customers(wanted: Wanted, *, viewer: Viewer, on: date) -> QuerySet[Customer]:
    """Return the customers a viewer sees on a day, with `owner_name` and `people` (living contacts), in order.

    Contacts' names and addresses find a customer only where they are shown in full.
    """
    reach = Reach.of(viewer, on)
    held = CustomerOwner.objects.filter(customer_id=OuterRef("pk"), from_day__lte=on, to_day__gte=on)
    living = Contact.objects.filter(customer_id=OuterRef("pk"), erased_at=None, merged_into=None).order_by()
    found = reach.customers().annotate(
        owner_id=Subquery(held.values("employee_id")[:1]),
        owner_name=Subquery(held.values("employee__name")[:1]),
        people=Subquery(living.values("customer_id").annotate(n=Count("pk")).values("n")),
    )
    if wanted.search:
        named = _contacts_named(wanted.search, reach).values("customer_id")
        found = found.annotate(pinyin=Replace("name_key", Value(" "), Value(""))).filter(
            _named(wanted.search) | Q(external_id__icontains=wanted.search) | Q(pk__in=named)
        )
    if wanted.customer_type:
        found = found.filter(customer_type=wanted.customer_type)
    if wanted.region:
        found = found.filter(region=wanted.region)
    if wanted.owner:
        found = found.filter(owner_id=None) if wanted.owner == NOBODY else found.filter(owner_id=int(wanted.owner))
    return found.order_by(*SORTS[wanted.sort])


def _contacts_named(search: str, reach: Reach) -> QuerySet[Contact]:
    """Return the living contacts of a reach by name, pinyin, initials, address or number."""
    found = Contact.objects.filter(reach.contacts(), erased_at=None, merged_into=None)
    digits = "".join(each for each in search if each.isdigit())
    by_phone = Q(phone_key__contains=digits) if len(digits) >= 4 else Q(pk__in=[])
    return found.annotate(pinyin=Replace("name_key", Value(" "), Value(""))).filter(
        _named(search) | Q(email__icontains=search.casefold()) | by_phone
    )


def contacts(wanted: Wanted | None = None, *, viewer: Viewer, on: date) -> QuerySet[Contact]:
    """Return the living contacts that a viewer sees in full on a day, with their company, in order."""
    wanted, reach = wanted or Wanted(), Reach.of(viewer, on)
    if reach.employees == ():
        return Contact.objects.none()
    found = (
        _contacts_named(wanted.search, reach)
        if wanted.search
        else Contact.objects.filter(reach.contacts(), erased_at=None, merged_into=None)
    )
    if wanted.consent:
        found = found.filter(consent="" if wanted.consent == UNASKED else wanted.consent)
    if wanted.language:
        found = found.filter(language=wanted.language)
    if wanted.customer_type:
        found = found.filter(customer__customer_type=wanted.customer_type)
    return found.select_related("customer").order_by(*CONTACT_SORTS[wanted.sort])


def choices(viewer: Viewer, on: date) -> dict[str, list[Any]]:
    """Return what the filters of the list offer: types and regions that there are, owners of today."""
    seen = Reach.of(viewer, on).customers()
    pairs = set(seen.order_by().values_list("customer_type", "region").distinct())
    spells = CustomerOwner.objects.filter(customer__in=seen.order_by().values("pk"), from_day__lte=on, to_day__gte=on)
    owners = spells.order_by("employee__name_key", "employee_id").values_list("employee_id", "employee__name")
    return {
        "types": sorted({kind for kind, _region in pairs if kind}),
        "regions": sorted({region for _kind, region in pairs if region}),
        "owners": list(dict.fromkeys(owners)),
    }


def customer_for(external_id: str) -> Customer | None:
    """Return the company that a fact's text means; for one that was merged away the other. Else None."""
    found = Customer.objects.select_related("merged_into").filter(external_id=external_id).first()
    return (found.merged_into or found) if found is not None else None


@dataclass(frozen=True)
class Reachable:
    """The contact to write to, or why there is none: `unknown_customer`, `no_contact`, `no_email`, `no_consent`,
    `refused`, or `withdrawn`."""

    contact: Contact | None
    why: str = ""


def reachable_contact(external_id: str) -> Reachable:
    """Return whom to write to at the company of a fact's text: with an address and consent, the one known longest.

    Two queries, without regard to who looks: for the system's own mail.
    """
    customer = customer_for(external_id)
    if customer is None:
        return Reachable(None, "unknown_customer")
    found = list(Contact.objects.filter(customer=customer, erased_at=None, merged_into=None).order_by("pk"))
    return chosen_contact(found)


def chosen_contact(found: Iterable[Contact], *, by_link: bool = False) -> Reachable:
    """Return whom of a company's living contacts, in their order, to write to, or why none.

    With `by_link` a contact may be without an address when nobody there has one: the link is handed over.
    """
    there = list(found)
    mailed = [each for each in there if each.email]
    if by_link and not mailed:
        mailed = there
    for each in mailed:
        if each.consent == ConsentState.GIVEN:
            return Reachable(each)
    if not mailed:
        return Reachable(None, "no_email" if there else "no_contact")
    states = {each.consent for each in mailed}
    if "" in states:
        return Reachable(None, "no_consent")
    return Reachable(None, ConsentState.WITHDRAWN if ConsentState.WITHDRAWN in states else ConsentState.REFUSED)


@dataclass(frozen=True)
class Doubles:
    """Rows that may be the same: `why` is email, phone, name (contacts) or company (customers)."""

    why: str
    rows: list[Any]


def duplicates() -> list[Doubles]:
    """Return groups of contacts and of customers that look alike, at most MOST_GROUPS of each kind; seven queries.

    Contacts: the same mailbox, the same number, or the same name at the same company. Customers: names that differ
    in marks and legal form only. Pairs that somebody said are two are left out. For who manages all customers.
    """
    living = Contact.objects.filter(erased_at=None, merged_into=None).order_by()
    there = Customer.objects.filter(merged_into=None).order_by()
    groups = [
        *_groups("email", living.exclude(email_key=""), "email_key"),
        *_groups("phone", living.exclude(phone_key=""), "phone_key"),
        *_groups("name", living.exclude(match_key=""), "match_key", "customer_id"),
        *_groups("company", there.exclude(match_key=""), "match_key"),
    ]
    two = apart.pairs()
    groups = [
        (why, part) for why, ids in groups for part in alike(ids, two["customer" if why == "company" else "contact"])
    ]
    contact_ids = {pk for why, ids in groups if why != "company" for pk in ids}
    customer_ids = {pk for why, ids in groups if why == "company" for pk in ids}
    people = Contact.objects.select_related("customer").in_bulk(contact_ids)
    companies = Customer.objects.in_bulk(customer_ids)
    found: list[Doubles] = []
    told: set[tuple[bool, tuple[int, ...]]] = set()
    for why, ids in groups:
        key = (why == "company", tuple(ids))
        if key not in told:  # the same two by address and by number are one case
            told.add(key)
            found.append(Doubles(why, [(companies if key[0] else people)[pk] for pk in ids]))
    return found


def kept_apart() -> QuerySet[Apart]:
    """Return the pairs that somebody said are two, the last first, with their rows."""
    rows = ("first_customer", "second_customer", "first_contact__customer", "second_contact__customer")
    return Apart.objects.select_related(*rows).order_by("-at", "-pk")


def _groups(why: str, rows: QuerySet[Any], *columns: str) -> list[tuple[str, list[int]]]:
    grouped = rows.values(*columns).annotate(n=Count("pk"), ids=ArrayAgg("pk", order_by="pk")).filter(n__gt=1)
    return [(why, list(ids)) for ids in grouped.order_by(*columns).values_list("ids", flat=True)[:MOST_GROUPS]]
