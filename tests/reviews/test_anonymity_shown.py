"""What of a person's review is shown, and that nothing hidden follows from it."""

import json
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviews.answers import door
from reviews.answers.door import Given
from reviews.answers.figures import Asked, Side, Voice, _cells, _Scope, allowed_figures
from reviews.answers.rules import IDENTIFIED
from reviews.answers.shown import NotYetShown, ShownReview, shown_review, shown_reviews, shown_table
from reviews.models import CycleForm, CycleQuestion, CycleState, Question, Questionnaire, ReviewCycle
from tests.factories import Company
from tests.reviews.factories import Cycle, add_peers, add_rater, answer, open_cycle
from tests.reviews.test_anonymity_suppression import attacked


def closed(cycle: Cycle, name: str = "ann") -> ShownReview:
    """Close the cycle and show a person's review."""
    ReviewCycle.objects.filter(pk=cycle.row.pk).update(state=CycleState.CLOSED)
    participant = cycle.people[name]
    participant.cycle.refresh_from_db()
    return shown_review(participant)


def groups(review: ShownReview) -> dict[str, tuple[int, str | None, bool]]:
    return {one["group"]: (one["n"], one["score"], one["hidden"]) for one in review.as_json()["groups"]}


def test_groups_that_meet_their_minimum_are_shown_and_the_hidden_one_is_in_no_total(acme: Company) -> None:
    cycle = open_cycle(acme, "ann")
    manager = cycle.people["ann"].raters.get(group="manager")
    answer(cycle, manager, 5, 5, 5)
    for peer in add_peers(acme, cycle, "ann", 3):
        answer(cycle, peer, 3, 3, 3)
    (report,) = add_peers(acme, cycle, "ann", 1, group="direct_reports")
    answer(cycle, report, 1, 1, 1)
    review = closed(cycle)
    assert groups(review)["manager"] == (1, "100.0000", False)
    assert groups(review)["peers"] == (3, "50.0000", False)
    assert groups(review)["direct_reports"] == (1, None, True)
    assert review.as_json()["score"] == str((Decimal(60 * 100 + 30 * 50) / 90).quantize(Decimal("0.0001")))


def test_small_groups_become_colleagues(acme: Company) -> None:
    cycle = open_cycle(acme, "ann")
    for group in ("peers", "direct_reports"):
        for rater in add_peers(acme, cycle, "ann", 2, group=group):
            answer(cycle, rater, 4, 4, 4)
    (one,) = [each for each in closed(cycle).as_json()["groups"] if each["pooled"]]
    assert (one["group"], one["n"], one["score"]) == ("colleagues", 4, "75.0000")
    assert one["pooled"] == ["peers", "direct_reports"]


def test_means_by_question_are_shown_only_if_every_question_has_enough_answers(acme: Company) -> None:
    cycle = open_cycle(acme, "ann", "bob")
    for name, last in (("ann", None), ("bob", 2)):
        for rater in add_peers(acme, cycle, name, 2):
            answer(cycle, rater, 5, 4, 3)
        (third,) = add_peers(acme, cycle, name, 1)
        answer(cycle, third, 1, 4, last)
    ann = closed(cycle, "ann").as_json()["forms"][0]["questions"]
    bob = closed(cycle, "bob").as_json()["forms"][0]["questions"]
    assert [one["means"] for one in ann] == [{}, {}, {}]
    assert [one["means"].get("peers") for one in bob] == ["66.6667", "75.0000", "41.6667"]


def test_nothing_is_shown_while_answers_come_in(acme: Company) -> None:
    cycle = open_cycle(acme, "ann")
    for peer in add_peers(acme, cycle, "ann", 3):
        answer(cycle, peer, 3, 3, 3)
    with pytest.raises(NotYetShown):
        shown_review(cycle.people["ann"])


def test_a_draft_counts_for_nothing(acme: Company) -> None:
    cycle = open_cycle(acme, "ann")
    for peer in add_peers(acme, cycle, "ann", 3):
        answer(cycle, peer, 3, 3, 3, text="Not handed in", hand_in=False)
    review = closed(cycle)
    assert review.review.score is None and not review.comments


def test_a_questionnaire_hidden_for_a_group_does_not_follow_from_the_score_over_all(acme: Company) -> None:
    """Three peers answer the first questionnaire, two of them the second: over all minus the first is the second."""
    cycle = open_cycle(acme, "ann")
    second = Questionnaire.objects.create(code="second", name_zh="第二份", name_en="Second")
    CycleForm.objects.create(cycle=cycle.row, questionnaire=second, place=2)
    Question.objects.create(code="extra", text_zh="题", text_en="Extra")
    extra = CycleQuestion.objects.create(
        cycle=cycle.row, questionnaire=second, place=9, code="extra", text_zh="题", text_en="Extra"
    )
    for at, peer in enumerate(add_peers(acme, cycle, "ann", 3)):
        answer(cycle, peer, 3, 4, 5, hand_in=False)
        if at < 2:
            door.save(peer, {extra.pk: Given(1)})
        door.hand_in(peer)
    review = closed(cycle)
    first, other = review.as_json()["forms"]
    assert first["groups"][-2]["score"] == "75.0000"
    assert [one["hidden"] for one in other["groups"] if one["group"] == "peers"] == [True]
    assert groups(review)["peers"] == (3, None, True)
    assert review.as_json()["score"] is None and review.as_json()["hidden"]


# Comments


def comments(review: ShownReview) -> dict[str, list[str]]:
    return {one["group"]: one["texts"] for one in review.as_json()["comments"]}


def test_comments_of_anonymous_groups_stand_together_and_those_of_the_manager_by_name(acme: Company) -> None:
    cycle = open_cycle(acme, "ann")
    answer(cycle, cycle.people["ann"].raters.get(group="manager"), 5, 5, 5, text="From the manager")
    for at, rater in enumerate(add_peers(acme, cycle, "ann", 2)):
        answer(cycle, rater, 3, 3, 3, text=f"  From a peer {at}\n")
    (report,) = add_peers(acme, cycle, "ann", 1, group="direct_reports")
    answer(cycle, report, 3, 3, 3)
    found = comments(closed(cycle))
    assert found["manager"] == ["From the manager"]
    assert sorted(found["colleagues"]) == ["From a peer 0", "From a peer 1"]


def test_two_raters_are_too_few_for_comments(acme: Company) -> None:
    cycle = open_cycle(acme, "ann")
    for rater in add_peers(acme, cycle, "ann", 2):
        answer(cycle, rater, 3, 3, 3, text="Recognisable")
    assert comments(closed(cycle)) == {}


def test_a_question_only_one_group_is_asked_counts_that_group_only(acme: Company) -> None:
    cycle = open_cycle(acme, "ann")
    CycleQuestion.objects.filter(pk=cycle.questions[-1].pk).update(groups=["direct_reports"])
    for rater in add_peers(acme, cycle, "ann", 3):
        answer(cycle, rater, 3, 3, 3)
    (report,) = add_peers(acme, cycle, "ann", 1, group="direct_reports")
    answer(cycle, report, 3, 3, 3, text="Only I was asked this")
    assert comments(closed(cycle)) == {}


def test_comments_keep_their_order_and_it_is_not_the_order_they_came_in(acme: Company) -> None:
    cycle = open_cycle(acme, "ann")
    texts = [f"Comment {at:02}" for at in range(12)]
    for rater, text in zip(add_peers(acme, cycle, "ann", 12), texts, strict=True):
        answer(cycle, rater, 3, 3, 3, text=text)
    review = closed(cycle)
    first, second = comments(review)["colleagues"], comments(shown_review(cycle.people["ann"]))["colleagues"]
    assert first == second and sorted(first) == texts and first != texts
    assert any(left > right for left, right in pairwise(first))


def test_what_is_shown_is_plain_json_and_names_nobody(acme: Company) -> None:
    cycle = open_cycle(acme, "ann")
    raters = add_peers(acme, cycle, "ann", 4)
    for rater in raters:
        answer(cycle, rater, 3, 3, 3, text="Words")
    text = json.dumps(closed(cycle).as_json())
    assert not [one for one in raters if one.employee.name in text or one.employee.number in text]


def test_many_people_take_as_many_queries_as_one(acme: Company, django_assert_num_queries) -> None:
    cycle = open_cycle(acme, "ann", "bob", "cid")
    for name in cycle.people:
        add_rater(cycle, name, acme.people["boss"], "skip_level")
        for rater in add_peers(acme, cycle, name, 3):
            answer(cycle, rater, 3, 3, 3)
    ReviewCycle.objects.update(state=CycleState.CLOSED)
    cycle.row.refresh_from_db()
    # Questions with their questionnaires, groups, sheets, answers.
    with django_assert_num_queries(4):
        found = shown_reviews(cycle.row, [one.pk for one in cycle.people.values()])
    assert [groups(one)["peers"][1] for one in found.values()] == ["50.0000"] * 3


# Subtraction over everything that is shown of one person


SIDES = [
    Side("self", Fraction(0), 1),
    Side("manager", Fraction(50), 1),
    Side("peers", Fraction(30), 3, merges=True),
    Side("direct_reports", Fraction(20), 3, merges=True),
]


@st.composite
def reviews(draw: st.DrawFn) -> tuple[dict[int, list[Asked]], list[Voice]]:
    """One to three questionnaires and some raters who answer parts of them."""
    forms: dict[int, list[Asked]] = {}
    for form in range(draw(st.integers(1, 3))):
        forms[form] = [
            Asked(form * 10 + at, 5, Fraction(draw(st.integers(1, 3)))) for at in range(draw(st.integers(1, 2)))
        ]
    questions = [one.id for each in forms.values() for one in each]
    voices = []
    for side, most in (("self", 1), ("manager", 2), ("peers", 4), ("direct_reports", 4)):
        for at in range(draw(st.integers(0, most))):
            values = draw(st.dictionaries(st.sampled_from(questions), st.integers(1, 5)))
            voices.append(Voice((side, at), side, draw(st.integers(1, 60)) if side == "manager" else 1, values))
    return forms, voices


@given(reviews())
@settings(max_examples=150, deadline=None)
def test_no_group_under_its_minimum_follows_from_the_figures_of_a_review(
    case: tuple[dict[int, list[Asked]], list[Voice]],
) -> None:
    forms, voices = case
    found = allowed_figures(forms, SIDES, voices)
    everything = [one for each in forms.values() for one in each]
    cells, _minimum = _cells(everything, SIDES, voices)
    known = [{cell: Fraction(1)} for cell in cells if cell[0] in IDENTIFIED]
    for key, shown in [*found.forms.items(), (None, found.overall)]:
        scope = _Scope(key, everything if key is None else forms[key], SIDES, voices)
        made_of = {one.name: one.form for one in [*scope.wishes(), *scope.by_question()]}
        known += [made_of[(key, one.name)] for one in shown.groups if one.score is not None]
        known += [made_of[(key, one.name, at)] for one in shown.groups for at in one.questions]
        known += [made_of[(key, None)]] if shown.score is not None else []
    anonymous = {cell: raters for cell, raters in cells.items() if cell[0] not in IDENTIFIED}
    left = [{cell: factor for cell, factor in form.items() if cell in anonymous} for form in known]
    assert attacked(anonymous, [form for form in left if form], 3) is None


@given(reviews())
@settings(max_examples=60, deadline=None)
def test_what_a_figure_is_made_of_gives_its_value(case: tuple[dict[int, list[Asked]], list[Voice]]) -> None:
    forms, voices = case
    sums: dict[object, Fraction] = {}
    for voice in voices:
        for question, value in voice.values.items():
            at = voice.side, question
            sums[at] = sums.get(at, Fraction(0)) + voice.days * Fraction(value - 1, 4) * 100
    for key, questions in forms.items():
        scope = _Scope(key, questions, SIDES, voices)
        made_of = {one.name: one.form for one in [*scope.wishes(), *scope.by_question()]}
        values = {
            name: sum((f * sums[cell] for cell, f in form.items()), Fraction(0)) for name, form in made_of.items()
        }
        assert values.get((key, None), scope.found.score) == scope.found.score
        for one in scope.found.groups:
            assert values.get((key, one.name)) == one.score
            assert {at: values[(key, one.name, at)] for at in one.questions} == one.questions


# Tables over many people


def test_a_table_hides_beside_a_small_cell_another_one() -> None:
    values = {("a", "peers"): (2, Fraction(10)), ("b", "peers"): (4, Fraction(40)), ("c", "peers"): (9, Fraction(70))}
    found = shown_table(values, {"all": list(values)}, 3)
    assert [one.value for one in found.cells.values()] == [None, None, Fraction(70)]
    assert found.totals["all"].value == Fraction(2 * 10 + 4 * 40 + 9 * 70, 15)
    assert [one.hidden for one in found.cells.values()] == [True, True, False]


def test_a_second_batch_hides_the_total_that_would_tell_who_came_with_it() -> None:
    values = {"first": (5, Fraction(50)), "second": (1, Fraction(10))}
    found = shown_table(values, {"unit": ["first", "second"]}, 3, published=[["first"]])
    assert found.totals["unit"].hidden
