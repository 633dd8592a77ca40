"""The real CRM data as arrays: won deals by close date and value (its README)."""

import csv
from collections import defaultdict
from datetime import date
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from perfmgmt.tenants.calendar import add_months

Array = NDArray[np.float64]


def won_by_month(
    folder: Path, by: str = "sales_agent", *, counted: bool = False
) -> tuple[list[str], list[date], Array]:
    """Return owners, months and figures (owners down): money won, or deals won when `counted`.

    `by` is "sales_agent", or "manager" or "regional_office" for the units of the teams file. Owners without a deal
    in any month are left out; a month without a deal is 0.
    """
    with (folder / "sales_teams.csv").open(encoding="utf-8") as file:
        team = {row["sales_agent"]: row for row in csv.DictReader(file)}
    found: dict[str, dict[date, float]] = defaultdict(lambda: defaultdict(float))
    with (folder / "sales_pipeline.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["deal_stage"] == "Won":
                month = date.fromisoformat(row["close_date"]).replace(day=1)
                found[team[row["sales_agent"]][by]][month] += 1 if counted else float(row["close_value"])
    first, last = (edge(month for months in found.values() for month in months) for edge in (min, max))
    starts = [first]
    while starts[-1] < last:
        starts.append(add_months(starts[-1], 1))
    owners = sorted(found)
    return owners, starts, np.array([[found[owner][start] for start in starts] for owner in owners])
