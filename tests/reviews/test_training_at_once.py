"""The last place of a training, wanted by several at the same moment, each in a transaction of their own."""

from threading import Barrier, Thread

from django.db import connection

from perfmgmt.tenants.errors import DomainError
from reviews.models import Enrolment, TrainingSession
from reviews.training import enrolling
from tests.factories import Company
from tests.reviews.training_factories import by, enrol, session, states

PEOPLE = ("ann", "bob", "cid", "rival")


def together(company: Company, *acts: object) -> list[str]:
    """Do all at once; return what became of each, errors by name."""
    start, results = Barrier(len(acts)), list[str]()

    def run(act: object) -> None:
        start.wait()
        try:
            with company.scope():
                results.append(act())  # type: ignore[operator]
        except DomainError as error:
            results.append(type(error).__name__)
        finally:
            connection.close()

    threads = [Thread(target=run, args=[act]) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(results)


def test_the_last_place_is_given_once(committed: None) -> None:
    company = Company.create("acme")
    with company.scope():
        made, who = session(places=2), by(company, "hr")
        enrol(company, made, "boss")

    def enrols(name: str) -> object:
        return lambda: enrolling.enrol(made.pk, company.people[name], **who).state

    assert together(company, *(enrols(name) for name in PEOPLE)) == ["enrolled", "waiting", "waiting", "waiting"]
    with company.scope():
        assert sorted(states(made).values()).count("enrolled") == 2


def test_two_who_cancel_at_once_make_way_for_two(committed: None) -> None:
    company = Company.create("acme")
    with company.scope():
        made, who = session(places=2), by(company, "hr")
        rows = enrol(company, made, *PEOPLE)

    def cancels(row: Enrolment) -> object:
        return lambda: enrolling.cancel(row.pk, **who).state

    assert together(company, *(cancels(row) for row in rows[:2])) == ["cancelled", "cancelled"]
    with company.scope():
        assert sorted(states(TrainingSession.objects.get()).values()) == ["cancelled"] * 2 + ["enrolled"] * 2
