"""The pages of check-ins: double submits, errors that lose nothing, answers with and without scripts, files."""

import csv
from collections.abc import Callable
from datetime import date
from functools import partial
from io import BytesIO, StringIO
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.test import Client
from django.utils import timezone
from python_calamine import CalamineWorkbook

from goals.check_ins.rules import ONE_WEEK, monday_of, week_label
from goals.models import CheckIn, GoalRules, KeyTask, MonthlyTarget
from perfmgmt.jobs import services as jobs
from perfmgmt.jobs.models import Job
from perfmgmt.metrics.models import Metric
from perfmgmt.people.viewer import workspace_of
from perfmgmt.tenants.scope import tenant_scope
from tests.factories import Company

pytestmark = pytest.mark.django_db
SignIn = Callable[[Any], Client]
ENGLISH = {"accept-language": "en"}


@pytest.fixture
def week(company: Company) -> date:
    """This week; ann and bob have a target of its month."""
    with company.scope():
        monday = monday_of(workspace_of(company.tenant).today())
        for person in ("ann", "bob"):
            MonthlyTarget.objects.create(
                metric=Metric.objects.get(code="orders"), employee=company.people[person],
                month=workspace_of(company.tenant).today().replace(day=1), value=20,
            )  # fmt: skip
    return monday


def form(company: Company, **more: str) -> dict[str, str]:
    with company.scope():
        key = f"m{Metric.objects.get(code='orders').pk}"
    return {f"confidence_{key}": "2", f"blocker_{key}": "no car", "next_steps": "visit", "task_new0": "call", **more}


@pytest.fixture
def sent(company: Company, sign_in: SignIn, week: date) -> CheckIn:
    """Ann's check-in of this week, sent with the form."""
    answer = sign_in(company.users["assistant"]).post("/w/acme/check-in/", form(company, action="send"))
    assert answer.status_code == 302
    with company.scope():
        return CheckIn.objects.get()


def test_pressing_twice_is_harmless(company: Company, sign_in: SignIn, sent: CheckIn) -> None:
    client = sign_in(company.users["assistant"])
    again = client.post(
        "/w/acme/check-in/", form(company, action="send", next_steps="else"), follow=True, headers=ENGLISH
    )
    assert "was sent already" in again.content.decode()
    with company.scope():
        assert CheckIn.objects.get().next_steps == "visit"
        assert KeyTask.objects.count() == 1


def test_an_error_keeps_what_was_typed(company: Company, sign_in: SignIn, week: date) -> None:
    client = sign_in(company.users["assistant"])
    page = client.post("/w/acme/check-in/", form(company, action="send", help_wanted="on"), headers=ENGLISH)
    text = page.content.decode()
    assert page.status_code == 400
    assert "no car" in text
    assert "visit" in text
    with company.scope():
        assert not CheckIn.objects.exists()


def test_undone_tasks_are_carried_over(company: Company, sign_in: SignIn, week: date) -> None:
    with company.scope():
        for place, (text, done) in enumerate([("offer", False), ("done", True)], 1):
            KeyTask.objects.create(
                employee=company.people["ann"], week=week - ONE_WEEK, place=place, text=text, done=done
            )
    text = sign_in(company.users["assistant"]).get("/w/acme/check-in/").content.decode()
    assert 'value="offer"' in text
    assert 'value="done"' not in text


@pytest.mark.parametrize("query", ["?week=nonsense", "?week=2999-W01", "?week=2025-03"])
def test_a_week_that_is_none(company: Company, sign_in: SignIn, query: str) -> None:
    assert sign_in(company.users["assistant"]).get(f"/w/acme/check-in/{query}").status_code == 404


def test_an_answer_by_htmx_and_without(company: Company, sign_in: SignIn, sent: CheckIn) -> None:
    client = sign_in(company.users["manager"])
    address = f"/w/acme/check-ins/{sent.pk}/answer/"
    row = client.post(address, {"answer": "good", "seen": ""}, headers={"hx-request": "true", **ENGLISH})
    assert row.status_code == 200
    assert "<!doctype" not in row.content.decode().lower()
    assert "Answered" in row.content.decode()
    refused = client.post(address, {"answer": "bad", "seen": ""}, headers={"hx-request": "true", **ENGLISH})
    assert "answered meanwhile" in refused.content.decode()
    assert "bad" in refused.content.decode()
    page = client.post(address, {"answer": "better", "seen": "good"}, follow=True, headers=ENGLISH)
    assert "Your answer is saved." in page.content.decode()


def test_nobody_reads_another_team_s_and_drafts(company: Company, sign_in: SignIn, week: date) -> None:
    client = sign_in(company.users["assistant"])
    client.post("/w/acme/check-in/", form(company, action="save"))
    with company.scope():
        draft = CheckIn.objects.get().pk
    for role, status in [("manager", 404), ("hr", 404), ("executive", 403), ("payroll", 403), ("assistant", 302)]:
        assert sign_in(company.users[role]).get(f"/w/acme/check-ins/{draft}/").status_code == status


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_the_list_as_a_file(company: Company, sign_in: SignIn, sent: CheckIn, week: date, kind: str) -> None:
    client = sign_in(company.users["manager"])
    client.post("/w/acme/check-ins/export/?state=sent", {"format": kind}, headers=ENGLISH)
    with company.scope():
        job = Job.objects.latest("id")
    jobs.run(partial(tenant_scope, company.tenant.pk), job.pk)
    with company.scope():
        job.refresh_from_db()
        assert job.state == "done", job.error
        content = default_storage.open(job.result["file"]).read()
    if kind == "csv":
        rows = list(csv.reader(StringIO(content.decode("utf-8-sig"))))
    else:
        sheet = CalamineWorkbook.from_filelike(BytesIO(content)).get_sheet_by_index(0)
        rows = [[str(cell) for cell in row] for row in sheet.to_python()]
    assert len(rows) == 2
    assert rows[1][1:4] == ["李安", week_label(week), "Sent"]
    assert "no car" in rows[1]


def test_the_rules_are_set_by_hr(company: Company, sign_in: SignIn) -> None:
    values = {"check_in_day": "4", "check_in_hour": "15", "large_change": "12.5"}
    assert sign_in(company.users["manager"]).post("/w/acme/goals/rules/", values).status_code == 403
    client = sign_in(company.users["hr"])
    assert client.post("/w/acme/goals/rules/", {**values, "check_in_hour": "24"}).status_code == 400
    assert client.post("/w/acme/goals/rules/", values).status_code == 302
    with company.scope():
        rules = GoalRules.objects.get()
        assert (rules.check_in_day, rules.check_in_hour, str(rules.large_change)) == (4, 15, "12.50")


def test_the_timeline_and_the_tab(company: Company, sign_in: SignIn, sent: CheckIn) -> None:
    client, ann = sign_in(company.users["manager"]), company.people["ann"].pk
    assert "Check-in of week" in client.get(f"/w/acme/people/{ann}/profile/", headers=ENGLISH).content.decode()
    assert "Check-ins" in client.get(f"/w/acme/people/{ann}/check-ins/", headers=ENGLISH).content.decode()


def test_ids_of_another_company_are_not_found(
    company: Company, other_company: Company, sign_in: SignIn, week: date
) -> None:
    with other_company.scope():
        theirs = other_company.people["ann"]
        check_in = CheckIn.objects.create(employee=theirs, week=week)
        task = KeyTask.objects.create(employee=theirs, week=week, place=1, text="call")
    for role in ("owner", "hr", "manager"):
        client = sign_in(company.users[role])
        for path in (f"people/{theirs.pk}/key-tasks/", f"check-ins/{check_in.pk}/answer/"):
            assert client.post(f"/w/acme/{path}", {"task": task.pk, "answer": "x"}).status_code == 404
            assert client.post(f"/w/acme/{path}").status_code == 404
        for path in (f"people/{theirs.pk}/check-ins/", f"check-ins/{check_in.pk}/"):
            assert client.get(f"/w/acme/{path}").status_code == 404


def test_the_list_says_what_of_last_week_still_waits(company: Company, sign_in: SignIn, sent: CheckIn) -> None:
    client, address = sign_in(company.users["manager"]), "/w/acme/check-ins/"
    says = "1 check-in of last week waits for your answer"
    assert says not in client.get(address, headers=ENGLISH).content.decode()  # it is of this week
    with company.scope():
        last = sent.week - ONE_WEEK
        CheckIn.objects.filter(pk=sent.pk).update(week=last, help_wanted=True)
    text = client.get(address, headers=ENGLISH).content.decode()
    assert says in text and "1 asks for help" in text
    assert says not in client.get(f"{address}?week={week_label(last)}", headers=ENGLISH).content.decode()
    assert says not in sign_in(company.users["auditor"]).get(address, headers=ENGLISH).content.decode()
    with company.scope():
        CheckIn.objects.filter(pk=sent.pk).update(answered_at=timezone.now())
    assert says not in client.get(address, headers=ENGLISH).content.decode()
