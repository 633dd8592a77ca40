"""Numbers as people type them. Pure: no Django, no database."""

import re

# 1,234 or 1 234 567: digits grouped by three, at the beginning of a number and not behind its point.
_GROUPED = re.compile(
    r"(?<![\d.,])\d{1,3}(?:,\d{3})+(?![\d,])|(?<![\d.,])\d{1,3}(?:[ \u00a0\u202f]\d{3})+(?!\d|[ ,]\d)"
)
_MARKS = re.compile(r"[, \u00a0\u202f]")


def ungrouped(text: str) -> str:
    """Return a text in which digits that are grouped by three ("1,234", "1 234 567") stand together.

    Any other comma stays where it is: who types "1.234,56" or "1,5" means a decimal comma, and to leave it out would
    make another number of it. What reads the text then refuses it.
    """
    return _GROUPED.sub(lambda found: _MARKS.sub("", found[0]), text.replace("，", ","))
