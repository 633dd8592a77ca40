"""Whom somebody has to review: their own list and nobody else's."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from perfmgmt.people.viewer import viewer_in
from reviews.answers import door
from reviews.forms import selectors
from reviews.models import Participant, Rater, ReviewCycle
from tests.factories import Company, today_here
from tests.reviews.factories import add_rater, answer, open_cycle
from tests.reviews.forms_factories import desk_of

TODAY = today_here()


@pytest.fixture
def cycle(acme: Company):
    return open_cycle(acme, "ann", "bob", "cid")


def inbox_of(company: Company, role: str, **kwargs):
    viewer = viewer_in(company.users[role].pk, TODAY)
    return selectors.inbox(viewer=viewer, today=TODAY, **kwargs)


def test_self_team_and_colleagues_stand_apart(acme: Company, cycle) -> None:
    add_rater(cycle, "bob", acme.people["ann"], "peers")
    groups = selectors.grouped(inbox_of(acme, "assistant").listed)
    assert [(group.code, len(group.tasks)) for group in groups] == [("self", 1), ("colleagues", 1)]
    manager = selectors.grouped(inbox_of(acme, "manager").listed)
    assert [(group.code, len(group.tasks)) for group in manager] == [("team", 2)]


def test_progress_is_that_of_ones_own_answers(acme: Company, cycle) -> None:
    peer = add_rater(cycle, "bob", acme.people["ann"], "peers")
    other = add_rater(cycle, "bob", acme.people["cid"], "peers")
    answer(cycle, peer, 4, 5, hand_in=False)
    answer(cycle, other, 1, 1, 1)
    task = next(one for one in inbox_of(acme, "assistant").tasks if one.rater.pk == peer.pk)
    assert (task.answered, task.total, task.state) == (2, 4, "begun")


def test_the_most_pressing_comes_first_and_what_is_handed_in_last(acme: Company, cycle) -> None:
    done = add_rater(cycle, "bob", acme.people["ann"], "peers")
    late = add_rater(cycle, "cid", acme.people["ann"], "peers")
    answer(cycle, done, 4, 4, 4)
    Participant.objects.filter(pk=late.participant_id).update(answer_until=TODAY - timedelta(days=1))
    found = inbox_of(acme, "assistant")
    assert [task.state for task in found.listed] == ["open", "late", "done"]
    assert [task.rater.pk for task in found.open][1] == late.pk
    assert [task.rater.pk for task in inbox_of(acme, "assistant", shown="done").listed] == [done.pk]


def test_a_closed_cycle_moves_to_the_past(acme: Company, cycle) -> None:
    ReviewCycle.objects.update(state="closed")
    assert inbox_of(acme, "assistant").listed == []
    (task,) = inbox_of(acme, "assistant", shown="past").listed
    assert task.state == "missed"


def test_search_and_sort(acme: Company, cycle) -> None:
    add_rater(cycle, "bob", acme.people["ann"], "peers")
    add_rater(cycle, "cid", acme.people["ann"], "peers")
    names = [task.participant.employee.name for task in inbox_of(acme, "assistant", sort="-name").listed]
    assert names == ["李安", "Cid Cole", "Bob Bell"]
    assert len(inbox_of(acme, "assistant", search="cole").listed) == 1


@pytest.mark.parametrize("state", ["nominated", "declined", "removed"])
def test_who_is_not_asked_has_no_task(acme: Company, cycle, state: str) -> None:
    Rater.objects.update(state=state)
    assert inbox_of(acme, "assistant").tasks == []


def test_the_page_leads_to_the_next_person_and_says_when_nobody_is_left(acme: Company, cycle) -> None:
    ann = desk_of(acme, "ann")
    page = ann.client.get(ann.url("my_reviews")).content.decode()
    assert "Write the self-review" in page and "0 of 1 handed in" in page
    Rater.objects.all().delete()
    empty = ann.client.get(ann.url("my_reviews")).content.decode()
    assert "Nobody to review at the moment" in empty
    nothing = ann.client.get(ann.url("my_reviews") + "?q=zzz").content.decode()
    assert "Nothing matches" in nothing


def test_after_handing_in_comes_the_next_person_then_the_list(acme: Company, cycle) -> None:
    peer = add_rater(cycle, "bob", acme.people["ann"], "peers")
    own = Rater.objects.get(participant=cycle.people["ann"], group="self")
    ann = desk_of(acme, "ann")
    for rater in (own, peer):
        answer(cycle, rater, 4, 4, 4, hand_in=False)
    assert ann.post("hand_in_review", own).url == ann.url("review_form", peer)
    assert ann.post("hand_in_review", peer).url == ann.url("my_reviews")


def test_who_administers_only_has_an_empty_list(acme: Company, cycle, sign_in) -> None:
    page = sign_in(acme.users["hr"]).get("/w/acme/reviews/")
    assert page.status_code == 200 and page.context["inbox"].tasks == []


def test_the_list_takes_as_many_queries_for_many_people_as_for_few(acme: Company, cycle) -> None:
    ann = desk_of(acme, "ann")
    answer(cycle, Rater.objects.get(participant=cycle.people["ann"], group="self"), 3, hand_in=False)
    ann.client.get(ann.url("my_reviews"))
    with CaptureQueriesContext(connection) as few:
        ann.client.get(ann.url("my_reviews"))
    for name in ("bob", "cid"):
        answer(cycle, add_rater(cycle, name, acme.people["ann"], "peers"), 3, hand_in=False)
    with CaptureQueriesContext(connection) as many:
        ann.client.get(ann.url("my_reviews"))
    assert len(many) == len(few)


def test_progress_survives_a_new_secret(acme: Company, cycle, settings) -> None:
    peer = add_rater(cycle, "bob", acme.people["ann"], "peers")
    answer(cycle, peer, 4, 5, hand_in=False)
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "another"
    assert door.own_progress([peer]) == {peer.pk: 2}


def test_the_deadline_of_a_person_goes_before_that_of_the_cycle(acme: Company, cycle) -> None:
    Participant.objects.update(answer_until=date(2099, 5, 1))
    assert {task.due for task in inbox_of(acme, "assistant").tasks} == {date(2099, 5, 1)}
