"""The SMART check of a goal that is about to be signed."""

from datetime import date

from goals.models import Goal
from goals.smart.rules import failing
from goals.smart.selectors import letters_of


def failing_letters(goal: Goal, *, today: date) -> str:
    """Return the letters of SMART that a goal fails, such as "MT"; empty for none."""
    return failing(letters_of(goal, today=today))
