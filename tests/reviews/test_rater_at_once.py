"""Two approvals at the same moment that both ask the same people, each in a transaction of its own."""

from threading import Barrier, Thread
from typing import Any

from django.db import connection

from reviews.models import NominationState, Participant, Rater
from reviews.raters import services
from reviews.raters.writing import CantReview
from tests.factories import Company
from tests.reviews.factories import add_rater
from tests.reviews.rater_factories import choosing


def test_two_approvals_at_once_do_not_exceed_the_cap(committed: None) -> None:
    """Each alone would fit; the second one waits and sees what the first one asked."""
    company, start = Company.create("acme"), Barrier(2)
    with company.scope():
        choice = choosing(company, most=1)
        for name in ("ann", "bob"):
            for peer in ("p1", "p2", "p3"):
                add_rater(choice.cycle, name, choice.people[peer], "peers", state="nominated")
            Participant.objects.filter(pk=choice.cycle.people[name].pk).update(nomination=NominationState.PROPOSED)
        who: dict[str, Any] = choice.by("manager")
        ids = [choice.cycle.people[name].pk for name in ("ann", "bob")]
    results: list[str] = []

    def act(pk: int) -> None:
        start.wait()
        try:
            with company.scope():
                services.approve(pk, **who)
            results.append("approved")
        except CantReview as error:
            results.append(error.code)
        finally:
            connection.close()

    threads = [Thread(target=act, args=[pk]) for pk in ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == ["approved", "rater_conflict"]
    with company.scope():
        assert Rater.objects.filter(group="peers", state="asked").count() == 3


def test_the_same_proposal_twice_at_once_is_one(committed: None) -> None:
    """A double click in two requests: no broken constraint, one choice."""
    company, start = Company.create("acme"), Barrier(2)
    with company.scope():
        choice = choosing(company)
        who: dict[str, Any] = choice.by("assistant")
        pk, picks = choice.ann.pk, choice.picks("p1", "p2", "p3")
    results: list[str] = []

    def act() -> None:
        start.wait()
        try:
            with company.scope():
                results.append(services.propose(pk, picks, **who).nomination)
        finally:
            connection.close()

    threads = [Thread(target=act) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == ["proposed", "proposed"]
    with company.scope():
        assert Rater.objects.filter(participant_id=pk, group="peers", state="nominated").count() == 3
