"""Writes of a review meeting's record (绩效面谈): opened by the manager, written and signed by both."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from perfmgmt.people.models import Employee
from perfmgmt.tenants.errors import Conflict, DomainError, NotAllowed, NotFound
from reviews.models import ReviewMeeting, ReviewResult
from reviews.results import notices
from reviews.results.access import Reach, locked_result
from reviews.results.agenda import agenda_of

LONGEST, LONGEST_LINE, MOST_LINES = 4000, 300, 30


class Signed(Conflict):
    """Both have signed: the record stays as it is."""

    code = "meeting_signed"
    message = _("Both sides have signed this record: it can't be changed any more.")


class Moved(Conflict):
    """The record was changed in another window, or by the other side, since the page was opened."""

    code = "meeting_moved"
    message = _("The record was changed meanwhile. Reload the page to see it; copy what you typed first.")


@dataclass(frozen=True)
class Record:
    """What a side writes. The employee writes `notes` only; `kept` are the places of prefilled lines that stay."""

    notes: str = ""
    held_on: date | None = None
    kept: frozenset[int] = frozenset()
    own_lines: Sequence[str] = ()
    agreed: str = ""


@transaction.atomic
def open_meeting(result_id: int, *, reach: Reach) -> ReviewMeeting:
    """Open the record of a result's meeting, its agenda filled from facts; one that is there is returned.

    For the manager, who stands in for them, and HR. Raises NotFound, NotAllowed.
    """
    result = locked_result(result_id, reach)
    if not reach.leads(result.participant.employee_id):
        raise NotAllowed
    found = ReviewMeeting.objects.filter(result=result).first()
    if found is not None:
        return found
    manager_id = reach.viewer.employee_id or result.participant.manager_id
    made = ReviewMeeting.objects.create(
        result=result, manager_id=manager_id, agenda=agenda_of(result, today=reach.on)
    )
    notices.tell_meeting(made, name=reach.viewer.display_name)
    return made


@transaction.atomic
def save_meeting(result_id: int, record: Record, *, version: int, reach: Reach) -> ReviewMeeting:
    """Keep what one side wrote; a change takes back a signature that is there, for it was of another text.

    Raises NotFound, NotAllowed, Signed, Moved, and DomainError for a meeting held in the future.
    """
    result, meeting = _locked(result_id, reach)
    _must_be(meeting, version)
    before = _content(meeting)
    if _is_employee(result, reach):
        meeting.employee_notes = record.notes.strip()[:LONGEST]
    elif reach.leads(result.participant.employee_id):
        _write(meeting, record, reach.on)
    else:
        raise NotAllowed
    if _content(meeting) == before:
        return meeting
    meeting.signed_by_employee_at = meeting.signed_by_manager_at = None
    meeting.version += 1
    meeting.save()
    return meeting


def _write(meeting: ReviewMeeting, record: Record, today: date) -> None:
    """Put what the manager wrote into the record."""
    if record.held_on is not None and record.held_on > today:
        raise DomainError(_("A meeting that is still to come has no record yet: choose today or a day before."),
                          code="held_later")  # fmt: skip
    filled = [{**item, "kept": place in record.kept} for place, item in enumerate(meeting.agenda) if is_filled(item)]
    own = [{"text": line.strip()[:LONGEST_LINE]} for line in record.own_lines if line.strip()]
    meeting.agenda = filled + own[:MOST_LINES]
    meeting.manager_notes = record.notes.strip()[:LONGEST]
    meeting.agreed = record.agreed.strip()[:LONGEST]
    meeting.held_on = record.held_on


def is_filled(item: Any) -> bool:
    """Whether a line of an agenda came from facts; the others are typed."""
    return isinstance(item, dict) and bool(item.get("code"))


def _content(meeting: ReviewMeeting) -> tuple[Any, ...]:
    return (meeting.held_on, meeting.agenda, meeting.employee_notes, meeting.manager_notes, meeting.agreed)


@transaction.atomic
def sign_meeting(result_id: int, *, version: int, reach: Reach) -> ReviewMeeting:
    """Sign the record as one sees it; again changes nothing. When both have signed, it is closed.

    The employee signs for themselves, who leads them for the other side, and never the same person for both. Raises
    NotFound, NotAllowed, Moved, and DomainError while the day is missing.
    """
    result, meeting = _locked(result_id, reach)
    own = _is_employee(result, reach)
    if not own and not reach.leads(result.participant.employee_id):
        raise NotAllowed
    if (meeting.signed_by_employee_at if own else meeting.signed_by_manager_at) is not None:
        return meeting
    if meeting.version != version:
        raise Moved
    if meeting.held_on is None:
        raise DomainError(_("Write first on which day the meeting was held."), code="not_held")
    now = timezone.now()
    if own:
        meeting.signed_by_employee_at = now
    else:
        meeting.signed_by_manager_at = now
        if reach.viewer.employee_id is not None:
            meeting.manager = Employee.objects.get(pk=reach.viewer.employee_id)
    meeting.save()
    to = meeting.manager_id if own else result.participant.employee_id
    notices.tell_signed(meeting, to=[to], name=reach.viewer.display_name)
    return meeting


def _locked(result_id: int, reach: Reach) -> tuple[ReviewResult, ReviewMeeting]:
    """Return a result the viewer sees and its record, both locked, the result first. Raises NotFound, NotAllowed."""
    if reach.viewer.left_until is not None:
        raise NotAllowed
    result = locked_result(result_id, reach)
    meeting = ReviewMeeting.objects.select_for_update(of=("self",)).filter(result=result).first()
    if meeting is None:
        raise NotFound
    meeting.result = result
    return result, meeting


def _must_be(meeting: ReviewMeeting, version: int) -> None:
    if meeting.is_signed:
        raise Signed
    if meeting.version != version:
        raise Moved


def _is_employee(result: ReviewResult, reach: Reach) -> bool:
    return result.participant.employee_id == reach.viewer.employee_id
