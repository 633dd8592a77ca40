"""What waits for somebody in goals, for their home: to answer a goal, to check in, to do tasks that are overdue.

Each kind is one query, the check-in four. What it leads to is the page where it is done.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Min, Q

from goals.check_ins.lines import expected_people
from goals.check_ins.rules import ONE_WEEK, due_day, monday_of
from goals.check_ins.selectors import goal_rules, own_check_in
from goals.models import Goal, PlanState, PlanTask, State
from goals.permissions import ANSWER_GOALS, CHECK_IN, SEE_PLANS
from perfmgmt.people.viewer import Viewer, Workspace

ANSWER, WRITE_CHECK_IN, DO_TASKS = "answer", "check_in", "tasks"
#: No more goals than these, the earliest first; the list of goals has all of them.
MOST = 5


@dataclass(frozen=True)
class ToDo:
    """One thing to do: its kind, the goal it is about ("" for others), how many, until when, its page."""

    kind: str
    about: str
    n: int
    due: date | None
    page: str
    args: tuple[int, ...] = ()


def to_do(viewer: Viewer, workspace: Workspace, today: date) -> list[ToDo]:
    """Return what waits for a viewer, the goals to answer first; six queries at most."""
    if viewer.employee_id is None:
        return []
    found: list[ToDo] = []
    if viewer.may(ANSWER_GOALS):
        found += _to_answer(viewer.employee_id)
    if viewer.may(CHECK_IN):
        found += _to_check_in(viewer.employee_id, workspace, today)
    if viewer.may(SEE_PLANS):
        found += _overdue(viewer.employee_id, today)
    return found


def _to_answer(employee_id: int) -> Iterator[ToDo]:
    mine = Q(employee_id=employee_id) | Q(employee=None, owner_id=employee_id)
    rows = Goal.objects.filter(mine, state=State.PROPOSED).order_by("first_day", "pk")
    for pk, title in rows.values_list("pk", "title")[:MOST]:
        yield ToDo(ANSWER, title, 1, None, "goal", (pk,))


def _to_check_in(employee_id: int, workspace: Workspace, today: date) -> Iterator[ToDo]:
    """The week's check-in, for who has something to report on and has not sent it."""
    week = monday_of(today)
    if employee_id not in expected_people([employee_id], week):
        return
    stored = own_check_in(employee_id, week)
    if stored is None or not stored.is_sent:
        calendar = workspace.calendar(week, week + ONE_WEEK)
        yield ToDo(WRITE_CHECK_IN, "", 1, due_day(week, goal_rules().check_in_day, calendar.works), "check_in")


def _overdue(employee_id: int, today: date) -> Iterator[ToDo]:
    """Tasks of open plans whose day is over, as one line with the earliest of these days."""
    late = PlanTask.objects.filter(owner_id=employee_id, done_on=None, due__lt=today, plan__state=PlanState.OPEN)
    found = late.aggregate(n=Count("pk"), first=Min("due"))
    if found["n"]:
        yield ToDo(DO_TASKS, "", found["n"], found["first"], "plans")
