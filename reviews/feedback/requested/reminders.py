"""Reminding colleagues of feedback they are asked for: once, near the last day, on working days."""

from collections import defaultdict
from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils import timezone

from perfmgmt.people.viewer import Workspace
from reviews.feedback.requested import notices
from reviews.feedback.requested.rules import reminds
from reviews.models import AskState, FeedbackAsk, FeedbackRequest

HOURS = range(8, 18)


def remind(workspace: Workspace, now: datetime) -> int:
    """Remind whoever has not replied and was not reminded yet; return how many were.

    The rows keep the day, under a lock, so that two runs at once remind once.
    """
    zone = ZoneInfo(workspace.time_zone)
    local = timezone.localtime(now, zone)
    today = local.date()
    if local.hour not in HOURS or not workspace.calendar(today, today).working_days(today, today):
        return 0
    rows = FeedbackAsk.objects.filter(
        state=AskState.OPEN, reminded_on=None, request__closed_at=None, request__due__gte=today
    )
    locked = list(rows.select_for_update(of=("self",)).select_related("request__asked_by").order_by("pk"))
    due = [one for one in locked if _is_due(one.request, zone, now)]
    FeedbackAsk.objects.filter(pk__in=[one.pk for one in due]).update(reminded_on=today)
    grouped: dict[int, list[FeedbackAsk]] = defaultdict(list)
    for one in due:
        grouped[one.request_id].append(one)
    for found in grouped.values():
        request = found[0].request
        notices.tell_asked(notices.REMINDED, found, request, request.asked_by.name if request.asked_by else "—")
    return len(due)


def _is_due(request: FeedbackRequest, zone: ZoneInfo, now: datetime) -> bool:
    asked_on = timezone.localtime(request.asked_at, zone).date()
    return reminds(request.due, asked_on, timezone.localtime(now, zone).date())
