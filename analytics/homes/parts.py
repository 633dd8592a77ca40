"""Which parts load by themselves on whose home."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from analytics.homes.outlook_part import has_endings
from analytics.homes.part_views import part_query
from analytics.homes.scope import HomeScope
from analytics.permissions import SEE_DATA_STATE, SET_UP
from perfmgmt.people.access import WorkspaceRequest


def parts_of(request: WorkspaceRequest, scope: HomeScope) -> dict[str, Any]:
    """Return the parts of a home as dicts id, url, title: `top_part` or None, and `parts` below; no query.

    Who sees only themselves has none.
    """
    if scope.only_self or scope.people == {}:
        return {"top_part": None, "parts": []}
    company, viewer = scope.people is None and scope.unit is None, request.viewer
    below = [("home_attention", _("Who needs attention")), ("home_heat", _("Heat map"))]
    if has_endings(scope):
        below.insert(0, ("home_forecast", _("Forecast to the end of the period")))
    if company and viewer.may(SEE_DATA_STATE):
        below.append(("home_data", _("State of the data")))
    top = _part(request, "home_setup", _("Set-up checklist")) if company and viewer.may(SET_UP) else None
    return {"top_part": top, "parts": [_part(request, *part) for part in below]}


def _part(request: WorkspaceRequest, name: str, title: str) -> dict[str, str]:
    address = f"{reverse(name, args=[request.workspace.slug])}?{part_query(request.GET)}"
    return {"id": name.replace("_", "-"), "url": address, "title": title}
