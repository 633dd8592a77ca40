"""The arithmetic of calibration and of comparing groups. Pure: no Django, no database, and no money in it.

Bands are (grade, lower bound), highest first, as in `perfmgmt.tenants.grades`; scores are points with 4 decimals.
"""

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TypeVar

from goals.rules import split
from perfmgmt.tenants.grades import SHOWN, Bands, grade

LEAST_SCORE, MOST_SCORE = Decimal(0), Decimal(150)
LOW, MIDDLE, HIGH = 1, 2, 3
POTENTIALS = (1, 2, 3)
#: A group of fewer people is not shown (RULES.md section 15).
LEAST_PEOPLE = 5
Key = TypeVar("Key", bound=Hashable)


class BadGrade(ValueError):
    """The grade is none of the bands, or no allowed score lies in it."""


@dataclass(frozen=True)
class Bar:
    """One grade of a distribution: people now, and what the guideline says in percent and in people.

    `share` is of those who have a grade, 0-1. `wanted` and `difference` are None where the guideline is silent.
    """

    grade: str
    people: int
    share: Decimal | None
    percent: Decimal | None
    wanted: int | None

    @property
    def difference(self) -> int | None:
        """People above (+) or below (-) the guideline."""
        return None if self.wanted is None else self.people - self.wanted


def distribution(grades: Sequence[str | None], order: Sequence[str], guideline: Mapping[str, Decimal]) -> list[Bar]:
    """Return how many people have each grade, against the guideline in percent; who has no grade is not counted.

    The guideline's people are whole and sum to everybody counted (RULES.md section 10); a grade that a guideline
    leaves out has 0 of them. A guideline without any weight counts as none.
    """
    counts = Counter(one for one in grades if one)
    names = [*order, *sorted(set(counts) - set(order))]
    total = sum(counts.values())
    weights = [int(guideline.get(name, Decimal(0)) * 10000) for name in names]
    is_set = bool(weights) and min(weights) >= 0 and sum(weights) > 0
    wanted = split(total, weights) if is_set else []
    return [
        Bar(
            name,
            counts[name],
            Decimal(counts[name]) / total if total else None,
            guideline.get(name, Decimal(0)) if is_set else None,
            wanted[at] if is_set else None,
        )
        for at, name in enumerate(names)
    ]


def third(name: str | None, bands: Bands) -> int | None:
    """Return in which third of the bands a grade stands: LOW, MIDDLE or HIGH; None without a grade of the bands.

    The middle of the bands is MIDDLE and both sides are alike: of five grades 2, 1 and 2, of three 1, 1 and 1.
    """
    names = [one for one, _bound in bands]
    if name not in names:
        return None
    from_below, steps = len(names) - 1 - names.index(name), len(names) - 1
    if 3 * from_below < steps:
        return LOW
    return HIGH if 3 * from_below > 2 * steps else MIDDLE


def nearest_score(score: Decimal | None, target: str, bands: Bands) -> Decimal:
    """Return the score inside a grade's band that is nearest to a score; its lower bound without a score.

    From above it is the highest score that is shown below the next bound, 0.01 under it. Raises BadGrade.
    """
    names = [name for name, _bound in bands]
    if target not in names:
        raise BadGrade
    at = names.index(target)
    low = LEAST_SCORE if at == len(names) - 1 else max(bands[at][1], LEAST_SCORE)
    high = MOST_SCORE if at == 0 else min(bands[at - 1][1] - SHOWN, MOST_SCORE)
    if low > high:
        raise BadGrade
    if score is not None and grade(score, bands) == target and LEAST_SCORE <= score <= MOST_SCORE:
        return score
    return low if score is None or score < low else high


def months_between(first: date, last: date) -> int:
    """Return the full months from a day to a day; 0 when the second lies before the first."""
    months = (last.year - first.year) * 12 + last.month - first.month - (last.day < first.day)
    return max(months, 0)


def tenure(hired_on: date | None, on: date) -> str:
    """Return how long somebody has been there: under_6, under_12, under_36, over_36 months; "" when not known."""
    if hired_on is None:
        return ""
    months = months_between(hired_on, on)
    return next((name for name, bound in TENURES if months < bound), "over_36")


TENURES = (("under_6", 6), ("under_12", 12), ("under_36", 36))


def shown_groups(sizes: Mapping[Key, int], least: int = LEAST_PEOPLE) -> set[Key]:
    """Return the groups of a whole that may be shown: those with enough people (RULES.md section 15).

    One small group could be worked out from the whole and the others, so the next smallest are hidden with it, until
    at least two are hidden and together they hold enough (section 14).
    """
    present = {key: n for key, n in sizes.items() if n > 0}
    hidden = {key for key, n in present.items() if n < least}
    if not hidden:
        return set(present)
    rest = sorted((key for key in present if key not in hidden), key=lambda key: (present[key], str(key)))
    while rest and (len(hidden) < 2 or sum(present[key] for key in hidden) < least):
        hidden.add(rest.pop(0))
    return set(present) - hidden


@dataclass(frozen=True)
class Spread:
    """How a group's scores lie: mean and the five numbers of a box plot (linear quantiles)."""

    n: int
    mean: Decimal
    least: Decimal
    first: Decimal
    median: Decimal
    third: Decimal
    most: Decimal


def spread(values: Sequence[Decimal]) -> Spread | None:
    """Return how scores lie; None without any."""
    if not values:
        return None
    rows = sorted(values)
    return Spread(
        len(rows), sum(rows, Decimal(0)) / len(rows), rows[0], quantile(rows, Decimal("0.25")),
        quantile(rows, Decimal("0.5")), quantile(rows, Decimal("0.75")), rows[-1],
    )  # fmt: skip


def quantile(rows: Sequence[Decimal], share: Decimal) -> Decimal:
    """Return a linear quantile (RULES.md section 15) of sorted values; there is at least one."""
    place = share * (len(rows) - 1)
    below = int(place)
    above = min(below + 1, len(rows) - 1)
    return rows[below] + (rows[above] - rows[below]) * (place - below)
