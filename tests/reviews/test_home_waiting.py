"""What waits for somebody in reviews stands on their home, each with its page; nothing of others."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import resolve

from perfmgmt.people.viewer import workspace_of
from reviews.calibration import services as calibration
from reviews.calibration.services import SessionDraft
from reviews.models import Participant, Rater, ReviewCycle, ReviewMeeting
from reviews.waiting import waiting_for
from tests.factories import Company
from tests.reviews.factories import open_cycle
from tests.reviews.result_factories import closed_cycle, release, result_of, viewer

pytestmark = pytest.mark.django_db
SignIn = Callable[[Any], Client]


def kinds(company: Company, name: str) -> list[tuple[str, int]]:
    today = workspace_of(company.tenant).today()
    return [(one.kind, one.n) for one in waiting_for(viewer(company, name), today)]


def test_nothing_waits_without_a_cycle_and_the_home_says_nothing(company: Company, sign_in: SignIn) -> None:
    with company.scope():
        assert kinds(company, "manager") == []
    address = "/w/acme/home/waiting/"
    assistant = sign_in(company.users["assistant"])
    assert "card" not in assistant.get(address, headers={"HX-Request": "true"}).content.decode()
    assert "Nothing waits for you" in assistant.get(address, headers={"accept-language": "en"}).content.decode()
    assert f'hx-get="{address}"' in assistant.get("/w/acme/").content.decode()


def test_an_open_cycle_has_raters_to_choose_and_approve_and_reviews_to_write(acme: Company) -> None:
    cycle = open_cycle(acme)
    assert kinds(acme, "assistant") == [("choose", 1), ("write", 1)]
    assert kinds(acme, "manager") == [("write", 2)]
    Participant.objects.filter(pk=cycle.people["ann"].pk).update(nomination="proposed")
    assert kinds(acme, "manager") == [("approve", 1), ("write", 2)]
    assert kinds(acme, "assistant") == [("write", 1)]
    assert kinds(acme, "hr") == []  # everybody's, but not theirs to do
    ReviewCycle.objects.update(nominate_until=date(2025, 1, 2))
    assert kinds(acme, "manager") == [("approve", 2), ("write", 2)]  # bob has not chosen in time
    Participant.objects.update(nomination="approved")
    Rater.objects.update(state="done")
    assert kinds(acme, "manager") == kinds(acme, "assistant") == []


def test_sessions_to_attend_results_to_acknowledge_and_records_to_sign(acme: Company) -> None:
    cycle = closed_cycle(acme)
    session = calibration.open_session(
        cycle.row.pk, SessionDraft("North", acme.units["north"], date(2025, 4, 9)), invites_managers=True,
        viewer=viewer(acme, "hr"),
    )  # fmt: skip
    assert kinds(acme, "manager") == [("attend", 1)] and kinds(acme, "hr") == []
    calibration.lock(session.pk, viewer=viewer(acme, "hr"))
    assert kinds(acme, "manager") == []
    release(acme, cycle)
    assert kinds(acme, "assistant") == [("acknowledge", 1)]
    meeting = ReviewMeeting.objects.create(result=result_of(cycle, "ann"), manager=acme.people["manager"])
    assert kinds(acme, "assistant") == [("acknowledge", 1), ("sign", 1)] and kinds(acme, "manager") == [("sign", 1)]
    ReviewMeeting.objects.filter(pk=meeting.pk).update(signed_by_manager_at=meeting.result.batch.released_at)
    assert kinds(acme, "manager") == []


def test_every_line_leads_to_a_page_that_opens(company: Company, sign_in: SignIn) -> None:
    with company.scope():
        cycle = closed_cycle(company)
        release(company, cycle)
        ReviewMeeting.objects.create(result=result_of(cycle, "ann"), manager=company.people["manager"])
    for role in ("assistant", "manager"):
        client = sign_in(company.users[role])
        page = client.get("/w/acme/home/waiting/", headers={"HX-Request": "true"}).content.decode()
        links = [part.split('"')[0] for part in page.split('class="own-todo" href="')[1:]]
        assert links
        for link in links:
            assert resolve(link) and client.get(link).status_code == 200, link
