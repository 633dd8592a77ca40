"""The manager's side: what waits, one by one or many at once, from the desk or the phone."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from perfmgmt.jobs import services as jobs
from perfmgmt.people.access import WorkspaceRequest, workspace_view
from perfmgmt.tenants.errors import DomainError, NotFound
from perfmgmt.worklog import exports, selectors, services
from perfmgmt.worklog.models import EntryState
from perfmgmt.worklog.permissions import APPROVE_LOG, SEE_APPROVALS

PER_PAGE = 50
STATES = (EntryState.SUBMITTED, EntryState.APPROVED, EntryState.RETURNED)


def _wanted(request: WorkspaceRequest) -> dict[str, str]:
    state = request.GET.get("state", EntryState.SUBMITTED)
    return {
        "state": state if state in {*STATES, ""} else EntryState.SUBMITTED,
        "search": request.GET.get("q", "")[:100],
        "sort": request.GET.get("sort", ""),
    }


@workspace_view(SEE_APPROVALS)
@require_GET
def approvals(request: WorkspaceRequest) -> HttpResponse:
    """Entries of the people below: those that wait, unless `?state=` asks for others."""
    wanted = _wanted(request)
    found = selectors.entries_for(viewer=request.viewer, today=request.workspace.today(), **wanted)
    page = Paginator(found.prefetch_related("proofs"), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "state": wanted["state"],
        "states": [(state.value, state.label) for state in STATES],
        "search": wanted["search"],
        "may_decide": request.viewer.may(APPROVE_LOG) and wanted["state"] == EntryState.SUBMITTED,
        "filtered": bool(wanted["search"].strip()),
    }
    return render(request, "worklog/approvals.html", context)


@workspace_view(APPROVE_LOG)
@require_POST
def decide_entries(request: WorkspaceRequest) -> HttpResponse:
    """Approve or return the entries that were ticked (`entry`), or the one whose button was pressed (`one`)."""
    one = request.POST.get("one", "")
    texts = [one] if one else request.POST.getlist("entry")[: services.MOST_AT_ONCE]
    if not all(text.isdecimal() and len(text) < 18 for text in texts):
        raise NotFound
    ids = [int(text) for text in texts]
    back = _back(request)
    if not ids:
        messages.error(request, _("Tick the entries first."))
        return back
    today, comment = request.workspace.today(), request.POST.get("comment", "")[:500]
    try:
        if request.POST.get("decision") == "return":
            count = services.send_back(ids, viewer=request.viewer, today=today, comment=comment)
            text = ngettext("%(n)s entry returned.", "%(n)s entries returned.", count)
        else:
            count = services.approve(ids, viewer=request.viewer, today=today)
            text = ngettext("%(n)s entry approved.", "%(n)s entries approved.", count)
    except NotFound:
        raise
    except DomainError as error:
        messages.error(request, str(error))
        return back
    _tell(request, text % {"n": count}, len(set(ids)) - count)
    return back


def _tell(request: WorkspaceRequest, text: str, before: int) -> None:
    messages.success(request, text)
    if before:
        words = ngettext("%(n)s was decided already.", "%(n)s were decided already.", before)
        messages.info(request, words % {"n": before})


def _back(request: WorkspaceRequest) -> HttpResponse:
    """Return to the page the form stood on, within this site."""
    address = request.POST.get("back", "")
    fallback = reverse("approvals", args=[request.workspace.slug])
    safe = address.startswith("/") and url_has_allowed_host_and_scheme(address, allowed_hosts=None)
    return HttpResponseRedirect(address if safe else fallback)


@workspace_view(APPROVE_LOG)
@require_POST
def take_back_entry(request: WorkspaceRequest, entry_id: int) -> HttpResponse:
    """Undo an approval, with a comment."""
    comment = request.POST.get("comment", "")[:500]
    try:
        services.take_back(entry_id, viewer=request.viewer, today=request.workspace.today(), comment=comment)
    except NotFound:
        raise
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Taken back. The fact is removed; what it said is kept."))
    return HttpResponseRedirect(reverse("log_entry", args=[request.workspace.slug, entry_id]))


@workspace_view(SEE_APPROVALS)
@require_POST
def export_entries(request: WorkspaceRequest) -> HttpResponse:
    """Start writing the list to a file."""
    params: dict[str, Any] = {**_wanted(request), "language": get_language() or "en"}
    job = jobs.start(exports.EXPORT, params, user_id=request.viewer.user_id)
    return HttpResponseRedirect(reverse("job", args=[request.workspace.slug, job.pk]))
