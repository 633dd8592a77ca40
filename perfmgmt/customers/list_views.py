"""The lists: customers, contacts, duplicates; and the files made of them."""

from collections.abc import Iterable
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from perfmgmt.customers import exports, selectors
from perfmgmt.customers.models import Contact, Language
from perfmgmt.customers.pages import PER_PAGE, tabs, to
from perfmgmt.customers.permissions import MANAGE_CUSTOMERS, SEE_CUSTOMERS
from perfmgmt.customers.services import owners_on
from perfmgmt.jobs import services as jobs
from perfmgmt.people.access import WorkspaceRequest, workspace_view

GROUPS_PER_PAGE = 20
# Why two rows are taken for one.
WHY = {
    "email": _("The same mailbox"),
    "phone": _("The same phone number"),
    "name": _("The same name at the same customer"),
    "company": _("Names that differ in spelling or legal form only"),
}


@workspace_view(SEE_CUSTOMERS)
@require_GET
def customers(request: WorkspaceRequest) -> HttpResponse:
    """The customers one sees: found by name, pinyin, id or contact; filtered, sorted, in pages."""
    today, viewer = request.workspace.today(), request.viewer
    wanted = selectors.read(request.GET.dict())
    page = Paginator(selectors.customers(wanted, viewer=viewer, on=today), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "tabs": tabs(request, "customers"),
        "page": page,
        "wanted": wanted,
        "choices": selectors.choices(viewer, today),
        "may_manage": viewer.may(MANAGE_CUSTOMERS),
    }
    return render(request, "customers/customers.html", context)


@workspace_view(SEE_CUSTOMERS)
@require_GET
def contacts(request: WorkspaceRequest) -> HttpResponse:
    """The contacts that one sees in full, with what they agreed to."""
    today, viewer = request.workspace.today(), request.viewer
    wanted = selectors.read(request.GET.dict(), sorts=selectors.CONTACT_SORTS)
    page = Paginator(selectors.contacts(wanted, viewer=viewer, on=today), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "tabs": tabs(request, "contacts"),
        "page": page,
        "wanted": wanted,
        "owners": _owners(page, request),
        "consents": selectors.CONSENTS,
        "languages": Language.choices,
        "may_manage": viewer.may(MANAGE_CUSTOMERS),
    }
    return render(request, "customers/contacts.html", context)


def _owners(page: Iterable[Contact], request: WorkspaceRequest) -> dict[int, Any]:
    return owners_on({each.customer_id for each in page if each.customer_id}, request.workspace.today())


@workspace_view(SEE_CUSTOMERS)
@require_POST
def export_customers(request: WorkspaceRequest) -> HttpResponse:
    """Start writing the list of customers to a file."""
    return _export(request, exports.CUSTOMERS)


@workspace_view(SEE_CUSTOMERS)
@require_POST
def export_contacts(request: WorkspaceRequest) -> HttpResponse:
    """Start writing the list of contacts to a file."""
    return _export(request, exports.CONTACTS)


def _export(request: WorkspaceRequest, kind: str) -> HttpResponse:
    query = {key: value for key, value in request.GET.dict().items() if key in selectors.PARAMETERS}
    params = {"query": query, "format": "xlsx" if request.POST.get("format") == "xlsx" else "csv"}
    params["language"] = get_language() or "en"
    return to(request, "job", jobs.start(kind, params, user_id=request.viewer.user_id).pk)


@workspace_view(MANAGE_CUSTOMERS)
@require_GET
def duplicates(request: WorkspaceRequest) -> HttpResponse:
    """Customers and contacts that look alike, to be laid side by side and merged."""
    if request.GET.get("show") == "apart":
        return _kept_apart(request)
    found = selectors.duplicates()
    page = Paginator(found, GROUPS_PER_PAGE).get_page(request.GET.get("page"))
    groups = [
        {
            "why": WHY[each.why],
            "of_customers": each.why == "company",
            "first": each.rows[0],
            "others": each.rows[1:],
        }
        for each in page
    ]
    return _duplicates(request, page, groups, apart=False)


def _kept_apart(request: WorkspaceRequest) -> HttpResponse:
    """The same list of those that somebody looked at and said are two."""
    page = Paginator(selectors.kept_apart(), GROUPS_PER_PAGE).get_page(request.GET.get("page"))
    groups = [
        {
            "why": _("Kept apart"),
            "of_customers": each.first_customer is not None,
            "first": each.first_customer or each.first_contact,
            "others": [each.second_customer or each.second_contact],
        }
        for each in page
    ]
    return _duplicates(request, page, groups, apart=True)


def _duplicates(request: WorkspaceRequest, page: Any, groups: list[dict[str, Any]], *, apart: bool) -> HttpResponse:
    context = {"tabs": tabs(request, "duplicates"), "page": page, "groups": groups, "apart": apart}
    return render(request, "customers/duplicates.html", context)
