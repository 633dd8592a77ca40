"""Who takes part: enrolled by themselves, by their manager or HR, waiting when it is full, moving up.

Whoever changes who takes part holds the session's row, so the last place is given once.
"""

from datetime import date
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from perfmgmt.people.models import Employee
from perfmgmt.people.viewer import Viewer, Workspace
from perfmgmt.tenants.errors import Conflict, DomainError, NotAllowed, NotFound
from reviews.models import Enrolment, EnrolmentState, TrainingSession, TrainingState
from reviews.training import notices
from reviews.training.access import may_decide, may_enrol

OUT = (EnrolmentState.CANCELLED, EnrolmentState.DECLINED)
STARTED = _("It has begun already.")


def locked_session(training_id: int) -> TrainingSession:
    """Return a session that nobody else changes, or enrols in, until the transaction ends; raise NotFound."""
    rows = TrainingSession.objects.select_for_update(of=("self",)).select_related("course", "trainer")
    found = rows.filter(pk=training_id).first()
    if found is None:
        raise NotFound
    return found


def day_of(session: TrainingSession, workspace: Workspace) -> date:
    """Return the day of a session on the workspace's clock: its last one."""
    return session.ends_at.astimezone(ZoneInfo(workspace.time_zone)).date()


def free_places(session: TrainingSession) -> int:
    """Return how many places are free."""
    return session.places - session.enrolments.filter(state=EnrolmentState.ENROLLED).count()


def fill(session: TrainingSession, workspace: Workspace) -> int:
    """Give free places to who waits longest, and tell them; return how many moved up. Needs the session's lock."""
    if session.is_settled or timezone.now() >= session.starts_at:
        return 0
    waiting = session.enrolments.filter(state=EnrolmentState.WAITING).order_by("since", "pk")
    moved = list(waiting[: max(0, free_places(session))])
    for one in moved:
        one.state = EnrolmentState.ENROLLED
        one.save(update_fields=["state"])
    people = [one.employee_id for one in moved]
    notices.tell_people(notices.MOVED_UP, session, people, workspace.time_zone)
    return len(moved)


def _check(session: TrainingSession, employee: Employee, workspace: Workspace) -> None:
    if session.state != TrainingState.OPEN:
        raise Conflict(_("Nobody can enrol in this session any more."))
    if timezone.now() >= session.starts_at:
        raise Conflict(STARTED)
    day = day_of(session, workspace)
    if employee.left_on is not None and employee.left_on < day:
        raise DomainError(_("{name} has left the company by then."), code="left", name=employee.name)
    if session.trainer_id == employee.pk:
        raise DomainError(_("{name} holds this session."), code="is_trainer", name=employee.name)


@transaction.atomic
def enrol(training_id: int, employee: Employee, *, viewer: Viewer, workspace: Workspace) -> Enrolment:
    """Enrol oneself, somebody below or, as HR, anybody. Full: they go to the end of the waiting list.

    Who enrols themselves in a course that their manager approves waits for that. Enrolled already: nothing changes.
    Raises NotFound, NotAllowed, Conflict (not open, begun), DomainError (`left`, `is_trainer`).
    """
    if not may_enrol(employee.pk, viewer, workspace.today()):
        raise NotAllowed
    session = locked_session(training_id)
    found = session.enrolments.filter(employee=employee).first()
    if found is not None and found.state not in OUT:
        return found
    _check(session, employee, workspace)
    is_own = employee.pk == viewer.employee_id
    found = found or Enrolment(session=session, employee=employee)
    found.since, found.reminded_at = timezone.now(), None
    if is_own and session.course.needs_approval:
        found.state = EnrolmentState.ASKED
        found.save()
        notices.tell_asked(found, workspace.time_zone, on=workspace.today())
        return found
    return _take(found, session, workspace)


def _take(found: Enrolment, session: TrainingSession, workspace: Workspace) -> Enrolment:
    """Give a place, or one of the waiting list; the person is told."""
    is_free = free_places(session) > 0
    found.state = EnrolmentState.ENROLLED if is_free else EnrolmentState.WAITING
    found.save()
    code = notices.ENROLLED if is_free else notices.WAITING
    notices.tell_people(code, session, [found.employee_id], workspace.time_zone)
    return found


def _own_lock(enrolment_id: int) -> Enrolment:
    """Return an enrolment with its session locked, as it is then; raise NotFound."""
    training_id = Enrolment.objects.filter(pk=enrolment_id).values_list("session_id", flat=True).first()
    if training_id is None:
        raise NotFound
    session = locked_session(training_id)
    found = Enrolment.objects.select_related("employee").get(pk=enrolment_id)
    found.session = session
    return found


@transaction.atomic
def decide(enrolment_id: int, *, approves: bool, viewer: Viewer, workspace: Workspace) -> Enrolment:
    """Approve or decline that somebody takes part. Approved in a full session they join the waiting list.

    Raises NotFound, NotAllowed, Conflict: decided meanwhile, not open any more.
    """
    found = _own_lock(enrolment_id)
    if not may_decide(found.employee_id, viewer, workspace.today()):
        raise NotFound if not may_enrol(found.employee_id, viewer, workspace.today()) else NotAllowed
    if found.state != EnrolmentState.ASKED:
        raise Conflict
    notices.settle_asked(found)
    if not approves:
        found.state = EnrolmentState.DECLINED
        found.save(update_fields=["state"])
        notices.tell_people(notices.DECLINED, found.session, [found.employee_id], workspace.time_zone)
        return found
    if found.session.is_settled or timezone.now() >= found.session.starts_at:
        raise Conflict(STARTED)
    return _take(found, found.session, workspace)


@transaction.atomic
def cancel(enrolment_id: int, *, viewer: Viewer, workspace: Workspace) -> Enrolment:
    """Take somebody out before the session begins; the next of the waiting list moves up. Twice is once.

    Raises NotFound (out of reach), Conflict: it has begun.
    """
    found = _own_lock(enrolment_id)
    if not may_enrol(found.employee_id, viewer, workspace.today()):
        raise NotFound
    if found.state in OUT:
        return found
    if found.session.is_settled or timezone.now() >= found.session.starts_at:
        raise Conflict(STARTED)
    found.state = EnrolmentState.CANCELLED
    found.save(update_fields=["state"])
    notices.settle_asked(found)
    if found.employee_id != viewer.employee_id:
        notices.tell_people(notices.TAKEN_OUT, found.session, [found.employee_id], workspace.time_zone)
    fill(found.session, workspace)
    return found
