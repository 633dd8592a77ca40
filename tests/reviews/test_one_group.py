"""Nobody reviews one person from two sides (RULES.md section 14): however they come to stand in a second group."""

from datetime import date

import pytest
from django.db import IntegrityError, transaction

from perfmgmt.people.handover import Handover
from perfmgmt.people.records.assignments import Place, change_from, seen
from perfmgmt.tenants.errors import Conflict
from reviews.answers.shown import shown_reviews
from reviews.cycles import handover as cycle_handover
from reviews.cycles import services as cycles
from reviews.models import AnswerSheet, Rater, ReviewCycle
from reviews.raters import handover, services
from reviews.raters.writing import CantReview
from tests.factories import Company
from tests.reviews.factories import answer
from tests.reviews.rater_factories import Choice, choosing

pytestmark = pytest.mark.django_db
THREE = ("p1", "p2", "p3")


@pytest.fixture
def choice(acme: Company) -> Choice:
    return choosing(acme)


def asked(choice: Choice, *names: str) -> None:
    services.propose(choice.ann.pk, choice.picks(*names), **choice.by("assistant"))
    services.approve(choice.ann.pk, **choice.by("manager"))


def manager_row(choice: Choice) -> Rater:
    return Rater.objects.get(participant=choice.ann, group="manager", state__in=["asked", "started", "done"])


def new_manager(choice: Choice, name: str) -> None:
    """Ann is led by somebody else from within the period."""
    spell = choice.people["ann"].assignments.get()
    place = Place(choice.company.units["north"], None, choice.people[name], "")
    change_from(spell.pk, place, day=date(2025, 3, 1), shown=seen(spell))


def test_the_database_refuses_a_second_group(choice: Choice) -> None:
    for group in ("peers", "internal_customers"):
        with pytest.raises(IntegrityError, match="rater_in_one_group"), transaction.atomic():
            Rater.objects.create(
                participant=choice.ann, employee=choice.people["manager"], group=group, state="nominated"
            )


def test_a_review_is_not_reassigned_to_an_anonymous_rater_done_or_not(choice: Choice) -> None:
    asked(choice, *THREE)
    answer(choice.cycle, choice.rater("p1"), 4, 4, 4)
    for name in ("p1", "p2"):
        with pytest.raises(Conflict, match="two sides"):
            cycles.reassign(manager_row(choice).pk, choice.people[name].pk, "Away", **choice.by("hr"))
    cycles.reassign(manager_row(choice).pk, choice.people["p6"].pk, "Away", **choice.by("hr"))
    assert manager_row(choice).employee == choice.people["p6"]


def test_who_was_given_the_managers_review_is_chosen_for_no_other_group(choice: Choice) -> None:
    cycles.reassign(manager_row(choice).pk, choice.people["p6"].pk, "Away", **choice.by("hr"))
    for group in ("peers", "internal_customers"):
        with pytest.raises(CantReview, match="leads this person"):
            services.save_picks(choice.ann.pk, choice.picks("p6", group=group), **choice.by("assistant"))


def test_a_peer_who_becomes_the_manager_reviews_as_that_and_their_answer_as_a_peer_is_gone(choice: Choice) -> None:
    asked(choice, *THREE)
    for name in THREE:
        answer(choice.cycle, choice.rater(name), 4, 4, 4)
    sheets = AnswerSheet.objects.filter(participant_id=choice.ann.pk, group="peers")
    assert sheets.count() == 3

    new_manager(choice, "p1")

    assert (choice.state("p1"), choice.state("p1", "manager")) == ("removed", "asked")
    assert sheets.count() == 2
    # Two are left of three: the group that the new manager knew one answer of is not shown.
    ReviewCycle.objects.update(state="closed")
    shown = shown_reviews(ReviewCycle.objects.get(), [choice.ann.pk])[choice.ann.pk]
    assert all(group.score is None for form in shown.forms for group in form.review.groups if group.name == "peers")


@pytest.mark.parametrize("kind", [handover, cycle_handover])
def test_a_leavers_review_goes_to_a_peer_who_stops_being_one(choice: Choice, kind: object) -> None:
    asked(choice, *THREE)
    answer(choice.cycle, choice.rater("p1"), 4, 4, 4)
    row, today = manager_row(choice), choice.workspace.today()
    key = f"{row.pk}" if kind is handover else f"rater-{row.pk}"
    leaver, by = choice.people["manager"], choice.company.users["hr"].pk
    kind.hand_over(Handover(leaver, today, frozenset({key}), choice.people["p1"], by))  # type: ignore[attr-defined]
    assert (choice.state("p1"), choice.state("p1", "manager")) == ("removed", "asked")
    assert not AnswerSheet.objects.filter(participant_id=choice.ann.pk).exists()
    assert choice.ann.manager == choice.people["p1"]


def test_who_comes_back_into_a_cycle_is_reviewed_by_their_manager_once(choice: Choice) -> None:
    asked(choice, *THREE)
    hr = choice.by("hr")
    cycles.drop_person(choice.ann.pk, "Moved", viewer=choice.viewer("hr"))
    new_manager(choice, "p1")  # nobody follows people who are taken out
    assert choice.state("p1") == "asked"
    cycles.add_person(choice.row.pk, choice.people["ann"].pk, "Back", **hr)
    assert (choice.state("p1"), choice.state("p1", "manager")) == ("removed", "asked")


@pytest.mark.parametrize(("state", "after"), [("asked", ["manager"]), ("done", ["skip_level"])])
def test_the_managers_manager_who_takes_over_reviews_once(choice: Choice, state: str, after: list[str]) -> None:
    boss = choice.people["boss"]
    Rater.objects.create(participant=choice.ann, employee=boss, group="skip_level", state=state)
    new_manager(choice, "boss")
    rows = Rater.objects.filter(participant=choice.ann, employee=boss, state__in=["asked", "started", "done"])
    assert list(rows.values_list("group", flat=True)) == after
