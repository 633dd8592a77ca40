"""Surveys with their questions as a file, made by a job with the rights of who asked."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _t
from django.utils.translation import override

from perfmgmt.jobs.context import JobContext
from perfmgmt.jobs.exports import asker, write_csv
from perfmgmt.people.viewer import Viewer
from reviews.models import SurveyQuestionKind, SurveyVersion
from reviews.permissions import MANAGE_SURVEYS, SEE_SURVEYS
from reviews.surveys import selectors
from reviews.surveys.content import contents_of

EXPORT = "surveys.export"


def export_surveys(context: JobContext) -> dict[str, Any]:
    """Write the questions of the newest version of each survey of the list (params: query, language).

    A draft counts as newest for who may manage surveys only.
    """
    with override(context.params["language"]):
        viewer, workspace = asker(context, SEE_SURVEYS)
        header = [_t("Survey"), _t("Purpose"), _t("State"), _t("Version"), _t("Published on"), _t("Number"),
                  _t("Key"), _t("Kind"), _t("Question in Chinese"), _t("Question in English"), _t("Must be answered"),
                  _t("Shown with the customer's name"), _t("Choices"), _t("Asked only after")]  # fmt: skip
        wanted = selectors.read(context.params["query"])
        return write_csv(context, f"surveys-{workspace.today()}.csv", header, _rows(wanted, viewer))


def _rows(wanted: selectors.Wanted, viewer: Viewer) -> Iterator[list[Any]]:
    surveys = {one.pk: one for one in selectors.surveys(wanted, viewer=viewer)}
    versions = SurveyVersion.objects.filter(survey_id__in=surveys).order_by("number")
    if not viewer.may(MANAGE_SURVEYS):
        versions = versions.exclude(state="draft")
    newest = {version.survey_id: version for version in versions}
    contents = contents_of(newest.values())
    for pk, survey in surveys.items():
        version = newest.get(pk)
        if version is None:
            continue
        start = [survey.name, survey.get_purpose_display(), survey.get_state_display(), version.number,
                 version.published_at.date() if version.published_at else ""]  # fmt: skip
        for at, one in enumerate(contents[version.pk].questions, 1):
            choices = "; ".join(f"{each.text.zh} / {each.text.en}" for each in one.choices)
            after = f"{one.after}: {one.low_of}-{one.high_of}" if one.after else ""
            yield [*start, at, one.key, SurveyQuestionKind(one.kind).label, one.text.zh, one.text.en,
                   _yes(one.required), _yes(one.identified), choices, after]  # fmt: skip


def _yes(value: bool) -> str:
    return _t("Yes") if value else _t("No")
