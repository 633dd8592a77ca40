"""What came of a training: who attended, for how long, with which test scores; and what participants say of it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from perfmgmt.closing.selectors import lock_on
from perfmgmt.metrics.manual import hold_facts
from perfmgmt.people.viewer import Viewer, Workspace
from perfmgmt.tenants.errors import Conflict, DomainError, NotAllowed, NotFound
from reviews.models import Attendance, Enrolment, EnrolmentState, TrainingSession, TrainingState
from reviews.training import facts
from reviews.training.access import may_mark
from reviews.training.enrolling import day_of, locked_session

MOST = Decimal(100)


@dataclass(frozen=True)
class Mark:
    """What is marked of a person; "" as attendance takes a mark back. Scores are points of 100.

    `passed` is for a course without a test; with one it follows from the points after.
    """

    attendance: str = ""
    hours: Decimal | None = None
    score_before: Decimal | None = None
    score_after: Decimal | None = None
    passed: bool | None = None
    certificate: str = ""


def passes(pass_mark: int | None, mark: Mark) -> bool | None:
    """Return whether somebody passed: by the test of a course that has one, else if marked so; None: nobody says."""
    if mark.attendance != Attendance.ATTENDED:
        return None
    if pass_mark is None:
        return True if mark.passed else None
    return None if mark.score_after is None else mark.score_after >= pass_mark


def mark_of(row: Enrolment) -> Mark:
    """Return how an enrolment is marked now."""
    return Mark(row.attendance, row.hours, row.score_before, row.score_after, row.passed, row.certificate)


def _check(session: TrainingSession, *, late: bool, workspace: Workspace) -> None:
    if session.state == TrainingState.CANCELLED:
        raise Conflict(_("This session was cancelled."))
    if timezone.now() < session.starts_at:
        raise Conflict(_("It has not begun yet."))
    if not late and lock_on(day_of(session, workspace)) is not None:
        raise DomainError(
            _("The month of this training is locked. You may mark it all the same: tick the box; it counts as a late "
              "change."),
            code="locked",
        )  # fmt: skip


def _clean(given: Mark, pass_mark: int | None) -> Mark:
    """Return a mark without what doesn't belong to it; raise DomainError: `no_hours`, `bad_score`, `bad_mark`."""
    if given.attendance not in ("", *Attendance.values):
        raise DomainError(code="bad_mark")
    if given.attendance != Attendance.ATTENDED:
        return Mark(given.attendance)
    if given.hours is None or given.hours <= 0:
        raise DomainError(_("Say how many hours they attended."), code="no_hours")
    for score in (given.score_before, given.score_after):
        if score is not None and not 0 <= score <= MOST:
            raise DomainError(_("A test has 0 to 100 points."), code="bad_score")
    return replace(given, passed=passes(pass_mark, given), certificate=given.certificate.strip())


@transaction.atomic
def mark(
    training_id: int, marks: Mapping[int, Mark], *, late: bool = False, viewer: Viewer, workspace: Workspace
) -> int:
    """Mark what came of people's parts (by enrolment), or correct it; the facts follow in the same transaction.

    The first mark says that the session was held. `late`: who marks knows that its month is locked. Returns how many
    are marked otherwise than before. Raises NotFound, NotAllowed (one's own), Conflict: cancelled, not begun, not
    enrolled, an import is being saved; DomainError: `locked`, `no_hours`, `bad_score`.
    """
    hold_facts()
    session = locked_session(training_id)
    if not may_mark(session, viewer):
        raise NotFound
    _check(session, late=late, workspace=workspace)
    found = {row.pk: row for row in session.enrolments.filter(pk__in=marks)}
    if len(found) != len(marks):
        raise NotFound
    changed = [row for pk, row in found.items() if _write(row, _clean(marks[pk], session.course.pass_mark), viewer)]
    for row in changed:
        row.session = session
    if changed and session.state != TrainingState.HELD:
        session.state = TrainingState.HELD
        session.save(update_fields=["state"])
    facts.settle(changed, workspace)
    return len(changed)


def _write(row: Enrolment, mark: Mark, viewer: Viewer) -> bool:
    """Write a mark; return whether it says something else than before."""
    if mark == mark_of(row):
        return False
    if row.employee_id == viewer.employee_id:
        raise NotAllowed
    if row.state != EnrolmentState.ENROLLED:
        raise Conflict(_("Only who had a place is marked."))
    for name, value in vars(mark).items():
        setattr(row, name, value)
    row.marked_at, row.marked_by_id = timezone.now(), viewer.user_id
    row.save()
    return True


@transaction.atomic
def say(enrolment_id: int, rating: int, text: str, *, viewer: Viewer) -> Enrolment:
    """Say how a training was that one took part in: 1 to 5, and words; it may be changed.

    Raises NotFound (not one's own), Conflict (not attended), DomainError (`bad_rating`).
    """
    rows = Enrolment.objects.select_for_update(of=("self",)).select_related("session")
    found = rows.filter(pk=enrolment_id, employee_id=viewer.employee_id or 0).first()
    if found is None:
        raise NotFound
    if found.attendance != Attendance.ATTENDED:
        raise Conflict(_("Who attended says how it was."))
    if not 1 <= rating <= 5:
        raise DomainError(_("Choose from 1 to 5."), code="bad_rating")
    found.rating, found.feedback = rating, text.strip()
    found.save(update_fields=["rating", "feedback"])
    return found
