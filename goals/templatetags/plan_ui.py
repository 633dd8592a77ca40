"""The plans for a goal, wherever the goal is shown."""

from typing import Any

from django import template
from django.template.context import Context

from goals.models import Goal
from goals.permissions import EDIT_PLANS, SEE_PLANS
from goals.plans.selectors import plans_of_goal

register = template.Library()


@register.inclusion_tag("goals/goal_plans.html", takes_context=True)
def goal_plans(context: Context, goal: Goal) -> dict[str, Any]:
    """`{% goal_plans goal %}`: a card with the plans for a goal that the viewer sees, and a link that makes one."""
    request = context["request"]
    if not request.viewer.may(SEE_PLANS):
        return {"is_shown": False}
    today = request.workspace.today()
    return {
        "is_shown": True,
        "plans": list(plans_of_goal(goal.pk, viewer=request.viewer, today=today)),
        "may_make": request.viewer.may(EDIT_PLANS) and goal.last_day >= today,
        "goal": goal,
        "request": request,
    }
