"""The search behind the command palette: a page, and the part that the palette shows."""

from allauth.core.internal import ratelimit
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from perfmgmt.people.access import WorkspaceRequest, workspace_view
from perfmgmt.people.account_views import TooMany
from perfmgmt.people.permissions import SEE_WORKSPACE
from perfmgmt.web import palette


@workspace_view(SEE_WORKSPACE)
@require_GET
def search(request: WorkspaceRequest) -> HttpResponse:
    """Pages, people, metrics and jobs by a text (`q`); with `part` only the list, for the palette."""
    if not ratelimit.consume(request, app="allauth.account", action="search", limit_get=True):
        raise TooMany
    text = request.GET.get("q", "")[: palette.MOST_CHARACTERS].strip()
    context = {"groups": palette.search(request, text), "search": text}
    if request.GET.get("part"):
        return render(request, "shell/palette_hits.html", context)
    return render(request, "shell/search.html", context)
