"""The page that compares results by unit, tenure and rater."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from perfmgmt.people.access import WorkspaceRequest, workspace_view
from perfmgmt.tenants.errors import NotFound
from reviews.calibration import comparing, comparison_exports
from reviews.calibration.rules import LEAST_PEOPLE
from reviews.calibration.selectors import number
from reviews.calibration.views import start_export
from reviews.models import ReviewCycle
from reviews.permissions import COMPARE_RESULTS


@workspace_view(COMPARE_RESULTS)
@require_GET
def comparison(request: WorkspaceRequest) -> HttpResponse:
    """Results of a cycle (`?cycle=`, else the latest) by unit, tenure or rater (`?by=`)."""
    cycles = list(comparing.cycles_to_compare())
    cycle, by = _asked(request, cycles)
    found = comparing.compare(cycle, by, viewer=request.viewer) if cycle else None
    wanted = request.GET.get("q", "")[:100].replace("\0", "").strip()
    groups = [] if found is None else matching(found.groups, wanted, request.GET.get("sort", ""))
    context: dict[str, Any] = {
        "cycles": cycles,
        "cycle": cycle,
        "by": by,
        "found": found,
        "groups": groups,
        "search": wanted,
        "least": LEAST_PEOPLE,
        "bys": [(comparing.UNIT, _("By unit")), (comparing.TENURE, _("By tenure")), (comparing.RATER, _("By rater"))],
        "is_by_rater": by == comparing.RATER,
    }
    return render(request, "reviews/calibration/comparison.html", context)


def matching(groups: list[comparing.Group], search: str, sort: str) -> list[comparing.Group]:
    """Return the groups by name, in the order asked for (name, people, mean, change); as they are without one."""
    rows = [group for group in groups if search.casefold() in group.label.casefold()]
    keys: dict[str, Any] = {
        "name": lambda group: group.label,
        "people": lambda group: group.n,
        "mean": lambda group: group.after.mean if group.after else 0,
        "change": lambda group: group.difference or 0,
    }
    key = keys.get(sort.removeprefix("-"))
    return rows if key is None else sorted(rows, key=key, reverse=sort.startswith("-"))


def _asked(request: WorkspaceRequest, cycles: list[ReviewCycle]) -> tuple[ReviewCycle | None, str]:
    """Return the cycle and the grouping of the address; raise NotFound for a cycle that isn't there to compare."""
    by = request.GET.get("by", "")
    asked = request.GET.get("cycle", "")
    found = next((one for one in cycles if one.pk == number(asked)), None) if asked else next(iter(cycles), None)
    if asked and found is None:
        raise NotFound
    return found, by if by in comparing.BYS else comparing.UNIT


@workspace_view(COMPARE_RESULTS)
@require_POST
def export_comparison(request: WorkspaceRequest) -> HttpResponse:
    """Start writing the comparison to a file."""
    cycle, by = _asked(request, list(comparing.cycles_to_compare()))
    if cycle is None:
        raise NotFound
    return start_export(request, {"cycle": cycle.pk, "by": by}, comparison_exports.EXPORT)
