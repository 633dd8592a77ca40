"""The pages of customers: lists, a customer, a contact, consent with proof, merge, erase, export."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from perfmgmt.customers import services
from perfmgmt.customers.models import Consent, Contact, Customer
from perfmgmt.jobs import services as jobs
from perfmgmt.jobs.models import Job
from tests.customers.book import PDF, Book, book, contact, customer
from tests.factories import Company

pytestmark = pytest.mark.django_db
SignIn = Callable[[Any], Client]


@pytest.fixture
def there(company: Company, today: date) -> Book:
    with company.scope():
        return book(company, today)


def page(client: Client, path: str, status: int = 200) -> str:
    response = client.get(f"/w/acme/customers/{path}")
    assert response.status_code == status, response.content.decode()[:500]
    return str(response.content.decode())


def test_lists_show_what_one_may_see(company: Company, sign_in: SignIn, there: Book) -> None:
    manager, hr = sign_in(company.users["manager"]), sign_in(company.users["hr"])
    assert "Lakeside Foods" in page(hr, "") and "Lakeside Foods" not in page(manager, "")
    assert "恒达贸易" in page(manager, "?q=hengda&sort=-contacts")
    assert "lena@lakeside.example" in page(hr, "contacts/?consent=none&language=en")
    assert "lena@" not in page(manager, "contacts/")
    assert "No customer matches" in page(hr, "?q=zzzz")
    assert page(sign_in(company.users["executive"]), "", 403)


def test_a_list_takes_as_many_queries_for_many_as_for_few(company: Company, sign_in: SignIn, there: Book) -> None:
    hr = sign_in(company.users["hr"])

    def queries(path: str) -> int:
        with CaptureQueriesContext(
            connection,
        ) as found:
            page(hr, path)
        return len(found)

    with company.scope():  # one case of each kind: without any, nothing more is asked
        customer("TWIN", "上海恒达贸易")
        contact(there.hengda, "王芳", "twin@hengda.example")
    paths = ("", "contacts/", "duplicates/", f"{there.hengda.pk}/")
    few = [queries(path) for path in paths]
    with company.scope():
        for number in range(20):
            made = customer(f"C-{number}", "上海恒达贸易")
            contact(made, "Many", phone="13800138000")
            contact(there.hengda, f"More {number}")
    assert [queries(path) for path in paths] == few
    assert max(few) <= 15


def test_a_customer_of_before_is_masked(company: Company, sign_in: SignIn, there: Book) -> None:
    manager = sign_in(company.users["manager"])
    shown = page(manager, f"{there.oldland.pk}/")
    assert "otto@oldland.example" not in shown and "Otto" not in shown and "5555" not in shown
    assert "o***@***.example" in shown
    page(manager, f"contacts/{there.old.pk}/", 404)
    page(manager, f"{there.lakeside.pk}/", 404)
    page(manager, f"contacts/{there.lake.pk}/", 404)
    assert "otto@oldland.example" in page(sign_in(company.users["auditor"]), f"{there.oldland.pk}/")


def test_hr_keeps_a_customer(company: Company, sign_in: SignIn, there: Book, today: date) -> None:
    hr = sign_in(company.users["hr"])
    made = hr.post("/w/acme/customers/new/", {"external_id": "NEW", "name": "新客户", "region": "华东"})
    with company.scope():
        found = Customer.objects.get(external_id="NEW")
    assert made.headers["Location"] == f"/w/acme/customers/{found.pk}/"
    again = hr.post("/w/acme/customers/new/", {"external_id": "NEW"})
    assert again.status_code == 400 and "Another customer has this id already." in again.content.decode()
    with company.scope():
        shown = services.seen(found)
    sent = {"external_id": "NEW", "name": "新客户二", "shown": shown}
    assert hr.post(f"/w/acme/customers/{found.pk}/edit/", sent).status_code == 302
    stale = hr.post(f"/w/acme/customers/{found.pk}/edit/", sent)
    assert stale.status_code == 400 and "at the same time" in stale.content.decode()
    owner = {"employee": company.people["bob"].number, "from_day": today.isoformat()}
    assert hr.post(f"/w/acme/customers/{found.pk}/owner/", owner).status_code == 302
    assert "Bob Bell" in page(hr, f"{found.pk}/")


def test_consent_with_proof_and_its_file(company: Company, sign_in: SignIn, there: Book, today: date) -> None:
    manager = sign_in(company.users["manager"])
    path = f"/w/acme/customers/contacts/{there.wang.pk}/"
    sent = {"state": "given", "day": today.isoformat(), "source": "展会", "proof": "OK"}
    file = SimpleUploadedFile("signed.pdf", PDF)
    assert manager.post(f"{path}consent/", {**sent, "file": file}).status_code == 302
    assert "signed.pdf" in page(manager, f"contacts/{there.wang.pk}/")
    with company.scope():
        entry = Consent.objects.get()
        assert Contact.objects.get(pk=there.wang.pk).consent == "given"
    download = manager.get(f"/w/acme/customers/consents/{entry.pk}/")
    assert b"".join(download.streaming_content) == PDF  # type: ignore[attr-defined]
    assert "attachment" in download.headers["Content-Disposition"]
    wrong = manager.post(f"{path}consent/", {**sent, "file": SimpleUploadedFile("a.pdf", b"no pdf")})
    assert wrong.status_code == 400
    assert sign_in(company.users["assistant"]).post(f"{path}consent/", sent).status_code == 403
    rival = sign_in(company.users["auditor"])
    assert rival.get(f"/w/acme/customers/consents/{entry.pk}/").status_code == 200


def test_duplicates_are_merged_side_by_side(company: Company, sign_in: SignIn, there: Book) -> None:
    hr = sign_in(company.users["hr"])
    with company.scope():
        other = contact(there.hengda, "王芳", "fang@private.example", title="Buyer")
    path = f"contacts/{there.wang.pk}/merge/{other.pk}/"
    assert path in page(hr, "duplicates/")
    assert "fang@private.example" in page(hr, path)
    done = hr.post(f"/w/acme/customers/{path}", {"keep": "second", "take_email": "second", "take_phone": "first"})
    assert done.headers["Location"] == f"/w/acme/customers/contacts/{other.pk}/"
    with company.scope():
        left = Contact.objects.get(pk=other.pk)
    assert (left.email, left.phone, left.title) == ("fang@private.example", "+86 138 0013 8000", "Buyer")
    assert hr.get(f"/w/acme/customers/contacts/{there.wang.pk}/").status_code == 302
    assert hr.post(f"/w/acme/customers/{path}").status_code == 404
    assert page(sign_in(company.users["manager"]), "duplicates/", 403)


def test_erasing_is_confirmed(company: Company, sign_in: SignIn, there: Book) -> None:
    hr = sign_in(company.users["hr"])
    path = f"contacts/{there.wang.pk}/erase/"
    assert "audit trail" in page(hr, path)
    assert hr.post(f"/w/acme/customers/{path}").status_code == 400
    assert hr.post(f"/w/acme/customers/{path}", {"sure": "on"}).status_code == 302
    assert "王芳" not in page(hr, f"{there.hengda.pk}/")
    assert "Erased contact" in page(hr, f"contacts/{there.wang.pk}/")
    page(hr, path, 404)


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_an_export_holds_no_formula_and_only_ones_reach(
    company: Company, sign_in: SignIn, there: Book, kind: str
) -> None:
    with company.scope():
        contact(there.hengda, "=1+1", "formula@hengda.example")
    manager = sign_in(company.users["manager"])
    response = manager.post("/w/acme/customers/contacts/export/?sort=name", {"format": kind})
    with company.scope():
        job = Job.objects.get()
    assert response.headers["Location"].endswith(f"/jobs/{job.pk}/")
    jobs.run(company_scope(company), job.pk)
    with company.scope():
        job.refresh_from_db()
        assert (job.state, job.result["rows"]) == ("done", 2)
        assert job.result["file_name"].endswith(kind)
        if kind == "csv":
            from django.core.files.storage import default_storage

            text = default_storage.open(job.result["file"]).read().decode("utf-8-sig")
            assert "'=1+1" in text and "lena@" not in text


def company_scope(company: Company) -> Any:
    return company.scope


def test_what_is_kept_apart_leaves_the_duplicates_and_comes_back(
    company: Company, sign_in: SignIn, there: Book
) -> None:
    with company.scope():
        other = contact(there.hengda, there.wang.name, "other@x.example")
    hr, pair = sign_in(company.users["hr"]), f"contacts/{there.wang.pk}/merge/{other.pk}/"
    assert pair in page(hr, "duplicates/") and pair not in page(hr, "duplicates/?show=apart")
    hr.post(f"/w/acme/customers/{pair}", {"apart": "apart"})
    assert pair not in page(hr, "duplicates/") and pair in page(hr, "duplicates/?show=apart")
    assert "they are two" in page(hr, pair)
    hr.post(f"/w/acme/customers/{pair}", {"apart": "again"})
    assert pair in page(hr, "duplicates/")
