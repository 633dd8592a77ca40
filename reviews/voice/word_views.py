"""Pages of customers' words, and the themes that are given to them."""

from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET, require_POST

from perfmgmt.jobs import services as jobs
from perfmgmt.people.access import WorkspaceRequest, workspace_view
from perfmgmt.tenants.errors import NotFound
from reviews.asking import selectors as asking
from reviews.models import Survey, SurveyAnswer, SurveyPurpose, VoiceTheme
from reviews.permissions import SEE_WORDS, TAG_WORDS
from reviews.surveys.views import to
from reviews.voice import exports, themes
from reviews.voice.access import Scope
from reviews.voice.hiding import real_id
from reviews.voice.page import filter_options
from reviews.voice.selectors import minimum
from reviews.voice.views import heard, params_of, theme_link
from reviews.voice.wanted import Wanted, read
from reviews.voice.words import Reading, theme_counts

PER_PAGE = 20


@workspace_view(SEE_WORDS)
@require_GET
def survey_words(request: WorkspaceRequest, survey_id: int) -> HttpResponse:
    """What customers wrote, searched and filtered; personal data masked for who may not see it."""
    survey, today = heard(survey_id), request.workspace.today()
    wanted = read(request.GET.dict(), survey.purpose)
    reading = Reading(survey, wanted, request.viewer, today)
    named = reading.named()
    page = Paginator(named, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "survey": survey, "wanted": wanted, "page": page, "words": reading.shown(page.object_list),
        "unnamed": reading.unnamed(), "purposes": SurveyPurpose.choices,
        "offered": asking.months_of(survey, today), "options": options_of(survey, wanted, reading.scope),
        "bands": [("low", _("Low scores")), ("middle", _("Middle scores")), ("high", _("High scores"))],
        "sorts": [("-day", _("Newest first")), ("day", _("Oldest first")), ("score", _("Lowest score first")),
                  ("-score", _("Highest score first"))],
        "themes": [one for one in reading.themes if not one.is_archived],
        "counts": theme_counts(named, reading.themes, minimum()), "words_url": theme_link(request, survey.pk),
        "tags": request.viewer.may(TAG_WORDS),
        "has_unnamed": any(not q.identified for q in reading.questions.values()),
        "all_word": pgettext("filter", "All"),
    }  # fmt: skip
    return render(request, "reviews/voice/words.html", context)


def options_of(survey: Survey, wanted: Wanted, scope: Scope) -> dict[str, list[tuple[int | str, str]]]:
    """Return what the filters offer."""
    return filter_options(survey, Wanted(purpose=wanted.purpose), scope)


@workspace_view(TAG_WORDS)
@require_POST
def theme_words(request: WorkspaceRequest, words_id: int) -> HttpResponse:
    """Give words a theme or take it back; answers with the row of themes, or goes back to the page without HTMX."""
    answer = (
        SurveyAnswer.objects.select_related("invitation__survey").filter(pk=real_id(words_id), kind="text").first()
    )
    theme_id, _colon, sent = request.POST.get("theme", "").partition(":")
    if answer is None or not theme_id.isdecimal() or len(theme_id) > 18:
        raise NotFound
    survey = answer.invitation.survey
    wanted = Wanted(purpose=answer.invitation.purpose)
    reading = Reading(survey, wanted, request.viewer, request.workspace.today())
    on = sent == "1"
    known = VoiceTheme.objects.filter(pk=int(theme_id))
    if not reading.shows(answer.pk) or not (known.filter(is_archived=False) if on else known):
        raise NotFound
    themes.switch(answer.pk, int(theme_id), on=on, user_id=request.viewer.user_id)
    if getattr(request, "htmx", False):
        row = reading.rows().get(pk=answer.pk)
        one = {"pk": words_id, "themes": reading._themes(row, row.text)}
        return render(request, "reviews/voice/themes_of.html", {"one": one, "tags": True})
    back = request.POST.get("back", "")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}):
        back = reverse("survey_words", args=[request.workspace.slug, survey.pk])
    return HttpResponseRedirect(back)


@workspace_view(SEE_WORDS)
@require_POST
def export_survey_words(request: WorkspaceRequest, survey_id: int) -> HttpResponse:
    """Start writing the words, masked as on the page, to a file."""
    heard(survey_id)
    job = jobs.start(exports.WORDS, params_of(request, survey_id), user_id=request.viewer.user_id)
    return to("job", request, job.pk)
