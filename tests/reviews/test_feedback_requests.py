"""Requested feedback: asked by name, replied or declined, read by who asked and nobody else, reminded once."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.files.storage import default_storage
from django.test import Client

from perfmgmt.jobs.models import Job
from perfmgmt.notify.models import Notification
from perfmgmt.people.viewer import Workspace, viewer_in, workspace_of
from reviews.feedback.requested import exports, reminders
from reviews.models import FeedbackAsk, FeedbackRequest
from reviews.waiting import REPLY, waiting_for
from tests.browser.world import run_job
from tests.factories import Company, today_here
from tests.reviews.feedback_factories import let_in

pytestmark = pytest.mark.django_db
SignIn = Callable[[Any], Client]
BASE, ENGLISH = "/w/acme/feedback/", {"accept-language": "en"}
ANSWER = {"said_1": "Checked the stock first.", "said_2": ""}


@pytest.fixture
def team(company: Company) -> Company:
    """The company, in which bob, cid and the boss can sign in as well."""
    let_in(company, "bob", "cid", "boss")
    return company


def wanted(company: Company, *people: str, **values: Any) -> dict[str, Any]:
    """A form as a browser sends it."""
    to = {f"to_{place}": company.people[person].number for place, person in enumerate(people, 1)}
    due = (today_here() + timedelta(days=7)).isoformat()
    return {
        "topic": "Lakeside",
        "question_1": "What went well?",
        "question_2": "What next?",
        "due": due,
        **to,
        **values,
    }


def asked(client: Client, company: Company, *people: str, **values: Any) -> int:
    """Ask; return the request's id."""
    answer = client.post(f"{BASE}requests/new/", wanted(company, *people, **values))
    assert answer.status_code == 302, answer.content.decode()[-3000:]
    return int(answer["Location"].rstrip("/").rpartition("/")[2])


def ask_of(company: Company, person: str) -> int:
    with company.scope():
        return FeedbackAsk.objects.get(employee=company.people[person]).pk


def told(company: Company, role: str) -> list[str]:
    with company.scope():
        rows = Notification.objects.filter(user=company.users[role], kind__startswith="feedback.", read_at=None)
        return list(rows.order_by("pk").values_list("kind", flat=True))


def read(client: Client, address: str) -> str:
    answer = client.get(f"{BASE}{address}", headers=ENGLISH)
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def test_an_assistant_asks_three_people_two_reply_and_only_the_asker_reads(team: Company, sign_in: SignIn) -> None:
    ann, bob, manager = (sign_in(team.users[name]) for name in ("assistant", "bob", "manager"))
    pk = asked(ann, team, "bob", "manager", "cid")
    assert told(team, "bob") == ["feedback.asked"]
    assert "With your name, read by: Assistant" in read(bob, f"asks/{ask_of(team, 'bob')}/")
    assert bob.post(f"{BASE}asks/{ask_of(team, 'bob')}/", ANSWER).status_code == 302
    assert manager.post(f"{BASE}asks/{ask_of(team, 'manager')}/", {"said_2": "The list earlier."}).status_code == 302
    assert told(team, "bob") == []  # what asked for it is done
    shown = read(ann, f"requests/{pk}/")
    assert "Checked the stock first." in shown and "The list earlier." in shown and "Bob Bell" in shown
    with team.scope():
        note = Notification.objects.get(user=team.users["assistant"], kind="feedback.replied")
        assert note.params["n"] == 2  # one line for both
    for role in ("owner", "hr", "manager", "bob", "auditor", "executive"):
        assert sign_in(team.users[role]).get(f"{BASE}requests/{pk}/").status_code == 404, role
    assert sign_in(team.users["manager"]).get(f"{BASE}asks/{ask_of(team, 'bob')}/").status_code == 404
    assert "2 of 3" in read(ann, "requests/?q=lakeside&state=open&sort=topic")
    assert "No request matches" in read(ann, "requests/?state=over")


def test_a_manager_asks_for_their_people_and_hr_for_anybody(team: Company, sign_in: SignIn) -> None:
    ann, manager = sign_in(team.users["assistant"]), sign_in(team.users["manager"])
    number = {name: team.people[name].number for name in ("ann", "cid")}
    hidden = asked(manager, team, "bob", employee=number["ann"])
    assert ann.get(f"{BASE}requests/{hidden}/").status_code == 404
    shown = asked(manager, team, "bob", employee=number["ann"], shown_to_person="on")
    assert ann.get(f"{BASE}requests/{shown}/").status_code == 200
    assert ann.post(f"{BASE}requests/{shown}/close/").status_code == 403
    for client, status in ((manager, 403), (sign_in(team.users["hr"]), 302)):
        answer = client.post(f"{BASE}requests/new/", wanted(team, "boss", employee=number["cid"]))
        assert answer.status_code in (status, 400 if status == 403 else status)
    with team.scope():
        assert FeedbackRequest.objects.filter(employee=team.people["cid"]).count() == 1
        FeedbackRequest.objects.all().delete()
    asked(ann, team, "bob", employee=number["cid"])  # an assistant asks about themselves, whatever is sent
    with team.scope():
        assert FeedbackRequest.objects.get().employee == team.people["ann"]


def test_what_is_refused_when_colleagues_are_asked(team: Company, sign_in: SignIn) -> None:
    ann, today = sign_in(team.users["assistant"]), today_here()
    wrong = [
        wanted(team), wanted(team, "ann"), wanted(team, "rival"), wanted(team, "bob", topic=" "),
        wanted(team, "bob", question_1=""), wanted(team, "bob", question_1="x" * 301),
        wanted(team, "bob", due=(today - timedelta(days=1)).isoformat()),
        wanted(team, "bob", due=(today + timedelta(days=61)).isoformat()),
    ]  # fmt: skip
    for values in wrong:
        assert ann.post(f"{BASE}requests/new/", values).status_code == 400, values
    with team.scope():
        assert not FeedbackRequest.objects.exists() and not FeedbackAsk.objects.exists()
    for role in ("executive", "payroll", "auditor"):
        assert sign_in(team.users[role]).post(f"{BASE}requests/new/", wanted(team, "bob")).status_code == 403, role


def test_a_colleague_declines_with_a_reason_and_may_still_change_their_mind(team: Company, sign_in: SignIn) -> None:
    ann, bob = sign_in(team.users["assistant"]), sign_in(team.users["bob"])
    pk = asked(ann, team, "bob")
    address = f"{BASE}asks/{ask_of(team, 'bob')}/"
    assert bob.post(f"{address}decline/", {"reason": " "}).status_code == 400
    for _ in range(2):
        assert bob.post(f"{address}decline/", {"reason": "We did not work together"}).status_code == 302
    assert told(team, "assistant") == ["feedback.declined"] and told(team, "bob") == []
    assert "We did not work together" in read(ann, f"requests/{pk}/")
    assert bob.post(address, {"said_1": " "}).status_code == 400
    assert bob.post(address, ANSWER).status_code == 302
    shown = read(ann, f"requests/{pk}/")
    assert "Checked the stock first." in shown and "We did not work together" not in shown


@pytest.mark.parametrize("how", ["closed", "late"])
def test_after_the_last_day_or_the_close_no_reply_is_taken_or_changed(
    team: Company, sign_in: SignIn, how: str
) -> None:
    ann, bob = sign_in(team.users["assistant"]), sign_in(team.users["bob"])
    pk = asked(ann, team, "bob")
    address = f"{BASE}asks/{ask_of(team, 'bob')}/"
    if how == "closed":
        for _ in range(2):
            assert ann.post(f"{BASE}requests/{pk}/close/").status_code == 302
    else:
        with team.scope():
            FeedbackRequest.objects.update(due=today_here() - timedelta(days=1))
    assert bob.post(address, ANSWER).status_code == 409
    assert bob.post(f"{address}decline/", {"reason": "x"}).status_code == 409
    page = read(bob, f"asks/{ask_of(team, 'bob')}/")
    assert "takes no replies any more" in page and "<textarea" not in page
    with team.scope():
        assert FeedbackAsk.objects.get().state == "open"


def test_what_waits_for_a_reply_stands_on_the_home(team: Company, sign_in: SignIn) -> None:
    asked(sign_in(team.users["assistant"]), team, "bob")
    with team.scope():
        viewer = viewer_in(team.users["bob"].pk, today_here())
        assert viewer is not None
        assert [(one.kind, one.about) for one in waiting_for(viewer, today_here())] == [(REPLY, "Lakeside")]
    text = "Give the feedback you are asked for: Lakeside"
    assert text in sign_in(team.users["bob"]).get("/w/acme/home/waiting/", headers=ENGLISH).content.decode()
    sign_in(team.users["bob"]).post(f"{BASE}asks/{ask_of(team, 'bob')}/", ANSWER)
    with team.scope():
        assert waiting_for(viewer, today_here()) == []


def test_who_has_not_replied_is_reminded_once_near_the_last_day(team: Company, sign_in: SignIn) -> None:
    ann, bob = sign_in(team.users["assistant"]), sign_in(team.users["bob"])
    asked(ann, team, "bob", "manager")
    bob.post(f"{BASE}asks/{ask_of(team, 'bob')}/", ANSWER)
    with team.scope():
        workspace = workspace_of(team.tenant)
        days = working_days(workspace)
        FeedbackRequest.objects.update(due=days[2], asked_at=at(days[0] - timedelta(days=1), 9))
        assert reminders.remind(workspace, at(days[2] - timedelta(days=3), 9)) == 0  # too early
        assert reminders.remind(workspace, at(days[2], 20)) == 0  # at night
        assert reminders.remind(workspace, at(days[2], 9)) == 1
        assert reminders.remind(workspace, at(days[2], 10)) == 0
    assert told(team, "manager") == ["feedback.asked", "feedback.reminded"] and told(team, "bob") == []


def working_days(workspace: Workspace) -> list[Any]:
    """Working days that follow one another directly, three of them, from today on."""
    today = today_here()
    calendar = workspace.calendar(today, today + timedelta(days=40))
    days = [today + timedelta(days=n) for n in range(40)]
    for first in days:
        three = [first + timedelta(days=n) for n in range(3)]
        if all(calendar.working_days(day, day) for day in three):
            return three
    raise AssertionError


def at(day: Any, hour: int) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=ZoneInfo("Asia/Shanghai"))


def test_exports_have_what_the_reader_may_read(team: Company, sign_in: SignIn) -> None:
    asked(sign_in(team.users["assistant"]), team, "bob", "manager")
    sign_in(team.users["bob"]).post(f"{BASE}asks/{ask_of(team, 'bob')}/", ANSWER)
    for role, kind, there in (("assistant", exports.REQUESTS, True), ("hr", exports.REQUESTS, False),
                              ("bob", exports.ASKS, True), ("manager", exports.ASKS, False)):  # fmt: skip
        pk = run_job(team, kind, {"query": {}, "language": "en"}, role=role)
        with team.scope(), default_storage.open((Job.objects.get(pk=pk).result or {})["file"]) as file:
            assert ("Checked the stock first." in file.read().decode()) == there, (role, kind)
    assert sign_in(team.users["assistant"]).post(f"{BASE}requests/export/?q=x").status_code == 302
    assert sign_in(team.users["bob"]).post(f"{BASE}asks/export/").status_code == 302


def test_another_workspaces_requests_are_not_there(team: Company, sign_in: SignIn) -> None:
    other = Company.create("globex")
    pk = asked_elsewhere(other)
    owner = sign_in(team.users["owner"])
    assert owner.get(f"{BASE}requests/{pk}/").status_code == 404
    assert owner.post(f"{BASE}requests/{pk}/close/").status_code == 404
    wrong = wanted(team, "bob", employee=other.people["ann"].number)
    assert owner.post(f"{BASE}requests/new/", wrong).status_code == 400


def asked_elsewhere(other: Company) -> int:
    with other.scope():
        return FeedbackRequest.objects.create(
            employee=other.people["ann"], topic="x", question_1="y", due=today_here(), asked_at=at(today_here(), 9)
        ).pk
