"""Made-up jobs, notifications and search results for the style guide, one of each state."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from perfmgmt.web.palette import Group, Hit

SEEN_AT = datetime(2026, 3, 14, 9, 26, tzinfo=UTC)
ERROR = gettext_lazy("The file could not be read: row 1 has no column “close_date”.")
SPEED = gettext_lazy("{done} of {total} rows · {pace} rows a second · about 4 minutes left")


def jobs() -> list[SimpleNamespace]:
    """Return a job in each state, as `components/job.html` takes them."""
    again = _("Start it again. If it stops again, tell your operator the number of this work.")
    file = _("Correct the file, then upload it again.")
    reading, speed = _("Reading and checking the file"), str(SPEED).format(done="3,200", total="8,800", pace="24")
    return [
        _job("queued", cancel_url="#jobs"),
        _job("running", phase=reading, percent=36, notes=[speed], cancel_url="#jobs", attempt=1),
        _job("running", phase=_("Recomputing the figures"), cancel_url="#jobs", attempt=2),
        _job("running", phase=_("Writing the file"), percent=88, stopping=True),
        _job("done"),
        _job("failed", error=str(ERROR), advice=file, retry_url="#jobs"),
        _job("failed", error=str(ERROR), advice=file, no_retry=_("Its file was removed. Upload the file again.")),
        _job("failed", error=str(ERROR), advice=file, again_url="#jobs"),
        _job("lost", error=_("The worker stopped several times during this work; nothing was changed."),
             advice=again, retry_url="#jobs"),
        _job("cancelled", advice=_("Start it again whenever you like."), retry_url="#jobs", earlier_url="#jobs"),
    ]  # fmt: skip


def _job(state: str, **values: Any) -> SimpleNamespace:
    is_open = state in {"queued", "running"}
    given = {"number": 1204, "attempt": 0, "most_attempts": 5, "percent": None, **values}
    return SimpleNamespace(state=state, is_open=is_open, has_failed=not is_open and state != "done", **given)


def notices() -> list[dict[str, Any]]:
    """Return notifications as `components/notification_list.html` takes them."""
    texts = [
        (_("{n} entries of {name} wait for your approval.").format(n=3, name="李晓雯"), "checks", "info", True),
        (_("Import of facts has failed: {file}").format(file="sales_pipeline.csv"), "alert-triangle", "bad", True),
        (_("{name} has accepted your invitation.").format(name="Maria Chen"), "user-check", "good", False),
        (_("{n} entries of your work log were returned: {comment}").format(n=2, comment=_("Attach the order.")),
         "arrow-back-up", "warn", False),
    ]  # fmt: skip
    return [
        {"id": n, "text": text, "icon": icon, "tone": tone, "at": SEEN_AT, "unread": unread, "url": "#bell"}
        for n, (text, icon, tone, unread) in enumerate(texts, 1)
    ]


def groups() -> list[Group]:
    """Return what the palette has found."""
    return [
        Group("pages", pgettext("search results", "Pages"), [Hit("#palette", _("Targets"), icon="target-arrow")]),
        Group("people", _("People"), [Hit("#palette", "李晓雯", "S-1042", "user")]),
        Group("metrics", pgettext("library", "Metrics"), [Hit("#palette", _("Sales"), "sales_amount", "ruler-2")]),
    ]
