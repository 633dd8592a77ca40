"""Pages of follow-ups by role: list with its filters, one task, closing and telling, the rule of a survey."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from perfmgmt.customers.models import CustomerOwner
from perfmgmt.notify.models import WorkspaceMail
from reviews.models import FollowUp, FollowUpRule, SurveyInvitation
from tests.factories import START, Company
from tests.reviews.answering_factories import ask
from tests.reviews.followup_factories import disowned, low, said
from tests.reviews.survey_factories import published

pytestmark = pytest.mark.django_db
SignIn = Callable[[Any], Client]
BASE = "/w/acme/surveys/follow-ups/"
ENGLISH = {"accept-language": "en"}


def text(response: Any) -> str:
    found: str = response.content.decode()
    return found


def test_a_manager_finds_filters_opens_and_closes_and_the_customer_is_told(company: Company, sign_in: SignIn) -> None:
    asked, pk = low(company)
    low(company, person="cid")
    manager = sign_in(company.users["manager"])
    shown = text(manager.get(BASE, headers=ENGLISH))
    assert shown.count("Globex") == 1 and "K**" in shown and "Kim" not in shown
    found = {
        "state=overdue": 0, "state=open": 1, "owner=mine": 1, "q=SO-7": 1, "q=zz": 0, "owner=none": 0,
        "sort=-score&survey=99999999999999999": 0, "owner=x&survey=-1": 1,
    }  # fmt: skip
    for query, n in found.items():
        assert text(manager.get(f"{BASE}?{query}")).count("Globex") == n, query
    page = text(manager.get(f"{BASE}{pk}/", headers=ENGLISH))
    assert "Too slow" in page and "SO-7" in page and "K**" in page and "Kim" not in page
    assert manager.post(f"{BASE}{pk}/begin/").status_code == 302
    form = text(manager.get(f"{BASE}{pk}/close/", headers=ENGLISH))
    assert "[what was found and done]" in form
    answer = {"outcome": "solved", "text": "Called.", "tells": "on", "subject": "Your answer", "body": "All done."}
    assert manager.post(f"{BASE}{pk}/close/", answer | {"body": "We [what]"}).status_code == 400
    assert manager.post(f"{BASE}{pk}/close/", answer).status_code == 302
    assert manager.post(f"{BASE}{pk}/close/", answer).status_code == 409
    assert "the customer was told by mail" in text(manager.get(f"{BASE}{pk}/", headers=ENGLISH))
    with company.scope():
        assert WorkspaceMail.objects.get(kind="surveys.follow_up").recipient.endswith("@example.com")
    assert asked.now().state == "finished"


def test_questions_read_as_the_customer_read_them_and_a_past_correction_is_no_promise(
    company: Company, sign_in: SignIn
) -> None:
    asked, pk = low(company)
    hr = sign_in(company.users["hr"])
    shown = text(hr.get(f"{BASE}{pk}/", headers=ENGLISH))
    assert "{person}" not in shown and "{company}" not in shown
    assert "The customer can correct the answer until" in shown
    with company.scope():
        long_ago = timezone.now() - timedelta(days=8)
        SurveyInvitation.objects.filter(pk=asked.now().pk).update(finished_at=long_ago)
        FollowUp.objects.filter(pk=pk).update(state="begun", due=long_ago.date())
    shown = text(hr.get(f"{BASE}{pk}/", headers=ENGLISH))
    assert "The customer can correct the answer until" not in shown
    assert "Overdue" in shown and "In progress" in shown


def test_whose_customer_it_is_reads_the_contacts_name(company: Company, sign_in: SignIn) -> None:
    asked, pk = low(company)
    with company.scope():
        contact = asked.now().contact
        assert contact is not None
        CustomerOwner.objects.create(customer=contact.customer, employee=company.people["ann"], from_day=START)
    assert "Kim" in text(sign_in(company.users["manager"]).get(f"{BASE}{pk}/"))
    assert "Kim" in text(sign_in(company.users["hr"]).get(f"{BASE}{pk}/"))


@pytest.mark.parametrize(
    ("role", "read", "write"),
    [("owner", 200, 200), ("hr", 200, 200), ("auditor", 200, 403), ("assistant", 404, 404), ("executive", 403, 403),
     ("payroll", 403, 403)],
)  # fmt: skip
def test_others_read_and_close_what_their_role_allows(
    company: Company, sign_in: SignIn, role: str, read: int, write: int
) -> None:
    _asked, pk = low(company)
    client = sign_in(company.users[role])
    assert client.get(f"{BASE}{pk}/").status_code == read
    for act in ("close", "hand-over"):
        assert client.get(f"{BASE}{pk}/{act}/").status_code == write
        assert client.post(f"{BASE}{pk}/{act}/", {}).status_code == (400 if write == 200 else write)
    with company.scope():
        assert FollowUp.objects.get(pk=pk).is_open


def test_handed_over_by_name_and_then_on_the_new_owners_home(company: Company, sign_in: SignIn) -> None:
    _asked, pk = low(company)
    hr = sign_in(company.users["hr"])
    number = company.people["ann"].number
    assert hr.post(f"{BASE}{pk}/hand-over/", {"owner": number, "due": "2099-01-04"}).status_code == 302
    assistant = sign_in(company.users["assistant"])
    home = text(assistant.get("/w/acme/home/waiting/", headers=ENGLISH))
    assert "Follow up a low score for 李安" in home and f"{BASE}{pk}/" in home
    assert assistant.get(f"{BASE}{pk}/").status_code == 200


def test_a_correction_and_not_mine_are_said_on_the_page(company: Company, sign_in: SignIn) -> None:
    asked, pk = low(company)
    manager = sign_in(company.users["manager"])
    said(asked, correcting=True, satisfaction=5)
    page = text(manager.get(f"{BASE}{pk}/", headers=ENGLISH))
    assert "the score is good now" in page and "1 → 5" in page
    disowned(asked)
    page = text(manager.get(f"{BASE}{pk}/", headers=ENGLISH))
    assert "this was not theirs" in page and "Too slow" not in page
    assert manager.get(f"{BASE}{pk}/close/")["Location"].endswith(f"{BASE}{pk}/")
    assert manager.post(f"{BASE}{pk}/close/", {}).status_code == 409


def test_hr_sets_the_rule_and_a_manager_can_not(company: Company, sign_in: SignIn) -> None:
    with company.scope():
        version = published()
    address = f"/w/acme/surveys/{version.survey_id}/follow-ups/"
    values = {"csat_most": 3, "nps_most": 5, "ces_most": 1, "due_days": 1, "owner": "assistant", "is_on": "on"}
    assert sign_in(company.users["manager"]).post(address, values).status_code == 403
    hr = sign_in(company.users["hr"])
    assert hr.post(address, values | {"owner": "person"}).status_code == 400
    assert hr.post(address, values | {"csat_most": 6}).status_code == 400
    assert hr.post(address, values).status_code == 302
    with company.scope():
        rule = FollowUpRule.objects.get()
        assert (rule.is_on, rule.csat_most, rule.owner) == (True, 3, "assistant")
    asked = ask(company, version)
    said(asked, satisfaction=3)
    with company.scope():
        assert FollowUp.objects.get(invitation=asked.pk).owner == company.people["ann"]


def test_ids_of_another_workspace_and_nonsense_are_not_found(company: Company, sign_in: SignIn) -> None:
    other = Company.create("globex")
    _asked, pk = low(other)
    owner = sign_in(company.users["owner"])
    for act in ("", "close/", "hand-over/"):
        assert owner.get(f"{BASE}{pk}/{act}").status_code == 404
    assert owner.post(f"{BASE}{pk}/begin/").status_code == 404


def test_the_list_takes_a_fixed_number_of_queries(
    company: Company, sign_in: SignIn, django_assert_max_num_queries: Any
) -> None:
    manager = sign_in(company.users["manager"])
    for _each in range(3):
        low(company)
    with django_assert_max_num_queries(25):
        assert text(manager.get(BASE)).count("Globex") == 3
