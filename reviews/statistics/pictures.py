"""The figures of a cycle as pictures and sentences: distribution of leniency, self against others, reliability."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext, pgettext_lazy

from perfmgmt.web import formats
from perfmgmt.web.charts import Chart, Series
from reviews.statistics.adjusting import BIN
from reviews.statistics.rules import BAND, reliability_band

#: Words and tones of the bands, by code.
BAND_WORDS: Mapping[str, tuple[str, str | Promise]] = {
    "severe": ("warn", pgettext_lazy("leniency", "Severe")),
    "typical": ("good", pgettext_lazy("leniency", "Typical")),
    "lenient": ("warn", pgettext_lazy("leniency", "Lenient")),
    "": ("mute", pgettext_lazy("leniency", "Too few people to say")),
}
GAP_WORDS: Mapping[str, tuple[str, str | Promise]] = {
    "higher": ("warn", pgettext_lazy("self-review", "Sees themselves higher")),
    "alike": ("good", pgettext_lazy("self-review", "Sees themselves alike")),
    "lower": ("info", pgettext_lazy("self-review", "Sees themselves lower")),
    "": ("mute", pgettext_lazy("self-review", "Not known")),
}
# Scatter: the field in units of the picture, and how wide a cell of it is, in points.
FIELD, EDGE, CELL = 300, 34, 5
BAR, BAR_EDGE = 400, 10


@dataclass(frozen=True)
class Dot:
    """A dot of the scatter: where, how large, and what it says."""

    x: str
    y: str
    r: str
    title: str


@dataclass(frozen=True)
class Scatter:
    """People by how they see themselves (across) and others do (up); near ones are one dot, larger for more."""

    dots: Sequence[Dot]
    counts: Mapping[str, int]
    summary: str


@dataclass(frozen=True)
class ReliabilityBar:
    """The value and its interval on a line from 0 to 1, as places of the picture, and what they mean."""

    at: str
    low: str
    width: str
    value: str
    interval: str
    band: str
    words: Sequence[str]


def leniency_chart(figures: Mapping[str, Any]) -> Chart:
    """Return the distribution of leniency: how many raters in each bar of five points."""
    found = figures["leniency"]
    start, counts = found["from"], found["counts"]
    used = [at for at, count in enumerate(counts) if count]
    first = min([*used, start.index(-int(BAND) - BIN)])
    last = max([*used, start.index(int(BAND))])
    labels = [_("{low} to {high}").format(low=_signed(one), high=_signed(one + BIN)) for one in start]
    known = sum(counts)
    summary = _("{typical} of {known} raters are typical, {severe} severe, {lenient} lenient").format(
        typical=found["typical"], known=known, severe=found["severe"], lenient=found["lenient"]
    )
    return Chart(
        "leniency",
        _("Leniency of raters, in points against the others"),
        labels[first : last + 1],
        [Series(_("Raters"), counts[first : last + 1])],
        kind="bar",
        category_title=_("Points"),
        summary=summary,
        height="small",
    )


def _signed(value: int) -> str:
    return f"+{value}" if value > 0 else f"−{-value}" if value < 0 else "0"


def scatter(figures: Mapping[str, Any]) -> Scatter | None:
    """Return the picture of self against others; None without anybody of whom both may be shown."""
    gaps = figures.get("gaps") or []
    if not gaps:
        return None
    cells: dict[tuple[int, int], int] = {}
    for _pk, own, others, _band in gaps:
        at = _cell(own), _cell(others)
        cells[at] = cells.get(at, 0) + 1
    largest = max(cells.values())
    dots = [_dot(own, others, count, largest) for (own, others), count in sorted(cells.items())]
    counts = {name: sum(one[3] == name for one in gaps) for name in ("higher", "alike", "lower")}
    summary = _("Of {n} people {higher} see themselves higher than others do, {lower} lower, {alike} alike.").format(
        n=len(gaps), **counts
    )
    return Scatter(dots, counts, summary)


def _cell(value: float) -> int:
    return min(int(value // CELL), 100 // CELL - 1)


def _dot(own: int, others: int, count: int, largest: int) -> Dot:
    middle = CELL / 2
    x, y = (_place(at * CELL + middle) for at in (own, others))
    title = ngettext("{n} person: self {own}, others {others}", "{n} people: self {own}, others {others}", count)
    return Dot(
        f"{x:.1f}", f"{FIELD - y:.1f}", f"{3 + 6 * sqrt(count / largest):.1f}",
        title.format(n=count, own=_span(own), others=_span(others)),
    )  # fmt: skip


def _span(cell: int) -> str:
    return f"{cell * CELL}–{(cell + 1) * CELL}"


def _place(points: float) -> float:
    return EDGE + points / 100 * (FIELD - EDGE - 8)


def diagonal() -> tuple[str, str, str, str]:
    """Return the ends of the line on which both say the same: x1, y1, x2, y2."""
    low, high = _place(0), _place(100)
    return f"{low:.1f}", f"{FIELD - low:.1f}", f"{high:.1f}", f"{FIELD - high:.1f}"


def axis() -> list[tuple[str, str, str]]:
    """Return the marks of both axes: the word, its x, its y."""
    return [(str(at), f"{_place(at):.1f}", f"{FIELD - _place(at):.1f}") for at in (0, 25, 50, 75, 100)]


def reliability_bar(figures: Mapping[str, Any]) -> ReliabilityBar | None:
    """Return the reliability as a bar; None where it can't be told."""
    found = figures.get("reliability")
    if not found:
        return None
    low, high, icc, of_mean = (float(found[name]) for name in ("low", "high", "icc", "of_mean"))
    band = reliability_band(of_mean)
    start = _along(low)
    return ReliabilityBar(
        at=f"{_along(icc):.1f}", low=f"{start:.1f}", width=f"{_along(high) - start:.1f}",
        value=formats.number(icc, 2),
        interval=f"{formats.number(low, 2)} – {formats.number(high, 2)}",
        band=band, words=_reliability_words(band, icc, of_mean, float(found["raters"])),
    )  # fmt: skip


def _along(value: float) -> float:
    return BAR_EDGE + min(max(value, 0.0), 1.0) * (BAR - 2 * BAR_EDGE)


def _reliability_words(band: str, icc: float, of_mean: float, raters: float) -> list[str]:
    verdicts = {
        "poor": pgettext("reliability", "Poor: mostly who the raters were decided how somebody came out."),
        "fair": pgettext("reliability", "Fair: the scores tell people apart roughly."),
        "good": pgettext("reliability", "Good: the scores tell people apart."),
        "excellent": pgettext("reliability", "Excellent: raters largely agree about whom they rate."),
    }
    return [
        verdicts[band],
        _("The mean of {raters} raters, as here, is reliable to {share}: so much of the differences between people "
          "comes from the people themselves.").format(
            raters=formats.number(raters, 1), share=formats.percent(max(of_mean, 0.0), 0)),
        _("A single rater alone: {share}.").format(share=formats.percent(max(icc, 0.0), 0)),
    ]  # fmt: skip
