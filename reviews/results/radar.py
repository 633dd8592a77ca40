"""The dimensions of a result as a filled radar: points of an SVG drawn by attributes. Pure: no Django."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import cos, pi, sin

WIDE, HIGH, RADIUS = 440, 300, 100
LEAST = 3  # with fewer dimensions there is no area: the page shows bars
RINGS = (Decimal("0.25"), Decimal("0.5"), Decimal("0.75"), Decimal(1))
LONGEST_LINE = 14
LABEL_GAP = 16
MIDDLE = 8


@dataclass(frozen=True)
class Axis:
    """One dimension: where its line ends, and where its name stands, in one or two lines."""

    name: str
    x: str
    y: str
    label_x: str
    label_y: str
    anchor: str
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Radar:
    """The picture: lines, rings, the area of now and of the period before (empty without one)."""

    axes: tuple[Axis, ...]
    rings: tuple[str, ...]
    now: str
    before: str
    dots: tuple[tuple[str, str], ...]
    top: Decimal


def radar(names: Sequence[str], now: Sequence[Decimal | None], before: Sequence[Decimal | None]) -> Radar | None:
    """Return the radar of scores (points, 0 in the middle), None with fewer than three dimensions.

    The rim is 100, or the highest score above it. A missing score is drawn in the middle; without all scores of the
    period before there is no second area.
    """
    if len(names) < LEAST:
        return None
    there = [value for value in (*now, *before) if value is not None]
    top = max([Decimal(100), *there])
    points = [_at(place, len(names), (value or Decimal(0)) / top) for place, value in enumerate(now)]
    old = ""
    if before and all(value is not None for value in before):
        old = _line(_at(place, len(names), (value or Decimal(0)) / top) for place, value in enumerate(before))
    return Radar(
        tuple(_axis(name, place, len(names)) for place, name in enumerate(names)),
        tuple(_line(_at(place, len(names), share) for place in range(len(names))) for share in RINGS),
        _line(points), old, tuple((f"{x:.1f}", f"{y:.1f}") for x, y in points), top,
    )  # fmt: skip


def _at(place: int, count: int, share: Decimal, *, extra: float = 0) -> tuple[float, float]:
    angle = 2 * pi * place / count - pi / 2
    length = float(min(max(share, Decimal(0)), Decimal(1))) * RADIUS + extra
    return WIDE / 2 + length * cos(angle), HIGH / 2 + length * sin(angle)


def _line(points: Iterable[tuple[float, float]]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)


def _axis(name: str, place: int, count: int) -> Axis:
    x, y = _at(place, count, Decimal(1))
    label_x, label_y = _at(place, count, Decimal(1), extra=LABEL_GAP)
    off = label_x - WIDE / 2
    anchor = "middle" if abs(off) < MIDDLE else ("start" if off > 0 else "end")
    return Axis(name, f"{x:.1f}", f"{y:.1f}", f"{label_x:.1f}", f"{label_y:.1f}", anchor, _broken(name))


def _broken(name: str) -> tuple[str, ...]:
    """Return a long name in two lines, broken at the space nearest to its middle."""
    spaces = [at for at, letter in enumerate(name) if letter == " "]
    if len(name) <= LONGEST_LINE or not spaces:
        return (name,)
    at = min(spaces, key=lambda one: abs(one - len(name) // 2))
    return name[:at], name[at + 1 :]
