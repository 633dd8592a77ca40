"""One thing on a person's timeline."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Event:
    """Something on a day: an icon's name, what happened, and more about it; `last` for what took several days."""

    day: date
    icon: str
    title: str
    detail: str = ""
    last: date | None = None
