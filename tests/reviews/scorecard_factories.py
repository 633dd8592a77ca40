"""Scorecards for tests, put together from rows; saving and publishing have tests of their own."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.utils import timezone

from perfmgmt.metrics.models import Metric
from reviews.models import (
    Dimension,
    Part,
    PartKind,
    ReleaseBatch,
    ReviewResult,
    Scorecard,
    ScorecardVersion,
    VersionState,
)
from tests.reviews.factories import Cycle


def published(card: Scorecard, valid_from: date, number: int = 1) -> ScorecardVersion:
    """Give a scorecard a published version without parts."""
    return ScorecardVersion.objects.create(
        scorecard=card,
        number=number,
        state=VersionState.PUBLISHED,
        valid_from=valid_from,
        published_at=timezone.now(),
    )


def scorecard(name: str = "Everybody", valid_from: date | None = date(2025, 1, 1), **fields: Any) -> Scorecard:
    """Make a scorecard with a published version (unless `valid_from` is None)."""
    card = Scorecard.objects.create(name_en=name, name_zh=f"{name}-考核表", **fields)
    if valid_from is not None:
        published(card, valid_from)
    return card


def add_part(version: ScorecardVersion, metric: str, *, dimension: int = 1, weight: int = 100, **fields: Any) -> Part:
    """Add a part with a metric to a version's dimension, which is made when it isn't there yet."""
    row, _made = Dimension.objects.get_or_create(
        version=version, place=dimension, defaults={"name_en": f"D{dimension}", "weight": Decimal(100)}
    )
    return Part.objects.create(
        dimension=row, place=row.parts.count() + 1, kind=PartKind.METRIC, weight=weight, name_en=metric,
        metric=Metric.objects.get(code=metric), **fields,
    )  # fmt: skip


def add_result(cycle: Cycle, name: str, version: ScorecardVersion) -> ReviewResult:
    """Release the result of one of a cycle's people, who was assessed by a version."""
    participant = cycle.people[name]
    participant.scorecard_version = version
    participant.save()
    batch, _made = ReleaseBatch.objects.get_or_create(cycle=cycle.row, number=1)
    return ReviewResult.objects.create(batch=batch, participant=participant, score=80, grade="B", frozen={})
