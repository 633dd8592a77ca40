"""The audit trail (T7): who changed what, when, from what to what, from where and why."""

from typing import Any

from django.core.paginator import Page, Paginator
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.http import require_GET, require_POST

from perfmgmt.audit import exports, labels
from perfmgmt.audit.permissions import SEE_AUDIT
from perfmgmt.audit.selectors import MOST, Trail, filter_of
from perfmgmt.audit.words import told
from perfmgmt.jobs import services as jobs
from perfmgmt.people.access import WorkspaceRequest, workspace_view

EVENTS_PER_PAGE = 30


@workspace_view(SEE_AUDIT)
@require_GET
def audit(request: WorkspaceRequest) -> HttpResponse:
    """The trail, the newest first, by kind, operation, person, days or a text."""
    wanted = filter_of(request.GET)
    trail = Trail(wanted, request.workspace.time_zone, own=request.viewer.employee_id)
    page: Page[Any] = Paginator(trail, EVENTS_PER_PAGE).get_page(request.GET.get("page"))  # type: ignore[arg-type]
    context = {
        "page": page,
        "events": told(page.object_list),
        "wanted": wanted,
        "kinds": sorted(((code, labels.kind(code)) for code in labels.kinds()), key=lambda pair: pair[1]),
        "operations": labels.OPERATIONS.items(),
        "since": trail.since if trail.since != wanted.first else None,
        "leaves_out": trail.leaves_out,
        "most": MOST if page.paginator.count == MOST else 0,
    }
    return render(request, "audit/audit.html", context)


@workspace_view(SEE_AUDIT)
@require_POST
def export_audit(request: WorkspaceRequest) -> HttpResponse:
    """Start writing what the page's filter lets through to a file."""
    params = {"query": request.GET.urlencode(), "language": get_language() or "en"}
    job = jobs.start(exports.KIND, params, user_id=request.viewer.user_id)
    return HttpResponseRedirect(reverse("job", args=[request.workspace.slug, job.pk]))
