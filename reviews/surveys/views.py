"""Pages of surveys: the list, one with its versions, a version to read with what changed."""

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
from perfmgmt.people.pages import READ_WRITE, tried
from reviews.models import Survey, SurveyPurpose, SurveyState
from reviews.permissions import MANAGE_SURVEYS, SEE_SURVEY_RESULTS, SEE_SURVEYS
from reviews.surveys import exports, selectors, services
from reviews.surveys.changes import changes
from reviews.surveys.content import content_of
from reviews.surveys.forms import SurveyForm
from reviews.surveys.pack import install_pack, pack
from reviews.surveys.shown import read_questions, read_texts

PER_PAGE = 30


def to(url_name: str, request: WorkspaceRequest, *args: int) -> HttpResponse:
    """Send to a page of the workspace."""
    return HttpResponseRedirect(reverse(url_name, args=[request.workspace.slug, *args]))


@workspace_view(SEE_SURVEYS)
@require_GET
def surveys(request: WorkspaceRequest) -> HttpResponse:
    """The surveys. Those that were never published are for who makes them."""
    wanted = selectors.read(request.GET.dict())
    found = selectors.surveys(wanted, viewer=request.viewer)
    context = {
        "wanted": wanted,
        "page": Paginator(found, PER_PAGE).get_page(request.GET.get("page")),
        "purposes": SurveyPurpose.choices,
        "states": SurveyState.choices,
        "manages": request.viewer.may(MANAGE_SURVEYS),
        "hears": request.viewer.may(SEE_SURVEY_RESULTS),
        "ready": [entry["name"]["en" if get_language() == "en" else "zh"] for entry in pack()],
    }
    return render(request, "reviews/surveys/surveys.html", context)


@workspace_view(SEE_SURVEYS)
@require_POST
def export_surveys(request: WorkspaceRequest) -> HttpResponse:
    """Start writing the surveys of the list, with their questions, to a file."""
    query = {key: value for key, value in request.GET.dict().items() if key in selectors.PARAMETERS}
    params = {"query": query, "language": get_language() or "en"}
    job = jobs.start(exports.EXPORT, params, user_id=request.viewer.user_id)
    return to("job", request, job.pk)


@workspace_view(MANAGE_SURVEYS)
@require_POST
def add_ready_surveys(request: WorkspaceRequest) -> HttpResponse:
    """Add the ready surveys that are missing, as drafts."""
    added = len(install_pack())
    text = ngettext(
        "%(n)s survey added as a draft. Look at it and publish it.",
        "%(n)s surveys added as drafts. Look at them and publish them.", added,
    ) % {"n": added}  # fmt: skip
    messages.success(request, text if added else _("They are all there already."))
    return to("surveys", request)


@workspace_view(MANAGE_SURVEYS)
@require_http_methods(READ_WRITE)
def new_survey(request: WorkspaceRequest) -> HttpResponse:
    """Make an empty survey and go on to its editor."""
    data = request.POST if request.method == "POST" else None
    form = SurveyForm(data)
    if data is not None and form.is_valid():
        made = tried(form, lambda: services.create_survey(form.settings()))
        if made is not None:
            return to("edit_survey_version", request, made.versions.get().pk)
    context = {"form": form, "title": _("New survey")}
    return render(request, "reviews/surveys/survey_form.html", context, status=200 if data is None else 400)


@workspace_view(SEE_SURVEYS)
@require_GET
def survey(request: WorkspaceRequest, survey_id: int) -> HttpResponse:
    """A survey with its versions, the newest first."""
    found = selectors.survey_of(survey_id, viewer=request.viewer)
    versions = selectors.versions_of(found, viewer=request.viewer)
    context = {
        "survey": found,
        "versions": versions,
        "draft": next((one for one in versions if one.is_draft), None),
        "has_published": any(not one.is_draft for one in versions),
        "manages": request.viewer.may(MANAGE_SURVEYS),
    }
    return render(request, "reviews/surveys/survey.html", context)


@workspace_view(MANAGE_SURVEYS)
@require_http_methods(READ_WRITE)
def edit_survey(request: WorkspaceRequest, survey_id: int) -> HttpResponse:
    """Change what a survey is called, where replies go and, before it is published, what it is for."""
    found = selectors.survey_of(survey_id, viewer=request.viewer)
    fixed = any(not one.is_draft for one in selectors.versions_of(found, viewer=request.viewer))
    data = request.POST if request.method == "POST" else None
    form = SurveyForm(data, survey=found, fixed=fixed)
    if data is not None and form.is_valid():
        saved = tried(form, lambda: services.edit_survey(survey_id, form.settings()))
        if saved is not None:
            messages.success(request, _("Saved."))
            return to("survey", request, survey_id)
    context = {"form": form, "title": _("Name and purpose"), "survey": found, "fixed": fixed}
    return render(request, "reviews/surveys/survey_form.html", context, status=200 if data is None else 400)


@workspace_view(MANAGE_SURVEYS)
@require_http_methods(READ_WRITE)
def copy_survey(request: WorkspaceRequest, survey_id: int) -> HttpResponse:
    """Make a survey with the content of another one's newest version."""
    source = selectors.survey_of(survey_id, viewer=request.viewer)
    data = request.POST if request.method == "POST" else None
    form = SurveyForm(data, initial=_copied(source))
    if data is not None and form.is_valid():
        made = tried(form, lambda: services.copy_survey(survey_id, form.settings()))
        if made is not None:
            return to("edit_survey_version", request, made.versions.get().pk)
    context = {"form": form, "title": _("Copy a survey"), "source": source}
    return render(request, "reviews/surveys/survey_form.html", context, status=200 if data is None else 400)


def _copied(source: Survey) -> dict[str, Any]:
    zh = f"{source.name_zh[:100]}（副本）" if source.name_zh else ""
    en = f"{source.name_en[:100]} (copy)" if source.name_en else ""
    same = {"purpose": source.purpose, "reply_to": source.reply_to, "by_link": source.by_link}
    return {"name_zh": zh, "name_en": en, **same}


@workspace_view(MANAGE_SURVEYS)
@require_POST
def set_survey_state(request: WorkspaceRequest, survey_id: int) -> HttpResponse:
    """Close a survey, open it again, archive it or bring it back."""
    found = services.set_state(survey_id, request.POST.get("state", ""))
    words = {
        SurveyState.OPEN: _("Open again: it may be sent."),
        SurveyState.CLOSED: _("Closed: it is not sent."),
        SurveyState.ARCHIVED: _("Archived."),
        SurveyState.DRAFT: _("Brought back."),
    }
    messages.success(request, words[SurveyState(found.state)])
    return to("survey", request, survey_id)


@workspace_view(MANAGE_SURVEYS)
@require_POST
def start_survey_draft(request: WorkspaceRequest, survey_id: int) -> HttpResponse:
    """Begin the next version, or open the one that was begun."""
    return to("edit_survey_version", request, services.start_draft(survey_id).pk)


@workspace_view(SEE_SURVEYS)
@require_GET
def survey_version(request: WorkspaceRequest, survey_version_id: int) -> HttpResponse:
    """A version to read, in both languages, with what changed since the one before."""
    version = selectors.version_of(survey_version_id, viewer=request.viewer)
    content = content_of(version)
    before = selectors.version_before(version)
    context = {
        "version": version,
        "survey": version.survey,
        "content": content,
        "texts": read_texts(content),
        "questions": read_questions(content),
        "before": before,
        "changes": changes(content_of(before), content) if before is not None else [],
        "manages": request.viewer.may(MANAGE_SURVEYS),
    }
    return render(request, "reviews/surveys/version.html", context)
