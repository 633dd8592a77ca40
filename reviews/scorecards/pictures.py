"""Curves as pictures: an SVG by attributes, the same geometry as in `static/js/scorecard_curve.js`."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from perfmgmt.web import formats
from reviews.models import CurveKind, PartInput
from reviews.scorecards.content import PartDraft
from reviews.scorecards.rules import curve

WIDTH, HEIGHT = 320, 170
LEFT, RIGHT, TOP, BOTTOM = 40, 308, 12, 140


@dataclass(frozen=True)
class Dot:
    """A point of the curve: where it stands, and both numbers in words."""

    x: str
    y: str
    x_word: str
    y_word: str


@dataclass(frozen=True)
class Tick:
    """A line of the scale with its number; `at` in units of the picture."""

    at: str
    word: str


@dataclass(frozen=True)
class Picture:
    """A curve to draw: the line's points, the dots, the scale of scores; `text` says the same in words."""

    line: str
    dots: tuple[Dot, ...]
    ticks: tuple[Tick, ...]
    text: str


def word_of_x(part: PartDraft, metric: object | None, currency: str) -> Callable[[Decimal], str]:
    """Return how the x of a part's curve is said: percent of the target, or the metric's own unit."""
    if part.input == PartInput.ATTAINMENT or metric is None:
        return lambda x: formats.percent(x, 1)
    return lambda x: formats.metric_value(x, metric, currency)


def picture(part: PartDraft, metric: object | None, currency: str) -> Picture | None:
    """Return a part's curve as a picture; None for a part without one."""
    if not part.has_curve or not part.points:
        return None
    say = word_of_x(part, metric, currency)
    low, high = _span([x for x, _y in part.points])
    bottom = min(Decimal(0), *(y for _x, y in part.points))
    top = max(Decimal(100), *(y for _x, y in part.points))

    def at_x(x: Decimal) -> Decimal:
        return LEFT + (x - low) / (high - low) * (RIGHT - LEFT)

    def at_y(y: Decimal) -> Decimal:
        return BOTTOM - (y - bottom) / (top - bottom) * (BOTTOM - TOP)

    corners = _corners(part, low, high)
    dots = tuple(Dot(_f(at_x(x)), _f(at_y(y)), say(x), formats.number(y)) for x, y in part.points)
    levels = sorted({bottom, Decimal(0), Decimal(100), top})
    ticks = tuple(Tick(_f(at_y(level)), formats.number(level)) for level in levels)
    line = " ".join(f"{_f(at_x(x))},{_f(at_y(y))}" for x, y in corners)
    text = "; ".join(f"{dot.x_word} → {dot.y_word}" for dot in dots)
    return Picture(line, dots, ticks, text)


def _span(xs: list[Decimal]) -> tuple[Decimal, Decimal]:
    """The part of the x axis that is drawn: the points with a tenth on both sides, from 0 where that is near."""
    low, high = min(xs), max(xs)
    room = (high - low) / 10 or abs(high) / 10 or Decimal(1)
    return (low if low == 0 else low - room), high + room


def _corners(part: PartDraft, low: Decimal, high: Decimal) -> list[tuple[Decimal, Decimal]]:
    """The corners of the line from end to end: flat beyond the points, or in steps that begin at 0."""
    points = list(part.points)
    if part.curve == CurveKind.LINEAR:
        return [(low, points[0][1]), *points, (high, points[-1][1])]
    corners, before = [(low, Decimal(0))], Decimal(0)
    for x, y in points:
        corners += [(x, before), (x, y)]
        before = y
    return [*corners, (high, before)]


def _f(value: Decimal) -> str:
    return f"{value:.1f}"


def examples(part: PartDraft, metric: object | None, currency: str) -> list[tuple[str, str]]:
    """Return up to four examples of a curve as (figure, score) in words, in rising order of the figure.

    Of an attainment 80, 100 and 120 percent, which everybody understands; of a figure the points themselves.
    """
    say = word_of_x(part, metric, currency)
    if part.input == PartInput.ATTAINMENT:
        places = [Decimal("0.8"), Decimal(1), Decimal("1.2")]
    else:
        places = [x for x, _y in part.points]
        if len(places) > 4:
            places = [places[0], places[len(places) // 3], places[2 * len(places) // 3], places[-1]]
    found = []
    for x in places:
        score = curve(part.curve, part.points, x)
        found.append((say(x), formats.number(None if score is None else score)))
    return found
