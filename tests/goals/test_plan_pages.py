"""Pages of plans: made from a ready one, followed in rows, with and without a script."""

from collections.abc import Callable
from datetime import date, timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client

from goals.models import ActionPlan, Goal, PlanTask
from goals.plans import exports
from perfmgmt.jobs import services as jobs
from perfmgmt.jobs.models import Job
from perfmgmt.metrics.models import Metric
from perfmgmt.people.viewer import workspace_of
from perfmgmt.tenants.scope import tenant_scope
from tests.factories import Company

pytestmark = pytest.mark.django_db
SignIn = Callable[[Any], Client]


@pytest.fixture
def today(company: Company) -> date:
    with company.scope():
        return workspace_of(company.tenant).today()


def form(today: date, **changes: str) -> dict[str, str]:
    values = {
        "title": "每周拜访", "kind": "activity", "employee": "AC004", "unit": "", "owner": "李安", "goal": "",
        "first_day": today.isoformat(), "last_day": (today + timedelta(days=27)).isoformat(), "resources": "",
        "incentive": "",
    }  # fmt: skip
    return {**values, **changes}


def test_a_manager_makes_a_ready_plan_and_the_assistant_reports(
    company: Company, today: date, sign_in: SignIn
) -> None:
    manager, ann = sign_in(company.users["manager"]), sign_in(company.users["assistant"])
    address = "/w/acme/plans/new/?template=sales_activity"
    assert "Weekly sales-activity plan" in manager.get(address).content.decode()
    made = manager.post(address, form(today))
    assert made.status_code == 302
    with company.scope():
        plan = ActionPlan.objects.get()
        task = plan.tasks.all()[0]
        assert (plan.tasks.count(), plan.owner, task.owner) == (6, company.people["ann"], company.people["ann"])
    page = ann.get(f"/w/acme/plans/{plan.pk}/").content.decode()
    seen = unescape(page.split(f'id="task-{task.pk}"')[1].split('name="seen" value="')[1].split('"')[0])
    report = f"/w/acme/plans/{plan.pk}/tasks/{task.pk}/progress/"
    row = ann.post(report, {"seen": seen, "progress": ["20", "100"]}, headers={"HX-Request": "true"})
    assert row.content.decode().strip().startswith("<tr")
    assert "Saved." in row.content.decode()
    stale = ann.post(report, {"seen": seen, "progress": "40"}, headers={"HX-Request": "true"})
    assert "changed this at the same time" in stale.content.decode()
    bad = ann.post(report, {"seen": seen, "progress": "abc"})
    assert bad.status_code == 302
    with company.scope():
        assert PlanTask.objects.get(pk=task.pk).done_on == today


def test_a_plan_begins_from_the_goal_it_is_for(company: Company, today: date, sign_in: SignIn) -> None:
    with company.scope():
        goal = Goal.objects.create(
            level="person", employee=company.people["ann"], metric=Metric.objects.get(code="orders"), target=50,
            title="每月完成 50 单", grain=0, first_day=today, last_day=today + timedelta(days=9), state="agreed",
        )  # fmt: skip
        hidden = Goal.objects.create(
            level="person", employee=company.people["cid"], title="别人的目标", grain=0, first_day=today,
            last_day=today + timedelta(days=9), state="agreed",
        )  # fmt: skip
    manager = sign_in(company.users["manager"])
    page = manager.get(f"/w/acme/plans/new/?goal={goal.pk}").content.decode()
    assert "每月完成 50 单" in page
    assert f'value="{(today + timedelta(days=9)).isoformat()}"' in page
    assert "别人的目标" not in manager.get(f"/w/acme/plans/new/?goal={hidden.pk}").content.decode()
    refused = manager.post("/w/acme/plans/new/", form(today, goal=str(hidden.pk)))
    assert refused.status_code == 400
    assert manager.post("/w/acme/plans/new/", form(today, goal=str(goal.pk))).status_code == 302
    assert "每周拜访" in manager.get(f"/w/acme/goals/{goal.pk}/").content.decode()


def test_a_refused_form_keeps_what_was_typed(company: Company, today: date, sign_in: SignIn) -> None:
    manager = sign_in(company.users["manager"])
    page = manager.post("/w/acme/plans/new/", form(today, owner="cid cole"))
    assert page.status_code == 400
    assert "每周拜访" in page.content.decode()
    for wrong in ({"first_day": "2025-13-01"}, {"unit": "7x"}, {"kind": "nonsense"}, {"title": "x" * 201}):
        assert manager.post("/w/acme/plans/new/", form(today, **wrong)).status_code == 400
    with company.scope():
        assert not ActionPlan.objects.exists()


def test_a_team_plan_from_end_to_end(company: Company, today: date, sign_in: SignIn) -> None:
    manager = sign_in(company.users["manager"])
    with company.scope():
        company.fact("ann", "sales_amount", today - timedelta(days=10), 1000)
        company.drain()
        orders, sales = Metric.objects.get(code="orders").pk, Metric.objects.get(code="sales_amount").pk
    unit = str(company.units["north"].pk)
    team = form(today, kind="team", employee="", unit=unit, incentive="团队聚餐", owner="Mia Manager")
    assert manager.post("/w/acme/plans/new/?template=team_performance", team).status_code == 302
    with company.scope():
        plan = ActionPlan.objects.get()
        assert plan.reviews.count() == 3
    base = f"/w/acme/plans/{plan.pk}"
    assert manager.post(f"{base}/measures/add/", {"metric": str(sales), "target": "5,000"}).status_code == 302
    assert manager.post(f"{base}/measures/add/", {"metric": str(orders), "target": "-1"}).status_code == 400
    page = manager.get(f"{base}/").content.decode()
    assert "CN¥1,000" in page
    assert "团队聚餐" in page
    assert "Too early" in page
    found = {"day": today.isoformat(), "found": "回复太慢", "decision": "统一话术"}
    assert manager.post(f"{base}/reviews/add/", found).status_code == 302
    assert manager.post(f"{base}/reviews/add/", found).status_code == 400
    closing = {"state": "done", "outcome": "达成"}
    assert manager.post(f"{base}/close/", {"state": "done", "outcome": ""}).status_code == 400
    assert manager.post(f"{base}/close/", closing).status_code == 302
    assert manager.post(f"{base}/tasks/add/", {"text": "x"}).status_code == 400
    assert manager.post(f"{base}/close/", {"state": "open"}).status_code == 302


def test_the_lists_are_written_to_files_with_the_rights_of_who_asks(
    company: Company, today: date, sign_in: SignIn, settings: Any, tmp_path: Any
) -> None:
    settings.MEDIA_ROOT = tmp_path
    hr, manager = sign_in(company.users["hr"]), sign_in(company.users["manager"])
    hr.post("/w/acme/plans/new/?template=skill", form(today, employee="AC006", owner="AC006", kind="skill"))
    for query, rows in (("who=all", 5), ("show=plans&who=all", 1), ("who=all&q=nothing", 0)):
        assert hr.post(f"/w/acme/plans/export/?{query}").status_code == 302
        assert manager.post(f"/w/acme/plans/export/?{query}").status_code == 302
        with company.scope():
            theirs, mine = Job.objects.filter(kind=exports.EXPORT).order_by("-pk")[:2]
        for job, expected in ((mine, rows), (theirs, 0)):
            jobs.run(lambda: tenant_scope(company.tenant.pk), job.pk)
            with company.scope():
                job.refresh_from_db()
                assert job.result["rows"] == expected
