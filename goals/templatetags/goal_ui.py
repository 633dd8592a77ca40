"""`{% load goal_ui %}`: what pages of goals have in common."""

from collections.abc import Mapping
from typing import Any

from django import template
from django.template.context import Context

from goals.following.forecasts import Ending
from goals.models import Goal
from goals.tabs import tabs_for
from perfmgmt.metrics.forecast.words import chance_text, figure
from perfmgmt.metrics.models import Metric
from perfmgmt.tenants.calendar import GRAIN_BY_NAME, Grain, Period
from perfmgmt.web import formats

register = template.Library()


@register.inclusion_tag("goals/tabs.html", takes_context=True)
def goal_tabs(context: Context) -> dict[str, Any]:
    """`{% goal_tabs %}`: the pages of goals, the present one marked."""
    request = context["request"]
    return {"tabs": tabs_for(request.viewer, request.workspace.slug, request.resolver_match.url_name)}


@register.filter
def likely(chance: float) -> str:
    """Return a probability (0 to 1) as a percentage; nothing is certain."""
    return chance_text(chance)


@register.simple_tag(takes_context=True)
def forecast_value(context: Context, value: float, ending: Ending | Mapping[str, Any], metric: Metric) -> str:
    """`{% forecast_value ending.low ending metric %}`: with the digits that mean something."""
    step = ending.step if isinstance(ending, Ending) else ending["step"]
    return figure(value, metric, context["request"].workspace.currency, step)


@register.filter
def goal_period(goal: Goal, fiscal_start_month: int = 1) -> str:
    """`{{ goal|goal_period:request.workspace.fiscal_start_month }}`: Q4 2026, or the two days."""
    if goal.grain not in GRAIN_BY_NAME.values():
        return f"{formats.day(goal.first_day)} – {formats.day(goal.last_day)}"
    period = Period(Grain(goal.grain), goal.first_day, fiscal_start_month)
    if period.end != goal.last_day:
        return f"{formats.day(goal.first_day)} – {formats.day(goal.last_day)}"
    return formats.period(period)


@register.simple_tag(takes_context=True)
def goal_target(context: Context, goal: Goal) -> str:
    """`{% goal_target goal %}`: the number, the band, or nothing for a milestone."""
    if goal.metric is None:
        return formats.MISSING
    currency = context["request"].workspace.currency
    if goal.band_low is not None and goal.form == "band":
        low, high = (formats.metric_value(end, goal.metric, currency) for end in (goal.band_low, goal.band_high))
        return low if goal.band_low == goal.band_high else f"{low} – {high}"
    return formats.metric_value(goal.target, goal.metric, currency)
