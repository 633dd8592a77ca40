"""Pages about mail to customers: the addresses that get no more surveys, and advice on the sender's domain."""

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from perfmgmt.jobs import services as jobs
from perfmgmt.notify import dns_advice, suppression
from perfmgmt.notify.dns_signing import PASS
from perfmgmt.notify.models import SuppressedAddress, SuppressionReason
from perfmgmt.people.access import WorkspaceRequest, workspace_view
from perfmgmt.people.pages import READ_WRITE
from perfmgmt.people.permissions import KEEP_SUPPRESSED, SEE_MAIL
from perfmgmt.tenants.errors import NotFound
from reviews.mailing import exports
from reviews.mailing.forms import AdviceForm, SuppressForm
from reviews.mailing.selectors import PARAMETERS, read

PER_PAGE = 50


@workspace_view(SEE_MAIL)
@require_GET
def suppressed(request: WorkspaceRequest) -> HttpResponse:
    """The addresses that get no more surveys: found by address, filtered by reason, sorted."""
    return _list(request, None)


def _list(request: WorkspaceRequest, form: SuppressForm | None) -> HttpResponse:
    wanted = read(request.GET.dict())
    context = {
        "page": Paginator(suppression.listed(**wanted), PER_PAGE).get_page(request.GET.get("page")),
        "wanted": wanted,
        "is_filtered": bool(wanted["search"] or wanted["reason"]),
        "reasons": SuppressionReason.choices,
        "may_keep": request.viewer.may(KEEP_SUPPRESSED),
        "form": form or SuppressForm(),
    }
    return render(request, "reviews/mailing/suppressed.html", context, status=200 if form is None else 400)


@workspace_view(KEEP_SUPPRESSED)
@require_POST
def suppress_address(request: WorkspaceRequest) -> HttpResponse:
    """Put an address on the list by hand."""
    form = SuppressForm(request.POST)
    if not form.is_valid():
        return _list(request, form)
    made = suppression.suppress(
        form.cleaned_data["address"], reason=SuppressionReason.BY_HAND, detail=form.cleaned_data["detail"]
    )
    messages.success(request, _("The address gets no more surveys.") if made else _("The address was on the list."))
    return HttpResponseRedirect(reverse("suppressed", args=[request.workspace.slug]))


@workspace_view(KEEP_SUPPRESSED)
@require_POST
def lift_suppressed(request: WorkspaceRequest, suppressed_id: int) -> HttpResponse:
    """Take an address from the list; the reason goes into the audit trail."""
    if not SuppressedAddress.objects.filter(pk=suppressed_id).exists():
        raise NotFound
    suppression.lift(suppressed_id)
    messages.success(request, _("The address may be asked again, if its contact agrees."))
    return HttpResponseRedirect(reverse("suppressed", args=[request.workspace.slug]))


@workspace_view(SEE_MAIL)
@require_POST
def export_suppressed(request: WorkspaceRequest) -> HttpResponse:
    """Start writing the list, as it is filtered, to a file."""
    query = {key: value for key, value in request.GET.dict().items() if key in PARAMETERS}
    params = {"query": query, "language": get_language() or "en"}
    job = jobs.start(exports.EXPORT, params, user_id=request.viewer.user_id)
    return HttpResponseRedirect(reverse("job", args=[request.workspace.slug, job.pk]))


@workspace_view(KEEP_SUPPRESSED)
@require_http_methods(READ_WRITE)
def mail_advice(request: WorkspaceRequest) -> HttpResponse:
    """Whether receivers will believe mail of this domain: checks records that are pasted; saves and asks nothing."""
    sender = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].strip("<> ")
    given = request.POST if request.method == "POST" else None
    form = AdviceForm(given, initial={"domain": sender, "host": settings.EMAIL_HOST})
    findings = dns_advice.advise(**form.cleaned_data) if form.is_valid() else []
    context = {
        "form": form,
        "findings": findings,
        "bad": sum(1 for one in findings if one.level != PASS),
        "sender": sender,
    }
    status = 400 if given is not None and not form.is_valid() else 200
    return render(request, "reviews/mailing/advice.html", context, status=status)
