"""Feedback between colleagues: praise for everybody, suggestions for two, changed for a day, hidden with a reason."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from perfmgmt.jobs.models import Job
from perfmgmt.notify.models import Notification
from perfmgmt.people.models import Employee
from reviews.feedback import exports
from reviews.models import CompanyValue, Feedback, FeedbackReceiver, HiddenPraise, PraiseReaction
from tests.browser.world import run_job
from tests.factories import Company, today_here

pytestmark = pytest.mark.django_db
SignIn = Callable[[Any], Client]
BASE, ENGLISH = "/w/acme/feedback/", {"accept-language": "en"}
EVERY_ROLE = ("owner", "hr", "executive", "manager", "assistant", "payroll", "auditor")


def said(company: Company, *people: str, **values: Any) -> dict[str, Any]:
    """A form as a browser sends it."""
    to = {f"to_{place}": company.people[person].number for place, person in enumerate(people, 1)}
    return {"kind": "praise", "text": "Stayed until it worked.", **to, **values}


def given(client: Client, company: Company, *people: str, **values: Any) -> int:
    """Give feedback; return the id of the last row."""
    answer = client.post(f"{BASE}give/", said(company, *people, **values))
    assert answer.status_code == 302, answer.content.decode()[-3000:]
    with company.scope():
        return Feedback.objects.latest("pk").pk


def page(client: Client, address: str = "") -> str:
    answer = client.get(f"{BASE}{address}", headers=ENGLISH)
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def told(company: Company, role: str) -> list[str]:
    with company.scope():
        rows = Notification.objects.filter(user=company.users[role], kind__startswith="feedback.")
        return list(rows.order_by("pk").values_list("kind", flat=True))


def test_praise_names_a_value_is_on_the_wall_for_everybody_and_told_to_who_got_it(
    company: Company, sign_in: SignIn
) -> None:
    with company.scope():
        value = CompanyValue.objects.create(name_en="Customers first")
    given(sign_in(company.users["manager"]), company, "ann", "bob", value=value.pk)
    for role in EVERY_ROLE:
        shown = page(sign_in(company.users[role]), "wall/")
        assert "Stayed until it worked." in shown and "Customers first" in shown, role
    assert "Stayed until it worked." in page(sign_in(company.users["assistant"]))
    assert "Stayed until it worked." in page(sign_in(company.users["manager"]), "given/")
    assert told(company, "assistant") == ["feedback.praised"] and told(company, "manager") == []
    with company.scope():
        assert Feedback.objects.get().receivers.count() == 2  # one praise for both


@pytest.mark.parametrize("role", EVERY_ROLE)
def test_a_suggestion_is_read_by_giver_and_receiver_only(company: Company, sign_in: SignIn, role: str) -> None:
    pk = given(sign_in(company.users["hr"]), company, "ann", kind="suggestion", text="Show me the offer first.")
    client = sign_in(company.users[role])
    assert client.get(f"{BASE}{pk}/").status_code == (200 if role in ("hr", "assistant") else 404)
    assert "Show me the offer" not in page(client, "wall/")
    assert ("Show me the offer" in page(client)) == (role == "assistant")
    assert client.post(f"{BASE}{pk}/react/", {"reaction": "thanks:1"}).status_code == (
        404 if role in ("owner", "manager") else 403
    )


def test_a_manager_reads_the_suggestions_to_their_people_that_were_shared(company: Company, sign_in: SignIn) -> None:
    manager, hr = sign_in(company.users["manager"]), sign_in(company.users["hr"])
    given(hr, company, "ann", kind="suggestion", text="Kept to ourselves")
    shared = given(hr, company, "ann", kind="suggestion", text="Shared with Mia", shares="on")
    given(hr, company, "cid", kind="suggestion", text="Of another team", shares="on")
    shown = page(manager, "team/")
    assert "Shared with Mia" in shown and "Kept to ourselves" not in shown and "Of another team" not in shown
    assert manager.get(f"{BASE}{shared}/").status_code == 200
    assert manager.post(f"{BASE}{shared}/take-back/").status_code == 409
    assert sign_in(company.users["owner"]).get(f"{BASE}{shared}/").status_code == 404


def test_a_suggestion_to_the_manager_is_for_the_manager_and_several_people_get_one_each(
    company: Company, sign_in: SignIn
) -> None:
    ann = sign_in(company.users["assistant"])
    given(ann, company, "manager", "cid", kind="suggestion", text="Send the agenda earlier.")
    assert "Send the agenda earlier." in page(sign_in(company.users["manager"]))
    with company.scope():
        assert [one.receivers.count() for one in Feedback.objects.all()] == [1, 1]
    assert told(company, "manager") == ["feedback.suggested"]


def test_what_is_refused_when_feedback_is_given(company: Company, sign_in: SignIn) -> None:
    ann = sign_in(company.users["assistant"])
    with company.scope():
        Employee.objects.filter(pk=company.people["bob"].pk).update(left_on=today_here() - timedelta(days=1))
        archived = CompanyValue.objects.create(name_en="Old", is_archived=True).pk
    wrong = [
        said(company, "ann"), said(company, "manager", "ann"), said(company), said(company, "bob"),
        said(company, "manager", text=" \n"), said(company, "manager", text="x" * 2001),
        said(company, "manager", kind="insult"), said(company, "manager", value=archived),
        said(company, "manager", to_1="nobody"),
    ]  # fmt: skip
    for values in wrong:
        assert ann.post(f"{BASE}give/", values).status_code == 400, values
    with company.scope():
        assert not Feedback.objects.exists() and not Notification.objects.filter(kind="feedback.praised").exists()
    for role in ("executive", "payroll", "auditor"):
        assert sign_in(company.users[role]).post(f"{BASE}give/", said(company, "ann")).status_code == 403, role


def test_the_giver_changes_it_or_takes_it_back_within_24_hours(company: Company, sign_in: SignIn) -> None:
    manager, hr = sign_in(company.users["manager"]), sign_in(company.users["hr"])
    pk, other = given(manager, company, "ann"), given(manager, company, "bob")
    assert hr.post(f"{BASE}{pk}/edit/", {"text": "Changed"}).status_code == 409
    assert hr.post(f"{BASE}{pk}/take-back/").status_code == 409
    assert manager.post(f"{BASE}{pk}/edit/", {"text": "Even better"}).status_code == 302
    assert "Even better" in page(hr, "wall/") and "edited" in page(hr, "wall/")
    assert told(company, "assistant") == ["feedback.praised"]
    assert manager.post(f"{BASE}{pk}/take-back/").status_code == 302
    assert manager.get(f"{BASE}{pk}/").status_code == 404 and told(company, "assistant") == []
    with company.scope():
        Feedback.objects.update(given_at=timezone.now() - timedelta(hours=24, seconds=1))
    assert manager.post(f"{BASE}{other}/edit/", {"text": "Late"}).status_code == 409
    assert manager.post(f"{BASE}{other}/take-back/").status_code == 409
    assert manager.get(f"{BASE}{other}/edit/")["Location"] == f"{BASE}{other}/"
    with company.scope():
        assert Feedback.objects.get().text == "Stayed until it worked."


def test_hr_hides_praise_with_a_reason_which_is_audited_and_told_to_the_giver(
    company: Company, sign_in: SignIn
) -> None:
    manager, hr = sign_in(company.users["manager"]), sign_in(company.users["hr"])
    pk = given(manager, company, "ann")
    assert manager.post(f"{BASE}{pk}/hide/", {"reason": "x"}).status_code == 403
    assert hr.post(f"{BASE}{pk}/hide/", {"reason": " "}).status_code == 400
    for _ in range(2):
        assert hr.post(f"{BASE}{pk}/hide/", {"reason": "Names a customer"}).status_code == 302
    assert told(company, "manager") == ["feedback.hidden"]
    for role in ("executive", "auditor", "payroll"):
        client = sign_in(company.users[role])
        assert client.get(f"{BASE}{pk}/").status_code == 404, role
        assert "Stayed until it worked." not in page(client, "wall/")
    for client in (manager, hr, sign_in(company.users["assistant"])):
        assert "Names a customer" in page(client, f"{pk}/")
    assert sign_in(company.users["assistant"]).post(f"{BASE}{pk}/react/", {"reaction": "thanks:1"}).status_code == 403
    assert hr.post(f"{BASE}{pk}/show/").status_code == 302
    assert "Stayed until it worked." in page(sign_in(company.users["auditor"]), "wall/")
    with company.scope():
        assert not HiddenPraise.objects.exists()
        event = HiddenPraise._meta.apps.get_model("reviews", "HiddenPraiseEvent")
        assert list(event.objects.order_by("pgh_id").values_list("pgh_label", "reason")) == [
            ("insert", "Names a customer"), ("delete", "Names a customer")
        ]  # fmt: skip


def test_a_suggestion_cannot_be_hidden_and_is_in_no_trail(company: Company, sign_in: SignIn) -> None:
    hr = sign_in(company.users["hr"])
    pk = given(hr, company, "ann", kind="suggestion")
    assert hr.post(f"{BASE}{pk}/hide/", {"reason": "x"}).status_code == 403
    with company.scope():
        assert not HiddenPraise.objects.exists()
    trail = sign_in(company.users["auditor"]).get("/w/acme/audit/", headers=ENGLISH).content.decode()
    assert "Stayed until it worked." not in trail


def test_a_reaction_is_one_click_a_person_and_goes_with_the_next(company: Company, sign_in: SignIn) -> None:
    manager, ann = sign_in(company.users["manager"]), sign_in(company.users["assistant"])
    address = f"{BASE}{given(manager, company, 'ann')}/react/"
    assert manager.post(address, {"reaction": "applause:1"}).status_code == 403  # one's own
    for _ in range(2):  # a double click
        assert ann.post(address, {"reaction": "thanks:1", "back": f"{BASE}wall/"})["Location"] == f"{BASE}wall/"
    assert sign_in(company.users["auditor"]).post(address, {"reaction": "thanks:1"}).status_code == 403
    row = sign_in(company.users["hr"]).post(address, {"reaction": "thanks:1"}, headers={"hx-request": "true"})
    assert "<b>2</b>" in row.content.decode() and "thanks:0" in row.content.decode()
    for bad in ("thanks", "thanks:2", "love:1", ""):
        assert ann.post(address, {"reaction": bad}).status_code == 404, bad
    assert ann.post(address, {"reaction": "thanks:1", "back": "https://evil.example/"})["Location"].startswith(BASE)
    for _ in range(2):
        ann.post(address, {"reaction": "thanks:0"})
    with company.scope():
        assert PraiseReaction.objects.get().by == company.users["hr"]


def test_lists_are_searched_filtered_sorted_and_exported_with_the_rights_of_who_asks(
    company: Company, sign_in: SignIn
) -> None:
    with company.scope():
        value = CompanyValue.objects.create(name_en="Integrity").pk
    manager, ann = sign_in(company.users["manager"]), sign_in(company.users["assistant"])
    first = given(manager, company, "ann", text="First words", value=value)
    given(manager, company, "cid", text="Other words")
    given(manager, company, "bob", kind="suggestion", text="Private words")
    ann.post(f"{BASE}{first}/react/", {"reaction": "thanks:1"})
    day = today_here()
    for query, n in (("", 2), ("q=first", 1), (f"person={company.people['cid'].number}", 1), (f"value={value}", 1),
                     (f"from={day}&to={day}", 2), (f"to={day - timedelta(days=1)}", 0), ("from=x&value=y&sort=z", 2),
                     ("q=private", 0)):  # fmt: skip
        assert page(ann, f"wall/?{query}").count('class="feedback-one"') == n, query
    shown = page(ann, "wall/?sort=reactions")
    assert shown.index("First words") < shown.index("Other words")
    assert ann.post(f"{BASE}export/?tab=wall&q=first").status_code == 302
    for role, tab, words in (("assistant", "wall", ["First", "Other"]), ("manager", "given", ["First", "Private"]),
                             ("hr", "given", []), ("owner", "team", [])):  # fmt: skip
        written = file_of(company, exports.EXPORT, {"tab": tab, "query": {}}, role)
        assert all(word in written for word in words), (role, tab)
        assert ("Private" in written) == ("Private" in words), (role, tab)


def file_of(company: Company, kind: str, params: dict[str, Any], role: str) -> str:
    """The file that an export writes for somebody."""
    pk = run_job(company, kind, params | {"language": "en"}, role=role)
    with company.scope(), default_storage.open((Job.objects.get(pk=pk).result or {})["file"]) as file:
        return str(file.read().decode())


def test_hr_keeps_the_values_and_archived_ones_are_no_longer_offered(company: Company, sign_in: SignIn) -> None:
    hr, manager = sign_in(company.users["hr"]), sign_in(company.users["manager"])
    assert hr.post(f"{BASE}values/new/", {"name_zh": " ", "name_en": ""}).status_code == 400
    assert hr.post(f"{BASE}values/new/", {"name_zh": "诚信", "name_en": "Integrity"}).status_code == 302
    assert manager.post(f"{BASE}values/new/", {"name_en": "Mine"}).status_code == 403
    with company.scope():
        pk = CompanyValue.objects.get().pk
    given(manager, company, "ann", value=pk)
    assert "Integrity" in page(manager, "give/")
    assert hr.post(f"{BASE}values/{pk}/edit/", {"name_en": "Honesty", "about_en": "We say so."}).status_code == 302
    assert "Honesty" in page(manager, "wall/")
    assert hr.post(f"{BASE}values/{pk}/archive/", {"on": "1"}).status_code == 302
    assert "Honesty" not in page(manager, "give/") and "Honesty" in page(manager, "wall/")
    assert "We say so." in page(hr, "values/?q=so&state=archived&sort=-praise")
    assert "No value matches" in page(hr, "values/?state=used")
    assert "Honesty" in file_of(company, exports.VALUES, {"query": {}}, "hr")


def test_another_workspaces_feedback_and_people_are_not_there(company: Company, sign_in: SignIn) -> None:
    other = Company.create("globex")
    with other.scope():
        theirs = Feedback.objects.create(kind="praise", text="Theirs", day=today_here(), given_at=timezone.now()).pk
        value = CompanyValue.objects.create(name_en="Theirs").pk
    owner = sign_in(company.users["owner"])
    assert owner.get(f"{BASE}{theirs}/").status_code == 404
    for act in ("react", "hide", "show", "edit", "take-back"):
        assert owner.post(f"{BASE}{theirs}/{act}/", {"reaction": "thanks:1", "reason": "x"}).status_code == 404, act
    assert owner.post(f"{BASE}values/{value}/archive/", {"on": "1"}).status_code == 404
    assert owner.post(f"{BASE}give/", said(company, "ann", value=value)).status_code == 400
    assert owner.post(f"{BASE}give/", said(company, to_1=other.people["ann"].number)).status_code == 400
    assert "Theirs" not in page(owner, "wall/")


def test_the_wall_takes_as_many_queries_for_many_as_for_one(company: Company, sign_in: SignIn) -> None:
    client = sign_in(company.users["assistant"])
    given(sign_in(company.users["manager"]), company, "ann")
    page(client, "wall/")

    def queries() -> int:
        with CaptureQueriesContext(connection) as found:
            page(client, "wall/")
        return len(found.captured_queries)

    few = queries()
    with company.scope():
        for number in range(15):
            made = Feedback.objects.create(
                kind="praise", by=company.users["hr"], text=str(number), day=today_here(), given_at=timezone.now()
            )
            FeedbackReceiver.objects.create(feedback=made, employee=company.people["bob"])
            PraiseReaction.objects.create(feedback=made, by=company.users["owner"], kind="agree")
    assert queries() == few


def test_a_persons_page_leads_to_the_form_for_them_but_not_for_oneself(company: Company, sign_in: SignIn) -> None:
    ann, manager = company.people["ann"], sign_in(company.users["manager"])
    link = f"{BASE}give/?to={ann.pk}"
    assert link in manager.get(f"/w/acme/people/{ann.pk}/profile/").content.decode()
    assert link not in sign_in(company.users["assistant"]).get(f"/w/acme/people/{ann.pk}/profile/").content.decode()
    assert link not in sign_in(company.users["auditor"]).get(f"/w/acme/people/{ann.pk}/profile/").content.decode()
    assert f"({ann.number})" in page(manager, f"give/?to={ann.pk}")
    assert page(manager, "give/?to=x") and page(manager, f"give/?to={2**40}")


def test_a_persons_timeline_has_praise_and_for_who_may_the_suggestions(company: Company, sign_in: SignIn) -> None:
    hr, profile = sign_in(company.users["hr"]), f"/w/acme/people/{company.people['ann'].pk}/profile/"
    given(hr, company, "ann", text="Praise for all")
    given(hr, company, "ann", kind="suggestion", text="For two")
    given(hr, company, "ann", kind="suggestion", text="For managers", shares="on")
    for role, words in (("assistant", {"For two", "For managers"}), ("manager", {"For managers"}),
                        ("owner", set()), ("auditor", set())):  # fmt: skip
        shown = sign_in(company.users[role]).get(profile).content.decode()
        assert "Praise for all" in shown, role
        assert {text for text in ("For two", "For managers") if text in shown} == words, role
