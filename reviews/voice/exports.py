"""Results and words of a survey as files, made by jobs: with the rights, masks and minimums of the pages."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

from django.utils.translation import gettext as _t
from django.utils.translation import override, pgettext

from perfmgmt.jobs.context import JobContext
from perfmgmt.jobs.exports import asker, write_csv
from perfmgmt.tenants.errors import NotFound
from reviews.models import Survey, SurveyQuestionKind, SurveyVersion, SurveyVersionState
from reviews.permissions import SEE_SURVEY_RESULTS, SEE_WORDS, TAG_WORDS
from reviews.voice import themes
from reviews.voice.access import Scope, scope_of
from reviews.voice.page import TITLES, results_of
from reviews.voice.rules import Figures
from reviews.voice.wanted import RESPONSE, Wanted, read
from reviews.voice.words import Reading

RESULTS, WORDS, THEMES = "surveys.export_results", "surveys.export_words", "surveys.export_themes"


def _survey(survey_id: int) -> Survey:
    published = SurveyVersion.objects.filter(survey=survey_id).exclude(state=SurveyVersionState.DRAFT)
    found = Survey.objects.filter(pk=survey_id, pk__in=published.values("survey_id")).first()
    if found is None:
        raise NotFound
    return found


def export_results(context: JobContext) -> dict[str, Any]:
    """Write each question's figures and breakdowns (params: survey_id, query, language)."""
    with override(context.params["language"]):
        viewer, workspace = asker(context, SEE_SURVEY_RESULTS)
        survey, today = _survey(context.params["survey_id"]), workspace.today()
        wanted = read(context.params["query"], survey.purpose)
        header = [_t("Question"), _t("Kind"), _t("Broken down by"), _t("Part"), _t("Answers"), _t("Mean"),
                  _t("CSAT% or NPS"), _t("Lower end"), _t("Upper end"), _t("Mean that scores use")]  # fmt: skip
        rows = _results(survey, wanted, scope_of(viewer, today), today)
        return write_csv(context, f"survey-results-{today}.csv", header, rows)


def _results(survey: Survey, wanted: Wanted, scope: Scope, today: date) -> Iterator[list[Any]]:
    for one in results_of(survey, replace(wanted, by=RESPONSE), scope, today).results:
        if one.hidden:
            continue
        start = [one.text, SurveyQuestionKind(one.kind).label]
        if one.is_scale:
            yield [*start, _t("All"), "", *_figures(one.figures), ""]
        for bar in one.bars:
            yield [*start, _t("What was said"), bar.label, bar.n, "", "", "", "", ""]
        for by, title in TITLES.items():
            asked = replace(wanted, question=one.question.key, by=by)
            found = results_of(survey, asked, scope, today)
            for line in found.chosen.lines if found.chosen and found.by == by else ():
                used = round(float(line.used), 4) if line.used is not None else ""
                yield [*start, title, line.label, *_figures(line.figures), used]


def _figures(one: Figures) -> list[Any]:
    mean = round(float(one.mean), 4) if one.mean is not None else ""
    if one.interval is None:
        return [one.n, mean, "", "", ""]
    return [one.n, mean, *(round(each, 4) for each in (one.interval.value, one.interval.low, one.interval.high))]


def export_words(context: JobContext) -> dict[str, Any]:
    """Write the words of the list; those of unnamed questions without anything beside them (params: as above)."""
    with override(context.params["language"]):
        viewer, workspace = asker(context, SEE_WORDS)
        survey, today = _survey(context.params["survey_id"]), workspace.today()
        reading = Reading(survey, read(context.params["query"], survey.purpose), viewer, today)
        header = [_t("Day"), _t("Question"), _t("Words"), _t("Score"), _t("Assistant"), _t("Product"), _t("Customer"),
                  _t("Contact"), _t("Themes")]  # fmt: skip
        found = reading.named()
        return write_csv(context, f"survey-words-{today}.csv", header, _words(reading, found), total=found.count())


def _words(reading: Reading, found: Any) -> Iterator[list[Any]]:
    ids = list(found.values_list("pk", flat=True))
    for at in range(0, len(ids), 500):
        rows = {one.pk: one for one in found.filter(pk__in=ids[at : at + 500])}
        for one in reading.shown(rows[pk] for pk in ids[at : at + 500] if pk in rows):
            given = "; ".join(each.name for each in one.given)
            score = one.score if one.score is not None else ""
            yield [
                one.day,
                one.question,
                one.text,
                score,
                one.assistant,
                one.product,
                one.customer,
                one.contact,
                given,
            ]
    for question, words in reading.unnamed(most=None):
        for one in words:
            yield ["", question, one.text, "", "", "", "", "", "; ".join(each.name for each in one.given)]


def export_themes(context: JobContext) -> dict[str, Any]:
    """Write the themes of the list, names and words in both languages (params: query, language)."""
    with override(context.params["language"]):
        _viewer, workspace = asker(context, TAG_WORDS)
        header = [_t("Name in Chinese"), _t("Name in English"), _t("Words in Chinese"), _t("Words in English"),
                  _t("State")]  # fmt: skip
        rows = (
            [one.name_zh, one.name_en, "; ".join(one.words_zh.splitlines()), "; ".join(one.words_en.splitlines()),
             pgettext("survey", "Archived") if one.is_archived else _t("In use")]
            for one in themes.listed(themes.read(context.params["query"]))
        )  # fmt: skip
        return write_csv(context, f"themes-{workspace.today()}.csv", header, rows)
