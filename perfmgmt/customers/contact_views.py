"""A contact's page, and what is changed there: the record, what was agreed to, erasing."""

from typing import Any

from django.contrib import messages
from django.core.files.storage import default_storage
from django.http import FileResponse, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from perfmgmt.audit.permissions import SEE_AUDIT
from perfmgmt.customers import consents, forgetting, services
from perfmgmt.customers.access import contact_of, customer_of, may_edit, require_edit
from perfmgmt.customers.actions import actions_for
from perfmgmt.customers.forms import ConsentForm, ContactForm, EraseForm
from perfmgmt.customers.models import Consent, Contact, Customer
from perfmgmt.customers.pages import to
from perfmgmt.customers.permissions import EDIT_CUSTOMERS, MANAGE_CUSTOMERS, SEE_CUSTOMERS
from perfmgmt.customers.services import owners_on
from perfmgmt.people.access import WorkspaceRequest, workspace_view
from perfmgmt.people.pages import READ_WRITE, tried
from perfmgmt.tenants.errors import NotFound
from perfmgmt.web.attachments import KINDS


@workspace_view(SEE_CUSTOMERS)
@require_GET
def contact(request: WorkspaceRequest, contact_id: int) -> HttpResponse:
    """A contact: how they are reached, what they agreed to and when, what was merged into it."""
    today = request.workspace.today()
    found = contact_of(contact_id, viewer=request.viewer, on=today)
    if found.pk != contact_id:
        return to(request, "contact", found.pk)
    owner = owners_on([found.customer_id], today) if found.customer_id else {}
    context = {
        "contact": found,
        "owner": owner.get(found.customer_id or 0),
        "entries": Consent.objects.select_related("recorded_by").filter(contact=found).order_by("-at", "-pk"),
        "merged": Contact.objects.filter(merged_into=found).order_by("pk"),
        "may_edit": found.is_living and may_edit(request.viewer, found.customer_id, on=today),
        "may_manage": found.is_living and request.viewer.may(MANAGE_CUSTOMERS),
        "may_see_audit": request.viewer.may(SEE_AUDIT),
        "actions": actions_for(request.viewer) if found.is_living else [],
    }
    return render(request, "customers/contact.html", context)


def _living(request: WorkspaceRequest, contact_id: int) -> Contact:
    """Return a contact that the viewer may change; raise NotFound, NotAllowed."""
    today = request.workspace.today()
    found = contact_of(contact_id, viewer=request.viewer, on=today)
    if found.pk != contact_id or not found.is_living:
        raise NotFound
    require_edit(request.viewer, found.customer_id, on=today)
    return found


def _form(request: WorkspaceRequest, form: Any, title: str, **more: Any) -> HttpResponse:
    context = {"form": form, "title": title, **more}
    return render(request, "customers/contact_form.html", context, status=400 if form.errors else 200)


@workspace_view(EDIT_CUSTOMERS)
@require_http_methods(READ_WRITE)
def add_contact(request: WorkspaceRequest, customer_id: int) -> HttpResponse:
    """Add a contact to a customer."""
    today = request.workspace.today()
    of, _in_full = customer_of(customer_id, viewer=request.viewer, on=today)
    require_edit(request.viewer, of.pk, on=today)
    return _added(request, of)


@workspace_view(MANAGE_CUSTOMERS)
@require_http_methods(READ_WRITE)
def add_loose_contact(request: WorkspaceRequest) -> HttpResponse:
    """Add a contact, of a customer or of none."""
    return _added(request, None)


def _added(request: WorkspaceRequest, of: Customer | None) -> HttpResponse:
    data = request.POST if request.method == "POST" else None
    form = ContactForm(data, whole=of is None, initial={"language": request.workspace.language})
    if data is not None and form.is_valid():
        values = form.values()
        customer_id = of.pk if of is not None else values.pop("customer_id", None)
        today = request.workspace.today()
        made = tried(
            form,
            lambda: services.add_contact(values, customer_id=customer_id, viewer=request.viewer, today=today),
        )
        if made is not None:
            messages.success(request, _("{name} is added.").format(name=made))
            return to(request, "contact", made.pk)
    return _form(request, form, _("New contact"), customer=of)


@workspace_view(EDIT_CUSTOMERS)
@require_http_methods(READ_WRITE)
def edit_contact(request: WorkspaceRequest, contact_id: int) -> HttpResponse:
    """Change a contact."""
    found = _living(request, contact_id)
    data = request.POST if request.method == "POST" else None
    initial = {name: getattr(found, name) for name in services.CONTACT_FIELDS} | {"company": found.customer}
    form = ContactForm(data, whole=request.viewer.may(MANAGE_CUSTOMERS), initial=initial)
    shown = data.get("shown", "") if data is not None else services.seen(found)
    if data is not None and form.is_valid():
        today = request.workspace.today()
        saved = tried(
            form,
            lambda: services.change_contact(
                contact_id, form.values(), shown=shown, viewer=request.viewer, today=today
            ),
        )
        if saved is not None:
            messages.success(request, _("Saved."))
            return to(request, "contact", contact_id)
    return _form(request, form, _("Change the contact"), contact=found, shown=shown)


@workspace_view(EDIT_CUSTOMERS)
@require_http_methods(READ_WRITE)
def record_consent(request: WorkspaceRequest, contact_id: int) -> HttpResponse:
    """Write down what a contact said to being asked by mail."""
    found = _living(request, contact_id)
    today = request.workspace.today()
    data = request.POST if request.method == "POST" else None
    form = ConsentForm(data, request.FILES if data is not None else None, initial={"day": today})
    if data is not None and form.is_valid():
        given = {name: form.cleaned_data[name] for name in ("state", "source", "proof", "file")}
        at = form.at(today, request.workspace.time_zone)
        saved = tried(form, lambda: consents.record_consent(contact_id, at=at, viewer=request.viewer, **given))
        if saved is not None:
            messages.success(request, _("Recorded. It can't be changed; a later entry takes its place."))
            return to(request, "contact", contact_id)
    return _form(request, form, _("Record a consent"), contact=found, of_consent=True)


@workspace_view(SEE_CUSTOMERS)
@require_GET
def consent_file(request: WorkspaceRequest, consent_id: int) -> FileResponse:
    """Download a proof; a browser never shows it, whatever is in it."""
    entry = Consent.objects.filter(pk=consent_id).first()
    if entry is None:
        raise NotFound
    contact_of(entry.contact_id, viewer=request.viewer, on=request.workspace.today())
    if not entry.path or not default_storage.exists(entry.path):
        raise NotFound
    response = FileResponse(
        default_storage.open(entry.path), as_attachment=True, filename=entry.file_name,
        content_type=KINDS[entry.kind][0],
    )  # fmt: skip
    response["X-Content-Type-Options"] = "nosniff"
    return response


@workspace_view(MANAGE_CUSTOMERS)
@require_http_methods(READ_WRITE)
def erase_contact(request: WorkspaceRequest, contact_id: int) -> HttpResponse:
    """Erase a contact, after what that means was read."""
    found = _living(request, contact_id)
    data = request.POST if request.method == "POST" else None
    form = EraseForm(data)

    def erase() -> bool:
        forgetting.erase_contact(contact_id, viewer=request.viewer)
        return True

    if data is not None and form.is_valid() and tried(form, erase) is not None:
        messages.success(request, _("Erased. Nothing that names the person is left."))
        return to(request, "customer", found.customer_id) if found.customer_id else to(request, "contacts")
    counts = {
        "entries": Consent.objects.filter(contact=found).count(),
        "merged": Contact.objects.filter(merged_into=found).count(),
    }
    context = {"form": form, "contact": found, **counts}
    return render(request, "customers/erase.html", context, status=400 if form.errors else 200)
