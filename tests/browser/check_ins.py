"""Check-ins of the team, for the pages under test: sent, answered, with a call for help, a draft, missed ones."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from goals.check_ins import services
from goals.check_ins.lines import lines_of
from goals.check_ins.rules import monday_of
from goals.check_ins.services import Content, Task, Words
from goals.models import CheckIn, CheckInLine, KeyTask
from perfmgmt.people.viewer import viewer_in, workspace_of

if TYPE_CHECKING:
    from datetime import date

    from tests.browser.world import World

WEEK = timedelta(days=7)


def check_ins(world: World) -> dict[str, list[Any]]:
    """Write them; return the ids that pages are opened with: ann's answered one of last week, bob's of this week."""
    company = world.company
    week = monday_of(workspace_of(company.tenant).today())
    first = _sent(world, week - WEEK, Words(3, "", "老客户续约在谈"), "拜访恒达贸易，跟进报价。")
    manager = viewer_in(company.users["manager"].pk, world.today)
    assert manager is not None
    services.answer(first.pk, "报价先给我看一下。", viewer=manager, today=world.today)
    ann = KeyTask.objects.filter(employee=company.people["ann"])
    services.confirm_tasks(company.people["ann"].pk, frozenset(ann.values_list("pk", flat=True)[:1]),
                           viewer=manager, today=world.today)  # fmt: skip
    bob = CheckIn.objects.create(
        employee=company.people["bob"], week=week, state="sent", sent_at=timezone.now(), next_steps="补两份报价",
        help_wanted=True, help_text="需要一台展示样机。",
    )  # fmt: skip
    CheckInLine.objects.create(
        check_in=bob, place=1, metric_id=first.lines.get().metric_id, title="销售额", first_day=_month(week),
        last_day=week, confidence=1, blocker="客户推迟验收", target=12000, actual=4200, expected=7000,
        attainment="0.35", pace="off track", week_target=2600, week_actual=900,
    )  # fmt: skip
    return {"check_in_id": [first.pk, bob.pk]}


def _month(day: date) -> date:
    return day.replace(day=1)


def _sent(world: World, week: date, words: Words, next_steps: str) -> CheckIn:
    """Send ann's check-in of a week, with the same words about each goal."""
    company = world.company
    ann, workspace = viewer_in(company.users["assistant"].pk, world.today), workspace_of(company.tenant)
    assert ann is not None
    assert ann.employee_id is not None
    lines = lines_of(ann.employee_id, week, workspace=workspace, today=world.today)
    content = Content(
        next_steps,
        lines={line.key: words for line in lines},
        tasks=[Task(None, "整理客户名单", True), Task(None, "完成三份报价")],
        next_tasks=[Task(None, "拜访恒达贸易")],
    )
    return services.save(week, content, viewer=ann, workspace=workspace, today=world.today, send=True)
