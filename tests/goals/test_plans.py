"""Action plans: who makes, sees and changes them, what is refused, and who is told."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from goals.models import ActionPlan, PlanReminder, PlanTask
from goals.plans import effect, handover, reminders, selectors, services, team
from goals.plans.pack import ready_plans
from goals.plans.services import PlanDraft, TaskDraft
from perfmgmt.metrics.models import Metric
from perfmgmt.notify.models import Notification, WorkspaceMail
from perfmgmt.people.handover import Handover
from perfmgmt.people.models import Absence
from perfmgmt.people.viewer import Viewer, Workspace, viewer_in, workspace_of
from perfmgmt.tenants.errors import Conflict, DomainError, NotAllowed, NotFound
from tests.factories import Company

pytestmark = pytest.mark.django_db
SignIn = Callable[[Any], Client]
TODAY = date(2025, 4, 16)  # a Wednesday
NOON = datetime(2025, 4, 16, 4, 0, tzinfo=UTC)  # 12 o'clock in Shanghai


def viewer_of(company: Company, role: str) -> Viewer:
    found = viewer_in(company.users[role].pk, TODAY)
    assert found is not None
    return found


def draft_of(company: Company, person: str = "ann", **changes: Any) -> PlanDraft:
    made = PlanDraft(
        kind="action", title="赶上目标", owner=company.people[person], employee=company.people[person],
        first_day=date(2025, 4, 1), last_day=date(2025, 4, 30),
    )  # fmt: skip
    return replace(made, **changes)


def task_of(company: Company, person: str = "ann", text: str = "拜访客户", **changes: Any) -> TaskDraft:
    return replace(TaskDraft(text, company.people[person], date(2025, 4, 10), "high"), **changes)


def make(
    company: Company, role: str = "manager", *, person: str = "ann", tasks: Any = (), **changes: Any
) -> ActionPlan:
    return services.create_plan(
        draft_of(company, person, **changes), viewer=viewer_of(company, role), today=TODAY, tasks=tasks
    )


# Who


def test_an_assistant_plans_for_oneself_and_a_manager_for_the_team(company: Company) -> None:
    with company.scope():
        assert make(company, "assistant").owner == company.people["ann"]
        assert make(company, "manager", person="bob").pk
        with pytest.raises(NotFound):
            make(company, "assistant", person="bob")
        with pytest.raises(NotFound):
            make(company, "manager", person="cid")
        with pytest.raises(NotFound):
            make(company, "manager", unit=company.units["south"], employee=None)
        assert make(company, "manager", unit=company.units["north"], employee=None).pk
        assert make(company, "hr", person="cid").pk
        with pytest.raises(DomainError, match="neither"):
            make(company, "assistant", tasks=[task_of(company, "cid")])


def test_a_plan_is_seen_by_who_has_a_part_in_it_and_those_above(company: Company) -> None:
    with company.scope():
        plan = make(company, "manager", person="bob", tasks=[task_of(company, "ann")])
        alone = make(company, "hr", person="cid")
        seen = {
            role: set(selectors.visible_plans(viewer_of(company, role), TODAY).values_list("pk", flat=True))
            for role in ("owner", "hr", "auditor", "manager", "assistant", "executive")
        }
    assert seen["owner"] == seen["hr"] == seen["auditor"] == {plan.pk, alone.pk}
    assert seen["manager"] == seen["assistant"] == {plan.pk}
    assert seen["executive"] == set()


def test_who_has_a_task_reports_on_it_and_changes_nothing_else(company: Company) -> None:
    with company.scope():
        plan = make(company, "manager", person="bob", tasks=[task_of(company, "ann"), task_of(company, "bob")])
        mine, others = plan.tasks.all()
        ann = viewer_of(company, "assistant")
        done = services.set_progress(plan.pk, mine.pk, 100, seen=services.stamp(mine), viewer=ann, today=TODAY)
        assert done.done_on == TODAY
        with pytest.raises(NotAllowed):
            services.set_progress(plan.pk, others.pk, 50, seen=services.stamp(others), viewer=ann, today=TODAY)
        with pytest.raises(NotAllowed):
            services.add_task(plan.pk, task_of(company), viewer=ann, today=TODAY)
        with pytest.raises(NotAllowed):
            services.close_plan(plan.pk, "done", outcome="x", viewer=ann, today=TODAY)
        back = services.set_progress(plan.pk, mine.pk, 60, seen=services.stamp(done), viewer=ann, today=TODAY)
        assert back.done_on is None


def test_the_person_a_plan_is_for_does_not_change_it(company: Company) -> None:
    with company.scope():
        plan = make(company, "manager", owner=company.people["manager"])
        with pytest.raises(NotAllowed):
            services.add_task(plan.pk, task_of(company), viewer=viewer_of(company, "assistant"), today=TODAY)


# What is refused


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"first_day": date(2025, 5, 1)}, "before the first day"),
        ({"last_day": date(2028, 5, 1)}, "three years"),
        ({"employee": None}, "a unit or a person"),
        ({"kind": "team"}, "for a unit"),
    ],
)
def test_what_does_not_fit_together_is_refused(company: Company, changes: dict[str, Any], message: str) -> None:
    with company.scope(), pytest.raises(DomainError, match=message):
        make(company, **changes)


def test_a_task_lies_inside_the_plan_and_stays_inside_when_the_days_change(company: Company) -> None:
    with company.scope():
        plan, boss = make(company, tasks=[task_of(company)]), viewer_of(company, "manager")
        with pytest.raises(DomainError, match="outside the plan"):
            services.add_task(plan.pk, task_of(company, due=date(2025, 5, 1)), viewer=boss, today=TODAY)
        shorter = draft_of(company, first_day=date(2025, 4, 11))
        with pytest.raises(DomainError, match="Move the task first"):
            services.edit_plan(plan.pk, shorter, seen=services.stamp(plan), viewer=boss, today=TODAY)
        with pytest.raises(Conflict):
            services.edit_plan(plan.pk, draft_of(company), seen="old", viewer=boss, today=TODAY)


def test_a_colleagues_change_is_not_overwritten(company: Company) -> None:
    with company.scope():
        plan, boss = make(company, tasks=[task_of(company)]), viewer_of(company, "manager")
        task = plan.tasks.get()
        seen = services.stamp(task)
        services.edit_task(plan.pk, task.pk, task_of(company, text="A"), seen=seen, viewer=boss, today=TODAY)
        with pytest.raises(Conflict):
            services.edit_task(plan.pk, task.pk, task_of(company, text="B"), seen=seen, viewer=boss, today=TODAY)
        with pytest.raises(Conflict):
            services.set_progress(plan.pk, task.pk, 10, seen=seen, viewer=boss, today=TODAY)


def test_a_closed_plan_stays_as_it_is_until_it_is_opened_again(company: Company) -> None:
    with company.scope():
        plan, boss = make(company, tasks=[task_of(company)]), viewer_of(company, "manager")
        with pytest.raises(DomainError, match="what came of"):
            services.close_plan(plan.pk, "done", outcome=" ", viewer=boss, today=TODAY)
        closed = services.close_plan(plan.pk, "done", outcome="目标追回", viewer=boss, today=TODAY)
        assert (closed.state, closed.closed_on) == ("done", TODAY)
        with pytest.raises(Conflict, match="closed"):
            services.add_task(plan.pk, task_of(company), viewer=boss, today=TODAY)
        assert services.reopen_plan(plan.pk, viewer=boss, today=TODAY).is_open


def test_nobody_who_has_left_is_given_a_task(company: Company) -> None:
    with company.scope():
        bob = company.people["bob"]
        bob.left_on = TODAY - timedelta(days=1)
        bob.save(update_fields=["left_on"])
        with pytest.raises(DomainError, match="has left"):
            make(company, tasks=[task_of(company, "bob")])


# The list


def test_the_list_has_the_overdue_first_and_follows_the_filters(company: Company) -> None:
    with company.scope():
        late = task_of(company, text="早", due=date(2025, 4, 2), priority="low")
        soon = task_of(company, text="晚", due=date(2025, 4, 20))
        make(company, tasks=[soon, late, task_of(company, "bob", text="别人的")])
        ann, boss = viewer_of(company, "assistant"), viewer_of(company, "manager")

        def texts(viewer: Viewer, **query: str) -> list[str]:
            wanted = selectors.read(query, viewer=viewer)
            return [task.text for task in selectors.tasks_for(wanted, viewer=viewer, today=TODAY)]

        assert texts(ann) == ["早", "晚"]
        assert texts(ann, who="all") == ["早", "别人的", "晚"]
        assert texts(ann, state="overdue") == ["早"]
        assert texts(ann, sort="-due", priority="nonsense", state="x") == ["晚", "早"]
        assert texts(ann, priority="low") == ["早"]
        assert texts(boss) == []
        assert texts(boss, who="team", q="别") == ["别人的"]
        wanted = selectors.read({"show": "plans", "who": "all", "state": "overdue"}, viewer=boss)
        plan = selectors.plans_for(wanted, viewer=boss, today=TODAY).get()
        assert (plan.task_count, plan.open_count, plan.late_count) == (3, 3, 2)
        assert selectors.progress_of_plan(plan) == 0


def test_the_pages_take_a_fixed_number_of_queries(company: Company, sign_in: SignIn) -> None:
    client = sign_in(company.users["manager"])

    def count(address: str) -> int:
        client.get(address)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert client.get(address).status_code == 200
        return len(queries)

    with company.scope():
        plan = make(company, tasks=[task_of(company)])
    addresses = ["/w/acme/plans/?who=all", "/w/acme/plans/?show=plans&who=all", f"/w/acme/plans/{plan.pk}/"]
    before = [count(address) for address in addresses]
    with company.scope():
        for _n in range(5):
            make(company, tasks=[task_of(company) for _t in range(5)])
            services.add_task(plan.pk, task_of(company, "bob"), viewer=viewer_of(company, "manager"), today=TODAY)
    assert [count(address) for address in addresses] == before


# Reminding


def _workspace(company: Company) -> Workspace:
    return workspace_of(company.tenant)


def test_overdue_tasks_are_reminded_of_once_a_day(company: Company) -> None:
    with company.scope():
        make(company, owner=company.people["manager"], tasks=[task_of(company), task_of(company, "bob")])
        Notification.objects.all().delete()
        # bob has no sign-in; ann has a task, the manager answers for the plan.
        assert reminders.remind(_workspace(company), NOON) == 2
        assert reminders.remind(_workspace(company), NOON) == 0
        assert reminders.remind(_workspace(company), NOON + timedelta(days=1)) == 2
        mails = WorkspaceMail.objects.filter(kind=reminders.KIND)
        assert (
            sorted(mails.values_list("recipient", flat=True))
            == ["assistant@acme.example"] * 2 + ["manager@acme.example"] * 2
        )
        told = Notification.objects.filter(kind="plans.overdue", user=company.users["manager"])
        assert [row.params["late"] for row in told] == [2]  # the unread one made way
        assert "拜访客户" in mails[0].text


def test_nobody_is_reminded_at_night_on_a_rest_day_or_while_away(company: Company) -> None:
    with company.scope():
        make(company, tasks=[task_of(company)])
        assert reminders.remind(_workspace(company), datetime(2025, 4, 16, 15, 0, tzinfo=UTC)) == 0
        assert reminders.remind(_workspace(company), datetime(2025, 4, 19, 4, 0, tzinfo=UTC)) == 0
        Absence.objects.create(employee=company.people["ann"], kind="sick", first_day=TODAY, last_day=TODAY)
        assert reminders.remind(_workspace(company), NOON) == 0
        assert PlanReminder.objects.count() == 0


def test_who_muted_it_gets_neither_notice_nor_mail(company: Company) -> None:
    user = company.users["assistant"]
    user.muted = ["plans.overdue"]
    user.save(update_fields=["muted"])
    with company.scope():
        make(company, tasks=[task_of(company)])
        reminders.remind(_workspace(company), NOON)
        assert not WorkspaceMail.objects.filter(kind=reminders.KIND).exists()
        assert not Notification.objects.filter(kind="plans.overdue").exists()


def test_who_is_given_tasks_is_told_and_not_who_gives_them(company: Company) -> None:
    with company.scope():
        plan = make(company, tasks=[task_of(company), task_of(company), task_of(company, "manager")])
        told = Notification.objects.filter(kind="plans.given")
        assert [(row.user_id, row.params["n"], row.path) for row in told] == [
            (company.users["assistant"].pk, 2, f"plans/{plan.pk}/")
        ]


def test_what_a_leaver_has_open_goes_to_somebody_else(company: Company) -> None:
    with company.scope():
        plan = make(company, tasks=[task_of(company), task_of(company, progress=100)])
        ann, bob = company.people["ann"], company.people["bob"]
        items = handover.find({ann.pk: TODAY})[ann.pk]
        assert {item.key.split("-")[0] for item in items} == {"plan", "task"}
        assert len(items) == 2
        keys = frozenset(item.key for item in items)
        handover.hand_over(Handover(ann, TODAY, keys, bob, company.users["hr"].pk))
        plan.refresh_from_db()
        assert plan.owner == bob
        assert sorted(PlanTask.objects.values_list("owner_id", "progress")) == sorted([(bob.pk, 0), (ann.pk, 100)])


# Team performance plans


def _team_plan(company: Company) -> ActionPlan:
    """A plan of North from 1 to 30 April; in March ann sold 2,100 (21 working days), in April so far 1,650 (11)."""
    for person, day, value in [("ann", date(2025, 3, 10), 1000), ("bob", date(2025, 3, 20), 1100),
                               ("ann", date(2025, 4, 2), 1650), ("cid", date(2025, 4, 3), 9000)]:  # fmt: skip
        company.fact(person, "sales_amount", day, value)
    company.drain()
    return make(company, kind="team", unit=company.units["north"], employee=None, incentive="团队聚餐")


def test_a_team_plan_compares_its_days_with_those_before(company: Company) -> None:
    with company.scope():
        plan, boss = _team_plan(company), viewer_of(company, "manager")
        metric = Metric.objects.get(code="sales_amount")
        row = team.add_measure(plan.pk, metric.pk, Decimal(3000), viewer=boss, today=TODAY)
        assert (row.baseline, row.baseline_first, row.baseline_last) == (2100, date(2025, 3, 2), date(2025, 3, 31))
        calendar = _workspace(company).calendar(date(2025, 3, 1), date(2025, 4, 30))
        span, (line,) = effect.lines_of(plan, [row], calendar, TODAY)
        assert (line.actual, span.gone) == (1650, calendar.working_days(date(2025, 4, 1), date(2025, 4, 15)))
        assert line.effect == "better"
        assert line.attainment == Decimal(1650) / 3000
        assert sum(week.value or 0 for week in line.weeks if week.is_before) == 2100
        assert sum(week.value or 0 for week in line.weeks if not week.is_before) == 1650
        with pytest.raises(DomainError, match="already"):
            team.add_measure(plan.pk, metric.pk, Decimal(1), viewer=boss, today=TODAY)
        with pytest.raises(DomainError, match="0 or more"):
            team.add_measure(plan.pk, Metric.objects.get(code="orders").pk, Decimal(-1), viewer=boss, today=TODAY)
        for code in ("new_customers", "retention", "sales_growth", "open_tasks"):
            with pytest.raises(DomainError, match="span of days"):
                team.add_measure(plan.pk, Metric.objects.get(code=code).pk, Decimal(1), viewer=boss, today=TODAY)


def test_other_days_are_compared_with_other_days_before(company: Company) -> None:
    with company.scope():
        plan, boss = _team_plan(company), viewer_of(company, "manager")
        metric = Metric.objects.get(code="sales_amount")
        team.add_measure(plan.pk, metric.pk, Decimal(3000), viewer=boss, today=TODAY)
        longer = draft_of(company, kind="team", unit=company.units["north"], employee=None,
                          first_day=date(2025, 3, 16))  # fmt: skip
        services.edit_plan(plan.pk, longer, seen=services.stamp(plan), viewer=boss, today=TODAY)
        row = plan.measures.get()
        assert (row.baseline_first, row.baseline_last, row.baseline) == (date(2025, 1, 29), date(2025, 3, 15), 1000)
        with pytest.raises(DomainError, match="Remove the measures"):
            plan.refresh_from_db()
            services.edit_plan(plan.pk, draft_of(company), seen=services.stamp(plan), viewer=boss, today=TODAY)


def test_stage_reviews_are_planned_and_then_held(company: Company) -> None:
    with company.scope():
        plan, boss = _team_plan(company), viewer_of(company, "manager")
        when = {"viewer": boss, "today": TODAY}
        planned = team.save_review(plan.pk, None, day=date(2025, 4, 28), found="", decision="", **when)
        with pytest.raises(DomainError, match="future"):
            team.save_review(plan.pk, planned.pk, day=planned.day, found="好", decision="", **when)
        with pytest.raises(DomainError, match="before what was decided"):
            team.save_review(plan.pk, planned.pk, day=TODAY, found="", decision="继续", **when)
        held = team.save_review(plan.pk, planned.pk, day=TODAY, found="好", decision="继续", **when)
        with pytest.raises(Conflict):
            team.save_review(plan.pk, None, day=TODAY, found="", decision="", **when)
        with pytest.raises(Conflict, match="stays"):
            team.remove_review(plan.pk, held.pk, **when)
        other = make(company)
        with pytest.raises(Conflict, match="Only a team"):
            team.save_review(other.pk, None, day=TODAY, found="", decision="", **when)


def test_the_ready_plans_can_be_made_in_any_length(company: Company) -> None:
    with company.scope():
        for ready in ready_plans():
            assert all(0 <= task.day < ready.days for task in ready.tasks)
            assert set(ready.measures) <= set(Metric.objects.values_list("code", flat=True))
            for days in (1, 7, ready.days, 400):
                first = date(2025, 4, 1)
                last = first + timedelta(days=days - 1)
                whose = {"unit": company.units["north"], "employee": None} if ready.kind == "team" else {}
                draft = draft_of(company, kind=ready.kind, first_day=first, last_day=last, **whose)
                tasks = ready.drafts(company.people["ann"], first, last)
                made = services.create_plan(draft, viewer=viewer_of(company, "hr"), today=TODAY, tasks=tasks)
                assert made.tasks.count() == len(ready.tasks)
