"""A small picture of past periods, the forecast and a target, as coordinates for an SVG."""

from dataclasses import dataclass

from perfmgmt.metrics.forecast.rules import Outlook

WIDTH, HEIGHT, GAP, MOST_BARS = 480, 96, 2, 36


@dataclass(frozen=True)
class Bar:
    """One past period: a rectangle."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Sparkline:
    """Bars of the past, the interval as a box with the median, and the height of the target, if there is one."""

    bars: list[Bar]
    box: Bar
    median: float
    target: float | None


def sparkline(it: Outlook, target: float | None) -> Sparkline | None:
    """Return the picture of an outlook; None without a forecast or with figures below 0, which it can't show."""
    if it.point is None or it.low is None or it.high is None:
        return None
    history = it.history[-MOST_BARS:]
    figures = [*history, it.low, it.high, *([] if target is None else [target])]
    top = max(figures)
    if min(figures) < 0 or top <= 0:
        return None
    slot = WIDTH / (len(history) + 2)
    bars = [_bar(at * slot, value / top, slot - GAP) for at, value in enumerate(history)]
    left = len(history) * slot + GAP
    box = Bar(round(left, 1), _y(it.high / top), round(WIDTH - left, 1), round((it.high - it.low) / top * HEIGHT, 1))
    return Sparkline(bars, box, _y(it.point / top), None if target is None else _y(target / top))


def _y(share: float) -> float:
    return round(HEIGHT * (1 - share), 1)


def _bar(x: float, share: float, width: float) -> Bar:
    return Bar(round(x, 1), _y(share), round(max(width, 1.0), 1), round(HEIGHT * share, 1))
