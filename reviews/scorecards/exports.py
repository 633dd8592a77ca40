"""Scorecards with their parts as a file, made by a job with the rights of who asked."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _t
from django.utils.translation import override

from perfmgmt.jobs.context import JobContext
from perfmgmt.jobs.exports import asker, write_csv
from reviews.models import PartKind, ScorecardVersion, VersionState
from reviews.permissions import SEE_SCORECARDS
from reviews.scorecards import selectors
from reviews.scorecards.checks import names_of
from reviews.scorecards.content import contents_of, plain

EXPORT = "scorecards.export"


def export_scorecards(context: JobContext) -> dict[str, Any]:
    """Write the parts of the newest published version of each scorecard of the list (params: query, language)."""
    with override(context.params["language"]):
        _viewer, workspace = asker(context, SEE_SCORECARDS)
        wanted = selectors.read(context.params["query"])
        header = [_t("Scorecard"), _t("Rhythm"), _t("Position"), _t("Sales role type"), _t("Version"),
                  _t("For periods from"), _t("Dimension"), _t("Weight in percent"), _t("Part"), _t("Kind"),
                  _t("Metric or questionnaire"), _t("Weight in the dimension"), _t("Weight in the whole"),
                  _t("Curve")]  # fmt: skip
        return write_csv(context, f"scorecards-{workspace.today()}.csv", header, _rows(wanted))


def _rows(wanted: selectors.Wanted) -> Iterator[list[Any]]:
    cards = {card.pk: card for card in selectors.scorecards(wanted)}
    versions = ScorecardVersion.objects.filter(scorecard_id__in=cards, state=VersionState.PUBLISHED)
    newest = {version.scorecard_id: version for version in versions.order_by("number")}
    contents = contents_of(newest.values())
    for pk, card in cards.items():
        version = newest.get(pk)
        if version is None:
            continue
        start = [card.name, card.get_rhythm_display(), str(card.position or ""), card.get_sales_role_type_display(),
                 version.number, version.valid_from]  # fmt: skip
        content = contents[version.pk]
        for one in selectors.shown(content, names_of(content)):
            for part in one.parts:
                source = part.metric or part.questionnaire
                curve = "; ".join(f"{plain(x)}: {plain(y)}" for x, y in part.draft.points)
                yield [*start, one.title, one.draft.weight, part.title, PartKind(part.draft.kind).label,
                       source.name if source else "", part.draft.weight, round(float(part.share), 4),
                       curve if part.draft.has_curve else ""]  # fmt: skip
