"""Pages of scorecards: the list, one with its versions, a version to read, two compared."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from perfmgmt.jobs import services as jobs
from perfmgmt.people.access import WorkspaceRequest, workspace_view
from perfmgmt.people.models import SalesRoleType
from perfmgmt.people.pages import READ_WRITE, tried
from perfmgmt.tenants.errors import NotFound
from reviews.models import Rhythm, Scorecard, ScorecardVersion
from reviews.permissions import MANAGE_SCORECARDS, SEE_SCORECARDS
from reviews.scorecards import exports, pages, selectors, services
from reviews.scorecards.content import content_of
from reviews.scorecards.forms import ScorecardForm
from reviews.scorecards.pack import install_pack
from reviews.scorecards.preview import MOST_BACK, compare, last_period, people_for

PER_PAGE = 30


@workspace_view(SEE_SCORECARDS)
@require_GET
def scorecards(request: WorkspaceRequest) -> HttpResponse:
    """The scorecards: who is assessed by which, in which version. Drafts are for who makes them."""
    wanted, manages = selectors.read(request.GET.dict()), request.viewer.may(MANAGE_SCORECARDS)
    found = selectors.scorecards(wanted)
    if not manages:
        found = found.filter(newest__isnull=False)
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "wanted": wanted,
        "page": page,
        "people": selectors.assessed_now(page, workspace=request.workspace),
        "rhythms": Rhythm.choices,
        "types": SalesRoleType.choices,
        "manages": manages,
    }
    return render(request, "reviews/scorecards/scorecards.html", context)


@workspace_view(SEE_SCORECARDS)
@require_POST
def export_scorecards(request: WorkspaceRequest) -> HttpResponse:
    """Start writing the scorecards of the list, with their parts, to a file."""
    query = {key: value for key, value in request.GET.dict().items() if key in selectors.PARAMETERS}
    params = {"query": query, "language": get_language() or "en"}
    job = jobs.start(exports.EXPORT, params, user_id=request.viewer.user_id)
    return HttpResponseRedirect(reverse("job", args=[request.workspace.slug, job.pk]))


@workspace_view(MANAGE_SCORECARDS)
@require_POST
def add_ready_scorecards(request: WorkspaceRequest) -> HttpResponse:
    """Add the ready scorecards that are missing, as drafts."""
    added = len(install_pack())
    text = ngettext(
        "%(n)s scorecard added as a draft. Look at it and publish it.",
        "%(n)s scorecards added as drafts. Look at them and publish them.", added,
    ) % {"n": added}  # fmt: skip
    messages.success(request, text if added else _("They are all there already."))
    return HttpResponseRedirect(reverse("scorecards", args=[request.workspace.slug]))


@workspace_view(SEE_SCORECARDS)
@require_GET
def scorecard(request: WorkspaceRequest, scorecard_id: int) -> HttpResponse:
    """A scorecard: what counts by the version of today, and its versions, the newest first."""
    card = selectors.scorecard_of(scorecard_id)
    manages = request.viewer.may(MANAGE_SCORECARDS)
    versions = [one for one in selectors.versions_of(card) if manages or one.is_published]
    if not (versions or manages):
        raise NotFound
    shown = _of_today(versions, request)
    context = {
        "card": card,
        "shown": shown,
        "dimensions": _dimensions(shown, request) if shown else [],
        "versions": versions,
        "draft": next((one for one in versions if not one.is_published), None),
        "others": [one for one in selectors.comparable() if one.pk != versions[0].pk] if manages and versions else [],
        "people": selectors.assessed_now([card], workspace=request.workspace).get(card.pk, 0),
        "manages": manages,
    }
    return render(request, "reviews/scorecards/scorecard.html", context)


def _of_today(versions: Sequence[ScorecardVersion], request: WorkspaceRequest) -> ScorecardVersion | None:
    """Return the version that counts today, else the first to come, else the draft; `versions` newest first."""
    today = request.workspace.today()
    published = [one for one in versions if one.is_published]
    counting = [one for one in published if one.valid_from is not None and one.valid_from <= today]
    return next(iter(counting or published[::-1] or versions), None)


def _dimensions(version: ScorecardVersion, request: WorkspaceRequest) -> list[dict[str, Any]]:
    """Return what a version says, to read."""
    return pages.read_dimensions(selectors.shown(content_of(version)), request.workspace.currency)


@workspace_view(MANAGE_SCORECARDS)
@require_http_methods(READ_WRITE)
def new_scorecard(request: WorkspaceRequest) -> HttpResponse:
    """Make a scorecard: empty, or with what another one says (`?from=`)."""
    source = _source(request)
    data = request.POST if request.method == "POST" else None
    form = ScorecardForm(data, initial=_copied(source) if source else {})
    if data is not None and form.is_valid():
        content = content_of(selectors.versions_of(source)[0]) if source else None
        made = tried(form, lambda: services.create_scorecard(form.draft(), content))
        if made is not None:
            return pages.to("edit_scorecard_version", request, made.versions.get().pk)
    context = {"form": form, "source": source, "title": _("Copy a scorecard") if source else _("New scorecard")}
    return render(request, "reviews/scorecards/scorecard_form.html", context, status=200 if data is None else 400)


def _source(request: WorkspaceRequest) -> Scorecard | None:
    asked = pages.number(request.GET.get("from", ""))
    return selectors.scorecard_of(asked) if asked else None


def _copied(card: Scorecard) -> dict[str, Any]:
    zh = _("{name} (copy)").format(name=card.name_zh[:100]) if card.name_zh else ""
    en = f"{card.name_en[:100]} (copy)" if card.name_en else ""
    return {"name_zh": zh, "name_en": en, "rhythm": card.rhythm}


@workspace_view(MANAGE_SCORECARDS)
@require_http_methods(READ_WRITE)
def edit_scorecard(request: WorkspaceRequest, scorecard_id: int) -> HttpResponse:
    """Change what a scorecard is called and, before it is published, for whom it is."""
    card = selectors.scorecard_of(scorecard_id)
    data = request.POST if request.method == "POST" else None
    fixed = any(one.is_published for one in selectors.versions_of(card))
    form = ScorecardForm(data, card=card, fixed=fixed)
    if data is not None and form.is_valid():
        saved = tried(form, lambda: services.edit_scorecard(scorecard_id, form.draft()))
        if saved is not None:
            messages.success(request, _("Saved."))
            return pages.to("scorecard", request, scorecard_id)
    context = {"form": form, "card": card, "fixed": fixed, "title": _("Change the scorecard")}
    return render(request, "reviews/scorecards/scorecard_form.html", context, status=200 if data is None else 400)


@workspace_view(MANAGE_SCORECARDS)
@require_POST
def archive_scorecard(request: WorkspaceRequest, scorecard_id: int) -> HttpResponse:
    """Archive a scorecard, or bring it back (`back=1`)."""
    archived = request.POST.get("back") != "1"
    card = services.archive_scorecard(scorecard_id, archived=archived, today=request.workspace.today())
    text = _("“{name}” is archived. Periods that are over keep it.") if archived else _("“{name}” is in use again.")
    messages.success(request, text.format(name=card.name))
    return pages.to("scorecard", request, scorecard_id)


@workspace_view(MANAGE_SCORECARDS)
@require_POST
def start_scorecard_draft(request: WorkspaceRequest, scorecard_id: int) -> HttpResponse:
    """Begin the next version, or open the one that was begun."""
    return pages.to("edit_scorecard_version", request, services.start_draft(scorecard_id).pk)


@workspace_view(SEE_SCORECARDS)
@require_GET
def scorecard_version(request: WorkspaceRequest, version_id: int) -> HttpResponse:
    """A version to read: what counts how much, and how figures become points."""
    version = selectors.version_of(version_id, drafts=request.viewer.may(MANAGE_SCORECARDS))
    content = content_of(version)
    context = {
        "version": version,
        "card": version.scorecard,
        "dimensions": _dimensions(version, request),
        "bands": content.bands,
        "missing": version.get_missing_display(),
        "manages": request.viewer.may(MANAGE_SCORECARDS),
    }
    return render(request, "reviews/scorecards/version.html", context)


@workspace_view(MANAGE_SCORECARDS)
@require_GET
def compare_scorecards(request: WorkspaceRequest) -> HttpResponse:
    """Two versions (`?first=`, `?second=`) on the same people of a period that is over (`?back=`)."""
    query = request.GET
    choices = [(one.pk, pages.version_name(one)) for one in selectors.comparable()]
    if not (query.get("first") and query.get("second")):
        return render(request, "reviews/scorecards/compare.html", {"choices": choices})
    first = selectors.version_of(pages.number(query["first"]))
    second = selectors.version_of(pages.number(query["second"]))
    back = min(max(pages.number(query.get("back", "1")), 1), MOST_BACK)
    period = last_period(first.scorecard.rhythm, request.workspace, back)
    people = people_for(first.scorecard, period, without=request.viewer.employee_id)
    rows = compare(content_of(first), content_of(second), people, period)
    context = {
        "choices": choices,
        "first": first,
        "second": second,
        "names": [pages.version_name(first), pages.version_name(second)],
        "period": period,
        "back": back,
        "backs": [(at, last_period(first.scorecard.rhythm, request.workspace, at)) for at in range(1, MOST_BACK + 1)],
        "rows": pages.compared_rows(rows),
        "summary": pages.compared_summary(rows),
    }
    return render(request, "reviews/scorecards/compare.html", context)
