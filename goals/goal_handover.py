"""Goals of somebody who leaves that are still open, and what they answer for."""

from collections import defaultdict

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from goals import stages
from goals.agreement.steps import end_requests
from goals.models import Goal, GoalStep, Level, State, StepKind
from perfmgmt.people.handover import Handover, HandoverKind, LastDays, OpenItem
from perfmgmt.tenants.errors import DomainError
from perfmgmt.web import formats

LIVE = (State.DRAFT, State.PROPOSED, State.COUNTERED, State.AGREED)


def find(last_days: LastDays) -> dict[int, list[OpenItem]]:
    """Return, by employee, the goals that begin after the last day, and those they answer for that end after it.

    A person's goal that has begun stays with them: it is prorated (RULES.md section 11).
    """
    people = list(last_days)
    goals = (
        Goal.objects.select_related("metric", "unit")
        .filter(Q(employee_id__in=people) | Q(owner_id__in=people, employee=None), state__in=LIVE,
                last_day__gt=min(last_days.values()))
        .order_by("first_day", "pk")
    )  # fmt: skip
    found: dict[int, list[OpenItem]] = defaultdict(list)
    for goal in goals:
        who = goal.employee_id or goal.owner_id or 0
        day = goal.first_day if goal.level == Level.PERSON else goal.last_day
        if day > last_days[who]:
            days = f"{formats.day(goal.first_day)} – {formats.day(goal.last_day)}"
            found[who].append(
                OpenItem(str(goal.pk), f"{goal.title} · {days}", goal.get_state_display(), "goal", (goal.pk,))
            )
    return dict(found)


def hand_over(handover: Handover) -> None:
    """Give the goals to somebody else, as drafts to be agreed anew, or cancel them.

    What the person answers for (a unit's, a team's goal) only changes hands. Raises DomainError where the other one
    has the same goal already.
    """
    goals = Goal.objects.select_for_update(of=("self",)).filter(pk__in=[int(key) for key in handover.keys])
    for goal in goals.select_related("metric", "parent").order_by("pk"):
        if goal.level != Level.PERSON:
            goal.owner = handover.to
        elif handover.to is None:
            goal.state = State.CANCELLED
            stages.clear(goal)
        else:
            _require_free(goal, handover.to.pk)
            stages.clear(goal)
            goal.employee = goal.owner = handover.to
            goal.parent = _parent_for(goal, handover)
            goal.state, goal.agreed_at, goal.proposed_target = State.DRAFT, None, None
        goal.version += 1
        goal.save()
        if not goal.is_binding:
            end_requests(goal, user_id=handover.by_user_id)
        kind = StepKind.CANCELLED if goal.state == State.CANCELLED else StepKind.HANDED_OVER
        GoalStep.objects.create(
            goal=goal, kind=kind, version=goal.version, by_user_id=handover.by_user_id,
            reason=str(handover.leaver),
        )  # fmt: skip


def _parent_for(goal: Goal, handover: Handover) -> Goal | None:
    """Return the goal above, unless it is the leaver's own and stays with them."""
    above = goal.parent
    if above is None or above.level != Level.PERSON or str(above.pk) in handover.keys:
        return above
    return None


def _require_free(goal: Goal, employee_id: int) -> None:
    taken = Goal.objects.filter(
        employee_id=employee_id, metric_id=goal.metric_id or 0, first_day=goal.first_day, last_day=goal.last_day
    ).exclude(state=State.CANCELLED)
    if goal.metric_id is not None and taken.exists():
        raise DomainError(_("“{title}”: this person has the same goal already."), code="goal_twice", title=goal.title)


KIND = HandoverKind(
    "goals", _("Goals after the last day"), find, hand_over, may_drop=True, drop_label=_("cancel them"), order=35
)
