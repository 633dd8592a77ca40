"""Lists of feedback and of the company's values as files, made by jobs with the rights of who asked."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import override, pgettext

from perfmgmt.jobs.context import JobContext
from perfmgmt.jobs.exports import asker, write_csv
from perfmgmt.people.viewer import Viewer
from reviews.feedback import selectors, values
from reviews.permissions import MANAGE_FEEDBACK, SEE_FEEDBACK

EXPORT, VALUES = "feedback.export", "feedback.export_values"
CHUNK = 1000


def export_feedback(context: JobContext) -> dict[str, Any]:
    """Write a list of feedback as the page shows it (params: tab, query, language)."""
    with override(context.params["language"]):
        viewer, workspace = asker(context, SEE_FEEDBACK)
        today, tab = workspace.today(), context.params["tab"]
        found = selectors.listed(tab, selectors.read(context.params["query"]), viewer=viewer, today=today)
        header = [_t("Day"), _t("Kind"), _t("Given by"), _t("Received by"), _t("Value shown"),
                  pgettext("feedback", "Words"), _t("Reactions"), _t("Hidden because")]  # fmt: skip
        name = f"feedback-{tab}-{today}.csv"
        return write_csv(context, name, header, _rows(found, viewer), total=found.count())


def _rows(found: Any, viewer: Viewer) -> Iterator[list[Any]]:
    rows = found.iterator(chunk_size=CHUNK)
    while chunk := list(islice(rows, CHUNK)):
        for one in selectors.shown(chunk, viewer=viewer, now=timezone.now()):
            row = one.feedback
            yield [row.day, row.get_kind_display(), one.giver, ", ".join(one.receivers),
                   row.value.name if row.value else "", row.text, sum(click.n for click in one.clicks),
                   one.hidden_because]  # fmt: skip


def export_values(context: JobContext) -> dict[str, Any]:
    """Write the company's values as the page lists them (params: query, language)."""
    with override(context.params["language"]):
        _viewer, workspace = asker(context, MANAGE_FEEDBACK)
        header = [_t("Chinese name"), _t("English name"), _t("Meaning in Chinese"), _t("Meaning in English"),
                  pgettext("feedback", "Praise"), _t("Archived")]  # fmt: skip
        rows = [
            [line.value.name_zh, line.value.name_en, line.value.about_zh, line.value.about_en, line.n,
             _t("Yes") if line.value.is_archived else _t("No")]
            for line in values.listed(values.read(context.params["query"]))
        ]  # fmt: skip
        return write_csv(context, f"values-{workspace.today()}.csv", header, rows, total=len(rows))
