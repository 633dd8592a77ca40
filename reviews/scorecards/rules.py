"""Curves and composite scores (RULES.md sections 4 and 5). Pure: no Django, no database.

Scores are in points (100 = target met), weights in percent. `reviews.scores.columns` does the same for many people
at once and is proven equal to this.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from itertools import pairwise

from goals.rules import rounded

Number = Decimal | Fraction | int
Points = Sequence[tuple[Number, Number]]
#: Linear through these, where nothing else is chosen (RULES.md section 4).
DEFAULT_POINTS: tuple[tuple[Decimal, Decimal], ...] = (
    (Decimal(0), Decimal(0)),
    (Decimal(1), Decimal(100)),
    (Decimal("1.2"), Decimal(120)),
)
#: Scores and contributions are kept in units of this.
UNIT = Decimal("0.0001")
UNITS_OF_ONE = 10_000
WHOLE = Decimal(100)


class BadCurve(ValueError):
    """A curve that can't be drawn; `code` is empty, repeated or order."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class BadWeights(ValueError):
    """Weights that don't sum to 100, or one below 0; `dimension` is its place, None for the dimensions themselves."""

    def __init__(self, dimension: int | None, total: Number) -> None:
        super().__init__(f"{dimension}: {total}")
        self.dimension, self.total = dimension, total


class Policy(StrEnum):
    """What becomes of a part without a score (RULES.md section 5)."""

    RENORMALISE = "renormalise"
    ZERO = "zero"
    BLOCK = "block"


class Out(StrEnum):
    """Why a part does not count; the empty word for one that does."""

    COUNTS = ""
    SHOWN_ONLY = "shown_only"
    MISSING = "missing"
    HIDDEN = "hidden"
    BLOCKS = "blocks"


@dataclass(frozen=True)
class PartScore:
    """What goes into a composite: a part's weight in its dimension and its score; hidden for anonymity or not."""

    weight: Number
    score: Number | None
    hidden: bool = False


@dataclass(frozen=True)
class DimensionScores:
    """A dimension's weight in the whole, and its parts."""

    weight: Number
    parts: Sequence[PartScore]


@dataclass(frozen=True)
class PartTrace:
    """What a part did: the weight that was used in the whole (percent), what it added (points), or why it is out."""

    used: Fraction
    contribution: Decimal
    out: Out


@dataclass(frozen=True)
class Composite:
    """A composite score in points with 4 decimals, None when missing; the traces follow the parts as given.

    `before` is the score before deductions; the contributions sum to it exactly.
    """

    score: Decimal | None
    before: Decimal | None
    parts: tuple[tuple[PartTrace, ...], ...]


def check_curve(points: Points) -> None:
    """Raise BadCurve unless there is a point and x rises strictly (RULES.md section 4)."""
    if not points:
        raise BadCurve("empty")
    for (before, _), (after, _) in pairwise(points):
        if after <= before:
            raise BadCurve("repeated" if after == before else "order")


def curve(kind: str, points: Points, x: Number | None) -> Fraction | None:
    """Return the score at x, exactly (RULES.md section 4); None for a missing x.

    `kind` is "linear" (interpolated, flat beyond the ends) or "step" (the last point with x_i <= x, 0 before the
    first). Raises BadCurve.
    """
    check_curve(points)
    if x is None:
        return None
    at = Fraction(x)
    if kind == "step":
        return next((Fraction(score) for edge, score in reversed(points) if edge <= at), Fraction(0))
    if at <= points[0][0]:
        return Fraction(points[0][1])
    for (x0, y0), (x1, y1) in pairwise(points):
        if at <= x1:
            share = (at - Fraction(x0)) / (Fraction(x1) - Fraction(x0))
            return Fraction(y0) + share * (Fraction(y1) - Fraction(y0))
    return Fraction(points[-1][1])


def check_weights(dimensions: Sequence[DimensionScores]) -> None:
    """Raise BadWeights unless dimensions, and the parts inside each, have weights >= 0 that sum to 100.

    The parts of a dimension of weight 0 are shown only; they may sum to 100 or to 0.
    """
    _check_sum(None, [one.weight for one in dimensions])
    for place, one in enumerate(dimensions):
        weights = [part.weight for part in one.parts]
        if not (one.weight == 0 and sum(weights) == 0):
            _check_sum(place, weights)


def _check_sum(place: int | None, weights: Sequence[Number]) -> None:
    total = sum((Fraction(weight) for weight in weights), Fraction(0))
    if total != 100 or any(weight < 0 for weight in weights):
        raise BadWeights(place, total)


def composite(policy: str, dimensions: Sequence[DimensionScores], deduction: Decimal = Decimal(0)) -> Composite:
    """Return the composite score with its trace (RULES.md section 5).

    A part of weight 0, or of a dimension of weight 0, is shown only. `deduction` in points comes last and never takes
    the score below 0. Weights are taken relative to one another: their sum need not be 100.
    """
    outs = [[_out(policy, one, part) for part in one.parts] for one in dimensions]
    used = _weights_used(dimensions, outs)
    if any(out is Out.BLOCKS for row in outs for out in row) or not any(any(row) for row in used):
        empty = tuple(tuple(PartTrace(Fraction(0), Decimal(0), out) for out in row) for row in outs)
        return Composite(None, None, empty)
    exact = [
        [weight * Fraction(part.score or 0) for weight, part in zip(row, one.parts, strict=True)]
        for row, one in zip(used, dimensions, strict=True)
    ]
    before = rounded(sum((value for row in exact for value in row), Fraction(0)), places=4)
    flat = _apportioned([value for row in exact for value in row], before)
    traces, at = [], 0
    for row, row_outs in zip(used, outs, strict=True):
        shares = flat[at : at + len(row)]
        at += len(row)
        traces.append(tuple(PartTrace(w * 100, c, out) for w, c, out in zip(row, shares, row_outs, strict=True)))
    return Composite(max(Decimal(0), before - deduction), before, tuple(traces))


def _out(policy: str, dimension: DimensionScores, part: PartScore) -> Out:
    """Return why a part does not count; a missing one counts as 0 under the policy `zero`."""
    if dimension.weight == 0 or part.weight == 0:
        return Out.SHOWN_ONLY
    if part.hidden:
        return Out.HIDDEN
    if part.score is None and policy == Policy.BLOCK:
        return Out.BLOCKS
    if part.score is None and policy == Policy.RENORMALISE:
        return Out.MISSING
    return Out.COUNTS


def _weights_used(dimensions: Sequence[DimensionScores], outs: Sequence[Sequence[Out]]) -> list[list[Fraction]]:
    """Return each part's share of the whole (they sum to 1): first inside its dimension, then among those left."""
    counting = [
        [
            Fraction(part.weight) if out is Out.COUNTS else Fraction(0)
            for part, out in zip(one.parts, row, strict=True)
        ]
        for one, row in zip(dimensions, outs, strict=True)
    ]
    left = sum((Fraction(one.weight) for one, row in zip(dimensions, counting, strict=True) if any(row)), Fraction(0))
    return [
        [Fraction(one.weight) / left * weight / sum(row) if any(row) else Fraction(0) for weight in row]
        for one, row in zip(dimensions, counting, strict=True)
    ]


def _apportioned(exact: Sequence[Fraction], total: Decimal) -> list[Decimal]:
    """Return the values in units of 0.0001 so that they sum to the total, as in RULES.md section 10.

    Each is rounded down; what is left over goes one by one to the largest remainders, ties to the earlier part.
    """
    units = [value * UNITS_OF_ONE for value in exact]
    floors = [value.numerator // value.denominator for value in units]
    left = int(total * UNITS_OF_ONE) - sum(floors)
    order = sorted(range(len(units)), key=lambda place: (-(units[place] - floors[place]), place))
    for place in order[:left]:
        floors[place] += 1
    return [Decimal(floor) * UNIT for floor in floors]
