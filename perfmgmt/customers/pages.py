"""What the pages of customers have in common."""

from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from perfmgmt.customers.permissions import MANAGE_CUSTOMERS, SEE_CUSTOMERS
from perfmgmt.people.access import WorkspaceRequest

PER_PAGE = 50


def tabs(request: WorkspaceRequest, current: str) -> list[dict[str, Any]]:
    """Return the lists that the viewer may open: links url, word, current."""
    words = [
        ("customers", _("Customers"), SEE_CUSTOMERS),
        ("contacts", _("Contacts"), SEE_CUSTOMERS),
        ("duplicates", _("Duplicates"), MANAGE_CUSTOMERS),
    ]
    return [
        {"url": reverse(name, args=[request.workspace.slug]), "word": word, "current": name == current}
        for name, word, permission in words
        if request.viewer.may(permission)
    ]


def to(request: WorkspaceRequest, name: str, *args: int) -> HttpResponse:
    """Send to a page of the workspace."""
    return HttpResponseRedirect(reverse(name, args=[request.workspace.slug, *args]))
