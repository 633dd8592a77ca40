"""Metrics (the library), facts (what happened) and rollups (facts summed up, always rebuildable)."""

from perfmgmt.metrics.models.facts import ExchangeRate, Fact, FactVersion, Source
from perfmgmt.metrics.models.library import Aggregation, Direction, Metric, UnitOfMeasure
from perfmgmt.metrics.models.rollups import DirtyKey, EmployeeRollup, ParkedKey, UnitRollup

__all__ = [
    "Aggregation",
    "Direction",
    "DirtyKey",
    "EmployeeRollup",
    "ExchangeRate",
    "Fact",
    "FactVersion",
    "Metric",
    "ParkedKey",
    "Source",
    "UnitOfMeasure",
    "UnitRollup",
]
