"""How goals are made and agreed: each side's signature, counter-offers, requests to change, and who may not."""

from datetime import date
from decimal import Decimal

import pytest

from goals.access import Reach
from goals.agreement.selectors import bound_cells
from goals.agreement.services import accept, counter, decide, propose, propose_many, request_change, withdraw
from goals.handover import hand_over
from goals.making import BadGoal, cancel_goal, edit_goal
from goals.models import Goal, GoalStep, MonthlyTarget, State
from perfmgmt.metrics.models import Metric
from perfmgmt.notify.models import Notification
from perfmgmt.people.handover import Handover
from perfmgmt.people.services import add_employee, assign
from perfmgmt.tenants.errors import Conflict, DomainError, NotAllowed, NotFound
from tests.goals.conftest import TODAY, Goals

pytestmark = pytest.mark.django_db


def agreed(goals: Goals, **changes: object) -> Goal:
    goal = goals.make(**changes)
    goal = propose(goal.pk, viewer=goals.viewer("manager"), today=TODAY)
    return accept(goal.pk, viewer=goals.viewer("assistant"), today=TODAY, version=goal.version)


def cells(goals: Goals, person: str = "ann") -> list[Decimal]:
    rows = MonthlyTarget.objects.filter(employee=goals.company.people[person]).order_by("month")
    return list(rows.values_list("value", flat=True))


def test_both_sides_sign_and_the_months_sum_to_the_target(goals: Goals) -> None:
    goal = agreed(goals)
    assert (goal.state, goal.target) == (State.AGREED, 540_000)
    assert sum(cells(goals)) == 540_000 and len(cells(goals)) == 3
    assert list(goal.steps.order_by("id").values_list("kind", flat=True)) == ["proposed", "agreed"]


def test_a_draft_is_not_for_the_person_and_writes_no_months(goals: Goals) -> None:
    goal = goals.make()
    assert not Reach(goals.viewer("assistant"), TODAY).visible().filter(pk=goal.pk).exists()
    assert cells(goals) == []


def test_a_counter_offer_that_is_accepted_becomes_the_target(goals: Goals) -> None:
    goal = propose(goals.make().pk, viewer=goals.viewer("manager"), today=TODAY)
    goal = counter(
        goal.pk, Decimal(495_000), "A month of leave", viewer=goals.viewer("assistant"), today=TODAY,
        version=goal.version,
    )  # fmt: skip
    assert goal.state == State.COUNTERED
    goal = accept(goal.pk, viewer=goals.viewer("manager"), today=TODAY, version=goal.version)
    assert (goal.state, goal.target, sum(cells(goals))) == (State.AGREED, 495_000, 495_000)
    assert goal.steps.get(kind="countered").reason == "A month of leave"


def test_a_counter_offer_is_answered_with_another_number(goals: Goals) -> None:
    manager, ann = goals.viewer("manager"), goals.viewer("assistant")
    goal = propose(goals.make().pk, viewer=manager, today=TODAY)
    goal = counter(goal.pk, Decimal(400_000), "Too high", viewer=ann, today=TODAY, version=goal.version)
    goal = propose(goal.pk, viewer=manager, today=TODAY, target=Decimal(500_000), reason="Let's meet halfway")
    goal = accept(goal.pk, viewer=ann, today=TODAY, version=goal.version)
    assert (goal.target, goal.proposed_target) == (500_000, None)


def test_nobody_signs_a_number_they_have_not_seen(goals: Goals) -> None:
    manager, ann = goals.viewer("manager"), goals.viewer("assistant")
    seen = propose(goals.make().pk, viewer=manager, today=TODAY).version
    goal = Goal.objects.get()
    edit_goal(goal.pk, goals.draft(target=Decimal(900_000)), viewer=manager, today=TODAY)
    propose(goal.pk, viewer=manager, today=TODAY)
    with pytest.raises(DomainError) as error:
        accept(goal.pk, viewer=ann, today=TODAY, version=seen)
    assert error.value.code == "goal_moved_on"


def test_a_double_click_signs_once(goals: Goals) -> None:
    goal = agreed(goals)
    again = accept(goal.pk, viewer=goals.viewer("assistant"), today=TODAY, version=goal.version)
    assert again.version == goal.version and goal.steps.filter(kind="agreed").count() == 1


@pytest.mark.parametrize("who", ["rival", "bob", "cid"])
def test_others_neither_see_nor_sign(goals: Goals, who: str) -> None:
    goal = propose(goals.make().pk, viewer=goals.viewer("manager"), today=TODAY)
    with pytest.raises(NotFound):
        accept(goal.pk, viewer=goals.viewer(who), today=TODAY, version=goal.version)
    assert Goal.objects.get().state == State.PROPOSED


def test_the_manager_does_not_sign_for_the_person(goals: Goals) -> None:
    goal = propose(goals.make().pk, viewer=goals.viewer("manager"), today=TODAY)
    with pytest.raises(NotAllowed):
        accept(goal.pk, viewer=goals.viewer("manager"), today=TODAY, version=goal.version)


def test_nobody_makes_their_own_goals(goals: Goals) -> None:
    with pytest.raises(NotAllowed):
        goals.make(by="manager", employee_id=goals.person("manager"))


def test_the_same_goal_twice_is_refused(goals: Goals) -> None:
    goals.make()
    with pytest.raises(Conflict):
        goals.make()
    assert Goal.objects.count() == 1


def test_an_agreed_goal_changes_by_a_request_only(goals: Goals) -> None:
    goal = agreed(goals)
    with pytest.raises(DomainError) as error:
        edit_goal(goal.pk, goals.draft(target=Decimal(1)), viewer=goals.viewer("manager"), today=TODAY)
    assert error.value.code == "goal_is_binding"
    april = date(2025, 4, 1)
    assert bound_cells([goal.metric_id], [goals.person("ann")], april, april) == {
        (goal.metric_id, goals.person("ann"), april): goal.pk
    }


def test_a_small_change_is_decided_by_the_other_side(goals: Goals) -> None:
    goal = agreed(goals)
    asked = request_change(goal.pk, Decimal(594_000), "A customer more", viewer=goals.viewer("manager"), today=TODAY)
    assert not asked.is_large  # exactly 10 %
    with pytest.raises(NotAllowed):
        decide(asked.pk, goal_id=goal.pk, approve=True, reason="", viewer=goals.viewer("manager"), today=TODAY)
    decide(asked.pk, goal_id=goal.pk, approve=True, reason="", viewer=goals.viewer("assistant"), today=TODAY)
    assert (Goal.objects.get().target, sum(cells(goals))) == (594_000, 594_000)


@pytest.mark.parametrize(("who", "may"), [("manager", False), ("boss", True), ("hr", True), ("auditor", False)])
def test_a_large_change_needs_the_managers_manager_or_hr(goals: Goals, who: str, *, may: bool) -> None:
    goal = agreed(goals)
    asked = request_change(goal.pk, Decimal(300_000), "Leave", viewer=goals.viewer("assistant"), today=TODAY)
    assert asked.is_large
    if not may:
        with pytest.raises(NotAllowed):
            decide(asked.pk, goal_id=goal.pk, approve=True, reason="", viewer=goals.viewer(who), today=TODAY)
    else:
        decide(asked.pk, goal_id=goal.pk, approve=True, reason="", viewer=goals.viewer(who), today=TODAY)
    assert Goal.objects.get().target == (300_000 if may else 540_000)


def test_a_refusal_says_why_and_leaves_the_target(goals: Goals) -> None:
    goal = agreed(goals)
    asked = request_change(goal.pk, Decimal(530_000), "Leave", viewer=goals.viewer("assistant"), today=TODAY)
    manager = goals.viewer("manager")
    with pytest.raises(BadGoal):
        decide(asked.pk, goal_id=goal.pk, approve=False, reason=" ", viewer=manager, today=TODAY)
    decide(asked.pk, goal_id=goal.pk, approve=False, reason="No", viewer=manager, today=TODAY)
    assert (Goal.objects.get().target, goal.steps.get(kind="refused").reason) == (540_000, "No")


def test_a_request_of_another_goal_is_not_decided_through_this_one(goals: Goals) -> None:
    goal, other = agreed(goals), agreed(goals, metric="orders", target=Decimal(50))
    asked = request_change(other.pk, Decimal(52), "More", viewer=goals.viewer("manager"), today=TODAY)
    with pytest.raises(NotFound):
        decide(asked.pk, goal_id=goal.pk, approve=True, reason="", viewer=goals.viewer("assistant"), today=TODAY)


def test_one_request_waits_at_a_time(goals: Goals) -> None:
    goal = agreed(goals)
    request_change(goal.pk, Decimal(530_000), "Leave", viewer=goals.viewer("assistant"), today=TODAY)
    with pytest.raises(Conflict):
        request_change(goal.pk, Decimal(500_000), "Again", viewer=goals.viewer("assistant"), today=TODAY)


def test_many_are_proposed_at_once_and_the_person_is_told_once(goals: Goals) -> None:
    drafts = [
        goals.make(),
        goals.make(metric="orders", target=Decimal(50)),
        goals.make(metric="win_rate", target=None),
    ]
    done, why = propose_many([goal.pk for goal in drafts], viewer=goals.viewer("manager"), today=TODAY)
    assert len(done) == 2 and list(why) == [drafts[2].pk]
    told = Notification.objects.get(kind="goals.proposed", user=goals.company.users["assistant"])
    assert told.params["n"] == 2


def test_a_proposal_that_is_taken_back_is_a_draft_again(goals: Goals) -> None:
    goal = propose(goals.make().pk, viewer=goals.viewer("manager"), today=TODAY)
    assert withdraw(goal.pk, viewer=goals.viewer("manager"), today=TODAY).state == State.DRAFT


def test_cancelling_what_is_agreed_needs_a_reason_and_clears_the_months(goals: Goals) -> None:
    goal = agreed(goals)
    with pytest.raises(BadGoal):
        cancel_goal(goal.pk, viewer=goals.viewer("manager"), today=TODAY)
    cancel_goal(goal.pk, viewer=goals.viewer("manager"), today=TODAY, reason="New plan")
    assert cells(goals) == [] and Goal.objects.get().state == State.CANCELLED


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"target": Decimal(-1)}, "target"),
        ({"target": Decimal(10) ** 15}, "target"),
        ({"weight": Decimal(101)}, "weight"),
        ({"last_day": date(2025, 3, 1)}, "last_day"),
        ({"grain": 3}, "first_day"),
        ({"form": "percent", "growth": Decimal(15)}, "baseline"),
        ({"form": "percent", "growth": Decimal(-150), "baseline": Decimal(100)}, "growth"),
        ({"form": "band", "band_low": Decimal(2), "band_high": Decimal(1)}, "band_high"),
        ({"title": " "}, "title"),
        ({"grain": 0, "first_day": date(1, 1, 1), "last_day": date(1, 1, 31)}, "first_day"),
        ({"grain": 0, "first_day": date(9999, 12, 1), "last_day": date(9999, 12, 31)}, "first_day"),
        ({"employee_id": None}, "employee"),
    ],
)
def test_what_can_not_be_is_refused_at_its_field(goals: Goals, changes: dict[str, object], field: str) -> None:
    with pytest.raises(BadGoal) as error:
        goals.make(**changes)
    assert error.value.field == field
    assert not Goal.objects.exists()


def test_growth_and_zero_errors_work_their_target_out(goals: Goals) -> None:
    grown = goals.make(form="percent", growth=Decimal(15), baseline=Decimal("333333.33"), target=None)
    assert grown.target == Decimal("383333.3295")
    zero = goals.make(metric="data_entry_errors", form="band", band_low=Decimal(0), band_high=Decimal(0), target=None)
    assert (zero.band_low, zero.band_high, zero.band_tolerance, zero.target) == (0, 0, 0, None)


def test_an_archived_metric_takes_no_new_goal(goals: Goals) -> None:
    Metric.objects.filter(code="orders").update(archived_at="2025-01-01T00:00Z")
    with pytest.raises(BadGoal) as error:
        goals.make(metric="orders")
    assert error.value.field == "metric"


def test_who_left_before_the_period_takes_no_goal(goals: Goals) -> None:
    left = add_employee("GONE", "Gone", left_on=date(2025, 2, 1))
    assign(left, unit=goals.company.units["north"], valid_from=date(2025, 1, 1),
           manager=goals.company.people["manager"])  # fmt: skip
    with pytest.raises(BadGoal) as error:
        goals.make(by="hr", employee_id=left.pk)
    assert error.value.field == "employee"


def test_a_parent_is_of_the_same_line_and_makes_no_circle(goals: Goals) -> None:
    north, south = (
        goals.make(by="hr", level="unit", employee_id=None, unit_id=goals.company.units[name].pk, title=name)
        for name in ("north", "south")
    )
    goal = goals.make(parent_id=north.pk)
    with pytest.raises(BadGoal) as error:
        goals.make(metric="orders", parent_id=south.pk)
    assert error.value.field == "parent" and goal.parent == north
    company = goals.make(by="hr", level="company", employee_id=None)
    edit_goal(north.pk, goals.draft(level="unit", title="north", parent_id=company.pk),
              viewer=goals.viewer("hr"), today=TODAY)  # fmt: skip
    with pytest.raises(BadGoal) as error:
        edit_goal(company.pk, goals.draft(level="company", parent_id=company.pk),
                  viewer=goals.viewer("hr"), today=TODAY)  # fmt: skip
    assert error.value.field == "parent"


def test_a_unit_goal_waits_for_who_answers_for_it(goals: Goals) -> None:
    unit = goals.make(
        by="hr", level="unit", employee_id=None, unit_id=goals.company.units["north"].pk,
        owner_id=goals.person("manager"),
    )  # fmt: skip
    unit = propose(unit.pk, viewer=goals.viewer("hr"), today=TODAY)
    with pytest.raises(NotAllowed):
        accept(unit.pk, viewer=goals.viewer("hr"), today=TODAY, version=unit.version)
    assert accept(unit.pk, viewer=goals.viewer("manager"), today=TODAY, version=unit.version).state == State.AGREED


def test_a_manager_makes_goals_of_the_own_unit_only(goals: Goals) -> None:
    goals.make(level="unit", employee_id=None, unit_id=goals.company.units["north"].pk)
    with pytest.raises(NotAllowed):
        goals.make(level="unit", employee_id=None, unit_id=goals.company.units["south"].pk)
    with pytest.raises(NotAllowed):
        goals.make(level="company", employee_id=None)


def test_steps_say_who_when_and_from_what_to_what(goals: Goals) -> None:
    goal = agreed(goals)
    asked = request_change(goal.pk, Decimal(530_000), "Leave", viewer=goals.viewer("assistant"), today=TODAY)
    decide(asked.pk, goal_id=goal.pk, approve=True, reason="Fine", viewer=goals.viewer("manager"), today=TODAY)
    step = GoalStep.objects.latest("id")
    assert (step.kind, step.before, step.after, step.reason, step.by_name) == (
        "approved", 540_000, 530_000, "Fine", "Mia Manager"
    )  # fmt: skip


def test_a_change_of_a_goal_that_was_cancelled_meanwhile_is_not_approved(goals: Goals) -> None:
    goal = agreed(goals)
    asked = request_change(goal.pk, Decimal(550_000), "More", viewer=goals.viewer("manager"), today=TODAY)
    cancel_goal(goal.pk, viewer=goals.viewer("manager"), today=TODAY, reason="New plan")
    with pytest.raises(DomainError):
        decide(asked.pk, goal_id=goal.pk, approve=True, reason="", viewer=goals.viewer("assistant"), today=TODAY)
    asked.refresh_from_db()
    assert (asked.state, asked.decision, cells(goals)) == ("refused", "New plan", [])


def test_months_of_a_proposal_that_was_taken_back_go_with_the_goal(goals: Goals) -> None:
    manager = goals.viewer("manager")
    goal = propose(goals.make().pk, viewer=manager, today=TODAY)
    withdraw(goal.pk, viewer=manager, today=TODAY)
    cancel_goal(goal.pk, viewer=manager, today=TODAY)
    assert cells(goals) == []


def test_months_of_a_proposal_go_when_it_becomes_one_of_another_metric(goals: Goals) -> None:
    manager = goals.viewer("manager")
    goal = propose(goals.make().pk, viewer=manager, today=TODAY)
    edit_goal(goal.pk, goals.draft(metric="orders", target=Decimal(50)), viewer=manager, today=TODAY)
    assert cells(goals) == []


def test_who_answers_for_a_units_goal_is_of_the_makers_team(goals: Goals) -> None:
    unit = {"level": "unit", "employee_id": None, "unit_id": goals.company.units["north"].pk}
    with pytest.raises(BadGoal) as error:
        goals.make(**unit, owner_id=goals.person("cid"))
    assert error.value.field == "owner"
    goal = goals.make(**unit, owner_id=goals.person("ann"))
    Goal.objects.filter(pk=goal.pk).update(owner=goals.person("cid"))  # chosen by HR: it may stay
    edit_goal(goal.pk, goals.draft(**unit, owner_id=goals.person("cid")), viewer=goals.viewer("manager"), today=TODAY)


def test_a_metric_that_was_archived_meanwhile_is_not_signed(goals: Goals) -> None:
    goal = propose(goals.make().pk, viewer=goals.viewer("manager"), today=TODAY)
    Metric.objects.filter(pk=goal.metric_id).update(archived_at="2025-01-01T00:00Z")
    with pytest.raises(BadGoal) as error:
        accept(goal.pk, viewer=goals.viewer("assistant"), today=TODAY, version=goal.version)
    assert error.value.field == "metric" and Goal.objects.get().state == State.PROPOSED


def test_a_leavers_targets_are_not_added_to_what_somebody_has_agreed_to(goals: Goals) -> None:
    agreed(goals)
    ann, bob = goals.company.people["ann"], goals.company.people["bob"]
    target = MonthlyTarget.objects.filter(employee=ann).earliest("month")
    theirs = MonthlyTarget.objects.create(metric_id=target.metric_id, employee=bob, month=target.month, value=5)
    with pytest.raises(DomainError) as error:
        hand_over(Handover(bob, date(2025, 3, 31), frozenset({str(theirs.pk)}), ann, goals.company.users["hr"].pk))
    assert error.value.code == "cell_is_bound"
    assert sum(cells(goals)) == 540_000
