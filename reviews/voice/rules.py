"""Figures of a question's answers, and which of them may be shown beside one another (RULES.md 8 and 14). Pure."""

from collections.abc import Collection, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from typing import TypeVar

from reviews.surveys.rules import Interval, nps, top_share

Part = TypeVar("Part", bound=Hashable)
#: For so long after it was finished an answer can change, and a day for the clock (`answering.standing`).
CORRECTED_FOR = timedelta(days=8)


@dataclass(frozen=True)
class Figures:
    """What the answers to a scale say: how many, their mean, CSAT% or NPS with its 95% interval where it has one."""

    kind: str
    said: Mapping[int, int] = field(default_factory=dict)

    @property
    def n(self) -> int:
        """How many answers there are."""
        return sum(self.said.values())

    @property
    def mean(self) -> Fraction | None:
        """The mean in points of the scale; None without answers."""
        return Fraction(sum(point * n for point, n in self.said.items()), self.n) if self.n else None

    @property
    def interval(self) -> Interval | None:
        """CSAT% (0 to 1) or NPS (-100 to 100); None for other kinds and without answers."""
        if self.kind == "csat":
            return top_share(self.between(4, 5), self.n)
        return nps(self.between(9, 10), self.between(0, 6), self.n) if self.kind == "nps" else None

    def between(self, low: int, high: int) -> int:
        """Return how many answers lie from `low` to `high`."""
        return sum(n for point, n in self.said.items() if low <= point <= high)


def shown_parts(counts: Mapping[Part, int], minimum: int) -> frozenset[Part]:
    """Return which parts may be shown beside their total (RULES.md section 14).

    Those below the minimum are not; while what is hidden is one part, or less than the minimum together, the next
    smallest is hidden as well. Empty parts protect nothing and are never shown.
    """
    parts = sorted((part for part, n in counts.items() if n > 0), key=lambda part: counts[part])
    hidden = sum(1 for part in parts if counts[part] < minimum)
    if hidden:
        while hidden < len(parts) and (hidden < 2 or sum(counts[part] for part in parts[:hidden]) < minimum):
            hidden += 1
    return frozenset(parts[hidden:])


def shown_within(
    parts: Mapping[Part, Mapping[Hashable, int]], shown: Collection[Part], minimum: int
) -> frozenset[Part]:
    """Return which of the parts in `shown` may be shown beside the sums of groups that they lie in.

    `parts`: the answers of each part by group (of an assistant by unit). In each group what is hidden is nothing, or
    at least two parts and the minimum together, else the next smallest is hidden as well; a part that has fewer than
    the minimum in a group is hidden.
    """
    visible = {part for part in shown if all(n <= 0 or n >= minimum for n in parts[part].values())}
    groups: dict[Hashable, dict[Part, int]] = {}
    for part, of in parts.items():
        for group, n in of.items():
            if n > 0:
                groups.setdefault(group, {})[part] = n
    waiting = list(groups)
    while waiting:
        members = groups[waiting.pop()]
        hidden = [part for part in members if part not in visible]
        rest = sorted((part for part in members if part in visible), key=lambda part: (members[part], str(part)))
        while hidden and rest and (len(hidden) < 2 or sum(members[part] for part in hidden) < minimum):
            part = rest.pop(0)
            visible.discard(part)
            hidden.append(part)
            waiting += [group for group in parts[part] if group not in waiting]
    return frozenset(visible)


def next_month(day: date) -> date:
    """Return the first day of the month after that of a day."""
    return (day.replace(day=1) + timedelta(days=31)).replace(day=1)


def released(batches: Mapping[date, int], today: date, minimum: int) -> date | None:
    """Return the last month of finishing whose unnamed answers are shown on a day; None while none is.

    A month is over for them when its last answer can no longer be corrected. It is shown together with those before
    it that are not shown yet, once they hold the minimum: what is new since the last time is never a few answers.
    """
    last, waiting = None, 0
    for month in sorted(batches):
        if next_month(month) + CORRECTED_FOR > today:
            break
        waiting += batches[month]
        if waiting >= minimum:
            last, waiting = month, 0
    return last


def is_safe_range(months: Mapping[date, int], first: date | None, last: date | None, minimum: int) -> bool:
    """Whether the sum of a range of months may be shown beside the sums of any other such ranges.

    Hidden months are all in it or all out of it, so no difference of two ranges is less than all of them together.
    """
    shown = shown_parts(months, minimum)
    inside = {(first is None or month >= first) and (last is None or month <= last)
              for month, n in months.items() if n > 0 and month not in shown}  # fmt: skip
    return len(inside) < 2


def shown_lines(
    inside: Mapping[Part, int], outside: Mapping[Part, int], minimum: int, unsafe: Collection[Part] = ()
) -> frozenset[Part]:
    """Return which parts of what a filter lets through may be shown, when parts and filter are shown alone, too.

    `outside` has what the filter keeps out. A part is hidden when there are fewer than the minimum of it on either
    side (what is left of its total would be known), and those in `unsafe`; then further ones, the smallest first,
    until what is hidden is at least two parts, and nothing or at least the minimum on each side.
    """
    parts = sorted((part for part, n in inside.items() if n > 0), key=lambda part: inside[part])
    hidden = [part for part in parts if part in unsafe or not is_whole((inside[part], outside.get(part, 0)), minimum)]
    if hidden:
        for part in [part for part in parts if part not in hidden]:
            sides = (sum(side.get(one, 0) for one in hidden) for side in (inside, outside))
            if len(hidden) >= 2 and is_whole(sides, minimum):
                break
            hidden.append(part)
    return frozenset(parts) - frozenset(hidden)


def is_safe_cross(cells: Iterable[Mapping[date, int]], first: date | None, last: date | None, minimum: int) -> bool:
    """Whether a part may be shown for a range of months beside the range, the part, and other ranges.

    `cells`: the answers by month of the part and of all others. Each must be empty or hold the minimum, within the
    months and outside them, and stay so beside other ranges of months.
    """
    for months in cells:
        within = sum(
            n for month, n in months.items() if (not first or month >= first) and (not last or month <= last)
        )
        if not is_whole((within, sum(months.values()) - within), minimum):
            return False
        if (first or last) and not is_safe_range(months, first, last, minimum):
            return False
    return True


def is_whole(counts: Iterable[int], minimum: int) -> bool:
    """Whether each of these numbers of answers is none or at least the minimum."""
    return all(n <= 0 or n >= minimum for n in counts)
