"""Curves, composites and 360-degree scores of many people at once (RULES.md sections 4 to 6). No Django, no database.

Every result is the one of `reviews.scorecards.rules` and `reviews.answers.rules` after rounding to 4 decimals, in
whole units of 0.0001; property tests compare them. Composites and group scores are integer arithmetic. Where a float
is quicker (curves, the mean over groups) whatever lies near a boundary of rounding is worked out exactly.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from math import lcm

import numpy as np
from numpy.typing import NDArray

from reviews.scorecards.rules import DimensionScores, Number, Out, PartScore, composite, curve

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Exact = Callable[[int], Number]

UNITS = 10_000
OUTS: tuple[Out, ...] = tuple(Out)
# int64 holds up to 9.2e18; products are kept below this.
LARGEST = 4e18
# How near (in units) to the middle between two units a float has to be to be worked out exactly.
NEAR = 1e-6


@dataclass(frozen=True)
class Shape:
    """What a scorecard version weighs: the policy, and by dimension its weight and its parts' weights."""

    policy: str
    dimensions: tuple[tuple[Decimal, tuple[Decimal, ...]], ...]

    @property
    def width(self) -> int:
        """How many parts there are."""
        return sum(len(parts) for _weight, parts in self.dimensions)


@dataclass(frozen=True)
class Composites:
    """Composite scores by person, in units of 0.0001; what `missing` marks has none (its numbers are 0).

    By person and part: `used` (percent of the whole), `contribution` (points), `out` (places in OUTS).
    """

    missing: Bools
    score: Ints
    before: Ints
    used: Ints
    contribution: Ints
    out: Ints


def composites(shape: Shape, scores: Ints, missing: Bools, hidden: Bools, deduction: Ints) -> Composites:
    """Return the composites of people (rows) from the scores of their parts (columns), in units.

    People with the same parts missing and hidden share their weights, which come from `rules.composite` itself.
    """
    people, width = scores.shape
    found = Composites(
        np.ones(people, bool), *(np.zeros(people, np.int64) for _ in range(2)),
        *(np.zeros((people, width), np.int64) for _ in range(3)),
    )  # fmt: skip
    pattern = missing.astype(np.int8) + 2 * hidden.astype(np.int8)
    scores = np.where(missing, 0, scores)
    for rows in _alike(pattern):
        _compose(shape, pattern[rows[0]], scores[rows], rows, found)
    found.score[:] = np.maximum(0, found.before - deduction)
    found.score[found.missing] = 0
    return found


def _alike(pattern: NDArray[np.int8]) -> list[Ints]:
    """Return the places of the rows that are alike, kind by kind."""
    if not len(pattern):
        return []
    lines = np.ascontiguousarray(pattern).view(np.dtype((np.void, max(pattern.shape[1], 1))))
    _kinds, kind = np.unique(lines.ravel() if pattern.shape[1] else np.zeros(len(pattern)), return_inverse=True)
    order = np.argsort(kind, kind="stable")
    return np.split(order, np.flatnonzero(np.diff(kind[order])) + 1)


def _compose(shape: Shape, pattern: NDArray[np.int8], scores: Ints, rows: Ints, found: Composites) -> None:
    """Compose the people who miss the same parts: integers w and D with contribution = score * w / D."""
    used, outs = _weights(shape, pattern)
    found.out[rows] = [OUTS.index(out) for out in outs]
    if not any(used):
        return
    scale = lcm(*(share.denominator for share in used))
    weights = [int(share * scale) for share in used]
    top = int(np.abs(scores).max(initial=1)) or 1
    small = top * sum(weights) * 3 < LARGEST and scale * 3 < LARGEST
    kind = np.int64 if small else object
    exact = scores.astype(kind) * np.array(weights, dtype=kind)
    whole = exact.sum(axis=1)
    before = np.where(whole < 0, -1, 1) * ((2 * abs(whole) + scale) // (2 * scale))
    floors = exact // scale
    left = before - floors.sum(axis=1)
    # The largest remainder first, ties to the earlier part; each of the first `left` gets one unit more.
    order = np.argsort(-(exact - floors * scale), axis=1, kind="stable")
    rank = np.argsort(order, axis=1, kind="stable")
    found.contribution[rows] = (floors + (rank < left[:, None])).astype(np.int64)
    found.before[rows] = before.astype(np.int64)
    found.used[rows] = [_rounded(share * 100 * UNITS) for share in used]
    found.missing[rows] = False


def _weights(shape: Shape, pattern: NDArray[np.int8]) -> tuple[list[Fraction], list[Out]]:
    """Return each part's share of the whole and why it is out, as `rules.composite` has them."""
    places = iter(pattern.tolist())
    dimensions = [
        DimensionScores(weight, [PartScore(each, *_standing(next(places))) for each in parts])
        for weight, parts in shape.dimensions
    ]
    traces = [trace for row in composite(shape.policy, dimensions).parts for trace in row]
    return [trace.used / 100 for trace in traces], [trace.out for trace in traces]


def _standing(code: int) -> tuple[Decimal | None, bool]:
    return (None if code & 1 else Decimal(0), bool(code & 2))


def _rounded(value: Fraction) -> int:
    """Round half away from zero to a whole number."""
    whole = (2 * abs(value.numerator) + value.denominator) // (2 * value.denominator)
    return whole if value >= 0 else -whole


def rounded_units(values: Floats, error: Floats, exact: Exact, *, units: int = UNITS) -> Ints:
    """Return values in whole units, half away from zero; NaN gives 0. `error` bounds how far a value may be off.

    A value that lies near the middle between two units is taken from `exact(place)`.
    """
    known = ~np.isnan(values)
    scaled = np.where(known, values, 0.0) * units
    whole = np.floor(np.abs(scaled) + 0.5)
    off = np.abs(np.abs(scaled) + 0.5 - np.rint(np.abs(scaled) + 0.5))
    near = known & (off <= NEAR + np.where(known, error, 0.0) * units + np.abs(scaled) * 1e-15)
    found: Ints = (np.sign(scaled) * whole).astype(np.int64)
    for place in np.flatnonzero(near).tolist():
        found[place] = _rounded(Fraction(exact(place)) * units)
    return found


def curved(kind: str, points: Sequence[tuple[Decimal, Decimal]], x: Floats, exact: Exact) -> Ints:
    """Return the scores of a curve at x (NaN: missing, 0) in units (section 4); `exact(place)` is x exactly."""
    edges, heights = (np.array([float(point[at]) for point in points]) for at in (0, 1))
    at = np.where(np.isnan(x), edges[0], x)

    def exactly(place: int) -> Number:
        return curve(kind, points, exact(place)) or Fraction(0)

    if kind == "step":
        place = np.searchsorted(edges, at, side="right")
        values = np.concatenate([[0.0], heights])[place]
        gap = np.abs(at[:, None] - edges[None, :]) <= 1e-12 * np.maximum(1.0, np.abs(at))[:, None]
        error = np.where(gap.any(axis=1), 1.0, 0.0)  # so near a step that the side is to be looked at
    else:
        values = np.interp(at, edges, heights)
        slopes = np.abs(np.diff(heights) / np.diff(edges)) if len(edges) > 1 else np.zeros(1)
        steepest = float(slopes.max(initial=0.0))
        error = 1e-14 * (np.abs(heights).max() + steepest * (np.abs(np.clip(at, edges[0], edges[-1])) + 1))
    return rounded_units(np.where(np.isnan(x), np.nan, values), np.broadcast_to(error, x.shape), exactly)


@dataclass(frozen=True)
class GroupRules:
    """The rater groups of a cycle, by place; `there` says which it has. Weights are whole numbers in proportion."""

    there: Bools
    weights: Ints
    minimums: Ints
    merges: Bools


@dataclass(frozen=True)
class Sheets:
    """Answers as columns: whose (place of the participant), group (place), days, and by question the step, 0 none."""

    people: int
    person: Ints
    group: Ints
    days: Ints
    values: Ints


@dataclass(frozen=True)
class Reviews:
    """360-degree scores (section 6), by participant; by participant and group, the last group is `colleagues`.

    Group scores are `top / bottom`, exact; `big` has those that int64 doesn't hold. `there` says which groups are in
    the result at all (not pooled), `known` which have a score, `hidden` which have too few answers to show one.
    `place_of` says for each sheet in which group it counts, -1 for one without an answer.
    """

    there: Bools
    n: Ints
    known: Bools
    hidden: Bools
    units: Ints
    pooled: Bools
    top: Ints
    bottom: Ints
    place_of: Ints
    big: dict[tuple[int, int], Fraction] = field(default_factory=dict)

    def weights(self, of_groups: Ints) -> Ints:
        """Return the weight of each group of each participant: `colleagues` has those of its groups together."""
        own = np.where(self.pooled, 0, of_groups[None, :])
        together = np.where(self.pooled, of_groups[None, :], 0).sum(axis=1)
        return np.concatenate([own, together[:, None]], axis=1)

    def total(self, of_groups: Ints) -> tuple[Ints, Bools, Bools]:
        """Return the 360 scores in units by weights of groups: (units, known, hidden for anonymity)."""
        weights = self.weights(of_groups)
        counting = np.where(self.known, weights, 0)
        whole = counting.sum(axis=1)
        known = whole > 0
        scores = self.top / np.maximum(self.bottom, 1)
        for (person, group), value in self.big.items():
            scores[person, group] = float(value)
        means = (counting * scores).sum(axis=1) / np.maximum(whole, 1)

        def exact(person: int) -> Fraction:
            total = sum(
                (
                    int(counting[person, group]) * self.exact(person, group)
                    for group in np.flatnonzero(counting[person]).tolist()
                ),
                Fraction(0),
            )
            return total / int(whole[person])

        units = rounded_units(np.where(known, means, np.nan), np.full(len(means), 1e-12), exact)
        hidden = ~known & (self.hidden & (weights > 0)).any(axis=1)
        return units, known, hidden

    def exact(self, person: int, group: int) -> Fraction:
        """Return a group's score exactly."""
        found = self.big.get((person, int(group)))
        return found if found is not None else Fraction(int(self.top[person, group]), int(self.bottom[person, group]))


def reviews(weights: Ints, scales: Ints, rules: GroupRules, sheets: Sheets) -> Reviews:
    """Return the 360-degree scores by questions (`weights`: whole numbers in proportion, `scales`: their steps).

    A sheet that answers nothing but questions of weight 0 counts in no group.
    """
    people, groups = sheets.people, len(rules.there)
    answered = (sheets.values[:, weights > 0] > 0).any(axis=1) & rules.there[sheets.group]
    person, group = sheets.person[answered], sheets.group[answered]
    days, values = sheets.days[answered], sheets.values[answered]
    n = np.bincount(person * groups + group, minlength=people * groups).reshape(people, groups)
    small = rules.merges & rules.there & (n > 0) & (n < rules.minimums)
    pooled = small & (small.sum(axis=1, keepdims=True) >= 2)
    place = np.where(pooled[person, group], groups, group)
    there = np.concatenate([rules.there & ~pooled, pooled.any(axis=1)[:, None]], axis=1)
    least = np.concatenate(
        [np.broadcast_to(rules.minimums, (people, groups)), np.where(pooled, rules.minimums, 0).max(1)[:, None]],
        axis=1,
    )
    cell = person * (groups + 1) + place
    count = np.bincount(cell, minlength=people * (groups + 1)).reshape(people, groups + 1)
    place_of = np.full(len(sheets.person), -1, np.int64)
    place_of[answered] = place
    top, bottom, scored, big = _means(weights, scales, cell, days, values, people * (groups + 1))
    shape = (people, groups + 1)
    shown = (count > 0) & (count >= least)
    known = shown & scored.reshape(shape)
    found = Reviews(
        there, count, known, (count > 0) & ~shown, np.zeros(shape, np.int64), pooled, top.reshape(shape),
        bottom.reshape(shape), place_of,
        {divmod(at, groups + 1): value for at, value in big.items()},
    )  # fmt: skip
    found.units[:] = (2 * found.top * UNITS + found.bottom) // (2 * found.bottom)
    for at, value in found.big.items():
        found.units[at] = _rounded(value * UNITS)
    found.units[~known] = 0
    return found


def _means(
    weights: Ints, scales: Ints, cell: Ints, days: Ints, values: Ints, cells: int
) -> tuple[Ints, Ints, Bools, dict[int, Fraction]]:
    """Return by cell (participant and group) the question-weighted mean of answers, exactly, as top and bottom.

    Each question's mean over raters has the days times the steps of its scale below it; all of a cell's questions are
    brought to one denominator. What int64 doesn't hold is returned as fractions.
    """
    width = values.shape[1]
    above, below = np.zeros((width, cells), np.int64), np.zeros((width, cells), np.int64)
    for question in range(width):
        given = values[:, question] > 0
        steps = days[given] * (values[given, question] - 1)
        above[question] = np.bincount(cell[given], weights=steps, minlength=cells)
        below[question] = np.bincount(cell[given], weights=days[given], minlength=cells)
    weighs = (below > 0) & (weights[:, None] > 0)
    below = np.where(weighs, below * (scales[:, None] - 1), 1)
    common, safe = np.ones(cells, np.int64), np.ones(cells, bool)
    for question in range(width):
        step = below[question] // np.gcd(common, below[question])
        safe &= common.astype(float) * step < LARGEST
        common = np.where(safe, common * step, 1)
    whole = (weighs * weights[:, None]).sum(axis=0)
    safe &= whole.astype(float) * common * 100 * 2 * UNITS < LARGEST
    common = np.where(safe, common, 1)
    top = 100 * (np.where(weighs, above * weights[:, None], 0) * (common // np.where(safe, below, 1))).sum(axis=0)
    big = {}
    for at in np.flatnonzero(~safe).tolist():
        asked = np.flatnonzero(weighs[:, at]).tolist()
        means = (Fraction(int(weights[q]) * int(above[q, at]) * 100, int(below[q, at])) for q in asked)
        big[at] = sum(means, Fraction(0)) / int(whole[at])
    bottom = np.where(safe & (whole > 0), whole * common, 1)
    return np.where(safe, top, 0), bottom, whole > 0, big


def adjusted_groups(weights: Ints, found: Reviews, sheets: Sheets, leniency: Floats) -> Floats:
    """Return the groups' scores with each sheet's leniency (points) taken out (section 7), NaN where there is none.

    Every answer of a sheet is lower by its rater's leniency, so each question's mean is lower by their mean.
    """
    people, groups = found.there.shape
    counted = found.place_of >= 0
    cell = (sheets.person * groups + found.place_of)[counted]
    days, values, lenient = sheets.days[counted].astype(float), sheets.values[counted], leniency[counted]
    size = people * groups
    taken, whole = np.zeros(size), np.zeros(size)
    for question in np.flatnonzero(weights > 0):
        given = values[:, question] > 0
        all_days = np.bincount(cell[given], weights=days[given], minlength=size)
        sums = np.bincount(cell[given], weights=days[given] * lenient[given], minlength=size)
        there = all_days > 0
        taken[there] += weights[question] * sums[there] / all_days[there]
        whole[there] += weights[question]
    shift = (taken / np.maximum(whole, 1)).reshape(people, groups)
    scores = found.top / np.maximum(found.bottom, 1)
    for at, value in found.big.items():
        scores[at] = float(value)
    return np.where(found.known, scores - shift, np.nan)
