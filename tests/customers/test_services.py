"""Customers, owners, contacts and consents: what is kept, what is refused."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, ProgrammingError, transaction
from django.utils import timezone

from perfmgmt.customers import consents, selectors, services
from perfmgmt.customers.models import Consent, Contact, Customer, CustomerOwner
from perfmgmt.people.models import FOREVER
from perfmgmt.tenants.errors import Conflict, DomainError, NotAllowed
from perfmgmt.tenants.events import subscribe
from tests.customers.book import PDF, book, contact, customer, viewer
from tests.factories import START, Company

pytestmark = pytest.mark.django_db


def test_an_id_belongs_to_one_customer(company: Company, today: date) -> None:
    with company.scope():
        hr = viewer(company, "hr", today)
        made = services.add_customer({"external_id": " K-1 ", "name": ""}, viewer=hr)
        assert (made.external_id, made.name) == ("K-1", "K-1")
        with pytest.raises(services.Taken):
            services.add_customer({"external_id": "K-1", "name": "Other"}, viewer=hr)
        with pytest.raises(NotAllowed):
            services.add_customer({"external_id": "K-2"}, viewer=viewer(company, "manager", today))


def test_a_change_is_refused_when_somebody_was_first(company: Company, today: date) -> None:
    with company.scope():
        there, hr = book(company, today).hengda, viewer(company, "hr", today)
        shown = services.seen(there)
        services.change_customer(there.pk, {"region": "华北"}, shown=shown, viewer=hr, today=today)
        with pytest.raises(Conflict):
            services.change_customer(there.pk, {"region": "华南"}, shown=shown, viewer=hr, today=today)


def test_a_manager_changes_the_customers_of_their_people_but_not_the_id(company: Company, today: date) -> None:
    with company.scope():
        there, mia = book(company, today), viewer(company, "manager", today)
        changed = services.change_customer(
            there.hengda.pk, {"external_id": "x", "note": "A"}, shown=services.seen(there.hengda), viewer=mia,
            today=today,
        )  # fmt: skip
        assert (changed.external_id, changed.note) == ("恒达贸易", "A")
        for other in (there.lakeside, there.oldland):  # another's tree, and a customer of before
            with pytest.raises(NotAllowed):
                services.change_customer(other.pk, {}, shown=services.seen(other), viewer=mia, today=today)
        with pytest.raises(NotAllowed):
            services.add_contact({"name": "x"}, customer_id=None, viewer=mia, today=today)
        with pytest.raises(NotAllowed):
            services.add_contact(
                {"name": "x"}, customer_id=there.hengda.pk, viewer=viewer(company, "assistant", today), today=today
            )


def test_owners_follow_one_another(company: Company, today: date) -> None:
    with company.scope():
        there, hr = book(company, today).hengda, viewer(company, "hr", today)
        ann, bob = company.people["ann"], company.people["bob"]
        services.set_owner(there.pk, bob, from_day=today + timedelta(days=10), viewer=hr)
        services.set_owner(there.pk, bob, from_day=today, viewer=hr)
        spells = CustomerOwner.objects.filter(customer=there).values_list("employee_id", "from_day", "to_day")
        assert list(spells) == [(ann.pk, START, today - timedelta(days=1)), (bob.pk, today, FOREVER)]
        assert not services.store_owner(there.pk, bob, today + timedelta(days=3))
        services.set_owner(there.pk, None, from_day=today + timedelta(days=1), viewer=hr)
        assert CustomerOwner.objects.get(employee=bob, customer=there).to_day == today
        bob.left_on = today
        bob.save()
        with pytest.raises(DomainError, match="left by then"):
            services.set_owner(there.pk, bob, from_day=today + timedelta(days=2), viewer=hr)
        with pytest.raises(IntegrityError), transaction.atomic():
            CustomerOwner.objects.create(customer=there, employee=bob, from_day=START)


def test_an_address_belongs_to_one_living_contact(company: Company, today: date) -> None:
    with company.scope():
        there, hr = book(company, today), viewer(company, "hr", today)
        assert there.wang.email == "wang.fang@hengda.example"
        with pytest.raises(services.Taken):
            services.add_contact(
                {"email": "WANG.FANG@hengda.example"}, customer_id=None, viewer=hr, today=today
            )  # fmt: skip
        with pytest.raises(services.Nameless):
            services.add_contact({"name": " "}, customer_id=None, viewer=hr, today=today)
        with pytest.raises(DomainError, match="not an email"):
            services.add_contact({"email": "wang"}, customer_id=None, viewer=hr, today=today)
        for name in ("A", "B"):  # by QR or WeChat only: no address at all
            contact(None, name)


def test_the_last_consent_counts_and_nothing_is_changed(company: Company, today: date) -> None:
    heard: list[Any] = []
    subscribe("customers.consent_changed", lambda **payload: heard.append(payload["state"]))
    with company.scope():
        there, mia = book(company, today), viewer(company, "manager", today)
        now = timezone.now()
        file = SimpleUploadedFile("signed.pdf", PDF)
        entry = consents.record_consent(
            there.wang.pk, state="given", source="展会", at=now - timedelta(days=2), viewer=mia, file=file
        )
        assert default_storage.exists(entry.path)
        assert selectors.reachable_contact("恒达贸易").contact == there.wang
        consents.record_consent(there.wang.pk, state="refused", source="电话", at=now - timedelta(days=9), viewer=mia)
        assert Contact.objects.get(pk=there.wang.pk).consent == "given"
        consents.note_consent(there.wang.pk, state="withdrawn", source="link", at=now)
        assert Contact.objects.get(pk=there.wang.pk).consent == "withdrawn"
        assert heard == ["given", "withdrawn"]
        assert selectors.reachable_contact("恒达贸易").why == "withdrawn"
        for wrong in ({"at": now + timedelta(days=1)}, {"source": " "}, {"state": "perhaps"}):
            with pytest.raises(DomainError):
                consents.record_consent(
                    there.wang.pk, **{"state": "given", "source": "x", "at": now, "viewer": mia, **wrong}
                )
        with pytest.raises(NotAllowed):
            consents.record_consent(there.lake.pk, state="given", source="x", at=now, viewer=mia)
        with pytest.raises(ProgrammingError), transaction.atomic():
            Consent.objects.filter(pk=entry.pk).update(state="refused")


def test_why_nobody_can_be_written_to(company: Company, today: date) -> None:
    with company.scope():
        there = book(company, today)
        assert selectors.reachable_contact("nobody").why == "unknown_customer"
        assert selectors.reachable_contact("LAKE-1").why == "no_consent"
        empty = customer("EMPTY")
        assert selectors.reachable_contact("EMPTY").why == "no_contact"
        contact(empty, "Only WeChat")
        assert selectors.reachable_contact("EMPTY").why == "no_email"
        Contact.objects.filter(pk=there.lake.pk).update(consent="refused")
        assert selectors.reachable_contact("LAKE-1").why == "refused"


def test_who_sees_what(company: Company, today: date) -> None:
    with company.scope():
        there = book(company, today)
        seen = {
            role: (
                set(selectors.customers(selectors.Wanted(), viewer=viewer(company, role, today), on=today)),
                set(selectors.contacts(viewer=viewer(company, role, today), on=today)),
            )
            for role in ("owner", "hr", "auditor", "manager", "assistant", "executive", "payroll")
        }
        everything = ({there.hengda, there.lakeside, there.oldland}, {there.wang, there.lake, there.old})
        assert seen["owner"] == seen["hr"] == seen["auditor"] == everything
        assert seen["manager"] == ({there.hengda, there.oldland}, {there.wang})
        assert seen["assistant"] == ({there.hengda}, {there.wang})
        assert seen["executive"] == seen["payroll"] == (set(), set())


def test_a_search_finds_only_what_is_shown_in_full(company: Company, today: date) -> None:
    with company.scope():
        there = book(company, today)

        def found(role: str, text: str) -> set[Customer]:
            asked = selectors.Wanted(search=text)
            return set(selectors.customers(asked, viewer=viewer(company, role, today), on=today))

        for text in ("恒达", "hengda", "shhd", "王芳", "wangfang", "wang.fang@", "0013 8000", "恒达贸易"):
            assert found("hr", text) == {there.hengda}, text
        assert found("hr", "otto@old") == {there.oldland}
        assert found("manager", "otto@old") == found("manager", "5555 1234") == set()
        assert found("manager", "oldland") == {there.oldland}
