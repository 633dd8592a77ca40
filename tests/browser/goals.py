"""Goals in every state, for the pages that show them."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from goals.agreement.services import accept, counter, propose, request_change
from goals.locking.services import set_lock_date
from goals.making import GoalDraft, create_goal
from goals.models import Goal, GoalEvidence, State
from perfmgmt.metrics.selectors import metric_by_code
from perfmgmt.people.viewer import Viewer, viewer_in
from perfmgmt.tenants.calendar import Grain, Period
from tests.factories import Company


def goal_samples(company: Company, today: date) -> dict[str, list[Any]]:
    """Make goals of the present quarter; return ids for `goal_id`, `evidence_id` and `lock_id`. Needs the scope."""
    quarter = Period.containing(Grain.QUARTER, today)
    days = {"grain": 4, "first_day": quarter.start, "last_day": quarter.end}
    hr, manager, ann = (_viewer(company, role, today) for role in ("hr", "manager", "assistant"))

    def make(by: Viewer, metric: str | None, target: int | str | None, title: str, **more: Any) -> Goal:
        found = metric_by_code(metric) if metric else None
        value = None if target is None else Decimal(target)
        fields = {"level": "person", "employee_id": company.people["ann"].pk, **days, **more}
        return create_goal(GoalDraft(metric=found, target=value, title=title, **fields), viewer=by, today=today)

    sales_unit = {"level": "unit", "employee_id": None, "unit_id": company.units["sales"].pk}
    sales_unit["owner_id"] = manager.employee_id
    above = propose(
        make(hr, "sales_amount", 900_000, "本季度销售额 90 万元", **sales_unit).pk, viewer=hr, today=today
    )
    sales = make(manager, "sales_amount", 540_000, "本季度销售额 54 万元", parent_id=above.pk, weight=Decimal(60))
    sales = propose(sales.pk, viewer=manager, today=today)
    sales = accept(sales.pk, viewer=ann, today=today, version=sales.version)
    request_change(sales.pk, Decimal(520_000), "12 月有一周培训", viewer=ann, today=today)
    orders = propose(make(manager, "orders", 150, "每月完成 50 单").pk, viewer=manager, today=today)
    orders = counter(orders.pk, Decimal(140), "大客户在下季度", viewer=ann, today=today, version=orders.version)
    waiting = propose(make(manager, "visits_arranged", 90, "每月 30 次客户拜访").pk, viewer=manager, today=today)
    draft = make(manager, "new_customers", 30, "每月新增 10 个客户")
    milestone = propose(make(manager, None, None, "建立客户档案").pk, viewer=manager, today=today)
    shown = _shown(milestone)
    locked = make(manager, "win_rate", "0.4", "赢单率 40%", employee_id=company.people["bob"].pk)
    as_locked = {"state": State.LOCKED, "locked_at": "2026-01-01T00:00Z", "prorated": Decimal("0.4")}
    Goal.objects.filter(pk=locked.pk).update(**as_locked)
    lock = set_lock_date(quarter, quarter.end, viewer=hr, today=today) if quarter.end > today else None
    goals = [sales, orders, waiting, draft, milestone, locked, above]
    return {
        "goal_id": [goal.pk for goal in goals],
        "evidence_id": [shown.pk],
        "lock_id": [lock.pk if lock else 1],
    }


def _shown(milestone: Goal) -> GoalEvidence:
    path = default_storage.save("goals/sample.pdf", ContentFile(b"%PDF-1.4"))
    return GoalEvidence.objects.create(
        goal=milestone, text="档案模板已确认", path=path, file_name="档案模板.pdf", kind="pdf", size=8
    )


def _viewer(company: Company, role: str, today: date) -> Viewer:
    found = viewer_in(company.users[role].pk, today)
    if found is None:
        raise LookupError(role)
    return found
