"""Pages of feedback: what one received and gave, the wall of praise, giving, changing, hiding, reacting."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from perfmgmt.jobs import services as jobs
from perfmgmt.people.access import WorkspaceRequest, workspace_view
from perfmgmt.people.models import Employee
from perfmgmt.people.pages import READ_WRITE, tried
from perfmgmt.tenants.errors import DomainError, NotFound
from reviews.feedback import exports, selectors, services
from reviews.feedback.access import may_change
from reviews.feedback.forms import FeedbackForm, WordsForm
from reviews.feedback.pages import PAGES, tabs_of
from reviews.feedback.selectors import GIVEN, RECEIVED, TEAM, WALL
from reviews.models import Feedback, FeedbackKind
from reviews.permissions import GIVE_FEEDBACK, MANAGE_FEEDBACK, SEE_FEEDBACK
from reviews.surveys.views import to

PER_PAGE = 20


@workspace_view(SEE_FEEDBACK)
@require_GET
def feedback(request: WorkspaceRequest) -> HttpResponse:
    """What one received."""
    return _list(request, RECEIVED)


@workspace_view(SEE_FEEDBACK)
@require_GET
def feedback_given(request: WorkspaceRequest) -> HttpResponse:
    """What one gave."""
    return _list(request, GIVEN)


@workspace_view(SEE_FEEDBACK)
@require_GET
def praise_wall(request: WorkspaceRequest) -> HttpResponse:
    """The praise of the workspace."""
    return _list(request, WALL)


@workspace_view(SEE_FEEDBACK)
@require_GET
def team_feedback(request: WorkspaceRequest) -> HttpResponse:
    """Praise for the people one leads, and the suggestions to them that were shared."""
    return _list(request, TEAM)


def _list(request: WorkspaceRequest, tab: str) -> HttpResponse:
    wanted, today = selectors.read(request.GET.dict()), request.workspace.today()
    found = selectors.listed(tab, wanted, viewer=request.viewer, today=today)
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "tab": tab, "tabs": tabs_of(request, tab), "wanted": wanted, "page": page,
        "rows": selectors.shown(page, viewer=request.viewer, now=timezone.now()),
        "values": selectors.active_values(), "kinds": FeedbackKind.choices if tab != WALL else [],
        "may_give": request.viewer.may(GIVE_FEEDBACK), "manages": request.viewer.may(MANAGE_FEEDBACK),
    }  # fmt: skip
    return render(request, "reviews/feedback/list.html", context)


@workspace_view(SEE_FEEDBACK)
@require_POST
def export_feedback(request: WorkspaceRequest) -> HttpResponse:
    """Start writing a list to a file; `?tab=` says which."""
    tab = request.GET.get("tab", "")
    query = {key: value for key, value in request.GET.dict().items() if key in selectors.PARAMETERS}
    params = {"tab": tab if tab in PAGES else RECEIVED, "query": query, "language": get_language() or "en"}
    return to("job", request, jobs.start(exports.EXPORT, params, user_id=request.viewer.user_id).pk)


@workspace_view(GIVE_FEEDBACK)
@require_http_methods(READ_WRITE)
def give_feedback(request: WorkspaceRequest) -> HttpResponse:
    """Give praise or a suggestion; `?to=` names for whom, `?kind=` which."""
    today = request.workspace.today()
    initial = {"to_1": _named(request), "kind": request.GET.get("kind", "") or FeedbackKind.PRAISE}
    form = FeedbackForm(
        request.POST if request.method == "POST" else None, values=selectors.active_values(),
        slug=request.workspace.slug, initial=initial,
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        give = lambda: services.give(form.draft(), form.receivers(), viewer=request.viewer, today=today)  # noqa: E731
        if tried(form, give) is not None:
            praise = form.cleaned_data["kind"] == FeedbackKind.PRAISE
            text = _("Thank you. It is on the wall.") if praise else _("Thank you. They have been told.")
            messages.success(request, text)
            return to("praise_wall" if praise else "feedback_given", request)
    context = {"form": form, "title": _("Give feedback")}
    return render(request, "reviews/feedback/give.html", context, status=400 if form.errors else 200)


def _named(request: WorkspaceRequest) -> Employee | None:
    """Return the person that the address names; None without one, or for oneself."""
    text = request.GET.get("to", "")
    if not (text.isascii() and text.isdecimal() and len(text) < 19) or int(text) == request.viewer.employee_id:
        return None
    return Employee.objects.filter(pk=int(text)).first()


@workspace_view(SEE_FEEDBACK)
@require_GET
def feedback_item(request: WorkspaceRequest, feedback_id: int) -> HttpResponse:
    """One praise or suggestion."""
    return _page(request, feedback_id)


def _page(request: WorkspaceRequest, feedback_id: int, error: str = "") -> HttpResponse:
    found = selectors.feedback_of(feedback_id, viewer=request.viewer, today=request.workspace.today())
    (row,) = selectors.shown([found], viewer=request.viewer, now=timezone.now())
    context = {"row": row, "error": error}
    return render(request, "reviews/feedback/item.html", context, status=400 if error else 200)


@workspace_view(GIVE_FEEDBACK)
@require_http_methods(READ_WRITE)
def edit_feedback(request: WorkspaceRequest, feedback_id: int) -> HttpResponse:
    """Change what one gave, for a day."""
    today = request.workspace.today()
    found = selectors.feedback_of(feedback_id, viewer=request.viewer, today=today)
    if not may_change(found, request.viewer, timezone.now()):
        if request.method == "POST":
            raise services.too_late()
        messages.error(request, str(services.too_late()))
        return to("feedback_item", request, found.pk)
    form = _words_form(request, found)
    if request.method == "POST" and form.is_valid():
        edit = lambda: services.edit(found.pk, form.draft(), viewer=request.viewer, today=today)  # noqa: E731
        if tried(form, edit) is not None:
            messages.success(request, _("Saved."))
            return to("feedback_item", request, found.pk)
    context = {"form": form, "row": found}
    return render(request, "reviews/feedback/edit.html", context, status=400 if form.errors else 200)


def _words_form(request: WorkspaceRequest, found: Feedback) -> WordsForm:
    values = selectors.active_values()
    if found.value is not None and found.value not in values:
        values.append(found.value)  # archived since: it may stay
    initial = {"text": found.text, "value": str(found.value_id or ""), "shares": found.shares}
    data = request.POST if request.method == "POST" else None
    return WordsForm(data, values=values, kind=found.kind, initial=initial)


@workspace_view(GIVE_FEEDBACK)
@require_POST
def take_back_feedback(request: WorkspaceRequest, feedback_id: int) -> HttpResponse:
    """Remove what one gave, for a day."""
    services.take_back(feedback_id, viewer=request.viewer, today=request.workspace.today())
    messages.success(request, _("Taken back. Nobody reads it any more."))
    return to("feedback_given", request)


@workspace_view(MANAGE_FEEDBACK)
@require_POST
def hide_praise(request: WorkspaceRequest, feedback_id: int) -> HttpResponse:
    """Take praise from the wall, with a reason."""
    reason = request.POST.get("reason", "").replace("\0", "")
    try:
        services.hide(feedback_id, reason=reason, viewer=request.viewer, today=request.workspace.today())
    except DomainError as error:
        if error.code != "no_reason":
            raise
        return _page(request, feedback_id, error=str(error))
    messages.success(request, _("Hidden. Giver and receivers still read it."))
    return to("feedback_item", request, feedback_id)


@workspace_view(MANAGE_FEEDBACK)
@require_POST
def show_praise(request: WorkspaceRequest, feedback_id: int) -> HttpResponse:
    """Bring praise back to the wall."""
    services.show_again(feedback_id, viewer=request.viewer, today=request.workspace.today())
    messages.success(request, _("It is on the wall again."))
    return to("feedback_item", request, feedback_id)


@workspace_view(GIVE_FEEDBACK)
@require_POST
def react_to_praise(request: WorkspaceRequest, feedback_id: int) -> HttpResponse:
    """React to praise or take that back: `reaction` is kind:1 or kind:0, so that a second click changes nothing.

    Answers with the row of reactions, or goes back to the page without HTMX.
    """
    kind, _colon, sent = request.POST.get("reaction", "").partition(":")
    if sent not in ("0", "1"):
        raise NotFound
    today = request.workspace.today()
    found = services.react(feedback_id, kind, on=sent == "1", viewer=request.viewer, today=today)
    if getattr(request, "htmx", False):
        (row,) = selectors.shown([found], viewer=request.viewer, now=timezone.now())
        return render(request, "reviews/feedback/reactions.html", {"row": row, "back": request.POST.get("back", "")})
    back = request.POST.get("back", "")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}):
        return to("feedback_item", request, found.pk)
    return HttpResponseRedirect(back)
