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
    "open": Status("info", "flag", pgettext_lazy("milestone", "Open")),
    "too_high": Status("bad", "arrow-up", pgettext_lazy("achievability", "too high")),
    "stretch": Status("warn", "mountain", pgettext_lazy("achievability", "stretch")),
    "fair": Status("good", "check", pgettext_lazy("achievability", "fair")),
    "safe": Status("good", "shield-check", pgettext_lazy("achievability", "safe")),
    "too_low": Status("info", "arrow-down", pgettext_lazy("achievability", "too low")),
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
    "dns_pass": Status("good", "check", pgettext_lazy("dns", "Right")),
    "dns_warn": Status("warn", "alert-circle", pgettext_lazy("dns", "Could be better")),
    "dns_fail": Status("bad", "alert-triangle", pgettext_lazy("dns", "Wrong")),
    "mail_bounced": Status("bad", "mail-off", pgettext_lazy("mail", "Came back")),
    "mail_kept": Status("mute", "inbox", pgettext_lazy("mail", "Kept here")),
    "cancelled": Status("mute", "ban", pgettext_lazy("job", "Cancelled")),
    "goal_draft": Status("mute", "pencil", pgettext_lazy("goal", "Draft")),
    "goal_proposed": Status("info", "send", pgettext_lazy("goal", "Proposed")),
    "goal_countered": Status("warn", "arrows-exchange", pgettext_lazy("goal", "Countered")),
    "goal_agreed": Status("good", "checks", pgettext_lazy("goal", "Agreed")),
    "goal_locked": Status("good", "lock", pgettext_lazy("goal", "Locked")),
    "goal_cancelled": Status("mute", "ban", pgettext_lazy("goal", "Cancelled")),
    "draft": Status("mute", "pencil", pgettext_lazy("work log", "Draft")),
    "submitted": Status("info", "send", pgettext_lazy("work log", "Submitted")),
    "approved": Status("good", "check", pgettext_lazy("work log", "Approved")),
    "task_open": Status("mute", "clock", pgettext_lazy("task", "Open")),
    "task_begun": Status("info", "progress", pgettext_lazy("task", "Begun")),
    "task_done": Status("good", "check", pgettext_lazy("task", "Done")),
    "plan_open": Status("info", "progress", pgettext_lazy("plan", "Open")),
    "plan_done": Status("good", "check", pgettext_lazy("plan", "Done")),
    "plan_cancelled": Status("mute", "ban", pgettext_lazy("plan", "Cancelled")),
    "follow_up_open": Status("info", "flag", pgettext_lazy("follow-up", "Open")),
    "follow_up_begun": Status("info", "progress", pgettext_lazy("follow-up", "In progress")),
    "follow_up_closed": Status("good", "check", pgettext_lazy("follow-up", "Closed")),
    "cycle_draft": Status("mute", "pencil", pgettext_lazy("cycle", "Draft")),
    "cycle_launching": Status("info", "loader-2", pgettext_lazy("cycle", "Launching")),
    "cycle_open": Status("info", "progress", pgettext_lazy("cycle", "Open")),
    "cycle_closed": Status("mute", "lock", pgettext_lazy("cycle", "Closed")),
    "cycle_released": Status("good", "checks", pgettext_lazy("cycle", "Released")),
    "rater_asked": Status("mute", "clock", pgettext_lazy("rater", "Asked")),
    "rater_started": Status("info", "progress", pgettext_lazy("rater", "Begun")),
    "rater_done": Status("good", "check", pgettext_lazy("rater", "Done")),
    "returned": Status("warn", "arrow-back-up", pgettext_lazy("work log", "Returned")),
}
