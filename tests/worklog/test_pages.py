"""The pages of the work log: entering, deciding, searching, and what HR sets."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile

from perfmgmt.jobs import services as jobs
from perfmgmt.jobs.models import Job
from perfmgmt.metrics.models import Fact
from perfmgmt.worklog import services
from perfmgmt.worklog.models import DutyTime, EnterableMetric, Proof, WorkEntry
from tests.factories import Company
from tests.worklog.work import PDF, SignIn, enter, form, metric, submitted, viewer

pytestmark = pytest.mark.django_db


def test_an_entry_with_a_file_is_sent_in_one_step(company: Company, sign_in: SignIn, today: date) -> None:
    client = sign_in(company.users["assistant"])
    data = form(company, today, submit="yes", note="Tea with the buyer", proofs=[SimpleUploadedFile("拜访.pdf", PDF)])
    assert client.post("/w/acme/log/entries/", data)["Location"] == f"/w/acme/log/?day={today}"
    with company.scope():
        entry = WorkEntry.objects.get()
        assert (entry.state, entry.note, entry.proofs.get().file_name) == (
            "submitted",
            "Tea with the buyer",
            "拜访.pdf",
        )
        proof_id = Proof.objects.get().pk
    for role in ("assistant", "manager", "hr", "auditor"):
        response = sign_in(company.users[role]).get(f"/w/acme/log/proofs/{proof_id}/")
        assert b"".join(response.streaming_content) == PDF  # type: ignore[attr-defined]
        assert response["Content-Disposition"].startswith("attachment")
        assert response["X-Content-Type-Options"] == "nosniff"


def test_sending_the_same_form_twice_makes_one_entry(company: Company, sign_in: SignIn, today: date) -> None:
    client, data = sign_in(company.users["assistant"]), form(company, today, submit="yes")
    for _click in range(2):
        assert client.post("/w/acme/log/entries/", data).status_code == 302
    with company.scope():
        assert WorkEntry.objects.count() == 1


def test_a_refused_file_saves_nothing_and_says_so(company: Company, sign_in: SignIn, today: date) -> None:
    client = sign_in(company.users["assistant"])
    files = [SimpleUploadedFile("good.pdf", PDF), SimpleUploadedFile("bad.pdf", b"MZ executable")]
    response = client.post("/w/acme/log/entries/", form(company, today, proofs=files))
    assert response.status_code == 400
    assert "bad.pdf" in response.text
    with company.scope():
        assert not WorkEntry.objects.exists()
        assert not Proof.objects.exists()


def test_an_upload_that_is_too_large_is_refused_before_it_is_read(
    company: Company, sign_in: SignIn, today: date, settings: Any
) -> None:
    settings.PROOF_MAX_BYTES = 1000
    big = SimpleUploadedFile("a.pdf", PDF + b"x" * 2_000_000)
    response = sign_in(company.users["assistant"]).post("/w/acme/log/entries/", form(company, today, proofs=[big]))
    assert response.status_code == 413


def test_a_manager_approves_many_at_once_and_returns_with_a_comment(
    company: Company, sign_in: SignIn, today: date
) -> None:
    with company.scope():
        ids = [submitted(company, today, value=Decimal(n)).pk for n in (1, 2, 3)]
    client = sign_in(company.users["manager"])
    page = client.get("/w/acme/approvals/")
    assert {entry.pk for entry in page.context["page"]} == set(ids)
    # The browser presses the form's first button for the Enter key: in the comment it must not decide anything.
    form = page.text.split("/approvals/decide/", 1)[1]
    assert form.index('<button type="submit" hidden disabled>') == form.index("<button")
    client.post("/w/acme/approvals/decide/", {"entry": ids[:2], "decision": "approve"})
    client.post("/w/acme/approvals/decide/", {"one": ids[2], "decision": "return", "comment": "Please attach a file"})
    with company.scope():
        assert dict(WorkEntry.objects.values_list("pk", "state")) == {
            ids[0]: "approved", ids[1]: "approved", ids[2]: "returned"
        }  # fmt: skip
        assert Fact.objects.count() == 2
    answer = client.post("/w/acme/approvals/decide/", {"entry": ids, "back": "https://evil.example/"})
    assert answer["Location"] == "/w/acme/approvals/"
    assert "Please attach a file" in sign_in(company.users["assistant"]).get("/w/acme/log/").text
    assert client.post("/w/acme/approvals/decide/", {"entry": ["x"]}).status_code == 404


def test_the_list_is_searched_and_exported_within_ones_reach(company: Company, sign_in: SignIn, today: date) -> None:
    with company.scope():
        submitted(company, today, customer="恒达贸易")
        WorkEntry.objects.create(employee=company.people["cid"], metric=metric(), day=today, value=9, token=uuid4(),
                                 state="submitted", customer="elsewhere")  # fmt: skip
    client = sign_in(company.users["manager"])
    assert len(client.get("/w/acme/approvals/?q=恒达").context["page"].object_list) == 1
    assert len(client.get("/w/acme/approvals/?q=elsewhere").context["page"].object_list) == 0
    assert len(client.get("/w/acme/approvals/?state=approved").context["page"].object_list) == 0
    client.post("/w/acme/approvals/export/")
    with company.scope():
        job = Job.objects.latest("pk")
    jobs.run(company.scope, job.pk)
    with company.scope():
        job.refresh_from_db()
        assert job.result is not None
        with default_storage.open(job.result["file"]) as file:
            text = file.read().decode("utf-8-sig")
    assert "恒达贸易" in text
    assert "elsewhere" not in text


def test_a_draft_is_for_nobody_elses_eyes(company: Company, sign_in: SignIn, today: date) -> None:
    with company.scope():
        entry = enter(company, today)
        proof = services.add_proof(entry.pk, SimpleUploadedFile("a.pdf", PDF),
                                   viewer=viewer(company, "assistant", today))  # fmt: skip
    for role in ("manager", "hr", "owner"):
        client = sign_in(company.users[role])
        assert client.get(f"/w/acme/log/entries/{entry.pk}/").status_code == 404
        assert client.get(f"/w/acme/log/proofs/{proof.pk}/").status_code == 404
    assert sign_in(company.users["assistant"]).get(f"/w/acme/log/entries/{entry.pk}/").status_code == 200


def test_hours_by_duty_are_saved_for_the_day_as_a_whole(company: Company, sign_in: SignIn, today: date) -> None:
    client = sign_in(company.users["assistant"])
    base = {"day": today.isoformat(), "duty-TOTAL_FORMS": "3", "duty-INITIAL_FORMS": "0"}
    lines = {"duty-0-duty": "客户拜访", "duty-0-hours": "3.5", "duty-1-duty": "Quotes", "duty-1-hours": "2"}
    assert client.post("/w/acme/log/duties/", {**base, **lines}).status_code == 302
    client.post("/w/acme/log/duties/", {**base, **lines})
    with company.scope():
        assert list(DutyTime.objects.values_list("duty", "hours")) == [("客户拜访", Decimal("3.50")), ("Quotes", 2)]
    assert client.post("/w/acme/log/duties/", {**base, "duty-0-duty": "x"}).status_code == 400
    assert client.post("/w/acme/log/duties/", {**base, "duty-0-duty": "x", "duty-0-hours": "25"}).status_code == 400
    many = {"duty-0-duty": "a", "duty-0-hours": "20", "duty-1-duty": "b", "duty-1-hours": "20"}
    client.post("/w/acme/log/duties/", {**base, **many})
    with company.scope():
        assert DutyTime.objects.count() == 2


def test_hr_says_what_is_entered_by_hand(company: Company, sign_in: SignIn) -> None:
    client = sign_in(company.users["hr"])
    with company.scope():
        ids = {code: metric(code).pk for code in ("hours_worked", "visits_arranged", "win_rate")}
    data = {"metric": [ids["hours_worked"], ids["visits_arranged"]], "proof": [ids["visits_arranged"], 999]}
    assert client.post("/w/acme/settings/entry/", data).status_code == 302
    with company.scope():
        assert dict(EnterableMetric.objects.values_list("metric_id", "needs_proof")) == {
            ids["hours_worked"]: False, ids["visits_arranged"]: True
        }  # fmt: skip
    assert client.post("/w/acme/settings/entry/", {"metric": [ids["win_rate"]]}).status_code == 404


def test_open_approvals_stand_on_the_checklist(company: Company, sign_in: SignIn, today: date) -> None:
    with company.scope():
        submitted(company, today)
    lines = sign_in(company.users["owner"]).get(f"/w/acme/periods/one/?period={today:%Y-%m}").context["lines"]
    assert {line["code"]: (line["level"], line["count"]) for line in lines}["open_approvals"] == ("warn", 1)


def test_who_is_no_employee_keeps_no_log(company: Company, sign_in: SignIn) -> None:
    for role in ("owner", "hr", "executive"):
        assert sign_in(company.users[role]).get("/w/acme/log/").status_code == 403
