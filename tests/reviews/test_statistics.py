"""The statistics of a cycle: raters, adjusted scores, reliability; who is told what."""

from decimal import Decimal
from functools import partial

import pytest

from perfmgmt.jobs import services as jobs
from perfmgmt.jobs.models import Job
from perfmgmt.people.models import Employee
from perfmgmt.people.services import add_employee, assign
from perfmgmt.people.viewer import Viewer, viewer_in
from perfmgmt.tenants.errors import Conflict, NotAllowed, NotFound
from perfmgmt.tenants.events import publish
from perfmgmt.tenants.scope import tenant_scope
from reviews.answers.shown import NotYetShown
from reviews.models import (
    CycleQuestion,
    CycleState,
    CycleStatistic,
    GroupScoreRow,
    Participant,
    Rater,
    RaterStatistic,
    ReviewCycle,
    Score,
    ScoreKey,
)
from reviews.scores.services import drain
from reviews.statistics import services
from reviews.statistics.adjusting import made
from reviews.statistics.rules import leniency_band
from tests.factories import START, Company
from tests.reviews.factories import QUARTER_END, Cycle, add_peers, add_rater, answer, open_cycle
from tests.reviews.scores_factories import make_card


def everybody_rates(company: Company, cycle: Cycle, lenient: Employee) -> None:
    """Six people, four peers each who rate them about alike; for three people one of them is lenient instead."""
    unit = company.units["north"]
    for at in range(3):
        person = add_employee(f"X{at}", f"Extra {at}")
        assign(person, unit=unit, valid_from=START)
        cycle.people[person.number] = Participant.objects.create(cycle=cycle.row, employee=person, unit=unit)
    peers = [add_employee(f"Y{at}", f"Rater {at}") for at in range(4)]
    for peer in peers:
        assign(peer, unit=unit, valid_from=START)
    for place, name in enumerate(cycle.people):
        for at, peer in enumerate(peers if place >= 3 else peers[:3]):
            step = 1 + (place + at % 2) % 3
            answer(cycle, add_rater(cycle, name, peer, "peers"), step, step, 1 + (place + at) % 3)
        if place < 3:
            answer(cycle, add_rater(cycle, name, lenient, "peers"), 5, 5, 5)


@pytest.fixture
def rated(acme: Company) -> Cycle:
    """A cycle in which one peer is lenient, with scores, closed."""
    cycle = open_cycle(acme, "ann", "bob", "cid")
    make_card((100, [{"questionnaire": cycle.questionnaire}]))
    lenient = add_employee("Z1", "Lena Lenient")
    assign(lenient, unit=acme.units["north"], valid_from=START)
    everybody_rates(acme, cycle, lenient)
    closed(cycle)
    return cycle


def closed(cycle: Cycle) -> None:
    ReviewCycle.objects.filter(pk=cycle.row.pk).update(state=CycleState.CLOSED)
    cycle.row.refresh_from_db()
    ScoreKey.objects.create(employee=None, first_day=cycle.row.start, last_day=QUARTER_END)
    while drain(wait=True).name == "MORE":
        continue


def run(company: Company, cycle: Cycle) -> Job:
    """Close it as the product does, and let the worker do what it queues."""
    publish("reviews.cycle_closed", cycle_id=cycle.row.pk)
    job = Job.objects.get(kind=services.KIND)
    jobs.run(partial(tenant_scope, company.tenant.pk), job.pk)
    job.refresh_from_db()
    assert job.state == "done", job.error
    return job


def hr(company: Company, role: str = "hr") -> Viewer:
    found = viewer_in(company.users[role].pk, QUARTER_END)
    assert found is not None
    return found


def test_a_lenient_rater_is_found_and_their_answers_count_less_in_the_adjusted_score(
    acme: Company, rated: Cycle
) -> None:
    run(acme, rated)
    lena = RaterStatistic.objects.get(employee__number="Z1")
    assert leniency_band(float(lena.leniency or 0), lena.ratees) == "lenient"
    assert (lena.ratees, lena.spread) == (3, None)
    other = RaterStatistic.objects.get(employee__number="Y0")
    assert leniency_band(float(other.leniency or 0), other.ratees) != "lenient"
    by_lena = set(Rater.objects.filter(employee=lena.employee).values_list("participant__employee_id", flat=True))
    rows = Score.objects.filter(cycle_id=rated.row.pk).exclude(review=None)
    assert {row.employee_id: (row.adjusted or 0) < (row.review or 0) for row in rows} == {
        row.employee_id: row.employee_id in by_lena for row in rows
    }


def test_the_adjusted_score_is_section_6_again_without_each_raters_leniency(acme: Company, rated: Cycle) -> None:
    run(acme, rated)
    leniency = {one.employee_id: float(one.leniency or 0) for one in RaterStatistic.objects.all()}
    for participant in rated.people.values():
        row = GroupScoreRow.objects.get(participant_id=participant.pk, group="peers")
        raters = Rater.objects.filter(participant=participant, group="peers")
        off = sum(leniency[one.employee_id] for one in raters) / len(raters)
        assert float(row.adjusted or 0) == pytest.approx(float(row.score or 0) - off, abs=2e-4)
        score = Score.objects.get(employee_id=participant.employee_id, cycle_id=rated.row.pk)
        assert score.adjusted == row.adjusted


def test_it_is_worked_out_question_by_question_where_raters_skip_some(acme: Company) -> None:
    """Two managers by days, a skipped question: each question's mean loses the mean leniency of who answered it."""
    cycle = open_cycle(acme, "ann", "bob", "cid")
    make_card((100, [{"questionnaire": cycle.questionnaire}]))
    Rater.objects.filter(group="manager").update(days=20, employee=acme.people["manager"])
    for at, name in enumerate(cycle.people):
        manager = cycle.people[name].raters.get(group="manager")
        answer(cycle, manager, 1 + at, None, 3)
        second = add_rater(cycle, name, acme.people["boss"], "manager")
        Rater.objects.filter(pk=second.pk).update(days=40)
        second.refresh_from_db()
        answer(cycle, second, 5, 4, 5 - at)
    closed(cycle)
    run(acme, cycle)
    lenient = {one.employee_id: float(one.leniency) for one in RaterStatistic.objects.exclude(leniency=None)}
    boss, own = acme.people["boss"].pk, acme.people["manager"].pk
    assert lenient.keys() == {boss, own}
    shift = ((20 * lenient[own] + 40 * lenient[boss]) / 60 * 2 + lenient[boss]) / 3
    row = GroupScoreRow.objects.get(participant_id=cycle.people["ann"].pk, group="manager")
    assert float(row.adjusted or 0) == pytest.approx(float(row.score or 0) - shift, abs=2e-4)
    # Beside the raw score over all it would be a judgement of these two.
    scores = Score.objects.filter(cycle_id=cycle.row.pk).exclude(review=None)
    assert scores.exists() and not scores.exclude(adjusted=None).exists()


def test_nothing_is_kept_of_a_rater_of_one_or_two_people(acme: Company) -> None:
    cycle = open_cycle(acme, "ann", "bob")
    for peer in add_peers(acme, cycle, "ann", 3):
        answer(cycle, peer, 5, 4, 3)
    closed(cycle)
    run(acme, cycle)
    rows = list(RaterStatistic.objects.all())
    assert [one.ratees for one in rows] == [1, 1, 1]
    assert {(one.mean, one.leniency, one.spread) for one in rows} == {(None, None, None)}


def test_a_self_review_is_no_observation(acme: Company) -> None:
    cycle = open_cycle(acme, "ann")
    answer(cycle, cycle.people["ann"].raters.get(group="self"), 5, 5, 5)
    closed(cycle)
    run(acme, cycle)
    assert not RaterStatistic.objects.exists()
    assert CycleStatistic.objects.get(cycle_id=cycle.row.pk).figures == {"n": 0}


def test_only_questions_that_every_group_is_asked_are_compared(acme: Company) -> None:
    cycle = open_cycle(acme, "ann")
    CycleQuestion.objects.filter(pk=cycle.scales[0].pk).update(groups=["peers"])
    names = ["self", "manager", "skip_level", "peers", "direct_reports"]
    CycleQuestion.objects.filter(pk=cycle.scales[1].pk).update(groups=names)
    CycleQuestion.objects.filter(pk=cycle.scales[2].pk).update(weight=0)
    answer(cycle, add_peers(acme, cycle, "ann", 1)[0], 5, 2, 5)
    closed(cycle)
    assert made(cycle.row).figures["mean"] == pytest.approx(25, abs=0.5)


def test_a_secret_that_is_gone_leaves_no_raters_and_no_error(acme: Company, rated: Cycle, settings) -> None:
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another", []
    run(acme, rated)
    assert not RaterStatistic.objects.exists()


def test_an_earlier_secret_opens_the_seals_as_well(acme: Company, rated: Cycle, settings) -> None:
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another", [settings.SECRET_KEY]
    run(acme, rated)
    assert RaterStatistic.objects.count() == 5


def test_scores_that_use_the_adjusted_one_are_computed_again(acme: Company, rated: Cycle) -> None:
    before = {one.employee_id: one.score for one in Score.objects.filter(cycle_id=rated.row.pk)}
    ReviewCycle.objects.update(uses_adjusted=True)
    run(acme, rated)
    assert ScoreKey.objects.exists()
    while drain(wait=True).name == "MORE":
        continue
    for row in Score.objects.filter(cycle_id=rated.row.pk).exclude(review=None):
        # Within 0 and 100; the adjusted one itself is kept as it is.
        assert row.adjusted is not None and row.score == min(max(row.adjusted, Decimal(0)), Decimal(100))
        assert row.score != before[row.employee_id]


def test_a_score_that_does_not_use_it_stays(acme: Company, rated: Cycle) -> None:
    before = list(Score.objects.order_by("employee_id", "grain", "start").values_list("score", flat=True))
    run(acme, rated)
    assert list(Score.objects.order_by("employee_id", "grain", "start").values_list("score", flat=True)) == before
    assert not ScoreKey.objects.exists()


def test_the_figures_of_the_cycle(acme: Company, rated: Cycle) -> None:
    ann = rated.people["ann"]
    ReviewCycle.objects.update(state="open")
    answer(rated, ann.raters.get(group="self"), 5, 5, 5)
    closed(rated)
    run(acme, rated)
    figures = CycleStatistic.objects.get(cycle_id=rated.row.pk).figures
    assert (figures["n"], figures["raters"], figures["ratees"]) == (24, 5, 6)
    assert figures["reliability"]["low"] <= figures["reliability"]["icc"] <= figures["reliability"]["high"]
    assert sum(figures["leniency"]["counts"]) == 5 and figures["leniency"]["lenient"] == 1
    ((participant, own, others, band),) = figures["gaps"]
    assert (participant, own, band) == (ann.pk, 100.0, "higher") and others < 90
    assert figures["held_back"] == []


def test_it_can_be_made_again_and_changes_nothing(acme: Company, rated: Cycle) -> None:
    run(acme, rated)
    before = (
        list(RaterStatistic.objects.order_by("employee_id").values()),
        list(Score.objects.order_by("employee_id", "grain", "start").values()),
    )
    job = services.start(rated.row.pk, viewer=hr(acme))
    jobs.run(partial(tenant_scope, acme.tenant.pk), job.pk)
    assert (
        list(RaterStatistic.objects.order_by("employee_id").values()),
        list(Score.objects.order_by("employee_id", "grain", "start").values()),
    ) == before


def test_not_before_the_cycle_is_closed_not_twice_and_not_by_everybody(acme: Company) -> None:
    cycle = open_cycle(acme, "ann")
    with pytest.raises(NotYetShown):
        services.start(cycle.row.pk, viewer=hr(acme))
    closed(cycle)
    with pytest.raises(NotAllowed):
        services.start(cycle.row.pk, viewer=hr(acme, "manager"))
    with pytest.raises(NotFound):
        services.start(2**40, viewer=hr(acme))
    services.start(cycle.row.pk, viewer=hr(acme))
    with pytest.raises(Conflict):
        services.start(cycle.row.pk, viewer=hr(acme))


def test_a_cycle_that_was_opened_again_meanwhile_is_left_alone(acme: Company) -> None:
    cycle = open_cycle(acme, "ann")
    assert run(acme, cycle).result is not None
    assert not CycleStatistic.objects.exists()
