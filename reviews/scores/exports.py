"""The list of scores as a file, made by a job with the rights of who asked."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _t
from django.utils.translation import override, pgettext

from perfmgmt.jobs.context import JobContext
from perfmgmt.jobs.exports import asker, write_csv
from reviews.permissions import SEE_SCORES
from reviews.scores.score_list import ScoreList, read

SCORES = "scores.export"
AT_ONCE = 1000


def export_scores(context: JobContext) -> dict[str, Any]:
    """Write the scores as the page lists them (params: query, language)."""
    with override(context.params["language"]):
        viewer, workspace = asker(context, SEE_SCORES)
        wanted = read(context.params["query"], viewer=viewer, workspace=workspace)
        header = [_t("Employee number"), _t("Name"), _t("Period"), _t("Scorecard"), pgettext("points", "Score"),
                  _t("Grade"), _t("Figures missing"), _t("Reviews")]  # fmt: skip
        total = wanted.scores().count()
        return write_csv(context, f"scores-{wanted.period.label}.csv", header, _rows(wanted), total=total)


def _rows(wanted: ScoreList) -> Iterator[list[Any]]:
    found = list(wanted.scores())
    for at in range(0, len(found), AT_ONCE):
        for row in wanted.rows(found[at : at + AT_ONCE]):
            person = row.stored.employee
            yield [
                person.number, person.name, wanted.period.label, row.scorecard,
                "" if row.score is None else row.score, row.grade, row.missing,
                _t("not released yet") if row.waits else "",
            ]  # fmt: skip
