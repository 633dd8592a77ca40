"""What customers say to staff: logged with proof, confirmed by others, no score, and gone with who is erased."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from perfmgmt.customers.forgetting import erase_contact
from perfmgmt.customers.models import Contact
from perfmgmt.metrics.models import Fact
from reviews.models import Remark, RemarkProof
from tests.factories import Company, today_here
from tests.reviews.asking_factories import buyer, owned
from tests.reviews.followup_factories import viewer

pytestmark = pytest.mark.django_db
SignIn = Callable[[Any], Client]
BASE, ENGLISH = "/w/acme/surveys/remarks/", {"accept-language": "en"}


def pdf(name: str = "chat.pdf", content: bytes = b"%PDF-1.4 x") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def said(company: Company, person: str = "ann", **values: Any) -> dict[str, Any]:
    """A form as a browser sends it."""
    return {
        "kind": "praise", "employee": company.people[person].number, "day": today_here().isoformat(),
        "channel": "wechat", "customer_name": "Lakeside", "text": "Very patient.", **values,
    }  # fmt: skip


def logged(client: Client, company: Company, **values: Any) -> int:
    answer = client.post(f"{BASE}new/", said(company, **values))
    assert answer.status_code == 302, answer.content.decode()[-3000:]
    return int(answer["Location"].rstrip("/").rpartition("/")[2])


def test_praise_for_oneself_needs_a_proof_and_another_to_confirm_it(company: Company, sign_in: SignIn) -> None:
    ann, manager = sign_in(company.users["assistant"]), sign_in(company.users["manager"])
    assert ann.post(f"{BASE}new/", said(company)).status_code == 400
    assert ann.post(f"{BASE}new/", said(company, proofs=pdf("a.pdf", b"MZ\x90"))).status_code == 400
    assert ann.post(f"{BASE}new/", said(company, proofs=pdf("a.png"))).status_code == 400
    with company.scope():
        assert not Remark.objects.exists() and not RemarkProof.objects.exists()
    pk = logged(ann, company, proofs=[pdf(), pdf("again.pdf")])
    assert ann.post(f"{BASE}{pk}/decide/", {"decision": "confirm"}).status_code == 403
    assert manager.post(f"{BASE}{pk}/decide/", {"decision": "reject"}).status_code == 400
    assert manager.post(f"{BASE}{pk}/decide/", {"decision": "confirm"}).status_code == 302
    assert manager.post(f"{BASE}{pk}/decide/", {"decision": "reject", "reason": "x"}).status_code == 409
    with company.scope():
        found = Remark.objects.get()
        assert (found.state, found.proofs.count()) == ("confirmed", 1)
        assert not Fact.objects.filter(source__code="surveys").exists()  # never a score
        proof = found.proofs.get().pk
    file = manager.get(f"{BASE}proofs/{proof}/")
    assert "attachment" in file["Content-Disposition"] and file["X-Content-Type-Options"] == "nosniff"
    page = manager.get(f"{BASE}{pk}/", headers=ENGLISH).content.decode()
    assert "never counts in scores" in page and "chat.pdf" in page
    assert "Very patient." in manager.get(f"/w/acme/people/{company.people['ann'].pk}/remarks/").content.decode()


def test_a_manager_logs_about_their_people_only_and_does_not_confirm_their_own(
    company: Company, sign_in: SignIn
) -> None:
    manager = sign_in(company.users["manager"])
    assert manager.post(f"{BASE}new/", said(company, "cid")).status_code == 400
    pk = logged(manager, company, kind="complaint")
    assert manager.post(f"{BASE}{pk}/decide/", {"decision": "confirm"}).status_code == 403
    for values in ({"text": " "}, {"customer_name": ""}, {"kind": "x"}, {"employee": "nobody"},
                   {"day": (today_here() + timedelta(days=1)).isoformat()}):  # fmt: skip
        assert manager.post(f"{BASE}new/", said(company, **values)).status_code == 400, values


def test_the_author_changes_it_for_a_week_and_withdraws_it_later(company: Company, sign_in: SignIn) -> None:
    manager, hr = sign_in(company.users["manager"]), sign_in(company.users["hr"])
    pk = logged(manager, company)
    assert hr.post(f"{BASE}{pk}/edit/", said(company)).status_code == 409
    assert hr.post(f"{BASE}{pk}/decide/", {"decision": "confirm"}).status_code == 302
    assert manager.post(f"{BASE}{pk}/edit/", said(company, text="Quick, too.")).status_code == 302
    with company.scope():
        found = Remark.objects.get()
        assert (found.text, found.state, found.decided_at) == ("Quick, too.", "logged", None)
        Remark.objects.update(logged_at=timezone.now() - timedelta(days=8))
    assert manager.post(f"{BASE}{pk}/edit/", said(company)).status_code == 409
    assert manager.post(f"{BASE}{pk}/withdraw/").status_code == 302
    assert manager.post(f"{BASE}{pk}/withdraw/").status_code == 302
    with company.scope():
        assert Remark.objects.get().state == "withdrawn"
    assert hr.post(f"{BASE}{pk}/decide/", {"decision": "confirm"}).status_code == 409


@pytest.mark.parametrize(
    ("role", "status"),
    [("owner", 200), ("hr", 200), ("auditor", 200), ("manager", 404), ("assistant", 404), ("executive", 403),
     ("payroll", 403)],
)  # fmt: skip
def test_who_reads_what_is_about_somebody_elses_people(
    company: Company, sign_in: SignIn, role: str, status: int
) -> None:
    pk = logged(sign_in(company.users["hr"]), company, person="cid", proofs=pdf())
    with company.scope():
        proof = RemarkProof.objects.get().pk
    client = sign_in(company.users[role])
    assert client.get(f"{BASE}{pk}/").status_code == status
    assert client.get(f"{BASE}proofs/{proof}/").status_code == status


def test_another_workspaces_remark_and_contact_are_not_there(company: Company, sign_in: SignIn) -> None:
    other = Company.create("globex")
    with other.scope():
        theirs = buyer("THEIRS").pk
        pk = Remark.objects.create(
            kind="remark", channel="phone", day=today_here(), employee=other.people["ann"], text="x",
            logged_at=timezone.now(),
        ).pk  # fmt: skip
    owner = sign_in(company.users["owner"])
    assert owner.get(f"{BASE}{pk}/").status_code == 404 and owner.post(f"{BASE}{pk}/withdraw/").status_code == 404
    assert owner.post(f"{BASE}new/?contact={theirs}", said(company)).status_code == 404


def test_on_the_contacts_page_and_erased_with_the_contact(company: Company, sign_in: SignIn) -> None:
    with company.scope():
        contact = owned(buyer("Lake"), company, "ann")
    ann = sign_in(company.users["assistant"])
    text = f"{contact.name} was glad."
    answer = ann.post(f"{BASE}new/?contact={contact.pk}", said(company, kind="interview", text=text, proofs=pdf()))
    assert answer.status_code == 302
    assert "was glad" in ann.get(f"{BASE}of/{contact.pk}/").content.decode()
    assert f"{BASE}of/{contact.pk}/" in ann.get(reverse("contact", args=["acme", contact.pk])).content.decode()
    with company.scope():
        erase_contact(contact.pk, viewer=viewer(company, "owner"))
        found = Remark.objects.get()
        assert (found.contact, found.text, found.customer_name) == (None, "— was glad.", "")
        assert not RemarkProof.objects.exists() and not Contact.objects.get(pk=contact.pk).name


def test_the_list_is_searched_filtered_and_exported(company: Company, sign_in: SignIn) -> None:
    manager = sign_in(company.users["manager"])
    logged(manager, company, kind="complaint", text="Slow")
    logged(manager, company, kind="interview", text="Glad", channel="visit")
    for query, n in (("", 2), ("q=slow", 1), ("kind=interview&channel=visit", 1), ("state=rejected", 0),
                     ("sort=-employee&kind=x", 2)):  # fmt: skip
        page = manager.get(f"{BASE}?{query}").content.decode()
        assert page.count("Lakeside") == n, query
    assert manager.post(f"{BASE}export/?q=slow").status_code == 302
