"""Merging and erasing: what pointed at one points at the other, and nothing that names an erased person is left."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import InternalError, connection, transaction
from django.utils import timezone

from perfmgmt.customers import apart, consents, erasing, forgetting, joining, merging, selectors, services
from perfmgmt.customers.models import Consent, Contact, Customer, CustomerOwner
from perfmgmt.notify import suppression
from perfmgmt.notify.models import SuppressedAddress
from perfmgmt.people.models import FOREVER
from perfmgmt.tenants.errors import Conflict, DomainError, NotAllowed
from perfmgmt.tenants.history import event_models, tracked
from tests.customers.book import PDF, book, contact, customer, viewer
from tests.factories import START, Company

pytestmark = pytest.mark.django_db


def test_contacts_become_one(company: Company, today: date, monkeypatch: pytest.MonkeyPatch) -> None:
    moved: list[Any] = []
    monkeypatch.setattr(merging, "_hooks", [lambda *told: moved.append(told)])
    with company.scope():
        there, hr = book(company, today), viewer(company, "hr", today)
        other = contact(None, "Wang Fang", "wang@private.example", title="采购经理")
        now = timezone.now()
        consents.record_consent(other.pk, state="given", source="A", at=now - timedelta(days=1), viewer=hr)
        consents.record_consent(there.wang.pk, state="refused", source="B", at=now - timedelta(days=3), viewer=hr)
        one = joining.merge_contacts(there.wang.pk, other.pk, take={"email": "loser"}, viewer=hr)
        assert (one.name, one.email, one.title, one.customer) == (
            "王芳", "wang@private.example", "采购经理", there.hengda)  # fmt: skip
        assert (one.consent, one.consents.count()) == ("given", 2)
        assert moved == [("contact", other.pk, one.pk)]
        assert set(selectors.contacts(viewer=hr, on=today)) == {one, there.lake, there.old}
        with pytest.raises(Conflict):
            joining.merge_contacts(there.lake.pk, other.pk, take={}, viewer=hr)
        with pytest.raises(joining.SameOne):
            joining.merge_contacts(one.pk, one.pk, take={}, viewer=hr)
        with pytest.raises(NotAllowed):
            joining.merge_contacts(one.pk, there.lake.pk, take={}, viewer=viewer(company, "manager", today))
        # A chain is kept short, and what the system hears of the old one is meant for the new one.
        two = joining.merge_contacts(there.lake.pk, one.pk, take={}, viewer=hr)
        assert Contact.objects.get(pk=other.pk).merged_into == two
        consents.note_consent(other.pk, state="withdrawn", source="link", at=timezone.now())
        assert Contact.objects.get(pk=two.pk).consent == "withdrawn"


def test_customers_become_one(company: Company, today: date) -> None:
    with company.scope():
        there, hr = book(company, today), viewer(company, "hr", today)
        one = joining.merge_customers(there.oldland.pk, there.lakeside.pk, take={"name": "loser"}, viewer=hr)
        assert (one.external_id, one.name, one.customer_type) == ("OLD-1", "Lakeside Foods Ltd.", "普通客户")
        spells = CustomerOwner.objects.filter(customer=one).values_list("employee_id", "from_day", "to_day")
        bob, cid, then = company.people["bob"].pk, company.people["cid"].pk, today - timedelta(days=30)
        assert list(spells) == [(bob, START, then), (cid, then + timedelta(days=1), FOREVER)]
        assert set(one.contacts.all()) == {there.lake, there.old}
        assert selectors.customer_for("LAKE-1") == one
        assert there.lakeside not in selectors.customers(selectors.Wanted(), viewer=hr, on=today)
        with pytest.raises(Conflict):
            joining.merge_customers(there.hengda.pk, there.lakeside.pk, take={}, viewer=hr)


def test_what_a_hook_refuses_undoes_the_merge(company: Company, today: date, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_told: Any) -> None:
        raise DomainError

    monkeypatch.setattr(merging, "_hooks", [refuse])
    with company.scope():
        there, hr = book(company, today), viewer(company, "hr", today)
        with pytest.raises(DomainError):
            joining.merge_customers(there.hengda.pk, there.lakeside.pk, take={}, viewer=hr)
        assert Customer.objects.get(pk=there.lakeside.pk).merged_into is None


def test_duplicates_are_found_once(company: Company, today: date) -> None:
    with company.scope():
        there = book(company, today)
        by_address = contact(there.hengda, "F. Wang", "wang.fang+news@hengda.example", phone="13800138000")
        by_name = contact(there.lakeside, "lena  LAKE", "lake@private.example")
        contact(there.hengda, "Lena Lake", "another@hengda.example")  # of another company
        company_twin = customer("HD-2", "上海 恒达贸易")
        found = [(each.why, each.rows) for each in selectors.duplicates()]
        assert found == [
            ("email", [there.wang, by_address]),
            ("name", [there.lake, by_name]),
            ("company", [there.hengda, company_twin]),
        ]


def _trail(*words: str) -> list[str]:
    """Return the tables of the trail in which one of the words stands."""
    found = []
    with connection.cursor() as cursor:
        for model in event_models():
            if tracked(model)._meta.app_label == "customers":
                cursor.execute(f"SELECT string_agg(e::text, ' ') FROM \"{model._meta.db_table}\" e")
                text = cursor.fetchone()[0] or ""
                found += [model.__name__ for word in words if word in text]
    return found


def test_nothing_that_names_an_erased_contact_is_left(
    company: Company, today: date, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    told: list[int] = []
    monkeypatch.setattr(erasing, "_hooks", [told.append])
    words = ("王芳", "hengda.example", "13800138000", "0013 8000", "secret", "signed")
    with company.scope():
        there, hr = book(company, today), viewer(company, "hr", today)
        services.change_contact(there.wang.pk, {"note": "secret"}, viewer=hr, today=today)
        double = contact(there.hengda, "王芳", "wf@hengda.example", note="secret too")
        file = SimpleUploadedFile("signed.pdf", PDF)
        entry = consents.record_consent(
            there.wang.pk, state="given", source="secret", proof="secret", at=timezone.now(), viewer=hr, file=file
        )
        joining.merge_contacts(there.wang.pk, double.pk, take={}, viewer=hr)
        assert _trail("secret", "王芳")
        with pytest.raises(NotAllowed):
            forgetting.erase_contact(there.wang.pk, viewer=viewer(company, "manager", today))
        with django_capture_on_commit_callbacks(execute=True):
            forgetting.erase_contact(there.wang.pk, viewer=hr)
        assert told == sorted([there.wang.pk, double.pk])
        for pk in told:
            left = Contact.objects.get(pk=pk)
            assert (left.name, left.email, left.phone, left.note, left.email_key) == ("", "", "", "", "")
            assert left.erased_at is not None
        proof = Consent.objects.get(pk=entry.pk)
        assert (proof.state, proof.source, proof.proof, proof.path) == ("given", "", "", "")
        assert not default_storage.exists(entry.path)
        assert _trail(*words) == []
        assert there.wang not in selectors.contacts(viewer=hr, on=today)
        assert selectors.reachable_contact("恒达贸易").why == "no_contact"
        with pytest.raises(Conflict):
            forgetting.erase_contact(there.wang.pk, viewer=hr)
        with pytest.raises(Conflict):
            services.change_contact(there.wang.pk, {"name": "x"}, viewer=hr, today=today)
        contact(there.hengda, "New", "wang.fang@hengda.example")  # the address is free again


def test_nobodys_trail_is_emptied_but_of_an_erased_contact_of_the_workspace(
    company: Company, other_company: Company, today: date
) -> None:
    with company.scope():
        there = book(company, today)
        with pytest.raises(InternalError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT customers_forget(%s)", [there.lake.pk])
        forgetting.erase_contact(there.wang.pk, viewer=viewer(company, "hr", today))
    with other_company.scope(), pytest.raises(InternalError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT customers_forget(%s)", [there.wang.pk])


def test_two_that_are_kept_apart_are_no_duplicates_until_they_are_compared_again(
    company: Company, today: date
) -> None:
    with company.scope():
        there, hr = book(company, today), viewer(company, "hr", today)
        one = contact(there.hengda, "Li Na", "a@x.example")
        two, three = (contact(there.hengda, "Li Na", f"{name}@x.example") for name in "bc")

        def alike() -> list[list[Contact]]:
            return [each.rows for each in selectors.duplicates() if one in each.rows or two in each.rows]

        assert alike() == [[one, two, three]]
        with pytest.raises(NotAllowed):
            apart.keep_apart("contact", one.pk, two.pk, viewer=viewer(company, "manager", today))
        for pair in ((two, one), (one, two)):  # twice and in any order is once
            apart.keep_apart("contact", pair[0].pk, pair[1].pk, viewer=hr)
        assert alike() == [[one, three], [two, three]]
        # What was said of a row holds for the one that it is merged into.
        joining.merge_contacts(three.pk, one.pk, take={"email": "winner"}, viewer=hr)
        assert alike() == [] and apart.pairs()["contact"] == {(two.pk, three.pk)}
        apart.compare_again("contact", three.pk, two.pk, viewer=hr)
        assert alike() == [[two, three]]
        with pytest.raises(Conflict):
            apart.keep_apart("contact", one.pk, two.pk, viewer=hr)  # one is merged


def test_an_erased_address_that_comes_back_gets_no_survey(company: Company, today: date) -> None:
    with company.scope():
        there, hr = book(company, today), viewer(company, "hr", today)
        address = there.wang.email
        forgetting.erase_contact(there.wang.pk, viewer=hr)
        contact(there.hengda, "王芳", address)
        assert suppression.suppressed_addresses([address]) == {address}
        row = SuppressedAddress.objects.get()
        assert (row.reason, row.hint, row.detail) == ("erased", "", "")
