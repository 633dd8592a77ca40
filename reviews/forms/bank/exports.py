"""The bank of questions as a file, made by a job with the rights of who asked."""

from typing import Any

from django.utils.translation import gettext as _t
from django.utils.translation import override

from perfmgmt.jobs.context import JobContext
from perfmgmt.jobs.exports import asker, write_csv, write_xlsx
from reviews.forms.bank.selectors import questionnaires, read
from reviews.models import Question
from reviews.permissions import MANAGE_SCORECARDS

EXPORT, QUESTIONNAIRES = "questions.export", "questionnaires.export"
STEPS = 10


def export_questions(context: JobContext) -> dict[str, Any]:
    """Write the questions as the page lists them, both languages and all steps (params: query, format, language)."""
    language = context.params["language"]
    with override(language):
        asker(context, MANAGE_SCORECARDS)
        found = list(read(context.params["query"], language=language).questions())
        form = "xlsx" if context.params.get("format") == "xlsx" else "csv"
        write = write_xlsx if form == "xlsx" else write_csv
        return write(context, f"questions.{form}", _header(), [_cells(one) for one in found], total=len(found))


def export_questionnaires(context: JobContext) -> dict[str, Any]:
    """Write the questionnaires as the page lists them (params: query, format, language)."""
    language, query = context.params["language"], context.params["query"]
    with override(language):
        asker(context, MANAGE_SCORECARDS)
        found = list(
            questionnaires(search=query.get("q", "")[:100].strip(), state=query.get("state", ""),
                           sort=query.get("sort", ""), language=language)
        )  # fmt: skip
        header = [
            _t("Code"),
            _t("Name in Chinese"),
            _t("Name in English"),
            _t("Purpose"),
            _t("Questions"),
            _t("State"),
        ]
        rows = [
            [one.code, one.name_zh, one.name_en, str(one.get_purpose_display()), one.asked,  # type: ignore[attr-defined]
             _t("archived") if one.archived_at else _t("In use")]
            for one in found
        ]  # fmt: skip
        form = "xlsx" if context.params.get("format") == "xlsx" else "csv"
        write = write_xlsx if form == "xlsx" else write_csv
        return write(context, f"questionnaires.{form}", header, rows, total=len(rows))


def _header() -> list[str]:
    steps = [f"{n} {word}" for n in range(1, STEPS + 1) for word in (_t("Chinese"), _t("English"))]
    return [_t("Code"), _t("Topic"), _t("How it is answered"), _t("Question in Chinese"), _t("Question in English"),
            *steps, _t("Questionnaires")]  # fmt: skip


def _cells(one: Question) -> list[Any]:
    steps = [step.get(language, "") for step in one.anchors[:STEPS] for language in ("zh", "en")]
    steps += [""] * (STEPS * 2 - len(steps))
    uses = one.uses  # type: ignore[attr-defined]  # annotated by the list
    return [
        one.code,
        str(one.get_topic_display()),
        str(one.get_kind_display()),
        one.text_zh,
        one.text_en,
        *steps,
        uses,
    ]
