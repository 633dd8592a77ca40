"""Metrics (the library), facts (what happened) and rollups (facts summed up, always rebuildable)."""

from perfmgmt.metrics.models.batches import FactsBatch
from perfmgmt.metrics.models.facts import ExchangeRate, Fact, FactVersion, Source
from perfmgmt.metrics.models.forecasts import Forecast, ForecastBasis, MarketIndex
from perfmgmt.metrics.models.imports import ImportDraft, ImportProfile
from perfmgmt.metrics.models.library import (
    Aggregation,
    CustomerRule,
    Dimension,
    Direction,
    Event,
    GrowthBaseline,
    GrowthForm,
    Metric,
    TaxBasis,
    UnitOfMeasure,
)
from perfmgmt.metrics.models.rollups import CustomerDay, DirtyKey, EmployeeRollup, ParkedKey, UnitRollup

__all__ = [
    "Aggregation",
    "CustomerDay",
    "CustomerRule",
    "Dimension",
    "Direction",
    "DirtyKey",
    "EmployeeRollup",
    "Event",
    "ExchangeRate",
    "Fact",
    "FactVersion",
    "FactsBatch",
    "Forecast",
    "ForecastBasis",
    "GrowthBaseline",
    "GrowthForm",
    "ImportDraft",
    "ImportProfile",
    "MarketIndex",
    "Metric",
    "ParkedKey",
    "Source",
    "TaxBasis",
    "UnitOfMeasure",
    "UnitRollup",
]
