"""Who has read how they are assessed, as a file, made by a job with the rights of who asked."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _t
from django.utils.translation import override

from perfmgmt.jobs.context import JobContext
from perfmgmt.jobs.exports import asker, write_csv
from reviews.assessed import people
from reviews.assessed.words import STATE_WORDS
from reviews.permissions import FOLLOW_CYCLES

EXPORT = "scorecards.export_acknowledged"


def export_acknowledged(context: JobContext) -> dict[str, Any]:
    """Write the people as the page lists them (params: query, language)."""
    with override(context.params["language"]):
        viewer, workspace = asker(context, FOLLOW_CYCLES)
        wanted = people.read(context.params["query"], workspace=workspace)
        found = people.standing(wanted, viewer=viewer, workspace=workspace)
        names = people.version_names(set(found.versions.values()))
        header = [_t("Employee number"), _t("Name"), _t("Period"), _t("Scorecard"), _t("Version"), _t("State"),
                  _t("Read on"), _t("Comment")]  # fmt: skip
        name = f"acknowledged-{wanted.period.label}.csv"
        return write_csv(context, name, header, _rows(found, names, wanted), total=found.people.count())


def _rows(found: people.Standing, names: dict[int, Any], wanted: people.Wanted) -> Iterator[list[Any]]:
    for row in found.people.iterator(chunk_size=2000):
        version = names.get(found.versions.get(row.pk, 0))
        yield [row.number, row.name, wanted.period.label, version.scorecard.name if version else "",
               version.number if version else "", STATE_WORDS[row.state].word,
               row.read_at.date() if row.read_at else "", row.comment or ""]  # fmt: skip
