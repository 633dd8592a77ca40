"""A trace as a page shows it: names in the reader's language, formatted numbers, sizes of bars, the curve's lines."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy, pgettext_lazy
from django.utils.translation import gettext as _

from perfmgmt.web import formats
from reviews.models import RaterKind
from reviews.scorecards.rules import Out
from reviews.scores.trace import LATER, Trace

WHY: dict[str, str | Promise] = {
    Out.SHOWN_ONLY: gettext_lazy("Shown only: it has no weight"),
    Out.MISSING: gettext_lazy("Left out: there is no figure, the rest keep their proportions"),
    Out.HIDDEN: gettext_lazy("Left out: too few raters answered, so that their answers stay anonymous"),
    Out.BLOCKS: gettext_lazy("There is no score until this part has a figure"),
    "no_target": gettext_lazy("Left out: there is a figure, but no target; the rest keep their proportions"),
    LATER: gettext_lazy("Results of reviews appear when they are released"),
}
GROUPS: dict[str, str | Promise] = {
    **dict(RaterKind.choices),
    "colleagues": pgettext_lazy("rater", "Colleagues together"),
}
# The picture of a curve, in units of its own.
WIDE, HIGH, MARGIN = 260, 120, 10


@dataclass(frozen=True)
class ShownGroup:
    """A rater group; of a hidden one there is the name only."""

    name: str
    pooled: str
    n: int | None
    weight: str
    score: str
    hidden: bool


@dataclass(frozen=True)
class Picture:
    """A curve as lines of an SVG, where this part stands on it, and the same in words."""

    line: str
    at_x: str
    at_y: str
    words: str
    low: str
    high: str
    bottom: str
    top: str


@dataclass(frozen=True)
class ShownPart:
    """One line of the trace. `fill` and `room` are percent of the bar: what it gave, what 100 points would give."""

    name: str
    source: str
    score: str
    contribution: str
    used: str
    weight: str
    fill: str
    room: str
    why: str
    figure: str
    target: str
    reached: str
    goal_id: int | None
    facts_url: str
    drawn: str
    kind: str
    picture: Picture | None
    groups: tuple[ShownGroup, ...] = ()
    counts: bool = True


@dataclass(frozen=True)
class ShownDimension:
    """A dimension with its parts."""

    name: str
    weight: str
    used: str
    contribution: str
    parts: tuple[ShownPart, ...]


@dataclass(frozen=True)
class ShownTrace:
    """The whole."""

    score: str
    before: str
    grade: str
    scorecard: str
    number: int
    review: str
    dimensions: tuple[ShownDimension, ...]
    deductions: tuple[dict[str, Any], ...]
    without_reviews: bool = False
    has_groups: bool = field(default=False)


def shown_trace(trace: Trace, *, slug: str, currency: str, opens_facts: bool) -> ShownTrace:
    """Return a trace for its template. `slug` and `opens_facts` make the links to the facts."""
    parts = [part for one in trace["dimensions"] for part in one["parts"]]
    widest = max((max(_d(it["used"]), _d(it["contribution"])) for it in parts), default=Decimal(0)) or Decimal(100)
    link = _links(trace, slug) if opens_facts else (lambda part: "")
    return ShownTrace(
        score=_points(trace["score"]), before=_points(trace["before"]), grade=trace["grade"],
        scorecard=_named(trace["version"]), number=trace["version"]["number"], review=_points(trace["review"]),
        dimensions=tuple(
            ShownDimension(
                _named(one), _percent(one["weight"]), _percent(one["used"]), _points(one["contribution"]),
                tuple(_part(part, widest, currency, link) for part in one["parts"]),
            )
            for one in trace["dimensions"]
        ),
        deductions=tuple({**one, "points": _points(one["points"])} for one in trace["deductions"]),
        without_reviews=bool(trace.get("without_reviews")),
    )  # fmt: skip


def _links(trace: Trace, slug: str) -> Callable[[Trace], str]:
    def link(part: Trace) -> str:
        if not part["metric"]:
            return ""
        query = {
            "metric": part["metric"], "from": trace["start"], "to": trace["end"], "employee": trace["employee_id"]
        }  # fmt: skip
        return f"{reverse('facts', args=[slug])}?{urlencode(query)}"

    return link


def _part(part: Trace, widest: Decimal, currency: str, link: Callable[[Trace], str]) -> ShownPart:
    def in_unit(value: str | None) -> str:
        return formats.by_unit(value, part["unit"], currency)

    is_share = part["input"] == "attainment"
    return ShownPart(
        name=_named(part), source=_named(part, "metric_name"), score=_points(part["score"]),
        contribution=_points(part["contribution"]), used=_percent(part["used"]), weight=_percent(part["of_whole"]),
        fill=_width(part["contribution"], widest), room=_width(part["used"], widest),
        why=str(WHY.get(_why(part), "")), figure=in_unit(part["raw"]),
        target="" if part["target"] is None else in_unit(part["target"]),
        reached=formats.percent(part["x"]) if is_share and part["x"] is not None else "",
        goal_id=part["goal_id"], facts_url=link(part),
        drawn=in_unit(_drawn(part)) if part["kind"] == "csat" else "", kind=part["kind"],
        picture=_picture(part, formats.percent if is_share else in_unit) if part["curve"] else None,
        groups=tuple(_group(one) for one in part["groups"]), counts=part["out"] == Out.COUNTS,
    )  # fmt: skip


def _why(part: Trace) -> str:
    """Return why a part is out; a figure without a target is a case that its reader can mend."""
    lacks = part["kind"] == "metric" and part["input"] == "attainment" and part["target"] is None
    return "no_target" if part["out"] == Out.MISSING and lacks and part["raw"] is not None else str(part["out"])


def _drawn(part: Trace) -> str | None:
    """Return the satisfaction that the score uses, few answers drawn to the unit's mean (section 8)."""
    if part["x"] is None or part["input"] == "actual" or part["target"] is None:
        return part["x"] if part["input"] == "actual" else None
    return str(Decimal(part["x"]) * Decimal(part["target"]))


def _group(group: Trace) -> ShownGroup:
    hidden = bool(group["hidden"])
    return ShownGroup(
        name=str(GROUPS.get(group["group"], group["group"])),
        pooled=_(", ").join(str(GROUPS.get(name, name)) for name in group["pooled"]),
        n=None if hidden else group["n"],
        weight="" if hidden else _percent(group["weight"]),
        score="" if hidden else _points(group["score"]),
        hidden=hidden,
    )


def _picture(part: Trace, say: Callable[[Any], str]) -> Picture:
    """Draw the curve from a little before its first point to a little after its last, the part's own x included."""
    points = [(Decimal(str(x)), Decimal(str(y))) for x, y in part["curve"]["points"]]
    own = None if part["x"] is None else Decimal(part["x"])
    xs = [x for x, _y in points] + ([own] if own is not None else [])
    low, high = min(xs), max(xs)
    room = (high - low) / 10 or Decimal(1)
    low, high = low - (0 if low == 0 else room), high + room
    ys = [y for _x, y in points] + [Decimal(0)]
    bottom, top = min(ys), max(ys) or Decimal(1)

    def place(x: Decimal, y: Decimal) -> tuple[float, float]:
        across = float((x - low) / (high - low)) * (WIDE - 2 * MARGIN) + MARGIN
        return across, HIGH - MARGIN - float((y - bottom) / (top - bottom or Decimal(1))) * (HIGH - 2 * MARGIN)

    line = _stairs(points, low, high) if part["curve"]["kind"] == "step" else _slopes(points, low, high)
    at = place(own, _d(part["score"])) if own is not None and part["score"] is not None else None
    return Picture(
        line=" ".join(f"{x:.1f},{y:.1f}" for x, y in (place(*point) for point in line)),
        at_x=f"{at[0]:.1f}" if at else "", at_y=f"{at[1]:.1f}" if at else "",
        words=_(", ").join(f"{say(x)} → {formats.number(y)}" for x, y in points),
        low=say(low), high=say(high), bottom=formats.number(bottom), top=formats.number(top),
    )  # fmt: skip


def _slopes(points: list[tuple[Decimal, Decimal]], low: Decimal, high: Decimal) -> list[tuple[Decimal, Decimal]]:
    return [(low, points[0][1]), *points, (high, points[-1][1])]


def _stairs(points: list[tuple[Decimal, Decimal]], low: Decimal, high: Decimal) -> list[tuple[Decimal, Decimal]]:
    found, level = [(low, Decimal(0))], Decimal(0)
    for x, y in points:
        found += [(x, level), (x, y)]
        level = y
    return [*found, (high, level)]


def _named(one: Mapping[str, Any], field_name: str = "name") -> str:
    first, second = ("en", "zh") if get_language() == "en" else ("zh", "en")
    return str(one.get(f"{field_name}_{first}") or one.get(f"{field_name}_{second}") or "")


def _d(value: str | None) -> Decimal:
    return Decimal(value or 0)


def _points(value: str | None) -> str:
    return formats.number(value, 2)


def _percent(value: str | None) -> str:
    return formats.MISSING if value is None else formats.percent(Decimal(value) / 100)


def _width(value: str | None, widest: Decimal) -> str:
    return f"{min(max(_d(value) / widest, Decimal(0)), Decimal(1)) * 100:.2f}"
