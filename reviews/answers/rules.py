"""360-degree scores (RULES.md section 6) and what anonymity leaves visible (section 14). Pure: no Django.

Answers are whole numbers from 1 to the scale; None is "cannot judge" or blank. Scores run from 0 to 100.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

Number = Decimal | Fraction | int


class Group(StrEnum):
    """From which side a rater looks. The first three are announced as identified."""

    SELF = "self"
    MANAGER = "manager"
    SKIP_LEVEL = "skip_level"
    PEERS = "peers"
    REPORTS = "direct_reports"
    INTERNAL = "internal_customers"
    CUSTOMERS = "customers"
    COLLEAGUES = "colleagues"  # what small groups become together


IDENTIFIED = frozenset({Group.SELF, Group.MANAGER, Group.SKIP_LEVEL})


class BadScale(ValueError):
    """A scale of fewer than 2 steps, or an answer beside it."""


@dataclass(frozen=True)
class RaterAnswers:
    """One rater's answers by question; `days` weighs two managers of one period."""

    answers: Mapping[str, int | None]
    days: Number = 1

    @property
    def answered(self) -> bool:
        """Whether the rater judged anything."""
        return any(value is not None for value in self.answers.values())


@dataclass(frozen=True)
class RaterGroup:
    """A group's weight (percent), its minimum of raters, and their answers."""

    name: str
    weight: Number
    minimum: int
    raters: Sequence[RaterAnswers]
    merges: bool = False

    @property
    def n(self) -> int:
        """How many raters answered anything."""
        return sum(rater.answered for rater in self.raters)


@dataclass(frozen=True)
class GroupScore:
    """A group after merging: its score (0-100), None when it has none or is hidden.

    `hidden` says that there are answers, too few to show; `pooled` names the groups of which `colleagues` is made.
    `questions` has the means by question, only where every question has at least the minimum of answers.
    """

    name: str
    weight: Fraction
    n: int
    score: Fraction | None
    hidden: bool
    questions: Mapping[str, Fraction] = field(default_factory=dict)
    pooled: tuple[str, ...] = ()


@dataclass(frozen=True)
class Review360:
    """The 360 score (0-100), None when missing, and the groups that stand behind it."""

    score: Fraction | None
    groups: tuple[GroupScore, ...]


def scaled(value: int, scale: int) -> Fraction:
    """Return an answer on a scale of 1..m as 0-100 (RULES.md section 6). Raises BadScale."""
    if scale < 2 or not 1 <= value <= scale:
        raise BadScale
    return Fraction(value - 1, scale - 1) * 100


def review360(
    questions: Mapping[str, Number], groups: Sequence[RaterGroup], scale: int | Mapping[str, int]
) -> Review360:
    """Return the 360 score (RULES.md section 6); `questions` has their weights, `scale` m for all or by question."""
    counted = [replace(one, raters=weighing(questions, one.raters)) for one in groups]
    found = tuple(_group_score(questions, group, pooled, scale) for group, pooled in merged(counted))
    counting = [one for one in found if one.score is not None]
    weight = sum((one.weight for one in counting), Fraction(0))
    if weight == 0:
        return Review360(None, found)
    total = sum((one.weight * one.score for one in counting if one.score is not None), Fraction(0))
    return Review360(total / weight, found)


def weighing(questions: Mapping[str, Number], raters: Iterable[RaterAnswers]) -> list[RaterAnswers]:
    """Return the raters who answered a question that weighs: only they stand behind a score.

    Who answered nothing but questions of weight 0 would fill up a group whose score rests on fewer answers than its
    minimum (RULES.md section 14).
    """
    names = {name for name, weight in questions.items() if Fraction(weight)}
    return [one for one in raters if any(one.answers.get(name) is not None for name in names)]


def merged(groups: Sequence[RaterGroup]) -> list[tuple[RaterGroup, tuple[str, ...]]]:
    """Return the groups with the small ones pooled into `colleagues` (RULES.md section 6), with what it is made of.

    Pooled are those set to merge that have an answer and fewer raters than their minimum, if there are two or more.
    """
    small = [one for one in groups if one.merges and 0 < one.n < one.minimum]
    if len(small) < 2:
        return [(one, ()) for one in groups]
    pool = RaterGroup(
        Group.COLLEAGUES,
        sum((Fraction(one.weight) for one in small), Fraction(0)),
        max(one.minimum for one in small),
        [rater for one in small for rater in one.raters],
    )
    kept: list[tuple[RaterGroup, tuple[str, ...]]] = [(one, ()) for one in groups if one not in small]
    return [*kept, (pool, tuple(one.name for one in small))]


def _group_score(
    questions: Mapping[str, Number], group: RaterGroup, pooled: tuple[str, ...], scale: int | Mapping[str, int]
) -> GroupScore:
    weight = Fraction(group.weight)
    if group.n == 0 or group.n < group.minimum:
        return GroupScore(group.name, weight, group.n, None, group.n > 0, {}, pooled)
    means = {name: mean for name in questions if (mean := _mean(name, group.raters, scale)) is not None}
    whole = sum((Fraction(questions[name]) for name in means), Fraction(0))
    score = None
    if whole:
        score = sum((Fraction(questions[name]) * mean for name, mean in means.items()), Fraction(0)) / whole
    shown = means if _all_answered(questions, group) else {}
    return GroupScore(group.name, weight, group.n, score, False, shown, pooled)


def _mean(question: str, raters: Sequence[RaterAnswers], scale: int | Mapping[str, int]) -> Fraction | None:
    steps = scale if isinstance(scale, int) else scale[question]
    given = [(value, Fraction(one.days)) for one in raters if (value := one.answers.get(question)) is not None]
    days = sum((weight for _value, weight in given), Fraction(0))
    return sum((scaled(value, steps) * weight for value, weight in given), Fraction(0)) / days if days else None


def _all_answered(questions: Mapping[str, Number], group: RaterGroup) -> bool:
    """Whether every question of the group has at least the minimum of answers."""
    counts = (sum(one.answers.get(name) is not None for one in group.raters) for name in questions)
    return all(count >= group.minimum for count in counts)
