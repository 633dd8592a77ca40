"""Goals of the demo company's present quarter: a tree from the company down, agreed, countered, asked to change."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from django.utils import timezone

from analytics.demo.roster import PEOPLE, TOP
from goals.access import above
from goals.agreement.services import accept, counter, propose, request_change
from goals.making import GoalDraft, create_goal
from goals.models import Goal, GoalStep, Level, State, StepKind
from goals.selectors import targets
from perfmgmt.metrics.models import Metric
from perfmgmt.metrics.selectors import metric_by_code
from perfmgmt.people.models import Assignment, Employee, Unit
from perfmgmt.people.viewer import Viewer
from perfmgmt.tenants.calendar import Grain, Period

# Metric -> what a person's goal is called, and its weight.
SELLING = {"sales_amount": ("本季度销售额", 60), "orders": ("本季度订单数", 40)}
SUPPORTING = {
    "supported_sales_amount": ("本季度支持销售额", 50), "followups_done": ("本季度客户跟进", 25),
    "documents_prepared": ("本季度文档", 25),
}  # fmt: skip
# How the goals of a team that one can sign in as stand: (number, metric) -> what became of it.
STORY = {
    ("D004", "orders"): "countered",
    ("D005", "orders"): "proposed",
    ("D006", "sales_amount"): "requested",
    ("D007", "orders"): "draft",
}
UNITS = ("上海销售部", "杭州销售部", "南京销售部")


class Quarter:
    """Makes the goals of one quarter; needs the scope. `viewer_of` returns the viewer of an employee number."""

    def __init__(self, period: Period, people: Mapping[str, Employee], viewer_of: Callable[[str], Viewer]) -> None:
        self.period, self.people, self.viewer_of = period, people, viewer_of
        self.boss = viewer_of("D036")  # HR makes what nobody else may

    def make(self) -> int:
        """Make all goals; return how many."""
        sales = metric_by_code("sales_amount")
        set_now = targets(sales, period=self.period)
        total = Decimal(round(sum(set_now.values()) * Decimal("1.03") / 100_000) * 100_000)
        company = self._goal(sales, total, "公司本季度销售额", level=Level.COMPANY, owner_id=self.people["D001"].pk)
        parents = self._units(company, total)
        made = [company, *parents.values()]
        for person in PEOPLE:
            for code, (title, weight) in (SELLING if person.sells else SUPPORTING if person.supports else {}).items():
                metric = metric_by_code(code)
                target = targets(metric, period=self.period).get(self.people[person.number].pk)
                if target:
                    unit_goal = self._above(person.number, parents)
                    fields: dict[str, Any] = {"employee_id": self.people[person.number].pk, "weight": Decimal(weight)}
                    parent = unit_goal.pk if unit_goal and code == "sales_amount" else None
                    made.append(self._goal(metric, target, title, parent_id=parent, **fields))
        told = {(self.people[number].pk, code) for number, code in STORY}
        self._agree([goal for goal in made if not goal.metric or (goal.employee_id, goal.metric.code) not in told])
        self._tell(made)
        return len(made)

    def _goal(
        self, metric: Metric | None, target: Decimal | None, title: str, level: str = Level.PERSON, **fields: Any
    ) -> Goal:
        days: dict[str, Any] = {
            "grain": int(Grain.QUARTER),
            "first_day": self.period.start,
            "last_day": self.period.end,
        }
        draft = GoalDraft(level=level, title=title, metric=metric, target=target, **days, **fields)
        return create_goal(draft, viewer=self.boss, today=self.period.start)

    def _units(self, company: Goal, total: Decimal) -> dict[str, Goal]:
        found = {}
        for name, share in zip(UNITS, (48, 28, 24), strict=True):
            target = Decimal(round(total * share / 100 / 10_000) * 10_000)
            unit = Unit.objects.get(name=name, parent__name=TOP)
            found[name] = self._goal(
                company.metric, target, f"{name}本季度销售额", level=Level.UNIT, unit_id=unit.pk, parent_id=company.pk
            )
        return found

    def _above(self, number: str, parents: Mapping[str, Goal]) -> Goal | None:
        """The goal of the unit that somebody is in when the quarter begins, or later if they come later."""
        places = Assignment.objects.filter(employee=self.people[number], valid_to__gte=self.period.start)
        unit_id = places.order_by("valid_from").values_list("unit_id", flat=True)[0]
        line = above(unit_id)
        return next((goal for goal in parents.values() if goal.unit_id in line), None)

    def _agree(self, goals: list[Goal]) -> None:
        """Both sides have signed, on the first day of the quarter."""
        now = timezone.now()
        for goal in goals:
            goal.state, goal.agreed_at, goal.version = State.AGREED, now, 2
        Goal.objects.bulk_update(goals, ["state", "agreed_at", "version"])
        GoalStep.objects.bulk_create(
            GoalStep(goal=goal, kind=StepKind.AGREED, version=2, after=goal.target, by_name=goal.whose_name)
            for goal in goals
        )

    def _tell(self, goals: list[Goal]) -> None:
        """Let some goals of one team stand elsewhere on their way."""
        numbers = {self.people[number].pk: number for number, _code in STORY}
        for goal in goals:
            number = numbers.get(goal.employee_id or 0)
            fate = STORY.get((number or "", goal.metric.code if goal.metric else ""))
            if number is None or fate in (None, "draft") or goal.target is None:
                continue
            today, own, manager = self.period.start, self.viewer_of(number), self.viewer_of("D002")
            sent = propose(goal.pk, viewer=manager, today=today, reason="与上季度持平")
            if fate == "countered":
                offer = Decimal(int((goal.target or 0) * Decimal("0.9")))
                counter(
                    goal.pk, offer, "有两周年假，大客户在下季度签约", viewer=own, today=today, version=sent.version
                )
            elif fate == "requested":
                accept(sent.pk, viewer=own, today=today, version=sent.version)
                asked = Decimal(int((goal.target or 0) * Decimal("0.8")))
                request_change(sent.pk, asked, "两家客户推迟采购到下季度", viewer=own, today=today)
