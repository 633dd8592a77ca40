"""The market index that HR keeps: by month, for all or for a region or a product (feature G2)."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from perfmgmt.metrics.forecast.frame import Frame
from perfmgmt.metrics.models import Dimension, MarketIndex, Metric
from perfmgmt.people.models import Unit
from perfmgmt.people.selectors import below

Array = NDArray[np.float64]


class Market:
    """The months of the index with the units that each region names; two queries, at most."""

    def __init__(self, frame: Frame) -> None:
        months = MarketIndex.objects.filter(month__gte=frame.months[0], month__lte=frame.months[-1])
        self.frame, self.rows = frame, list(months)
        self.regions = _regions() if any(row.region for row in self.rows) else {}

    def factors(self, metric: Metric) -> Array:
        """Return the factor by person and month; 1 where the index has none, and for what no market moves.

        The narrowest row counts: of a product before that of a region, of a unit before that of the one above it.
        """
        result = np.ones_like(self.frame.presence)
        if metric.dimension != Dimension.SALES:
            return result
        place = {month: at for at, month in enumerate(self.frame.months)}
        sold = _products(metric)
        rows = [row for row in self.rows if not row.product or row.product.casefold() in sold]
        for row in sorted(rows, key=self._narrowness):
            units = self.regions.get(row.region.casefold(), []) if row.region else None
            here = np.isin(self.frame.crew.units, units) if units is not None else np.ones(len(result), dtype=bool)
            if row.month in place:
                result[here, place[row.month]] = float(row.factor)
        return result

    def _narrowness(self, row: MarketIndex) -> tuple[bool, bool, int]:
        size = len(self.regions.get(row.region.casefold(), []))
        return bool(row.product), bool(row.region), -size


def _regions() -> dict[str, list[int]]:
    """Units and everything below them, by the unit's name; a name that several have means all of them."""
    children: dict[int | None, list[int]] = {}
    names: dict[int, str] = {}
    for pk, parent_id, name in Unit.objects.values_list("pk", "parent_id", "name"):
        children.setdefault(parent_id, []).append(pk)
        names[pk] = name.casefold()
    found: dict[str, list[int]] = {}
    for pk, name in names.items():
        found.setdefault(name, []).extend(below(children, pk))
    return found


def _products(metric: Metric) -> set[str]:
    """The products and series that a metric counts only."""
    conditions: Iterable[dict[str, list[str]]] = metric.filters
    return {
        value.casefold()
        for part in (each for each in conditions if each.get("op") != "not_in")
        if part["attribute"] in ("product", "series")
        for value in part["values"]
    }
