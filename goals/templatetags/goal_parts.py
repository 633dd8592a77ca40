"""`{% load goal_parts %}`: the stages of a goal and who contributes to it, on its page."""

from typing import Any

from django import template
from django.template.context import Context

from goals.access import Reach, visible_goals
from goals.models import Goal
from goals.tree import parts

register = template.Library()


@register.inclusion_tag("goals/stages_part.html", takes_context=True)
def goal_stages(context: Context, goal: Goal) -> dict[str, Any]:
    """`{% goal_stages goal %}`: year, quarters, months with the gap of their sums; nothing for one without stages."""
    request = context["request"]
    visible = visible_goals(request.viewer, request.workspace.today())
    return {"stage": parts.stages(goal, visible), "goal": goal, "metric": goal.metric, "request": request}


@register.inclusion_tag("goals/contributions_part.html", takes_context=True)
def goal_contributions(context: Context, goal: Goal) -> dict[str, Any]:
    """`{% goal_contributions goal %}`: who contributes what to a team's goal; nothing for other goals."""
    request, found = context["request"], parts.contributions(goal)
    reach = Reach(request.viewer, request.workspace.today())
    shows = found is not None and parts.may_see_members(found, reach)
    return {"found": found, "shows": shows, "metric": goal.metric, "request": request}
