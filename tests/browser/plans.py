"""Plans and tasks in every state, and duties with their metrics, for the pages that show them."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from goals.models import Goal
from goals.plans import services, team
from goals.plans.services import PlanDraft, TaskDraft
from perfmgmt.metrics.models import Metric
from perfmgmt.people.viewer import viewer_in
from perfmgmt.worklog.models import DutyTime
from tests.factories import Company

LONG = "每周一确认重点客户的进展，划掉已无可能的商机，补上新的，并把需要的支持写进周进展。"


def plan_samples(company: Company, today: date) -> dict[str, list[Any]]:
    """Make a team performance plan, a plan for a goal and a closed one; return ids for their addresses.

    Needs the scope; what hangs on a plan is that of the first.
    """
    manager = viewer_in(company.users["manager"].pk, today)
    assert manager is not None
    people, first, last = company.people, today - timedelta(days=40), today + timedelta(days=20)
    who = {"viewer": manager, "today": today}

    def task(text: str, person: str, days: int, priority: str, progress: int = 0) -> TaskDraft:
        due = today + timedelta(days=days)
        return TaskDraft(text, people[person], due, priority, "客户清单" if days > 0 else "", progress)

    draft = PlanDraft(
        kind="team", title="华北一部回款提升", owner=people["manager"], unit=company.units["north"], first_day=first,
        last_day=last, resources="培训预算 2 万元\n每两周一小时", incentive="达成后团队聚餐",
    )  # fmt: skip
    tasks = [task(LONG, "ann", -5, "high", 40), task("统一报价流程", "bob", 10, "medium"),
             task("启动会", "manager", -30, "high", 100)]  # fmt: skip
    plan = services.create_plan(draft, tasks=tasks, **who)
    measure = None
    for code, target in (("sales_amount", 30000), ("win_rate", "0.85")):
        metric = Metric.objects.get(code=code)
        measure = team.add_measure(plan.pk, metric.pk, Decimal(target), **who)
    for day, found in ((-20, "回复客户太慢"), (-3, ""), (15, "")):
        review = team.save_review(
            plan.pk, None, day=today + timedelta(days=day), found=found, decision="统一话术" if found else "", **who
        )
    goal = Goal.objects.filter(employee=people["ann"], metric__isnull=False).exclude(state="draft").earliest("pk")
    own = PlanDraft(kind="action", title="赶上目标", owner=people["ann"], employee=people["ann"], goal=goal,
                    first_day=first, last_day=last)  # fmt: skip
    other = services.create_plan(own, tasks=[task("查清差距", "ann", 3, "low", 20)], **who)
    closed = services.create_plan(own, **who)
    services.close_plan(closed.pk, "done", outcome="差距已追回，流程固定下来。", **who)
    assert measure is not None
    return {
        "plan_id": [plan.pk, other.pk, closed.pk],
        "plan_task_id": [plan.tasks.earliest("place").pk],
        "plan_measure_id": [measure.pk],
        "plan_review_id": [review.pk],
    }


def log_duties(company: Company, position: Any, today: date) -> None:
    """Hours of ann on two duties of a position, and on something else."""
    for at, (words, hours) in enumerate(
        [(position.duties.all()[0].text_zh[:120], "3.5"), ("销售合同", "1.5"), ("打扫卫生", "1")]
    ):
        DutyTime.objects.create(
            employee=company.people["ann"],
            day=today - timedelta(days=2),
            duty=words,
            hours=Decimal(hours),
            position=at,
        )
