"""Who leaves: places in trainings go to a colleague or the waiting list, sessions to another trainer."""

from datetime import date, timedelta

import pytest

from perfmgmt.people.handover import Handover
from perfmgmt.tenants.errors import DomainError
from reviews.models import TrainingSession
from reviews.training import handover
from tests.factories import Company, today_here
from tests.reviews.training_factories import course, enrol, session, states

pytestmark = pytest.mark.django_db


def leaving(company: Company, keys: list[int], to: str = "", *, last_day: date | None = None) -> Handover:
    person, by = company.people["bob"], company.users["hr"].pk
    names = frozenset(str(key) for key in keys)
    return Handover(person, last_day or today_here(), names, company.people[to] if to else None, by)


def test_only_what_comes_after_the_last_day_is_open(acme: Company) -> None:
    bob = acme.people["bob"]
    soon, late = session(days=1, places=9), session(course(code="c2"), days=9, places=9)
    enrol(acme, soon, "bob")
    (kept,) = enrol(acme, late, "bob")
    last = today_here() + timedelta(days=4)
    (item,) = handover.find_places({bob.pk: last})[bob.pk]
    assert (item.key, item.args) == (str(kept.pk), (late.pk,))
    TrainingSession.objects.update(trainer=bob)
    (item,) = handover.find_held({bob.pk: last})[bob.pk]
    assert item.key == str(late.pk)
    assert handover.find_held({acme.people["ann"].pk: last}) == {}


def test_a_freed_place_goes_to_the_next_of_the_waiting_list(acme: Company) -> None:
    made = session()
    row, _waits = enrol(acme, made, "bob", "ann")
    handover.hand_over_places(leaving(acme, [row.pk]))
    assert states(made) == {"Bob Bell": "cancelled", "李安": "enrolled"}


def test_a_place_is_given_to_a_colleague_who_has_none_yet(acme: Company) -> None:
    made = session()
    row, _waits = enrol(acme, made, "bob", "ann")
    handover.hand_over_places(leaving(acme, [row.pk], "cid"))
    assert states(made) == {"Bob Bell": "cancelled", "李安": "waiting", "Cid Cole": "enrolled"}
    other = session(course(code="c2"))
    row, _waits = enrol(acme, other, "bob", "ann")
    handover.hand_over_places(leaving(acme, [row.pk], "ann"))  # who waits already moves up in turn
    assert states(other) == {"Bob Bell": "cancelled", "李安": "enrolled"}


def test_another_trainer_takes_over_unless_they_take_part(acme: Company) -> None:
    made = session(trainer=acme.people["bob"], places=3)
    enrol(acme, made, "ann")
    with pytest.raises(DomainError) as refused:
        handover.hand_over_held(leaving(acme, [made.pk], "ann"))
    assert refused.value.code == "takes_part"
    handover.hand_over_held(leaving(acme, [made.pk], "cid"))
    made.refresh_from_db()
    assert made.trainer == acme.people["cid"]
