"""Writes of sessions: opened, changed, closed, held, cancelled. Who is concerned is told in the transaction."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from perfmgmt.people.models import Employee
from perfmgmt.people.viewer import Workspace
from perfmgmt.tenants.errors import Conflict, DomainError, NotFound
from reviews.models import Course, Enrolment, EnrolmentState, TrainingSession, TrainingState
from reviews.training import notices
from reviews.training.enrolling import fill, locked_session

IN = (EnrolmentState.ENROLLED, EnrolmentState.WAITING, EnrolmentState.ASKED)
#: What of a session concerns participants, who are told when it changes.
CONCERNS = ("starts_at", "ends_at", "place", "link")


@dataclass(frozen=True)
class SessionDraft:
    """What is said about a session; the trainer is an employee or just a name."""

    starts_at: datetime
    ends_at: datetime
    places: int
    place: str = ""
    link: str = ""
    trainer: Employee | None = None
    trainer_name: str = ""


def _check(draft: SessionDraft) -> None:
    if draft.ends_at <= draft.starts_at:
        raise DomainError(_("It ends before it begins."), code="bad_times")
    if draft.trainer is not None and draft.trainer_name:
        raise DomainError(_("Name one trainer: an employee or somebody else."), code="two_trainers")


@transaction.atomic
def open_session(course_id: int, draft: SessionDraft) -> TrainingSession:
    """Open a session of a course. Raises NotFound, Conflict (an archived course), DomainError (its times)."""
    course = Course.objects.select_for_update().filter(pk=course_id).first()
    if course is None:
        raise NotFound
    if course.archived_at is not None:
        raise Conflict(_("The course is archived. Bring it back first."))
    _check(draft)
    return TrainingSession.objects.create(course=course, **vars(draft))


@transaction.atomic
def change_session(training_id: int, draft: SessionDraft, *, workspace: Workspace) -> TrainingSession:
    """Change a session that is neither held nor cancelled; participants are told of another time or place.

    More places let people move up from the waiting list. Raises NotFound, Conflict, DomainError: its times, fewer
    places than are taken (`too_few`).
    """
    found = locked_session(training_id)
    if found.is_settled:
        raise Conflict(_("This session is over or cancelled and can't be changed."))
    _check(draft)
    taken = found.enrolments.filter(state=EnrolmentState.ENROLLED)
    if draft.places < taken.count():
        raise DomainError(_("More people than that have a place already."), code="too_few")
    before = [getattr(found, name) for name in CONCERNS]
    was = found.starts_at
    for name, value in vars(draft).items():
        setattr(found, name, value)
    found.save()
    if before != [getattr(found, name) for name in CONCERNS]:
        concerned = found.enrolments.filter(state__in=IN)
        people = list(concerned.values_list("employee_id", flat=True))
        notices.tell_people(notices.CHANGED, found, people, workspace.time_zone)
    if was != found.starts_at:
        taken.update(reminded_at=None)
    fill(found, workspace)
    return found


#: From which states a session comes to which.
STEPS: dict[str, tuple[str, ...]] = {
    TrainingState.OPEN: (TrainingState.CLOSED,),
    TrainingState.CLOSED: (TrainingState.OPEN,),
    TrainingState.HELD: (TrainingState.OPEN, TrainingState.CLOSED),
    TrainingState.CANCELLED: (TrainingState.OPEN, TrainingState.CLOSED),
}


@transaction.atomic
def set_state(training_id: int, state: str, *, workspace: Workspace) -> TrainingSession:
    """Close the enrolment, open it again, say that it was held, or cancel it; the same again changes nothing.

    Cancelling tells everybody who takes part or waits. Raises NotFound, Conflict for a step that can't be taken,
    DomainError for one held before it began (`too_early`).
    """
    found = locked_session(training_id)
    if found.state == state:
        return found
    if found.state not in STEPS.get(state, ()):
        raise Conflict
    if state == TrainingState.HELD and timezone.now() < found.starts_at:
        raise DomainError(_("It has not begun yet."), code="too_early")
    if state == TrainingState.CANCELLED and found.enrolments.exclude(attendance="").exists():
        raise Conflict(_("Attendance is marked already, so it took place."))
    found.state = state
    found.save(update_fields=["state"])
    if state == TrainingState.CANCELLED:
        _call_off(found, workspace)
    return found


def _call_off(session: TrainingSession, workspace: Workspace) -> None:
    concerned: Any = session.enrolments.filter(state__in=IN).select_related("employee")
    people = []
    for one in concerned:
        people.append(one.employee_id)
        notices.settle_asked(one)
    notices.tell_people(notices.CANCELLED, session, people, workspace.time_zone)


def starting_between(first: datetime, last: datetime) -> list[Enrolment]:
    """Return participants of sessions that begin between two moments and were not reminded; their rows are locked."""
    rows = Enrolment.objects.select_for_update(of=("self",)).select_related("session__course")
    coming = rows.filter(
        state=EnrolmentState.ENROLLED, reminded_at=None, session__starts_at__gte=first, session__starts_at__lt=last,
        session__state__in=(TrainingState.OPEN, TrainingState.CLOSED),
    )  # fmt: skip
    return list(coming.order_by("pk"))
