"""Check-ins on a person's timeline: those in which help was asked for, and the latest ones."""

from collections.abc import Iterable
from datetime import date

from django.utils.translation import gettext as _

from goals.check_ins.rules import week_label
from goals.models import CheckIn, CheckInState
from goals.permissions import SEE_CHECK_INS
from perfmgmt.people.models import Employee
from perfmgmt.people.records.event import Event
from perfmgmt.people.viewer import Viewer
from perfmgmt.web import formats

SHOWN = 8


def events(employee: Employee, viewer: Viewer, _today: date) -> Iterable[Event]:
    """Return a person's latest check-ins as events; the person's page is open to the viewer already. One query."""
    if not viewer.may(SEE_CHECK_INS):
        return []
    rows = CheckIn.objects.filter(employee=employee, state=CheckInState.SENT).order_by("-week")[:SHOWN]
    return [_event(row) for row in rows]


def _event(row: CheckIn) -> Event:
    title = _("Check-in of {week}").format(week=formats.period(week_label(row.week)))
    day = row.sent_at.date() if row.sent_at else row.week
    if row.help_wanted:
        return Event(day, "lifebuoy", title, _("Asked for help: {text}").format(text=row.help_text))
    return Event(day, "calendar-check", title, row.next_steps[:120])
