"""The bounds of feedback: how long it can be changed, how long it is, how many it is for."""

from datetime import datetime, timedelta

#: For so long the giver can change it or take it back.
CHANGE_FOR = timedelta(hours=24)
#: Characters of a text, and receivers at once.
LONGEST = 2000
MOST_RECEIVERS = 5


def may_change(given_at: datetime, now: datetime) -> bool:
    """Return whether what was given at a moment can still be changed or taken back."""
    return now < given_at + CHANGE_FOR
