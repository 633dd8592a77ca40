"""Pages of remarks: the list, one with its proofs, logging, changing, confirming; of a person, of a contact."""

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.core.files.storage import default_storage
from django.core.paginator import Paginator
from django.http import FileResponse, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from perfmgmt.customers.access import contact_of
from perfmgmt.customers.models import Contact
from perfmgmt.jobs import services as jobs
from perfmgmt.people.access import WorkspaceRequest, workspace_view
from perfmgmt.people.models import Employee
from perfmgmt.people.pages import READ_WRITE, head, tried
from perfmgmt.people.records.selectors import person_for
from perfmgmt.tenants.errors import Conflict, DomainError, NotFound
from perfmgmt.web.attachments import KINDS
from reviews.followups.access import shown_names
from reviews.models import Remark, RemarkChannel, RemarkKind, RemarkProof, RemarkState
from reviews.permissions import CONFIRM_REMARKS, LOG_REMARKS, SEE_REMARKS
from reviews.remarks import exports, selectors, services
from reviews.remarks.access import may_decide, may_edit, may_withdraw, visible_remarks
from reviews.remarks.forms import RemarkForm
from reviews.surveys.views import to

PER_PAGE = 50


def _rows(request: WorkspaceRequest, found: Iterable[Remark]) -> list[dict[str, Any]]:
    """Return what the rows of a list show; contacts as the viewer may read them, in one query."""
    rows = list(found)
    names = shown_names([one.contact for one in rows], viewer=request.viewer, on=request.workspace.today())
    return [{"remark": one, "contact": names.get(one.contact_id or 0)} for one in rows]


@workspace_view(SEE_REMARKS)
@require_GET
def remarks(request: WorkspaceRequest) -> HttpResponse:
    """The remarks one sees: filtered, sorted, in pages."""
    wanted = selectors.read(request.GET.dict())
    found = selectors.remarks(wanted, viewer=request.viewer, today=request.workspace.today())
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "wanted": wanted, "page": page, "rows": _rows(request, page), "kinds": RemarkKind.choices,
        "channels": RemarkChannel.choices, "states": RemarkState.choices,
        "may_log": request.viewer.may(LOG_REMARKS),
    }  # fmt: skip
    return render(request, "reviews/remarks/remarks.html", context)


@workspace_view(SEE_REMARKS)
@require_POST
def export_remarks(request: WorkspaceRequest) -> HttpResponse:
    """Start writing the list to a file."""
    query = {key: value for key, value in request.GET.dict().items() if key in selectors.PARAMETERS}
    params = {"query": query, "language": get_language() or "en"}
    return to("job", request, jobs.start(exports.EXPORT, params, user_id=request.viewer.user_id).pk)


@workspace_view(SEE_REMARKS)
@require_GET
def person_remarks(request: WorkspaceRequest, employee_id: int) -> HttpResponse:
    """The tab of a person's page: what customers said about them, beside surveys."""
    today = request.workspace.today()
    employee = person_for(request.viewer, employee_id, on=today)
    found = selectors.remarks(selectors.Wanted(), viewer=request.viewer, today=today).filter(employee=employee)
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    context = {**head(request, employee, "person_remarks"), "page": page, "rows": _rows(request, page)}
    return render(request, "reviews/remarks/person.html", context)


@workspace_view(SEE_REMARKS)
@require_GET
def contact_remarks(request: WorkspaceRequest, contact_id: int) -> HttpResponse:
    """What a contact said to staff."""
    today = request.workspace.today()
    contact = contact_of(contact_id, viewer=request.viewer, on=today)
    found = selectors.remarks(selectors.Wanted(), viewer=request.viewer, today=today).filter(contact=contact)
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "contact": contact, "page": page, "rows": _rows(request, page),
        "may_log": request.viewer.may(LOG_REMARKS) and contact.is_living,
    }  # fmt: skip
    return render(request, "reviews/remarks/contact.html", context)


@workspace_view(SEE_REMARKS)
@require_GET
def remark(request: WorkspaceRequest, remark_id: int) -> HttpResponse:
    """One remark with its proofs, who logged it and what became of it."""
    return _page(request, remark_id)


def _page(request: WorkspaceRequest, remark_id: int, error: str = "") -> HttpResponse:
    today = request.workspace.today()
    found = selectors.remark_of(remark_id, viewer=request.viewer, today=today)
    (row,) = _rows(request, [found])
    context = {
        **row, "seen": services.seen_of(found), "proofs": found.proofs.order_by("pk"), "error": error,
        "may_edit": may_edit(found, request.viewer, timezone.now()),
        "may_withdraw": may_withdraw(found, request.viewer),
        "may_decide": may_decide(found, request.viewer, today),
    }  # fmt: skip
    return render(request, "reviews/remarks/remark.html", context, status=400 if error else 200)


def _contact(request: WorkspaceRequest) -> Contact | None:
    """Return the contact that the address names (`?contact=`), whom the viewer sees in full; None without one."""
    text = request.GET.get("contact", "")
    if not (text.isascii() and text.isdecimal() and len(text) < 19):
        return None
    found = contact_of(int(text), viewer=request.viewer, on=request.workspace.today())
    if not found.is_living:
        raise NotFound
    return found


@workspace_view(LOG_REMARKS)
@require_http_methods(READ_WRITE)
def log_remark(request: WorkspaceRequest) -> HttpResponse:
    """Log what a customer said; `?contact=` names who."""
    contact, today = _contact(request), request.workspace.today()
    own = Employee.objects.filter(pk=request.viewer.employee_id or 0).first()
    form = _form(request, contact is not None, {"day": today, "employee": own, "kind": RemarkKind.REMARK})
    if request.method == "POST" and form.is_valid():
        who: dict[str, Any] = {"viewer": request.viewer, "today": today}
        files, contact_id = form.cleaned_data["proofs"], contact.pk if contact is not None else None
        made = tried(form, lambda: services.log(form.draft(), files, contact_id=contact_id, **who))
        if made is not None:
            messages.success(request, _("Logged. Somebody else confirms it."))
            return to("remark", request, made.pk)
    return _form_page(request, form, _("Log what a customer said"), contact)


def _form(request: WorkspaceRequest, has_contact: bool, initial: dict[str, Any]) -> RemarkForm:
    data = (request.POST, request.FILES) if request.method == "POST" else ()
    return RemarkForm(*data, slug=request.workspace.slug, has_contact=has_contact, initial=initial)


def _form_page(request: WorkspaceRequest, form: RemarkForm, title: str, contact: Contact | None) -> HttpResponse:
    context = {"form": form, "title": title, "contact": contact}
    return render(request, "reviews/remarks/form.html", context, status=400 if form.errors else 200)


@workspace_view(LOG_REMARKS)
@require_http_methods(READ_WRITE)
def edit_remark(request: WorkspaceRequest, remark_id: int) -> HttpResponse:
    """Change what one logged oneself, for a week."""
    today = request.workspace.today()
    found = selectors.remark_of(remark_id, viewer=request.viewer, today=today)
    if not may_edit(found, request.viewer, timezone.now()):
        too_late = Conflict(_("It can be changed for 7 days by who logged it. Withdraw it and log it anew."))
        if request.method == "POST":
            raise too_late
        messages.error(request, str(too_late))
        return to("remark", request, found.pk)
    names = ("kind", "employee", "day", "channel", "customer_name", "text")
    form = _form(request, found.contact_id is not None, {name: getattr(found, name) for name in names})
    if request.method == "POST" and form.is_valid():
        files = form.cleaned_data["proofs"]
        saved = tried(form, lambda: services.edit(found.pk, form.draft(), files, viewer=request.viewer, today=today))
        if saved is not None:
            messages.success(request, _("Saved."))
            return to("remark", request, found.pk)
    return _form_page(request, form, _("Change the remark"), None)


@workspace_view(CONFIRM_REMARKS)
@require_POST
def decide_remark(request: WorkspaceRequest, remark_id: int) -> HttpResponse:
    """Confirm or reject what somebody else logged."""
    confirms = request.POST.get("decision") == "confirm"
    reason = request.POST.get("reason", "")[:500].replace("\0", "")
    try:
        services.decide(
            remark_id, confirms=confirms, reason=reason, seen=request.POST.get("seen", ""), viewer=request.viewer,
            today=request.workspace.today(),
        )  # fmt: skip
    except DomainError as error:
        if error.code != "no_reason":
            raise
        return _page(request, remark_id, error=str(error))
    messages.success(request, _("Confirmed.") if confirms else _("Rejected."))
    return to("remark", request, remark_id)


@workspace_view(LOG_REMARKS)
@require_POST
def withdraw_remark(request: WorkspaceRequest, remark_id: int) -> HttpResponse:
    """Withdraw a remark; it stays in the list."""
    services.withdraw(remark_id, viewer=request.viewer, today=request.workspace.today())
    messages.success(request, _("Withdrawn. It stays in the list."))
    return to("remark", request, remark_id)


@workspace_view(SEE_REMARKS)
@require_GET
def remark_proof(request: WorkspaceRequest, remark_proof_id: int) -> FileResponse:
    """Download a proof; a browser never shows it, whatever is in it."""
    proof = RemarkProof.objects.filter(pk=remark_proof_id).first()
    seen = visible_remarks(request.viewer, request.workspace.today())
    if proof is None or not seen.filter(pk=proof.remark_id).exists() or not default_storage.exists(proof.path):
        raise NotFound
    response = FileResponse(
        default_storage.open(proof.path), as_attachment=True, filename=proof.file_name,
        content_type=KINDS[proof.kind][0],
    )  # fmt: skip
    response["X-Content-Type-Options"] = "nosniff"
    return response
