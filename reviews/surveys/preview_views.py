"""Previews of a version as customers get it: the mail as HTML and as text, the page; and a test by mail."""

import base64
from typing import Any

from allauth.core import ratelimit
from csp.constants import NONE, SELF, UNSAFE_INLINE
from csp.decorators import csp, csp_replace
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from perfmgmt.notify.letters import Written
from perfmgmt.people.access import WorkspaceRequest, public_view, signed_in_user, workspace_view
from perfmgmt.people.account_views import TooMany
from perfmgmt.people.pages import READ_WRITE
from perfmgmt.tenants.errors import DomainError, NotFound
from reviews.models import SurveyLanguage, SurveyVersion
from reviews.permissions import MANAGE_SURVEYS, SEE_SURVEYS
from reviews.surveys import logos, selectors
from reviews.surveys import page as pages
from reviews.surveys.colours import is_colour, is_readable
from reviews.surveys.content import Occasion, SurveyDraft, content_of
from reviews.surveys.forms import SendTestForm
from reviews.surveys.letters import letter
from reviews.surveys.testing import Links, previewable, sample, send_test, stand_in

SHOWS = ("mail", "text", "page")
WIDTHS = ("wide", "phone")
#: The mail has its styles inside, as mail clients ask for; nothing else may run or be loaded.
MAIL_POLICY = {
    "default-src": [NONE], "img-src": ["data:"], "style-src": [UNSAFE_INLINE], "base-uri": [NONE],
    "form-action": [NONE], "frame-ancestors": [SELF],
}  # fmt: skip


def _language(request: HttpRequest, draft: SurveyDraft) -> str:
    """Return the language that the address asks for; else the one that customers get first."""
    found = request.POST.get("lang") or request.GET.get("lang", "")
    return found if found in SurveyLanguage.values else str(draft.first_language)


def _address(request: WorkspaceRequest, name: str, version: SurveyVersion, **query: str | int) -> str:
    text = "&".join(f"{key}={value}" for key, value in query.items())
    return reverse(name, args=[request.workspace.slug, version.pk]) + (f"?{text}" if text else "")


def _occasion(request: WorkspaceRequest, version: SurveyVersion, language: str) -> Occasion:
    return sample(request.workspace.name, version.survey.purpose, language, request.workspace.today())


def _other(language: str) -> str:
    return str(SurveyLanguage.ZH if language == SurveyLanguage.EN else SurveyLanguage.EN)


def _links(request: WorkspaceRequest, version: SurveyVersion, language: str) -> Links:
    """Links of a mail that lead to the preview, as whole addresses: a test is opened in a mail client."""

    def absolute(name: str, **query: str | int) -> str:
        return request.build_absolute_uri(_address(request, name, version, **query))

    def answer(score: int | None) -> str:
        more: dict[str, str | int] = {} if score is None else {"score": score}
        return absolute("survey_preview_page", lang=language, **more)

    return Links(
        answer, absolute("survey_preview_page", lang=_other(language)), absolute("survey_preview", lang=language)
    )


def _written(request: WorkspaceRequest, version: SurveyVersion, draft: SurveyDraft, language: str) -> Written:
    links = _links(request, version, language)
    logo = logos.read(draft.logo)
    return letter(
        stand_in(draft), language, _occasion(request, version, language), answer_url=links.answer,
        unsubscribe_url=links.unsubscribe, other_url=links.other,
        logo_url=f"data:image/png;base64,{base64.b64encode(logo).decode()}" if logo else "",
    )  # fmt: skip


@workspace_view(SEE_SURVEYS)
@require_GET
def survey_preview(request: WorkspaceRequest, survey_version_id: int) -> HttpResponse:
    """What customers get: `?show=` mail, text or page, `?width=` wide or phone, `?lang=`."""
    version = selectors.version_of(survey_version_id, viewer=request.viewer)
    return _preview(request, version, content_of(version), None)


def _preview(
    request: WorkspaceRequest, version: SurveyVersion, draft: SurveyDraft, form: SendTestForm | None
) -> HttpResponse:
    language = _language(request, draft)
    show = request.GET.get("show", "") if request.GET.get("show") in SHOWS else SHOWS[0]
    width = request.GET.get("width", "") if request.GET.get("width") in WIDTHS else WIDTHS[0]
    user = signed_in_user(request)
    words = dict(SurveyLanguage.choices)
    context: dict[str, Any] = {
        "version": version,
        "survey": version.survey,
        "show": show,
        "shows": [("mail", _("Mail")), ("text", _("Mail as plain text")), ("page", _("Page"))],
        "width": width,
        "widths": [("wide", "1440 px"), ("phone", "390 px")],
        "lang": language,
        "langs": [(code, words[code]) for code in draft.languages],
        "frame": _address(request, "survey_preview_page" if show == "page" else "survey_preview_mail", version,
                          lang=language),
        "written": _written(request, version, draft, language) if previewable(draft) else None,
        "form": form or SendTestForm(initial={"to": user.email, "language": language}),
        "manages": request.viewer.may(MANAGE_SURVEYS),
    }  # fmt: skip
    return render(request, "reviews/surveys/preview.html", context, status=400 if form is not None else 200)


@xframe_options_sameorigin
@csp(MAIL_POLICY)
@workspace_view(SEE_SURVEYS)
@require_GET
def survey_preview_mail(request: WorkspaceRequest, survey_version_id: int) -> HttpResponse:
    """The HTML of the mail on its own, for the frame of the preview."""
    version = selectors.version_of(survey_version_id, viewer=request.viewer)
    draft = content_of(version)
    if not previewable(draft):
        raise NotFound
    return HttpResponse(_written(request, version, draft, _language(request, draft)).html)


@xframe_options_sameorigin
@csp_replace({"frame-ancestors": [SELF]})
@workspace_view(SEE_SURVEYS)
@require_http_methods(READ_WRITE)
def survey_preview_page(request: WorkspaceRequest, survey_version_id: int) -> HttpResponse:
    """The page on which customers answer, to be tried: what is sent is checked, and nothing is saved."""
    version = selectors.version_of(survey_version_id, viewer=request.viewer)
    draft = stand_in(content_of(version))
    language = _language(request, draft)
    parsed = pages.parse(draft, request.POST) if request.method == "POST" else None
    answers = pages.filled_in(draft, request.GET.get("score", "")) if parsed is None else parsed.answers
    sent = {
        one.key: request.POST.get(f"{pages.PREFIX}{one.key}", "") for one in draft.questions if one.kind == "text"
    }
    with override(language):
        context = pages.context(
            draft, language, _occasion(request, version, language), answers=answers,
            errors=parsed.errors if parsed else None, typed=sent,
            other_url=_address(request, "survey_preview_page", version, lang=_other(language)),
            logo_url=_address(request, "survey_logo", version) if draft.logo else "",
        )  # fmt: skip
        context |= {"is_preview": True}
        is_done = parsed is not None and parsed.is_finished
        name = "surveys/thanks.html" if is_done else "surveys/answer.html"
        return render(request, name, context, status=400 if parsed is not None and parsed.errors else 200)


@workspace_view(SEE_SURVEYS)
@require_GET
def survey_logo(request: WorkspaceRequest, survey_version_id: int) -> HttpResponse:
    """The logo of a version: a PNG that was written here."""
    data = logos.read(selectors.version_of(survey_version_id, viewer=request.viewer).logo)
    if data is None:
        raise NotFound
    response = HttpResponse(data, content_type="image/png")
    response["X-Content-Type-Options"] = "nosniff"
    return response


@public_view("a colour of the address as a style sheet; reads nothing, so that customers' pages need no inline style")
@require_GET
def survey_look(request: HttpRequest, colour: str) -> HttpResponse:
    """The accent colour as a style sheet; one on which white can't be read becomes the usual one."""
    wanted = f"#{colour.lower()}"
    shown = wanted if is_colour(wanted) and is_readable(wanted) else SurveyDraft.accent
    response = HttpResponse(f":root {{ --survey: {shown}; }}\n", content_type="text/css")
    response["Cache-Control"] = "public, max-age=31536000, immutable"
    return response


@workspace_view(MANAGE_SURVEYS)
@require_POST
def send_survey_test(request: WorkspaceRequest, survey_version_id: int) -> HttpResponse:
    """Send a test of a version to oneself or to somebody who works here."""
    version = selectors.version_of(survey_version_id, viewer=request.viewer)
    form = SendTestForm(request.POST)
    if form.is_valid():
        if not ratelimit.consume(request, action="survey_test"):
            raise TooMany
        to, language = form.cleaned_data["to"], form.cleaned_data["language"]
        try:
            mail = send_test(
                version, to=to, language=language, user=signed_in_user(request), company=request.workspace.name,
                today=request.workspace.today(), links=_links(request, version, language),
            )  # fmt: skip
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            text = _("A test is on its way to {address}.") if mail.is_waiting else _(
                "A test for {address} is kept under Mail: there is no mail server.")  # fmt: skip
            messages.success(request, text.format(address=mail.recipient))
            return HttpResponseRedirect(_address(request, "survey_preview", version, lang=language))
    return _preview(request, version, content_of(version), form)
