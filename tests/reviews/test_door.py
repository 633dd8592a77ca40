"""The door to answers: what goes in, and that nothing beside it names an author."""

import pytest

from perfmgmt.tenants.errors import Conflict, DomainError
from reviews.answers import door
from reviews.answers.door import AnswersClosed, Given
from reviews.models import Answer, AnswerSheet, AuthorKey, Rater, ReviewCycle
from tests.factories import Company
from tests.reviews.factories import add_peers, answer, open_cycle


def test_a_rater_finds_their_answers_again_and_only_their_own(acme: Company) -> None:
    cycle = open_cycle(acme, "ann")
    first, second = add_peers(acme, cycle, "ann", 2)
    answer(cycle, first, 5, None, 3, text="Good work", hand_in=False)
    answer(cycle, second, 1, 1, 1)
    mine = door.own_sheet(Rater.objects.get(pk=first.pk))
    assert [mine.answers[one.pk].value for one in cycle.scales] == [5, None, 3]
    assert mine.answers[cycle.scales[1].pk].cannot_judge and not mine.is_done
    assert mine.answers[cycle.questions[-1].pk].text == "Good work"


def test_a_sheet_tells_nothing_of_its_author(acme: Company) -> None:
    cycle = open_cycle(acme, "ann")
    (peer,) = add_peers(acme, cycle, "ann", 1)
    answer(cycle, peer, 4, 4, 4)
    sheet, author = AnswerSheet.objects.get(), AuthorKey.objects.get()
    assert bytes(author.sealed) != sheet.key.bytes
    names = {field.name for model in (AnswerSheet, Answer) for field in model._meta.fields}
    assert not {name for name in names if "rater" in name or "employee" in name or name.endswith("_at")}


def test_a_later_secret_still_opens_the_sheet(acme: Company, settings) -> None:
    cycle = open_cycle(acme, "ann")
    (peer,) = add_peers(acme, cycle, "ann", 1)
    answer(cycle, peer, 4, 4, 4)
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "another"
    assert door.own_sheet(peer).answers[cycle.scales[0].pk].value == 4
    settings.SECRET_KEY_FALLBACKS = []
    assert not door.own_sheet(peer).answers


def test_a_second_window_does_not_overwrite_the_first(acme: Company) -> None:
    cycle = open_cycle(acme, "ann")
    (peer,) = add_peers(acme, cycle, "ann", 1)
    question = cycle.scales[0].pk
    edition = door.save(peer, {question: Given(4)})
    door.save(peer, {question: Given(5)}, edition=edition)
    with pytest.raises(Conflict):
        door.save(peer, {question: Given(1)}, edition=edition)
    assert door.own_sheet(peer).answers[question].value == 5


@pytest.mark.parametrize("state", ["draft", "closed", "released"])
def test_no_answer_comes_in_unless_the_cycle_is_open(acme: Company, state: str) -> None:
    cycle = open_cycle(acme, "ann")
    (peer,) = add_peers(acme, cycle, "ann", 1)
    ReviewCycle.objects.update(state=state)
    for act in (lambda: door.save(peer, {cycle.scales[0].pk: Given(3)}), lambda: door.withdraw(peer)):
        with pytest.raises(AnswersClosed):
            act()


def test_a_step_beside_the_scale_and_a_foreign_question_are_refused(acme: Company) -> None:
    cycle = open_cycle(acme, "ann")
    (peer,) = add_peers(acme, cycle, "ann", 1)
    for given in ({cycle.scales[0].pk: Given(6)}, {cycle.scales[0].pk: Given(0)}, {10**9: Given(3)}):
        with pytest.raises(DomainError):
            door.save(peer, given)
    assert not Answer.objects.exists()


def test_what_must_be_answered_is_named_before_a_sheet_counts(acme: Company) -> None:
    cycle = open_cycle(acme, "ann")
    (peer,) = add_peers(acme, cycle, "ann", 1)
    cycle.scales[2].__class__.objects.filter(pk=cycle.scales[2].pk).update(required=True)
    door.save(peer, {cycle.scales[0].pk: Given(3)})
    with pytest.raises(DomainError, match="service"):
        door.hand_in(peer)
    door.save(peer, {cycle.scales[2].pk: Given(cannot_judge=True)})
    door.hand_in(peer)
    assert AnswerSheet.objects.get().is_done


def test_a_withdrawal_removes_everything(acme: Company) -> None:
    cycle = open_cycle(acme, "ann")
    (peer,) = add_peers(acme, cycle, "ann", 1)
    answer(cycle, peer, 4, 4, 4, text="Words")
    door.withdraw(peer)
    assert not (Answer.objects.exists() or AnswerSheet.objects.exists() or AuthorKey.objects.exists())
