"""Reminding owners of overdue follow-ups: one notification a day at most, on working days."""

from collections import Counter
from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils import timezone

from perfmgmt.notify.notifications import tell
from perfmgmt.people.telling import accounts_of
from perfmgmt.people.viewer import Workspace
from reviews.followups.notices import OVERDUE, with_stand_ins
from reviews.models import FollowUp, FollowUpState

HOURS = range(8, 18)


def remind(workspace: Workspace, now: datetime) -> int:
    """Remind whoever has overdue follow-ups and was not reminded today; return how many people were.

    Who stands in for an owner is reminded as well. The tasks keep the day, under a lock, so that two runs at once
    remind once.
    """
    local = timezone.localtime(now, ZoneInfo(workspace.time_zone))
    today = local.date()
    if local.hour not in HOURS or not workspace.calendar(today, today).working_days(today, today):
        return 0
    late = FollowUp.objects.exclude(state=FollowUpState.CLOSED).filter(due__lt=today, owner__isnull=False)
    rows = list(late.select_for_update(of=("self",)).order_by("pk").values_list("pk", "owner_id", "reminded_on"))
    reminded = {owner for _pk, owner, day in rows if day == today}
    due = Counter(owner for _pk, owner, _day in rows if owner not in reminded and owner is not None)
    FollowUp.objects.filter(pk__in=[pk for pk, owner, _day in rows if owner in due]).update(reminded_on=today)
    for owner_id, number in due.items():
        users = accounts_of(with_stand_ins([owner_id], today)).values()
        tell(
            OVERDUE, user_ids=users, path="surveys/follow-ups/?state=overdue&owner=mine", key=f"overdue-{owner_id}",
            late=number,
        )  # fmt: skip
    return len(due)
