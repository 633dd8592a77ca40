"""The page of the tree of goals."""

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from goals.permissions import SEE_GOALS
from goals.tree.asked import read
from goals.tree.chart import NARROW, WIDTH, Icicle, icicle
from goals.tree.selectors import Tree, loose, tree
from perfmgmt.people.access import WorkspaceRequest, workspace_view

GRAINS = [("month", _("Month")), ("quarter", _("Quarter")), ("year", _("Year"))]
PER_PAGE = 30


@workspace_view(SEE_GOALS)
@require_GET
def goal_tree(request: WorkspaceRequest) -> HttpResponse:
    """The goals of one metric and period as a tree and as a chart, with what does not fit."""
    asked = read(request.GET, viewer=request.viewer, workspace=request.workspace)
    found, search = tree(asked), request.GET.get("q", "")[:100].strip()
    context = {
        "asked": asked, "metric": asked.metric, "tree": found, "charts": _charts(found),
        "previous": asked.period.next(-1), "following": asked.period.next(), "grains": GRAINS,
        "loose": Paginator(loose(asked, search=search), PER_PAGE).get_page(request.GET.get("page")), "search": search,
    }  # fmt: skip
    return render(request, "goals/tree.html", context)


def _charts(found: Tree) -> list[Icicle]:
    """The picture for a wide and for a narrow window; none where nothing can be summed."""
    if not found.adds:
        return []
    return [chart for width in (WIDTH, NARROW) if (chart := icicle(found.root, width)) is not None]
