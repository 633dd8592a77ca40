"""Ready scorecards as data: the default table of the field, and one for each sales role type."""

import json
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from django.db import transaction

from goals.rules import split
from perfmgmt.metrics.models import Metric
from perfmgmt.tenants.calendar import GRAIN_BY_NAME
from reviews.forms.pack import install_pack as install_forms
from reviews.models import CurveKind, PartInput, Questionnaire, Scorecard
from reviews.scorecards.content import DimensionDraft, PartDraft, VersionDraft, groups_of, points_of
from reviews.scorecards.rules import DEFAULT_POINTS
from reviews.scorecards.services import CardDraft, create_scorecard

PACK = Path(__file__).with_name("pack.json")
#: What the ready scorecards ask.
QUESTIONNAIRES = ("attitude", "development")


@cache
def pack() -> list[dict[str, Any]]:
    """Return the ready scorecards as data."""
    found: list[dict[str, Any]] = json.loads(PACK.read_text(encoding="utf-8"))
    return found


@transaction.atomic
def install_pack() -> list[Scorecard]:
    """Add the ready scorecards that are missing, as drafts to be looked at; return those that came.

    One that is there under its Chinese or English name (archived or not), or whose people have a scorecard in use,
    is left out. So are parts whose metric the workspace has archived or removed; the rest of their dimension keeps
    its proportions by being scaled to 100. Twice changes nothing.
    """
    rows = list(Scorecard.objects.values_list("name_zh", "name_en", "rhythm", "position_id", "sales_role_type",
                                              "archived_at"))  # fmt: skip
    names = {name for row in rows for name in row[:2] if name}
    kinds = {row[2:5] for row in rows if row[5] is None}
    metrics = dict(Metric.objects.filter(archived_at=None).values_list("code", "pk"))
    forms: dict[str, int] | None = None
    made = []
    for entry in pack():
        card = CardDraft(
            entry["name"]["zh"], entry["name"]["en"], int(GRAIN_BY_NAME[entry["rhythm"]]), None,
            entry["sales_role_type"],
        )  # fmt: skip
        if {card.name_zh, card.name_en} & names or (card.rhythm, None, card.sales_role_type) in kinds:
            continue
        forms = forms or questionnaires()
        made.append(create_scorecard(card, content(entry, metrics, forms)))
    return made


def questionnaires() -> dict[str, int]:
    """Return the ids of the questionnaires that ready scorecards ask, by code; what is missing comes with them."""
    install_forms()
    return dict(Questionnaire.objects.filter(code__in=QUESTIONNAIRES).values_list("code", "pk"))


def content(entry: Mapping[str, Any], metrics: Mapping[str, int], forms: Mapping[str, int]) -> VersionDraft:
    """Return what a ready scorecard says, with the ids of this workspace's metrics and questionnaires."""
    dimensions = []
    for one in entry["dimensions"]:
        parts = [_part(part, metrics, forms) for part in one["parts"] if part.get("metric", "") in {"", *metrics}]
        if parts:
            dimensions.append(
                DimensionDraft(Decimal(one["weight"]), one["name"]["zh"], one["name"]["en"], one["code"],
                               tuple(to_100(parts)))
            )  # fmt: skip
    return VersionDraft(tuple(dimensions))


def to_100(parts: list[PartDraft]) -> list[PartDraft]:
    """Return the parts with weights that sum to 100 again, in whole percent (RULES.md section 10)."""
    weights = [int(part.weight * 100) for part in parts]
    if sum(weights) == 10_000:
        return parts
    return [replace(part, weight=Decimal(w)) for part, w in zip(parts, split(100, weights), strict=True)]


def _part(part: Mapping[str, Any], metrics: Mapping[str, int], forms: Mapping[str, int]) -> PartDraft:
    names = part.get("name", {})
    points = part.get("points")
    return PartDraft(
        kind=part["kind"], weight=Decimal(part["weight"]), name_zh=names.get("zh", ""), name_en=names.get("en", ""),
        metric_id=metrics[part["metric"]] if "metric" in part else None,
        questionnaire_id=forms[part["questionnaire"]] if "questionnaire" in part else None,
        input=part.get("input", PartInput.ATTAINMENT), curve=part.get("curve", CurveKind.LINEAR),
        points=points_of(points) if points else DEFAULT_POINTS, groups=groups_of(part.get("groups", {})),
    )  # fmt: skip
