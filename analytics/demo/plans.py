"""The demo company's action plans, and hours by duty, by the services that the pages use."""

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal

from django.utils.translation import override

from goals.duties.services import set_metrics
from goals.models import DutyMetric
from goals.plans import services, team
from goals.plans.pack import ready_plan
from goals.plans.services import PlanDraft, TaskDraft
from perfmgmt.metrics.selectors import metric_by_code
from perfmgmt.people.models import Employee, Position, Unit
from perfmgmt.people.viewer import Viewer
from perfmgmt.worklog.models import DutyTime

#: Who plans what, from which ready plan, how many days ago it began, and how far its tasks are, in percent.
PERSONAL = [
    ("D004", "sales_activity", "华东重点客户拜访计划", 12, (100, 60, 100, 0, 0, 0)),
    ("D006", "catch_up", "追赶本季度销售额", 20, (100, 100, 50, 0, 0)),
    ("D020", "skill", "提升报价与投标能力", 35, (100, 100, 30, 0, 0)),
    ("D028", "resource", "标书模板与打印资源", 10, (100, 100, 0, 0, 0)),
]
TEAM, TEAM_DAYS_AGO = "上海一组", 60
MEASURES = {"sales_amount": Decimal("1.10"), "followups_done": Decimal("1.15")}
REVIEWS = [
    (30, "跟进量上来了，但报价到签约的间隔仍偏长。", "统一报价模板，三天内必须回访。"),
    (60, "", ""),
    (90, "", ""),
]
#: Which duties (by place) are measured by a metric besides those of the ready description, which leaves out the last.
MEASURED = {4: "orders", 9: "sales_amount", 11: "reports_prepared"}
#: Who logs hours on which duties of the position (places), a day's hours each.
HOURS = {"D004": ((1, "2"), (4, "1.5"), (9, "3")), "D005": ((2, "2.5"), (3, "1"), (9, "2.5")),
         "D007": ((1, "3"), (6, "1"), (7, "2"))}  # fmt: skip


def plans(people: Mapping[str, Employee], *, manager: Viewer, today: date) -> None:
    """Make personal plans of the manager's people and a team performance plan of a unit, some of it overdue."""
    with override("zh-hans"):
        for number, code, title, ago, progress in PERSONAL:
            _personal(people[number], code, title, today - timedelta(days=ago), progress, manager, today)
        _of_the_team(people, manager, today)


def _personal(
    who: Employee, code: str, title: str, first: date, progress: tuple[int, ...], manager: Viewer, today: date
) -> None:
    ready = ready_plan(code)
    if ready is None:
        return
    last = ready.last_day(first)
    tasks = [
        TaskDraft(each.text, who, each.due, each.priority, each.resources, done)
        for each, done in zip(ready.drafts(who, first, last), progress, strict=True)
    ]
    draft = PlanDraft(ready.kind, title, who, first, last, employee=who, resources=ready.resources)
    services.create_plan(draft, viewer=manager, today=today, tasks=tasks)


def _of_the_team(people: Mapping[str, Employee], manager: Viewer, today: date) -> None:
    ready = ready_plan("team_performance")
    if ready is None:
        return
    first = today - timedelta(days=TEAM_DAYS_AGO)
    last, leader = ready.last_day(first), people["D002"]
    helpers = [leader, people["D004"], people["D005"], leader, people["D007"], leader]
    tasks = [
        TaskDraft(each.text, who, each.due, each.priority, each.resources, done)
        for each, who, done in zip(ready.drafts(leader, first, last), helpers, (100, 100, 70, 100, 0, 0), strict=True)
    ]
    draft = PlanDraft(
        ready.kind, f"{TEAM}绩效提升计划", leader, first, last, unit=Unit.objects.get(name=TEAM),
        resources=ready.resources, incentive=ready.incentive,
    )  # fmt: skip
    plan = services.create_plan(draft, viewer=manager, today=today, tasks=tasks)
    for code, growth in MEASURES.items():
        row = team.add_measure(plan.pk, metric_by_code(code).pk, Decimal(0), viewer=manager, today=today)
        row.target = ((row.baseline or Decimal(0)) * growth).quantize(Decimal(1))
        row.save(update_fields=["target"])
    for day, found, decision in REVIEWS:
        when = first + timedelta(days=day)
        team.save_review(plan.pk, None, day=when, found=found, decision=decision, viewer=manager, today=today)


def duties(people: Mapping[str, Employee], days: list[date]) -> None:
    """Log hours by duty on the given working days, and measure duties by what the goals of these people are in."""
    position = Position.objects.get(name="销售助理")
    own = {duty.place: duty for duty in position.duties.all()}
    for place, code in MEASURED.items():
        known = DutyMetric.objects.filter(duty=own[place]).values_list("metric_id", flat=True)
        set_metrics(own[place].pk, [*known, metric_by_code(code).pk])
    DutyTime.objects.bulk_create(
        DutyTime(employee=people[number], day=day, duty=own[place].text_zh[:120], hours=Decimal(hours), position=at)
        for number, lines in HOURS.items()
        for day in days
        for at, (place, hours) in enumerate(lines)
    )
