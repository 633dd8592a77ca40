"""The place of one's notifications: the bell's panel, the page, and reading them."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from perfmgmt.notify import notifications as notices
from perfmgmt.notify.models import Notification
from perfmgmt.people.access import WorkspaceRequest, workspace_view
from perfmgmt.people.permissions import SEE_WORKSPACE
from perfmgmt.tenants.errors import NotFound
from perfmgmt.web import formats

PER_PAGE, IN_PANEL = 30, 8


@workspace_view(SEE_WORKSPACE)
@require_GET
def notifications(request: WorkspaceRequest) -> HttpResponse:
    """Everything one was told in the last 90 days, newest first; or what is unread of it."""
    unread_only = request.GET.get("show") == "unread"
    found = notices.of(request.viewer.user_id)
    if unread_only:
        found = found.filter(read_at=None)
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": [_row(request, each) for each in page],
        "unread_only": unread_only,
        "choices": [("", _("All")), ("unread", _("Unread"))],
        "may_mark": request.viewer.unread and request.viewer.left_until is None,
        "kept_days": notices.KEPT_DAYS,
    }
    return render(request, "shell/notifications.html", context)


@workspace_view(SEE_WORKSPACE)
@require_GET
def notification_panel(request: WorkspaceRequest) -> HttpResponse:
    """The newest ones, for the panel below the bell."""
    rows = [_row(request, each) for each in notices.of(request.viewer.user_id)[:IN_PANEL]]
    may_mark = request.viewer.unread and request.viewer.left_until is None
    return render(request, "shell/notification_panel.html", {"rows": rows, "may_mark": may_mark})


@workspace_view(SEE_WORKSPACE)
@require_GET
def open_notification(request: WorkspaceRequest, notification_id: int) -> HttpResponse:
    """Go to the page that a notification of one's own is about; it then counts as read."""
    found = notices.of(request.viewer.user_id).filter(pk=notification_id).first()
    if found is None:
        raise NotFound
    notices.mark_read(request.viewer.user_id, [found.pk])
    return HttpResponseRedirect(reverse("home", args=[request.workspace.slug]) + found.path)


@workspace_view(SEE_WORKSPACE)
@require_POST
def read_notifications(request: WorkspaceRequest) -> HttpResponse:
    """Mark one of one's notifications (`id`) as read, or all of them."""
    wanted = request.POST.get("id", "")
    if wanted and not (wanted.isdecimal() and len(wanted) < 18):
        raise NotFound
    count = notices.mark_read(request.viewer.user_id, [int(wanted)] if wanted else None)
    if not wanted and count:
        messages.success(request, _("All notifications are marked as read."))
    return HttpResponseRedirect(reverse("notifications", args=[request.workspace.slug]))


def _row(request: WorkspaceRequest, each: Notification) -> dict[str, Any]:
    kind = notices.kind_of(each.kind)
    values = {name: _shown(name, value) for name, value in each.params.items()}
    return {
        "id": each.pk,
        "text": notices.sentence(kind, values),
        "icon": kind.icon,
        "tone": kind.tone,
        "at": each.created_at,
        "unread": each.read_at is None,
        "url": reverse("open_notification", args=[request.workspace.slug, each.pk]),
    }


def _shown(name: str, value: Any) -> Any:
    """Days are kept as ISO texts and shown as the reader writes them."""
    return formats.day(date.fromisoformat(value)) if name.endswith("day") and value else value
