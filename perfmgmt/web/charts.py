"""A chart as data: what `static/js/chart.js` draws, and the same numbers as a table.

Build one in a view, give it to the template, show it with `{% chart chart %}`. Labels and values are
formatted here, in the reader's language, so that the chart, its hover and its table say the same.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from perfmgmt.web import formats

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from decimal import Decimal

Kind = Literal["line", "bar", "hbar"]
#: accent: the subject. muted: what it is compared with (target, last year). The rest are categories 2 to 5.
Role = Literal["accent", "muted", "second", "third", "fourth", "fifth", "good", "warn", "bad"]


@dataclass(frozen=True, slots=True)
class Series:
    """One row of values, as long as the chart's categories; None is a gap, not a zero.

    `kind` overrides the chart's for this series, `style` draws a line dashed (targets, forecasts),
    `urls` make points open the facts behind them, `fills` shades down to the series before (an interval's upper end).
    """

    name: str
    values: Sequence[Decimal | float | int | None]
    role: Role = "accent"
    kind: Kind | None = None
    style: Literal["solid", "dash"] = "solid"
    urls: Sequence[str] = ()
    fills: bool = False


@dataclass(frozen=True, slots=True)
class Chart:
    """`id` is unique on the page; `title` names the figure; `summary` says its finding in one sentence.

    `ticks` are short names of the categories for the axis, where the names themselves would run into each other.
    """

    id: str
    title: str
    categories: Sequence[str]
    series: Sequence[Series]
    kind: Kind = "line"
    unit: str = "count"
    currency: str = ""
    category_title: str = ""
    summary: str = ""
    height: Literal["small", "medium", "tall"] = "medium"
    ticks: Sequence[str] = ()
    formatter: Callable[[Any], str] | None = field(default=None, compare=False)

    @property
    def is_empty(self) -> bool:
        """No value at all: the template shows the empty state instead of axes."""
        return not any(value is not None for series in self.series for value in series.values)

    def text(self, value: Decimal | float | int | None) -> str:
        """A value as hover and table show it."""
        return self.formatter(value) if self.formatter else formats.by_unit(value, self.unit, self.currency)

    def payload(self) -> dict[str, Any]:
        """What the script reads. Only here numbers become floats: a chart has no use for exact cents."""
        return {
            "kind": self.kind,
            "unit": self.unit,
            "currency": self.currency,
            "categories": list(self.categories),
            "ticks": list(self.ticks),
            "series": [
                {
                    "name": series.name,
                    "kind": series.kind or self.kind,
                    "role": series.role,
                    "style": series.style,
                    "fills": series.fills,
                    "y": [None if value is None else float(value) for value in series.values],
                    "text": [self.text(value) for value in series.values],
                    "urls": list(series.urls),
                }
                for series in self.series
            ],
        }

    def rows(self) -> list[tuple[str, list[str]]]:
        """The table: a category, then one formatted value per series."""
        return [
            (category, [self.text(series.values[index]) for series in self.series])
            for index, category in enumerate(self.categories)
        ]
