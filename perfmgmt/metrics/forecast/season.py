"""The season of sums and counts, pooled over people (RULES.md section 16). Pure: numpy only.

Each period's figures relative to the people's own means, averaged over the people, give one index per period. Its log
is the sum of a place in the quarter (quarters end high) and a calendar month, each drawn towards 0 by how little the
history says: with three months nothing is known of December, with three years a lot. A role type's own pattern is a
smaller deviation from the company's, known by the same rule.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Whole = NDArray[np.int64]

# How much places in the quarter, calendar months and role types' deviations from them vary: variances of logs.
OF_PLACE, OF_MONTH, OF_ROLE = 0.04, 0.01, 0.005
# The variance of one period's index that no pattern explains.
OF_PERIOD = 0.01
# A role type of fewer people has the company's season.
FEWEST_PEOPLE = 5
# Relative figures above this are one large order, not a season.
MOST_RELATIVE = 4.0


@dataclass(frozen=True)
class Calendar:
    """Periods as the season knows them: place in the fiscal quarter (0-2) and calendar month (0-11)."""

    place: Whole
    month: Whole


@dataclass(frozen=True)
class Season:
    """Factors by person and period, past and asked (1 = usual), and the variance of the log of those asked."""

    past: Array
    ahead: Array
    uncertainty: Array


def season_of(
    values: Array,
    exposure: Array,
    known: NDArray[np.bool_],
    groups: Whole,
    past: Calendar,
    ahead: Calendar,
    kind: str,
) -> Season:
    """Return the factors of the periods; all 1 for anything but sums, and where nothing is known."""
    people, periods, asked = len(values), len(past.month), len(ahead.month)
    season = Season(np.ones((people, periods)), np.ones((people, asked)), np.zeros((people, asked)))
    if kind != "sum" or periods < 2 or not known.any():
        return season
    for _turn in range(2):  # people's means depend on the season of the months they were there
        relative, weights = _relative(values, exposure * season.past, known)
        relative = relative * season.past
        whole = _Pattern.of(relative, weights, known, past, OF_PLACE, OF_MONTH)
        season = whole.season(people, past, ahead)
    for group in np.unique(groups):
        here = groups == group
        if FEWEST_PEOPLE <= here.sum() < people:
            own = _Pattern.of(relative[here] / season.past[here], weights[here], known[here], past, OF_ROLE, OF_ROLE)
            part = own.season(int(here.sum()), past, ahead)
            season.past[here] *= part.past
            season.ahead[here] *= part.ahead
            season.uncertainty[here] += part.uncertainty
    return season


def _relative(values: Array, exposure: Array, known: NDArray[np.bool_]) -> tuple[Array, Array]:
    """Figures against what the person's own mean makes of the exposure, and how much each counts."""
    weights = np.where(known, exposure, 0.0)
    mean = np.where(known, values, 0.0).sum(1) / np.maximum(weights.sum(1), 1e-12)
    counts = known & (mean > 0)[:, None]
    expected = np.where(counts, exposure * mean[:, None], 1.0)
    return np.clip(np.where(counts, values / expected, 1.0), 0.0, MOST_RELATIVE), np.where(counts, weights, 0.0)


@dataclass(frozen=True)
class _Pattern:
    """The drawn estimates of places and months, with their covariance; the first entry is the general height."""

    estimate: Array
    covariance: Array

    @classmethod
    def of(
        cls, relative: Array, weights: Array, known: NDArray[np.bool_], past: Calendar, place: float, month: float
    ) -> "_Pattern":
        total = weights.sum(0)
        index = (relative * weights).sum(0) / np.maximum(total, 1e-12)
        away = np.where(weights > 0, relative - index, 0.0)
        chance = np.square(away).sum() / max(float((weights > 0).sum()) - len(total), 1.0)
        noise = OF_PERIOD + chance / np.maximum((weights > 0).sum(0), 1)
        rows = (total > 0) & (index > 0)
        design = _design(past)[rows]
        prior = np.diag([1 / 4.0, *[1 / place] * 3, *[1 / month] * 12])
        covariance = np.linalg.inv(prior + design.T @ (design / noise[rows, None]))
        return cls(covariance @ (design.T @ (np.log(index[rows]) / noise[rows])), covariance)

    def season(self, people: int, past: Calendar, ahead: Calendar) -> Season:
        """The factors of periods, the same for all these people; their mean over a year is 1."""
        shape, asked = self._shape(past), _design(ahead)[:, 1:]
        unsure = np.einsum("ij,jk,ik->i", asked, self.covariance[1:, 1:], asked)
        wide = [np.tile(row, (people, 1)) for row in (shape, self._shape(ahead), unsure)]
        return Season(*wide)

    def _shape(self, calendar: Calendar) -> Array:
        year = np.mean(np.exp(_design(_YEAR)[:, 1:] @ self.estimate[1:]))
        return np.asarray(np.exp(_design(calendar)[:, 1:] @ self.estimate[1:]) / year)


def _design(calendar: Calendar) -> Array:
    """One row per period: the general height, the place in the quarter, the calendar month."""
    rows = np.zeros((len(calendar.month), 16))
    here = np.arange(len(calendar.month))
    rows[:, 0] = 1
    rows[here, 1 + calendar.place] = 1
    rows[here, 4 + calendar.month] = 1
    return rows


_YEAR = Calendar(np.arange(12) % 3, np.arange(12))
