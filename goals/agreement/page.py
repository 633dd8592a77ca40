"""What a goal's page shows beside the goal: what the viewer may do, its months, the share of the period."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from goals import stages, staging
from goals.access import Reach, approvers
from goals.agreement.selectors import history, open_requests
from goals.making import calendar_of
from goals.models import ChangeRequest, Form, Goal, GoalEvidence, GoalStep, Level, MonthlyTarget, State
from goals.proration import Proration, prorations_of
from goals.rules import grown
from goals.smart.panel import shown
from goals.smart.selectors import chance_of, letters_of, outlook_now
from perfmgmt.closing.selectors import locks_between
from perfmgmt.tenants.calendar import Grain, Period
from perfmgmt.web import formats


@dataclass(frozen=True)
class Month:
    """One month of a goal and its target."""

    period: Period
    target: Decimal | None
    is_locked: bool = False


@dataclass
class GoalPage:
    """A goal with everything around it."""

    goal: Goal
    edits: bool
    answers: bool
    signs: bool
    request: ChangeRequest | None = None
    decides: bool = False
    asked: bool = False
    months: list[Month] = field(default_factory=list)
    proration: Proration | None = None
    prorated: Decimal | None = None
    steps: list[GoalStep] = field(default_factory=list)
    evidence: list[GoalEvidence] = field(default_factory=list)
    parent: Goal | None = None
    children: list[Goal] = field(default_factory=list)
    letters: list[dict[str, Any]] = field(default_factory=list)
    chances: tuple[float, float] | None = None

    @property
    def late(self) -> list[str]:
        """The months that are locked: what is agreed from now on is a late change of them (RULES.md section 13)."""
        return [formats.period(month.period) for month in self.months if month.is_locked]

    @property
    def may_split(self) -> bool:
        """Whether the viewer may split the goal into shorter ones: it has none yet."""
        staged = any(
            (child.level, child.employee_id, child.unit_id)
            == (self.goal.level, self.goal.employee_id, self.goal.unit_id)
            for child in self.children
        )
        return self.edits and not staged and staging.may_split(self.goal)

    @property
    def keeps_its_growth(self) -> bool:
        """Whether the target still is what its growth made of the baseline: another number may have been agreed."""
        goal = self.goal
        if goal.growth is None or goal.baseline is None or goal.target is None:
            return True
        moved = any(step.after == goal.target and step.before not in (None, step.after) for step in self.steps)
        return not moved or goal.target == grown(goal.baseline, goal.growth, in_percent=goal.form == Form.PERCENT)

    @property
    def shows_proration(self) -> bool:
        """Whether the person is there for a part of the period, and the goal has a number."""
        return self.proration is not None and not self.proration.is_whole and self.goal.target is not None

    @property
    def may_change(self) -> bool:
        """Whether the viewer may ask for another number."""
        has_number = self.goal.target is not None
        return self.goal.is_binding and has_number and self.request is None and (self.edits or self.answers)


def page_of(goal: Goal, reach: Reach) -> GoalPage:
    """Return a goal's page for a viewer; a fixed number of queries."""
    edits, answers = reach.edits(goal), reach.answers(goal)
    request = open_requests([goal]).get(goal.pk)
    page = GoalPage(goal, edits, answers, _signs(goal, edits=edits, answers=answers), request)
    if request is not None:
        page.asked = request.asked_by_id == reach.viewer.user_id
        page.decides = approvers(goal, asked_by=request.asked_by_id, is_large=request.is_large, reach=reach)
    page.months = _months(goal)
    page.proration = prorations_of([goal], calendar_of(goal)).get(goal.pk)
    if page.proration is not None:
        page.prorated = goal.prorated if goal.state == State.LOCKED else page.proration.target(goal)
    if goal.state != State.CANCELLED and (edits or answers):
        page.letters = shown(letters_of(goal, today=reach.on))
        page.chances = _chances(goal, reach.on)
    page.steps = history(goal)
    above = goal.parent
    if above is not None and (above.state != State.DRAFT or reach.visible().filter(pk=above.pk).exists()):
        page.parent = above
    page.evidence = list(goal.evidence.order_by("-id"))
    page.children = list(
        reach.visible().filter(parent=goal).exclude(state=State.CANCELLED)
        .select_related("employee", "unit", "metric").order_by("first_day", "pk")[:200]
    )  # fmt: skip
    return page


def _chances(goal: Goal, today: date) -> tuple[float, float] | None:
    """Return how likely the proposed number and the one that is offered instead are; None where nobody can say."""
    if goal.proposed_target is None or goal.target is None:
        return None
    ahead, _people = outlook_now(goal, today=today)
    both = [chance_of(ahead, value, goal.direction) for value in (goal.target, goal.proposed_target)]
    return None if both[0] is None or both[1] is None else (both[0], both[1])


def _signs(goal: Goal, *, edits: bool, answers: bool) -> bool:
    """Whether the goal waits for the viewer's signature."""
    if goal.state == State.COUNTERED:
        return edits and not answers
    if goal.state != State.PROPOSED:
        return False
    return answers if goal.level == Level.PERSON or goal.owner_id is not None else edits


def _months(goal: Goal) -> list[Month]:
    if not stages.has_cells(goal):
        return []
    first_days: list[date] = stages.months_of(goal)
    rows = MonthlyTarget.objects.filter(
        metric_id=goal.metric_id or 0, employee_id=goal.employee_id or 0, month__in=first_days
    )
    found = dict(rows.values_list("month", "value"))
    locks = locks_between(goal.first_day, goal.last_day)
    return [Month(Period(Grain.MONTH, day), found.get(day), (int(Grain.MONTH), day) in locks) for day in first_days]
