"""States of goals, jobs, mails and entries as readers see them: `{% status "at_risk" %}`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy, pgettext_lazy

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise


@dataclass(frozen=True, slots=True)
class Status:
    """A state by word, icon and colour, so that no reader depends on one of them."""

    tone: str
    icon: str
    word: str | _StrPromise


STATUSES: dict[str, Status] = {
    "ahead": Status("good", "trending-up", pgettext_lazy("pacing", "Ahead")),
    "achieved": Status("good", "circle-check", pgettext_lazy("pacing", "Achieved")),
    "on_track": Status("good", "check", pgettext_lazy("pacing", "On track")),
    "at_risk": Status("warn", "trending-down", pgettext_lazy("pacing", "At risk")),
    "off_track": Status("bad", "x", pgettext_lazy("pacing", "Off track")),
    "overdue": Status("bad", "clock-exclamation", pgettext_lazy("pacing", "Overdue")),
    "no_target": Status("mute", "minus", pgettext_lazy("pacing", "No target")),
    "not_started": Status("mute", "clock", pgettext_lazy("pacing", "Not started")),
    "no_data": Status("mute", "minus", pgettext_lazy("pacing", "No data")),
    "locked": Status("mute", "lock", gettext_lazy("Locked")),
    "queued": Status("mute", "clock", pgettext_lazy("job", "Waiting")),
    "running": Status("info", "loader-2", pgettext_lazy("job", "Running")),
    "done": Status("good", "check", pgettext_lazy("job", "Done")),
    "failed": Status("bad", "alert-triangle", pgettext_lazy("job", "Failed")),
    "lost": Status("bad", "plug-connected-x", pgettext_lazy("job", "Lost")),
    "mail_queued": Status("mute", "clock", pgettext_lazy("mail", "Waiting")),
    "mail_sending": Status("info", "loader-2", pgettext_lazy("mail", "Being sent")),
    "mail_sent": Status("good", "check", pgettext_lazy("mail", "Sent")),
    "mail_failed": Status("bad", "alert-triangle", pgettext_lazy("mail", "Failed")),
    "mail_unknown": Status("warn", "alert-circle", pgettext_lazy("mail", "Unknown")),
    "mail_kept": Status("mute", "inbox", pgettext_lazy("mail", "Kept here")),
    "cancelled": Status("mute", "ban", pgettext_lazy("job", "Cancelled")),
    "draft": Status("mute", "pencil", pgettext_lazy("work log", "Draft")),
    "submitted": Status("info", "send", pgettext_lazy("work log", "Submitted")),
    "approved": Status("good", "check", pgettext_lazy("work log", "Approved")),
    "returned": Status("warn", "arrow-back-up", pgettext_lazy("work log", "Returned")),
}
