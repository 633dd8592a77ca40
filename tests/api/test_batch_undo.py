"""Undoing a batch: by the program that sent it and by people, once, and only what nobody has changed since."""

from collections.abc import Callable
from decimal import Decimal
from functools import partial
from io import StringIO
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.test import Client

from perfmgmt.jobs import services as jobs
from perfmgmt.jobs.models import Job, JobState
from perfmgmt.metrics.imports.facts import KIND as IMPORT
from perfmgmt.metrics.models import Fact, FactsBatch, FactVersion
from perfmgmt.tenants.scope import tenant_scope
from tests.api.conftest import Api, make_token, problem
from tests.api.test_batch import body, facts, row
from tests.factories import Company

pytestmark = pytest.mark.django_db


def send(api: Api, *rows: Any, key: str) -> int:
    """Send a batch; return its number."""
    response = api.batch(body(*rows), key)
    assert response.status_code == 200, response.content
    return int(response.json()["batch"])


def work(company: Company) -> None:
    """Do the jobs that wait."""
    with company.scope():
        waiting = list(Job.objects.filter(state=JobState.QUEUED).values_list("pk", flat=True))
    for job_id in waiting:
        jobs.run(partial(tenant_scope, company.tenant.pk), job_id)


def undone(api: Api, company: Company, batch: int, key: str = "undo") -> dict[str, Any]:
    """Undo a batch to the end; return what the API says of it then."""
    assert api.undo(batch, key).status_code == 202
    work(company)
    found: dict[str, Any] = api.get(f"facts/batches/{batch}").json()["undo"]
    assert found["state"] == "done", found
    return found


def counts(undo: dict[str, Any]) -> tuple[int, int, int]:
    return undo["taken_back"], undo["restored"], undo["left"]


def test_what_a_batch_added_goes_and_what_it_changed_is_as_before(api: Api, company: Company) -> None:
    send(api, row("a", "1"), row("b", "2"), key="1")
    second = send(api, row("b", "20", employee="AC005"), row("c", "3"), row("a", "1"), row("d", "x"), key="2")
    told = api.get(f"facts/batches/{second}").json()
    assert [told[name] for name in ("added", "changed", "unchanged", "refused", "undo")] == [1, 1, 1, 1, None]
    assert counts(undone(api, company, second)) == (1, 1, 0)
    assert facts(company) == [("a", Decimal(1)), ("b", Decimal(2))]
    with company.scope():
        assert Fact.objects.get(external_id="b").employee_id == company.people["ann"].pk
        company.drain()
    call_command("rebuild", workspace="acme", check=True, stdout=StringIO())  # exits when figures differ


def test_what_a_later_batch_changed_stays_and_is_named_with_the_reason(api: Api, company: Company) -> None:
    first = send(api, row("a", "1"), row("b", "2"), key="1")
    second = send(api, row("b", "3"), key="2")
    found = undone(api, company, first)
    assert counts(found) == (1, 0, 1)
    assert found["left_facts"] == [{"external_id": "b", "metric": "sales_amount", "why": "changed"}]
    assert facts(company) == [("b", Decimal(3))]
    assert counts(undone(api, company, second, "other")) == (0, 1, 0)
    assert facts(company) == [("b", Decimal(2))]


def test_what_an_import_of_a_file_changed_since_stays(
    api: Api, company: Company, settings: Any, tmp_path: Any
) -> None:
    settings.MEDIA_ROOT = tmp_path
    first = send(api, row("a", "1"), key="1")
    content = b"external_id,metric,employee,date,value\na,sales_amount,AC004,2025-03-05,7\n"
    mapping = {
        "kind": "facts", "source": "crm", "external_id": "external_id",
        "employee": {"column": "employee", "by": "number"},
        "facts": [{"metric": "sales_amount", "day": "date", "value": {"column": "value"}}],
    }  # fmt: skip
    with company.scope():
        path = default_storage.save("later.csv", ContentFile(content))
        jobs.start(
            IMPORT, {"file": path, "file_name": "later.csv", "mapping": mapping, "language": "en"}, user_id=None
        )
    work(company)
    with company.scope():
        assert Job.objects.get().error == ""
    assert facts(company) == [("a", Decimal(7))]
    assert counts(undone(api, company, first)) == (0, 0, 1)
    assert facts(company) == [("a", Decimal(7))]


def test_the_same_key_is_answered_alike_and_another_finds_it_started(api: Api, company: Company) -> None:
    batch = send(api, row("a"), key="1")
    first, again, other = api.undo(batch, "u"), api.undo(batch, "u"), api.undo(batch, "v")
    assert (first["Idempotency-Replayed"], again["Idempotency-Replayed"]) == ("false", "true")
    assert first.content == again.content == other.content
    assert first.json()["undo"]["state"] == "queued"
    with company.scope():
        assert Job.objects.filter(kind="facts.undo_batch").count() == 1
    problem(api.undo(send(api, row("b"), key="2"), "u"), 422, "idempotency_key_reused")
    problem(api.undo(batch, ""), 400, "idempotency_key_missing")
    problem(api.undo(batch, "1"), 422, "idempotency_key_reused")


def test_an_undoing_that_failed_can_be_started_again(api: Api, company: Company) -> None:
    batch = send(api, row("a"), key="1")
    api.undo(batch, "u")
    with company.scope():
        Job.objects.update(state=JobState.FAILED, error="no")
    assert counts(undone(api, company, batch, "v")) == (1, 0, 0)


def test_a_batch_of_another_token_or_workspace_is_not_there(
    api: Api, api_with: Callable[..., Api], company: Company, other_company: Company
) -> None:
    batch = send(api, row("a"), key="1")
    for stranger in (api_with("facts:write"), Api(make_token(other_company))):
        problem(stranger.undo(batch), 404, "not_found")
        problem(stranger.get(f"facts/batches/{batch}"), 404, "not_found")
    problem(api_with("facts:read").undo(batch), 403, "missing_scope")
    with company.scope():
        assert not Job.objects.exists()
    assert len(facts(company)) == 1


def test_a_batch_and_an_import_never_share_a_number(api: Api, company: Company) -> None:
    batch = send(api, row("a"), key="1")
    with company.scope():
        job = Job.objects.create(kind=IMPORT)
        assert job.pk > batch
        assert Fact.objects.get().job_id == batch
    assert send(api, row("a", "2"), key="2") > job.pk
    with company.scope():
        assert FactVersion.objects.get().job_id == batch


@pytest.mark.parametrize(("language", "word"), [("en", "Undo this batch"), ("zh-hans", "撤销这一批次")])
def test_hr_sees_batches_and_undoes_one_in_their_language(
    api: Api, company: Company, sign_in: Callable[[Any], Client], language: str, word: str
) -> None:
    batch = send(api, row("a"), key="1")
    send(api, row("b"), key="2")
    client = sign_in(company.users["hr"])
    headers = {"Accept-Language": language}
    company.users["hr"].language = language
    company.users["hr"].save()
    listed = client.get("/w/acme/imports/batches/", headers=headers).content.decode()
    assert f"crm #{batch}" in listed and "Test" in listed
    found = client.get("/w/acme/imports/batches/", {"q": str(batch)}, headers=headers).content.decode()
    assert f"crm #{batch}<" in found and f"crm #{batch + 1}<" not in found
    page = f"/w/acme/imports/batches/{batch}/"
    assert word in client.get(page, headers=headers).content.decode()
    for _click in range(2):
        assert client.post(f"{page}undo/", headers=headers).status_code == 302
    work(company)
    after = client.get(page, headers=headers).content.decode()
    assert word not in after
    assert [external_id for external_id, _value in facts(company)] == ["b"]
    with company.scope():
        assert Job.objects.get(kind="facts.undo_batch").created_by_id == company.users["hr"].pk
        assert FactsBatch.objects.exclude(undo_job_id=None).count() == 1


def test_refused_rows_of_a_batch_are_listed_with_the_reason_in_the_readers_language(
    api: Api, company: Company, sign_in: Callable[[Any], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("perfmgmt.api.batch.MOST_LISTED", 2)
    bad = [row("b", "ten"), row("c", date="2025-02-30"), row("d", employee="AC999")]
    batch = send(api, row("a"), *bad, key="1")
    company.users["hr"].language = "zh-hans"
    company.users["hr"].save()
    client = sign_in(company.users["hr"])
    page = client.get(f"/w/acme/imports/batches/{batch}/", headers={"Accept-Language": "zh-hans"}).content.decode()
    assert "“ten”不是数字" in page and "“2025-02-30”不是日期" in page and "AC999" not in page
    assert "列出 3 行中的前 2 行" in page


def test_others_may_not_undo_and_another_workspaces_batch_is_not_there(
    api: Api, company: Company, other_company: Company, sign_in: Callable[[Any], Client]
) -> None:
    batch = send(api, row("a"), key="1")
    for role, status in (("manager", 403), ("auditor", 403)):
        assert sign_in(company.users[role]).post(f"/w/acme/imports/batches/{batch}/undo/").status_code == status
    theirs = sign_in(other_company.users["owner"])
    slug = other_company.tenant.slug
    assert theirs.post(f"/w/{slug}/imports/batches/{batch}/undo/").status_code == 404
    assert theirs.get(f"/w/{slug}/imports/batches/{batch}/").status_code == 404
    assert len(facts(company)) == 1


def test_a_fact_says_that_a_program_sent_it(api: Api, company: Company, sign_in: Callable[[Any], Client]) -> None:
    batch = send(api, row("a"), key="1")
    with company.scope():
        address = f"/w/acme/facts/{Fact.objects.get().id}/"
    assert f"imports/batches/{batch}/" in sign_in(company.users["owner"]).get(address).content.decode()
    text = sign_in(company.users["manager"]).get(address).content.decode()
    assert f"imports/batches/{batch}/" not in text
