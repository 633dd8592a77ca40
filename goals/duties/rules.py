"""Whether goals cover the duties of a position, and whether their weights follow its time. Pure: no Django.

Decisions: docs/rules.md, "Duties and goals".
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

CATEGORIES = ("sales_support", "administration", "direct_sales")
# Weights that lie so far from the planned time, in percentage points, are named.
FAR = 20


class Cover(StrEnum):
    """How a duty stands."""

    COVERED = "covered"
    NO_GOAL = "no_goal"
    UNMEASURED = "unmeasured"


@dataclass(frozen=True)
class DutyFacts:
    """A duty as the check sees it: `share` of the time in percent, ids of the metrics that measure it."""

    id: int
    category: str
    share: int
    metrics: frozenset[int]


@dataclass(frozen=True)
class Part:
    """One category: its planned share of the time, and of the goals' weights; both in percent, None when unknown."""

    category: str
    planned: Fraction | None
    weighted: Fraction | None

    @property
    def difference(self) -> Fraction | None:
        """By how many percentage points the weights lie above the plan."""
        return None if self.planned is None or self.weighted is None else self.weighted - self.planned

    @property
    def is_far(self) -> bool:
        """Whether the difference is worth naming."""
        return self.difference is not None and abs(self.difference) >= FAR


def cover(duty: DutyFacts, aimed: frozenset[int]) -> Cover:
    """Return how a duty stands when people aim at the metrics in `aimed` (by a goal or a monthly target)."""
    if not duty.metrics:
        return Cover.UNMEASURED
    return Cover.COVERED if duty.metrics & aimed else Cover.NO_GOAL


def planned_shares(duties: Sequence[DutyFacts]) -> dict[str, Fraction | None]:
    """Return each category's share of the planned time in percent; None for all without any planned time."""
    total = sum(duty.share for duty in duties)
    return {
        category: Fraction(100 * sum(d.share for d in duties if d.category == category), total) if total else None
        for category in CATEGORIES
    }


def weighted_shares(
    duties: Sequence[DutyFacts], weights: Mapping[int, Decimal]
) -> tuple[dict[str, Fraction | None], Fraction | None]:
    """Return each category's share of the goals' weights in percent, and the share that belongs to no duty.

    `weights` has the metrics that are aimed at with their weight. A metric that measures duties of several categories
    is split by their time (evenly where they have none). Without any weight every metric weighs the same; without any
    metric all is None.
    """
    even = not any(weights.values())
    found = dict.fromkeys(CATEGORIES, Fraction(0))
    loose = total = Fraction(0)
    for metric, weight in weights.items():
        value = Fraction(1) if even else Fraction(weight)
        total += value
        measured = [duty for duty in duties if metric in duty.metrics]
        if not measured:
            loose += value
        for category, part in _split(measured).items():
            found[category] += value * part
    if not total:
        return dict.fromkeys(CATEGORIES), None
    return {category: 100 * value / total for category, value in found.items()}, 100 * loose / total


def _split(duties: Iterable[DutyFacts]) -> dict[str, Fraction]:
    """Return how a metric's weight falls on the categories of the duties that it measures."""
    rows = list(duties)
    time = sum(duty.share for duty in rows)
    found: dict[str, Fraction] = {}
    for duty in rows:
        part = Fraction(duty.share, time) if time else Fraction(1, len(rows))
        found[duty.category] = found.get(duty.category, Fraction(0)) + part
    return found


def parts(duties: Sequence[DutyFacts], weights: Mapping[int, Decimal]) -> tuple[list[Part], Fraction | None]:
    """Return planned time and weights of each category side by side, and the weight that belongs to no duty."""
    planned, (weighted, loose) = planned_shares(duties), weighted_shares(duties, weights)
    return [Part(category, planned[category], weighted[category]) for category in CATEGORIES], loose


def matching(words: str, texts: Mapping[int, tuple[str, ...]]) -> int | None:
    """Return the duty that the words of a work log mean: `texts` has the texts of each, by id.

    The same text, or its beginning as long as a work log takes it; else a part of the text of exactly one duty. None
    when no duty or several fit.
    """
    said = words.strip().casefold()
    if len(said) < 2:
        return None
    plain = {pk: [text.strip().casefold() for text in found if text] for pk, found in texts.items()}
    begun = [pk for pk, found in plain.items() if any(text.startswith(said) for text in found)]
    inside = begun or [pk for pk, found in plain.items() if any(said in text for text in found)]
    return inside[0] if len(inside) == 1 else None
