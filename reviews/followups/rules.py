"""Which scores are low. Pure: no Django, no database.

RULES: every scale of this product is better the higher it is: CSAT 1-5 (5: very satisfied), NPS 0-10 (10: would
surely recommend), CES 1-7 (7: very easy). A score is low up to and including its threshold.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from perfmgmt.tenants.workdays import WorkingCalendar

#: The thresholds of a survey that has none of its own, by kind of question.
USUAL: Mapping[str, int] = {"csat": 2, "nps": 6, "ces": 2}
#: The lowest answer and the number of steps of each scale, to compare answers to different questions.
_SCALES: Mapping[str, tuple[int, int]] = {"csat": (1, 4), "nps": (0, 10), "ces": (1, 6)}
LOOK_AHEAD = 400


@dataclass(frozen=True)
class Scored:
    """An answer to a scale question."""

    key: str
    kind: str
    number: int


def is_low(kind: str, number: int, most: Mapping[str, int]) -> bool:
    """Return whether a score is low, by the thresholds of its kind."""
    return kind in most and number <= most[kind]


def worst(scores: Iterable[Scored], most: Mapping[str, int]) -> Scored | None:
    """Return the worst of the low scores, the earlier question of equal ones; None when none is low."""
    low = [one for one in scores if is_low(one.kind, one.number, most)]
    return min(low, key=_height) if low else None


def _height(one: Scored) -> float:
    low, steps = _SCALES[one.kind]
    return (one.number - low) / steps


def due_on(start: date, working_days: int, calendar: WorkingCalendar) -> date:
    """Return the day so many working days after `start`; 0: `start` itself, or the next working day.

    A calendar without working days falls back on plain days.
    """
    day, left = start, working_days
    for _step in range(LOOK_AHEAD):
        if calendar.works(day) and left == 0:
            return day
        day += timedelta(days=1)
        if calendar.works(day):
            left = max(0, left - 1)
    return start + timedelta(days=working_days)
