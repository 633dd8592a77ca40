"""The editor's form as texts: read from a request, changed by its buttons, turned into a draft with what is wrong.

Fields are named by place: `d-0-weight`, `d-0-p-1-metric`, `d-0-p-1-x` (once for each point). What was typed stays as
it was typed until it is saved, also when it is no number.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _t

from goals.rules import split
from perfmgmt.workspace.forms import MOST_BANDS
from reviews.models import CurveKind, MissingPolicy, PartInput, PartKind, RaterKind
from reviews.scorecards.checks import MOST_DIMENSIONS, MOST_PARTS
from reviews.scorecards.content import DimensionDraft, PartDraft, VersionDraft, number_of, plain
from reviews.scorecards.rules import DEFAULT_POINTS

HUNDRED = Decimal(100)
_DIMENSION = re.compile(r"d-(\d{1,2})-weight")
_PART = re.compile(r"d-(\d{1,2})-p-(\d{1,2})-weight")
GROUPS = tuple(RaterKind.values)


@dataclass
class TypedPart:
    """The fields of one part. `points` are texts (x, score); x in percent of the target where that is meant."""

    kind: str = PartKind.METRIC
    name_zh: str = ""
    name_en: str = ""
    weight: str = "0"
    metric: str = ""
    questionnaire: str = ""
    input: str = PartInput.ATTAINMENT
    curve: str = CurveKind.LINEAR
    points: list[list[str]] = field(default_factory=lambda: [["0", "0"], ["100", "100"], ["120", "120"]])
    groups: dict[str, str] = field(default_factory=dict)


@dataclass
class TypedDimension:
    """The fields of one dimension."""

    name_zh: str = ""
    name_en: str = ""
    code: str = ""
    weight: str = "0"
    parts: list[TypedPart] = field(default_factory=list)


@dataclass
class Typed:
    """The fields of a version. `bands` are texts (grade, lower bound)."""

    dimensions: list[TypedDimension] = field(default_factory=list)
    missing: str = MissingPolicy.RENORMALISE
    note: str = ""
    bands: list[list[str]] = field(default_factory=list)
    own_bands: bool = False


def typed_of(draft: VersionDraft) -> Typed:
    """Return a draft as the texts of the form."""
    return Typed(
        [TypedDimension(one.name_zh, one.name_en, one.code, plain(one.weight), [_typed(part) for part in one.parts])
         for one in draft.dimensions],
        str(draft.missing), draft.note, [[name, plain(bound)] for name, bound in draft.bands], bool(draft.bands),
    )  # fmt: skip


def _typed(part: PartDraft) -> TypedPart:
    times = HUNDRED if part.input == PartInput.ATTAINMENT else Decimal(1)
    return TypedPart(
        kind=part.kind, name_zh=part.name_zh, name_en=part.name_en, weight=plain(part.weight),
        metric=str(part.metric_id or ""), questionnaire=str(part.questionnaire_id or ""), input=part.input,
        curve=part.curve, points=[[plain(x * times), plain(y)] for x, y in part.points],
        groups={group: plain(weight) for group, weight in part.groups},
    )  # fmt: skip


def read(post: QueryDict) -> Typed:
    """Return the fields of the form that was sent, in the order of their places; too many are left out."""
    places = sorted({int(found[1]) for key in post if (found := _DIMENSION.fullmatch(key))})
    return Typed(
        [_read_dimension(post, place) for place in places[: MOST_DIMENSIONS + 1]],
        post.get("missing", ""), post.get("note", "")[:500],
        [[name.strip()[:10], bound.strip()[:10]] for name, bound in zip(
            post.getlist("grade")[:MOST_BANDS], post.getlist("from")[:MOST_BANDS], strict=False)],
        post.get("own_bands") == "1",
    )  # fmt: skip


def _read_dimension(post: QueryDict, place: int) -> TypedDimension:
    key = f"d-{place}-"
    places = sorted({
        int(found[2]) for each in post if (found := _PART.fullmatch(each)) and int(found[1]) == place
    })  # fmt: skip
    return TypedDimension(
        name_zh=post.get(f"{key}name_zh", "").strip()[:120], name_en=post.get(f"{key}name_en", "").strip()[:120],
        code=post.get(f"{key}code", "")[:40], weight=post.get(f"{key}weight", "").strip()[:12],
        parts=[_read_part(post, f"{key}p-{at}-") for at in places[: MOST_PARTS + 1]],
    )  # fmt: skip


def _read_part(post: QueryDict, key: str) -> TypedPart:
    texts = {
        name: post.get(f"{key}{name}", "").strip()[:120]
        for name in ("kind", "name_zh", "name_en", "weight", "metric", "questionnaire", "input", "curve")
    }
    points = zip(post.getlist(f"{key}x")[:30], post.getlist(f"{key}y")[:30], strict=False)
    groups = {group: post.get(f"{key}g-{group}", "").strip()[:12] for group in GROUPS}
    return TypedPart(
        **texts, points=[[x.strip()[:24], y.strip()[:24]] for x, y in points],
        groups={group: text for group, text in groups.items() if text},
    )  # fmt: skip


# What the buttons do


def apply(typed: Typed, act: str) -> None:
    """Change the form as a button says ("add_part:0", "up:1", "down:1:2", "remove:1", "even"); else nothing.

    Dragging says "to:2:0" (the third dimension becomes the first) or "to:1:0:2" (a part within its dimension).
    """
    name, *texts = act.split(":")
    places = [int(text) for text in texts if text.isascii() and text.isdecimal() and len(text) < 3]
    if name in ("even", "scale"):
        _spread(typed, name, places)
    elif name == "add_dimension":
        typed.dimensions.append(TypedDimension(parts=[TypedPart(weight="100")]))
    elif name == "add_part" and _inside(typed, places, 1):
        typed.dimensions[places[0]].parts.append(TypedPart())
    elif name in ("add_point", "remove_point") and _inside(typed, places, 2):
        _points(typed.dimensions[places[0]].parts[places[1]], name, places[2:])
    elif name in ("up", "down", "remove"):
        _move(typed, name, places)
    elif name == "to" and len(places) == len(texts) and len(places) in (2, 3):
        _drop(typed, places)


def _inside(typed: Typed, places: list[int], depth: int) -> bool:
    if len(places) < depth or places[0] >= len(typed.dimensions):
        return False
    return depth == 1 or places[1] < len(typed.dimensions[places[0]].parts)


def _move(typed: Typed, name: str, places: list[int]) -> None:
    if not places or not _inside(typed, places, min(len(places), 2)):
        return
    rows: list[Any] = typed.dimensions if len(places) == 1 else typed.dimensions[places[0]].parts
    at = places[-1]
    if name == "remove":
        del rows[at]
        return
    to = at - 1 if name == "up" else at + 1
    if 0 <= to < len(rows):
        rows[at], rows[to] = rows[to], rows[at]


def _drop(typed: Typed, places: list[int]) -> None:
    """Put a dimension, or a part of one, in another place among its own; the rest close up."""
    *of, at, to = places
    if of and not _inside(typed, of, 1):
        return
    rows: list[Any] = typed.dimensions[of[0]].parts if of else typed.dimensions
    if at < len(rows) and to < len(rows):
        rows.insert(to, rows.pop(at))


def _points(part: TypedPart, name: str, at: list[int]) -> None:
    if name == "remove_point" and at and at[0] < len(part.points):
        del part.points[at[0]]
    elif name == "add_point":
        last = [number_of(text) for text in part.points[-1]] if part.points else [Decimal(0), Decimal(0)]
        before = number_of(part.points[-2][0]) if len(part.points) > 1 else None
        step = last[0] - before if last[0] is not None and before is not None else Decimal(1)
        x = "" if last[0] is None else plain(last[0] + step)
        part.points.append([x, part.points[-1][1] if part.points else "0"])


def _spread(typed: Typed, name: str, places: list[int]) -> None:
    """Make weights sum to 100: all the same, or in proportion; in whole percent (RULES.md section 10)."""
    if places and not _inside(typed, places, 1):
        return
    rows: list[Any] = typed.dimensions[places[0]].parts if places else typed.dimensions
    if not rows:
        return
    now = [max(number_of(row.weight) or Decimal(0), Decimal(0)) for row in rows]
    weights = [int(min(value, HUNDRED * 100) * 100) for value in now]
    if name == "even" or not sum(weights):
        weights = [1] * len(rows)
    for row, weight in zip(rows, split(100, weights), strict=True):
        row.weight = str(weight)


# What was typed, as a draft


@dataclass
class Problems:
    """What can't be read, by the name of the field."""

    fields: dict[str, str] = field(default_factory=dict)

    def number(self, name: str, text: str, *, percent: bool = False) -> Decimal:
        """Return a typed number, or note that it is none. With `percent` 100 and 100% are both 1."""
        share = text.endswith(("%", "％"))
        found = number_of(text.rstrip("%％ "))
        if found is None:
            self.fields[name] = _t("This is no number.")
            return Decimal(0)
        return found / HUNDRED if percent or share else found


def draft_of(typed: Typed) -> tuple[VersionDraft, dict[str, str]]:
    """Return what was typed as a draft, and what can't be read by the name of its field.

    A name that is missing in both languages, a metric of this workspace and the like are for `checks.check_draft`.
    """
    problems = Problems()
    dimensions = tuple(_dimension(one, f"d-{place}-", problems) for place, one in enumerate(typed.dimensions))
    bands: tuple[tuple[str, Decimal], ...] = ()
    if typed.own_bands:
        bands = tuple(
            (name, problems.number(f"from-{place}", bound))
            for place, (name, bound) in enumerate(typed.bands) if name or bound
        )  # fmt: skip
    return VersionDraft(dimensions, typed.missing, bands, typed.note), problems.fields


def _dimension(one: TypedDimension, key: str, problems: Problems) -> DimensionDraft:
    parts = tuple(_part(part, f"{key}p-{place}-", problems) for place, part in enumerate(one.parts))
    return DimensionDraft(problems.number(f"{key}weight", one.weight), one.name_zh, one.name_en, one.code, parts)


def _part(part: TypedPart, key: str, problems: Problems) -> PartDraft:
    asks = part.kind == PartKind.QUESTIONNAIRE
    percent = part.input == PartInput.ATTAINMENT
    filled = [(at, x, y) for at, (x, y) in enumerate(part.points) if x or y]
    points = tuple(
        (problems.number(f"{key}x-{at}", x, percent=percent), problems.number(f"{key}y-{at}", y))
        for at, x, y in filled
    )  # fmt: skip
    return PartDraft(
        kind=part.kind, weight=problems.number(f"{key}weight", part.weight), name_zh=part.name_zh,
        name_en=part.name_en, metric_id=None if asks else _id(part.metric),
        questionnaire_id=_id(part.questionnaire) if asks else None,
        input=PartInput.ATTAINMENT if asks else part.input, curve=CurveKind.LINEAR if asks else part.curve,
        points=DEFAULT_POINTS if asks else points,
        groups=_groups(part.groups, key, problems) if asks else (),
    )  # fmt: skip


def _groups(groups: Mapping[str, str], key: str, problems: Problems) -> tuple[tuple[str, Decimal], ...]:
    return tuple((group, problems.number(f"{key}g-{group}", text)) for group, text in sorted(groups.items()))


def _id(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None
