"""Metrics (the library), facts (what happened) and rollups (facts summed up, always rebuildable)."""

from perfmgmt.metrics.models.facts import ExchangeRate, Fact, FactVersion, Source
from perfmgmt.metrics.models.imports import ImportDraft, ImportProfile
from perfmgmt.metrics.models.library import Aggregation, Direction, Metric, UnitOfMeasure
from perfmgmt.metrics.models.rollups import DirtyKey, EmployeeRollup, UnitRollup

__all__ = [
    "Aggregation",
    "Direction",
    "DirtyKey",
    "EmployeeRollup",
    "ExchangeRate",
    "Fact",
    "FactVersion",
    "ImportDraft",
    "ImportProfile",
    "Metric",
    "Source",
    "UnitOfMeasure",
    "UnitRollup",
]
