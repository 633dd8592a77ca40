"""Two rows side by side, field by field, before they become one."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db import models, transaction
from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from perfmgmt.audit import labels
from perfmgmt.customers import apart, joining
from perfmgmt.customers.models import Contact, Customer
from perfmgmt.customers.pages import to
from perfmgmt.customers.permissions import MANAGE_CUSTOMERS
from perfmgmt.people.access import WorkspaceRequest, workspace_view
from perfmgmt.people.pages import READ_WRITE
from perfmgmt.tenants.errors import Conflict, NotFound

FIRST, SECOND = "first", "second"


def _lines(one: models.Model, other: models.Model, fields: tuple[str, ...]) -> list[dict[str, Any]]:
    """Return the fields to choose from: label, both values as they are shown, and which one is taken at first."""
    found = []
    for name in fields:
        plain = name.removesuffix("_id")
        values = [_shown(row, plain) for row in (one, other)]
        if any(values):
            found.append({
                "name": name, "label": labels.field(one._meta.label, plain), "first": values[0], "second": values[1],
                "differs": values[0] != values[1], "taken": FIRST if values[0] or not values[1] else SECOND,
            })  # fmt: skip
    return found


def _shown(row: models.Model, name: str) -> str:
    display = getattr(row, f"get_{name}_display", None)
    value = display() if display is not None else getattr(row, name)
    return "" if value is None else str(value)


def _take(data: QueryDict, fields: tuple[str, ...], keep: str) -> dict[str, str]:
    """Return for each field whose value is taken, in the words of `joining`."""
    return {
        name: "winner" if data[f"take_{name}"] == keep else "loser"
        for name in fields
        if data.get(f"take_{name}") in (FIRST, SECOND)
    }


def _merge(
    request: WorkspaceRequest,
    one: Any,
    other: Any,
    fields: tuple[str, ...],
    merge: Callable[..., Any],
    page: str,
) -> HttpResponse:
    """Show two rows side by side; with a POST, make them one and go to its page."""
    error = ""
    kind: apart.Kind = "customer" if page == "customer" else "contact"
    if request.method == "POST" and "apart" in request.POST:
        try:
            _note_apart(request, kind, one.pk, other.pk)
        except Conflict as refused:
            error = str(refused)
        else:
            return to(request, "duplicates")
    elif request.method == "POST":
        keep = request.POST.get("keep", FIRST) if request.POST.get("keep") in (FIRST, SECOND) else FIRST
        winner, loser = (one, other) if keep == FIRST else (other, one)
        try:
            with transaction.atomic():
                merge(winner.pk, loser.pk, take=_take(request.POST, fields, keep), viewer=request.viewer)
        except Conflict as refused:
            error = str(refused)
        else:
            messages.success(request, _("Merged. Everything that belonged to one of them now belongs to this one."))
            return to(request, page, winner.pk)
    context = {
        "one": one, "other": other, "lines": _lines(one, other, fields), "page": page, "error": error,
        "of_customers": kind == "customer", "apart": apart.are_two(kind, one.pk, other.pk),
    }  # fmt: skip
    return render(request, "customers/merge.html", context, status=409 if error else 200)


def _note_apart(request: WorkspaceRequest, kind: apart.Kind, one: int, other: int) -> None:
    """Keep two rows out of the duplicates, or have them compared again."""
    if request.POST["apart"] == "again":
        apart.compare_again(kind, one, other, viewer=request.viewer)
        messages.success(request, _("They stand among the duplicates again as long as they look alike."))
    else:
        with transaction.atomic():
            apart.keep_apart(kind, one, other, viewer=request.viewer)
        messages.success(request, _("Kept apart: these two no longer stand among the duplicates."))


@workspace_view(MANAGE_CUSTOMERS)
@require_http_methods(READ_WRITE)
def merge_contacts(request: WorkspaceRequest, contact_id: int, other_contact_id: int) -> HttpResponse:
    """Merge two contacts."""
    rows = Contact.objects.select_related("customer").filter(erased_at=None, merged_into=None)
    found = rows.in_bulk([contact_id, other_contact_id])
    if len(found) != 2:
        raise NotFound
    one, other = found[contact_id], found[other_contact_id]
    return _merge(request, one, other, joining.CONTACT_CHOICES, joining.merge_contacts, "contact")


@workspace_view(MANAGE_CUSTOMERS)
@require_http_methods(READ_WRITE)
def merge_customers(request: WorkspaceRequest, customer_id: int, other_customer_id: int) -> HttpResponse:
    """Merge two customers."""
    found = Customer.objects.filter(merged_into=None).in_bulk([customer_id, other_customer_id])
    if len(found) != 2:
        raise NotFound
    one, other = found[customer_id], found[other_customer_id]
    return _merge(request, one, other, joining.CUSTOMER_CHOICES, joining.merge_customers, "customer")
