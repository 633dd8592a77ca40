"""How the states of a link are called and shown: tone and icon of the pill, and the word."""

from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

from reviews.handing.selectors import ANSWERED, DISOWNED, EXPIRED, HANDED, OFF, SILENT, STARTED, WAITING

STATE_WORDS: dict[str, tuple[str, str | Promise, str]] = {
    WAITING: ("warn", pgettext_lazy("link", "Waits to be handed over"), "clock"),
    HANDED: ("info", pgettext_lazy("link", "Handed over"), "send"),
    SILENT: ("warn", pgettext_lazy("link", "Handed over, no answer yet"), "bell"),
    STARTED: ("info", pgettext_lazy("link", "Started"), "pencil"),
    ANSWERED: ("good", pgettext_lazy("link", "Answered"), "check"),
    EXPIRED: ("muted", pgettext_lazy("link", "Expired"), "clock-exclamation"),
    DISOWNED: ("muted", pgettext_lazy("link", "Not their order"), "x"),
    OFF: ("muted", pgettext_lazy("link", "Called off"), "x"),
}
