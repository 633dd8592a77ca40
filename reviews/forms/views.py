"""What somebody has to review, and the form. Only the rater themself opens it: another's id is not found."""

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from perfmgmt.jobs import services as jobs
from perfmgmt.people.access import WorkspaceRequest, workspace_view
from perfmgmt.people.pages import READ_WRITE
from perfmgmt.tenants.errors import Conflict, DomainError, NotFound
from reviews.answers import door
from reviews.forms import evidence, exports, posted, selectors, services
from reviews.forms.hint_words import hints_for
from reviews.forms.pages import FormPage, page_of
from reviews.forms.posted import Typed
from reviews.models import CycleQuestion, QuestionKind, Rater
from reviews.permissions import REVIEW
from reviews.raters.selectors import own_nominations


@workspace_view(REVIEW)
@require_GET
def my_reviews(request: WorkspaceRequest) -> HttpResponse:
    """Whom one has to review: oneself, the team, colleagues; with state, deadline and progress."""
    query = request.GET
    found = selectors.inbox(
        viewer=request.viewer, today=request.workspace.today(), search=query.get("q", "")[:100].strip(),
        shown=query.get("show", ""), sort=query.get("sort", ""),
    )  # fmt: skip
    done = sum(task.is_done for task in found.tasks if task.cycle.takes_answers)
    context = {
        "inbox": found, "groups": selectors.grouped(found.listed), "next": found.open[0] if found.open else None,
        "choosing": list(own_nominations(request.viewer)),
        "done": done, "total": sum(task.cycle.takes_answers for task in found.tasks),
    }  # fmt: skip
    return render(request, "reviews/forms/my_reviews.html", context)


@workspace_view(REVIEW)
@require_POST
def export_my_reviews(request: WorkspaceRequest) -> HttpResponse:
    """Start writing one's list to a file."""
    query = {key: value for key, value in request.GET.dict().items() if key in exports.PARAMETERS}
    form = "xlsx" if request.POST.get("format") == "xlsx" else "csv"
    params = {"query": query, "format": form, "language": get_language() or "en"}
    job = jobs.start(exports.EXPORT, params, user_id=request.viewer.user_id)
    return HttpResponseRedirect(reverse("job", args=[request.workspace.slug, job.pk]))


@workspace_view(REVIEW)
@require_http_methods(READ_WRITE)
def review_form(request: WorkspaceRequest, rater_id: int) -> HttpResponse:
    """One form. A POST keeps everything on it; `action` says what comes then: save, next or hand_in."""
    rater = selectors.own_rater(rater_id, viewer=request.viewer)
    if request.method == "POST":
        return _posted(request, rater)
    return _shown(request, rater)


def _posted(request: WorkspaceRequest, rater: Rater) -> HttpResponse:
    typed = posted.read(request.POST, _questions(rater))
    try:
        _keep(rater, typed)
    except Conflict as error:
        return _shown(request, rater, typed, conflict=str(error), status=409)
    except DomainError as error:
        return _shown(request, rater, typed, problem=str(error), status=error.status)
    if typed.errors:
        return _shown(request, rater, typed, problem=_("Look at the marked answers."), status=400)
    slug, action = request.workspace.slug, request.POST.get("action")
    if action == "hand_in":
        return HttpResponseRedirect(reverse("hand_in_review", args=[slug, rater.pk]))
    messages.success(request, _("Saved."))
    if action == "next":
        return _to_next(request, rater)
    return HttpResponseRedirect(reverse("review_form", args=[slug, rater.pk]))


def _keep(rater: Rater, typed: Typed) -> int:
    """Keep what is right of what was typed; a refused write leaves nothing behind."""
    with transaction.atomic():
        right = {pk: one for pk, one in typed.answers.items() if pk not in typed.errors}
        edition = services.keep(rater, right, edition=typed.edition)
        if typed.potential is not None and services.asks_potential(rater):
            value, note = typed.potential
            services.set_potential(rater, potential=value, note=note)
    return edition


def _questions(rater: Rater) -> list[CycleQuestion]:
    return door.questions_for(rater.participant.cycle_id, rater.group)


def _shown(
    request: WorkspaceRequest,
    rater: Rater,
    typed: Typed | None = None,
    *,
    conflict: str = "",
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    page = page_of(rater, typed)
    today = request.workspace.today()
    context = {
        "page": page, "conflict": conflict, "problem": problem,
        "next": selectors.next_task(rater, viewer=request.viewer, today=today),
        "evidence": evidence.evidence_for(rater, viewer=request.viewer, workspace=request.workspace),
        "decline_url": _decline(request, page), "today": today,
    }  # fmt: skip
    return render(request, "reviews/forms/review_form.html", context, status=status)


def _decline(request: WorkspaceRequest, page: FormPage) -> str:
    """Return where a rater declines; nobody declines the self-review or a review as a manager."""
    if page.terms.group in selectors.IDENTIFIED or not page.is_open:
        return ""
    try:
        return reverse("decline_review", args=[request.workspace.slug, page.rater.pk])
    except NoReverseMatch:  # the slice of raters is not there
        return ""


@workspace_view(REVIEW)
@require_POST
def save_review(request: WorkspaceRequest, rater_id: int) -> HttpResponse:
    """Keep the answers that changed; answers in JSON with the new edition and how many are answered.

    409 with code `conflict` and the present edition when they were changed elsewhere, `handed_in`, `answers_closed`;
    400 with `errors` by field for what can't be kept, the rest is.
    """
    rater = selectors.own_rater(rater_id, viewer=request.viewer)
    questions = _questions(rater)
    typed = posted.read(request.POST, questions)
    try:
        edition = _keep(rater, typed)
    except DomainError as error:
        found = {"code": error.code, "message": str(error), "edition": door.own_sheet(rater).edition}
        return JsonResponse(found, status=error.status)
    answered = len(door.own_sheet(rater).answers)
    found = {"edition": edition, "answered": answered, "total": len(questions)}
    if typed.errors:
        errors = {f"q{pk}": text for pk, text in typed.errors.items()}
        return JsonResponse({**found, "code": "refused", "errors": errors}, status=400)
    return JsonResponse(found)


@workspace_view(REVIEW)
@require_http_methods(READ_WRITE)
def hand_in_review(request: WorkspaceRequest, rater_id: int) -> HttpResponse:
    """What is still missing and who will see it, before the answers count; a POST hands them in."""
    rater = selectors.own_rater(rater_id, viewer=request.viewer)
    problem = ""
    if request.method == "POST":
        try:
            with transaction.atomic():
                services.hand_in(rater)
        except DomainError as error:
            problem = str(error)
        else:
            messages.success(request, _("Handed in. You can take it back until the cycle is closed."))
            return _to_next(request, rater)
    context = {"page": page_of(rater), "problem": problem}
    return render(request, "reviews/forms/hand_in.html", context, status=409 if problem else 200)


def _to_next(request: WorkspaceRequest, rater: Rater) -> HttpResponse:
    """Go on to the next person, or back to the list when nobody is left."""
    slug = request.workspace.slug
    found = selectors.next_task(rater, viewer=request.viewer, today=request.workspace.today())
    to = reverse("my_reviews", args=[slug]) if found is None else reverse("review_form", args=[slug, found.pk])
    return HttpResponseRedirect(to)


@workspace_view(REVIEW)
@require_POST
def take_back_review(request: WorkspaceRequest, rater_id: int) -> HttpResponse:
    """Make a handed-in form a draft again."""
    rater = selectors.own_rater(rater_id, viewer=request.viewer)
    return _done(
        request, rater, services.take_back, _("It is a draft again, and doesn't count until you hand it in.")
    )


@workspace_view(REVIEW)
@require_http_methods(READ_WRITE)
def withdraw_review(request: WorkspaceRequest, rater_id: int) -> HttpResponse:
    """Ask whether all answers are to be removed; a POST removes them."""
    rater = selectors.own_rater(rater_id, viewer=request.viewer)
    if request.method == "POST":
        return _done(request, rater, services.withdraw, _("Your answers are removed."))
    return render(request, "reviews/forms/withdraw.html", {"page": page_of(rater)})


def _done(request: WorkspaceRequest, rater: Rater, write: Any, text: str) -> HttpResponse:
    try:
        with transaction.atomic():
            write(rater)
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, text)
    return HttpResponseRedirect(reverse("review_form", args=[request.workspace.slug, rater.pk]))


@workspace_view(REVIEW)
@require_POST
def review_hints(request: WorkspaceRequest, rater_id: int) -> HttpResponse:
    """Hints about a text while it is written, as a part of the page; nothing is stored, nothing is changed."""
    rater = selectors.own_rater(rater_id, viewer=request.viewer)
    questions = _questions(rater)
    wanted = request.POST.get("question", "")
    question = next((one for one in questions if f"q{one.pk}" == wanted and one.kind == QuestionKind.TEXT), None)
    if question is None:
        raise NotFound
    typed = posted.read(request.POST, [one for one in questions if one.kind == QuestionKind.SCALE])
    ratings = [
        (given.value, one.scale)
        for one in questions
        if one.questionnaire_id == question.questionnaire_id
        and (given := typed.answers.get(one.pk)) is not None
        and given.value is not None
        and 1 <= given.value <= one.scale
    ]
    found = hints_for(request.POST.get("text", ""), question, rater.participant.cycle, ratings)
    return render(request, "reviews/forms/hints.html", {"hints": found})
