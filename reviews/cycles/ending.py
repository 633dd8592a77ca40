"""Cycles that close by themselves: announced first, closed after the last day that was announced.

The last day of answers is the latest deadline of anybody in the cycle plus the days that the cycle says. It is
announced two days before, in the hours in which the workspace lets messages go out; somebody who is told late has all
of the next day. Every step locks the cycle and looks again: two runs at once say and do it once.
"""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from perfmgmt.people.viewer import Workspace
from perfmgmt.tenants.selectors import workspace_rules
from reviews.cycles import notices
from reviews.cycles.nudging import may_go_out
from reviews.cycles.rules import ANNOUNCED_BEFORE, last_day, to_announce
from reviews.cycles.services import shut, waiting_in
from reviews.models import CycleState, Participant, ReviewCycle


def last_day_of(cycle: ReviewCycle) -> date | None:
    """Return the last day on which a cycle takes answers before it closes by itself; None: it doesn't. One query."""
    people = Participant.objects.filter(cycle=cycle, dropped_at=None)
    return last_day(cycle.answer_until, people.aggregate(last=Max("answer_until"))["last"], cycle.closes_after)


def announced_or_due(cycle: ReviewCycle) -> date | None:
    """Return after which day an open cycle closes by itself, as far as it is known now; None: it doesn't."""
    last = last_day_of(cycle)
    return last if last is None or cycle.closes_on is None else max(last, cycle.closes_on)


@transaction.atomic
def end_due(workspace: Workspace, now: datetime) -> int:
    """Announce what closes soon and close what is due in the open workspace, by its clock; return how many closed."""
    local = timezone.localtime(now, ZoneInfo(workspace.time_zone))
    today, speaks = local.date(), may_go_out(local, workspace_rules(), workspace)
    near = today + timedelta(days=ANNOUNCED_BEFORE)
    due = ReviewCycle.objects.filter(state=CycleState.OPEN, closes_after__isnull=False, answer_until__lte=near)
    closed = 0
    for cycle in due.select_for_update(of=("self",)).order_by("pk"):
        closed += _end(cycle, today, speaks=speaks)
    return closed


def _end(cycle: ReviewCycle, today: date, *, speaks: bool) -> bool:
    last = last_day_of(cycle)
    if last is not None and cycle.closes_on is not None and last <= cycle.closes_on < today:
        shut(cycle)
        notices.tell_closed(cycle)
        return True
    day = to_announce(last, cycle.closes_on, today) if speaks else None
    if day is not None:
        cycle.closes_on = day
        cycle.save(update_fields=["closes_on", "updated_at"])
        notices.tell_closing(cycle, waiting_in(cycle), day)
    return False
