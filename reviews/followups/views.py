"""Pages of follow-ups: the list, one task with its history, handing over, closing, and a survey's rule."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from perfmgmt.jobs import services as jobs
from perfmgmt.people.access import WorkspaceRequest, workspace_view
from perfmgmt.people.pages import READ_WRITE, tried
from perfmgmt.tenants.errors import Conflict, NotFound
from reviews.answering.standing import correctable_until, keeps_shut
from reviews.followups import exports, selectors, services, telling
from reviews.followups.access import seen_in_full, shown_names, workable_follow_ups
from reviews.followups.forms import CloseForm, HandOverForm, RuleForm
from reviews.followups.opening import rule_of
from reviews.mailing.writing import asked
from reviews.models import FollowUp, FollowUpStep
from reviews.permissions import MANAGE_SURVEYS, SEE_FOLLOW_UPS, WORK_FOLLOW_UPS
from reviews.surveys.content import content_of
from reviews.surveys.selectors import survey_of
from reviews.surveys.views import to

PER_PAGE = 50


@workspace_view(SEE_FOLLOW_UPS)
@require_GET
def follow_ups(request: WorkspaceRequest) -> HttpResponse:
    """The tasks one sees: filtered, sorted, in pages."""
    viewer, today = request.viewer, request.workspace.today()
    wanted = selectors.read(request.GET.dict())
    found = selectors.follow_ups(wanted, viewer=viewer, today=today)
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    names = shown_names([task.invitation.contact for task in page], viewer=viewer, on=today)
    offered = selectors.choices(viewer, today)
    in_english = get_language() == "en"
    surveys = [(pk, (en or zh) if in_english else (zh or en)) for pk, zh, en in offered["surveys"]]
    context = {
        "wanted": wanted,
        "page": page,
        "rows": [
            {"task": task, "state": state_of(task, request), "contact": names.get(task.invitation.contact_id or 0)}
            for task in page
        ],
        "owners": offered["owners"],
        "surveys": surveys,
        "manages": viewer.may(MANAGE_SURVEYS),
    }
    return render(request, "reviews/followups/follow_ups.html", context)


def state_of(task: FollowUp, request: WorkspaceRequest) -> str:
    """Return how a task stands, as the components name it."""
    if task.is_open and task.due < request.workspace.today():
        return "overdue"
    return f"follow_up_{task.state}"


@workspace_view(SEE_FOLLOW_UPS)
@require_POST
def export_follow_ups(request: WorkspaceRequest) -> HttpResponse:
    """Start writing the list to a file."""
    query = {key: value for key, value in request.GET.dict().items() if key in selectors.PARAMETERS}
    params = {"query": query, "language": get_language() or "en"}
    return to("job", request, jobs.start(exports.EXPORT, params, user_id=request.viewer.user_id).pk)


@workspace_view(SEE_FOLLOW_UPS)
@require_GET
def follow_up(request: WorkspaceRequest, follow_up_id: int) -> HttpResponse:
    """A task: what was rated, what the customer said, what was done."""
    viewer, today = request.viewer, request.workspace.today()
    found = services.follow_up_of(follow_up_id, viewer=viewer, today=today)
    invitation = found.invitation
    names = shown_names([invitation.contact], viewer=viewer, on=today)
    full = viewer.sees_everybody or bool(seen_in_full([invitation.contact], viewer=viewer, on=today))
    is_fixed = invitation.finished_at is None or keeps_shut(invitation)
    until = None if is_fixed else correctable_until(invitation)
    context = {
        "task": found,
        "state": state_of(found, request),
        "contact_name": names.get(invitation.contact_id or 0),
        "lines": selectors.said_in(
            found, content_of(invitation.version), get_language() or "en", request.workspace.name, in_full=full
        ),
        "steps": FollowUpStep.objects.filter(follow_up=found).select_related("to").order_by("pk"),
        "may_work": found.is_open and workable_follow_ups(viewer, today).filter(pk=found.pk).exists(),
        "cant_tell": telling.against(asked(invitation)) if found.is_open else "",
        "correctable_until": until if until is not None and until > timezone.now() else None,
    }
    return render(request, "reviews/followups/follow_up.html", context)


@workspace_view(WORK_FOLLOW_UPS)
@require_POST
def begin_follow_up(request: WorkspaceRequest, follow_up_id: int) -> HttpResponse:
    """Say that one works on it."""
    services.begin(follow_up_id, viewer=request.viewer, today=request.workspace.today())
    messages.success(request, _("Noted: somebody works on it."))
    return to("follow_up", request, follow_up_id)


def _workable(request: WorkspaceRequest, follow_up_id: int) -> FollowUp:
    """Return a task that the viewer may work on; raise NotFound, Conflict when what is sent comes too late."""
    today = request.workspace.today()
    if not workable_follow_ups(request.viewer, today).filter(pk=follow_up_id).exists():
        raise NotFound
    found = services.follow_up_of(follow_up_id, viewer=request.viewer, today=today)
    if not found.is_open and request.method == "POST":
        raise Conflict(services.DONE)
    return found


@workspace_view(WORK_FOLLOW_UPS)
@require_http_methods(READ_WRITE)
def hand_over_follow_up(request: WorkspaceRequest, follow_up_id: int) -> HttpResponse:
    """Give a task to somebody else, or another day."""
    found, today = _workable(request, follow_up_id), request.workspace.today()
    if not found.is_open:  # an old address: the task says by whom it was closed
        return to("follow_up", request, found.pk)
    data = request.POST if request.method == "POST" else None
    initial = {"owner": found.owner, "due": max(found.due, today)}
    form = HandOverForm(data, slug=request.workspace.slug, initial=initial)
    if data is not None and form.is_valid():
        given = form.cleaned_data
        saved = tried(
            form,
            lambda: services.hand_over(
                found.pk, given["owner"], given["due"], given["note"], viewer=request.viewer, today=today
            ),
        )
        if saved is not None:
            messages.success(request, _("Saved. The new responsible person is told."))
            sees = services.visible_follow_ups(request.viewer, today).filter(pk=found.pk).exists()
            return to("follow_up", request, found.pk) if sees else to("follow_ups", request)
    context = {"form": form, "task": found, "title": _("Hand over")}
    return render(request, "reviews/followups/hand_over.html", context, status=400 if form.errors else 200)


@workspace_view(WORK_FOLLOW_UPS)
@require_http_methods(READ_WRITE)
def close_follow_up(request: WorkspaceRequest, follow_up_id: int) -> HttpResponse:
    """Close a task with its outcome; the customer is told if that is wanted and can be."""
    found, today = _workable(request, follow_up_id), request.workspace.today()
    if not found.is_open:  # an old address: the task says by whom it was closed
        return to("follow_up", request, found.pk)
    cant_tell = telling.against(asked(found.invitation))
    subject, body = telling.draft(found)
    data = request.POST if request.method == "POST" else None
    form = CloseForm(data, may_tell=not cant_tell, initial={"subject": subject, "body": body})
    if data is not None and form.is_valid():
        closing = form.closing()
        saved = tried(form, lambda: services.close(found.pk, closing, viewer=request.viewer, today=today))
        if saved is not None:
            text = _("Closed. The mail to the customer is on its way.") if saved.told_at else _("Closed.")
            messages.success(request, text)
            return to("follow_up", request, found.pk)
    context = {"form": form, "task": found, "cant_tell": cant_tell, "title": _("Close the follow-up")}
    return render(request, "reviews/followups/close.html", context, status=400 if form.errors else 200)


@workspace_view(MANAGE_SURVEYS)
@require_http_methods(READ_WRITE)
def survey_follow_ups(request: WorkspaceRequest, survey_id: int) -> HttpResponse:
    """Which scores of a survey become tasks, whose, until when."""
    survey = survey_of(survey_id, viewer=request.viewer)
    data = request.POST if request.method == "POST" else None
    form = RuleForm(data, slug=request.workspace.slug, rule=rule_of(survey_id))
    if data is not None and form.is_valid():
        settings = form.settings()
        saved: Any = tried(form, lambda: services.save_rule(survey_id, settings))
        if saved is not None:
            messages.success(request, _("Saved. It holds for answers from now on."))
            return to("survey", request, survey_id)
    context = {"form": form, "survey": survey}
    return render(request, "reviews/followups/rule.html", context, status=400 if form.errors else 200)
