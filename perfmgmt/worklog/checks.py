"""What the checklist of a period close asks the work log."""

from datetime import date

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from perfmgmt.closing.registry import Finding
from perfmgmt.tenants.calendar import Period
from perfmgmt.worklog.models import EntryState, WorkEntry


def open_approvals(period: Period, slug: str, today: date) -> Finding:
    """Entries of the period that are submitted and not decided."""
    waiting = WorkEntry.objects.filter(state=EntryState.SUBMITTED, day__gte=period.start, day__lte=period.end).count()
    if not waiting:
        return Finding("ok", _("No entry waits for approval."))
    text = ngettext("%(n)s entry waits for approval.", "%(n)s entries wait for approval.", waiting)
    return Finding("warn", text % {"n": waiting}, reverse("approvals", args=[slug]), waiting)
