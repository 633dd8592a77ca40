"""The bounds of asking for feedback: how many colleagues and questions, how long, when a reminder is due."""

from datetime import date

MOST_ASKED, MOST_QUESTIONS = 10, 3
#: Characters of a reply to one question.
LONGEST_REPLY = 2000
#: So many days are proposed, and so many are the most.
DAYS, MOST_DAYS = 7, 60
#: So many days before the last one a colleague who has not replied is reminded, once.
REMIND_BEFORE = 2


def is_over(due: date, closed: bool, today: date) -> bool:
    """Return whether a request takes no replies any more: closed, or its last day is over."""
    return closed or today > due


def reminds(due: date, asked_on: date, today: date) -> bool:
    """Return whether a reminder is due: near the end, and not on the day of asking."""
    return asked_on < today <= due and (due - today).days <= REMIND_BEFORE
