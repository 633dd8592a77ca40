"""Pages of what customers said: the results of a survey."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from perfmgmt.jobs import services as jobs
from perfmgmt.people.access import WorkspaceRequest, workspace_view
from perfmgmt.people.roles import Role
from perfmgmt.tenants.errors import NotFound
from reviews.asking import selectors as asking
from reviews.models import Survey, SurveyPurpose, SurveyVersion, SurveyVersionState
from reviews.permissions import SEE_SURVEY_RESULTS, SEE_SURVEYS, SEE_WORDS
from reviews.surveys.views import to
from reviews.voice import exports
from reviews.voice.access import scope_of
from reviews.voice.page import TITLES, Results, results_of
from reviews.voice.pictures import Bar
from reviews.voice.selectors import minimum, newest
from reviews.voice.wanted import PARAMETERS, RESPONSE, Wanted, read
from reviews.voice.words import Reading, theme_counts


def heard(survey_id: int) -> Survey:
    """Return a survey that was published once; raise NotFound for others."""
    published = SurveyVersion.objects.filter(survey=survey_id).exclude(state=SurveyVersionState.DRAFT)
    found = Survey.objects.filter(pk=survey_id, pk__in=published.values("survey_id")).first()
    if found is None:
        raise NotFound
    return found


@workspace_view(SEE_SURVEY_RESULTS)
@require_GET
def survey_voice(request: WorkspaceRequest) -> HttpResponse:
    """What customers say: the results of the survey that was answered last, of what the viewer sees."""
    survey_id = newest(scope_of(request.viewer, request.workspace.today()), minimum())
    if survey_id is None:
        published = SurveyVersion.objects.filter(state=SurveyVersionState.PUBLISHED).order_by("pk")
        survey_id = published.values_list("survey_id", flat=True).first()
    if survey_id is not None:
        return HttpResponseRedirect(reverse("survey_results", args=[request.workspace.slug, survey_id]))
    return render(request, "reviews/voice/nothing.html", {"sees": request.viewer.may(SEE_SURVEYS)})


@workspace_view(SEE_SURVEY_RESULTS)
@require_GET
def survey_results(request: WorkspaceRequest, survey_id: int) -> HttpResponse:
    """The results of a survey: figures with intervals, distribution, themes, course, a breakdown or the response."""
    survey, today = heard(survey_id), request.workspace.today()
    wanted, scope = read(request.GET.dict(), survey.purpose), scope_of(request.viewer, today)
    results = results_of(survey, wanted, scope, today)
    sees = request.viewer.may(SEE_SURVEYS)
    tabs = _tabs(request, results, response=sees or Role.EXECUTIVE in request.viewer.roles)
    context = {
        "survey": survey, "surveys": _others(), "wanted": wanted, "results": results, "chosen": results.chosen,
        "questions": [(one.question.key, one.text) for one in results.results],
        "purposes": SurveyPurpose.choices, "offered": asking.months_of(survey, today),
        "tabs": tabs, "steps": _steps(survey, request) if tabs and tabs[-1]["current"] and tabs[-1]["steps"] else [],
        "value_word": _("NPS") if results.chosen and results.chosen.kind == "nps" else _("CSAT%"),
        "counts": _themes(request, survey, wanted), "words_url": theme_link(request, survey.pk),
        "sees": sees, "reads": request.viewer.may(SEE_WORDS), "is_all": scope.is_all,
    }  # fmt: skip
    return render(request, "reviews/voice/results.html", context)


def _tabs(request: WorkspaceRequest, results: Results, *, response: bool) -> list[dict[str, Any]]:
    """Return the breakdowns of the page, and for whom it is the response by step, which one asks for by name.

    One at a time: each reads other sums.
    """
    words = [
        *((by, TITLES[by]) for by in results.offered),
        *([(RESPONSE, _("Response by step"))] if response else []),
    ]
    steps = response and request.GET.get("by") == RESPONSE
    found = []
    for by, word in words:
        query = request.GET.copy()
        query["by"] = by
        current = steps if by == RESPONSE else by == results.by and not steps
        found.append({"url": f"?{query.urlencode()}#by", "word": word, "current": current, "steps": steps})
    return found


def _themes(request: WorkspaceRequest, survey: Survey, wanted: Wanted) -> list[Mapping[str, Any]]:
    """Return the themes of the words with how many and how many of low scores.

    Who may not read the words gets those of all together only: filters would let single ones follow.
    """
    if wanted.filters and not request.viewer.may(SEE_WORDS):
        return []
    asked = replace(wanted, search="", band="", theme=None)
    reading = Reading(survey, asked, request.viewer, request.workspace.today())
    return theme_counts(reading.named(), reading.themes, minimum())


def theme_link(request: WorkspaceRequest, survey_id: int) -> str:
    """Return the address of the words with the filters of this page, to which a theme is added; "" if not theirs."""
    if not request.viewer.may(SEE_WORDS):
        return ""
    query = request.GET.copy()
    for name in ("theme", "page", "question"):
        query.pop(name, None)
    address = reverse("survey_words", args=[request.workspace.slug, survey_id])
    return f"{address}?{query.urlencode()}&" if query else f"{address}?"


def _others() -> list[Survey]:
    """Return every survey that was published once, by name."""
    published = SurveyVersion.objects.exclude(state=SurveyVersionState.DRAFT)
    return sorted(Survey.objects.filter(pk__in=published.values("survey_id")), key=lambda one: one.name)


def _steps(survey: Survey, request: WorkspaceRequest) -> list[Bar]:
    """Return the response by step, of the months of the page, whatever else narrows it; numbers, no names."""
    report = asking.response(survey, asking.read(request.GET.dict()))
    counts, whole = report.counts, report.looked_at
    steps: list[tuple[str, int, int]] = [
        (_("Looked at"), whole, 0), (_("Not asked"), report.skipped, whole), (_("Chosen"), counts["chosen"], whole),
        (_("Mail written"), counts["mailed"], counts["chosen"]), (_("Bounced"), counts["bounced"], counts["mailed"]),
        *([(_("Link handed over"), counts["handed"], counts["chosen"])] if counts["handed"] else []),
        (_("Started"), counts["started"], counts["reached"]), (_("Answered"), counts["finished"], counts["reached"]),
    ]  # fmt: skip
    tones = {_("Not asked"): "warn", _("Bounced"): "bad", _("Answered"): "good"}
    return [
        Bar(word, n, n / of if of else -1, round(100 * n / whole, 1), tones.get(word, ""))
        for word, n, of in steps if whole
    ]  # fmt: skip


@workspace_view(SEE_SURVEY_RESULTS)
@require_POST
def export_survey_results(request: WorkspaceRequest, survey_id: int) -> HttpResponse:
    """Start writing the results, as the page shows them, to a file."""
    heard(survey_id)
    return to("job", request, jobs.start(exports.RESULTS, params_of(request, survey_id),
                                         user_id=request.viewer.user_id).pk)  # fmt: skip


def params_of(request: WorkspaceRequest, survey_id: int) -> dict[str, Any]:
    """Return what an export is asked with: the survey, the address's filters, the language."""
    query = {key: value for key, value in request.GET.dict().items() if key in PARAMETERS}
    return {"survey_id": survey_id, "query": query, "language": get_language() or "en"}
