"""Releasing the results of a closed cycle: as one batch or in parts, once, frozen."""

from datetime import date
from decimal import Decimal

import pytest
from django.utils import timezone

from perfmgmt.jobs import services as jobs
from perfmgmt.jobs.context import Cancelled, JobContext
from perfmgmt.jobs.models import Job, JobState
from perfmgmt.notify.models import Notification
from perfmgmt.tenants.errors import DomainError, NotAllowed, NotFound
from perfmgmt.tenants.events import _subscribers, subscribe
from reviews.answers import door, voices
from reviews.answers.door import AnswersClosed, Given
from reviews.models import (
    CalibrationMove,
    CalibrationSession,
    CycleState,
    FairnessAsked,
    Participant,
    Proposal,
    Rater,
    ReleaseBatch,
    ReviewCycle,
    ReviewResult,
    Score,
    ScoreKey,
)
from reviews.results import services
from reviews.results.checking import Chosen, standing_of
from tests.factories import Company
from tests.reviews.factories import QUARTER, QUARTER_END
from tests.reviews.result_factories import closed_cycle, release, result_of, viewer

pytestmark = pytest.mark.django_db


def test_everybody_gets_a_frozen_result_and_the_cycle_is_over(acme: Company) -> None:
    cycle = closed_cycle(acme)
    assert release(acme, cycle) == {"released": 3, "finished": True, "cycle": cycle.row.pk}
    ann, cid = result_of(cycle, "ann"), result_of(cycle, "cid")
    assert (ann.score, ann.grade, ann.computed) == (Decimal("86.0000"), "B", Decimal("86.0000"))
    assert (cid.grade, cid.batch.number, cid.batch.people) == ("E", 1, 3)
    assert ann.frozen["trace"]["dimensions"][0]["contribution"] == "36.4000"
    assert ann.frozen["review"]["comments"]
    assert ann.frozen["managers"] == [{"name": "Mia Manager", "days": 1}]
    assert cycle.row.state == CycleState.RELEASED and cycle.row.released_at is not None


def test_what_changes_afterwards_changes_no_result(acme: Company) -> None:
    cycle = closed_cycle(acme)
    release(acme, cycle)
    before = result_of(cycle, "ann")
    Score.objects.filter(employee=acme.people["ann"]).update(score=10, grade="E")
    release_again(acme, cycle)
    after = result_of(cycle, "ann")
    assert (after.score, after.grade, after.frozen) == (before.score, before.grade, before.frozen)


def release_again(acme: Company, cycle: object) -> None:
    """Run the work of the first release once more, as a worker does that lost its end."""
    job = Job.objects.filter(kind=services.KIND).latest("pk")
    done = services.release(JobContext(job.pk, job.params, job.created_by_id))
    assert done["released"] == 0


def test_releasing_twice_releases_nobody_twice(acme: Company) -> None:
    cycle = closed_cycle(acme)
    hr = viewer(acme, "hr")
    first = services.start_release(cycle.row.pk, Chosen(), confirmed=True, language="en", viewer=hr)
    assert services.start_release(cycle.row.pk, Chosen(), confirmed=True, language="en", viewer=hr) == first
    for _time in range(2):
        services.release(JobContext(first.pk, first.params, first.created_by_id))
    assert (ReleaseBatch.objects.count(), ReviewResult.objects.count()) == (1, 3)
    first.state = JobState.DONE
    first.save()
    with pytest.raises(DomainError, match="waits"):
        services.start_release(cycle.row.pk, Chosen(), confirmed=True, language="en", viewer=hr)


def test_a_unit_with_all_below_it_then_a_person_then_the_rest(acme: Company) -> None:
    cycle = closed_cycle(acme)
    assert release(acme, cycle, Chosen(units=(acme.units["north"].pk,)))["released"] == 2
    assert cycle.row.state == CycleState.CLOSED
    assert release(acme, cycle, Chosen(people=(acme.people["cid"].pk,))) == {
        "released": 1, "finished": True, "cycle": cycle.row.pk,
    }  # fmt: skip
    assert list(ReleaseBatch.objects.order_by("number").values_list("number", "people")) == [(1, 2), (2, 1)]


@pytest.mark.parametrize("state", ["draft", "launching", "open"])
def test_nothing_is_released_while_answers_come_in(acme: Company, state: str) -> None:
    cycle = closed_cycle(acme)
    ReviewCycle.objects.update(state=state)
    with pytest.raises(services.NotClosed):
        release(acme, cycle)
    assert not ReviewResult.objects.exists()


def test_no_answer_comes_in_after_a_first_batch(acme: Company) -> None:
    cycle = closed_cycle(acme)
    release(acme, cycle, Chosen(people=(acme.people["bob"].pk,)))
    rater = Rater.objects.get(participant=cycle.people["ann"], group="self")
    with pytest.raises(AnswersClosed):
        door.save(rater, {cycle.scales[0].pk: Given(3)})


def test_only_hr_releases(acme: Company) -> None:
    cycle = closed_cycle(acme)
    for role in ("manager", "assistant", "auditor"):
        with pytest.raises(NotAllowed):
            services.start_release(cycle.row.pk, Chosen(), confirmed=True, language="en", viewer=viewer(acme, role))


def test_a_cycle_of_another_workspace_is_not_there(company: Company, other_company: Company) -> None:
    with other_company.scope():
        other = closed_cycle(other_company).row.pk
    with company.scope(), pytest.raises(NotFound):
        services.start_release(other, Chosen(), confirmed=True, language="en", viewer=viewer(company, "hr"))


def test_warnings_are_named_and_have_to_be_confirmed(acme: Company) -> None:
    cycle = closed_cycle(acme)
    CalibrationSession.objects.create(cycle=cycle.row, name="North")
    Score.objects.filter(employee=acme.people["cid"]).delete()
    ScoreKey.objects.all().delete()
    ScoreKey.objects.create(employee=acme.people["ann"], first_day=QUARTER, last_day=QUARTER_END)
    found = standing_of(cycle.row)
    assert (found.waiting, found.unlocked, found.without, found.stale) == (3, ["North"], ["Cid Cole"], True)
    with pytest.raises(DomainError, match="warnings"):
        release(acme, cycle, confirmed=False)
    release(acme, cycle)
    cid = result_of(cycle, "cid")
    assert (cid.score, cid.grade, cid.frozen["trace"]) == (None, "", None)


def test_a_calibrated_score_counts_and_what_it_replaced_is_kept(acme: Company) -> None:
    cycle = closed_cycle(acme)
    Participant.objects.filter(pk=cycle.people["ann"].pk).update(calibrated=91)
    session = CalibrationSession.objects.create(cycle=cycle.row, name="North", locked_at=timezone.now())
    CalibrationMove.objects.create(
        session=session, participant=cycle.people["ann"], before=86, after=91, reason="Took over a region"
    )
    release(acme, cycle)
    ann = result_of(cycle, "ann")
    assert (ann.score, ann.grade, ann.computed) == (91, "A", 86)
    assert ann.frozen["calibration"] == {
        "before": "86.0000", "after": "91.0000", "grade_before": "B", "grade_after": "A",
        "reason": "Took over a region", "session": "North",
    }  # fmt: skip


def test_who_was_taken_out_gets_no_result_and_does_not_hold_up_the_end(acme: Company) -> None:
    cycle = closed_cycle(acme)
    release(acme, cycle, Chosen(people=(acme.people["ann"].pk, acme.people["bob"].pk)))
    Participant.objects.filter(pk=cycle.people["cid"].pk).update(dropped_at=timezone.now())
    assert standing_of(cycle.row).may_finish
    assert release(acme, cycle) == {"released": 0, "finished": True, "cycle": cycle.row.pk}
    assert ReviewResult.objects.count() == 2
    Participant.objects.filter(pk=cycle.people["ann"].pk).update(dropped_at=timezone.now())
    assert result_of(cycle, "ann").grade == "B"  # what was released stays


def test_people_and_managers_are_told_once(acme: Company) -> None:
    cycle = closed_cycle(acme)
    release(acme, cycle)
    own = Notification.objects.get(user=acme.users["assistant"], kind="results.released")
    team = Notification.objects.get(user=acme.users["manager"], kind="results.team")
    assert own.path == f"results/own/?cycle={cycle.row.pk}"
    assert team.params["n"] == 2


def test_the_last_result_of_the_same_length_is_beside_the_new_one(acme: Company) -> None:
    cycle = closed_cycle(acme, "ann")
    release(acme, cycle)
    ReviewCycle.objects.update(start=date(2024, 10, 1), end=date(2024, 12, 31), name="Q4 2024")
    later = ReviewCycle.objects.create(
        name="Q1 2025", grain=4, start=QUARTER, end=QUARTER_END, state="closed", closed_at=timezone.now()
    )
    again = Participant.objects.create(cycle=later, employee=acme.people["ann"], unit=acme.units["north"])
    job = services.start_release(later.pk, Chosen(), confirmed=True, language="en", viewer=viewer(acme, "hr"))
    services.release(JobContext(job.pk, job.params, job.created_by_id))
    previous = ReviewResult.objects.get(participant=again).frozen["previous"]
    assert (previous["cycle"], previous["score"], previous["grade"]) == ("Q4 2024", "86.0000", "B")
    assert previous["dimensions"][0] == {"name_zh": "销售业绩", "name_en": "Sales results", "score": "91.0000"}


def test_a_result_makes_its_proposals_with_their_reason(acme: Company) -> None:
    cycle = closed_cycle(acme)
    release(acme, cycle)
    found = {(one.result.participant.employee.name, one.kind): one.reason for one in Proposal.objects.all()}
    assert set(found) == {("Cid Cole", "improvement"), ("Cid Cole", "training"), ("Bob Bell", "incentive")}
    assert found["Cid Cole", "training"]["name_zh"] == "销售业绩指标"


def test_a_group_that_the_review_hides_is_hidden_in_the_trace(acme: Company) -> None:
    from reviews.results.freezing import guarded

    group = {"group": "peers", "n": 3, "weight": "30", "score": "80", "adjusted": "81", "hidden": False}
    part = {"questionnaire_id": 7, "groups": [group]}
    trace = {"dimensions": [{"parts": [part]}]}
    shown = {"forms": [{"questionnaire_id": 7, "groups": [{"group": "peers", "score": "80"}]}]}
    hidden = {"forms": [{"questionnaire_id": 7, "groups": [{"group": "peers", "score": None}]}]}
    assert guarded(trace, shown)["dimensions"][0]["parts"][0]["groups"] == [group]
    kept = guarded(trace, hidden)["dimensions"][0]["parts"][0]["groups"][0]
    assert (kept["n"], kept["score"], kept["adjusted"], kept["hidden"]) == (None, None, None, True)


def test_a_cancelled_release_leaves_nothing_behind(acme: Company) -> None:
    cycle = closed_cycle(acme)
    job = services.start_release(cycle.row.pk, Chosen(), confirmed=True, language="en", viewer=viewer(acme, "hr"))
    jobs.cancel(job.pk)
    Job.objects.filter(pk=job.pk).update(state=JobState.RUNNING)
    with pytest.raises(Cancelled):
        services.release(JobContext(job.pk, job.params, job.created_by_id))


def test_news_of_a_batch_goes_up(acme: Company) -> None:
    cycle, heard = closed_cycle(acme), []

    def hear(**payload: object) -> None:
        heard.append(payload)

    subscribe("reviews.released", hear)
    try:
        release(acme, cycle)
    finally:
        _subscribers["reviews.released"].remove(hear)
    assert heard == [{"batch_id": ReleaseBatch.objects.get().pk, "participant_ids": sorted(
        one.pk for one in cycle.people.values())}]  # fmt: skip


def test_everybody_who_took_part_is_asked_whether_it_was_fair(acme: Company) -> None:
    cycle = closed_cycle(acme)
    release(acme, cycle)
    asked = set(FairnessAsked.objects.values_list("employee_id", flat=True))
    took_part = {one.employee_id for one in cycle.people.values()}
    took_part |= set(Rater.objects.filter(state="done").values_list("employee_id", flat=True))
    assert asked == took_part and len(asked) == 7
    assert Notification.objects.filter(kind="results.fairness", user=acme.users["assistant"]).count() == 1
    assert voices.ask(cycle.row.pk) == sorted(asked)  # asked again: nobody twice
    assert FairnessAsked.objects.count() == 7


def test_a_release_costs_the_same_statements_however_many_wait(
    acme: Company, django_assert_max_num_queries: object
) -> None:
    cycle = closed_cycle(acme)
    with django_assert_max_num_queries(8):  # type: ignore[operator]
        standing_of(cycle.row)
