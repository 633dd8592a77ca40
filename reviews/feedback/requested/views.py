"""Pages of requested feedback: what one asked, what one was asked, asking, replying."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from perfmgmt.jobs import services as jobs
from perfmgmt.people.access import WorkspaceRequest, workspace_view
from perfmgmt.people.models import Employee
from perfmgmt.people.pages import READ_WRITE, tried
from perfmgmt.people.roles import Role
from perfmgmt.tenants.errors import DomainError
from reviews.feedback.pages import ASKS, REQUESTS, tabs_of
from reviews.feedback.requested import exports, selectors, services
from reviews.feedback.requested.access import ALL, may_close
from reviews.feedback.requested.forms import ReplyForm, RequestForm
from reviews.feedback.requested.rules import is_over
from reviews.models import FeedbackRequest
from reviews.permissions import GIVE_FEEDBACK, SEE_FEEDBACK
from reviews.surveys.views import to

PER_PAGE = 50


@workspace_view(SEE_FEEDBACK)
@require_GET
def feedback_requests(request: WorkspaceRequest) -> HttpResponse:
    """What one asked colleagues, and what was asked about oneself and is shown."""
    wanted, today = selectors.read(request.GET.dict()), request.workspace.today()
    found = selectors.requests(wanted, viewer=request.viewer, today=today)
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    rows = [{"one": one, "over": is_over(one.due, one.closed_at is not None, today)} for one in page]
    return render(request, "reviews/feedback/requests.html", _listed(request, REQUESTS, wanted, page, rows))


@workspace_view(SEE_FEEDBACK)
@require_GET
def feedback_asks(request: WorkspaceRequest) -> HttpResponse:
    """What colleagues asked of oneself."""
    wanted, today = selectors.read(request.GET.dict()), request.workspace.today()
    found = selectors.asks(wanted, viewer=request.viewer, today=today)
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    rows = [
        {"ask": one, "one": one.request, "over": is_over(one.request.due, one.request.closed_at is not None, today)}
        for one in page
    ]
    return render(request, "reviews/feedback/asks.html", _listed(request, ASKS, wanted, page, rows))


def _listed(request: WorkspaceRequest, tab: str, wanted: Any, page: Any, rows: Any) -> dict[str, Any]:
    states = [("open", pgettext("feedback asked", "Open")), ("over", _("Over or settled"))]
    return {
        "tabs": tabs_of(request, tab), "wanted": wanted, "page": page, "rows": rows, "states": states,
        "may_give": request.viewer.may(GIVE_FEEDBACK),
    }  # fmt: skip


def _export(request: WorkspaceRequest, kind: str) -> HttpResponse:
    query = {key: value for key, value in request.GET.dict().items() if key in selectors.PARAMETERS}
    params = {"query": query, "language": get_language() or "en"}
    return to("job", request, jobs.start(kind, params, user_id=request.viewer.user_id).pk)


@workspace_view(SEE_FEEDBACK)
@require_POST
def export_feedback_requests(request: WorkspaceRequest) -> HttpResponse:
    """Start writing what one asked to a file, with every reply."""
    return _export(request, exports.REQUESTS)


@workspace_view(SEE_FEEDBACK)
@require_POST
def export_feedback_asks(request: WorkspaceRequest) -> HttpResponse:
    """Start writing what one was asked to a file."""
    return _export(request, exports.ASKS)


@workspace_view(GIVE_FEEDBACK)
@require_http_methods(READ_WRITE)
def ask_for_feedback(request: WorkspaceRequest) -> HttpResponse:
    """Ask colleagues about oneself, or about somebody one leads (`?to=`); HR about anybody."""
    today, own = request.workspace.today(), Employee.objects.filter(pk=request.viewer.employee_id or 0).first()
    asks_for_others = bool(request.viewer.roles & (ALL | {Role.MANAGER}))
    form = RequestForm(
        request.POST if request.method == "POST" else None, slug=request.workspace.slug, today=today,
        about=_named(request) or own, own=None if asks_for_others else own,
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        ask = lambda: services.ask(form.draft(), form.colleagues(), viewer=request.viewer, today=today)  # noqa: E731
        made = tried(form, ask)
        if made is not None:
            messages.success(request, _("Your colleagues have been asked."))
            return to("feedback_request", request, made.pk)
    return render(request, "reviews/feedback/ask.html", {"form": form}, status=400 if form.errors else 200)


def _named(request: WorkspaceRequest) -> Employee | None:
    text = request.GET.get("to", "")
    is_id = text.isascii() and text.isdecimal() and len(text) < 19
    return Employee.objects.filter(pk=int(text)).first() if is_id else None


@workspace_view(SEE_FEEDBACK)
@require_GET
def feedback_request(request: WorkspaceRequest, feedback_request_id: int) -> HttpResponse:
    """A request with who replied what."""
    found = selectors.request_of(feedback_request_id, viewer=request.viewer)
    today = request.workspace.today()
    context = {
        "one": found, "replies": selectors.replies(found), "readers": readers(found),
        "over": is_over(found.due, found.closed_at is not None, today),
        "may_close": may_close(found, request.viewer, today),
    }  # fmt: skip
    return render(request, "reviews/feedback/request.html", context)


def readers(found: FeedbackRequest) -> list[str]:
    """Return the names of who reads the replies to a request."""
    names = [found.asked_by.name or found.asked_by.email] if found.asked_by else []
    return [*names, found.employee.name] if found.shown_to_person else names


@workspace_view(GIVE_FEEDBACK)
@require_POST
def close_feedback_request(request: WorkspaceRequest, feedback_request_id: int) -> HttpResponse:
    """End a request before its last day."""
    services.close(feedback_request_id, viewer=request.viewer, today=request.workspace.today())
    messages.success(request, _("Closed. Nobody is asked any more."))
    return to("feedback_request", request, feedback_request_id)


@workspace_view(GIVE_FEEDBACK)
@require_http_methods(READ_WRITE)
def reply_to_feedback(request: WorkspaceRequest, feedback_ask_id: int) -> HttpResponse:
    """What one was asked, and one's reply, which can be changed until the request is over."""
    found, today = selectors.ask_of(feedback_ask_id, viewer=request.viewer), request.workspace.today()
    form = ReplyForm(request.POST if request.method == "POST" else None, ask=found)
    if request.method == "POST" and form.is_valid():
        reply = lambda: services.reply(found.pk, form.said(), viewer=request.viewer, today=today)  # noqa: E731
        if is_over(found.request.due, found.request.closed_at is not None, today):
            reply()  # refused: an error page, not one of the form
        if tried(form, reply) is not None:
            messages.success(request, _("Thank you. Your reply has been handed over."))
            return to("feedback_asks", request)
    return _ask_page(request, feedback_ask_id, form)


def _ask_page(request: WorkspaceRequest, ask_id: int, form: ReplyForm | None = None, error: str = "") -> HttpResponse:
    found = selectors.ask_of(ask_id, viewer=request.viewer)
    asked, today = found.request, request.workspace.today()
    context = {
        "ask": found, "one": asked, "form": form or ReplyForm(ask=found), "readers": readers(asked), "error": error,
        "over": is_over(asked.due, asked.closed_at is not None, today),
        "said": [(question, found.said[number]) for number, question in asked.questions],
    }  # fmt: skip
    failed = bool(error or (form is not None and form.errors))
    return render(request, "reviews/feedback/reply.html", context, status=400 if failed else 200)


@workspace_view(GIVE_FEEDBACK)
@require_POST
def decline_feedback(request: WorkspaceRequest, feedback_ask_id: int) -> HttpResponse:
    """Decline what one was asked, with a reason."""
    reason = request.POST.get("reason", "").replace("\0", "")
    try:
        services.decline(feedback_ask_id, reason, viewer=request.viewer, today=request.workspace.today())
    except DomainError as error:
        if error.code != "no_reason":
            raise
        return _ask_page(request, feedback_ask_id, error=str(error))
    messages.success(request, _("Declined. Who asked has been told."))
    return to("feedback_asks", request)
