"""The editor of a draft: saved as a whole, changed by its buttons, previewed live, published."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from perfmgmt.people.access import WorkspaceRequest, workspace_view
from perfmgmt.people.pages import READ_WRITE, tried
from perfmgmt.tenants.errors import Conflict, DomainError
from reviews.models import Scorecard, ScorecardVersion
from reviews.permissions import MANAGE_SCORECARDS
from reviews.scorecards import editor, pages, selectors, services, typed
from reviews.scorecards.checks import check_draft, names_of, problems
from reviews.scorecards.content import VersionDraft, content_of, named, stamp
from reviews.scorecards.forms import PublishForm, periods_from
from reviews.scorecards.preview import MOST_BACK, last_period, people_for, preview


@workspace_view(MANAGE_SCORECARDS)
@require_http_methods(READ_WRITE)
def edit_scorecard_version(request: WorkspaceRequest, version_id: int) -> HttpResponse:
    """Change a draft. A button that only changes the form (`do`) saves nothing; `do=save` saves all of it."""
    version = selectors.version_of(version_id)
    if version.is_published:
        return pages.to("scorecard_version", request, version_id)
    if request.method != "POST":
        content = content_of(version)
        return _page(request, version, typed.typed_of(content), stamp(content))
    found, seen = typed.read(request.POST), request.POST.get("seen", "")
    act = request.POST.get("do", "save")
    if act != "save" and act != "publish":
        typed.apply(found, act)
        return _page(request, version, found, seen)
    draft, wrong = typed.draft_of(found)
    problem = _("Some fields can't be read. They are marked below.") if wrong else _saved(version_id, draft, seen)
    if problem:
        return _page(request, version, found, seen, wrong=wrong, problem=str(problem), status=400)
    if act == "publish":
        return pages.to("publish_scorecard", request, version_id)
    messages.success(request, _("Saved as a draft."))
    return pages.to("edit_scorecard_version", request, version_id)


def _saved(version_id: int, draft: VersionDraft, seen: str) -> str:
    """Save a draft; return what stands against it, "" when it is saved."""
    try:
        services.save_draft(version_id, draft, seen=seen)
    except (Conflict, DomainError) as error:
        return str(error)
    return ""


def _page(
    request: WorkspaceRequest,
    version: ScorecardVersion,
    found: typed.Typed,
    seen: str,
    *,
    wrong: dict[str, str] | None = None,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    context: dict[str, Any] = {
        "version": version,
        "card": version.scorecard,
        "seen": seen,
        "problem": problem,
        **editor.context_of(found, wrong or {}, request.workspace.currency),
    }
    if request.headers.get("HX-Request") == "true":
        return render(request, "reviews/scorecards/editor_form.html", context)
    context["backs"] = _backs(version.scorecard, request)
    return render(request, "reviews/scorecards/editor.html", context, status=status)


def _backs(card: Scorecard, request: WorkspaceRequest) -> list[Any]:
    return [(at, last_period(card.rhythm, request.workspace, at)) for at in range(1, MOST_BACK + 1)]


@workspace_view(MANAGE_SCORECARDS)
@require_POST
def preview_scorecard(request: WorkspaceRequest, version_id: int) -> HttpResponse:
    """What the form, as it is typed, would give people of a period that is over. Nothing is saved."""
    version = selectors.version_of(version_id)
    draft, wrong = typed.draft_of(typed.read(request.POST))
    back = min(max(pages.number(request.POST.get("back", "1")), 1), MOST_BACK)
    period = last_period(version.scorecard.rhythm, request.workspace, back)
    context: dict[str, Any] = {"period": period, "problem": ""}
    try:
        names = names_of(draft)
        draft = named(draft, names)
        check_draft(draft, names)
        if wrong:
            context["problem"] = _("The preview comes back when every field can be read.")
        else:
            dimensions = selectors.shown(draft, names)
            rows = preview(draft, people_for(version.scorecard, period, without=request.viewer.employee_id), period)
            context |= {
                "rows": pages.preview_rows(rows, dimensions),
                "dimensions": dimensions,
                "against": [str(one) for one in problems(draft, names)],
            }
    except DomainError as error:
        context["problem"] = str(error)
    return render(request, "reviews/scorecards/preview.html", context)


@workspace_view(MANAGE_SCORECARDS)
@require_POST
def discard_scorecard_draft(request: WorkspaceRequest, version_id: int) -> HttpResponse:
    """Throw a draft away."""
    card_id = services.discard_draft(version_id, seen=request.POST.get("seen", ""))
    messages.success(request, _("The draft is thrown away."))
    if Scorecard.objects.filter(pk=card_id).exists():
        return pages.to("scorecard", request, card_id)
    return pages.to("scorecards", request)


@workspace_view(MANAGE_SCORECARDS)
@require_http_methods(READ_WRITE)
def publish_scorecard(request: WorkspaceRequest, version_id: int) -> HttpResponse:
    """Publish a draft: what stands against it, what it says, from which period on it counts."""
    version, workspace = selectors.version_of(version_id), request.workspace
    if version.is_published:
        return pages.to("scorecard_version", request, version_id)
    content = content_of(version)
    names = names_of(content)
    periods = periods_from(version.scorecard, selectors.first_free_day(version.scorecard), workspace)
    data = request.POST if request.method == "POST" else None
    form = PublishForm(data, periods=periods, workspace=workspace)
    if data is not None and form.is_valid():
        done = tried(form, lambda: services.publish(
            version_id, valid_from=form.day(), seen=data.get("seen", ""), user_id=request.viewer.user_id,
            fiscal_start_month=workspace.fiscal_start_month,
        ))  # fmt: skip
        if done is not None:
            messages.success(request, _("Published. Show it to the people, so that they know before the period."))
            return pages.to("scorecard", request, version.scorecard_id)
    context = {
        "version": version,
        "card": version.scorecard,
        "form": form,
        "seen": stamp(content) if data is None else data.get("seen", ""),
        "problems": [str(one) for one in problems(content, names)],
        "dimensions": pages.read_dimensions(selectors.shown(content, names), workspace.currency),
    }
    return render(request, "reviews/scorecards/publish.html", context, status=200 if data is None else 400)
