"""The lists of a cycle's statistics as files, made by a job with the rights of who asked: bands, as on the page."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _t
from django.utils.translation import override, pgettext

from perfmgmt.jobs.context import JobContext
from perfmgmt.jobs.exports import asker, write_csv
from reviews.permissions import SEE_STATISTICS
from reviews.statistics import pictures, selectors

EXPORT = "reviews.statistics_export"


def export_statistics(context: JobContext) -> dict[str, Any]:
    """Write raters or people as the page lists them (params: cycle, query, language)."""
    with override(context.params["language"]):
        viewer, _workspace = asker(context, SEE_STATISTICS)
        cycle = selectors.cycle_for(context.params["cycle"], viewer=viewer)
        wanted = selectors.read(context.params["query"])
        if wanted.show == selectors.PEOPLE:
            made = selectors.statistics_of([cycle.pk]).get(cycle.pk)
            figures = made.figures if made else {}
            rows = selectors.people(cycle, wanted, figures, without=viewer.employee_id)
            header = [_t("Employee number"), _t("Name"), _t("360 score"), _t("Adjusted score"), _t("Self and others")]
            return write_csv(context, f"people-{cycle.pk}.csv", header, map(_person, rows), total=len(rows))
        found = selectors.raters(cycle, wanted)
        header = [_t("Employee number"), _t("Name"), _t("People rated"), _t("Leniency"), _t("Spread")]
        return write_csv(context, f"raters-{cycle.pk}.csv", header, _raters(found), total=found.count())


def _person(row: selectors.PersonRow) -> list[Any]:
    number = [row.employee.number, row.employee.name]
    if row.is_held_back:
        return [*number, _t("hidden"), _t("hidden"), ""]
    values = ["" if value is None else value for value in (row.raw, row.adjusted)]
    return [*number, *values, str(pictures.GAP_WORDS[row.gap][1])]


def _raters(found: Any) -> Iterator[list[Any]]:
    for one in found.iterator(chunk_size=2000):
        row = selectors.rater_row(one)
        spread = "" if not row.knows_spread else pgettext("spread", "flat") if row.is_flat else _t("usual")
        word = str(pictures.BAND_WORDS[row.band][1])
        yield [row.employee.number, row.employee.name, row.ratees, word, spread]
