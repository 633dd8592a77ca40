"""Locking the agreed goals at a date: with the target for the share of the period, by a job, and lifting it."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from goals import goal_handover
from goals.agreement.services import accept, decide, propose, request_change
from goals.locking import services as locking
from goals.locking.selectors import standing
from goals.making import BadGoal, calendar_of
from goals.models import Goal, LockDate, MonthlyTarget, State
from goals.proration import prorations
from perfmgmt.jobs.context import JobContext
from perfmgmt.jobs.models import Job
from perfmgmt.people.handover import Handover
from perfmgmt.people.models import Absence, Assignment
from perfmgmt.tenants.calendar import Grain, Period
from perfmgmt.tenants.errors import DomainError, NotAllowed
from tests.goals.conftest import QUARTER, TODAY, Goals

pytestmark = pytest.mark.django_db
Q2 = Period(Grain.QUARTER, QUARTER[0])


def signed(goals: Goals, **changes: object) -> Goal:
    goal = propose(goals.make(**changes).pk, viewer=goals.viewer("manager"), today=TODAY)
    return accept(goal.pk, viewer=goals.viewer("assistant"), today=TODAY, version=goal.version)


def run(goals: Goals, lock_on: date = TODAY) -> dict[str, object]:
    lock = locking.set_lock_date(Q2, lock_on, viewer=goals.viewer("hr"), today=TODAY)
    assert lock.job is not None
    return locking.lock_goals(JobContext(lock.job.pk, lock.job.params, lock.job.created_by_id))


def test_what_is_agreed_is_locked_and_the_rest_is_counted(goals: Goals) -> None:
    goal = signed(goals)
    goals.make(metric="orders", target=Decimal(5))
    assert run(goals) == {"locked": 1, "not_agreed": 1}
    goal.refresh_from_db()
    assert (goal.state, goal.prorated) == (State.LOCKED, 540_000)
    assert standing(Q2).not_agreed == 1


def test_a_lock_keeps_the_target_for_the_share_of_the_period(goals: Goals) -> None:
    goal = signed(goals, target=Decimal(100))
    own = Assignment.objects.filter(employee=goals.company.people["ann"])
    own.update(full_time_share=Decimal("0.5"))
    Absence.objects.create(employee=goals.company.people["ann"], kind="sick", first_day=date(2025, 4, 7),
                           last_day=date(2025, 4, 8))  # fmt: skip
    Absence.objects.create(employee=goals.company.people["ann"], kind="sick", first_day=date(2025, 4, 9),
                           last_day=date(2025, 4, 9), hours=4)  # fmt: skip
    found = prorations([goals.person("ann")], *QUARTER, calendar_of(goal))[goals.person("ann")]
    days = calendar_of(goal).working_days(*QUARTER)
    assert found.present == (days - Fraction(5, 2)) / 2
    assert found.share == found.present / days
    assert [(spell.days, spell.missed, spell.share) for spell in found.spells] == [
        (days, Fraction(5, 2), Fraction(1, 2))
    ]
    run(goals)
    goal.refresh_from_db()
    assert goal.prorated == (Decimal(100) * found.present.numerator / found.present.denominator / days).quantize(
        Decimal("0.01")
    )


def test_a_level_is_not_prorated(goals: Goals) -> None:
    goal = signed(goals, metric="win_rate", target=Decimal("0.3"))
    Assignment.objects.update(full_time_share=Decimal("0.5"))
    run(goals)
    goal.refresh_from_db()
    assert goal.prorated == Decimal("0.3")


def test_a_date_to_come_waits_for_its_day(goals: Goals) -> None:
    signed(goals)
    lock = locking.set_lock_date(Q2, date(2025, 4, 15), viewer=goals.viewer("hr"), today=TODAY)
    assert lock.job is None and locking.start_due(date(2025, 4, 14)) == 0
    assert locking.start_due(date(2025, 4, 15)) == 1
    assert locking.start_due(date(2025, 4, 15)) == 0  # once
    assert Job.objects.filter(kind="goals.lock").count() == 1


def test_running_it_twice_locks_once(goals: Goals) -> None:
    signed(goals)
    run(goals)
    lock = LockDate.objects.select_related("job").get()
    assert lock.job is not None
    again = locking.lock_goals(JobContext(lock.job.pk, lock.job.params, None))
    assert again["locked"] == 0 and Goal.objects.get().steps.filter(kind="locked").count() == 1


def test_a_locked_goal_changes_by_hr_only(goals: Goals) -> None:
    goal = signed(goals)
    run(goals)
    asked = request_change(goal.pk, Decimal(541_000), "A little", viewer=goals.viewer("assistant"), today=TODAY)
    assert asked.is_large
    with pytest.raises(NotAllowed):
        decide(asked.pk, goal_id=goal.pk, approve=True, reason="", viewer=goals.viewer("manager"), today=TODAY)
    decide(asked.pk, goal_id=goal.pk, approve=True, reason="", viewer=goals.viewer("hr"), today=TODAY)
    goal.refresh_from_db()
    assert (goal.target, goal.prorated, goal.state) == (541_000, 541_000, State.LOCKED)


def test_only_hr_sets_and_lifts_locks(goals: Goals) -> None:
    goal = signed(goals)
    with pytest.raises(NotAllowed):
        locking.set_lock_date(Q2, TODAY, viewer=goals.viewer("manager"), today=TODAY)
    run(goals)
    with pytest.raises(NotAllowed):
        locking.unlock(goal.pk, "Because", viewer=goals.viewer("manager"), today=TODAY)
    with pytest.raises(BadGoal):
        locking.unlock(goal.pk, "", viewer=goals.viewer("hr"), today=TODAY)
    assert locking.unlock(goal.pk, "A mistake", viewer=goals.viewer("hr"), today=TODAY).state == State.AGREED


def test_a_day_before_the_period_is_refused(goals: Goals) -> None:
    with pytest.raises(BadGoal):
        locking.set_lock_date(Q2, date(2025, 3, 31), viewer=goals.viewer("hr"), today=TODAY)


def test_a_leavers_goals_to_come_are_handed_over_as_drafts(goals: Goals) -> None:
    later = signed(goals, first_day=date(2025, 7, 1), last_day=date(2025, 9, 30))
    begun = signed(goals)
    ann, bob = goals.company.people["ann"], goals.company.people["bob"]
    last = date(2025, 5, 31)
    found = goal_handover.find({ann.pk: last})
    assert [item.key for item in found[ann.pk]] == [str(later.pk)]
    goal_handover.hand_over(Handover(ann, last, frozenset({str(later.pk)}), bob, goals.company.users["hr"].pk))
    later.refresh_from_db()
    begun.refresh_from_db()
    assert (later.employee, later.state, begun.employee) == (bob, State.DRAFT, ann)
    assert not MonthlyTarget.objects.filter(employee=ann, month__gte=date(2025, 7, 1)).exists()
    assert MonthlyTarget.objects.filter(employee=ann).count() == 3


def test_a_goal_that_is_handed_over_does_not_serve_the_leavers_own(goals: Goals) -> None:
    ann, bob = goals.company.people["ann"], goals.company.people["bob"]
    year = signed(goals, grain=5, first_day=date(2025, 1, 1), last_day=date(2025, 12, 31))
    later = signed(goals, first_day=date(2025, 7, 1), last_day=date(2025, 9, 30), parent_id=year.pk)
    asked = request_change(later.pk, Decimal(541_000), "A bit", viewer=goals.viewer("manager"), today=TODAY)
    keys = frozenset({str(later.pk)})
    goal_handover.hand_over(Handover(ann, date(2025, 5, 31), keys, bob, goals.company.users["hr"].pk))
    later.refresh_from_db()
    asked.refresh_from_db()
    assert (later.employee, later.parent, asked.state) == (bob, None, "refused")


def test_a_small_change_is_for_hr_once_the_goal_is_locked(goals: Goals) -> None:
    goal = signed(goals)
    asked = request_change(goal.pk, Decimal(541_000), "A bit", viewer=goals.viewer("manager"), today=TODAY)
    run(goals)
    assert not asked.is_large
    with pytest.raises(NotAllowed):
        decide(asked.pk, goal_id=goal.pk, approve=True, reason="", viewer=goals.viewer("assistant"), today=TODAY)
    decide(asked.pk, goal_id=goal.pk, approve=True, reason="", viewer=goals.viewer("hr"), today=TODAY)
    goal.refresh_from_db()
    assert goal.target == 541_000


def test_a_date_that_was_put_off_is_not_kept_by_the_job_that_waited(goals: Goals) -> None:
    goal = signed(goals)
    lock = locking.set_lock_date(Q2, TODAY, viewer=goals.viewer("hr"), today=TODAY)
    assert lock.job is not None
    waiting = JobContext(lock.job.pk, lock.job.params, lock.job.created_by_id)
    locking.set_lock_date(Q2, date(2999, 6, 1), viewer=goals.viewer("hr"), today=TODAY)
    with pytest.raises(DomainError):
        locking.lock_goals(waiting)
    goal.refresh_from_db()
    assert goal.state == State.AGREED
