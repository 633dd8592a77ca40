"""Writes of follow-ups: begun, handed over, closed with an outcome and, if wanted, told to the customer."""

from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from perfmgmt.people.models import Employee
from perfmgmt.people.viewer import Viewer
from perfmgmt.tenants.errors import Conflict, DomainError, NotFound
from reviews.followups import notices, telling
from reviews.followups.access import visible_follow_ups, workable_follow_ups
from reviews.models import (
    FollowUp,
    FollowUpOutcome,
    FollowUpOwner,
    FollowUpRule,
    FollowUpState,
    FollowUpStep,
    FollowUpStepKind,
    Survey,
)

DONE = _("This follow-up is closed already. Reload the page to see by whom.")


@dataclass(frozen=True)
class RuleSettings:
    """What a survey's rule says; `person` only for tasks that are one person's."""

    is_on: bool
    csat_most: int
    nps_most: int
    ces_most: int
    due_days: int
    owner: str
    person: Employee | None = None


@dataclass(frozen=True)
class Closing:
    """How a task is closed. With `tells` the customer gets a mail of `subject` and `body`."""

    outcome: str
    text: str
    tells: bool = False
    subject: str = ""
    body: str = ""


@transaction.atomic
def save_rule(survey_id: int, settings: RuleSettings) -> FollowUpRule:
    """Set which scores of a survey become tasks, from the next answer on. Raises NotFound, DomainError."""
    survey = Survey.objects.select_for_update().filter(pk=survey_id).first()
    if survey is None:
        raise NotFound
    is_persons = settings.owner == FollowUpOwner.PERSON
    if is_persons and settings.person is None:
        raise DomainError(_("Say whose task a low score becomes."), code="no_person")
    values = {name: getattr(settings, name) for name in ("is_on", "csat_most", "nps_most", "ces_most", "due_days")}
    values |= {"owner": settings.owner, "person": settings.person if is_persons else None}
    found = FollowUpRule.objects.filter(survey=survey).first() or FollowUpRule(survey=survey)
    for name, value in values.items():
        setattr(found, name, value)
    found.save()
    return found


def _locked(follow_up_id: int, viewer: Viewer, today: date) -> FollowUp:
    """Return an open task as it is now; raise NotFound for one out of reach, Conflict for a closed one."""
    if not workable_follow_ups(viewer, today).filter(pk=follow_up_id).exists():
        raise NotFound
    rows = FollowUp.objects.select_for_update(of=("self",)).select_related(
        "invitation__employee", "invitation__survey", "invitation__contact", "owner"
    )
    found = rows.get(pk=follow_up_id)
    if not found.is_open:
        raise Conflict(DONE)
    return found


def _step(task: FollowUp, kind: FollowUpStepKind, viewer: Viewer, *, text: str = "", to: int | None = None) -> None:
    FollowUpStep.objects.create(
        follow_up=task, kind=kind, by_id=viewer.user_id, by_name=viewer.display_name[:120], text=text, to_id=to
    )


@transaction.atomic
def begin(follow_up_id: int, *, viewer: Viewer, today: date) -> FollowUp:
    """Say that somebody works on it; the same again changes nothing. Raises NotFound, Conflict."""
    found = _locked(follow_up_id, viewer, today)
    if found.state == FollowUpState.OPEN:
        found.state = FollowUpState.BEGUN
        found.save(update_fields=["state"])
        _step(found, FollowUpStepKind.BEGUN, viewer)
    return found


@transaction.atomic
def hand_over(follow_up_id: int, to: Employee, due: date, note: str, *, viewer: Viewer, today: date) -> FollowUp:
    """Give a task to somebody else, due on a day from today on; they are told.

    To whom it belongs already: nothing but the day changes. Raises NotFound, Conflict, DomainError.
    """
    found = _locked(follow_up_id, viewer, today)
    if to.left_on is not None and to.left_on < today:
        raise DomainError(_("{name} has left the company."), code="left", name=to.name)
    if due < today:
        raise DomainError(_("It can't be due before today."), code="past")
    if (to.pk, due) == (found.owner_id, found.due):
        return found
    is_another = to.pk != found.owner_id
    found.owner, found.due = to, due
    found.save(update_fields=["owner", "due"])
    _step(found, FollowUpStepKind.HANDED, viewer, text=note.strip(), to=to.pk)
    if is_another:
        notices.settle(found)
        notices.tell_handed(found, by=viewer, today=today)
    return found


@transaction.atomic
def close(follow_up_id: int, closing: Closing, *, viewer: Viewer, today: date) -> FollowUp:
    """Close a task with its outcome, and write the mail to the customer if that is wanted.

    The row is locked, and a closed task is closed: of two clicks or two tabs the second raises Conflict, so that no
    mail is written twice. Raises NotFound, DomainError (no outcome, no text, a customer who can't be told).
    """
    found = _locked(follow_up_id, viewer, today)
    if closing.outcome not in FollowUpOutcome.values or closing.outcome == FollowUpOutcome.CALLED_OFF:
        raise DomainError(_("Say what came of it."), code="no_outcome")
    if not closing.text.strip():
        raise DomainError(_("Say in a sentence what was done."), code="no_text")
    now = timezone.now()
    found.state, found.outcome, found.outcome_text = FollowUpState.CLOSED, closing.outcome, closing.text.strip()
    found.closed_at = now
    _step(found, FollowUpStepKind.CLOSED, viewer, text=found.outcome_text)
    if closing.tells:
        found.mail = telling.write(found, closing.subject, closing.body, user_id=viewer.user_id)
        found.told_at = now
        _step(found, FollowUpStepKind.TOLD, viewer)
    found.save(update_fields=["state", "outcome", "outcome_text", "closed_at", "mail", "told_at"])
    notices.settle(found)
    return found


def follow_up_of(follow_up_id: int, *, viewer: Viewer, today: date) -> FollowUp:
    """Return a task that a viewer sees, with all that its page shows; raise NotFound."""
    rows = visible_follow_ups(viewer, today).select_related(
        "invitation__survey", "invitation__version", "invitation__contact", "invitation__employee", "owner", "mail"
    )
    found = rows.filter(pk=follow_up_id).first()
    if found is None:
        raise NotFound
    return found
