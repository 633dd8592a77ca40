"""Acknowledging a result, the record of the review meeting, proposals, and the two questions after a cycle."""

from datetime import timedelta

import pytest

from goals.models import ActionPlan, PlanReview
from perfmgmt.notify.models import Notification
from perfmgmt.people.viewer import workspace_of
from perfmgmt.tenants.errors import Conflict, DomainError, NotAllowed, NotFound
from perfmgmt.tenants.events import _subscribers, subscribe
from reviews.answers import voices
from reviews.models import FairnessAsked, FairnessVoice, Proposal, ReviewCycle, ReviewMeeting
from reviews.results import deciding, meetings, services
from reviews.results.meetings import Record
from reviews.results.words import agenda_line
from tests.factories import Company
from tests.reviews.factories import QUARTER, QUARTER_END, Cycle
from tests.reviews.result_factories import closed_cycle, reach, release, result_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def released(acme: Company) -> Cycle:
    cycle = closed_cycle(acme)
    release(acme, cycle)
    return cycle


# Acknowledging


def test_a_person_acknowledges_once(acme: Company, released: Cycle) -> None:
    ann, own = result_of(released, "ann"), reach(acme, "assistant")
    found = services.answer_result(ann.pk, "acknowledged", "Thank you", reach=own)
    again = services.answer_result(ann.pk, "acknowledged", "Something else", reach=own)
    assert (found.state, again.comment, again.answered_at) == ("acknowledged", "Thank you", found.answered_at)
    with pytest.raises(Conflict):
        services.answer_result(ann.pk, "disagreed", "No", reach=own)
    told = Notification.objects.get(user=acme.users["manager"], kind="results.answered")
    assert told.params["state"] == "acknowledged"


def test_who_disagrees_says_with_what_and_may_acknowledge_later(acme: Company, released: Cycle) -> None:
    ann, own = result_of(released, "ann"), reach(acme, "assistant")
    with pytest.raises(DomainError, match="disagree"):
        services.answer_result(ann.pk, "disagreed", "  ", reach=own)
    services.answer_result(ann.pk, "disagreed", "The order of May is missing", reach=own)
    later = services.answer_result(ann.pk, "acknowledged", "", reach=own)
    assert (later.state, later.comment) == ("acknowledged", "The order of May is missing")


@pytest.mark.parametrize("who", ["manager", "hr", "owner", "auditor"])
def test_nobody_acknowledges_for_somebody_else(acme: Company, released: Cycle, who: str) -> None:
    with pytest.raises(NotFound):
        services.answer_result(result_of(released, "ann").pk, "acknowledged", "", reach=reach(acme, who))


def test_a_result_of_another_team_is_not_there(acme: Company, released: Cycle) -> None:
    with pytest.raises(NotFound):
        services.answer_result(result_of(released, "cid").pk, "acknowledged", "", reach=reach(acme, "assistant"))
    with pytest.raises(NotFound):
        meetings.open_meeting(result_of(released, "cid").pk, reach=reach(acme, "manager"))


def test_only_the_two_answers_are_known(acme: Company, released: Cycle) -> None:
    with pytest.raises(NotFound):
        services.answer_result(result_of(released, "ann").pk, "released", "", reach=reach(acme, "assistant"))


# The meeting


def opened(acme: Company, cycle: Cycle, name: str = "ann") -> ReviewMeeting:
    return meetings.open_meeting(result_of(cycle, name).pk, reach=reach(acme, "manager"))


def written(acme: Company, cycle: Cycle) -> ReviewMeeting:
    """The record of ann's meeting, with a day and notes of the manager."""
    found, lead = opened(acme, cycle), reach(acme, "manager")
    record = Record("Good quarter", lead.on, frozenset({0}), ["Holiday in May"], "Two visits a week")
    return meetings.save_meeting(found.result_id, record, version=found.version, reach=lead)


def test_the_agenda_comes_from_facts(acme: Company, released: Cycle) -> None:
    plan = ActionPlan.objects.create(
        kind="action", title="More visits", owner=acme.people["ann"], employee=acme.people["ann"],
        first_day=QUARTER, last_day=QUARTER_END,
    )  # fmt: skip
    PlanReview.objects.create(plan=plan, day=QUARTER_END, found="Half done", decision="Go on until June")
    services.answer_result(
        result_of(released, "ann").pk, "disagreed", "May is missing", reach=reach(acme, "assistant")
    )
    found = opened(acme, released)
    codes = [item["code"] for item in found.agenda]
    assert codes == ["disagrees", "strong_part", "weak_part", "decision", "next"]
    lines = [agenda_line(item) for item in found.agenda]
    assert lines[2].startswith("“Attitude and behaviour” scored 77.33 points; 6.80 points")
    assert lines[3] == "Decided in the plan “More visits”: Go on until June"
    assert Notification.objects.filter(user=acme.users["assistant"], kind="results.meeting").count() == 1
    assert opened(acme, released).pk == found.pk


def test_each_side_writes_its_own_part(acme: Company, released: Cycle) -> None:
    found = written(acme, released)
    assert [item.get("text") for item in found.agenda if not item.get("code")] == ["Holiday in May"]
    assert [item["kept"] for item in found.agenda if item.get("code")] == [True, False, False]
    own = Record("I want to learn", agreed="A raise", own_lines=["x"])
    after = meetings.save_meeting(found.result_id, own, version=found.version, reach=reach(acme, "assistant"))
    assert (after.employee_notes, after.manager_notes, after.agreed) == (
        "I want to learn", "Good quarter", "Two visits a week",
    )  # fmt: skip


@pytest.mark.parametrize("who", ["auditor", "executive"])
def test_who_only_reads_writes_and_signs_nothing(acme: Company, released: Cycle, who: str) -> None:
    found = written(acme, released)
    for act in (
        lambda: meetings.open_meeting(found.result_id, reach=reach(acme, who)),
        lambda: meetings.save_meeting(found.result_id, Record("x"), version=found.version, reach=reach(acme, who)),
        lambda: meetings.sign_meeting(found.result_id, version=found.version, reach=reach(acme, who)),
    ):
        with pytest.raises((NotAllowed, NotFound)):
            act()


def test_nobody_holds_their_own_meeting(acme: Company, released: Cycle) -> None:
    with pytest.raises(NotAllowed):
        meetings.open_meeting(result_of(released, "ann").pk, reach=reach(acme, "assistant"))


def test_a_second_window_overwrites_nothing(acme: Company, released: Cycle) -> None:
    found = written(acme, released)
    with pytest.raises(meetings.Moved):
        meetings.save_meeting(found.result_id, Record("Old"), version=found.version - 1, reach=reach(acme, "manager"))
    with pytest.raises(meetings.Moved):
        meetings.sign_meeting(found.result_id, version=found.version - 1, reach=reach(acme, "assistant"))


def test_when_both_have_signed_nothing_changes_any_more(acme: Company, released: Cycle) -> None:
    found, lead, own = written(acme, released), reach(acme, "manager"), reach(acme, "assistant")
    meetings.sign_meeting(found.result_id, version=found.version, reach=lead)
    assert Notification.objects.filter(user=acme.users["assistant"], kind="results.signed").exists()
    signed = meetings.sign_meeting(found.result_id, version=found.version, reach=own)
    assert signed.is_signed
    for side in (lead, own):
        with pytest.raises(meetings.Signed):
            meetings.save_meeting(found.result_id, Record("Later"), version=signed.version, reach=side)
    assert meetings.sign_meeting(found.result_id, version=signed.version, reach=own).version == signed.version


def test_a_change_takes_back_the_signature_of_another_text(acme: Company, released: Cycle) -> None:
    found, own = written(acme, released), reach(acme, "assistant")
    meetings.sign_meeting(found.result_id, version=found.version, reach=reach(acme, "manager"))
    same = meetings.save_meeting(found.result_id, Record(""), version=found.version, reach=own)
    assert same.signed_by_manager_at is not None  # nothing was changed
    after = meetings.save_meeting(found.result_id, Record("But"), version=found.version, reach=own)
    assert after.signed_by_manager_at is None


def test_a_meeting_without_a_day_or_in_the_future_is_not_signed(acme: Company, released: Cycle) -> None:
    found, lead = opened(acme, released), reach(acme, "manager")
    with pytest.raises(DomainError, match="day"):
        meetings.sign_meeting(found.result_id, version=found.version, reach=lead)
    with pytest.raises(DomainError, match="still to come"):
        later = Record(held_on=lead.on + timedelta(days=1))
        meetings.save_meeting(found.result_id, later, version=found.version, reach=lead)


# Proposals


def test_accepting_announces_it_and_nothing_else_happens(acme: Company, released: Cycle) -> None:
    heard: list[dict[str, object]] = []

    def hear(**payload: object) -> None:
        heard.append(payload)

    subscribe("reviews.proposal_accepted", hear)
    try:
        one = Proposal.objects.get(kind="improvement")
        boss = reach(acme, "hr")
        deciding.decide(one.pk, "accepted", "From June", reach=boss)
        deciding.decide(one.pk, "accepted", "Again", reach=boss)
    finally:
        _subscribers["reviews.proposal_accepted"].remove(hear)
    one.refresh_from_db()
    assert heard == [{"proposal_id": one.pk, "kind": "improvement"}]
    assert (one.state, one.note, one.decided_by_id) == ("accepted", "From June", acme.users["hr"].pk)
    with pytest.raises(Conflict):
        deciding.decide(one.pk, "dismissed", "", reach=boss)


def test_a_manager_decides_for_their_people_only_and_never_for_themselves(acme: Company, released: Cycle) -> None:
    cid, bob = Proposal.objects.get(kind="improvement"), Proposal.objects.get(kind="incentive")
    lead = reach(acme, "manager")
    with pytest.raises(NotFound):
        deciding.decide(cid.pk, "accepted", "", reach=lead)
    assert deciding.decide(bob.pk, "dismissed", "Not now", reach=lead).state == "dismissed"
    with pytest.raises(NotAllowed):
        deciding.decide(bob.pk, "accepted", "", reach=reach(acme, "assistant"))
    listed = deciding.proposals_for(deciding.read({"state": "all"}), reach=lead)
    assert [one.pk for one in listed] == [bob.pk]
    assert not deciding.proposals_for(deciding.read({}), reach=lead)


# Fairness


def say(acme: Company, cycle: Cycle, count: int, text: str = "") -> None:
    """Let so many of those who were asked answer."""
    asked = FairnessAsked.objects.filter(answered=False).order_by("employee_id").values_list("employee_id", flat=True)
    for employee_id in list(asked)[:count]:
        voices.give(cycle.row.pk, employee_id, fair=4, useful=2, text=text, workspace=workspace_of(acme.tenant))


def over(acme: Company, cycle: Cycle) -> voices.Voices:
    """What is heard after the last day."""
    row = cycle.row
    row.released_at -= timedelta(days=voices.DAYS + 2)
    row.save()
    return voices.heard(row, workspace_of(acme.tenant))


def test_voices_are_heard_all_at_once_after_the_last_day(acme: Company, released: Cycle) -> None:
    say(acme, released, 5, "More time")
    assert voices.heard(released.row, workspace_of(acme.tenant)).count is None
    found = over(acme, released)
    assert (found.asked, found.count, found.texts) == (7, 5, ("More time",) * 5)
    assert found.fair is not None and (found.fair.mean, found.fair.counts) == (4, (0, 0, 0, 5, 0))


def test_fewer_voices_than_the_minimum_are_not_heard(acme: Company, released: Cycle) -> None:
    say(acme, released, 4)
    found = over(acme, released)
    assert found.is_over and found.count is None and found.fair is None


def test_fewer_texts_than_the_minimum_are_not_shown(acme: Company, released: Cycle) -> None:
    say(acme, released, 1, "Only mine")
    say(acme, released, 5)
    assert over(acme, released).texts == ()


def test_a_voice_is_given_once_in_time_and_names_nobody(acme: Company, released: Cycle) -> None:
    workspace, person = workspace_of(acme.tenant), acme.people["ann"].pk
    give = {"fair": 5, "useful": 5, "text": "", "workspace": workspace}
    voices.give(released.row.pk, person, **give)  # type: ignore[arg-type]
    with pytest.raises(Conflict):
        voices.give(released.row.pk, person, **give)  # type: ignore[arg-type]
    with pytest.raises(NotFound):
        voices.give(released.row.pk, None, **give)  # type: ignore[arg-type]
    with pytest.raises(DomainError):
        voices.give(released.row.pk, person, **{**give, "fair": 6})  # type: ignore[arg-type]
    names = {field.name for field in FairnessVoice._meta.fields}
    assert names == {"pk", "tenant", "key", "cycle_id", "fair", "useful", "text"}
    assert voices.open_for(person, workspace) == []
    ReviewCycle.objects.update(released_at=released.row.released_at - timedelta(days=voices.DAYS + 2))
    with pytest.raises(Conflict):
        voices.give(released.row.pk, acme.people["bob"].pk, **give)  # type: ignore[arg-type]
