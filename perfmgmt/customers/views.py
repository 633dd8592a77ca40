"""A customer's page, and what is changed there."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from perfmgmt.customers import services
from perfmgmt.customers.access import customer_of, masked, may_edit, require_edit
from perfmgmt.customers.forms import CustomerForm, OwnerForm
from perfmgmt.customers.models import Contact, Customer, CustomerOwner
from perfmgmt.customers.pages import to
from perfmgmt.customers.permissions import EDIT_CUSTOMERS, MANAGE_CUSTOMERS, SEE_CUSTOMERS
from perfmgmt.people.access import WorkspaceRequest, workspace_view
from perfmgmt.people.models import FOREVER
from perfmgmt.people.pages import READ_WRITE, tried
from perfmgmt.tenants.errors import NotFound

FIGURES_DAYS = timedelta(days=365)


@workspace_view(SEE_CUSTOMERS)
@require_GET
def customer(request: WorkspaceRequest, customer_id: int) -> HttpResponse:
    """A customer: contacts, who looked after it when, and the way to its figures."""
    today = request.workspace.today()
    found, in_full = customer_of(customer_id, viewer=request.viewer, on=today)
    if found.pk != customer_id:
        return to(request, "customer", found.pk)
    people = Contact.objects.filter(customer=found, merged_into=None).order_by("erased_at", "name_key", "pk")
    spells = CustomerOwner.objects.select_related("employee").filter(customer=found).order_by("-from_day")
    context = {
        "customer": found,
        "in_full": in_full,
        "contacts": [each if in_full else masked(each) for each in people if each.erased_at is None],
        "erased": sum(each.erased_at is not None for each in people),
        "spells": spells,
        "forever": FOREVER,
        "today": today,
        "merged": Customer.objects.filter(merged_into=found).order_by("pk"),
        "figures_url": _figures(request, found),
        "may_edit": may_edit(request.viewer, found.pk, on=today),
        "may_manage": request.viewer.may(MANAGE_CUSTOMERS),
    }
    return render(request, "customers/customer.html", context)


def _figures(request: WorkspaceRequest, found: Customer) -> str:
    """Return the address of a year of the customer's facts."""
    today = request.workspace.today()
    query = {"metric": "sales_amount", "from": today - FIGURES_DAYS, "to": today, "q": found.external_id}
    return f"{reverse('facts', args=[request.workspace.slug])}?{urlencode(query)}"


@workspace_view(MANAGE_CUSTOMERS)
@require_http_methods(READ_WRITE)
def add_customer(request: WorkspaceRequest) -> HttpResponse:
    """Add a customer."""
    data = request.POST if request.method == "POST" else None
    form = CustomerForm(data, whole=True, initial={"external_id": request.GET.get("id", "")[:200]})
    if data is not None and form.is_valid():
        made = tried(form, lambda: services.add_customer(form.cleaned_data, viewer=request.viewer))
        if made is not None:
            messages.success(request, _("{name} is added.").format(name=made.name))
            return to(request, "customer", made.pk)
    return _form(request, form, _("New customer"), None)


def _form(request: WorkspaceRequest, form: Any, title: str, of: Customer | None, **more: Any) -> HttpResponse:
    context = {"form": form, "title": title, "customer": of, **more}
    return render(request, "customers/customer_form.html", context, status=400 if form.errors else 200)


def _own(request: WorkspaceRequest, customer_id: int) -> Customer:
    """Return a customer that the viewer may change; raise NotFound, NotAllowed."""
    today = request.workspace.today()
    found, _in_full = customer_of(customer_id, viewer=request.viewer, on=today)
    if found.pk != customer_id:
        raise NotFound
    require_edit(request.viewer, found.pk, on=today)
    return found


@workspace_view(EDIT_CUSTOMERS)
@require_http_methods(READ_WRITE)
def edit_customer(request: WorkspaceRequest, customer_id: int) -> HttpResponse:
    """Change a customer."""
    found = _own(request, customer_id)
    data = request.POST if request.method == "POST" else None
    initial = {name: getattr(found, name) for name in services.CUSTOMER_FIELDS}
    form = CustomerForm(data, whole=request.viewer.may(MANAGE_CUSTOMERS), initial=initial)
    shown = data.get("shown", "") if data is not None else services.seen(found)
    if data is not None and form.is_valid():
        saved = tried(
            form,
            lambda: services.change_customer(
                customer_id, form.cleaned_data, shown=shown, viewer=request.viewer, today=request.workspace.today()
            ),
        )
        if saved is not None:
            messages.success(request, _("Saved."))
            return to(request, "customer", customer_id)
    return _form(request, form, _("Change the customer"), found, shown=shown)


@workspace_view(MANAGE_CUSTOMERS)
@require_http_methods(READ_WRITE)
def set_owner(request: WorkspaceRequest, customer_id: int) -> HttpResponse:
    """Say who looks after a customer from a day on."""
    found = _own(request, customer_id)
    today = request.workspace.today()
    data = request.POST if request.method == "POST" else None
    form = OwnerForm(data, slug=request.workspace.slug, initial={"from_day": today})

    def save() -> bool:
        employee, day = form.cleaned_data["employee"], form.cleaned_data["from_day"]
        services.set_owner(customer_id, employee, from_day=day, viewer=request.viewer)
        return True

    if data is not None and form.is_valid() and tried(form, save) is not None:
        messages.success(request, _("Saved."))
        return to(request, "customer", customer_id)
    return _form(request, form, _("Who looks after the customer"), found)
