"""What jobs are called and said to be, for readers: steps, speed, the time that is left, what to do."""

import math
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from perfmgmt.jobs.progress import Progress
from perfmgmt.web import formats

# What progress phases are called on the page.
PHASES: dict[str, str | Promise] = {
    "reading": gettext_lazy("Reading and checking the file"),
    "publishing": gettext_lazy("Saving what was read"),
    "writing": gettext_lazy("Writing the file"),
    "unpacking": gettext_lazy("Unpacking the workbook"),
    "refused": gettext_lazy("Writing the refused rows"),
    "undoing": gettext_lazy("Taking facts back"),
    "computing": gettext_lazy("Recomputing the figures"),
    "converting": gettext_lazy("Converting amounts"),
    "freezing": gettext_lazy("Keeping the figures"),
    "planning": gettext_lazy("Working out who gets what"),
    "assigning": gettext_lazy("Assigning the goals"),
    "choosing": gettext_lazy("Choosing customers"),
    "forecasting": gettext_lazy("Preparing forecasts"),
}
# What to do about an error, by its code; the error itself says what happened.
ADVICE: dict[str, str | Promise] = {
    "internal": gettext_lazy("Start it again. If it fails again, tell your operator the number of this work."),
    "worker_died": gettext_lazy("Start it again. If it stops again, tell your operator the number of this work."),
    "not_allowed": gettext_lazy("Ask somebody who may do this to start it again."),
    "cancelled": gettext_lazy("Start it again whenever you like."),
    "already_locked": gettext_lazy("Nothing is left to do."),
    "fiscal_year_locked": gettext_lazy("Choose the month before the first lock of the year."),
}
FILE_ADVICE = gettext_lazy("Correct the file, then upload it again.")
OTHER_ADVICE = gettext_lazy("Mend what the message says, then start it again.")
MINUTE, HOUR = 60, 3600


def advice(error_code: str, params: dict[str, Any]) -> str:
    """Return what a reader may do about the error of a job."""
    return str(ADVICE.get(error_code) or (FILE_ADVICE if params.get("file") else OTHER_ADVICE))


def remaining(seconds: float | None) -> str:
    """Return the time that is left in words, rounded up as far as an estimate is good for; "" when not known."""
    if seconds is None:
        return ""
    if seconds < 10:
        return _("a few seconds left")
    if seconds < MINUTE:
        n = math.ceil(seconds / 10) * 10
        return ngettext("about %(n)s second left", "about %(n)s seconds left", n) % {"n": n}
    if seconds < HOUR:
        n = math.ceil(seconds / MINUTE)
        return ngettext("about %(n)s minute left", "about %(n)s minutes left", n) % {"n": n}
    n = math.ceil(seconds / HOUR)
    return ngettext("about %(n)s hour left", "about %(n)s hours left", n) % {"n": n}


def notes(progress: Progress, now: float) -> list[str]:
    """Return what is known about the way so far: rows, rows per second, the time that is left. Nothing unknown."""
    said = []
    if progress.rows:
        said.append(ngettext("%(n)s row", "%(n)s rows", progress.rows) % {"n": formats.number(progress.rows)})
    if progress.row_pace >= 1 and progress.is_fresh(now):
        pace = round(progress.row_pace)
        said.append(ngettext("%(n)s row a second", "%(n)s rows a second", pace) % {"n": formats.number(pace)})
    left = remaining(progress.remaining(now))
    return [*said, left] if left else said
