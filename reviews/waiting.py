"""What waits for somebody in reviews, for their home: to choose, approve, write, acknowledge, sign, attend.

Each kind is one query. What it leads to is the page where it is done.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, F, Min, Q
from django.utils import timezone

from perfmgmt.people.viewer import Viewer
from reviews.calibration.access import visible_sessions
from reviews.feedback.requested.selectors import waiting_asks
from reviews.followups.access import own as own_tasks
from reviews.handing.selectors import waiting_links
from reviews.models import (
    CalibrationSession,
    CycleState,
    FollowUp,
    FollowUpState,
    NominationState,
    Participant,
    Rater,
    RaterState,
    ResultState,
    ReviewMeeting,
    ReviewResult,
)
from reviews.permissions import APPROVE_RATERS, CALIBRATE, GIVE_FEEDBACK, REVIEW, SEE_RESULTS, WORK_FOLLOW_UPS
from reviews.raters.access import approvable

CHOOSE, APPROVE, WRITE, FOLLOW, HAND = "choose", "approve", "write", "follow", "hand"
ACKNOWLEDGE, SIGN, ATTEND, REPLY = "acknowledge", "sign", "attend", "reply"
#: Of one kind no more lines than these, the most urgent first.
MOST = 5


@dataclass(frozen=True)
class Waiting:
    """One thing to do: its kind, what it belongs to, of how many people, until when, its page (name, arguments)."""

    kind: str
    about: str
    n: int
    due: date | None
    page: str
    args: tuple[int, ...] = ()


def waiting_for(viewer: Viewer, today: date) -> list[Waiting]:
    """Return what waits for a viewer, in the order in which a cycle goes; nine queries at most."""
    found = [*_to_hand_over(viewer)]
    if viewer.employee_id is None:
        return found
    if viewer.may(WORK_FOLLOW_UPS):
        found += [*_to_follow_up(viewer)]
    if viewer.may(REVIEW):
        found += [*_to_choose(viewer.employee_id, today)]
    if viewer.may(APPROVE_RATERS):
        found += [*_to_approve(viewer, today)]
    if viewer.may(REVIEW):
        found += [*_to_write(viewer.employee_id)]
    if viewer.may(CALIBRATE):
        found += [*_to_attend(viewer)]
    if viewer.may(GIVE_FEEDBACK):
        found += [*_to_reply(viewer, today)]
    if viewer.may(SEE_RESULTS):
        found += [*_to_acknowledge(viewer.employee_id), *_to_sign(viewer.employee_id)]
    return found


def _to_follow_up(viewer: Viewer) -> Iterator[Waiting]:
    rows = FollowUp.objects.filter(own_tasks(viewer)).exclude(state=FollowUpState.CLOSED).order_by("due", "pk")
    for pk, name, due in rows.values_list("pk", "invitation__employee__name", "due")[:MOST]:
        yield Waiting(FOLLOW, name or "", 1, due, "follow_up", (pk,))


def _to_reply(viewer: Viewer, today: date) -> Iterator[Waiting]:
    rows = waiting_asks(viewer, today).values_list("pk", "request__topic", "request__due")
    for pk, topic, due in rows[:MOST]:
        yield Waiting(REPLY, topic, 1, due, "reply_to_feedback", (pk,))


def _to_hand_over(viewer: Viewer) -> Iterator[Waiting]:
    if n := waiting_links(viewer, timezone.now()):
        yield Waiting(HAND, "", n, None, "survey_links")


def _to_choose(employee_id: int, today: date) -> Iterator[Waiting]:
    rows = Participant.objects.filter(
        Q(cycle__nominate_until=None) | Q(cycle__nominate_until__gte=today), employee_id=employee_id, dropped_at=None,
        cycle__state=CycleState.OPEN, nomination=NominationState.OPEN, cycle__groups__most__gt=0,
    ).distinct()  # fmt: skip
    for pk, name, due in rows.order_by("cycle__nominate_until", "pk").values_list(
        "pk", "cycle__name", "cycle__nominate_until"
    )[:MOST]:
        yield Waiting(CHOOSE, name, 1, due, "choose_raters", (pk,))


def _to_approve(viewer: Viewer, today: date) -> Iterator[Waiting]:
    """Of the people whose manager the viewer is or stands in for: proposed, or not proposed in time."""
    acting = [viewer.employee_id or 0, *(other.employee_id for other in viewer.acting_for)]
    late = Q(nomination=NominationState.OPEN, cycle__nominate_until__lt=today)
    rows = approvable(viewer, today).filter(
        Q(nomination=NominationState.PROPOSED) | late, manager_id__in=acting, cycle__state=CycleState.OPEN,
        pk__in=Participant.objects.filter(cycle__groups__most__gt=0).values("pk"),
    )  # fmt: skip
    counted = rows.values("cycle_id", "cycle__name", "cycle__answer_until").annotate(n=Count("pk"))
    for one in counted.order_by("cycle__answer_until", "cycle_id")[:MOST]:
        yield Waiting(
            APPROVE, one["cycle__name"], one["n"], one["cycle__answer_until"], "approve_raters", (one["cycle_id"],)
        )


def _to_write(employee_id: int) -> Iterator[Waiting]:
    rows = Rater.objects.filter(
        employee_id=employee_id, state__in=(RaterState.ASKED, RaterState.STARTED), participant__dropped_at=None,
        participant__cycle__state=CycleState.OPEN,
    )  # fmt: skip
    counted = rows.values(name=F("participant__cycle__name"), until=F("participant__cycle__answer_until")).annotate(
        n=Count("pk"), longest=Min("participant__answer_until")
    )
    for one in counted.order_by("until", "name")[:MOST]:
        yield Waiting(WRITE, one["name"], one["n"], one["until"] or one["longest"], "my_reviews")


def _to_attend(viewer: Viewer) -> Iterator[Waiting]:
    mine = CalibrationSession.objects.filter(
        members__employee_id=viewer.employee_id or 0, locked_at=None, cycle__state=CycleState.CLOSED
    )
    rows = mine.filter(pk__in=visible_sessions(viewer).values("pk")).order_by("held_on", "pk")
    for pk, name, held in rows.values_list("pk", "name", "held_on")[:MOST]:
        yield Waiting(ATTEND, name, 1, held, "calibration", (pk,))


def _to_acknowledge(employee_id: int) -> Iterator[Waiting]:
    rows = ReviewResult.objects.filter(participant__employee_id=employee_id, state=ResultState.RELEASED)
    for pk, name in rows.order_by("-pk").values_list("pk", "batch__cycle__name")[:MOST]:
        yield Waiting(ACKNOWLEDGE, name, 1, None, "result", (pk,))


def _to_sign(employee_id: int) -> Iterator[Waiting]:
    rows = ReviewMeeting.objects.filter(
        Q(result__participant__employee_id=employee_id, signed_by_employee_at=None)
        | Q(manager_id=employee_id, signed_by_manager_at=None)
    )
    for result_id, own, name, held in rows.order_by("held_on", "pk").values_list(
        "result_id", "result__participant__employee_id", "result__participant__employee__name", "held_on"
    )[:MOST]:
        yield Waiting(SIGN, "" if own == employee_id else name, 1, held, "review_meeting", (result_id,))
