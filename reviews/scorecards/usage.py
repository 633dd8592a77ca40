"""Scorecards that a metric is part of."""

from django.db.models import Max
from django.utils.translation import gettext as _

from perfmgmt.metrics.models import Metric
from perfmgmt.metrics.usage import Use
from reviews.models import Part, ScorecardVersion, VersionState


def uses_of(metric: Metric) -> list[Use]:
    """Return the scorecards in use whose newest published version reads a metric: it can't be archived before."""
    rows = Part.objects.filter(
        metric=metric, dimension__version__scorecard__archived_at=None,
        dimension__version__state=VersionState.PUBLISHED,
    )  # fmt: skip
    found: dict[int, tuple[int, str]] = {}
    for part in rows.select_related("dimension__version__scorecard").order_by("dimension__version__number"):
        version = part.dimension.version
        found[version.scorecard_id] = (version.number, version.scorecard.name)
    newest = _newest(set(found))
    return [
        Use(_("Counts in the scorecard “{name}”").format(name=name), "scorecard", (card,), blocks=True)
        for card, (number, name) in found.items() if newest[card] == number
    ]  # fmt: skip


def _newest(card_ids: set[int]) -> dict[int, int]:
    rows = ScorecardVersion.objects.filter(scorecard_id__in=card_ids, state=VersionState.PUBLISHED)
    return {row["scorecard_id"]: row["n"] for row in rows.values("scorecard_id").annotate(n=Max("number"))}
