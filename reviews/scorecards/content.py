"""What a version of a scorecard says, as plain values: read from its rows, compared, and written by the services."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal, InvalidOperation
from typing import Any

from reviews.models import CurveKind, Dimension, MissingPolicy, Part, PartInput, PartKind, ScorecardVersion
from reviews.scorecards.rules import DEFAULT_POINTS

Points = tuple[tuple[Decimal, Decimal], ...]
GroupWeights = tuple[tuple[str, Decimal], ...]


@dataclass(frozen=True)
class PartDraft:
    """One part: `weight` in percent of its dimension, `points` as (x, score), `groups` as (rater group, percent)."""

    kind: str
    weight: Decimal
    name_zh: str = ""
    name_en: str = ""
    metric_id: int | None = None
    questionnaire_id: int | None = None
    input: str = PartInput.ATTAINMENT
    curve: str = CurveKind.LINEAR
    points: Points = DEFAULT_POINTS
    groups: GroupWeights = ()

    @property
    def has_curve(self) -> bool:
        """Whether a figure goes through a curve; a questionnaire's score is one already."""
        return self.kind != PartKind.QUESTIONNAIRE


@dataclass(frozen=True)
class DimensionDraft:
    """One dimension with its parts in their order; `weight` in percent of the whole."""

    weight: Decimal
    name_zh: str = ""
    name_en: str = ""
    code: str = ""
    parts: tuple[PartDraft, ...] = ()


@dataclass(frozen=True)
class VersionDraft:
    """Everything a version says. `bands` are (grade, lower bound), highest first; none: the workspace's."""

    dimensions: tuple[DimensionDraft, ...] = ()
    missing: str = MissingPolicy.RENORMALISE
    bands: tuple[tuple[str, Decimal], ...] = ()
    note: str = ""

    @property
    def parts(self) -> list[PartDraft]:
        """All parts, in the order of the page."""
        return [part for dimension in self.dimensions for part in dimension.parts]


def content_of(version: ScorecardVersion) -> VersionDraft:
    """Return what a version says; two queries."""
    return contents_of([version])[version.pk]


def contents_of(versions: Iterable[ScorecardVersion]) -> dict[int, VersionDraft]:
    """Return what versions say, by id; two queries for any number of them."""
    rows = list(versions)
    dimensions = list(Dimension.objects.filter(version__in=rows).order_by("version_id", "place"))
    parts: dict[int, list[PartDraft]] = {}
    for part in Part.objects.filter(dimension__in=dimensions).order_by("dimension_id", "place"):
        parts.setdefault(part.dimension_id, []).append(_part(part))
    found: dict[int, list[DimensionDraft]] = {}
    for each in dimensions:
        found.setdefault(each.version_id, []).append(
            DimensionDraft(each.weight, each.name_zh, each.name_en, each.code, tuple(parts.get(each.pk, ())))
        )
    return {row.pk: _version(row, tuple(found.get(row.pk, ()))) for row in rows}


def _version(row: ScorecardVersion, dimensions: tuple[DimensionDraft, ...]) -> VersionDraft:
    bands = tuple((str(one["grade"]), Decimal(str(one["from"]))) for one in row.grade_bands)
    return VersionDraft(dimensions, row.missing, bands, row.note)


def _part(row: Part) -> PartDraft:
    return PartDraft(
        kind=row.kind, weight=row.weight, name_zh=row.name_zh, name_en=row.name_en, metric_id=row.metric_id,
        questionnaire_id=row.questionnaire_id, input=row.input, curve=row.curve, points=points_of(row.points),
        groups=groups_of(row.group_weights),
    )  # fmt: skip


def points_of(stored: Iterable[Iterable[Any]]) -> Points:
    """Return the points of a curve as they are stored ([x, score] in texts) as numbers."""
    return tuple((Decimal(str(x)), Decimal(str(y))) for x, y in stored)


def groups_of(stored: Mapping[str, Any]) -> GroupWeights:
    """Return the weights of rater groups as they are stored, in a fixed order."""
    return tuple(sorted((group, Decimal(str(weight))) for group, weight in stored.items()))


def stored_points(points: Points) -> list[list[str]]:
    """Return points as they are stored: texts, so that no number changes on its way through JSON."""
    return [[plain(x), plain(y)] for x, y in points]


def stored_bands(bands: Iterable[tuple[str, Decimal]]) -> list[dict[str, str]]:
    """Return grade bands as they are stored, like those of the workspace."""
    return [{"grade": name, "from": plain(bound)} for name, bound in bands]


def plain(value: Decimal) -> str:
    """Return a number without an exponent and without zeros at its end: 1.20 -> "1.2", 1E+2 -> "100"."""
    text = f"{value:f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text) or "0"


def number_of(text: str) -> Decimal | None:
    """Return a typed number; None for what is none, or is infinite."""
    try:
        found = Decimal(text.strip().replace(",", ".").replace("。", "."))
    except InvalidOperation:
        return None
    return found if found.is_finite() else None


def stamp(draft: VersionDraft) -> str:
    """Return a short mark of what a version says, to tell later whether somebody changed it since."""
    return hashlib.sha256(repr(_canonical(draft)).encode()).hexdigest()[:24]


def _canonical(draft: VersionDraft) -> Any:
    """The same content makes the same text, whatever the decimals are written like."""
    dimensions = [
        (plain(one.weight), one.name_zh, one.name_en, one.code, [
            (part.kind, plain(part.weight), part.name_zh, part.name_en, part.metric_id, part.questionnaire_id,
             part.input, part.curve, stored_points(part.points), [(g, plain(w)) for g, w in sorted(part.groups)])
            for part in one.parts
        ])
        for one in draft.dimensions
    ]  # fmt: skip
    return (str(draft.missing), stored_bands(draft.bands), draft.note, dimensions)


@dataclass(frozen=True)
class Names:
    """What the parts of a draft read, by id, for their names: metrics and questionnaires of this workspace."""

    metrics: Mapping[int, Any] = field(default_factory=dict)
    questionnaires: Mapping[int, Any] = field(default_factory=dict)


def named(draft: VersionDraft, names: Names) -> VersionDraft:
    """Return the draft with every part named: one without a name takes that of what it reads, in both languages."""
    dimensions = tuple(
        replace(one, parts=tuple(_named(part, names) for part in one.parts)) for one in draft.dimensions
    )
    return replace(draft, dimensions=dimensions)


def _named(part: PartDraft, names: Names) -> PartDraft:
    if part.name_zh or part.name_en:
        return part
    source = names.metrics.get(part.metric_id or 0) or names.questionnaires.get(part.questionnaire_id or 0)
    if source is None:
        return part
    return replace(part, name_zh=source.name_zh[:120], name_en=source.name_en[:120])
