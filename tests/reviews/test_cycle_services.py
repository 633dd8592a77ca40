"""An open cycle: more time, more and fewer people, other raters, changes of managers, leavers, closing."""

from datetime import date, timedelta

import pytest

from perfmgmt.notify.models import Notification
from perfmgmt.people.handover import Handover
from perfmgmt.people.models import Assignment
from perfmgmt.people.records.assignments import Place, change_from, seen
from perfmgmt.people.services import add_employee, assign
from perfmgmt.tenants.errors import Conflict, NotAllowed, NotFound
from reviews.answers import door
from reviews.answers.door import AnswersClosed, Given
from reviews.cycles import handover, services
from reviews.cycles.services import BadCycle
from reviews.models import CycleQuestion, Participant, Rater, ReleaseBatch, ReviewCycle
from tests.factories import START, Company
from tests.reviews.cycle_factories import draft, launched, today, viewer, workspace


def person(company: Company, name: str) -> Participant:
    return Participant.objects.get(employee=company.people[name])


def rater(company: Company, ratee: str, name: str, group: str) -> Rater:
    return Rater.objects.get(participant__employee=company.people[ratee], employee=company.people[name], group=group)


def answer(one: Rater) -> None:
    question = CycleQuestion.objects.filter(kind="scale").first()
    assert question is not None
    door.save(one, {question.pk: Given(4)})
    door.hand_in(one)


def test_after_close_answers_are_refused_until_it_is_open_again(acme: Company) -> None:
    cycle, hr = launched(acme), viewer(acme, "hr")
    services.close(cycle.pk, viewer=hr)
    services.close(cycle.pk, viewer=hr)
    with pytest.raises(AnswersClosed):
        answer(rater(acme, "ann", "ann", "self"))
    with pytest.raises(BadCycle):
        services.reopen(cycle.pk, today() - timedelta(days=1), viewer=hr, workspace=workspace(acme))
    services.reopen(cycle.pk, today() + timedelta(days=5), viewer=hr, workspace=workspace(acme))
    answer(rater(acme, "ann", "ann", "self"))
    assert rater(acme, "ann", "ann", "self").state == "done"


def test_after_the_release_a_cycle_stays_shut(acme: Company) -> None:
    cycle = launched(acme)
    ReviewCycle.objects.update(state="released")
    with pytest.raises(Conflict):
        services.reopen(cycle.pk, today(), viewer=viewer(acme, "hr"), workspace=workspace(acme))


def test_once_a_part_has_results_a_cycle_stays_shut(acme: Company) -> None:
    cycle, hr = launched(acme), viewer(acme, "hr")
    services.close(cycle.pk, viewer=hr)
    ReleaseBatch.objects.create(cycle_id=cycle.pk, number=1, people=1)
    with pytest.raises(Conflict):
        services.reopen(cycle.pk, today(), viewer=hr, workspace=workspace(acme))


def test_more_time_is_later_and_told_to_who_has_something_open(acme: Company) -> None:
    cycle, hr, space = launched(acme), viewer(acme, "hr"), workspace(acme)
    answer(rater(acme, "ann", "ann", "self"))
    Notification.objects.all().delete()
    with pytest.raises(BadCycle):
        services.extend(cycle.pk, cycle.answer_until, viewer=hr, workspace=space)
    services.extend(cycle.pk, cycle.answer_until + timedelta(days=7), viewer=hr, workspace=space)
    assert {row.user_id for row in Notification.objects.filter(kind="cycles.extended")} == {acme.users["manager"].pk}
    later = cycle.answer_until + timedelta(days=14)
    assert services.extend_person(person(acme, "ann").pk, later, viewer=hr, workspace=space).answer_until == later


def test_somebody_is_added_once_and_comes_back_after_being_taken_out(acme: Company) -> None:
    cycle = launched(acme, audience={"people": [acme.people["ann"].pk]})
    hr, space = viewer(acme, "hr"), workspace(acme)
    made = services.add_person(cycle.pk, acme.people["bob"].pk, "Forgotten", viewer=hr, workspace=space)
    assert set(made.raters.values_list("group", flat=True)) == {"self", "manager", "skip_level"}
    with pytest.raises(Conflict):
        services.add_person(cycle.pk, acme.people["bob"].pk, "Again", viewer=hr, workspace=space)
    with pytest.raises(BadCycle):
        services.drop_person(made.pk, "  ", viewer=hr)
    services.drop_person(made.pk, "On leave all quarter", viewer=hr)
    with pytest.raises(AnswersClosed):
        answer(rater(acme, "bob", "bob", "self"))
    back = services.add_person(cycle.pk, acme.people["bob"].pk, "Was there", viewer=hr, workspace=space)
    assert back.pk == made.pk and back.dropped_at is None and back.raters.count() == 3


def test_who_has_no_place_in_the_period_is_not_added(acme: Company) -> None:
    cycle, hr, space = launched(acme), viewer(acme, "hr"), workspace(acme)
    with pytest.raises(BadCycle):
        services.add_person(cycle.pk, add_employee("N1", "New").pk, "x", viewer=hr, workspace=space)
    ReviewCycle.objects.update(state="closed")
    with pytest.raises(Conflict):
        services.add_person(cycle.pk, acme.people["ann"].pk, "x", viewer=hr, workspace=space)


def test_a_managers_review_goes_to_somebody_else(acme: Company) -> None:
    launched(acme)
    hr, space = viewer(acme, "hr"), workspace(acme)
    old = rater(acme, "ann", "manager", "manager")
    for wrong in ("ann", "manager"):
        with pytest.raises(BadCycle):
            services.reassign(old.pk, acme.people[wrong].pk, "x", viewer=hr, workspace=space)
    with pytest.raises(Conflict):  # the boss is asked already, as the manager's manager
        services.reassign(old.pk, acme.people["boss"].pk, "x", viewer=hr, workspace=space)
    made = services.reassign(old.pk, acme.people["rival"].pk, "Long absence", viewer=hr, workspace=space)
    old.refresh_from_db()
    assert (made.state, made.days, made.replaces_id, old.state) == ("asked", old.days, old.pk, "removed")
    with pytest.raises(AnswersClosed):
        answer(old)
    answer(made)
    with pytest.raises(Conflict):
        services.reassign(made.pk, acme.people["cid"].pk, "x", viewer=hr, workspace=space)


def test_anonymous_raters_are_not_reassigned_here_done_or_not(acme: Company) -> None:
    launched(acme)
    peer = Rater.objects.create(
        participant=person(acme, "ann"), employee=acme.people["bob"], group="peers", state="asked"
    )
    answers = []
    for _at in range(2):
        with pytest.raises(BadCycle) as refused:
            services.reassign(
                peer.pk, acme.people["cid"].pk, "x", viewer=viewer(acme, "hr"), workspace=workspace(acme)
            )
        answers.append(str(refused.value))
        answer(Rater.objects.get(pk=peer.pk))
    assert answers[0] == answers[1]


def test_only_hr_changes_a_cycle_and_only_their_own(company: Company, other_company: Company) -> None:
    with other_company.scope():
        launched(other_company)
        theirs = person(other_company, "ann").pk
        their_cycle = ReviewCycle.objects.get().pk
    with company.scope():
        mine, hr, space = launched(company), viewer(company, "hr"), workspace(company)
        with pytest.raises(NotAllowed):
            services.close(mine.pk, viewer=viewer(company, "manager"))
        for act in (
            lambda: services.close(their_cycle, viewer=hr),
            lambda: services.drop_person(theirs, "x", viewer=hr),
            lambda: services.extend_person(theirs, today(), viewer=hr, workspace=space),
        ):
            with pytest.raises(NotFound):
                act()
        with pytest.raises(BadCycle):
            services.add_person(mine.pk, other_company.people["ann"].pk, "x", viewer=hr, workspace=space)


def test_a_draft_is_neither_closed_nor_extended(acme: Company) -> None:
    cycle = draft(acme)
    with pytest.raises(Conflict):
        services.close(cycle.pk, viewer=viewer(acme, "hr"))


# A manager changes


def test_a_new_manager_of_the_period_is_asked_and_the_old_one_stays(acme: Company) -> None:
    launched(acme)
    spell = acme.people["ann"].assignments.get()
    place = Place(acme.units["south"], None, acme.people["rival"], "")
    change_from(spell.pk, place, day=date(2025, 3, 1), shown=seen(spell))
    rows = Rater.objects.filter(participant__employee=acme.people["ann"], group="manager")
    days = {row.employee_id: row for row in rows}
    calendar = workspace(acme).calendar(date(2025, 1, 1), date(2025, 3, 31))
    old, new = days[acme.people["manager"].pk], days[acme.people["rival"].pk]
    assert old.days == calendar.working_days(date(2025, 1, 1), date(2025, 2, 28)) and old.state == "asked"
    assert new.days == calendar.working_days(date(2025, 3, 1), date(2025, 3, 31))
    assert new.reason == services.MANAGER_CHANGED
    assert person(acme, "ann").manager == acme.people["rival"]
    assert Notification.objects.filter(kind="cycles.manager_changed", user=acme.users["hr"]).count() == 1


def test_a_manager_since_the_period_approves_but_does_not_judge_it(acme: Company) -> None:
    launched(acme)
    spell = acme.people["ann"].assignments.get()
    place = Place(acme.units["south"], None, acme.people["rival"], "")
    change_from(spell.pk, place, day=date(2025, 4, 10), shown=seen(spell))
    rows = Rater.objects.filter(participant__employee=acme.people["ann"], group="manager")
    assert [row.employee_id for row in rows] == [acme.people["manager"].pk]
    assert person(acme, "ann").manager == acme.people["rival"]


def test_closed_cycles_do_not_follow(acme: Company) -> None:
    launched(acme)
    ReviewCycle.objects.update(state="closed")
    Assignment.objects.filter(employee=acme.people["bob"]).update(valid_to=date(2025, 2, 1))
    assign(acme.people["bob"], unit=acme.units["south"], manager=acme.people["rival"], valid_from=date(2025, 2, 2))
    assert Rater.objects.filter(participant__employee=acme.people["bob"], group="manager").count() == 1


# A rater leaves


def test_who_leaves_hands_reviews_with_their_name_over_and_no_others(acme: Company) -> None:
    launched(acme)
    peer = Rater.objects.create(
        participant=person(acme, "cid"), employee=acme.people["manager"], group="peers", state="asked"
    )
    found = handover.find({acme.people["manager"].pk: today()})[acme.people["manager"].pk]
    assert {item.label for item in found} == {"Review of 李安", "Review of Bob Bell"}
    handover.hand_over(
        Handover(acme.people["manager"], today(), frozenset(item.key for item in found), acme.people["rival"],
                 acme.users["hr"].pk)
    )  # fmt: skip
    assert rater(acme, "ann", "rival", "manager").state == "asked"
    assert rater(acme, "ann", "manager", "manager").state == "removed"
    assert person(acme, "ann").manager == acme.people["rival"]
    peer.refresh_from_db()
    assert peer.state == "asked"
    assert not handover.find({acme.people["manager"].pk: today()})


def test_reviews_of_a_leaver_can_be_dropped(acme: Company) -> None:
    launched(acme)
    found = handover.find({acme.people["rival"].pk: today()})[acme.people["rival"].pk]
    keys = frozenset(item.key for item in found)
    handover.hand_over(Handover(acme.people["rival"], today(), keys, None, acme.users["hr"].pk))
    assert rater(acme, "cid", "rival", "manager").state == "removed"


def test_a_manager_who_has_left_is_not_asked(acme: Company) -> None:
    acme.people["rival"].left_on = START + timedelta(days=80)
    acme.people["rival"].save()
    launched(acme)
    assert not Rater.objects.filter(participant__employee=acme.people["cid"], group="manager").exists()
