"""The work log: a day's entries with proof, decided by the manager, and facts once approved."""

import io
import zipfile
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from perfmgmt.closing.services import lock_period
from perfmgmt.jobs import services as jobs
from perfmgmt.jobs.models import Job
from perfmgmt.metrics.models import EmployeeRollup, Fact, FactVersion, Metric
from perfmgmt.people.viewer import Viewer, viewer_in
from perfmgmt.tenants.calendar import Grain, Period
from perfmgmt.tenants.errors import Conflict, DomainError, NotFound
from perfmgmt.worklog import services
from perfmgmt.worklog.files import BadFile, sniff
from perfmgmt.worklog.models import DutyTime, EnterableMetric, Proof, WorkEntry
from tests.factories import Company

pytestmark = pytest.mark.django_db
SignIn = Callable[[Any], Client]
PDF = b"%PDF-1.7\nhello"
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 20


@pytest.fixture(autouse=True)
def _files(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def today() -> date:
    return timezone.localdate(timezone=timezone.get_fixed_timezone(8 * 60))


def viewer(company: Company, role: str, today: date) -> Viewer:
    found = viewer_in(company.users[role].pk, today)
    assert found is not None
    return found


def metric(code: str = "visits_arranged") -> Metric:
    return Metric.objects.get(code=code)


def enter(company: Company, today: date, **values: Any) -> WorkEntry:
    """Save an entry of ann; must run inside the scope."""
    given = {"metric": metric(), "day": today, "value": Decimal(3), "token": uuid4(), **values}
    return services.save_entry(None, viewer=viewer(company, "assistant", today), today=today, **given)


def submitted(company: Company, today: date, **values: Any) -> WorkEntry:
    entry = enter(company, today, **values)
    services.submit([entry.pk], viewer=viewer(company, "assistant", today))
    entry.refresh_from_db()
    return entry


def office(*parts: str) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for part in ("[Content_Types].xml", *parts):
            archive.writestr(part, "x")
    return data.getvalue()


def form(company: Company, day: date, **values: Any) -> dict[str, Any]:
    with company.scope():
        return {"metric": metric().pk, "value": "3", "day": day.isoformat(), "token": str(uuid4()), **values}


# Entries


def test_an_approved_entry_is_a_fact_and_counts(company: Company, today: date) -> None:
    with company.scope():
        entry = submitted(company, today, customer="恒达贸易")
        assert not Fact.objects.exists()
        boss = viewer(company, "manager", today)
        assert services.approve([entry.pk], viewer=boss, today=today) == 1
        fact = Fact.objects.get()
        assert (fact.source.code, fact.external_id, fact.value, fact.customer) == (
            "manual", f"entry-{entry.pk}", 3, "恒达贸易")  # fmt: skip
        company.drain()
        assert EmployeeRollup.objects.get(grain=int(Grain.DAY)).total == 3


def test_approving_twice_adds_nothing(company: Company, today: date) -> None:
    with company.scope():
        entry = submitted(company, today)
        boss = viewer(company, "manager", today)
        services.approve([entry.pk], viewer=boss, today=today)
        assert services.approve([entry.pk], viewer=boss, today=today) == 0
        assert services.send_back([entry.pk], viewer=boss, today=today, comment="x") == 0
        assert Fact.objects.count() == 1


def test_a_returned_entry_is_changed_and_submitted_again(company: Company, today: date) -> None:
    with company.scope():
        entry = submitted(company, today)
        boss = viewer(company, "manager", today)
        with pytest.raises(DomainError):
            services.send_back([entry.pk], viewer=boss, today=today, comment=" ")
        services.send_back([entry.pk], viewer=boss, today=today, comment="Which customer?")
        entry.refresh_from_db()
        assert (entry.state, entry.comment, entry.decided_by_id) == ("returned", "Which customer?", boss.user_id)
        ann = viewer(company, "assistant", today)
        services.save_entry(entry, viewer=ann, today=today, metric=metric(), day=today, value=Decimal(4),
                            token=entry.token)  # fmt: skip
        services.submit([entry.pk], viewer=viewer(company, "assistant", today))
        services.approve([entry.pk], viewer=boss, today=today)
        assert Fact.objects.get().value == 4


def test_taking_an_approval_back_removes_the_fact_and_keeps_what_it_said(company: Company, today: date) -> None:
    with company.scope():
        entry = submitted(company, today)
        boss = viewer(company, "manager", today)
        with pytest.raises(Conflict):
            services.take_back(entry.pk, viewer=boss, today=today, comment="x")
        services.approve([entry.pk], viewer=boss, today=today)
        company.drain()
        services.take_back(entry.pk, viewer=boss, today=today, comment="Counted twice")
        company.drain()
        assert not Fact.objects.exists()
        assert list(FactVersion.objects.values_list("value", "version")) == [(3, 1)]
        assert not EmployeeRollup.objects.exists()
        entry.refresh_from_db()
        assert (entry.state, entry.comment) == ("returned", "Counted twice")


def test_a_decided_entry_can_not_be_changed(company: Company, today: date) -> None:
    with company.scope():
        ann = viewer(company, "assistant", today)
        entry = submitted(company, today)
        with pytest.raises(Conflict):
            services.save_entry(entry, viewer=ann, today=today, metric=metric(), day=today, value=Decimal(9),
                                token=entry.token)  # fmt: skip
        with pytest.raises(Conflict):
            services.delete_entry(entry.pk, viewer=ann)
        services.withdraw(entry.pk, viewer=ann)
        services.delete_entry(entry.pk, viewer=ann)
        assert not WorkEntry.objects.exists()


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"days": 1}, "future"),
        ({"days": -400}, "too_old"),
        ({"value": Decimal(-1)}, "bad_value"),
        ({"code": "hours_worked", "value": Decimal(25)}, "bad_value"),
        ({"code": "sales_amount"}, "not_enterable"),
        ({"code": "win_rate"}, "not_enterable"),
    ],
    ids=str,
)
def test_an_entry_that_can_not_be_is_refused(
    company: Company, today: date, values: dict[str, Any], code: str
) -> None:
    with company.scope():
        days, name = values.pop("days", 0), values.pop("code", "visits_arranged")
        with pytest.raises(DomainError) as refused:
            enter(company, today, day=today + timedelta(days=days), metric=metric(name), **values)
        assert refused.value.code == code
        assert not WorkEntry.objects.exists()


def test_a_day_in_a_locked_month_must_be_meant(company: Company, today: date) -> None:
    last_month = Period.containing(Grain.MONTH, today).next(-1)
    with company.scope():
        lock_period(last_month, today=today, user_id=None, job_id=None, slug="acme")
        with pytest.raises(DomainError) as refused:
            enter(company, today, day=last_month.end)
        assert refused.value.code == "locked"
        assert enter(company, today, day=last_month.end, late=True).pk


def test_a_metric_that_needs_a_proof_is_not_submitted_without(company: Company, today: date) -> None:
    with company.scope():
        services.open_metrics({metric().pk: True})
        entry = enter(company, today)
        ann = viewer(company, "assistant", today)
        with pytest.raises(DomainError) as refused:
            services.submit([entry.pk], viewer=ann)
        assert refused.value.code == "needs_proof"
        services.add_proof(entry.pk, SimpleUploadedFile("visit.pdf", PDF), viewer=ann)
        assert services.submit([entry.pk], viewer=ann) == 1


def test_who_decides_follows_from_todays_reporting_line(company: Company, today: date) -> None:
    with company.scope():
        entry = submitted(company, today)
        draft = enter(company, today)
        stranger = Viewer(1, "Rex", "", company.people["rival"].pk, viewer(company, "manager", today).roles)
        own = Viewer(1, "Ann", "", company.people["ann"].pk, viewer(company, "owner", today).roles)
        for who in (stranger, own):
            for decide in (services.approve, lambda *a, **k: services.send_back(*a, comment="x", **k)):
                with pytest.raises(NotFound):
                    decide([entry.pk], viewer=who, today=today)
        for who in ("manager", "hr", "owner"):
            with pytest.raises(NotFound):
                services.approve([draft.pk], viewer=viewer(company, who, today), today=today)
        with pytest.raises(NotFound):  # one that is not theirs spoils the lot
            services.approve([entry.pk, draft.pk], viewer=viewer(company, "manager", today), today=today)
        assert not Fact.objects.exists()
        assert services.approve([entry.pk], viewer=viewer(company, "hr", today), today=today) == 1


def test_another_workspaces_entries_are_not_there(company: Company, other_company: Company, today: date) -> None:
    with company.scope():
        entry = submitted(company, today)
    with other_company.scope():
        boss = viewer(other_company, "owner", today)
        with pytest.raises(NotFound):
            services.approve([entry.pk], viewer=boss, today=today)
        with pytest.raises(NotFound):
            services.open_metrics({entry.metric_id: False})


def test_a_new_workspace_begins_with_the_usual_metrics(company: Company) -> None:
    with company.scope():
        codes = set(EnterableMetric.objects.values_list("metric__code", flat=True))
        assert {"hours_worked", "overtime_hours", "visits_arranged", "documents_prepared"} <= codes
        assert codes == set(services.DEFAULTS)


# Files


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("a.pdf", PDF, "pdf"), ("b.PNG", PNG, "png"), ("c.jpeg", b"\xff\xd8\xff\xe0abc", "jpeg"),
        ("d.docx", office("word/document.xml"), "docx"), ("e.xlsx", office("xl/workbook.xml"), "xlsx"),
    ],
    ids=["pdf", "png", "jpeg", "docx", "xlsx"],
)  # fmt: skip
def test_a_file_is_what_its_content_says(name: str, content: bytes, kind: str) -> None:
    assert sniff(name, io.BytesIO(content)).kind == kind


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.pdf", b"<html><script>alert(1)</script>"), ("a.png", PDF), ("a.pdf.exe", PDF), ("pdf", PDF),
        ("a.docx", office("xl/workbook.xml")), ("a.docx", office("word/document.xml", "word/vbaProject.bin")),
        ("a.docx", office()), ("a.docx", b"PK\x03\x04 broken"), ("a.svg", b"<svg onload='x'>"), ("a.jpg", b""),
        ("a.zip", office("readme.txt")),
    ],
    ids=range(11),
)  # fmt: skip
def test_a_file_that_only_pretends_is_refused(name: str, content: bytes) -> None:
    with pytest.raises(BadFile):
        sniff(name, io.BytesIO(content))


def test_files_are_bounded_in_size_and_number(company: Company, today: date, settings: Any) -> None:
    settings.PROOF_MAX_BYTES = 1000
    with company.scope():
        ann, entry = viewer(company, "assistant", today), enter(company, today)
        for content in (b"", PDF + b"x" * 1000):
            with pytest.raises(DomainError) as refused:
                services.add_proof(entry.pk, SimpleUploadedFile("a.pdf", content), viewer=ann)
            assert refused.value.code == "bad_size"
        first = services.add_proof(entry.pk, SimpleUploadedFile("a.pdf", PDF), viewer=ann)
        assert services.add_proof(entry.pk, SimpleUploadedFile("again.pdf", PDF), viewer=ann) == first
        for number in range(settings.PROOFS_PER_ENTRY - 1):
            services.add_proof(entry.pk, SimpleUploadedFile("a.pdf", PDF + bytes([65 + number])), viewer=ann)
        with pytest.raises(DomainError) as refused:
            services.add_proof(entry.pk, SimpleUploadedFile("a.pdf", PDF + b"last"), viewer=ann)
        assert refused.value.code == "too_many"


def test_a_file_goes_with_its_row(company: Company, today: date, django_capture_on_commit_callbacks: Any) -> None:
    with company.scope():
        ann, entry = viewer(company, "assistant", today), enter(company, today)
        proof = services.add_proof(entry.pk, SimpleUploadedFile("a.pdf", PDF), viewer=ann)
        assert default_storage.exists(proof.path)
        with django_capture_on_commit_callbacks(execute=True):
            services.remove_proof(proof.pk, viewer=ann)
        assert not default_storage.exists(proof.path)


# The pages


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
