"""What waits for somebody in goals stands on their home, and so does where they stand in each agreed goal."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from goals.agreement.services import accept, propose
from goals.check_ins.rules import monday_of
from goals.models import ActionPlan, CheckIn, CheckInState, PlanTask
from goals.waiting import to_do
from perfmgmt.people.viewer import workspace_of
from perfmgmt.tenants.calendar import Grain, Period
from perfmgmt.tenants.workdays import ONE_DAY
from tests.factories import Company, today_here
from tests.goals.conftest import Goals

pytestmark = pytest.mark.django_db
SignIn = Callable[[Any], Client]
TODAY = today_here()
NOW = Period.containing(Grain.QUARTER, TODAY)
PART, WAITING = "/w/acme/home/goals/", "/w/acme/home/waiting/"
FRAGMENT = {"HX-Request": "true", "accept-language": "en"}


def kinds(goals: Goals, name: str) -> list[str]:
    found = to_do(goals.viewer(name), workspace_of(goals.company.tenant), TODAY)
    return [one.kind for one in found]


def test_a_proposed_goal_waits_for_its_person_then_the_check_in_until_it_is_sent(goals: Goals) -> None:
    assert kinds(goals, "assistant") == []
    goal = goals.make(first_day=NOW.start, last_day=NOW.end)
    assert kinds(goals, "assistant") == []  # a draft is not theirs yet
    propose(goal.pk, viewer=goals.viewer("manager"), today=TODAY, reason="As discussed")
    one, _check_in = to_do(goals.viewer("assistant"), workspace_of(goals.company.tenant), TODAY)
    assert (one.kind, one.about, one.page, one.args) == ("answer", goal.title, "goal", (goal.pk,))
    assert kinds(goals, "manager") == []
    goal.refresh_from_db()
    accept(goal.pk, version=goal.version, viewer=goals.viewer("assistant"), today=TODAY)
    assert kinds(goals, "assistant") == ["check_in"]
    CheckIn.objects.create(
        employee_id=goals.person("ann"), week=monday_of(TODAY), state=CheckInState.SENT, sent_at="2025-01-01T00:00Z"
    )
    assert kinds(goals, "assistant") == []


def test_overdue_tasks_wait_as_one_line_until_they_are_done(goals: Goals) -> None:
    ann = goals.person("ann")
    plan = ActionPlan.objects.create(
        title="Catch up", employee_id=ann, owner_id=ann, first_day=TODAY - 9 * ONE_DAY, last_day=TODAY
    )
    for place, due in enumerate((TODAY - 3 * ONE_DAY, TODAY - ONE_DAY, TODAY), 1):
        PlanTask.objects.create(plan=plan, place=place, text="Call", owner_id=ann, due=due)
    (one,) = to_do(goals.viewer("assistant"), workspace_of(goals.company.tenant), TODAY)
    assert (one.kind, one.n, one.due) == ("tasks", 2, TODAY - 3 * ONE_DAY)
    PlanTask.objects.update(progress=100, done_on=TODAY)
    assert kinds(goals, "assistant") == []


def test_the_home_of_an_assistant_says_where_they_stand_in_agreed_goals(company: Company, sign_in: SignIn) -> None:
    with company.scope():
        goals = Goals(company)
        goal = goals.make(target=Decimal(54_000), first_day=NOW.start, last_day=NOW.end)
        propose(goal.pk, viewer=goals.viewer("manager"), today=TODAY, reason="As discussed")
    client = sign_in(company.users["assistant"])
    assert goal.title in client.get(WAITING, headers=FRAGMENT).content.decode()
    assert goal.title not in client.get(PART, headers=FRAGMENT).content.decode()  # not agreed: nothing to stand in
    assert "No agreed goal runs today" in client.get(PART, headers={"accept-language": "en"}).content.decode()
    with company.scope():
        goal.refresh_from_db()
        accept(goal.pk, version=goal.version, viewer=goals.viewer("assistant"), today=TODAY)
    text = client.get(PART, headers=FRAGMENT).content.decode()
    assert f'href="/w/acme/goals/{goal.pk}/"' in text and "54,000" in text and "Expected by now" in text
    assert f'hx-get="{PART}"' in client.get("/w/acme/").content.decode()
    assert f'hx-get="{PART}"' not in client.get("/w/acme/?period=2020-01").content.decode()  # today is not in it
