"""`{% load scorecard_ui %}`: what pages of scorecards have in common."""

from typing import Any

from django import template
from django.template.context import Context

from perfmgmt.tenants.calendar import Grain, Period
from perfmgmt.web import formats
from reviews.models import Scorecard
from reviews.scorecards.tabs import tabs_for

register = template.Library()


@register.inclusion_tag("reviews/scorecards/tabs.html", takes_context=True)
def scorecard_tabs(context: Context) -> dict[str, Any]:
    """`{% scorecard_tabs %}`: the pages about scorecards, the present one marked."""
    request = context["request"]
    return {"tabs": tabs_for(request.viewer, request.workspace.slug, request.resolver_match.url_name)}


@register.simple_tag(takes_context=True)
def period_from(context: Context, day: Any, card: Scorecard) -> str:
    """`{% period_from version.valid_from card %}`: the period that begins on a day, in the scorecard's rhythm."""
    if day is None:
        return formats.MISSING
    return formats.period(Period(Grain(card.rhythm), day, context["request"].workspace.fiscal_start_month))


@register.filter
def of(found: dict[Any, Any], key: Any) -> Any:
    """`{{ people|of:card.pk }}`: what a table of the view has under a key; 0 for nothing."""
    return found.get(key, 0)
