"""A rater's form: who opens it, what it keeps and when, and what happens when things go wrong."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from perfmgmt.tenants.errors import Conflict
from reviews.answers import door
from reviews.answers.door import Given
from reviews.forms import services
from reviews.forms.pack import install_pack
from reviews.models import Answer, AnswerSheet, CycleQuestion, Participant, Rater, ReviewCycle
from tests.factories import Company, today_here
from tests.reviews.factories import add_rater, open_cycle
from tests.reviews.forms_factories import ask, desk_of


@pytest.fixture
def cycle(acme: Company):
    return open_cycle(acme, "ann", "bob")


def own(cycle, name: str, group: str = "self") -> Rater:
    return Rater.objects.get(participant=cycle.people[name], group=group)


def q(question: CycleQuestion) -> str:
    return f"q{question.pk}"


def answers(rater: Rater) -> dict[int, Given]:
    return dict(door.own_sheet(Rater.objects.get(pk=rater.pk)).answers)


def test_a_form_keeps_what_is_sent_and_shows_it_again(acme: Company, cycle) -> None:
    ann, rater = desk_of(acme, "ann"), own(cycle, "ann")
    first, second, _third = cycle.scales
    words = cycle.questions[-1]
    response = ann.send(rater, **{q(first): 4, q(second): "na", q(words): "1月签下 12 单"})
    assert response.status_code == 302
    assert answers(rater) == {
        first.pk: Given(4), second.pk: Given(cannot_judge=True), words.pk: Given(text="1月签下 12 单"),
    }  # fmt: skip
    page = ann.open(rater).content.decode()
    assert "1月签下 12 单" in page and "3 of 4 answered" in page


def test_only_the_rater_opens_a_form(acme: Company, cycle) -> None:
    rater, manager = own(cycle, "ann"), own(cycle, "ann", "manager")
    ann, bob, boss = desk_of(acme, "ann"), desk_of(acme, "bob"), desk_of(acme, "manager")
    for name in ("review_form", "hand_in_review", "withdraw_review"):
        assert ann.client.get(ann.url(name, rater)).status_code == 200, name
        for other in (bob, boss):
            assert other.client.get(other.url(name, rater)).status_code == 404, name
        assert ann.client.get(ann.url(name, manager)).status_code == 404, name
    for name in (
        "review_form",
        "save_review",
        "hand_in_review",
        "take_back_review",
        "withdraw_review",
        "review_hints",
    ):
        assert bob.post(name, rater, question=q(cycle.questions[-1]), text="x").status_code == 404, name
    assert not AnswerSheet.objects.exists()


def test_a_form_of_another_workspace_is_not_found(company: Company, other_company: Company) -> None:
    with company.scope():
        cycle = open_cycle(company, "ann")
        rater = own(cycle, "ann")
    with other_company.scope():
        stranger = desk_of(other_company, "ann")
    assert stranger.open(rater).status_code == 404
    assert stranger.autosave(rater, **{q(cycle.scales[0]): 4}).status_code == 404
    with company.scope():
        assert not AnswerSheet.objects.exists()


def test_hr_and_owner_do_not_open_the_form_of_somebody_else(acme: Company, cycle, sign_in) -> None:
    rater = own(cycle, "ann")
    url = desk_of(acme, "ann").url("review_form", rater)
    for role in ("owner", "hr"):
        assert sign_in(acme.users[role]).get(url).status_code == 404


def test_a_stand_in_of_a_manager_does_not_review_in_their_name(acme: Company, cycle) -> None:
    from datetime import timedelta

    from perfmgmt.people.models import StandIn

    today = today_here()
    StandIn.objects.create(
        employee=acme.people["manager"], stand_in=acme.people["bob"], first_day=today - timedelta(days=2),
        last_day=today + timedelta(days=5),
    )  # fmt: skip
    assert desk_of(acme, "bob").open(own(cycle, "ann", "manager")).status_code == 404


def test_autosave_keeps_only_what_was_sent_and_tells_the_new_edition(acme: Company, cycle) -> None:
    ann, rater = desk_of(acme, "ann"), own(cycle, "ann")
    first, second, _third = cycle.scales
    one = ann.autosave(rater, **{q(first): 2}).json()
    two = ann.autosave(rater, one["edition"], **{q(second): 5}).json()
    assert (one["answered"], two["answered"], two["total"]) == (1, 2, 4)
    assert answers(rater) == {first.pk: Given(2), second.pk: Given(5)}
    cleared = ann.autosave(rater, two["edition"], **{q(first): ""}).json()
    assert cleared["answered"] == 1 and answers(rater) == {second.pk: Given(5)}


def test_of_two_windows_the_later_one_is_told_and_may_keep_its_own(acme: Company, cycle) -> None:
    ann, rater = desk_of(acme, "ann"), own(cycle, "ann")
    first = cycle.scales[0]
    assert ann.autosave(rater, 0, **{q(first): 2}).status_code == 200
    late = ann.autosave(rater, 0, **{q(first): 5})
    assert late.status_code == 409 and late.json()["code"] == "conflict"
    assert answers(rater)[first.pk] == Given(2)
    assert ann.autosave(rater, late.json()["edition"], **{q(first): 5}).status_code == 200
    assert answers(rater)[first.pk] == Given(5)


def test_a_whole_form_from_an_older_window_shows_what_was_typed_and_saves_it_when_sent_again(
    acme: Company, cycle
) -> None:
    ann, rater = desk_of(acme, "ann"), own(cycle, "ann")
    words = cycle.questions[-1]
    ann.autosave(rater, 0, **{q(words): "newer words"})
    page = ann.send(rater, edition=0, **{q(words): "older words"})
    text = page.content.decode()
    assert page.status_code == 409 and "older words" in text and "Load the newer version" in text
    assert answers(rater)[words.pk].text == "newer words"
    assert ann.send(rater, edition=page.context["page"].sheet.edition, **{q(words): "older words"}).status_code == 302
    assert answers(rater)[words.pk].text == "older words"


def test_the_same_answers_sent_twice_are_no_conflict(acme: Company, cycle) -> None:
    ann, rater = desk_of(acme, "ann"), own(cycle, "ann")
    fields = {q(cycle.scales[0]): 4}
    assert ann.send(rater, **fields).status_code == ann.send(rater, **fields).status_code == 302
    assert AnswerSheet.objects.get().edition == 1


def test_handing_in_says_what_is_missing_and_counts_once(acme: Company, cycle) -> None:
    ann, rater = desk_of(acme, "ann"), own(cycle, "ann")
    CycleQuestion.objects.filter(pk=cycle.scales[1].pk).update(required=True)
    response = ann.send(rater, "hand_in", **{q(cycle.scales[0]): 4})
    assert response.url == ann.url("hand_in_review", rater)
    page = ann.client.get(response.url).content.decode()
    assert "About teamwork" in page and "Hand in now" not in page
    assert ann.post("hand_in_review", rater).status_code == 409
    ann.autosave(rater, 1, **{q(cycle.scales[1]): "na"})
    for _twice in range(2):
        assert ann.post("hand_in_review", rater).status_code == 302
    assert AnswerSheet.objects.get().is_done and AnswerSheet.objects.get().edition == 3
    assert Rater.objects.get(pk=rater.pk).state == "done"


def test_an_empty_form_is_not_handed_in(acme: Company, cycle) -> None:
    ann, rater = desk_of(acme, "ann"), own(cycle, "ann")
    assert ann.post("hand_in_review", rater).status_code == 409
    assert Rater.objects.get(pk=rater.pk).state == "asked"


def test_everybody_who_cannot_judge_may_say_so_and_hand_in(acme: Company, cycle) -> None:
    ann, rater = desk_of(acme, "ann"), own(cycle, "ann")
    ann.send(rater, **{q(one): "na" for one in cycle.scales})
    assert ann.post("hand_in_review", rater).status_code == 302
    assert set(answers(rater).values()) == {Given(cannot_judge=True)}


def test_what_is_handed_in_changes_only_after_it_is_taken_back(acme: Company, cycle) -> None:
    ann, rater = desk_of(acme, "ann"), own(cycle, "ann")
    first = cycle.scales[0]
    ann.autosave(rater, 0, **{q(first): 4})
    ann.post("hand_in_review", rater)
    late = ann.autosave(rater, 2, **{q(first): 1})
    assert late.status_code == 409 and late.json()["code"] == "handed_in"
    ann.post("take_back_review", rater)
    assert not AnswerSheet.objects.get().is_done and Rater.objects.get(pk=rater.pk).state == "started"
    edition = door.own_sheet(rater).edition
    assert ann.autosave(rater, edition, **{q(first): 1}).status_code == 200


def test_withdrawing_asks_first_and_removes_everything(acme: Company, cycle) -> None:
    ann, rater = desk_of(acme, "ann"), own(cycle, "ann")
    ann.autosave(rater, 0, **{q(cycle.scales[0]): 4})
    ann.post("hand_in_review", rater)
    assert ann.client.get(ann.url("withdraw_review", rater)).status_code == 200
    assert AnswerSheet.objects.exists()
    ann.post("withdraw_review", rater)
    assert not AnswerSheet.objects.exists() and not Answer.objects.exists()
    assert Rater.objects.get(pk=rater.pk).state == "asked"


@pytest.mark.parametrize("state", ["closed", "released"])
def test_after_the_close_a_form_is_read_only_for_its_rater(acme: Company, cycle, state: str) -> None:
    ann, rater = desk_of(acme, "ann"), own(cycle, "ann")
    words = cycle.questions[-1]
    ann.autosave(rater, 0, **{q(words): "my own words"})
    ReviewCycle.objects.update(state=state)
    late = ann.autosave(rater, 1, **{q(words): "other words"})
    assert late.status_code == 409 and late.json()["code"] == "answers_closed"
    whole = ann.send(rater, edition=1, **{q(words): "other words"})
    assert whole.status_code == 409 and "closed" in whole.content.decode()
    for name in ("hand_in_review", "take_back_review", "withdraw_review"):
        ann.post(name, rater)
    page = ann.open(rater)
    assert "my own words" in page.content.decode() and "data-review=" not in page.content.decode()
    assert answers(rater)[words.pk].text == "my own words"


@pytest.mark.parametrize("state", ["draft", "launching"])
def test_a_form_of_a_cycle_that_is_not_launched_is_not_there(acme: Company, cycle, state: str) -> None:
    ReviewCycle.objects.update(state=state)
    assert desk_of(acme, "ann").open(own(cycle, "ann")).status_code == 404


@pytest.mark.parametrize("state", ["nominated", "declined", "removed"])
def test_who_is_not_asked_has_no_form(acme: Company, cycle, state: str) -> None:
    Rater.objects.update(state=state)
    assert desk_of(acme, "ann").open(own(cycle, "ann")).status_code == 404


def test_somebody_taken_out_of_the_cycle_is_not_reviewed_any_more(acme: Company, cycle) -> None:
    Participant.objects.update(dropped_at="2025-04-01T00:00Z")
    ann = desk_of(acme, "ann")
    assert ann.autosave(own(cycle, "ann"), 0, **{q(cycle.scales[0]): 4}).status_code == 404


def test_a_text_of_four_thousand_characters_is_kept_and_a_longer_one_refused_with_its_words(
    acme: Company, cycle
) -> None:
    ann, rater = desk_of(acme, "ann"), own(cycle, "ann")
    first, words = cycle.scales[0], cycle.questions[-1]
    assert ann.autosave(rater, 0, **{q(words): "字" * 4000}).status_code == 200
    refused = ann.autosave(rater, 1, **{q(words): "字" * 4001, q(first): 3})
    assert refused.status_code == 400 and list(refused.json()["errors"]) == [q(words)]
    assert answers(rater)[first.pk] == Given(3) and len(answers(rater)[words.pk].text) == 4000
    page = ann.send(rater, edition=2, **{q(words): "长" * 4001})
    assert page.status_code == 400 and "长" * 4001 in page.content.decode()


@pytest.mark.parametrize("typed", ["6", "0", "-1", "1.5", "x", "٣", "9" * 30])
def test_a_step_that_is_none_is_refused(acme: Company, cycle, typed: str) -> None:
    ann, rater = desk_of(acme, "ann"), own(cycle, "ann")
    assert ann.autosave(rater, 0, **{q(cycle.scales[0]): typed}).status_code == 400
    assert not Answer.objects.exists()


def test_an_expired_session_is_sent_to_the_sign_in_and_changes_nothing(acme: Company, cycle) -> None:
    ann, rater = desk_of(acme, "ann"), own(cycle, "ann")
    ann.client.logout()
    response = ann.autosave(rater, 0, **{q(cycle.scales[0]): 4})
    assert response.status_code == 302 and "login" in response.url
    assert not AnswerSheet.objects.exists()


def test_two_new_windows_at_once_do_not_overwrite_each_other(acme: Company, cycle) -> None:
    rater, first = own(cycle, "ann"), cycle.scales[0].pk
    assert services.keep(rater, {first: Given(3)}, edition=0) == 1
    with pytest.raises(Conflict):
        services.keep(rater, {first: Given(5)}, edition=0)


def test_a_form_takes_as_many_queries_for_many_questions_as_for_few(acme: Company, cycle) -> None:
    ann, rater = desk_of(acme, "ann"), own(cycle, "ann")
    ann.open(rater)
    with CaptureQueriesContext(connection) as few:
        ann.open(rater)
    install_pack()
    ask(cycle)
    for name in ("bob", "cid", "rival"):
        if name not in cycle.people:
            cycle.people[name] = Participant.objects.create(cycle=cycle.row, employee=acme.people[name])
        add_rater(cycle, name, acme.people["ann"], "peers")
    with CaptureQueriesContext(connection) as many:
        page = ann.open(rater)
    assert len(page.context["page"].questions) == 15
    assert len(many) == len(few)
