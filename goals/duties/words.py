"""The shares of a split bar in words: the legend is the bar for who can't see it."""

from dataclasses import dataclass
from fractions import Fraction

from goals.duties.rules import CATEGORIES
from goals.duties.times import Bar
from perfmgmt.people.models import DutyCategory


@dataclass(frozen=True)
class Key:
    """A category with its two shares in percent; None where there is nothing to show."""

    category: str
    label: str
    planned: Fraction | None
    actual: Fraction | None


def legend(planned: list[Bar], actual: list[Bar]) -> list[Key]:
    """Return the categories that one of two bars shows, with their shares."""
    first, second = ({bar.category: bar.share for bar in bars} for bars in (planned, actual))
    return [
        Key(category, str(DutyCategory(category).label), _share(first, category), _share(second, category))
        for category in CATEGORIES
        if category in first or category in second
    ]


def _share(shares: dict[str, Fraction], category: str) -> Fraction | None:
    return shares.get(category, Fraction(0)) if shares else None
