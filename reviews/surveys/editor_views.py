"""The editor of a draft: saved as a whole, changed by its buttons, thrown away, published."""

from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from perfmgmt.people.access import WorkspaceRequest, workspace_view
from perfmgmt.people.pages import READ_WRITE
from perfmgmt.tenants.errors import Conflict, DomainError, NotFound
from reviews.models import Survey, SurveyVersion
from reviews.permissions import MANAGE_SURVEYS
from reviews.surveys import logos, selectors, services, typed
from reviews.surveys.changes import changes
from reviews.surveys.checks import problems
from reviews.surveys.content import SurveyDraft, content_of, stamp
from reviews.surveys.shown import editor_context, read_questions, read_texts
from reviews.surveys.views import to


@workspace_view(MANAGE_SURVEYS)
@require_http_methods(READ_WRITE)
def edit_survey_version(request: WorkspaceRequest, survey_version_id: int) -> HttpResponse:
    """Change a draft. A button that only changes the form (`do`) saves nothing; `do=save` saves all of it."""
    version = selectors.version_of(survey_version_id, viewer=request.viewer)
    if not version.is_draft:
        return to("survey_version", request, survey_version_id)
    content = content_of(version)
    if request.method != "POST":
        return _page(request, version, content, stamp(content), marked="check" in request.GET)
    draft = typed.read(request.POST, logo=content.logo)
    seen, act = request.POST.get("seen", ""), request.POST.get("do", "save")
    if act not in ("save", "preview", "publish"):
        return _page(request, version, typed.changed(draft, act), seen, is_changed=True)
    try:
        services.save_draft(survey_version_id, _with_logo(request, draft), seen=seen)
    except NotFound:
        raise
    except (Conflict, DomainError) as error:
        return _page(request, version, draft, seen, problem=str(error), is_changed=True, status=error.status)
    if act != "save":
        return to("survey_preview" if act == "preview" else "publish_survey", request, survey_version_id)
    messages.success(request, _("Saved as a draft."))
    return to("edit_survey_version", request, survey_version_id)


def _with_logo(request: WorkspaceRequest, draft: SurveyDraft) -> SurveyDraft:
    """Return the draft with the picture that was sent, or without one. Raises BadLogo."""
    file = request.FILES.get("logo")
    if file is not None:
        return replace(draft, logo=logos.keep(logos.encoded(file, file.size or 0)))
    return replace(draft, logo="") if request.POST.get("remove_logo") else draft


def _page(
    request: WorkspaceRequest,
    version: SurveyVersion,
    draft: SurveyDraft,
    seen: str,
    *,
    problem: str = "",
    marked: bool = False,
    is_changed: bool = False,
    status: int = 200,
) -> HttpResponse:
    against = problems(draft) if marked and not problem else []
    context: dict[str, Any] = {
        "version": version,
        "survey": version.survey,
        "seen": seen,
        "problem": problem,
        "problems": against,
        "is_changed": is_changed,
        **editor_context(draft, against),
    }
    if request.headers.get("HX-Request") == "true":
        return render(request, "reviews/surveys/editor_form.html", context)
    return render(request, "reviews/surveys/editor.html", context, status=status)


@workspace_view(MANAGE_SURVEYS)
@require_POST
def discard_survey_draft(request: WorkspaceRequest, survey_version_id: int) -> HttpResponse:
    """Throw a draft away."""
    survey_id = services.discard_draft(survey_version_id, seen=request.POST.get("seen", ""))
    messages.success(request, _("The draft is thrown away."))
    if Survey.objects.filter(pk=survey_id).exists():
        return to("survey", request, survey_id)
    return to("surveys", request)


@workspace_view(MANAGE_SURVEYS)
@require_http_methods(READ_WRITE)
def publish_survey(request: WorkspaceRequest, survey_version_id: int) -> HttpResponse:
    """Publish a draft: what stands against it with a link to each place, what changed, what it says."""
    version = selectors.version_of(survey_version_id, viewer=request.viewer)
    if not version.is_draft:
        return to("survey_version", request, survey_version_id)
    problem = ""
    if request.method == "POST":
        try:
            seen = request.POST.get("seen", "")
            services.publish(survey_version_id, seen=seen, user_id=request.viewer.user_id)
        except NotFound:
            raise
        except (Conflict, DomainError) as error:
            problem = str(error)
        else:
            messages.success(request, _("Published. It is what customers get from now on."))
            return to("survey", request, version.survey_id)
    content = content_of(version)
    before = selectors.version_before(version)
    context = {
        "version": version,
        "survey": version.survey,
        "seen": stamp(content),
        "problem": problem,
        "problems": problems(content),
        "before": before,
        "changes": changes(content_of(before), content) if before is not None else [],
        "texts": read_texts(content),
        "questions": read_questions(content),
    }
    return render(request, "reviews/surveys/publish.html", context, status=400 if problem else 200)
