"""Scorecard versions as the computation of scores needs them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from functools import cached_property
from typing import Any

from perfmgmt.metrics.models import Metric
from perfmgmt.metrics.selectors import metrics_with_parts
from perfmgmt.tenants.selectors import workspace_rules
from reviews.models import Dimension, Part, ScorecardVersion
from reviews.scores.columns import Ints, Shape

WHOLE = Decimal(100)


@dataclass(frozen=True)
class CardPart:
    """One part; `points` are its curve's, `group_weights` replace the cycle's (empty: the cycle's)."""

    pk: int
    kind: str
    weight: Decimal
    of_whole: Decimal
    metric: Metric | None
    input: str
    curve: str
    points: tuple[tuple[Decimal, Decimal], ...]
    questionnaire_id: int | None
    group_weights: Mapping[str, Decimal]


@dataclass(frozen=True)
class Card:
    """A version: its policy, bands (grade, lower bound in hundredths; highest first) and its dimensions' parts."""

    version_id: int
    policy: str
    bands: tuple[tuple[str, int], ...]
    dimensions: tuple[tuple[Decimal, tuple[CardPart, ...]], ...]

    @cached_property
    def shape(self) -> Shape:
        """What the composite weighs."""
        return Shape(self.policy, tuple((w, tuple(part.weight for part in parts)) for w, parts in self.dimensions))

    @cached_property
    def parts(self) -> tuple[CardPart, ...]:
        """All parts in their order."""
        return tuple(part for _weight, parts in self.dimensions for part in parts)

    def grades(self, score: Ints) -> list[str]:
        """Return the grades of scores in units, by what is shown of them (as `tenants.grades.grade`)."""
        shown = (score + 50) // 100  # scores after deductions are never below 0
        found = []
        for cents in shown.tolist():
            found.append(next((name for name, bound in self.bands if cents >= bound), self.bands[-1][0]))
        return found


def read_cards(version_ids: Iterable[int]) -> dict[int, Card]:
    """Return versions by id; five queries, however many there are."""
    versions = ScorecardVersion.objects.in_bulk(sorted(set(version_ids)))
    if not versions:
        return {}
    parts = list(Part.objects.filter(dimension__version__in=versions).order_by("place"))
    metrics = metrics_with_parts().in_bulk({part.metric_id for part in parts if part.metric_id})
    usual = workspace_rules().grade_bands
    by_dimension: dict[int, list[Part]] = {}
    for part in parts:
        by_dimension.setdefault(part.dimension_id, []).append(part)
    found: dict[int, list[tuple[Decimal, tuple[CardPart, ...]]]] = {pk: [] for pk in versions}
    for one in Dimension.objects.filter(version__in=versions).order_by("place"):
        own = tuple(_part(part, one.weight, metrics) for part in by_dimension.get(one.pk, []))
        found[one.version_id].append((one.weight, own))
    return {
        pk: Card(pk, version.missing, _bands(version.grade_bands or usual), tuple(found[pk]))
        for pk, version in versions.items()
    }


def _part(part: Part, weight: Decimal, metrics: Mapping[int, Metric]) -> CardPart:
    return CardPart(
        part.pk, part.kind, part.weight, weight * part.weight / WHOLE,
        metrics[part.metric_id] if part.metric_id else None, part.input, part.curve,
        tuple((Decimal(str(x)), Decimal(str(y))) for x, y in part.points), part.questionnaire_id,
        {name: Decimal(str(value)) for name, value in part.group_weights.items()},
    )  # fmt: skip


def _bands(bands: list[dict[str, Any]]) -> tuple[tuple[str, int], ...]:
    """A shown score has whole hundredths: it reaches a bound when it reaches the next whole hundredth above it."""
    found = [
        (str(band["grade"]), int((Decimal(str(band["from"])) * 100).to_integral_value(ROUND_CEILING)))
        for band in bands
    ]
    return tuple(found) or (("", 0),)
