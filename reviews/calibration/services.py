"""Writes of calibration. Rows are locked in this order: cycle, session, participant."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from perfmgmt.people.models import Assignment, Employee, Unit
from perfmgmt.people.selectors import unit_tree
from perfmgmt.people.viewer import Viewer
from perfmgmt.tenants.acting import because
from perfmgmt.tenants.errors import Conflict, DomainError, NotAllowed, NotFound
from perfmgmt.tenants.events import publish
from perfmgmt.tenants.grades import STORED, grade
from perfmgmt.web import formats
from reviews.calibration import notices, selectors
from reviews.calibration.access import runs, visible_sessions
from reviews.calibration.rules import LEAST_SCORE, MOST_SCORE, POTENTIALS, BadGrade, nearest_score
from reviews.models import (
    CalibrationMember,
    CalibrationMove,
    CalibrationSession,
    CycleState,
    Participant,
    ReviewCycle,
    ReviewResult,
)

LONGEST_REASON = 500


@dataclass(frozen=True)
class SessionDraft:
    """What a session is to be; no unit: everybody of the cycle."""

    name: str
    unit: Unit | None = None
    held_on: date | None = None
    note: str = ""


@dataclass(frozen=True)
class Target:
    """Where somebody is moved: to a score (points), or to the nearest score of a grade."""

    score: Decimal | None = None
    grade: str = ""


@transaction.atomic
def open_session(cycle_id: int, draft: SessionDraft, *, invites_managers: bool, viewer: Viewer) -> CalibrationSession:
    """Open a session for a unit and all below it; with `invites_managers`, its people's managers are members.

    Raises NotAllowed, NotFound for a cycle that isn't there, Conflict for one that is not closed or for people who
    are in another open session already.
    """
    if not runs(viewer):
        raise NotAllowed
    cycle = _closed_cycle(cycle_id)
    session = CalibrationSession(
        cycle=cycle, name=draft.name, unit=draft.unit, held_on=draft.held_on, note=draft.note
    )
    _refuse_overlap(session)
    session.save()
    if invites_managers:
        rows = selectors.participants_in(session).exclude(manager=None).order_by()
        invite(session, rows.values_list("manager_id", flat=True).distinct(), by_user_id=viewer.user_id)
    return session


def invite(session: CalibrationSession, employee_ids: Iterable[int | None], *, by_user_id: int) -> None:
    """Make people members of a session and tell them; those who are already stay, and are told nothing."""
    there = set(session.members.values_list("employee_id", flat=True))
    new = sorted({pk for pk in employee_ids if pk} - there)
    members = [CalibrationMember(session=session, employee_id=pk) for pk in new]
    CalibrationMember.objects.bulk_create(members, ignore_conflicts=True)
    notices.tell_invited(session, new, by_user_id=by_user_id)


@transaction.atomic
def edit_session(session_id: int, *, name: str, held_on: date | None, note: str, viewer: Viewer) -> None:
    """Change what a session is called, when it is held, and its note."""
    session = _to_run(session_id, viewer)
    session.name, session.held_on, session.note = name, held_on, note
    session.save(update_fields=["name", "held_on", "note"])


@transaction.atomic
def remove_session(session_id: int, *, viewer: Viewer) -> None:
    """Remove a session in which nobody was moved. Raises Conflict otherwise: moves are kept."""
    session = _to_run(session_id, viewer)
    if session.moves.exists():
        raise Conflict(
            _("People were moved in this session, so it stays. Lock it when it is over."), code="has_moves"
        )
    notices.settle_invited(session.pk)
    session.delete()


@transaction.atomic
def add_member(session_id: int, employee: Employee, *, viewer: Viewer, today: date) -> None:
    """Name a manager as member. Raises DomainError for who leads nobody today."""
    session = _to_run(session_id, viewer)
    if not Assignment.objects.filter(manager=employee, valid_from__lte=today, valid_to__gte=today).exists():
        raise DomainError(
            _("{name} leads nobody today. Members are managers; HR takes part without being one."),
            code="no_manager", name=employee.name,
        )  # fmt: skip
    invite(session, [employee.pk], by_user_id=viewer.user_id)


@transaction.atomic
def remove_member(session_id: int, member_id: int, *, viewer: Viewer) -> None:
    """Take a member out; what they moved stays. Raises NotFound."""
    session = _to_run(session_id, viewer)
    if not session.members.filter(pk=member_id).delete()[0]:
        raise NotFound


@transaction.atomic
def move(
    session_id: int, participant_id: int, target: Target, *, before: Decimal | None, reason: str, viewer: Viewer
) -> CalibrationMove:
    """Set another score in place of the one that counts, with a reason; what counted before must be `before`.

    Raises NotFound for a session or person that is not the viewer's to move (nobody moves themselves), Conflict when
    the session is locked, the results are released or somebody else moved the person, and DomainError without a
    reason, for a score outside 0-150, a grade without a band, and a move that changes nothing.
    """
    session = _open_to_moves(session_id, viewer)
    person, row = _locked_person(session, participant_id, viewer)
    text = _reasoned(reason)
    if person.score != before:
        raise Conflict(
            _("Somebody moved {name} meanwhile: the score is {score} now. Look at it again and decide."),
            code="moved_meanwhile", name=person.name, score=formats.number(person.score, 2),
        )  # fmt: skip
    after = _score_of(target, person)
    if after == person.score:
        raise DomainError(_("This is the score already. Choose another one."), code="no_change")
    return _moved(session, person, row, after, text, viewer)


@transaction.atomic
def undo(session_id: int, participant_id: int, move_id: int, *, reason: str, viewer: Viewer) -> CalibrationMove:
    """Take a person's last move of a session back, by a new move with a reason of its own.

    Raises as `move` does; Conflict for a move that is not the person's last one (any more).
    """
    session = _open_to_moves(session_id, viewer)
    person, row = _locked_person(session, participant_id, viewer)
    text = _reasoned(reason)
    last = CalibrationMove.objects.filter(participant_id=participant_id).order_by("-moved_at", "-pk").first()
    if last is None or last.pk != move_id or last.session_id != session.pk or last.after != person.score:
        raise Conflict(_("There is a later move. Only the last one can be taken back."), code="later_move")
    if last.before is None:
        raise DomainError(
            _("There was no score before this move, so it can't be taken back. Move to another score instead."),
            code="no_score_before",
        )  # fmt: skip
    return _moved(session, person, row, last.before, text, viewer)


@transaction.atomic
def set_potential(
    session_id: int, participant_id: int, potential: int, note: str, *, seen: str, viewer: Viewer
) -> None:
    """Say a person's potential (1-3) and why. `seen` is what the page showed ("" for none); Conflict if not any more.

    Raises as `move` does.
    """
    session = _open_to_moves(session_id, viewer)
    person, row = _locked_person(session, participant_id, viewer)
    if not session.cycle.asks_potential:
        raise DomainError(_("This cycle does not ask about potential."), code="no_potential")
    if potential not in POTENTIALS:
        raise DomainError(_("Choose the potential: low, medium or high."), code="bad_potential")
    if not note.strip():
        raise DomainError(_("Say in a sentence why."), code="no_reason")
    if str(person.potential or "") != seen:
        raise Conflict(_("Somebody said something else about the potential meanwhile. Look at it again."))
    row.potential, row.potential_note = potential, note.strip()[:LONGEST_REASON]
    row.save(update_fields=["potential", "potential_note", "updated_at"])


@transaction.atomic
def lock(session_id: int, *, viewer: Viewer) -> None:
    """End a session: nobody is moved in it any more. Locking twice has no effect."""
    session = _to_run(session_id, viewer)
    if session.locked_at is None:
        session.locked_at, session.locked_by_id = timezone.now(), viewer.user_id
        session.save(update_fields=["locked_at", "locked_by"])
        notices.settle_invited(session.pk)


@transaction.atomic
def unlock(session_id: int, *, reason: str, viewer: Viewer) -> None:
    """Open a locked session again; the reason goes to the audit trail.

    Raises DomainError without a reason, Conflict when the cycle is not closed (released), or when people of it are
    in another open session by now.
    """
    session = _to_run(session_id, viewer)
    if session.locked_at is None:
        return
    text = _reasoned(reason)
    _require_closed(session.cycle)
    _refuse_overlap(session)
    session.locked_at = session.locked_by = None
    with because(text[:300]):
        session.save(update_fields=["locked_at", "locked_by"])


def _closed_cycle(cycle_id: int) -> ReviewCycle:
    """Return a closed cycle, locked: no release and no other session comes between."""
    cycle = ReviewCycle.objects.select_for_update(of=("self",), no_key=True).filter(pk=cycle_id).first()
    if cycle is None:
        raise NotFound
    _require_closed(cycle)
    return cycle


def _require_closed(cycle: ReviewCycle) -> None:
    if cycle.state == CycleState.RELEASED:
        raise Conflict(_("The results are released, so nobody is moved any more."), code="released")
    if cycle.state != CycleState.CLOSED:
        raise Conflict(_("The review cycle is not closed yet. Close it, then calibrate."), code="not_closed")


def _to_run(session_id: int, viewer: Viewer) -> CalibrationSession:
    """Return a session, locked with its cycle, for who runs it. Raises NotFound, NotAllowed."""
    return _locked_session(session_id, viewer, only_runners=True)


def _open_to_moves(session_id: int, viewer: Viewer) -> CalibrationSession:
    """Return a session that takes moves, locked with its cycle. Raises NotFound, Conflict."""
    session = _locked_session(session_id, viewer)
    _require_closed(session.cycle)
    if session.locked_at is not None:
        raise Conflict(_("This session is locked. Ask HR to open it again, with a reason."), code="session_locked")
    return session


def _locked_session(session_id: int, viewer: Viewer, *, only_runners: bool = False) -> CalibrationSession:
    cycle_id = visible_sessions(viewer).filter(pk=session_id).values_list("cycle_id", flat=True).first()
    if cycle_id is None:
        raise NotFound
    if only_runners and not runs(viewer):
        raise NotAllowed
    cycle = ReviewCycle.objects.select_for_update(of=("self",), no_key=True).get(pk=cycle_id)
    session = CalibrationSession.objects.select_for_update(of=("self",), no_key=True).filter(pk=session_id).first()
    if session is None:
        raise NotFound
    session.cycle = cycle
    return session


def _locked_person(
    session: CalibrationSession, participant_id: int, viewer: Viewer
) -> tuple[selectors.Person, Participant]:
    """Return a person of the session whom the viewer may move, with the locked row. Raises NotFound, Conflict."""
    row = Participant.objects.select_for_update(of=("self",), no_key=True).filter(pk=participant_id).first()
    if row is None:
        raise NotFound
    person = selectors.person_of(session, participant_id, viewer=viewer)
    if ReviewResult.objects.filter(participant_id=participant_id).exists():
        raise Conflict(_("The result of {name} is released already."), code="released", name=person.name)
    return person, row


def _reasoned(reason: str) -> str:
    text = reason.strip()
    if not text:
        raise DomainError(_("Say in a sentence why."), code="no_reason")
    return text[:LONGEST_REASON]


def _score_of(target: Target, person: selectors.Person) -> Decimal:
    """Return the score that a move sets. Raises DomainError."""
    if target.score is None:
        try:
            return nearest_score(person.score, target.grade, person.bands)
        except BadGrade as error:
            raise DomainError(_("Choose a score or a grade of this person's scorecard."), code="bad_grade") from error
    if not (target.score.is_finite() and LEAST_SCORE <= target.score <= MOST_SCORE):
        raise DomainError(
            _("A score lies between {least} and {most}."), code="bad_score", least=LEAST_SCORE, most=MOST_SCORE
        )
    return target.score.quantize(STORED, ROUND_HALF_UP)


def _moved(
    session: CalibrationSession, person: selectors.Person, row: Participant, after: Decimal, reason: str,
    viewer: Viewer,
) -> CalibrationMove:  # fmt: skip
    """Keep a move and let its score count; back at the computed score, that one counts again."""
    made = CalibrationMove.objects.create(
        session=session, participant=row, before=person.score, after=after, grade_before=person.grade,
        grade_after=grade(after, person.bands) or "", reason=reason, moved_by_id=viewer.user_id,
    )  # fmt: skip
    row.calibrated = None if after == person.computed else after
    row.save(update_fields=["calibrated", "updated_at"])
    cycle = session.cycle
    publish("reviews.calibrated", employee_ids=[row.employee_id], grain=cycle.grain, start=cycle.start)
    return made


def _refuse_overlap(session: CalibrationSession) -> None:
    """Refuse a session whose people are in another open one of the cycle: one unit lies within the other's tree."""
    others = (
        CalibrationSession.objects.filter(cycle_id=session.cycle_id).exclude(pk=session.pk).select_related("unit")
    )
    mine = None if session.unit_id is None else set(unit_tree(session.unit_id))
    for other in others:
        if other.unit_id == session.unit_id:
            raise Conflict(_("There is a session for these people already: “{name}”."), code="overlap",
                           name=other.name)  # fmt: skip
        if other.locked_at is None and _meet(mine, session.unit_id, other.unit_id):
            raise Conflict(
                _("Its people are in the open session “{name}” too. Lock that one first, or choose another unit."),
                code="overlap", name=other.name,
            )  # fmt: skip


def _meet(mine: set[int] | None, unit_id: int | None, other_id: int | None) -> bool:
    if mine is None or other_id is None:
        return True
    return other_id in mine or unit_id in unit_tree(other_id)
