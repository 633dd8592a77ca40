"""How somebody stands to their scorecard, in words with an icon."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

from reviews.assessed.people import ACKNOWLEDGED, NONE, NOT_SHOWN, WAITING


@dataclass(frozen=True)
class StateWord:
    """A state as a pill shows it."""

    tone: str
    word: str | Promise
    icon: str


STATE_WORDS = {
    ACKNOWLEDGED: StateWord("good", pgettext_lazy("scorecard", "Acknowledged"), "circle-check"),
    WAITING: StateWord("warn", pgettext_lazy("scorecard", "Shown, not acknowledged"), "clock"),
    NOT_SHOWN: StateWord("info", pgettext_lazy("scorecard", "Not shown yet"), "eye-off"),
    NONE: StateWord("bad", pgettext_lazy("scorecard", "No scorecard"), "alert-triangle"),
}
