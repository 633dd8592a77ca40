"""A small book of customers: Hengda is ann's, Lakeside is cid's, Oldland was bob's."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from perfmgmt.customers import services
from perfmgmt.customers.models import Contact, Customer, CustomerOwner
from perfmgmt.people.viewer import Viewer, viewer_in
from tests.factories import START, Company

PDF = b"%PDF-1.7\nhello"


def viewer(company: Company, role: str, today: date) -> Viewer:
    found = viewer_in(company.users[role].pk, today)
    assert found is not None
    return found


def customer(external_id: str, name: str = "", **values: Any) -> Customer:
    return services.store_customer(Customer(), {"external_id": external_id, "name": name, **values})


def contact(of: Customer | None, name: str = "", email: str = "", **values: Any) -> Contact:
    made = Contact(customer=of)
    return services.store_contact(made, {"name": name, "email": email, **values})


@dataclass(frozen=True)
class Book:
    """The customers and their contacts."""

    hengda: Customer
    lakeside: Customer
    oldland: Customer
    wang: Contact
    lake: Contact
    old: Contact


def book(company: Company, today: date) -> Book:
    """Make the customers; must run inside the scope."""
    hengda = customer("恒达贸易", "上海恒达贸易有限公司", customer_type="重点客户", region="华东")
    lakeside = customer("LAKE-1", "Lakeside Foods Ltd.", customer_type="普通客户", region="North")
    oldland = customer("OLD-1", "Oldland", region="North")
    CustomerOwner.objects.create(customer=hengda, employee=company.people["ann"], from_day=START)
    CustomerOwner.objects.create(customer=lakeside, employee=company.people["cid"], from_day=START)
    CustomerOwner.objects.create(
        customer=oldland, employee=company.people["bob"], from_day=START, to_day=today - timedelta(days=30)
    )
    return Book(
        hengda, lakeside, oldland, contact(hengda, "王芳", "Wang.Fang@hengda.example", phone="+86 138 0013 8000"),
        contact(lakeside, "Lena Lake", "lena@lakeside.example", language="en"),
        contact(oldland, "Otto Old", "otto@oldland.example", phone="021-5555 1234"),
    )  # fmt: skip
