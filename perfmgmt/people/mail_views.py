"""Pages of the outbox: a workspace's mail, and, on a try-out without a mail server, mail about sign-ins."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from perfmgmt.notify import fates, services
from perfmgmt.notify.models import AccountMail, MailState, WorkspaceMail
from perfmgmt.people.access import WorkspaceRequest, public_view, workspace_view
from perfmgmt.people.permissions import SEE_MAIL, SEND_MAIL_AGAIN
from perfmgmt.people.roles import Role
from perfmgmt.tenants.errors import NotFound

MAILS_PER_PAGE = 30
LOOPBACK = {"127.0.0.1", "::1"}
LOCAL_NAMES = {"localhost", "127.0.0.1", "[::1]", "testserver"}
KINDS = {
    "invitation": gettext_lazy("Invitation"),
    "check_ins.reminder": gettext_lazy("Reminder of a check-in"),
    "check_ins.missing": gettext_lazy("Missing check-ins"),
    "surveys.test": gettext_lazy("Test of a survey"),
    "surveys.invitation": gettext_lazy("Survey"),
    "surveys.reminder": gettext_lazy("Reminder of a survey"),
}
SORTS = {"created": ("pk",), "-created": ("-pk",), "to": ("recipient", "-pk"), "-to": ("-recipient", "-pk")}


@workspace_view(SEE_MAIL)
@require_GET
def outbox(request: WorkspaceRequest) -> HttpResponse:
    """The workspace's mail, newest first."""
    state, search = request.GET.get("state", ""), request.GET.get("q", "")[:100].strip()
    state = state if state in MailState.values else ""
    found = WorkspaceMail.objects.order_by(*SORTS.get(request.GET.get("sort", ""), SORTS["-created"]))
    if state:
        found = found.filter(state=state)
    if search:
        found = found.filter(recipient__icontains=search) | found.filter(subject__icontains=search)
    context = {
        "page": Paginator(found, MAILS_PER_PAGE).get_page(request.GET.get("page")),
        "state": state,
        "states": MailState.choices,
        "search": search,
        "has_server": services.has_server(),
        "undecided": fates.undecided().count(),
        "may_decide": request.viewer.may(SEND_MAIL_AGAIN),
    }
    return render(request, "people/outbox.html", context)


@workspace_view(SEE_MAIL)
@require_GET
def mail(request: WorkspaceRequest, mail_id: int) -> HttpResponse:
    """One mail: where it stands, and what it says."""
    found = WorkspaceMail.objects.select_related("created_by", "settled_by").filter(pk=mail_id).first()
    if found is None:
        raise NotFound
    context = {
        "mail": found,
        "kind": KINDS.get(found.kind, found.kind),
        "text": services.shown_text(found, with_secret=_may_have_link(request, found)),
        "hidden": bool(found.secret) and not _may_have_link(request, found),
        "has_server": services.has_server(),
        "per_minute": settings.MAIL_PER_DOMAIN_PER_MINUTE,
        "may_settle": found.is_undecided and request.viewer.may(SEND_MAIL_AGAIN),
        "may_retry": found.state in (MailState.FAILED, MailState.UNKNOWN)
        and services.has_server()
        and request.viewer.may(SEND_MAIL_AGAIN),
    }
    return render(request, "people/mail.html", context)


@workspace_view(SEND_MAIL_AGAIN)
@require_POST
def retry_mail(request: WorkspaceRequest, mail_id: int) -> HttpResponse:
    """Send a mail again that failed or whose fate is unknown."""
    if not WorkspaceMail.objects.filter(pk=mail_id).exists():
        raise NotFound
    fates.retry(mail_id)
    messages.success(request, _("The mail is on its way again."))
    return HttpResponseRedirect(reverse("mail", args=[request.workspace.slug, mail_id]))


@workspace_view(SEND_MAIL_AGAIN)
@require_POST
def leave_mail(request: WorkspaceRequest, mail_id: int) -> HttpResponse:
    """Leave a mail alone whose fate is unknown."""
    if not WorkspaceMail.objects.filter(pk=mail_id).exists():
        raise NotFound
    fates.settle(mail_id, request.viewer.user_id)
    messages.success(request, _("The mail is left as it is."))
    return HttpResponseRedirect(reverse("mail", args=[request.workspace.slug, mail_id]))


@workspace_view(SEND_MAIL_AGAIN)
@require_POST
def retry_undecided_mails(request: WorkspaceRequest) -> HttpResponse:
    """Send every mail again whose fate is unknown, but for those that must not go out any more."""
    again, held = fates.retry_undecided(request.viewer.user_id)
    text = ngettext("%(n)s mail is on its way again.", "%(n)s mails are on their way again.", again) % {"n": again}
    if held:
        text += " " + ngettext(
            "%(n)s was left: its recipient has answered, or gets no more mail.",
            "%(n)s were left: their recipients have answered, or get no more mail.", held,
        ) % {"n": held}  # fmt: skip
    messages.success(request, text)
    return HttpResponseRedirect(reverse("outbox", args=[request.workspace.slug]))


@workspace_view(SEND_MAIL_AGAIN)
@require_POST
def leave_undecided_mails(request: WorkspaceRequest) -> HttpResponse:
    """Leave every mail alone whose fate is unknown."""
    left = fates.settle_undecided(request.viewer.user_id)
    text = ngettext("%(n)s mail is left as it is.", "%(n)s mails are left as they are.", left) % {"n": left}
    messages.success(request, text)
    return HttpResponseRedirect(reverse("outbox", args=[request.workspace.slug]))


@public_view("mail about sign-ins on a try-out without a mail server; only to a browser on the same machine")
@never_cache
@require_GET
def account_mails(request: HttpRequest) -> HttpResponse:
    """Mail about sign-ins, newest first: reset links and confirmations."""
    _check_local(request)
    page = Paginator(AccountMail.objects.order_by("-pk"), MAILS_PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "people/account_mails.html", {"page": page})


@public_view("one mail about a sign-in on a try-out without a mail server; only to a browser on the same machine")
@never_cache
@require_GET
def account_mail(request: HttpRequest, account_mail_id: int) -> HttpResponse:
    """One mail about a sign-in, with its link."""
    _check_local(request)
    found = AccountMail.objects.filter(pk=account_mail_id).first()
    if found is None:
        raise NotFound
    return render(
        request,
        "people/account_mail.html",
        {"mail": found, "text": services.shown_text(found, with_secret=True)},
    )


def has_mail_page(request: HttpRequest) -> bool:
    """Return whether this browser may read mail about sign-ins: a try-out, and on the machine that serves it.

    A name that is not the machine's own is refused, too, so that no page of elsewhere can be made to ask.
    """
    forwarded = any(name in request.META for name in ("HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED", "HTTP_X_REAL_IP"))
    host = request.get_host()
    name = host[: host.index("]") + 1] if host.startswith("[") else host.partition(":")[0]
    return bool(
        settings.MAIL_PAGE
        and not services.has_server()
        and not forwarded
        and request.META.get("REMOTE_ADDR") in LOOPBACK
        and name in LOCAL_NAMES
    )


def _check_local(request: HttpRequest) -> None:
    if not has_mail_page(request):
        raise NotFound


def _may_have_link(request: WorkspaceRequest, mail: Any) -> bool:
    """An owner, and who sent it: nobody else could have given what the link gives."""
    return Role.OWNER in request.viewer.roles or mail.created_by_id == request.viewer.user_id
